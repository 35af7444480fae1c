"""Execute a plan on a target: arrange, send, follow what depends on an answer, and record every event as it happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from asdocumented.contracts.model import Api
from asdocumented.errors import UnreachableError
from asdocumented.exchanges import Sender
from asdocumented.plans import Fill, Gap, Pages, Plan, Revalidate, Scenario, Step
from asdocumented.reads.tags import tags_of
from asdocumented.secrets import Redactor
from asdocumented.targets.model import Target, UnavailableError
from asdocumented.traces import Arrangement, Exchange, Facts, Trace

_UNCHANGED = 304
_DISTRESS = 5  # so many connection failures in a row end a run: the target is gone
Event = Exchange | Arrangement


@dataclass(slots=True)
class Execution:
    """What came of a plan: the trace, and the requirements that could not be served after all."""

    facts: Facts
    events: list[Event] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    interrupted: str = ""

    @property
    def trace(self) -> Trace:
        """Return what happened so far as a trace."""
        return Trace(tuple(self.events), self.facts)


@dataclass(slots=True)
class Executor:
    """Runs scenarios one after the other. `record` is called with each event before the next request goes out."""

    target: Target
    apis: Mapping[str, Api]
    redactor: Redactor
    record: Callable[[Event], None]
    progress: Callable[[Scenario], None]

    async def run(self, plan: Plan, execution: Execution) -> None:
        """Execute every scenario of a plan into `execution`.

        Raises UnreachableError when the target stops answering; what was recorded until then stays in `execution`.
        """
        for value, marker in {**self.target.secrets(), **plan.secrets}.items():
            self.redactor.add(value, marker)
        async with self.target.client() as client:
            sender = Sender(self.target, self.apis, self.redactor, client)
            try:
                for scenario in plan.scenarios:
                    await self._scenario(sender, scenario, execution)
                    self.progress(scenario)
            finally:
                await self.target.close()

    async def _scenario(self, sender: Sender, scenario: Scenario, execution: Execution) -> None:
        if scenario.state:
            arrangement = self.target.arrange(scenario.api, scenario.state)
            if arrangement is not None:
                self._take(arrangement, execution)
            elif scenario.must_arrange:
                reason = f"the target cannot be brought into the state '{scenario.state}'"
                execution.gaps.append(Gap(scenario.serves, reason))
                return
        try:
            for step in scenario.steps:
                await self._step(sender, step, execution)
        except UnavailableError as reason:
            execution.gaps.append(Gap(scenario.serves, str(reason)))

    async def _step(self, sender: Sender, step: Step, execution: Execution) -> None:
        exchange = await self._send(sender, step, execution)
        match step.follow:
            case Pages():
                await self._pages(sender, step, step.follow, exchange, execution)
            case Revalidate():
                for tag in tags_of(exchange.response, step.follow.pointer):
                    exchange = await self._send(sender, step, execution, ((step.follow.request, tag),))
                    if exchange.response is not None and exchange.response.status == _UNCHANGED:
                        break
            case Fill():
                for call in step.follow.calls:
                    if _header(exchange, step.follow.response):
                        break
                    self._take(await sender.send(call), execution)
                    exchange = await self._send(sender, step, execution)

    async def _pages(self, sender: Sender, step: Step, pages: Pages, exchange: Exchange, execution: Execution) -> None:
        """Follow continuations until there is none, one comes back that was there before, or the limit is reached."""
        seen: set[str] = set()
        token = _header(exchange, pages.response)
        while token and len(seen) < pages.limit:
            seen.add(token)
            exchange = await self._send(sender, step, execution, ((pages.request, token),))
            following = _header(exchange, pages.response)
            if following in seen:
                break
            token = following

    async def _send(
        self, sender: Sender, step: Step, execution: Execution, headers: tuple[tuple[str, str], ...] = ()
    ) -> Exchange:
        exchange = await sender.send(step.call, headers)
        self._take(exchange, execution)
        recent = execution.events[-_DISTRESS:]
        if len(recent) == _DISTRESS and all(isinstance(each, Exchange) and each.environmental for each in recent):
            raise UnreachableError(
                "target-in-distress",
                f"{exchange.server} stopped answering: {_DISTRESS} requests in a row failed, the last with {exchange.failure}.",
                remedy="See that it runs, and run again; what was judged so far is kept.",
            )
        return exchange

    def _take(self, event: Event, execution: Execution) -> None:
        execution.events.append(event)
        self.record(event)


def _header(exchange: Exchange, name: str) -> str:
    return (exchange.response.header(name) or "") if exchange.response else ""
