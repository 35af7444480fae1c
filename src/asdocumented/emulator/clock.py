"""The emulator's time: the system's own or one that stands, set and moved at will.

A clock that stands steps by a fixed time with each request, so that runs repeat byte for byte.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Final, NamedTuple

from asdocumented.errors import UsageError

_START = datetime(2026, 1, 1, tzinfo=UTC)
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


class Hands(NamedTuple):
    """The whole state of a clock: when it was frozen (None: it runs) and the steps since, and what it was moved by."""

    frozen: float | None
    step_ms: int
    ticks: int
    ahead: float


class Clock:
    """The system's clock, which can be moved, so that nobody has to wait for a sync to end, and frozen."""

    def __init__(self) -> None:
        self._frozen: float | None = None
        self._step_ms = 0
        self._ticks = 0
        self._ahead = 0.0

    @property
    def hands(self) -> Hands:
        """Return the clock's state."""
        return Hands(self._frozen, self._step_ms, self._ticks, self._ahead)

    @hands.setter
    def hands(self, hands: Hands) -> None:
        self._frozen, self._step_ms, self._ticks, self._ahead = hands

    def now(self) -> float:
        """Return the seconds since 1970-01-01T00:00:00Z."""
        if self._frozen is None:
            return time.time() + self._ahead
        return self._frozen + self._ticks * self._step_ms / 1000 + self._ahead

    def tick(self) -> None:
        """Take note that a request begins: a clock that stands steps once, real time passes by itself."""
        if self._frozen is not None:
            self._ticks += 1

    def advance(self, seconds: float) -> None:
        """Move the clock forward. Raises UsageError where its time would be none that the emulator knows."""
        _check(self.now() + seconds)
        self._ahead += seconds  # nothing is taken off again, so that a clock moved by 30 seconds is moved by no less

    def set(self, now: float) -> None:
        """Set the time, in seconds since 1970. Raises UsageError for one before 2000 or from 2200 on."""
        _check(now)
        self._ahead += now - self.now()

    def freeze(self, step_ms: int = 0) -> None:
        """Let the time stand still, but for a step of so many milliseconds with each request."""
        self.hands = Hands(self.now(), step_ms, 0, 0.0)

    def resume(self) -> None:
        """Let the time run on from where it stands."""
        now = self.now()
        self.hands = Hands(None, 0, 0, now - time.time())

    async def wait(self, seconds: float) -> None:
        """Let so many seconds of the client's time pass, without holding up other requests."""
        await asyncio.sleep(seconds)


class SteppingClock(Clock):
    """A clock that starts frozen, steps by `step_ms` with each request, and moves itself forward where another waits."""

    def __init__(self, start: datetime = _START, step_ms: int = 10) -> None:
        super().__init__()
        self.hands = Hands(start.timestamp(), step_ms, 0, 0.0)

    async def wait(self, seconds: float) -> None:
        """Move the time forward instead of sleeping."""
        self.advance(seconds)


def _check(now: float) -> None:
    if not EARLIEST <= now < LATEST:
        message = "The emulator's time is between the years 2000 and 2200."
        raise UsageError("time-out-of-range", message, remedy="Choose another time.")


def timestamp(seconds: float) -> str:
    """Return a time as RFC 3339 has it, in UTC and with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parsed_timestamp(text: str) -> float:
    """Return the seconds since 1970 of a time with an offset. Raises UsageError for anything else."""
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.timestamp()
    except (ValueError, OverflowError):
        pass
    message = f"{text!r} is no time with an offset."
    raise UsageError("time-invalid", message, remedy="Write it as 2026-01-31T12:00:00Z.")
