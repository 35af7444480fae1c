"""The emulator's time: the system's own, or one that steps with each request so that runs repeat byte for byte."""

from __future__ import annotations

import time
from datetime import UTC, datetime

_START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """The system's clock, which can be moved forward so that nobody has to wait for a sync to end."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Return the seconds since 1970-01-01T00:00:00Z."""
        return time.time() + self._ahead

    def tick(self) -> None:
        """Take note that a request begins; real time passes by itself."""

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._ahead += seconds


class SteppingClock(Clock):
    """A clock that stands still between requests and steps by `step_ms` with each."""

    def __init__(self, start: datetime = _START, step_ms: int = 10) -> None:
        super().__init__()
        self._start = start.timestamp()
        self._step_ms = step_ms
        self._ticks = 0

    def now(self) -> float:
        """Return the start, the steps so far and what the clock was moved forward by."""
        return self._start + self._ticks * self._step_ms / 1000 + self._ahead

    def tick(self) -> None:
        """Step once."""
        self._ticks += 1


def timestamp(seconds: float) -> str:
    """Return a time as RFC 3339 has it, in UTC and with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
