"""Workers go to whoever is the most urgent, and none is lost."""

from __future__ import annotations

import asyncio

import pytest

from asdocumented.executing.workers import Workers, lengths
from tests.executing.test_lanes import scenario
from tests.judge.traces import CREATE


async def _take(workers: Workers, urgency: int, name: str, order: list[str]) -> None:
    await workers.acquire(urgency)
    order.append(name)
    workers.release()


def test_the_most_urgent_is_first_and_then_who_waited_longest() -> None:
    """A worker that comes back goes to the lane with the longest way to go, whoever asked first."""

    async def served() -> list[str]:
        workers, order = Workers(1), list[str]()
        await workers.acquire()
        async with asyncio.TaskGroup() as group:
            for urgency, name in ((1, "short"), (9, "long"), (5, "middle"), (9, "long, later")):
                group.create_task(_take(workers, urgency, name, order))
            await asyncio.sleep(0)
            workers.release()
        return order

    assert asyncio.run(served()) == ["long", "long, later", "middle", "short"]


@pytest.mark.parametrize("granted", [False, True])
def test_who_is_broken_off_takes_no_worker(*, granted: bool) -> None:
    """Whether it was its turn already or not, the worker is there for the next."""

    async def served() -> list[str]:
        workers, order = Workers(1), list[str]()
        await workers.acquire()
        broken = asyncio.create_task(workers.acquire(9))
        await asyncio.sleep(0)
        if granted:
            workers.release()
        broken.cancel()
        await asyncio.gather(broken, return_exceptions=True)
        if not granted:
            workers.release()
        async with asyncio.timeout(5):
            await _take(workers, 0, "next", order)
        return order

    assert asyncio.run(served()) == ["next"]


def test_lengths_count_what_waits_for_each_other() -> None:
    """Those that only read count together, one that changes something or has a state arranged waits for those before it."""
    reads = [scenario(f"read {steps}", steps=steps) for steps in (2, 3, 1)]
    change = scenario("change", CREATE, steps=4)
    in_state = [scenario(name, state="idle") for name in ("in a state", "in the same")]

    assert change.changes
    assert lengths([*reads, change, *in_state, *reads]) == [10, 10, 8, 7, 3, 3, 3, 3, 1]
    assert lengths([]) == []
