"""Charge what a target's credentials send by themselves, logins and ends of sessions, to the run that needs them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from asdocumented.traces import Exchange, Housekeeping, Request, Response, Why
from asdocumented.transport.attempting import Outcome
from asdocumented.transport.conduct import Conduct

Wait = Callable[[float], Awaitable[None]]
Tell = Callable[[Housekeeping], None]


class Till:
    """Passes every login on to the conduct of the run that goes on; before there is one, nothing is counted.

    `wait` lets seconds pass as long as there is no run. `tell` is told of each request without its header fields and bodies,
    since hardly anything else is in those than secrets.
    """

    def __init__(self, wait: Wait = asyncio.sleep) -> None:
        self._wait = wait
        self._conduct: Conduct | None = None
        self._tell: Tell = lambda kept: None

    def open(self, conduct: Conduct, tell: Tell) -> None:
        """Charge a run from now on."""
        self._conduct, self._tell = conduct, tell

    def spend(self, *, owed: bool) -> None:
        """Take a request out of the budget; one that is owed goes beyond it and is counted all the same.

        Raises BudgetError and UnreachableError as `Conduct.spend` does.
        """
        if self._conduct is not None:
            self._conduct.spend(owed=owed)

    def longest(self, most: float) -> float:
        """Return the longest time that may be waited now because an answer says so."""
        return most if self._conduct is None else min(most, self._conduct.patience)

    async def wait(self, seconds: float) -> None:
        """Let time pass before a request is sent again, unless the run ends meanwhile."""
        if self._conduct is None:
            await self._wait(seconds)
        else:
            await self._conduct.wait(seconds)

    def told(self, why: Why, api: str, server: str, sent: tuple[str, str], outcome: Outcome, again: str) -> None:
        """Tell of a request, its method and path, and what came of it."""
        answer = Response(outcome.answer.status) if outcome.answer is not None else None
        failure, environmental = str(outcome.fault), outcome.fault.is_environmental
        self._tell(Housekeeping(why, Exchange(0, api, server, Request(*sent), answer, failure, environmental, again)))
