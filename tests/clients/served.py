"""An emulator in a process of its own, and what a test needs to drive a vendor's client against it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from asdocumented.emulator.tokens import basic_password, sign
from tests.support import catalogue, loopback_client, served

WAYS = {"http": (), "tls": ("--tls", "--ca-file", "ca.pem")}
"""The options of `asdoc serve` for each way to speak to it."""

INVALID = (
    "anonymous",
    "malformed",
    "expired",
    "not-yet-valid",
    "wrong-audience",
    "wrong-issuer",
    "wrong-signature",
    "unsigned",
)
"""The identities that every API refuses because of their token."""


@dataclass(frozen=True)
class Served:
    """A served emulator: what its ready line says, and a client of its control API."""

    ready: dict[str, Any]
    control: httpx.Client

    @property
    def ca_file(self) -> str | None:
        """Return the file that a client trusts, or None over plain HTTP."""
        return self.ready.get("ca_file")

    @property
    def verify(self) -> str | bool:
        """Return what clients built on requests verify the server with."""
        return self.ca_file or True

    def url(self, api: str) -> str:
        """Return the base URL of an API."""
        return str(self.ready["apis"][api])

    def token(self, api: str, identity: str = "admin") -> str:
        """Return a token of an identity; the anonymous one has to do without."""
        if identity == "anonymous":
            return ""
        return sign(catalogue().apis[api], identity, seed=0, now=time.time(), expires_in=3600)

    def password(self, identity: str) -> str:
        """Return the password of an identity, which is also its client secret."""
        return basic_password(0, identity)

    def arrange(self, api: str, state: str) -> dict[str, list[str]]:
        """Put an API into a state; return the ids of what is in it."""
        answer = self.control.post("/states", json={"api": api, "state": state}).raise_for_status()
        resources: dict[str, list[str]] = answer.json()["resources"]
        return resources

    def switch(self, name: str, /, operation: str = "*", **arguments: object) -> None:
        """Put a switch on, until the next test."""
        line = {"name": name, "operation": operation, "arguments": arguments}
        self.control.post("/switches", json=line).raise_for_status()

    def throttle(self, operation: str) -> None:
        """Answer every valid request with 429 and Retry-After; a client that retries does so at once."""
        self.switch("error.injected", operation)
        self.switch("error.status", operation, cause="injected", status=429)
        self.switch("response.header", operation, name="Retry-After", value="0", on="error")

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.control.post("/clock", json={"seconds": seconds}).raise_for_status()

    def log(self) -> list[tuple[str, str, int]]:
        """Return operation, identity and status of every request."""
        records = self.control.get("/requests").raise_for_status().json()
        return [(f"{each['api']}/{each['operation']}", each["identity"], each["status"]) for each in records]

    def rules(self) -> list[str]:
        """Return the rule that refused each request."""
        return [each["rule"] for each in self.control.get("/requests").raise_for_status().json()]


def operations_of(api: str) -> set[str]:
    """Return the ids of an API's operations."""
    return {each.id for each in catalogue().operations if each.api == api}


@contextmanager
def serving(folder: Path, way: str) -> Iterator[dict[str, Any]]:
    """Serve an emulator while the block lasts; the block gets its ready line."""
    with served(folder, *WAYS[way]) as ready:
        yield ready


@contextmanager
def at_start(ready: dict[str, Any]) -> Iterator[Served]:
    """Give a served emulator as it starts: without switches and log, its APIs in their first states."""
    with loopback_client(ready.get("ca_file")) as client:
        client.base_url = httpx.URL(ready["control"])
        client.post("/reset").raise_for_status()
        yield Served(ready, client)
