"""Let the scenarios of one API run side by side where they cannot disturb each other, and alone where they could."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from asdocumented.errors import AsdocError
from asdocumented.executing.performing import Performance, Stage
from asdocumented.executing.recording import Part
from asdocumented.executing.workers import lengths
from asdocumented.plans import Gap, Scenario
from asdocumented.targets.model import Send, UnavailableError


@dataclass(slots=True)
class Lane:
    """The scenarios of one API in the order of the plan.

    Those that only read, or ask for what does not exist, run side by side: they show the same in any order. One that may change
    something, or that needs a state which has to be arranged, starts when all before it are over, and none starts until it is.
    """

    stage: Stage
    _parts: deque[Part] = field(default_factory=deque)  # in the order of the plan: those that are not written down
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _alone: bool = False  # what runs now runs alone
    _unavailable: dict[str, str] = field(default_factory=dict)  # states that the target cannot be brought into -> why

    async def run(self, scenarios: Sequence[Scenario]) -> None:
        """Perform scenarios, as many at a time as there are workers."""
        async with asyncio.TaskGroup() as group:
            for scenario, self.stage.urgency in zip(scenarios, lengths(scenarios), strict=True):
                await self._turn(scenario)
                if self.stage.ends:
                    self.stage.workers.release()
                    break
                part = self._begin(scenario, alone=False)
                if await self._is_ready(part, scenario, streaming=False):
                    task = group.create_task(self._finish(part))
                    self._running.add(task)
                    task.add_done_callback(self._running.discard)
                else:
                    self._end(part)
                    self.stage.workers.release()

    async def perform(self, scenario: Scenario) -> None:
        """Perform one scenario alone; each event is written down before the next request goes out."""
        part = self._begin(scenario, alone=True)
        await self.stage.workers.acquire()  # it is given back while the scenario waits
        try:
            if await self._is_ready(part, scenario, streaming=True):
                await self._perform(part, streaming=True)
            else:
                self._end(part)
        finally:
            self.stage.workers.release()

    def write_down(self) -> None:
        """Write down what is left of scenarios that were broken off."""
        while self._parts:
            self.stage.recorder.end(self._parts.popleft())

    async def clean_up(self, api: str) -> Sequence[str]:
        """Take back what was arranged, once all scenarios are over; return a sentence for each thing that could not be."""
        part = self.stage.recorder.begin(Scenario("clean-up", api, ()), alone=self.stage.target.concurrency == 1)
        return await self.stage.target.clean_up(api, Performance(self.stage, part, part.scenario, streaming=True).send)

    async def _turn(self, scenario: Scenario) -> None:
        """Wait until a scenario may start, and take a worker for it."""
        alone = scenario.changes or (scenario.may_end_state and scenario.state not in self._unavailable)
        while True:
            while self._running and (self._alone or alone or self._has_to_arrange(scenario)):
                await asyncio.wait(self._running)
            await self.stage.workers.acquire(self.stage.urgency)
            if not self._running or not self._has_to_arrange(scenario):
                break
            self.stage.workers.release()  # its state ended while a worker was waited for
        self._alone = alone

    def _begin(self, scenario: Scenario, *, alone: bool) -> Part:
        part = self.stage.recorder.begin(scenario, alone=alone)
        self._parts.append(part)
        return part

    async def _is_ready(self, part: Part, scenario: Scenario, *, streaming: bool) -> bool:
        """Bring the API into the state of a scenario; tell whether the scenario can be performed."""
        if self._has_to_arrange(scenario):
            send = Performance(self.stage, part, scenario, streaming=streaming).send
            await self._arrange(part, scenario, send)
        if self.stage.held != scenario.state and scenario.state in self._unavailable:
            part.gaps.append(Gap(scenario.serves, self._unavailable[scenario.state]))
        return not scenario.must_arrange or self.stage.held == scenario.state

    def _has_to_arrange(self, scenario: Scenario) -> bool:
        return scenario.state not in ("", self.stage.held, *self._unavailable)

    async def _arrange(self, part: Part, scenario: Scenario, send: Send) -> None:
        """Bring the API into the state of a scenario, or take note that the target cannot."""
        try:
            arrangement = await self.stage.target.arrange(scenario.api, scenario.state, send)
        except UnavailableError as reason:
            self.stage.held = ""
            self._unavailable[scenario.state] = str(reason)
        else:
            self.stage.recorder.take(part, arrangement)
            self.stage.held = scenario.state
            self.stage.arranged = frozenset(each.casefold() for ids in arrangement.resources.values() for each in ids)
            self.stage.written.clear()

    async def _finish(self, part: Part) -> None:
        try:
            await self._perform(part, streaming=False)
        except AsdocError as end:  # nobody else is broken off: what was sent is recorded
            self.stage.ends.append(end)
        finally:
            self.stage.workers.release()

    async def _perform(self, part: Part, *, streaming: bool) -> None:
        await self._send(part, part.scenario, streaming=streaming)
        self._end(part)

    async def _send(self, part: Part, scenario: Scenario, *, streaming: bool) -> None:
        """Send a scenario; what it holds together is sent one by one where the target did not take it all."""
        performance = Performance(self.stage, part, scenario, streaming=streaming)
        try:
            await performance.run()
        except UnavailableError as reason:
            part.gaps.append(Gap(scenario.serves, str(reason)))
            return
        for each in scenario.apart if performance.is_refused else ():
            if await self._is_ready(part, each, streaming=streaming):
                await self._send(part, each, streaming=streaming)

    def _end(self, part: Part) -> None:
        """Take note that a scenario is over, and write down all that are, up to the first that is not."""
        part.done = True
        while self._parts and self._parts[0].done:
            self.stage.recorder.end(self._parts.popleft())
