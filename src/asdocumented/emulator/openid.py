"""The emulator as an OpenID provider and OAuth 2.0 authority, with the paths and bodies of Microsoft's identity platform.

    GET  /{tenant}/v2.0/.well-known/openid-configuration
    GET  /{tenant}/discovery/v2.0/keys
    POST /{tenant}/oauth2/v2.0/token       client credentials (RFC 6749 section 4.4)

A client is an identity of the API whose audience the scope names, and its secret the password with which that identity opens a
session; an assertion that its platform signs for a workload (RFC 7523) is as good. Any tenant will do, unless an API begins with
that segment. Unlike the token endpoint of the control API this one checks the secret.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import Final
from urllib.parse import unquote_plus

from asdocumented.contracts.model import JSON, Catalogue
from asdocumented.emulator.clock import Clock
from asdocumented.emulator.messages import Headers, Reply, Request
from asdocumented.emulator.token_endpoint import (
    EXPIRES_IN,
    NOT_STORED,
    PATH,
    TokenRefusedError,
    client_of,
    read_form,
    requested_api,
)
from asdocumented.emulator.tokens import ASSERTION_TYPE, basic_password, is_assertion, sign
from asdocumented.emulator.worlds import new_uuid

AUTHORITY: Final = "/asdocumented.example"
"""The path of the authority that is announced; its tenant is as good as any."""

CONFIGURATION: Final = "/v2.0/.well-known/openid-configuration"
KEYS: Final = "/discovery/v2.0/keys"

_METHODS: Mapping[str, tuple[str, ...]] = {CONFIGURATION: ("GET", "HEAD"), KEYS: ("GET", "HEAD"), PATH: ("POST",)}
_PATH = re.compile(rf"/(?P<tenant>[\w.-]+)(?P<rest>{'|'.join(map(re.escape, _METHODS))})")
_CHALLENGE: Headers = (("www-authenticate", 'Basic realm="asdocumented"'),)  # RFC 6749 section 5.2, invalid_client
_NUMBERS = {
    "invalid_request": 900144,
    "invalid_client": 7000215,
    "unsupported_grant_type": 70003,
    "invalid_scope": 70011,
}
"""The number that the vendor's authority gives each error, for clients that look at it."""


class OpenId:
    """Answers requests for the configuration, keys and tokens of an emulator with this seed."""

    def __init__(self, catalogue: Catalogue, seed: int, clock: Clock) -> None:
        self._catalogue = catalogue
        self._seed = seed
        self._clock = clock
        self._random = Random(f"{seed}/openid")
        prefixes = (prefix for api in catalogue.apis.values() for prefix in api.prefixes)
        self._taken = {prefix.split("/")[1].lower() for prefix in prefixes}

    def owns(self, path: str) -> bool:
        """Tell whether a raw path is one of the authority's and in no API."""
        found = _PATH.fullmatch(path)
        return found is not None and found["tenant"].lower() not in self._taken

    def answer(self, request: Request, scheme: str) -> Reply:
        """Return the reply to a request that it owns; `scheme` is that of the connection."""
        found = _PATH.fullmatch(request.target.partition("?")[0])
        if found is None:
            raise ValueError("the path is none of the authority's")
        allowed = _METHODS[found["rest"]]
        if request.method not in allowed:
            return Reply(405, {"error": "invalid_request"}, (("allow", ", ".join(allowed)),))
        if found["rest"] == KEYS:
            return Reply(200, {"keys": []})  # tokens are signed with a secret key, which has no public half
        if found["rest"] == CONFIGURATION:
            return Reply(200, _configuration(f"{scheme}://{request.header('host')}/{found['tenant']}"))
        return self._issue(request)

    def _issue(self, request: Request) -> Reply:
        now = self._clock.now()
        try:
            fields = read_form(request, _basic_client(request))
            api = requested_api(self._catalogue, fields)
            identity = client_of(api, fields["client_id"])
            self._check_client(identity, fields, now)
        except TokenRefusedError as refused:
            return self._refusal(refused, now)
        token = sign(api, identity, seed=self._seed, now=now, expires_in=EXPIRES_IN)
        body = {"token_type": "Bearer", "expires_in": EXPIRES_IN, "ext_expires_in": EXPIRES_IN, "access_token": token}
        return Reply(200, body, NOT_STORED)

    def _check_client(self, identity: str, fields: Mapping[str, str], now: float) -> None:
        """Check the client's secret, or the assertion in its place (RFC 7523 section 2.2)."""
        if "client_assertion" not in fields:
            self._check_secret(identity, fields.get("client_secret", ""))
        elif fields.get("client_assertion_type") != ASSERTION_TYPE or "client_secret" in fields:
            raise TokenRefusedError(
                "invalid_request", f"The type of the assertion is {ASSERTION_TYPE}, without a secret."
            )
        elif not is_assertion(fields["client_assertion"], identity, seed=self._seed, now=now):
            raise TokenRefusedError("invalid_client", "The client assertion is wrong or has expired.", status=401)

    def _check_secret(self, identity: str, secret: str) -> None:
        expected = basic_password(self._seed, identity)
        if not hmac.compare_digest(secret.encode(), expected.encode()):
            raise TokenRefusedError("invalid_client", "The client secret is missing or wrong.", status=401)

    def _refusal(self, refused: TokenRefusedError, now: float) -> Reply:
        number = _NUMBERS[refused.code]
        body = {
            "error": refused.code,
            "error_description": f"AADSTS{number}: {refused.description}",
            "error_codes": [number],
            "timestamp": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%SZ"),
            "trace_id": new_uuid(self._random),
            "correlation_id": new_uuid(self._random),
        }
        return Reply(refused.status, body, (*NOT_STORED, *(_CHALLENGE if refused.status == 401 else ())))


def _basic_client(request: Request) -> Mapping[str, str]:
    """Return the client and its secret where they come by HTTP Basic, each form-encoded (RFC 6749 section 2.3.1)."""
    values = request.headers.get("authorization", ())
    if not values:
        return {}
    scheme, _, encoded = values[0].strip().partition(" ")
    try:
        client, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        client, secret = "", ""
    if len(values) > 1 or scheme.lower() != "basic" or not client:
        raise TokenRefusedError("invalid_client", "The Authorization header has no client id and secret.", status=401)
    return {"client_id": unquote_plus(client), "client_secret": unquote_plus(secret)}


def _configuration(base: str) -> JSON:
    """Return the metadata of OpenID Connect Discovery 1.0 section 3 for an authority at a base URL."""
    return {
        "issuer": f"{base}/v2.0",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}{PATH}",
        "jwks_uri": f"{base}{KEYS}",
        "response_types_supported": ["token"],
        "grant_types_supported": ["client_credentials"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["HS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt"],
    }
