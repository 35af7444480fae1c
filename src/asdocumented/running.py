"""Run the main job: plan, execute, judge, give verdicts. Both views on it, `asdoc run` and pytest, call this."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from asdocumented.contracts.model import Catalogue, Tier
from asdocumented.errors import UnreachableError
from asdocumented.executing import Event, Execution, Executor
from asdocumented.judge import Judgement, judge
from asdocumented.planning.building import Aim, build
from asdocumented.plans import Gap, Plan, Scenario
from asdocumented.requirement import Requirement
from asdocumented.requirements import derive
from asdocumented.secrets import Redactor
from asdocumented.selection import Selection, select_operations, select_requirements
from asdocumented.targets.model import Target
from asdocumented.traces import Facts, Trace
from asdocumented.verdicts import Result, exit_code, give


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: what to look at, through which lens, how far requests may reach, and the seed of what is drawn."""

    selection: Selection = field(default_factory=Selection)
    profile: str = "documented"
    allowed: Tier = Tier.DISRUPTIVE
    seed: int = 0
    fail_on: str = "partial"


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

    @property
    def exit_code(self) -> int:
        """Return how `asdoc run` ends: 5 for a target in distress, else by the verdicts."""
        if self.distress is not None:
            return self.distress.exit_code
        return exit_code(self.results.values(), self.options.profile, fail_on=self.options.fail_on)


@dataclass(slots=True)
class Watcher:
    """What is told while a run goes on: the plan before it starts, each event, each finished scenario."""

    started: Callable[[Plan, Facts], None] = field(default=lambda plan, facts: None)
    recorded: Callable[[Event], None] = field(default=lambda event: None)
    advanced: Callable[[Scenario], None] = field(default=lambda scenario: None)


def make_plan(catalogue: Catalogue, target: Target, options: Options) -> tuple[dict[str, Requirement], Plan]:
    """Return the requirements that are looked at, and the plan for them; sends nothing.

    Raises UsageError when the selection names what does not exist.
    """
    operations = select_operations(catalogue, options.selection) & target.operations
    everything = derive(catalogue, strict_fields=options.selection.strict_fields)
    requirements = select_requirements(everything, options.selection, operations)
    pools = {api: dict(target.pools[api]) for api in target.pools}
    aim = Aim(
        pools,
        target.operations,
        options.allowed,
        keeps_changes=not target.is_emulator,
        intrusive=target.takes_intrusive,
        seed=options.seed,
        states=target.states,
    )
    return requirements, build(catalogue, requirements, aim)


def run(catalogue: Catalogue, target: Target, options: Options, watcher: Watcher | None = None) -> Run:
    """Judge a target. A target that stops answering ends the run early; what was recorded until then is judged.

    Raises UsageError when the selection names what does not exist.
    """
    watcher = watcher or Watcher()
    begun = time.perf_counter()
    requirements, plan = make_plan(catalogue, target, options)
    facts = Facts({api: dict(pools) for api, pools in target.pools.items()}, plan.absent)
    execution = Execution(facts, gaps=list(plan.gaps))
    watcher.started(plan, facts)
    distress = None
    executor = Executor(target, catalogue.apis, Redactor(), watcher.recorded, watcher.advanced)
    try:
        asyncio.run(executor.run(plan, execution))
    except UnreachableError as error:
        distress = error
        execution.interrupted = str(error)
    judgement, results = judge_trace(catalogue, requirements, execution.trace, execution.gaps)
    seconds = time.perf_counter() - begun
    return Run(catalogue, target, options, requirements, plan, execution, judgement, results, seconds, distress)


def judge_trace(
    catalogue: Catalogue, requirements: Mapping[str, Requirement], trace: Trace, gaps: list[Gap]
) -> tuple[Judgement, dict[str, Result]]:
    """Judge a trace, fresh or recorded, and give the verdicts. Only contracts, requirements, trace and gaps matter."""
    judgement = judge(catalogue, requirements, trace)
    return judgement, give(catalogue, requirements, judgement, gaps)
