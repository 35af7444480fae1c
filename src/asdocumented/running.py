"""Run the main job: plan, execute, judge, give verdicts. Both views on it, `asdoc run` and pytest, call this."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TypeAlias

from asdocumented.changes.opening import guarded
from asdocumented.contracts.model import Catalogue, Tier
from asdocumented.corpus.counting import Count, Replayed, left_out
from asdocumented.corpus.replaying import Replay
from asdocumented.corpus.store import Corpora
from asdocumented.errors import UnreachableError
from asdocumented.exchanges import Note, Sender
from asdocumented.excuses import Excuses, assess
from asdocumented.executing import Beside, Event, Execution, Executor
from asdocumented.garbage import set_aside, uncollected
from asdocumented.judge import Judgement, judge
from asdocumented.known import Terms
from asdocumented.planning.building import Aim, build
from asdocumented.planning.context import new_salt
from asdocumented.plans import Gap, Plan, Scenario
from asdocumented.preflight.checks import gaps_of, sifted
from asdocumented.preflight.looking import Preflight
from asdocumented.requirement import Requirement
from asdocumented.requirements import derive
from asdocumented.secrets import Redactor
from asdocumented.selection import Selection, select_operations, select_requirements
from asdocumented.targets.model import Target
from asdocumented.targets.remote import RemoteTarget
from asdocumented.traces import Facts, Trace
from asdocumented.transport.budget import BudgetError
from asdocumented.transport.conduct import Conduct
from asdocumented.verdicts import Result, ended_early, exit_code, give


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: what to look at, through which lens, how far requests may reach, what is drawn from, stored cases.

    Without `allowed` a run on the emulator may do everything, and one on any other target may only read. With `preflight` a
    target that is not the emulator is looked at first, and nothing is sent that rests on what is missing. `salt` is what the new
    ids of the run are made from beside the seed, on a target that is not reset: the same two give the same plan again.
    """

    selection: Selection = field(default_factory=Selection)
    profile: str = "documented"
    allowed: Tier | None = None
    seed: int = 0
    fail_on: str = "partial"
    corpora: Corpora = field(default_factory=Corpora)
    known: Terms | None = None  # the known deviations, where there are any to go by
    preflight: bool = False
    salt: str = field(default_factory=new_salt)

    def reach(self, target: Target) -> Tier:
        """Return the highest tier of the requests that may be sent: what the user asked for, as far as the target's file goes."""
        return min(self.asked(target), target.allow, key=lambda tier: tier.rank)

    def asked(self, target: Target) -> Tier:
        """Return the tier that the user asked for, whatever the target's file allows."""
        return self.allowed or (Tier.DISRUPTIVE if target.is_emulator else Tier.READ)

    def salt_on(self, target: Target) -> str:
        """Return what makes new ids the run's own on a target: nothing where it is reset, so that runs are alike."""
        return "" if target.is_emulator else self.salt


@dataclass(slots=True)
class Run:
    """One run and everything that came of it."""

    catalogue: Catalogue
    target: Target
    options: Options
    requirements: Mapping[str, Requirement]
    plan: Plan
    execution: Execution
    judgement: Judgement
    results: Mapping[str, Result]
    seconds: float
    distress: UnreachableError | None = None
    replayed: tuple[Replayed, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)  # id of a stored case -> why it was not sent
    redactor: Redactor = field(default_factory=Redactor)
    left: tuple[str, ...] = ()  # what could not be put back as it was before the run
    conduct: Conduct | None = None  # how it behaved towards the target, for whoever goes on there

    @property
    def asked(self) -> frozenset[str]:
        """Return the ids of the operations that the run looked at."""
        return frozenset(f"{each.api}/{each.operation}" for each in self.requirements.values())

    @property
    def stale(self) -> list[str]:
        """Return the operations whose stored cases were not replayed, since their contract has changed."""
        return [operation for operation in self.options.corpora.stale if operation in self.asked]

    @property
    def without_corpus(self) -> tuple[str, ...]:
        """Return the operations without stored cases; none where no operation has any, since nothing is amiss then."""
        corpora = self.options.corpora
        return corpora.lacking_in(sorted(self.asked)) if corpora.cases else ()

    @property
    def exit_code(self) -> int:
        """Return how `asdoc run` ends: 5 for a target in distress, else by the verdicts.

        Never 0 if the run ended early or left something behind.
        """
        if self.distress is not None:
            return self.distress.exit_code
        excuses = self.excuses
        code = exit_code(
            self.results.values(),
            self.options.profile,
            fail_on=self.options.fail_on,
            accepted=excuses.accepted,
            stale=bool(excuses.stale),
        )
        left = self.left or self.execution.leftovers
        return ended_early(code) if self.execution.interrupted or left else code

    @property
    def excuses(self) -> Excuses:
        """Return what the known deviations come to."""
        return assess(
            self.catalogue,
            self.results,
            self.options.profile,
            self.options.known,
            self.execution.gaps,
            interrupted=bool(self.execution.interrupted),
        )


@dataclass(slots=True)
class Watcher:
    """What is told while a run goes on: the plan before it starts, each event, each finished scenario, and what goes wrong."""

    started: Callable[[Plan, Facts], None] = field(default=lambda plan, facts: None)
    recorded: Callable[[Event | Beside], None] = field(default=lambda event: None)
    advanced: Callable[[Scenario], None] = field(default=lambda scenario: None)
    said: Callable[[str], None] = field(default=lambda sentence: None)


Planned: TypeAlias = tuple[Mapping[str, Requirement], Plan, Replay]
"""The requirements that a run looks at, the plan for them, and the stored cases in it."""


def make_plan(catalogue: Catalogue, target: Target, options: Options) -> tuple[Mapping[str, Requirement], Plan]:
    """Return the requirements that are looked at, and the plan for them; sends nothing.

    Raises UsageError when the selection names what does not exist.
    """
    requirements, plan, _ = prepare_run(catalogue, target, options)
    return requirements, plan


def prepare_run(catalogue: Catalogue, target: Target, options: Options) -> Planned:
    """Return what is known of a run before its first request. Raises UsageError as `make_plan` does."""
    with uncollected():
        return _prepared(catalogue, target, options)


def _prepared(catalogue: Catalogue, target: Target, options: Options) -> tuple[dict[str, Requirement], Plan, Replay]:
    operations = select_operations(catalogue, options.selection) & target.operations
    everything = derive(catalogue, strict_fields=options.selection.strict_fields)
    requirements = select_requirements(everything, options.selection, operations)
    declared = declared_gaps(target, requirements)
    beyond = {each for gap in declared for each in gap.serves}
    supported = {key: each for key, each in requirements.items() if key not in beyond}
    replay = Replay(options.corpora, {f"{each.api}/{each.operation}" for each in supported.values()})
    plan = build(catalogue, supported, aim_of(target, options), replay.scenarios)
    return requirements, replace(plan, gaps=(*declared, *plan.gaps)), replay


def declared_gaps(target: Target, requirements: Iterable[str]) -> list[Gap]:
    """Return, for each glob of what a target declares unsupported, the requirements (ids) that it matches."""
    known = list(requirements)
    return [
        Gap(
            tuple(each for each in known if fnmatchcase(each, glob)),
            f"declared unsupported: {reason}",
            skipped=True,
            declared=True,
        )
        for glob, reason in target.unsupported.items()
    ]


def aim_of(target: Target, options: Options) -> Aim:
    """Return what a plan for a target is to reach."""
    pools = {api: dict(target.pools[api]) for api in target.pools}
    return Aim(
        pools,
        target.operations,
        options.reach(target),
        keeps_changes=not target.is_emulator,
        intrusive=target.takes_intrusive,
        seed=options.seed,
        states=target.states,
        expendable=target.expendable,
        rights=target.rights,
        limits=_limits(target, options),
        arranging=target.arranging,
        salt=options.salt_on(target),
    )


def _limits(target: Target, options: Options) -> tuple[str, ...]:
    """Return what keeps a run from the tiers beyond its reach: what was typed, the target's file, or both."""
    reach, said = options.reach(target), []
    if options.asked(target) is reach:
        said.append(f"--allow says '{reach}'" if options.allowed else f"--allow is not given, which means '{reach}'")
    if target.allow is reach:
        elsewhere = f"no targets file allows more than '{reach}' of a URL elsewhere: describe the server in one"
        said.append(elsewhere if "://" in target.name else f"the target's file allows '{reach}'")
    return tuple(said)


def run(
    catalogue: Catalogue,
    target: Target,
    options: Options,
    watcher: Watcher | None = None,
    redactor: Redactor | None = None,
    planned: Planned | None = None,
) -> Run:
    """Judge a target. A target that stops answering ends the run early; what was recorded until then is judged.

    `redactor` learns every secret of the run, for whoever looks for them afterwards; `planned` is what `prepare_run` returned for
    a target that is no other before its first request, which saves planning the same again.

    Raises UsageError when the selection names what does not exist, and UnreachableError when a preflight reaches no server.
    """
    watcher = watcher or Watcher()
    begun = time.perf_counter()
    if planned is None:
        planned = prepare_run(catalogue, target, options)
    requirements, plan, replay = planned
    redactor = Redactor() if redactor is None else redactor
    for value, marker in target.secrets().items():  # before anything can go wrong with one of them
        redactor.add(value, marker)
    preflight = _connected(catalogue, target, requirements, options) if options.preflight else None
    facts = Facts({api: dict(pools) for api, pools in target.pools.items()}, plan.absent)
    execution = Execution(facts, gaps=list(plan.gaps))
    count = Count(replay.cases, execution, watcher.advanced)
    prepare = _prepare(preflight, requirements, plan, execution, watcher) if preflight is not None else None
    made = plan.absent | target.made_up
    guarding = guarded(target, catalogue.apis, made, redactor, options.reach(target), watcher.said)
    with set_aside(), guarding as guard:
        watcher.started(plan, facts)
        executor = Executor(target, catalogue.apis, redactor, watcher.recorded, count.advanced, guard, prepare)
        distress = _execute(executor, plan, execution, watcher)
    if execution.interrupted:
        execution.gaps.append(Gap(tuple(requirements), f"the run ended early: {execution.interrupted}"))
    judgement, results = judge_trace(catalogue, requirements, execution.trace, execution.gaps)
    seconds = time.perf_counter() - begun
    return Run(
        catalogue,
        target,
        options,
        requirements,
        plan,
        execution,
        judgement,
        results,
        seconds,
        distress,
        tuple(count.replayed),
        left_out(replay, count, options.reach(target)),
        redactor,
        tuple(guard.left),
        executor.conduct,
    )


def _execute(executor: Executor, plan: Plan, execution: Execution, watcher: Watcher) -> UnreachableError | None:
    """Send a plan until it is done, the budget is spent or the target stops answering; return the last if it happens."""
    try:
        asyncio.run(executor.run(plan, execution))
    except UnreachableError as error:
        execution.interrupted = str(error)
        return error
    except BudgetError as error:
        execution.interrupted = str(error)
    except BaseException:  # the run returns nothing that could tell of them
        for sentence in execution.leftovers:
            watcher.said(sentence)
        raise
    return None


def _connected(
    catalogue: Catalogue, target: Target, requirements: Mapping[str, Requirement], options: Options
) -> Preflight | None:
    """Look at the connections of a target that has some."""
    if not isinstance(target, RemoteTarget) or not requirements:
        return None
    asked = frozenset(f"{each.api}/{each.operation}" for each in requirements.values())
    preflight = Preflight(catalogue, target, asked, reach=options.reach(target))
    asyncio.run(preflight.connect())
    return preflight


def _prepare(
    preflight: Preflight,
    requirements: Mapping[str, Requirement],
    plan: Plan,
    execution: Execution,
    watcher: Watcher,
) -> Callable[[Sender, Note], Awaitable[Plan]]:
    """Return what asks the target the rest, tells what is amiss, and leaves out of the plan what rests on it."""

    async def prepare(sender: Sender, note: Note) -> Plan:
        await preflight.ask(sender, note)
        for sentence in preflight.told():
            watcher.said(sentence)
        kept, gaps = sifted(plan, preflight.checks)
        execution.gaps += [*gaps_of(preflight.checks, requirements), *gaps]
        return kept

    return prepare


def judge_trace(
    catalogue: Catalogue, requirements: Mapping[str, Requirement], trace: Trace, gaps: list[Gap]
) -> tuple[Judgement, dict[str, Result]]:
    """Judge a trace, fresh or recorded, and give the verdicts. Only contracts, requirements, trace and gaps matter."""
    with uncollected():
        judgement = judge(catalogue, requirements, trace)
        return judgement, give(catalogue, requirements, judgement, gaps)
