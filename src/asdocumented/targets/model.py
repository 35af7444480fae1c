"""What a target is to a run: where its APIs are, who can call, what exists there and which states can be had."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import httpx

from asdocumented.contracts.model import Tier
from asdocumented.plans import Step
from asdocumented.traces import Arrangement, Exchange

Send: TypeAlias = Callable[[Step], Awaitable[Exchange]]
"""Sends a step of a run and records its exchange."""

Pools = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long what was written may take to show, and how often to look, in seconds of the target's clock."""

    deadline: float = 30.0
    interval: float = 1.0


class Target(Protocol):
    """One implementation of some of the documented APIs."""

    @property
    def name(self) -> str:
        """Return the name that a user typed."""

    @property
    def implementation(self) -> str:
        """Return what is judged."""

    @property
    def version(self) -> str:
        """Return its version, or the empty string."""

    @property
    def is_emulator(self) -> bool:
        """Tell whether a run is a self-test, on something that is reset for each state."""

    @property
    def operations(self) -> frozenset[str]:
        """Return the ids of the operations in scope."""

    @property
    def pools(self) -> Mapping[str, Pools]:
        """Return what exists: API -> pool -> ids."""

    @property
    def states(self) -> Mapping[str, Mapping[str, Pools]]:
        """Return the pools that hold in a state: API -> state -> pool -> ids."""

    def secrets(self) -> Mapping[str, str]:
        """Return every secret that the target was given, with the marker that stands for it in records."""

    def base_url(self, api: str) -> str:
        """Return the base URL of an API, without a slash at its end."""

    async def credential(self, api: str, identity: str, security: str) -> tuple[str, str] | None:
        """Return the header that makes a request an identity's, or None for the anonymous one.

        Raises UnavailableError when the target has no such identity.
        """

    @property
    def concurrency(self) -> int:
        """Return how many requests may be on their way at a time; with one, a run sends them in the order of its plan."""

    @property
    def takes_intrusive(self) -> bool:
        """Tell whether requests that no client sends may go out."""

    async def raw_url(self, api: str) -> str:
        """Return the base URL of an API for a request that goes over a socket of its own; the emulator opens one for it."""

    async def close(self) -> None:
        """Give back what a run opened."""

    @property
    def arranging(self) -> Mapping[str, Mapping[str, Tier]]:
        """Return how far it reaches to arrange each state that does not hold anyway: API -> state -> tier."""

    async def arrange(self, api: str, state: str, send: Send) -> Arrangement:
        """Bring an API into a state; `send` sends and records a step that this takes.

        Raises UnavailableError with the reason when this target cannot.
        """

    async def clean_up(self, api: str, send: Send) -> Sequence[str]:
        """Take back what was arranged of an API, and return a sentence for each thing that could not be."""

    @property
    def unsupported(self) -> Mapping[str, str]:
        """Return what the target is declared not to support: globs over ids of requirements, each with the reason."""

    def patience(self, api: str) -> Patience:
        """Return how long an API may take to show what was written, and how often to look."""

    def now(self) -> float:
        """Return the time of the clock that deadlines go by, in seconds since 1970-01-01T00:00:00Z."""

    async def wait(self, seconds: float) -> None:
        """Let so many seconds of that clock pass."""

    def client(self) -> httpx.AsyncClient:
        """Return a new client that reaches the target."""

    def curl_credential(self, api: str, identity: str, security: str) -> str:
        """Return how a curl line gets the credential: a shell expression, never the secret itself."""


class UnavailableError(Exception):
    """The target does not have what a step needs; the text says what."""
