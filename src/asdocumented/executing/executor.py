"""Execute a plan: one lane for each API, side by side, with as many workers as the target takes requests at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from asdocumented.contracts.model import Api
from asdocumented.errors import AsdocError
from asdocumented.exchanges import Note, Sender
from asdocumented.executing.lanes import Lane
from asdocumented.executing.performing import Stage
from asdocumented.executing.recording import Beside, Event, Execution, Part, Recorder
from asdocumented.executing.workers import Workers, lengths
from asdocumented.plans import Plan, Scenario
from asdocumented.secrets import Redactor
from asdocumented.targets.model import Guard, Target, Unguarded
from asdocumented.traces import Exchange, Leftover
from asdocumented.transport.conduct import Conduct


@dataclass(slots=True)
class Executor:
    """Runs the scenarios of a plan.

    `record` is called with each event as it comes, before the next request of its scenario goes out, and `progress` with each
    scenario once it is over, in the order of the plan within each API; the execution has the events in that order.
    `guard` is asked before each request, and undoes what the run changed however it ends. `conduct` is how an earlier execution
    of the same run behaved, so that all of them share one budget; afterwards it is that of this one.
    """

    target: Target
    apis: Mapping[str, Api]
    redactor: Redactor
    record: Callable[[Event | Beside], None]
    progress: Callable[[Scenario], None]
    guard: Guard = field(default_factory=Unguarded)
    prepare: Callable[[Sender, Note], Awaitable[Plan]] | None = None  # looks at the target, and returns the plan to run
    conduct: Conduct | None = None

    async def run(self, plan: Plan, execution: Execution) -> None:
        """Execute every scenario of a plan into `execution`.

        Raises UnreachableError when the target stops answering; what was recorded until then stays in `execution`.
        """
        for value, marker in {**self.target.secrets(), **plan.secrets}.items():
            self.redactor.add(value, marker)
        async with self.target.client() as client:
            earlier = self.conduct
            self.conduct = earlier.continued() if earlier is not None else Conduct(self.target.manners, self.target)
            sender = Sender(self.target, self.apis, self.redactor, client, self.conduct)
            recorder = Recorder(execution, self.record, self.progress)
            self.target.charge(self.conduct, recorder.beside)
            self.guard.begin(sender, recorder.beside)
            try:
                plan = await self._prepared(plan, sender, recorder)
            except BaseException:
                await self.target.close()
                raise
            workers = Workers(self.target.concurrency)
            ends: list[AsdocError] = []
            lanes = {
                each.api: Lane(Stage(self.target, sender, recorder, workers, self.guard, ends))
                for each in plan.scenarios
            }
            async with (
                AsyncExitStack() as end
            ):  # whatever one of these fails with, the others are done; the last comes first
                end.push_async_callback(self.target.close)
                end.push_async_callback(self.guard.finish)
                for api in reversed(lanes):
                    end.push_async_callback(self._clean_up, api, lanes[api], recorder)
                end.callback(sender.take_back)
                try:
                    await self._perform(lanes, plan, ends)
                except BaseException:
                    sender.end()
                    raise

    async def _perform(self, lanes: Mapping[str, Lane], plan: Plan, ends: list[AsdocError]) -> None:
        """Perform all scenarios, one after the other or side by side; raises what ends the run."""
        if self.target.concurrency == 1:
            for scenario in plan.scenarios:
                await lanes[scenario.api].perform(scenario)
            return
        await _side_by_side(lanes, plan)
        if ends:
            raise ends[0]

    async def _prepared(self, plan: Plan, sender: Sender, recorder: Recorder) -> Plan:
        """Return the plan to run, after a look at the target that is written down as it goes on."""
        if self.prepare is None:
            return plan
        part = Part(Scenario("preflight", "", ()))

        def note(exchange: Exchange) -> None:
            recorder.take(part, exchange)
            recorder.write(part)

        return await self.prepare(sender, note)

    async def _clean_up(self, api: str, lane: Lane, recorder: Recorder) -> None:
        """Write down what is left of an API's scenarios, and take back the state that it was brought into."""
        lane.write_down()
        for sentence in await lane.clean_up(api):
            recorder.execution.leftovers.append(sentence)
            recorder.beside(Leftover(self.redactor.text(sentence)))


async def _side_by_side(lanes: Mapping[str, Lane], plan: Plan) -> None:
    """Run all lanes at once, the longest first; the first that fails ends the others, and what it failed with is raised."""
    own = {api: [each for each in plan.scenarios if each.api == api] for api in lanes}
    try:
        async with asyncio.TaskGroup() as group:
            for api in sorted(lanes, key=lambda api: lengths(own[api])[0], reverse=True):
                group.create_task(lanes[api].run(own[api]))
    except BaseExceptionGroup as failures:
        raise _first(failures) from None


def _first(failure: BaseException) -> BaseException:
    """Return the first failure of a group that is no group itself."""
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure
