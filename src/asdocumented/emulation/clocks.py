"""The emulator's time: the real one for a server, one that steps for runs that must be the same byte for byte."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

START = 1767225600.0  # 2026-01-01T00:00:00Z


class Clock(Protocol):
    """Tells the time and is told of each request."""

    def now(self) -> float:
        """Return the seconds since the epoch."""

    def tick(self) -> None:
        """Take note that a request came in."""


class RealClock:
    """The time of the machine."""

    def now(self) -> float:
        """Return the seconds since the epoch."""
        return time.time()

    def tick(self) -> None:
        """Do nothing: this clock goes by itself."""


class SteppingClock:
    """A clock that starts at a fixed instant and goes on by a fixed step with each request."""

    def __init__(self, *, start: float = START, step_ms: int = 10) -> None:
        self._now = start
        self._step = step_ms / 1000

    def now(self) -> float:
        """Return the seconds since the epoch."""
        return self._now

    def tick(self) -> None:
        """Go on by one step."""
        self._now += self._step


def timestamp(seconds: float) -> str:
    """Return an instant as RFC 3339 with milliseconds in UTC."""
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
