"""The emulator as an OpenID provider: its metadata, and tokens for clients that know their secret."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asdocumented.emulator.tokens import basic_password
from tests.emulator.client import MANAGEMENT, Client, runtime

TENANT = "8d0f4b2a-1c3e-4f5a-9b7c-6d5e4f3a2b1c"
CONFIGURATION = f"/{TENANT}/v2.0/.well-known/openid-configuration"
TOKEN = f"/{TENANT}/oauth2/v2.0/token"
SCOPE = "https://management.azure.com/.default"


def form(client: Client, *, headers: dict[str, str] | None = None, **changes: str) -> httpx.Response:
    """Ask for a token of the admin; a change to the empty string leaves a parameter out."""
    fields = {
        "grant_type": "client_credentials",
        "client_id": "admin",
        "client_secret": basic_password(0, "admin"),
        "scope": SCOPE,
        **changes,
    }
    data = {name: value for name, value in fields.items() if value}
    return client.send("POST", TOKEN, identity="anonymous", data=data, headers=headers or {})


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header of HTTP Basic."""
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


def test_metadata_names_endpoints(client: Client) -> None:
    """The metadata names the endpoints at the server that was asked, below the tenant that was asked for."""
    told = client.send("GET", CONFIGURATION).json()
    keys = client.send("GET", httpx.URL(told["jwks_uri"]).path)

    assert (f"http://emulator{TOKEN}", f"http://emulator/{TENANT}/v2.0") == (told["token_endpoint"], told["issuer"])
    assert {"keys": []} == keys.json()


def test_metadata_has_head(client: Client) -> None:
    """The metadata can be asked for without its content."""
    answer = client.send("HEAD", CONFIGURATION)

    assert (200, b"") == (answer.status_code, answer.content)


def test_token_is_accepted(client: Client) -> None:
    """A token is one of the identity that the client id names, for the API whose audience the scope names."""
    answer = form(client, client_id="reader", client_secret=basic_password(0, "reader"))
    body = answer.json()
    read = client.send("GET", runtime(), headers={"Authorization": f"Bearer {body['access_token']}"})

    assert (200, "no-store", "Bearer") == (answer.status_code, answer.headers["cache-control"], body["token_type"])
    assert (200, MANAGEMENT, "reader") == (
        read.status_code,
        client.emulator.log[-1].api,
        client.emulator.log[-1].identity,
    )


def test_basic_client_gets_token(client: Client) -> None:
    """A client may send its id and secret by HTTP Basic (RFC 6749 section 2.3.1)."""
    answer = form(client, headers=basic("admin", basic_password(0, "admin")), client_id="", client_secret="")

    assert 200 == answer.status_code


def test_other_seed_has_other_secret(client: Client) -> None:
    """The secret of an emulator with another seed is none here."""
    answer = form(client, client_secret=basic_password(1, "admin"))

    assert (401, "invalid_client") == (answer.status_code, answer.json()["error"])


REFUSALS: dict[str, tuple[dict[str, Any], int, str]] = {
    "no secret": ({"client_secret": ""}, 401, "invalid_client"),
    "wrong secret": ({"client_secret": "no-such-secret"}, 401, "invalid_client"),
    "secret of another": ({"client_id": "reader"}, 401, "invalid_client"),
    "secret in another alphabet": ({"client_secret": "пароль"}, 401, "invalid_client"),
    "unknown client": ({"client_id": "stranger"}, 401, "invalid_client"),
    "anonymous client": ({"client_id": "anonymous"}, 401, "invalid_client"),
    "no client": ({"client_id": ""}, 400, "invalid_request"),
    "no grant": ({"grant_type": ""}, 400, "invalid_request"),
    "other grant": ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    "no scope": ({"scope": ""}, 400, "invalid_request"),
    "unknown scope": ({"scope": "https://nobody.example/.default"}, 400, "invalid_scope"),
    "scope without default": ({"scope": "https://management.azure.com"}, 400, "invalid_scope"),
    "two ways": ({"headers": basic("admin", basic_password(0, "admin"))}, 400, "invalid_request"),
    "no client in basic": ({"headers": basic("", "secret"), "client_secret": ""}, 401, "invalid_client"),
    "no base64": ({"headers": {"Authorization": "Basic %%%"}, "client_secret": ""}, 401, "invalid_client"),
    "other scheme": ({"headers": {"Authorization": "Bearer abc"}, "client_secret": ""}, 401, "invalid_client"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_wrong_request_is_refused(name: str, client: Client) -> None:
    """A wrong token request is refused as RFC 6749 section 5.2 says, with the fields that the vendor adds."""
    changes, status, error = REFUSALS[name]
    answer = form(client, **changes)
    body = answer.json()

    assert (status, error) == (answer.status_code, body["error"])
    assert body["error_description"].startswith(f"AADSTS{body['error_codes'][0]}: ")
    assert {"timestamp", "trace_id", "correlation_id"} <= set(body)
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_secret_is_never_answered(client: Client) -> None:
    """No answer repeats what was sent as a secret."""
    answer = form(client, client_secret="correct-horse-battery-staple")

    assert "correct-horse" not in answer.text


@pytest.mark.parametrize(("path", "allow"), [(CONFIGURATION, "GET, HEAD"), (TOKEN, "POST")])
def test_other_method_is_refused(path: str, allow: str, client: Client) -> None:
    """A path of the provider with another method is 405 with the methods that it has."""
    answer = client.send("PATCH", path)

    assert (405, allow) == (answer.status_code, answer.headers["allow"])


@pytest.mark.parametrize("prefix", ["v1", "V1", "rest", "subscriptions", "roleAssignments"])
def test_apis_keep_their_paths(prefix: str, client: Client) -> None:
    """A path that begins as those of an API is the API's, even if it ends as the provider's."""
    client.send("POST", f"/{prefix}/oauth2/v2.0/token")

    assert ["route-missing"] == [each.rule for each in client.emulator.log]


def test_document_has_provider(client: Client) -> None:
    """The document of the control API has the paths of the provider."""
    paths = client.control("GET", "/openapi.json").json()["paths"]

    assert {"/{tenant}/v2.0/.well-known/openid-configuration", "/{tenant}/oauth2/v2.0/token"} <= set(paths)


@given(content=st.binary(max_size=200), authorization=st.none() | st.binary(max_size=60))
def test_any_form_is_answered(content: bytes, authorization: bytes | None) -> None:
    """Whatever is sent as a form, the answer is an error of RFC 6749."""
    client = Client()
    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    if authorization is not None:
        headers.append((b"authorization", b"Basic " + base64.b64encode(authorization)))
    answer = client.send("POST", TOKEN, identity="anonymous", content=content, headers=headers)

    assert answer.status_code in (400, 401)
    assert answer.json()["error"] in ("invalid_request", "invalid_client", "unsupported_grant_type", "invalid_scope")
