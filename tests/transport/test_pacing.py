"""Requests go out at the target's pace, however many send at once, and a run stops where it does no good."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from asdocumented.contracts.model import Tier
from asdocumented.errors import UnreachableError
from asdocumented.running import Options, Run, run
from asdocumented.selection import Selection
from asdocumented.targets.description import Budget, Limits, Pace
from asdocumented.transport.attempting import Fault, Outcome
from asdocumented.transport.breaker import Breaker
from asdocumented.transport.conduct import Conduct
from asdocumented.transport.manners import Manners
from asdocumented.transport.pacing import Pacer
from asdocumented.transport.retrying import Asked as Request
from asdocumented.verdicts import Verdict
from asdocumented.wire import Answer
from tests.judge.traces import LIST, catalogue

from .hostile import EMPTY, PAGE, Asked, Hasty, hostile, said, sent, target, valid


@dataclass
class Clock:
    """A clock that goes on while it is waited for, for all that wait at once."""

    time: float = 1000.0
    sleepers: list[tuple[float, asyncio.Event]] = field(default_factory=list)

    def now(self) -> float:
        """Return the time."""
        return self.time

    async def wait(self, seconds: float) -> None:
        """Sleep until the clock was moved so far."""
        event = asyncio.Event()
        self.sleepers.append((self.time + seconds, event))
        await event.wait()

    async def run(self, task: asyncio.Future[object]) -> None:
        """Move the clock from sleeper to sleeper until a task is done."""
        while not task.done():
            for _ in range(50):
                await asyncio.sleep(0)
            if self.sleepers:
                self.sleepers.sort(key=lambda each: each[0])
                until, event = self.sleepers.pop(0)
                self.time = max(self.time, until)
                event.set()


def sendings(pace: Pace, count: int, *, busy_at: int = -1, hold: float = 0.0, length: float = 0.0) -> list[float]:
    """Return when so many requests of as many tasks go out; one finds the target busy and is told to wait."""
    clock, times = Clock(), []

    async def everything() -> None:
        pacer = Pacer(pace, clock)

        async def one(number: int) -> None:
            async with pacer.turn("api"):
                times.append(clock.now() - 1000)
                if length:
                    await clock.wait(length)
                if number == busy_at:
                    pacer.slow_down()
                    pacer.hold("api", hold)

        task = asyncio.gather(*(one(number) for number in range(count)))
        await clock.run(task)
        await task

    asyncio.run(everything())
    return times


def test_rate_is_kept() -> None:
    """Ten a second are ten a second, whoever sends."""
    assert [pytest.approx(each / 10) for each in range(30)] == sendings(Pace(rate=10, concurrency=16), 30)


def test_no_rate_costs_nothing() -> None:
    """Without a rate nobody waits."""
    assert [0.0] * 30 == sendings(Pace(concurrency=30), 30)


def test_concurrency_is_kept() -> None:
    """No more are under way than may be."""
    assert [0, 0, 0, 1, 1, 1, 2] == sendings(Pace(concurrency=3), 7, length=1)


def test_busy_target_holds_everybody() -> None:
    """Once the target said how long to wait nobody sends before."""
    times = sendings(Pace(concurrency=2), 20, busy_at=3, hold=60, length=0.1)

    assert all(each < 1 or each >= 60 for each in times)
    assert sum(each >= 60 for each in times) == 15


def test_emulators_have_no_pace_to_share() -> None:
    """In process nothing is paced, so that a run on several emulators, each with a clock of its own, mixes no times."""
    early, late = Clock(1000.0), Clock(9_000_000.0)
    ahead = Conduct(None, late)
    busy = Outcome(Answer(429, (("retry-after", "3600"),), b""))

    async def sent_by(conduct: Conduct) -> None:
        async with conduct.turn("api"):
            conduct.spend()
        conduct.decide("api", "operation", Request("GET", frozenset()), busy)

    async def all_of_them() -> None:
        for conduct in (ahead, Conduct(None, early), ahead.continued(), ahead.afresh(), Conduct(None, early)):
            for _ in range(3):
                await asyncio.wait_for(sent_by(conduct), 5)

    asyncio.run(all_of_them())
    assert not [*early.sleepers, *late.sleepers]


def test_pace_slows_down_and_recovers() -> None:
    """A busy target is asked more slowly, many busy answers at once count as one, and the pace comes back."""
    clock = Clock()
    pacer = Pacer(Pace(rate=20), clock)
    seen = [pacer.interval]
    for _ in range(12):
        for _ in range(16):
            pacer.slow_down()
        clock.time += 2
        seen.append(pacer.interval)
    for _ in range(40):
        pacer.recover()

    assert [0.05, 0.1, 0.2, 0.4] == seen[:4]
    assert seen[-1] == 5.0
    assert pacer.interval == 0.05


@pytest.mark.parametrize("asked_for", [False, True])
def test_pace_stays_where_busy_is_what_was_asked_for(*, asked_for: bool) -> None:
    """A 429 that a request was to bring about says nothing about how busy a target is; any other slows a run down."""
    conduct = Conduct(Manners(Pace()), clock := Clock())
    busy = Outcome(Answer(429, (("retry-after", "1"),), b""))
    request = Request("GET", frozenset(), busy_counts=asked_for)

    async def second() -> float:
        async with conduct.turn("other"):
            conduct.decide("api", "operation", request, busy)
        async with conduct.turn("other"):
            pass
        task = asyncio.ensure_future(_turn(conduct))
        await clock.run(task)
        return clock.time

    assert (asyncio.run(second()) > 1000) is not asked_for


async def _turn(conduct: Conduct) -> None:
    async with conduct.turn("other"):
        pass


def test_dead_target_ends_a_run() -> None:
    """Five attempts without a connection end a run, and what was recorded is kept."""
    with hostile(lambda asked: []) as server:
        url = server.url
    exchanges = []
    found = target(url)
    with pytest.raises(UnreachableError, match="5 requests in a row failed"):
        exchanges.extend(sent(found, *[valid(LIST)] * 3))


def test_what_fails_together_counts_once() -> None:
    """Requests that were on their way when a connection broke are one failure, however many they are."""
    breaker = Breaker()
    for _ in range(16):
        breaker.tried("server", Outcome(None, Fault.UNREACHED, "gone"), 0)

    assert breaker.in_a_row == 1


def spoil(breaker: Breaker, times: int) -> None:
    """Tell a breaker so often that a request came to nothing."""
    for _ in range(times):
        breaker.ended("server", in_vain=True, busy_often=False, last="429")


def test_breaker_is_for_most_of_the_last() -> None:
    """A target of whose last answers most came to nothing is left alone, and not one that manages now and then."""
    breaker = Breaker()
    for number in range(100):
        breaker.ended("server", in_vain=number % 2 == 0, busy_often=number % 2 == 0, last="429")
    spoil(breaker, 4)
    with pytest.raises(UnreachableError, match="in distress"):
        spoil(breaker, 11)


def test_dropped_connections_are_no_distress() -> None:
    """An operation that never answers, and drops each connection, has a fault that the judge tells."""
    breaker = Breaker()
    for _ in range(100):
        breaker.tried("server", Outcome(None, Fault.DROPPED, "dropped"), breaker.in_a_row)
        breaker.dropped("server", "an/operation", Outcome(None, Fault.DROPPED, "dropped"))
        breaker.ended("server", in_vain=False, busy_often=False, last="dropped")


def reading(found: Hasty, **options: object) -> Run:
    """Return a run that reads role assignments."""
    chosen = Options(Selection(operations=(LIST,)), allowed=Tier.READ, **options)  # type: ignore[arg-type]
    return run(catalogue(), found, chosen)


def in_distress(asked: Asked) -> Iterable[bytes]:
    """Answer the first ten requests, and no other."""
    return [said(200, EMPTY) if asked.number < 10 else PAGE]


def test_distress_ends_a_run_with_5() -> None:
    """A run on a target in distress ends early with 5, and what was judged is kept."""
    with hostile(in_distress) as server:
        done = reading(target(server.url))

    assert done.exit_code == 5
    assert Verdict.PASS in {each.profiles["conventions"] for each in done.results.values()}
    assert len(server.asked) < 100


@pytest.mark.parametrize("fail_on", ["partial", "nonconformant"])
@pytest.mark.parametrize("budget", [Budget(requests=10), Budget(minutes=0.001)])
def test_budget_ends_a_run(budget: Budget, fail_on: str) -> None:
    """A run whose budget is used up ends there, says so of what it left open, and is never green."""
    with hostile(lambda asked: [0.01, said(200, EMPTY)]) as server:
        done = reading(target(server.url, budget=budget, pace=Pace(rate=100)), fail_on=fail_on)
    reasons = {each.reason for each in done.results.values() if each.profiles["conventions"] is Verdict.INCONCLUSIVE}

    assert budget.requests in (0, len(server.asked))
    assert done.exit_code in (1, 4)
    assert any("budget" in each for each in reasons)


def test_wait_of_one_target_is_no_real_one() -> None:
    """A deadline of an answer is real time, so that a test of it is short."""
    with hostile(lambda asked: [0.2, said(200, EMPTY)]) as server:
        exchanges = sent(target(server.url, limits=Limits(connect=0.01, answer=0.05)), valid(LIST))

    assert all(each.environmental for each in exchanges)


def test_what_is_on_its_way_is_recorded() -> None:
    """Whatever ends a run, each request that went out has its exchange."""
    with hostile(lambda asked: [0.005, said(200, EMPTY)]) as server:
        done = reading(target(server.url, budget=Budget(requests=12), pace=Pace(concurrency=16)))

    assert 12 == len(server.asked) == len(done.execution.trace.exchanges)
