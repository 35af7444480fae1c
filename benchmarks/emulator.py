"""The emulator as a server that benchmarks share: start it, reset it, count what it was asked."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Any

import httpx

from asdocumented.contracts import Catalogue, Evidence, load_catalogue
from benchmarks.processes import UnmeasurableError, execute, free_port, script, serving

_REMEMBERED = 10_000  # requests; the emulator's log forgets older ones


@cache
def catalogue() -> Catalogue:
    """Return the contracts that come with asdoc."""
    return load_catalogue()


def documented_operations() -> tuple[str, ...]:
    """Return the ids of the operations that have a reference page; the others are siblings around them."""
    return tuple(each.id for each in catalogue().operations if each.evidence is Evidence.DOCUMENTED)


LIMITS = ("times", "share", "alternates")
"""What limits a switch and is no argument of what it does."""


class ServedEmulator:
    """An emulator that listens on loopback, and its control API."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        # Nothing here is TLS, and reading the certificates of the system for it takes longer than a request.
        self._client = httpx.Client(base_url=f"{base_url}/_emulator", verify=False, trust_env=False, timeout=60)  # noqa: S501
        self._ahead: float | None = (
            None  # seconds by which its clock is ahead of the system's; None: nobody has asked yet
        )
        self._moving = Lock()

    def close(self) -> None:
        """Let go of the connection; the emulator goes on."""
        self._client.close()

    def reset(self) -> None:
        """Go back to how it started, with an empty log."""
        self._control("POST", "/reset")
        self._ahead = None

    def arrange(self, api: str, state: str) -> Any:
        """Put an API into a state; return the ids by pool that the state is about."""
        return self._control("POST", "/states", {"api": api, "state": state})["resources"]

    def switch_on(self, name: str, operation: str, arguments: Mapping[str, Any] | None = None) -> None:
        """Break one operation in a named way; limits of the line (`times`, `share`, `alternates`) stand among its arguments."""
        given = dict(arguments or {})
        limits = {each: given.pop(each) for each in LIMITS if each in given}
        self._control("POST", "/switches", {"name": name, "operation": operation, "arguments": given, **limits})

    def forget(self) -> None:
        """Empty the log, so that requests are counted from here on."""
        self._control("DELETE", "/requests")

    def late(self, seconds: float) -> None:
        """Let every answer come so many seconds late."""
        self._control("POST", "/latency", {"seconds": seconds})

    def now(self) -> float:
        """Return the emulator's time, in seconds since 1970.

        It is asked once: the emulator's clock runs as the system's does, and a run looks at it several times a request. To ask
        each time would hold up every request under way, which a target's own clock does not.
        """
        if self._ahead is None:
            self._ahead = datetime.fromisoformat(self._control("GET", "/clock")["now"]).timestamp() - time.time()
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the emulator's clock forward."""
        self._control("POST", "/clock", {"seconds": seconds})
        with self._moving:
            if self._ahead is not None:
                self._ahead += seconds

    def resources(self) -> Any:
        """Return the ids that exist now: API -> pool -> ids."""
        return self._control("GET", "/resources")

    def requests(self) -> int:
        """Return how many requests came since the last reset."""
        count = len(self._control("GET", "/requests"))
        if count >= _REMEMBERED:
            raise UnmeasurableError(f"the emulator's log forgets requests before the latest {_REMEMBERED:,}")
        return count

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._client.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@contextmanager
def served_emulator() -> Iterator[ServedEmulator]:
    """Run `asdoc serve` until the block ends."""
    port = free_port()
    with serving([script("asdoc"), "serve", "--port", str(port)], port) as base_url:
        yield ServedEmulator(base_url)


@cache
def admin_header(api: str) -> str:
    """Return the header line with which the admin calls an API, from `asdoc token`."""
    token = execute([script("asdoc"), "token", "--api", api, "--expires-in", "86400"]).stdout.strip()
    credential = catalogue().apis[api].credential
    value = f"{credential['scheme']} {token}".strip()
    return f"{credential['header']}: {value}"
