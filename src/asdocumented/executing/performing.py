"""Perform one scenario: send its steps one after the other, and follow what depends on an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from asdocumented.changes.fence import OutsideError
from asdocumented.errors import AsdocError
from asdocumented.exchanges import Sender
from asdocumented.executing.recording import Event, Part, Recorder
from asdocumented.executing.workers import Workers
from asdocumented.plans import Call, Fill, Insist, Pages, Retry, Revalidate, Scenario, Step, Until
from asdocumented.reads.conditions import fulfilled
from asdocumented.reads.doubts import is_doubtful, shown
from asdocumented.reads.retrying import delay
from asdocumented.reads.tags import tags_of
from asdocumented.targets.model import Guard, Target, UnavailableError
from asdocumented.traces import Exchange, Headers

_PASSING = (404, 408, 409, 410, 425, 429)  # refusals that may end by themselves
_REDIRECTED = 300  # what is below is a success
_UNCHANGED = 304
_LOST = 3  # of so many items at most is asked whether they are still there
_AGAIN = 2  # so many times at most are pages read again that do not fit together


@dataclass(slots=True)
class Stage:
    """What the scenarios of one API share: the target, the workers of the whole run, and what is known of the API."""

    target: Target
    sender: Sender
    recorder: Recorder
    workers: Workers
    guard: Guard
    ends: list[AsdocError] = field(default_factory=list)  # why the whole run ends; what is on its way comes to its end
    urgency: int = 0  # how many requests have to wait for each other until the API is done
    held: str = ""  # the state that was arranged and that nothing has ended since
    arranged: frozenset[str] = frozenset()  # the ids that the last arrangement left behind, in lower case
    written: set[str] = field(default_factory=set)  # the ids that this run wrote since, in lower case

    def learn(self, call: Call, exchange: Exchange) -> None:
        """Take note of what a request wrote or deleted."""
        place = call.operation.path.rpartition("{")[2]
        value = call.arguments.get(("path", place.removesuffix("}")), "").casefold()
        done = exchange.response is not None and exchange.response.status < _REDIRECTED
        if done and value and place.endswith("}") and call.operation.method == "PUT":
            self.written.add(value)
        elif done and call.operation.method == "DELETE":
            self.written.discard(value)

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[None]:
        """Let somebody else work while this scenario waits."""
        self.workers.release()
        try:
            yield
        finally:
            await self.workers.acquire(self.urgency)


@dataclass(slots=True)
class Performance:
    """One scenario on its way. With `streaming` each event is written down at once, else when the scenario is over."""

    stage: Stage
    part: Part
    scenario: Scenario  # that of the part, or one of those that it holds together
    streaming: bool = False
    _answers: dict[object, Exchange] = field(default_factory=dict)  # what each call was answered last

    async def run(self) -> None:
        """Send the steps.

        Raises UnavailableError when the target has not what one needs, UnreachableError when it is gone, BudgetError when the
        run may send nothing more.
        """
        for step in self.scenario.steps:
            await self._step(step)

    @property
    def is_refused(self) -> bool:
        """Tell whether the scenario holds several together, and the target did not take them all."""
        if not self.scenario.apart:
            return False
        answer = self._answers[self.scenario.steps[-1].call.key]
        return not all(fulfilled(condition, (answer,), None) for condition in self.scenario.taken)

    async def send(self, step: Step) -> Exchange:
        """Send a step alone, such as one that arranges a state, and take note of what came of it.

        Raises UnavailableError for one that the target's file does not allow: no plan has looked at it.
        """
        try:
            return await self._send(step)
        except OutsideError as error:
            raise UnavailableError(error.message) from None

    def take(self, event: Event) -> None:
        """Take note of an event."""
        self.stage.recorder.take(self.part, event)
        if self.streaming:
            self.stage.recorder.write(self.part)

    async def _step(self, step: Step) -> None:
        exchange = await self._send(step)
        match step.follow:
            case Pages():
                await self._confirm(step, step.follow, await self._read(step, step.follow, exchange))
            case Until():
                await self._until(step, step.follow, exchange)
            case Retry():
                await self._retry(step, step.follow, exchange)
            case Revalidate():
                await self._revalidate(step, step.follow, exchange)
            case Fill():
                exchange = await self._fill(step, step.follow, exchange)
            case Insist() if exchange.response is not None and exchange.response.status < _REDIRECTED:
                exchange = await self._send(step)
        self._answers[step.call.key] = exchange

    async def _until(self, step: Step, until: Until, exchange: Exchange) -> None:
        """Look again while a condition does not hold, once at least, until the target's deadline has passed.

        The looks are counted too, so that a clock which stands still cannot keep a run from its end.
        """
        before = self._answers.get(step.call.key)
        patience = self.stage.target.patience(step.call.operation.api)
        begun, most = self.stage.target.now(), int(patience.deadline / patience.interval) + 1
        pages = await self._read(step, until.pages, exchange)
        for looks in range(most):
            late = looks > 0 and self.stage.target.now() - begun >= patience.deadline
            if late or not _is_worth_another(exchange) or _holds(until, pages, before):
                break
            await self._wait(patience.interval)
            exchange = await self._send(step)
            pages = await self._read(step, until.pages, exchange)
        if until.pages is not None:
            await self._confirm(step, until.pages, pages)
        if until.after is not None and _is_worth_another(exchange) and not _holds(until, pages, before):
            whole = replace(step, call=until.after)
            await self._read(whole, until.pages, await self._send(whole))

    async def _read(self, step: Step, pages: Pages | None, first: Exchange) -> list[Exchange]:
        """Return an answer with the pages that continue it, where the step reads pages."""
        return [first, *(await self._pages(step, pages, first) if pages else ())]

    async def _retry(self, step: Step, retry: Retry, exchange: Exchange) -> None:
        """Send a call again when its answer says so, as long as that is within the target's deadline."""
        patience = self.stage.target.patience(step.call.operation.api)
        for _ in range(retry.limit):
            response = exchange.response
            if response is None or response.status != retry.status:
                return
            seconds = delay(response, self.stage.target.now())
            if seconds is None or seconds > patience.deadline:
                return
            await self._wait(seconds + 1)  # one more, since both times are cut to whole seconds
            exchange = await self._send(step)

    async def _wait(self, seconds: float) -> None:
        """Wait by the target's clock; what was arranged may pass meanwhile."""
        self.stage.held = ""
        async with self.stage.aside():
            await self.stage.sender.wait(seconds)

    async def _pages(self, step: Step, pages: Pages, exchange: Exchange) -> list[Exchange]:
        """Follow continuations until there is none, one comes back that was there before, or the limit is reached."""
        seen: set[str] = set()
        followed = []
        token = _header(exchange, pages.response)
        while token and len(seen) < pages.limit:
            seen.add(token)
            exchange = await self._send(step, ((pages.request, token),))
            followed.append(exchange)
            following = _header(exchange, pages.response)
            if following in seen:
                break
            token = following
        return followed

    async def _confirm(self, step: Step, pages: Pages, walk: list[Exchange]) -> None:
        """Read pages again that do not fit together, until they show the same twice in a row, a few times at most."""
        if not is_doubtful(walk, pages, self._known(step, walk)):
            return
        for _ in range(_AGAIN):
            before, walk = walk, await self._read(step, pages, await self._send(step))
            if shown(walk, pages) == shown(before, pages):
                break
        if pages.item is not None:
            lost = set(self._known(step, walk)) - {each for ids, _ in shown(walk, pages) for each in ids}
            for each in sorted(lost)[:_LOST]:
                await self._send(replace(step, call=pages.item.about(each)))

    def _known(self, step: Step, walk: Sequence[Exchange]) -> Collection[str]:
        """Return the ids that a walk must show: none where it is narrowed, and only what was arranged on a single page."""
        call = step.call
        optional = {each.name for each in call.operation.parameters if each.location == "query" and not each.required}
        if any(location == "query" and name in optional for location, name in call.arguments):
            return ()
        return self.stage.arranged | self.stage.written if len(walk) > 1 else self.stage.arranged

    async def _revalidate(self, step: Step, revalidate: Revalidate, exchange: Exchange) -> None:
        """Send a call again with each form of its answer's entity tag, until one is said to be unchanged."""
        for tag in tags_of(exchange.response, revalidate.pointer):
            exchange = await self._send(step, ((revalidate.request, tag),))
            if exchange.response is not None and exchange.response.status == _UNCHANGED:
                break

    async def _fill(self, step: Step, fill: Fill, exchange: Exchange) -> Exchange:
        """Write until the step's answer has the header that is waited for; return the last answer to the step."""
        for call in fill.calls:
            if _header(exchange, fill.response):
                break
            await self._request(step, call)
            self.stage.held = ""
            exchange = await self._send(step)
        return exchange

    async def _send(self, step: Step, headers: Headers = ()) -> Exchange:
        exchange = await self._request(step, step.call, headers)
        if not _keeps_state(step, exchange):
            self.stage.held = ""
        return exchange

    async def _request(self, step: Step, call: Call, headers: Headers = ()) -> Exchange:
        """Send one request of a step and take note of it: the only place where a run sends anything."""
        sender = self.stage.sender
        later = isinstance(step.follow, Retry) or sender.is_busy(self.part.scenario.api, self.part.scenario.state)
        sent = step if call is step.call else replace(step, call=call, tier=call.operation.tier)
        await self.stage.guard.before(sent)

        def note(sent_again: Exchange) -> None:
            self.take(sent_again)
            self.stage.guard.again(sent, sent_again)

        exchange = await sender.send(call, headers, note=note, busy_counts=later)
        self.take(exchange)
        await self.stage.guard.after(sent, exchange)
        self.stage.learn(call, exchange)
        return exchange


def _keeps_state(step: Step, exchange: Exchange) -> bool:
    """Tell whether an arranged state still holds after a request: it was refused, or its operation only reads."""
    refused = exchange.response is not None and 400 <= exchange.response.status < 500
    return refused or step.reads


def _holds(until: Until, pages: Sequence[Exchange], before: Exchange | None) -> bool:
    return all(fulfilled(condition, pages, before) for condition in until.conditions)


def _is_worth_another(exchange: Exchange) -> bool:
    """Tell whether time may change an answer: one that refuses the request itself stays as it is."""
    return (
        exchange.response is None or not 400 <= exchange.response.status < 500 or exchange.response.status in _PASSING
    )


def _header(exchange: Exchange, name: str) -> str:
    return (exchange.response.header(name) or "") if exchange.response else ""
