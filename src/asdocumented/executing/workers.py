"""Who is served first where there are fewer workers than could be used: the API that has the longest way to go.

A run is over when its last API is. One with many requests that have to wait for each other decides when, so that its turn
comes before that of others, whose requests can all go out at once at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import count

from asdocumented.plans import Scenario


class Workers:
    """So many workers, given to whoever is the most urgent, and among those to whoever has waited longest."""

    def __init__(self, number: int) -> None:
        self._free = number
        self._order = count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    async def acquire(self, urgency: int = 0) -> None:
        """Wait for a worker and take it."""
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (-urgency, next(self._order), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was given a worker, and will not use it
                self.release()
            raise

    def release(self) -> None:
        """Give a worker back, to whoever waits for one."""
        while self._waiting:
            turn = heappop(self._waiting)[-1]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


def lengths(scenarios: Sequence[Scenario]) -> list[int]:
    """Return, for each scenario of an API, how many requests have to wait for each other from it to the end of the plan.

    What follows from an answer is not known before, so that this is about right and no more.
    """
    found, behind, together = [], 0, 0  # together: the longest of those that run side by side
    for at in range(len(scenarios) - 1, -1, -1):
        scenario, before = scenarios[at], scenarios[at - 1].state if at else ""
        own = len(scenario.steps)
        if scenario.changes or scenario.may_end_state:
            behind, together = behind + together + own, 0
        elif scenario.state not in ("", before):
            behind, together = behind + max(together, own), 0
        else:
            together = max(together, own)
        found.append(behind + together)
    return found[::-1]
