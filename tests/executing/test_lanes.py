"""Scenarios side by side: what only reads shares, what may change something is alone, and the record keeps the plan's order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

import httpx
import pytest

from asdocumented.changes.fence import OutsideError
from asdocumented.contracts.model import Tier
from asdocumented.errors import UnreachableError
from asdocumented.executing import Execution, Executor
from asdocumented.plans import Plan, Retry, Scenario, Step
from asdocumented.secrets import Redactor
from asdocumented.targets.model import Send, UnavailableError, Unguarded
from asdocumented.traces import Arrangement, Exchange, Facts
from asdocumented.transport.budget import BudgetError
from tests.judge.traces import CREATE, GET, LIST, RUNTIME, STATUS, VCENTER, Conversation, catalogue
from tests.test_executing import Scripted

_TURNS = 20  # how often a request lets others go on before it is answered
Answering = Callable[[httpx.Request], Awaitable[httpx.Response]]


async def at_leisure(request: httpx.Request) -> httpx.Response:
    """Answer after everybody else had a turn."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    return httpx.Response(200)


@dataclass
class Crowd(Scripted):
    """A target that takes note of which requests are on their way at the same time, by the name of their scenario."""

    answers: Callable[[int], httpx.Response] = lambda number: httpx.Response(200)
    concurrency: int = 16
    answering: Answering = at_leisure
    inside: list[str] = field(default_factory=list)
    met: dict[str, set[str]] = field(default_factory=dict)
    most: int = 0
    known: frozenset[str] = frozenset()
    arranged: list[str] = field(default_factory=list)

    def client(self) -> httpx.AsyncClient:
        """Return a client whose requests meet here."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        name = request.headers["scenario"]
        self.inside.append(name)
        for each in self.inside:
            self.met.setdefault(each, set()).update(self.inside)
        self.most = max(self.most, len(self.inside))
        try:
            return await self.answering(request)
        finally:
            self.inside.remove(name)

    async def arrange(self, api: str, state: str, send: Send) -> Arrangement:
        """Arrange the states that are known here; nothing may be on its way then."""
        assert self.inside == []
        self.arranged.append(state)
        if state not in self.known:
            raise UnavailableError(f"{state} cannot be had")
        return Arrangement(api, state)


def scenario(
    name: str, operation: str = LIST, *, steps: int = 1, state: str = "", tier: Tier | None = None
) -> Scenario:
    """Return a scenario whose requests say which one they belong to."""
    call = Conversation().call(operation).also(headers=(("scenario", name),))
    step = Step(call, "a request", tier or call.operation.tier)
    return Scenario(name, call.operation.api, (step,) * steps, state)


def perform(target: Scripted, *scenarios: Scenario, execution: Execution | None = None) -> Execution:
    """Return what comes of scenarios on a target."""
    execution = execution or Execution(Facts())
    executor = Executor(target, catalogue().apis, Redactor(), lambda event: None, lambda done: None)
    asyncio.run(executor.run(Plan(scenarios, ()), execution))
    return execution


def names(execution: Execution) -> list[str]:
    """Return, for each event, the scenario that it came of, or the state that was arranged."""
    return [
        event.request.header("scenario") or "" if isinstance(event, Exchange) else event.state
        for event in execution.events
    ]


def test_reads_share_and_changes_do_not() -> None:
    """Reads run side by side; a change meets nobody, and none that comes after it starts before it is over."""
    target = Crowd()
    execution = perform(
        target, scenario("a"), scenario("b"), scenario("write", CREATE), scenario("c"), scenario("d", GET)
    )

    assert {"a", "b"} == target.met["a"]
    assert {"write"} == target.met["write"]
    assert {"c", "d"} == target.met["c"]
    assert ["a", "b", "write", "c", "d"] == names(execution)


def test_change_to_nothing_shares() -> None:
    """A write to what does not exist changes nothing, so that it may run beside reads."""
    target = Crowd()
    perform(target, scenario("read"), scenario("probe", CREATE, tier=Tier.PROBE))

    assert {"read", "probe"} == target.met["probe"]


def test_apis_run_side_by_side() -> None:
    """What changes one API disturbs nothing in another."""
    target = Crowd()
    perform(target, scenario("write", CREATE), scenario("other", RUNTIME, tier=Tier.WRITE))

    assert {"write", "other"} == target.met["write"]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_no_more_than_allowed(workers: int) -> None:
    """There are never more requests on their way than the target takes at a time, and there are as many."""
    target = Crowd(concurrency=workers)
    perform(target, *(scenario(f"{place}", each) for place in range(8) for each in (LIST, RUNTIME, STATUS)))

    assert workers == target.most


def test_record_keeps_the_order_of_the_plan() -> None:
    """A scenario that is over early is written down after those before it, as a whole, and numbers follow that order."""

    async def latest_first(request: httpx.Request) -> httpx.Response:
        for _ in range(_TURNS * (9 - int(request.headers["scenario"]))):
            await asyncio.sleep(0)
        return httpx.Response(200)

    execution = perform(Crowd(answering=latest_first), *(scenario(f"{place}", steps=2) for place in range(8)))

    assert [f"{place}" for place in range(8) for _ in range(2)] == names(execution)
    assert list(range(1, 17)) == [event.id for event in execution.trace.exchanges]


def test_state_is_arranged_alone() -> None:
    """Who needs a state waits until nobody is there; who reads in it shares it, and who may end it does not."""
    target = Crowd(known=frozenset({"calm"}))
    execution = perform(
        target,
        scenario("before"),
        scenario("one", state="calm"),
        scenario("two", state="calm"),
        scenario("write", CREATE, state="calm"),
        scenario("after", state="calm"),
    )

    assert {"one", "two"} == target.met["one"]
    assert {"write"} == target.met["write"]
    assert ["before", "calm", "one", "two", "write", "calm", "after"] == names(execution)


def test_state_that_cannot_be_had_keeps_nobody() -> None:
    """A state that a target cannot be brought into is asked for once; what reads without it runs side by side."""
    target = Crowd()
    perform(target, *(scenario(f"{place}", state="calm") for place in range(3)))

    assert ["calm"] == target.arranged
    assert {"1", "2"} <= target.met["1"]


@pytest.mark.parametrize("concurrency", [1, 16])
def test_arranging_is_recorded(concurrency: int) -> None:
    """What arranging sends is recorded before the state, alone in its lane; what takes it back comes after all else."""

    @dataclass
    class Arranging(Crowd):
        async def arrange(self, api: str, state: str, send: Send) -> Arrangement:
            await send(scenario(f"to {state}", CREATE).steps[0])
            return Arrangement(api, state)

        async def clean_up(self, api: str, send: Send) -> Sequence[str]:
            await send(scenario("back", CREATE).steps[0])
            return [f"{api} is as it was not"]

    target = Arranging(concurrency=concurrency)
    execution = perform(target, scenario("a"), scenario("b", state="calm"), scenario("c", state="calm"))

    assert ["a", "to calm", "calm", "b", "c", "back"] == names(execution)
    assert {"to calm"} == target.met["to calm"]
    assert [1, 2, 3, 4, 5] == [event.id for event in execution.trace.exchanges]
    assert ["azure-synapse-access-control is as it was not"] == execution.leftovers


@dataclass
class Failing(Crowd):
    """A target that can be brought into a state, and takes note of what is taken back."""

    known: frozenset[str] = frozenset({"calm"})
    backs: list[str] = field(default_factory=list)

    async def clean_up(self, api: str, send: Send) -> Sequence[str]:
        """Take note."""
        self.backs.append(api)
        return []


@pytest.mark.parametrize("failure", [UnreachableError("gone", "gone"), RuntimeError()], ids=["distress", "ours"])
@pytest.mark.parametrize("concurrency", [1, 16])
def test_arranged_is_taken_back_after_failure(failure: Exception, concurrency: int) -> None:
    """What was arranged is taken back when a run breaks off, too."""

    async def fail(request: httpx.Request) -> httpx.Response:
        raise failure

    target = Failing(answering=fail, concurrency=concurrency)
    with pytest.raises(type(failure)):
        perform(target, scenario("a", state="calm"))

    assert ["azure-synapse-access-control"] == target.backs


@pytest.mark.parametrize("concurrency", [1, 16])
def test_changes_are_undone_though_a_state_stays(concurrency: int) -> None:
    """What the guard undoes is undone, and every lane cleaned up, even where taking back the state of one lane fails."""
    told: list[str] = []

    class Telling(Unguarded):
        async def finish(self) -> None:
            told.append("undone")

    @dataclass
    class Stuck(Failing):
        async def clean_up(self, api: str, send: Send) -> Sequence[str]:
            told.append(api)
            raise BudgetError("The budget of 3 requests is used up.")

    target = Stuck(concurrency=concurrency)
    plan = Plan((scenario("a"), scenario("b", STATUS)), ())
    executor = Executor(
        target, catalogue().apis, Redactor(), lambda event: None, lambda scenario: None, guard=Telling()
    )
    with pytest.raises(BudgetError):
        asyncio.run(executor.run(plan, Execution(Facts())))

    assert [each.api for each in plan.scenarios] + ["undone"] == told


@pytest.mark.parametrize("concurrency", [1, 16])
def test_arranged_is_taken_back_after_interruption(concurrency: int) -> None:
    """What was arranged is taken back when somebody interrupts a run, which cancels it."""

    async def interrupt(request: httpx.Request) -> httpx.Response:
        running.cancel()
        await asyncio.Event().wait()
        return httpx.Response(200)

    async def run() -> None:
        nonlocal running
        plan = Plan((scenario("a", state="calm"),), ())
        executor = Executor(target, catalogue().apis, Redactor(), lambda event: None, lambda done: None)
        running = asyncio.ensure_future(executor.run(plan, Execution(Facts())))
        with pytest.raises(asyncio.CancelledError):
            await running

    running: asyncio.Future[None]
    target = Failing(answering=interrupt, concurrency=concurrency)
    asyncio.run(run())

    assert ["azure-synapse-access-control"] == target.backs


def test_who_waits_lets_others_work() -> None:
    """A scenario that waits for the target's clock holds no worker meanwhile."""
    passed = asyncio.Event()

    @dataclass
    class Waiting(Crowd):
        async def wait(self, seconds: float) -> None:
            await asyncio.wait_for(passed.wait(), timeout=10)

    async def throttled(request: httpx.Request) -> httpx.Response:
        if request.headers["scenario"] == "last":
            passed.set()
        late = request.headers["scenario"].startswith("late") and not passed.is_set()
        return httpx.Response(429, headers={"retry-after": "1"}) if late else await at_leisure(request)

    late = scenario("late")
    late = Scenario(
        "late", late.api, (Step(late.steps[0].call, "a look", Tier.READ, follow=Retry(429, "retry-after")),)
    )
    also = Scenario("late too", late.api, late.steps)
    target = Waiting(concurrency=2, answering=throttled)
    execution = perform(target, late, also, scenario("last"))

    assert ["late"] * 4 + ["last"] == names(execution)


@pytest.mark.parametrize("workers", [1, 4])
def test_interruption_keeps_what_was_seen(workers: int) -> None:
    """What was answered before a run was broken off is in its record, in the order of the plan."""
    execution = Execution(Facts())

    async def until_the_ninth(request: httpx.Request) -> httpx.Response:
        if len(target.met) >= 9:
            running.cancel()
        return await at_leisure(request)

    async def broken_off() -> None:
        executor = Executor(target, catalogue().apis, Redactor(), lambda event: None, lambda done: None)
        nonlocal running
        running = asyncio.current_task()  # type: ignore[assignment]
        await executor.run(Plan(tuple(scenario(f"{place:02}") for place in range(30)), ()), execution)

    running: asyncio.Task[None]
    target = Crowd(concurrency=workers, answering=until_the_ninth)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(broken_off())

    kept = names(execution)
    assert sorted(kept) == kept
    assert 9 - workers <= len(kept) <= 8


def test_who_logs_out_is_alone() -> None:
    """The scenario that ends a session may disturb all others, whatever its tier."""
    operation = next(each for each in catalogue().apis[VCENTER].operations.values() if each.ends_session)
    call = Conversation().call(f"{VCENTER}/{operation.name}")

    assert Step(call, "a logout", Tier.PROBE).changes


@pytest.mark.parametrize("concurrency", [1, 16])
def test_state_outside_the_fence_leaves_its_scenario_open(concurrency: int) -> None:
    """A request that would arrange a state against the target's file is not sent; its scenario is open with the reason."""

    class Fenced(Unguarded):
        async def before(self, step: Step) -> None:
            if step.purpose == "arranging":
                raise OutsideError("it needs a line of the targets file")

    @dataclass
    class Arranging(Crowd):
        async def arrange(self, api: str, state: str, send: Send) -> Arrangement:
            await send(Step(Conversation().call(CREATE), "arranging", Tier.WRITE))
            return Arrangement(api, state)

    execution = Execution(Facts())
    plan = Plan((replace(scenario("a", state="calm"), must_arrange=True, serves=("some",)), scenario("b")), ())
    target = Arranging(concurrency=concurrency)
    executor = Executor(target, catalogue().apis, Redactor(), lambda event: None, lambda done: None, Fenced())
    asyncio.run(executor.run(plan, execution))

    assert ["b"] == names(execution)
    assert [(("some",), "it needs a line of the targets file")] == [(gap.serves, gap.reason) for gap in execution.gaps]
