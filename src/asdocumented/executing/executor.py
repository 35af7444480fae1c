"""Execute a plan: one lane for each API, side by side, with as many workers as the target takes requests at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from asdocumented.contracts.model import Api
from asdocumented.errors import AsdocError
from asdocumented.exchanges import Sender
from asdocumented.executing.lanes import Lane
from asdocumented.executing.performing import Stage
from asdocumented.executing.recording import Event, Execution, Recorder
from asdocumented.plans import Plan, Scenario
from asdocumented.secrets import Redactor
from asdocumented.targets.model import Guard, Target, Unguarded


@dataclass(slots=True)
class Executor:
    """Runs the scenarios of a plan.

    `record` is called with each event in the order of the plan within each API, `progress` with each scenario right after its
    last event. With one worker `record` is called before the next request goes out, with more of them when a scenario is over.
    `guard` is asked before each request, and undoes what the run changed however it ends.
    """

    target: Target
    apis: Mapping[str, Api]
    redactor: Redactor
    record: Callable[[Event], None]
    progress: Callable[[Scenario], None]
    guard: Guard = field(default_factory=Unguarded)

    async def run(self, plan: Plan, execution: Execution) -> None:
        """Execute every scenario of a plan into `execution`.

        Raises UnreachableError when the target stops answering; what was recorded until then stays in `execution`.
        """
        for value, marker in {**self.target.secrets(), **plan.secrets}.items():
            self.redactor.add(value, marker)
        async with self.target.client() as client:
            sender = Sender(self.target, self.apis, self.redactor, client)
            self.guard.begin(sender)
            recorder = Recorder(execution, self.record, self.progress)
            workers = asyncio.Semaphore(self.target.concurrency)
            ends: list[AsdocError] = []
            lanes = {
                each.api: Lane(Stage(self.target, sender, recorder, workers, self.guard, ends))
                for each in plan.scenarios
            }
            try:
                if self.target.concurrency == 1:
                    for scenario in plan.scenarios:
                        await lanes[scenario.api].perform(scenario)
                else:
                    await _side_by_side(lanes, plan)
                    if ends:
                        raise ends[0]
            finally:
                for lane in lanes.values():
                    lane.write_down()
                try:
                    await self.guard.finish()
                finally:
                    await self.target.close()


async def _side_by_side(lanes: Mapping[str, Lane], plan: Plan) -> None:
    """Run all lanes at once; the first that fails ends the others, and what it failed with is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for api, lane in lanes.items():
                group.create_task(lane.run([each for each in plan.scenarios if each.api == api]))
    except BaseExceptionGroup as failures:
        raise _first(failures) from None


def _first(failure: BaseException) -> BaseException:
    """Return the first failure of a group that is no group itself."""
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure
