"""Execute a plan on a target: arrange, send, follow what depends on an answer, and record every event as it happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from asdocumented.contracts.model import Api, Tier
from asdocumented.errors import UnreachableError
from asdocumented.exchanges import Sender
from asdocumented.plans import Fill, Gap, Pages, Plan, Retry, Revalidate, Scenario, Step, Until
from asdocumented.reads.conditions import fulfilled
from asdocumented.reads.retrying import delay
from asdocumented.reads.tags import tags_of
from asdocumented.secrets import Redactor
from asdocumented.targets.model import Target, UnavailableError
from asdocumented.traces import Arrangement, Exchange, Facts, Trace

_PASSING = (404, 408, 409, 410, 425, 429)  # refusals that may end by themselves
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
    _answers: dict[object, Exchange] = field(default_factory=dict)  # what each call of a scenario was answered last
    _held: dict[str, str] = field(
        default_factory=dict
    )  # API -> the state that was arranged and that nothing has ended since

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
        self._answers.clear()
        if scenario.state and self._held.get(scenario.api) != scenario.state:
            arrangement = self.target.arrange(scenario.api, scenario.state)
            if arrangement is not None:
                self._take(arrangement, execution)
                self._held[scenario.api] = scenario.state
            elif scenario.must_arrange:
                reason = f"the target cannot be brought into the state '{scenario.state}'"
                execution.gaps.append(Gap(scenario.serves, reason))
                return
        try:
            for step in scenario.steps:
                await self._step(sender, step, execution)
        except UnavailableError as reason:
            execution.gaps.append(Gap(scenario.serves, str(reason)))
            return
        if scenario.apart and not self._is_taken(scenario):
            for each in scenario.apart:
                await self._scenario(sender, each, execution)

    def _is_taken(self, scenario: Scenario) -> bool:
        """Tell whether the target took everything that its last request holds together."""
        answer = self._answers[scenario.steps[-1].call.key]
        return all(fulfilled(condition, (answer,), None) for condition in scenario.taken)

    async def _step(self, sender: Sender, step: Step, execution: Execution) -> None:
        exchange = await self._send(sender, step, execution)
        match step.follow:
            case Pages():
                await self._pages(sender, step, step.follow, exchange, execution)
            case Until():
                await self._until(sender, step, step.follow, exchange, execution)
            case Retry():
                await self._retry(sender, step, step.follow, exchange, execution)
            case Revalidate():
                for tag in tags_of(exchange.response, step.follow.pointer):
                    exchange = await self._send(sender, step, execution, ((step.follow.request, tag),))
                    if exchange.response is not None and exchange.response.status == _UNCHANGED:
                        break
            case Fill():
                note = partial(self._take, execution=execution)
                for call in step.follow.calls:
                    if _header(exchange, step.follow.response):
                        break
                    self._take(await sender.send(call, note=note), execution)
                    self._held.pop(step.call.operation.api, None)
                    exchange = await self._send(sender, step, execution)
        self._answers[step.call.key] = exchange

    async def _until(self, sender: Sender, step: Step, until: Until, exchange: Exchange, execution: Execution) -> None:
        """Look again while a condition does not hold, once at least, until the target's deadline has passed.

        The looks are counted too, so that a clock which stands still cannot keep a run from its end.
        """
        before = self._answers.get(step.call.key)
        patience = self.target.patience(step.call.operation.api)
        begun, most = self.target.now(), int(patience.deadline / patience.interval) + 1
        pages = await self._read(sender, step, until.pages, exchange, execution)
        for looks in range(most):
            late = looks > 0 and self.target.now() - begun >= patience.deadline
            if late or not _is_worth_another(exchange) or _holds(until, pages, before):
                break
            await self._wait(step, patience.interval)
            exchange = await self._send(sender, step, execution)
            pages = await self._read(sender, step, until.pages, exchange, execution)

    async def _read(
        self, sender: Sender, step: Step, pages: Pages | None, first: Exchange, execution: Execution
    ) -> list[Exchange]:
        """Return an answer with the pages that continue it, where the step reads pages."""
        return [first, *(await self._pages(sender, step, pages, first, execution) if pages else ())]

    async def _retry(self, sender: Sender, step: Step, retry: Retry, exchange: Exchange, execution: Execution) -> None:
        """Send a call again when its answer says so, as long as that is within the target's deadline."""
        patience = self.target.patience(step.call.operation.api)
        for _ in range(retry.limit):
            response = exchange.response
            if response is None or response.status != retry.status:
                return
            seconds = delay(response, self.target.now())
            if seconds is None or seconds > patience.deadline:
                return
            await self._wait(step, seconds + 1)  # one more, since both times are cut to whole seconds
            exchange = await self._send(sender, step, execution)

    async def _wait(self, step: Step, seconds: float) -> None:
        """Wait by the target's clock; what was arranged may pass meanwhile."""
        self._held.pop(step.call.operation.api, None)
        await self.target.wait(seconds)

    async def _pages(
        self, sender: Sender, step: Step, pages: Pages, exchange: Exchange, execution: Execution
    ) -> list[Exchange]:
        """Follow continuations until there is none, one comes back that was there before, or the limit is reached."""
        seen: set[str] = set()
        followed = []
        token = _header(exchange, pages.response)
        while token and len(seen) < pages.limit:
            seen.add(token)
            exchange = await self._send(sender, step, execution, ((pages.request, token),))
            followed.append(exchange)
            following = _header(exchange, pages.response)
            if following in seen:
                break
            token = following
        return followed

    async def _send(
        self, sender: Sender, step: Step, execution: Execution, headers: tuple[tuple[str, str], ...] = ()
    ) -> Exchange:
        exchange = await sender.send(step.call, headers, note=partial(self._take, execution=execution))
        self._take(exchange, execution)
        if not _keeps_state(step, exchange):
            self._held.pop(exchange.api, None)
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


def _keeps_state(step: Step, exchange: Exchange) -> bool:
    """Tell whether an arranged state still holds after a request: it was refused, or its operation only reads."""
    refused = exchange.response is not None and 400 <= exchange.response.status < 500
    return refused or (step.tier.rank <= Tier.READ.rank and step.call.operation.tier.rank <= Tier.READ.rank)


def _holds(until: Until, pages: Sequence[Exchange], before: Exchange | None) -> bool:
    return all(fulfilled(condition, pages, before) for condition in until.conditions)


def _is_worth_another(exchange: Exchange) -> bool:
    """Tell whether time may change an answer: one that refuses the request itself stays as it is."""
    return (
        exchange.response is None or not 400 <= exchange.response.status < 500 or exchange.response.status in _PASSING
    )


def _header(exchange: Exchange, name: str) -> str:
    return (exchange.response.header(name) or "") if exchange.response else ""
