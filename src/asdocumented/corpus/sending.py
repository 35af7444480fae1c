"""Send fresh cases on the ground of a run, and judge what came of them after what the run did before."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from asdocumented.changes.opening import guarded
from asdocumented.contracts.model import Api
from asdocumented.corpus.cases import Case
from asdocumented.corpus.counting import Count, Replayed
from asdocumented.corpus.machines import Walk
from asdocumented.corpus.replaying import Replay
from asdocumented.corpus.store import Corpora
from asdocumented.executing import Event, Execution, Executor
from asdocumented.planning.building import build
from asdocumented.plans import Plan, Scenario
from asdocumented.reads.marks import Mark
from asdocumented.running import Run, aim_of, judge_trace
from asdocumented.traces import Exchange, Trace
from asdocumented.transport.budget import BudgetError
from asdocumented.verdicts import Verdict

RUNS = 1_000_003
"""Seeds of one exploration do not meet those of the next."""
_LONG = 4096  # octets


@dataclass(slots=True)
class Sent:
    """A batch that was sent: its events, numbered after those of the run, and which case each is of.

    `count` is how many exchanges there were; `ended` says why the run's budget ended on the way.
    """

    events: list[Event] = field(default_factory=list)
    replayed: list[Replayed] = field(default_factory=list)
    count: int = 0
    ended: str = ""

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Return the exchanges, without those after which the same request was sent again."""
        return tuple(each for each in self.events if isinstance(each, Exchange) and not each.again)

    def numbered(self, numbers: Collection[int]) -> tuple[Exchange, ...]:
        """Return the exchanges with these numbers."""
        return tuple(each for each in self.exchanges if each.id in numbers)


def send(run: Run, api: Api, cases: tuple[Case | Walk, ...], turn: int) -> Sent:
    """Send cases, each from the state that it needs, and take back what can be taken back.

    `turn` is the number of the batch, which turns what bodies are drawn from. Where the budget of the run ends on the way
    nothing is made of the cases: what is cut off shows less than it would.
    """
    replay = Replay(_corpora(cases), run.asked)
    plan = _plan(run, api, replay, turn)
    execution = Execution(replace(run.execution.facts, absent=run.execution.facts.absent | plan.absent))
    count = Count(replay.cases, execution, lambda scenario: None)
    ended = _execute(run, plan, execution, count)
    exchanges = len(execution.trace.exchanges)
    if ended:
        return Sent(count=exchanges, ended=ended)
    offset = max((each.id for each in run.execution.trace.exchanges), default=0)
    events = [_moved(each, offset) for each in execution.events]
    return Sent(events, [_counted(each, offset) for each in count.replayed], exchanges)


def _plan(run: Run, api: Api, replay: Replay, turn: int) -> Plan:
    aim = aim_of(run.target, run.options)
    pools = {**aim.pools, api.name: _turned(api, aim.pools.get(api.name, {}), turn)}
    aim = replace(aim, pools=pools, seed=run.options.seed * RUNS + turn)
    return build(run.catalogue, {}, aim, lambda context: map(_taken_back, replay.scenarios(context)))


def _execute(run: Run, plan: Plan, execution: Execution, count: Count) -> str:
    """Send a plan as the run sent its own, and return why its budget ended on the way, if it did."""
    ended = ""
    redactor, reach = run.redactor, run.options.reach(run.target)
    made = plan.absent | run.target.made_up
    with guarded(run.target, run.catalogue.apis, made, redactor, reach, lambda said: None) as guard:
        executor = Executor(run.target, run.catalogue.apis, redactor, lambda event: None, count.advanced, guard)
        executor.conduct = run.conduct
        try:
            asyncio.run(executor.run(plan, execution))
        except BudgetError as error:
            ended = error.message
        run.conduct = executor.conduct
    run.left = (*run.left, *guard.left)
    return ended


def trace_after(run: Run, api: Api, sent: Sent) -> Trace:
    """Return what was sent after what the run did before, but for long answers to reading, which show nothing more."""
    before = [event for event in run.execution.events if event.api == api.name and not _is_long(event)]
    return Trace((*before, *sent.events), run.execution.facts)


def failing(run: Run, api: Api, sent: Sent) -> dict[str, Mark]:
    """Return the finding of each requirement that fails by what was sent, in the profile of the run."""
    new = {event.id for event in sent.events if isinstance(event, Exchange)}
    own = {key: each for key, each in run.requirements.items() if each.api == api.name}
    declared = [gap for gap in run.execution.gaps if gap.declared]
    _, results = judge_trace(run.catalogue, own, trace_after(run, api, sent), declared)
    found = {}
    for key, result in results.items():
        marks = [mark for mark in result.findings if new & set(mark.exchanges)]
        if marks and result.profiles.get(run.options.profile) is Verdict.FAIL:
            found[key] = marks[0]
    return found


def _is_long(event: Event) -> bool:
    if not isinstance(event, Exchange) or event.request.method != "GET":
        return False
    return event.response is not None and len(event.response.body) > _LONG


def _turned(api: Api, pools: Mapping[str, tuple[str, ...]], turns: int) -> dict[str, tuple[str, ...]]:
    """Return the pools that bodies are drawn from turned round, so that each batch begins with other combinations."""
    drawn = {pool for each in api.operations.values() if each.body for pool in each.body.draws.values()}
    return {
        name: (*ids[turns % len(ids) :], *ids[: turns % len(ids)]) if name in drawn and ids else ids
        for name, ids in pools.items()
    }


def _taken_back(scenario: Scenario) -> Scenario:
    return replace(scenario, steps=(*scenario.steps, *scenario.undo), undo=())


def _corpora(stored: tuple[Case | Walk, ...]) -> Corpora:
    cases: dict[str, tuple[Case, ...]] = {}
    walks: dict[str, tuple[Walk, ...]] = {}
    for each in stored:
        if isinstance(each, Walk):
            walks[each.operation] = (*walks.get(each.operation, ()), each)
        else:
            cases[each.operation] = (*cases.get(each.operation, ()), each)
    return Corpora(cases, walks=walks)


def _moved(event: Event, offset: int) -> Event:
    return replace(event, id=event.id + offset) if isinstance(event, Exchange) else event


def _counted(replayed: Replayed, offset: int) -> Replayed:
    numbers = tuple(each + offset for each in replayed.exchanges)
    return replace(replayed, exchanges=numbers, own=replayed.own + offset if replayed.own else 0)
