"""What a target is to a run: where its APIs are, who can call, what exists there and which states can be had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import httpx

from asdocumented.traces import Arrangement

Pools = Mapping[str, tuple[str, ...]]


class Target(Protocol):
    """One implementation of some of the documented APIs."""

    name: str
    implementation: str
    version: str
    is_emulator: bool
    operations: frozenset[str]  # ids of the operations in scope
    pools: Mapping[str, Pools]  # API -> pool -> ids that exist
    states: Mapping[str, Mapping[str, Pools]]  # API -> state -> pools that hold in it

    def base_url(self, api: str) -> str:
        """Return the base URL of an API, without a slash at its end."""

    def credential(self, api: str, identity: str, security: str) -> tuple[str, str] | None:
        """Return the header that makes a request an identity's, or None for the anonymous one.

        Raises UnavailableError when the target has no such identity.
        """

    def arrange(self, api: str, state: str) -> Arrangement | None:
        """Bring an API into a state, or return None when this target cannot."""

    def client(self) -> httpx.AsyncClient:
        """Return a new client that reaches the target."""

    def curl_credential(self, api: str, identity: str) -> str:
        """Return how a curl line gets the credential: a shell expression, never the secret itself."""


class UnavailableError(Exception):
    """The target does not have what a step needs; the text says what."""
