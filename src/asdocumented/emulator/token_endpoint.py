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
_FORM = "application/x-www-form-urlencoded"
_SCOPE = "/.default"
_NOT_STORED: Headers = (("cache-control", "no-store"), ("pragma", "no-cache"))  # RFC 6749 section 5.1


class _TokenRefusedError(Exception):
    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status


def issue(catalogue: Catalogue, request: Request, *, seed: int, now: float) -> Reply:
    """Return the reply of the token endpoint."""
    try:
        api, identity = _asked(catalogue, _fields(request))
    except _TokenRefusedError as refused:
        body = {"error": refused.code, "error_description": refused.description}
        return Reply(refused.status, body, _NOT_STORED)
    token = sign(api, identity, seed=seed, now=now, expires_in=EXPIRES_IN)
    return Reply(200, {"token_type": "Bearer", "expires_in": EXPIRES_IN, "access_token": token}, _NOT_STORED)


def _fields(request: Request) -> Mapping[str, str]:
    if request.header("content-type").partition(";")[0].strip().lower() != _FORM:
        raise _TokenRefusedError("invalid_request", f"The body is {_FORM}.")
    pairs = parse_qsl(request.body.decode("utf-8", errors="replace"), keep_blank_values=True)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _TokenRefusedError("invalid_request", "A parameter is there more than once.")
    for name in ("grant_type", "client_id", "scope"):
        if not fields.get(name):
            raise _TokenRefusedError("invalid_request", f"The parameter {name} is missing.")
    return fields


def _asked(catalogue: Catalogue, fields: Mapping[str, str]) -> tuple[Api, str]:
    if fields["grant_type"] != "client_credentials":
        raise _TokenRefusedError("unsupported_grant_type", "The grant type is client_credentials.")
    audience = fields["scope"].removesuffix(_SCOPE)
    api = next((each for each in catalogue.apis.values() if each.credential["audience"] == audience), None)
    if api is None or not fields["scope"].endswith(_SCOPE):
        known = ", ".join(f"{each.credential['audience']}{_SCOPE}" for each in catalogue.apis.values())
        raise _TokenRefusedError("invalid_scope", f"The scope is one of: {known}.")
    if fields["client_id"] not in signable(api):
        raise _TokenRefusedError("invalid_client", f"The client_id is one of: {', '.join(signable(api))}.", status=401)
    return api, fields["client_id"]
