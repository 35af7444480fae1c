"""Waits that end when a run does: nobody waits minutes for a turn that will never come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from asdocumented.transport.manners import Clock

_LATE = 0.05  # seconds after the end of a run's time at which a wait is cut off, so that the time is surely over


class EndableClock:
    """The clock of a target, whose waits last no longer than the run. `left` are the seconds that it has; None: any number."""

    def __init__(self, clock: Clock, left: Callable[[], float | None] = lambda: None) -> None:
        self._clock = clock
        self._left = left
        self._waiting: set[asyncio.Future[None]] = set()
        self._is_over = False

    def now(self) -> float:
        """Return the time in seconds."""
        return self._clock.now()

    async def wait(self, seconds: float) -> None:
        """Let so many seconds pass, or as many as the run goes on."""
        if self._is_over:
            return
        left = self._left()
        if left is not None:
            seconds = min(seconds, max(0.0, left) + _LATE)
        waiting = asyncio.ensure_future(self._clock.wait(seconds))
        self._waiting.add(waiting)
        try:
            await asyncio.wait({waiting})
        finally:
            self._waiting.discard(waiting)
            waiting.cancel()
        if not waiting.cancelled():
            waiting.result()

    def stop(self) -> None:
        """End every wait now, and those that are begun from now on."""
        self._is_over = True
        for each in self._waiting:
            each.cancel()

    def resume(self) -> None:
        """Let waits be waits again, whatever time the run had: what it owes is still to be sent."""
        self._is_over = False
        self._left = lambda: None
