"""A run that ends before its time keeps nobody waiting, and what it owes is sent within a short time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from asdocumented.contracts.model import Tier
from asdocumented.exchanges import Sender
from asdocumented.running import Options, run
from asdocumented.secrets import Redactor
from asdocumented.selection import Selection
from asdocumented.targets.description import ApiDescription, Budget, Description, Pace
from asdocumented.targets.remote import RemoteTarget
from asdocumented.traces import Exchange
from asdocumented.transport.budget import BudgetError
from asdocumented.transport.conduct import Conduct
from tests.judge.traces import ACCESS, LIST, catalogue

from .hostile import EMPTY, Hasty, hostile, said, target, valid
from .test_pacing import Clock

_LONG = 250.0  # seconds, which a server asks for
_BUSY = said(429, {}, retry_after=f"{_LONG:g}")
_SHORTLY = 30.0
_EMPTY = said(200, EMPTY)


def timed(work: Coroutine[Any, Any, None]) -> float:
    """Return how long work takes by the clock on the wall."""
    begun = time.monotonic()
    asyncio.run(work)
    return time.monotonic() - begun


class Patient(RemoteTarget):
    """A target that really waits."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(catalogue(), Description("patient", {ACCESS: ApiDescription(url)}, **options))

    async def credential(self, api: str, identity: str, security: str) -> tuple[str, str] | None:
        """Return a credential: everybody has one."""
        return "authorization", f"Bearer token-of-{identity}"


@pytest.mark.parametrize("budget", [Budget(requests=2), Budget(minutes=0.01)], ids=["requests", "minutes"])
def test_used_up_budget_ends_waiting(budget: Budget) -> None:
    """Who was told to wait minutes waits no longer than the budget of the run lasts."""
    with hostile(lambda asked: [_BUSY]) as server:
        found = Patient(server.url, budget=budget, pace=Pace(concurrency=4))

        async def work() -> None:
            async with found.client() as client:
                sender = Sender(found, catalogue().apis, Redactor(), client)
                calls = (sender.send(valid(LIST), note=lambda exchange: None) for _ in range(3))
                ended = await asyncio.gather(*calls, return_exceptions=True)
                assert all(isinstance(each, BudgetError) for each in ended), ended

        assert timed(work()) < 30
        assert len(server.asked) <= 3


def test_wait_of_a_run_in_time_is_whole() -> None:
    """As long as nothing ends a run it waits as it was asked to."""
    first = iter([_BUSY])
    with hostile(lambda asked: [next(first, _EMPTY) if asked.line.startswith("GET") else _EMPTY]) as server:
        found = target(server.url)
        run(catalogue(), found, Options(Selection(operations=(LIST,)), allowed=Tier.READ))

    assert max(found.waits) > _LONG - 1


@pytest.mark.parametrize("hurried", [False, True])
def test_what_is_owed_waits_shortly(*, hurried: bool) -> None:
    """What takes changes back waits for a busy server; after a run that was ended before its time only shortly."""
    with hostile(lambda asked: [_BUSY if asked.number < 2 else said(200, EMPTY)]) as server:
        found = target(server.url)
        statuses: list[int] = []

        async def work() -> None:
            async with found.client() as client:
                first = Sender(found, catalogue().apis, Redactor(), client)
                if hurried:
                    first.end()
                first.take_back()
                for sender in (first, first.afresh()):
                    exchange: Exchange = await sender.send(valid(LIST), note=lambda exchange: None)
                    statuses.append(exchange.response.status if exchange.response else 0)

        asyncio.run(work())

    assert ([429, 429] if hurried else [200, 200]) == statuses
    assert (sum(found.waits) <= _SHORTLY) is hurried


def test_short_waits_add_up() -> None:
    """A server that is busy again and again is waited for a short time in all."""
    with hostile(lambda asked: [said(429, {}, retry_after="8")]) as server:
        found = target(server.url)

        async def work() -> None:
            async with found.client() as client:
                sender = Sender(found, catalogue().apis, Redactor(), client)
                sender.end()
                sender.take_back()
                for _ in range(5):
                    await sender.send(valid(LIST), note=lambda exchange: None)

        asyncio.run(work())

    assert 9 <= sum(found.waits) <= _SHORTLY


def test_end_frees_who_is_held() -> None:
    """What a server asked for before a run was ended holds nothing up that is owed."""

    async def work() -> float:
        clock = Clock()
        conduct = Conduct(Hasty(Description("x", {})).manners, clock)
        conduct._pacer.hold(ACCESS, _LONG)
        waiting = asyncio.ensure_future(_turn(conduct))
        await asyncio.sleep(0)
        conduct.end()
        await asyncio.wait_for(waiting, 5)
        conduct.take_back()
        await asyncio.wait_for(_turn(conduct), 5)
        return clock.time

    assert 1000.0 == asyncio.run(work())


async def _turn(conduct: Conduct) -> None:
    async with conduct.turn(ACCESS):
        pass
