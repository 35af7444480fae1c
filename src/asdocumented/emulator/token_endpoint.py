"""The emulator's OAuth 2.0 token endpoint: client credentials for an identity, without a check of the client's secret.

Errors are those of RFC 6749 section 5.2. `client_id` is an identity of the API whose audience the scope names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from asdocumented.contracts.model import Api, Catalogue
from asdocumented.emulator.messages import Headers, Reply, Request
from asdocumented.emulator.tokens import sign, signable

PATH: Final = "/oauth2/v2.0/token"
EXPIRES_IN: Final = 3600
NOBODY: Final[Mapping[str, str]] = {}
_FORM = "application/x-www-form-urlencoded"
_SCOPE = "/.default"
NOT_STORED: Headers = (("cache-control", "no-store"), ("pragma", "no-cache"))  # RFC 6749 section 5.1


class TokenRefusedError(Exception):
    """A token request that is refused with an error code of RFC 6749 section 5.2."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status


def issue(catalogue: Catalogue, request: Request, *, seed: int, now: float) -> Reply:
    """Return the reply of the token endpoint."""
    try:
        fields = read_form(request)
        api = requested_api(catalogue, fields)
        identity = client_of(api, fields["client_id"])
    except TokenRefusedError as refused:
        body = {"error": refused.code, "error_description": refused.description}
        return Reply(refused.status, body, NOT_STORED)
    token = sign(api, identity, seed=seed, now=now, expires_in=EXPIRES_IN)
    return Reply(200, {"token_type": "Bearer", "expires_in": EXPIRES_IN, "access_token": token}, NOT_STORED)


def read_form(request: Request, client: Mapping[str, str] = NOBODY) -> Mapping[str, str]:
    """Return the parameters of a token request, with those of a `client` that came in a header.

    Raises TokenRefusedError for a form that is none, that lacks a parameter, or that has a secret beside the header.
    """
    if request.header("content-type").partition(";")[0].strip().lower() != _FORM:
        raise TokenRefusedError("invalid_request", f"The body is {_FORM}.")
    pairs = parse_qsl(request.body.decode("utf-8", errors="replace"), keep_blank_values=True)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise TokenRefusedError("invalid_request", "A parameter is there more than once.")
    if client and "client_secret" in fields:
        raise TokenRefusedError("invalid_request", "The client authenticates in two ways.")
    fields |= client
    for name in ("grant_type", "client_id", "scope"):
        if not fields.get(name):
            raise TokenRefusedError("invalid_request", f"The parameter {name} is missing.")
    return fields


def requested_api(catalogue: Catalogue, fields: Mapping[str, str]) -> Api:
    """Return the API whose audience the scope names; raises TokenRefusedError for another scope or grant type."""
    if fields["grant_type"] != "client_credentials":
        raise TokenRefusedError("unsupported_grant_type", "The grant type is client_credentials.")
    audience = fields["scope"].removesuffix(_SCOPE)
    api = next((each for each in catalogue.apis.values() if each.credential["audience"] == audience), None)
    if api is None or not fields["scope"].endswith(_SCOPE):
        known = ", ".join(f"{each.credential['audience']}{_SCOPE}" for each in catalogue.apis.values())
        raise TokenRefusedError("invalid_scope", f"The scope is one of: {known}.")
    return api


def client_of(api: Api, client: str) -> str:
    """Return the identity that a client id names; raises TokenRefusedError when there is none."""
    if client not in signable(api):
        raise TokenRefusedError("invalid_client", f"The client_id is one of: {', '.join(signable(api))}.", status=401)
    return client
