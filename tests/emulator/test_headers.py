"""Answers carry the headers that each contract lists, and what they count and repeat is right."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from asdocumented.contracts import load_catalogue
from asdocumented.emulator.headers import challenge
from tests.emulator.client import ACCESS, FABRIC, MANAGEMENT, SESSION, VCENTER, VERSION, Client, runtime

CATALOGUE = load_catalogue()
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
each_operation = pytest.mark.parametrize("operation", CATALOGUE.operations, ids=lambda each: each.id)
LEFT = "x-ms-ratelimit-remaining-subscription-{}".format


def sync(client: Client, **headers: str) -> dict[str, str]:
    """Return the headers of an answer of the management API."""
    return dict(client.send("POST", runtime("syncCredentials"), api=MANAGEMENT, headers=headers).headers)


def test_management_answers_have_their_headers(client: Client) -> None:
    """A success of the management API has the headers that were recorded of it, and those of TLS are not among them."""
    found = sync(client)

    assert ("no-cache", "no-cache", "-1", "nosniff") == (
        found["cache-control"],
        found["pragma"],
        found["expires"],
        found["x-content-type-options"],
    )
    assert "strict-transport-security" not in found


@pytest.mark.parametrize("identity", ["admin", "anonymous"])
@pytest.mark.parametrize(("scheme", "expected"), [("https", "max-age=31536000; includeSubDomains"), ("http", None)])
def test_transport_security_is_for_tls(client: Client, scheme: str, expected: str | None, identity: str) -> None:
    """A client is told to stay with TLS over TLS alone (RFC 6797 section 7.2)."""
    name, value = client.emulator.credential(ACCESS, identity) or ("x-none", "")

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=client.emulator.app)
        async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://emulator") as session:
            return await session.get(f"/roleAssignments?{VERSION}", headers={name: value})

    assert expected == asyncio.run(ask()).headers.get("strict-transport-security")


@each_operation
def test_every_answer_has_request_id(client: Client, operation: object) -> None:
    """Each answer, success or error, has the request ids of its API, each another."""
    method, target, body = client.valid(operation)  # type: ignore[arg-type]
    api = operation.api  # type: ignore[attr-defined]
    names = [each.name for each in CATALOGUE.apis[api].headers if each.value in ("$request-id", "$correlation-id")]
    answers = [client.send(method, target, api=api, identity=each, **body) for each in ("admin", "anonymous")]
    found = [{each.headers[name] for name in names} for each in answers]

    assert all(len(ids) == 1 and UUID.fullmatch(next(iter(ids))) for ids in found if names)
    assert not names or found[0] != found[1]


def test_error_names_its_request(client: Client) -> None:
    """The request id in the body of an error is the one in its header."""
    answer = client.send("GET", "/v1/nothing", api=FABRIC)

    assert (answer.json()["requestId"], answer.json()["errorCode"]) == (
        answer.headers["requestid"],
        answer.headers["x-ms-public-api-error-code"],
    )


def test_rate_limit_counts_down(client: Client) -> None:
    """Each success takes one off what is left of its kind, errors take nothing, and an hour later all is there again."""
    first = sync(client)[LEFT("writes")]
    client.send("GET", runtime(group="other"), api=MANAGEMENT)
    reads = client.send("GET", runtime(), api=MANAGEMENT).headers
    second = sync(client)[LEFT("writes")]
    client.clock.advance(3600)
    later = sync(client)[LEFT("writes")]

    assert ("1199", "1198", "1199") == (first, second, later)
    assert ("11999", None) == (reads[LEFT("reads")], reads.get(LEFT("writes")))


def test_rate_limit_ends_at_nothing(client: Client) -> None:
    """What is left never falls below 0, and nothing is refused for it."""
    sync(client)
    client.emulator._services[MANAGEMENT].used.counts["writes"] = 5000

    assert "0" == sync(client)[LEFT("writes")]


@pytest.mark.parametrize(
    ("asked", "given", "expected"),
    [
        ("true", "mine", "mine"),
        ("True", "mine", "mine"),
        ("false", "mine", None),
        ("", "mine", None),
        ("true", "", None),
    ],
)
@pytest.mark.parametrize("identity", ["admin", "anonymous"])
def test_client_request_id_comes_back(
    client: Client, asked: str, given: str, expected: str | None, identity: str
) -> None:
    """A client's own request id comes back in a success and in an error, when the client asks for it."""
    headers = {"x-ms-client-request-id": given, "x-ms-return-client-request-id": asked}
    answer = client.send("GET", f"/roleAssignments?{VERSION}", identity=identity, headers=headers)

    assert expected == answer.headers.get("x-ms-client-request-id")


@each_operation
def test_every_refused_caller_is_challenged(client: Client, operation: object) -> None:
    """A 401 of any operation has a challenge (RFC 9110 section 11.6.1); a credential that was sent is told to be invalid."""
    method, target, body = client.valid(operation)  # type: ignore[arg-type]
    security, api = operation.security, operation.api  # type: ignore[attr-defined]
    told = [
        client.send(method, target, api=api, identity=each, security=security, **body).headers["www-authenticate"]
        for each in ("anonymous", "malformed")
    ]
    words = CATALOGUE.apis[api].challenges[security]

    assert words == told[0]
    assert told[1] == (
        f'{words}, error="invalid_token", error_description="the credential is none that was issued here"'
        if words.startswith("Bearer")
        else words
    )


def test_switched_refusal_is_challenged(client: Client) -> None:
    """A 401 that a switch makes has a challenge too."""
    client.emulator.switch("identity.refused", identity="admin", status=401)

    assert client.page().headers["www-authenticate"].startswith("Bearer ")


def test_basic_challenge_names_realm(client: Client) -> None:
    """Who opens a session without a password is asked for one."""
    answer = client.send("POST", SESSION, api=VCENTER, identity="anonymous")

    assert 'Basic realm="vCenter", charset="UTF-8"' == answer.headers["www-authenticate"]


def test_challenge_without_words_names_scheme() -> None:
    """An API whose contract has no challenge gets one with its scheme."""
    api = next(iter(load_catalogue().apis.values()))
    bare = type(api)(**{name: getattr(api, name) for name in api.__slots__} | {"challenges": {}})

    assert f'Bearer realm="{api.name}"' == challenge(bare, "token")


@pytest.mark.parametrize(("switch", "api"), [("service.throttled", ACCESS), ("service.unavailable", FABRIC)])
def test_trouble_says_when_to_retry(client: Client, switch: str, api: str) -> None:
    """A 429 and a 503 say after how many seconds to try again, and the switch may say otherwise."""
    operation = next(each for each in CATALOGUE.operations if each.api == api)
    method, target, body = client.valid(operation)
    client.emulator.switch(switch)
    usual = client.send(method, target, api=api, **body).headers["retry-after"]
    client.emulator.clear_switches()
    client.emulator.switch(switch, **{"retry-after": 7})

    assert ("1", "7") == (usual, client.send(method, target, api=api, **body).headers["retry-after"])
