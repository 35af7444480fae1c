"""How the SDKs for Azure authenticate against the served emulator: their own policy over TLS, ours over plain HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.served import Served

pytest.importorskip("azure.core", reason="azure-core is not installed")

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.policies import SansIOHTTPPolicy


class Token:
    """A credential with one token, which the SDK's own policy asks for; it refuses to send one over plain HTTP."""

    def __init__(self, value: str, scope: str) -> None:
        self._value, self._scope = value, scope

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        """Return the token, for the scope of the API alone."""
        assert (self._scope,) == scopes
        return AccessToken(self._value, int(time.time()) + 3600)


class Static(SansIOHTTPPolicy):  # type: ignore[type-arg]
    """A policy that sends one token, over plain HTTP too; without a token it sends none."""

    def __init__(self, value: str) -> None:
        self._value = value

    def on_request(self, request: Any) -> None:
        """Put the token into the request."""
        if self._value:
            request.http_request.headers["Authorization"] = f"Bearer {self._value}"


def keywords(emulator: Served, api: str, identity: str = "admin", **more: object) -> dict[str, Any]:
    """Return what a client is made with, to call as an identity: `credential` and keywords for its pipeline."""
    token = emulator.token(api, identity)
    scope = f"{_AUDIENCES[api]}/.default"
    own = {} if emulator.ca_file and token else {"authentication_policy": Static(token)}
    pipeline = {"retry_total": 0, "connection_verify": emulator.verify, "use_env_settings": False}
    return {"credential": Token(token, scope), **pipeline, **own, **more}


_AUDIENCES = {
    "azure-synapse-access-control": "https://dev.azuresynapse.net",
    "azure-synapse-management": "https://management.azure.com",
    "microsoft-fabric-mirroring": "https://api.fabric.microsoft.com",
}
"""The audience that each SDK asks a token for, as it is in the SDK."""


def assert_waits(emulator: Served, operation: str, call: Callable[[], object]) -> None:
    """Check that a client that may retry once does so after 429 with Retry-After, and then raises its HttpResponseError."""
    emulator.throttle(operation)
    with pytest.raises(HttpResponseError) as raised:
        call()

    assert 429 == raised.value.status_code
    assert [(operation, "admin", 429)] * 2 == emulator.log()
