"""How fast requests go out: so many a second and so many at a time, and slower while a target is busy."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asdocumented.targets.description import Pace
from asdocumented.transport.manners import Clock

_FIRST, _LONGEST = 0.05, 5.0  # seconds between two requests, once a target was found to be busy
_PATIENCE = 1.0  # seconds in which many busy answers count as one, since they were asked for before it was known
_RECOVERY = 0.8


class Pacer:
    """Lets requests through at the pace of a target. It is safe with any number of tasks that send at once.

    All its times are those of one clock. In process, where several emulators have clocks of their own, nobody asks it.
    """

    def __init__(self, pace: Pace, clock: Clock) -> None:
        self._pace = pace
        self._clock = clock
        self._gate = asyncio.Semaphore(max(1, pace.concurrency))
        self._least = 1 / pace.rate if pace.rate else 0.0
        self._slowed = 0.0
        self._slowed_at = float("-inf")
        self._next = 0.0
        self._held: dict[str, float] = defaultdict(float)

    def continued(self, clock: Clock) -> Pacer:
        """Return one for another event loop, with its clock, that goes on where this one is."""
        other = Pacer(self._pace, clock)
        other._slowed, other._slowed_at, other._next, other._held = (
            self._slowed,
            self._slowed_at,
            self._next,
            self._held,
        )
        return other

    @property
    def interval(self) -> float:
        """Return the seconds between two requests now."""
        return max(self._least, self._slowed)

    @asynccontextmanager
    async def turn(self, api: str) -> AsyncIterator[None]:
        """Wait until a request to an API may go out, and count it as under way until the block ends."""
        async with self._gate:
            await self._due(api)
            yield

    async def _due(self, api: str) -> None:
        now = self._clock.now()
        start = max(now, self._next, self._held[api])
        if self.interval:
            self._next = start + self.interval
        if start > now:
            await self._clock.wait(start - now)
        rest = self._held[api] - self._clock.now()
        if rest > 0:  # somebody was told to wait meanwhile
            await self._clock.wait(rest)

    def hold(self, api: str, seconds: float) -> None:
        """Let nothing through to an API for so many seconds, as its server asked."""
        self._held[api] = max(self._held[api], self._clock.now() + seconds)

    def let_go(self) -> None:
        """Forget what servers asked to wait for."""
        self._held.clear()

    def slow_down(self) -> None:
        """Take note that the target is busy: the time between two requests doubles."""
        now = self._clock.now()
        if now - self._slowed_at >= _PATIENCE:
            self._slowed_at = now
            self._slowed = min(max(2 * self._slowed, 2 * self._least, _FIRST), _LONGEST)

    def recover(self) -> None:
        """Take note of an answer that came as it should: the pace comes back little by little."""
        if self._slowed:
            self._slowed *= _RECOVERY
            if self._slowed <= max(self._least, _FIRST / 4):
                self._slowed = 0.0
