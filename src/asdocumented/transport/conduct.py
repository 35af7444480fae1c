"""How a run behaves towards a target, all in one: when a request may go out, what its outcome means, and when to stop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from asdocumented.contracts.model import Operation
from asdocumented.errors import UnreachableError
from asdocumented.transport.attempting import Fault, Outcome
from asdocumented.transport.believing import Beliefs
from asdocumented.transport.breaker import Breaker
from asdocumented.transport.budget import BudgetError, Purse
from asdocumented.transport.ending import EndableClock
from asdocumented.transport.manners import Clock, Manners
from asdocumented.transport.pacing import Pacer
from asdocumented.transport.retrying import LONGEST, Again, Asked, again, is_busy, is_gateway, signature

_SHORTLY = 30.0
"""So many seconds in all are waited for answers that say "later" once a run was ended before its time: somebody waits for it."""


class Conduct:
    """The manners of a run towards one target, shared by all its workers.

    Without manners, which is in process, everything goes out at once and counts as it comes.
    """

    def __init__(self, manners: Manners | None, clock: Clock) -> None:
        self._target_clock = clock
        self._has_manners = manners is not None
        self.manners = manners or Manners()
        self._purse = Purse(self.manners.budget, clock)
        self._clock = EndableClock(clock, lambda: self._purse.left)
        self._pacer = Pacer(self.manners.pace, self._clock)
        self._breakers: dict[str, Breaker] = defaultdict(Breaker)
        self._distress: UnreachableError | None = None
        self._taking_back = False
        self._is_owed = False  # all that is sent
        self._hurry: float | None = None  # the seconds that may be waited still, once the run was ended before its time
        self._known: dict[str, frozenset[int]] = defaultdict(frozenset)
        self._beliefs = Beliefs()

    def continued(self) -> Conduct:
        """Return the same for another event loop of the same run: what was taken of the target and seen of it still counts."""
        other = Conduct(self.manners if self._has_manners else None, self._target_clock)
        other._pacer, other._purse = self._pacer.continued(other._clock), self._purse
        other._breakers, other._distress, other._known = self._breakers, self._distress, self._known
        other._beliefs = self._beliefs
        return other

    def afresh(self) -> Conduct:
        """Return the same manners without a limit, for what must be possible whatever the run has taken or seen.

        What is sent is counted with the rest.
        """
        other = Conduct(self.manners if self._has_manners else None, self._target_clock)
        other._purse, other._is_owed, other._hurry = self._purse, True, self._hurry
        other._clock.resume()
        return other

    @property
    def deadline(self) -> float | None:
        """Return the seconds after which an answer must be complete, connecting included; None in process."""
        return self.manners.limits.connect + self.manners.limits.answer if self._has_manners else None

    def known(self, operation: str) -> frozenset[int]:
        """Return how an operation was seen to fail every time."""
        return self._known[operation]

    @asynccontextmanager
    async def turn(self, api: str) -> AsyncIterator[None]:
        """Wait until a request to an API may go out, and count it as under way until the block ends."""
        if not self._has_manners:
            yield
            return
        async with self._pacer.turn(api):
            yield

    def spend(self, *, owed: bool = False) -> None:
        """Take a request out of the budget; one that is owed is counted, and goes beyond it.

        Raises BudgetError when there is none left, and UnreachableError once the target was found to be in distress.
        """
        if not self._has_manners:
            return
        if owed or self._taking_back:
            self._purse.owe()
            return
        if self._distress is not None:
            raise self._distress
        if self._is_owed:
            self._purse.owe()
            return
        try:
            self._purse.spend()
        except BudgetError:
            self.end()
            raise

    def end(self) -> None:
        """Take note that the run ends before its time: nobody waits any more, and what is owed is to be done shortly."""
        if self._hurry is None:
            self._hurry = _SHORTLY
            self._clock.stop()

    def take_back(self) -> None:
        """Take note that what is sent from now on takes changes back: neither budget nor distress is a reason to leave them."""
        self._taking_back = True
        self._clock.resume()
        if self._hurry is not None:
            self._pacer.let_go()

    @property
    def patience(self) -> float:
        """Return the longest time that may be waited now because an answer says so."""
        if self._hurry is None or not (self._taking_back or self._is_owed):
            return LONGEST + 1
        return self._hurry

    async def wait(self, seconds: float) -> None:
        """Let so many seconds pass, unless the run ends meanwhile; in process nothing ends it."""
        await (self._clock if self._has_manners else self._target_clock).wait(seconds)

    def decide(self, api: str, operation: str, asked: Asked, outcome: Outcome) -> Again | None:
        """Return why a request is sent again, or None where its outcome stands; the pace follows what came."""
        if not self._has_manners:
            return None
        self._adapt(asked, outcome)
        reason = self._in_time(again(asked, outcome, self._clock.now()))
        if reason is not None and reason.everybody:
            self._pacer.hold(api, reason.wait)
        what = signature(asked, outcome)
        if reason is None and asked.sent and what is not None:
            self._known[operation] |= {what}
        return reason

    def believed(self, operation: str, asked: Asked, outcome: Outcome) -> Outcome:
        """Return an outcome that stands, told as the environment's where it says nothing about the target."""
        if not self._has_manners:
            return outcome  # nothing stands in front of what is in this process
        return of_somebody_else(asked, self._beliefs.believed(operation, asked, outcome))

    def _in_time(self, reason: Again | None) -> Again | None:
        """Return why a request is sent again, where there is time to wait for that."""
        if reason is None or self._hurry is None or not (self._taking_back or self._is_owed):
            return reason
        if reason.wait > self._hurry:
            return None
        self._hurry -= reason.wait
        return reason

    def failures(self, api: str) -> int:
        """Return how many attempts in a row failed, for `check` to know what was on its way together."""
        return self._breakers[api].in_a_row

    def check(
        self, operation: Operation, server: str, asked: Asked, outcome: Outcome, *, failed_before: int, stands: bool
    ) -> None:
        """Take note of an attempt, and whether its outcome stands; raises UnreachableError for a target in distress."""
        if not self._has_manners or self._taking_back:
            return
        breaker = self._breakers[operation.api]
        try:
            breaker.dropped(server, operation.id, outcome)
            self._count(breaker, server, asked, outcome, failed_before=failed_before, stands=stands)
        except UnreachableError as distress:
            self._distress = distress
            self.end()
            raise

    @staticmethod
    def _count(
        breaker: Breaker, server: str, asked: Asked, outcome: Outcome, *, failed_before: int, stands: bool
    ) -> None:
        breaker.tried(server, outcome, failed_before)
        if stands:
            answer = outcome.answer
            busy = answer is not None and is_busy(answer) and not asked.busy_counts
            gone = outcome.fault.is_environmental and outcome.fault not in (Fault.OWN, Fault.TOO_LARGE)
            last = outcome.failure or (f"{answer.status}" if answer is not None else "")
            often = busy and asked.sent > 1
            breaker.ended(server, in_vain=busy or gone, busy_often=often, last=last)

    async def pause(self, reason: Again) -> None:
        """Wait before a request is sent again; where the server said how long, its turn comes no sooner anyway."""
        if not reason.everybody:
            await self._clock.wait(reason.wait)

    def _adapt(self, asked: Asked, outcome: Outcome) -> None:
        """Follow the target with the pace. That it is busy where this was asked for says nothing about how busy it is."""
        busy = outcome.answer is not None and is_busy(outcome.answer)
        if outcome.fault in (Fault.SILENT, Fault.SLOW) or (busy and not asked.busy_counts):
            self._pacer.slow_down()
        elif outcome.answer is not None and not busy:
            self._pacer.recover()


def of_somebody_else(asked: Asked, outcome: Outcome) -> Outcome:
    """Return an outcome that stands, with a gateway's answer told as one: it says nothing about the target."""
    answer = outcome.answer
    if answer is None or not is_gateway(asked, answer):
        return outcome
    times = f"each of {asked.sent + 1} times" if asked.sent else "once, and the request cannot be repeated safely"
    return replace(outcome, fault=Fault.GATEWAY, failure=f"a gateway answered {answer.status} {times}")
