"""Guard what a run does to a target that is not reset: nothing beyond the fence, everything in the journal, all taken back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field

from asdocumented.changes.fence import OutsideError, fenced, is_change, thing_of
from asdocumented.changes.journal import Change, Journal
from asdocumented.changes.places import changes_file
from asdocumented.changes.returning import StaysError, is_refusal, take_back, way_back
from asdocumented.changes.rights import Rights
from asdocumented.changes.undoing import WHO, Removal, Return, Undo, Watch, from_record, removal_of, to_record, watch_of
from asdocumented.contracts.model import Api, Operation
from asdocumented.errors import HarnessError, UnreachableError, UsageError
from asdocumented.exchanges import Sender
from asdocumented.plans import Call, Step
from asdocumented.reads.classify import ANONYMOUS
from asdocumented.secrets import HANDED_OUT, Redactor
from asdocumented.targets.model import Target, UnavailableError, ignore
from asdocumented.targets.model import Tell as TellBeside
from asdocumented.traces import Exchange, Housekeeping, Leftover, Why

_ENVIRONMENT = "environment: "

Key = tuple[str, str, str]
Tell = Callable[[str], None]


@dataclass(slots=True)
class _Pending:
    """What is to be undone of one thing: how, the numbers of its changes, and which were not answered, or plainly refused.

    `shown`: an answer has shown that the thing is there.
    """

    undo: Undo
    numbers: list[int] = field(default_factory=list)
    unanswered: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    shown: bool = False

    @property
    def never_was(self) -> bool:
        """Tell whether a thing of the run's own cannot be there, since no request to create it was taken."""
        return isinstance(self.undo, Removal) and self.refused.issuperset(self.numbers) and not self.shown


@dataclass(slots=True)
class Keeper:
    """Keeps the changes of one run: `before` and `after` each request, `finish` at its end. `left` says what stays."""

    target: Target
    apis: Mapping[str, Api]
    rights: Mapping[str, Rights]
    absent: Container[str]
    redactor: Redactor
    tell: Tell = field(default=lambda said: None)
    left: list[str] = field(default_factory=list)
    unwritten: str = ""  # why the journal does not tell of all that was undone
    _sender: Sender | None = None
    _beside: TellBeside = ignore
    _why: Why = Why.LOOK  # what its own requests are for: it looks before changes, and takes them back at the end
    _journal: Journal | None = None
    _pending: dict[Key, _Pending] = field(default_factory=dict)
    _sessions: dict[str, Operation] = field(default_factory=dict)  # operations that opened some, by id
    _open: dict[int, list[int]] = field(
        default_factory=dict
    )  # id of a step that is being sent -> numbers of its changes
    _arranged: dict[tuple[str, str], int] = field(default_factory=dict)  # API and state -> number in the journal
    _unsure: set[int] = field(
        default_factory=set
    )  # changes whose request was sent again after it may have been carried out
    _unknown: dict[Key, str] = field(
        default_factory=dict
    )  # machines of which nobody can say how to bring them back -> why
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def pending(self) -> int:
        """Return how many things are still to be put back."""
        return len(self._pending) + len(self._arranged)

    def arranged(self, api: str, state: str) -> None:
        """Write down a state that something outside the API is about to arrange."""
        self._arranged[api, state] = self._opened().arranged(api, state)

    def taken_back(self, api: str, state: str) -> None:
        """Write down that nothing is left to do about a state, where it was written down."""
        number = self._arranged.pop((api, state), None)
        if number is not None:
            self._opened().undone([number], "its clean-up")

    def begin(self, sender: Sender, tell: TellBeside = ignore) -> None:
        """Take what sends requests, and whom to tell of those of its own and of what could not be put back."""
        self._sender, self._beside = sender, tell

    async def before(self, step: Step) -> None:
        """Write down what a step may change and how that is undone, before it is sent.

        Raises OutsideError for a step outside the fence, which no plan may hold, and UnavailableError where a change could
        not be taken back.
        """
        rights = self.rights[step.call.operation.api]
        reason = fenced(step, rights, self.absent)
        if reason:
            message = f"The step {step.purpose!r} of {step.call.operation.id} was about to be sent, and {reason}."
            raise OutsideError(message)
        if not is_change(step):
            return
        async with self._turn:
            key = _key(step.call)
            pending = self._pending.get(key) or await self._noted(step.call, rights)
            record = to_record(pending.undo) if pending is not None else None
            number = self._opened().change(step.call, key[1:], self.redactor.text(step.call.target), record)
            self._open.setdefault(id(step), []).append(number)
            if pending is not None:
                self._pending[key] = pending
                pending.numbers.append(number)
                pending.unanswered.add(number)

    async def _noted(self, call: Call, rights: Rights) -> _Pending | None:
        """Return what undoes a change; a machine is looked at before it is moved for the first time."""
        api = self.apis[call.operation.api]
        removal = removal_of(api, call, rights, self.absent)
        try:
            if removal is not None:
                await self.target.credential(api.name, WHO, removal.call.operation.security)
                return _Pending(removal)
            watch = watch_of(api, call, rights, self.absent)
            return _Pending(await self._way_back(watch, _key(call))) if watch is not None else None
        except (StaysError, UnavailableError) as error:
            why = str(error).removeprefix(_ENVIRONMENT)
            raise UnavailableError(
                f"{_ENVIRONMENT}{call.operation.name} is not sent, since it could not be undone: {why}"
            ) from error

    async def _way_back(self, watch: Watch, key: Key) -> Return:
        """Look at a machine, and return what brings it back; where nobody can say, that is so for the whole run.

        Raises StaysError with the reason.
        """
        if key in self._unknown:
            raise StaysError(self._unknown[key])
        try:
            return await way_back(self.target, self._send, watch)
        except StaysError as error:
            self._unknown[key] = str(error)
            raise

    def _opened(self) -> Journal:
        """Return the journal, which is begun with the first change."""
        if self._journal is None:
            self._journal = Journal(changes_file(self._urls().values()))
            self._journal.begin(target=self.target.name, apis=self._urls(), given=dict(self.target.origin))
        return self._journal

    def _urls(self) -> dict[str, str]:
        return {api: self.target.base_url(api) for api in sorted(self.rights)}

    def again(self, step: Step, exchange: Exchange) -> None:
        """Take note of a request that is sent once more: unless it was plainly refused, it may have been carried out."""
        if exchange.response is None or not is_refusal(exchange.response.status):
            self._unsure.update(self._open.get(id(step), ()))

    async def after(self, step: Step, exchange: Exchange) -> None:
        """Take note of an answer: a change that has one is done, and a thing that was removed needs no undo."""
        status = exchange.response.status if exchange.response is not None else 0
        for number in self._open.pop(id(step), []):
            if status and not (is_refusal(status) and number in self._unsure):
                self._opened().answered(number, status)
                for pending in self._pending.values():
                    pending.unanswered.discard(number)
                    if is_refusal(status) and number in pending.numbers:
                        pending.refused.add(number)
        if 200 <= status < 300 and self._begins_session(step.call.operation):
            self._sessions[step.call.operation.id] = step.call.operation
        if 200 <= status < 300 and step.reads and (read := self._pending.get(_key(step.call))) is not None:
            read.shown = True
        if 200 <= status < 300:
            for key, pending in list(self._pending.items()):
                removal = pending.undo if isinstance(pending.undo, Removal) else None
                if removal is not None and not pending.unanswered and _is_same(removal.call, step.call):
                    self._done(key, f"{step.call.operation.name}: {status}, by the run itself")

    def _begins_session(self, operation: Operation) -> bool:
        after = self.apis[operation.api].operations.get(operation.undo)
        return after is not None and after.ends_session

    def _done(self, key: Key, how: str) -> None:
        pending = self._pending.pop(key)
        if self._journal is not None:
            self._journal.undone(pending.numbers, how)

    async def finish(self) -> None:
        """Undo what is still to be undone, the latest first; what cannot be is in `left`, and stays in the journal."""
        if self._sender is not None:
            self._sender.take_back()
        self._why = Why.UNDO
        try:
            if self._sender is not None:
                self._sender = self._sender.afresh()
                await self._undo_all()
        finally:
            if self._journal is not None:
                self._journal.close()
                self.unwritten = self._journal.unwritten
        if self.unwritten:
            self.left.append(f"what is undone could not be noted. {self.unwritten}")

    async def _undo_all(self) -> None:
        silent = 0
        for key in sorted(self._pending, key=lambda each: self._pending[each].numbers[-1], reverse=True):
            try:
                how = await self._taken_back(self._pending[key], silent)
            except (StaysError, UnavailableError) as error:
                silent += isinstance(error, StaysError) and error.unreachable
                self._stays(key, str(error))
            else:
                self._done(key, how)
        if silent == 0:
            await self._close_sessions()

    async def _taken_back(self, pending: _Pending, silent: int) -> str:
        """Undo what is pending; a target that did not answer twice is left alone."""
        if pending.never_was:
            return "every request that would have created it was refused"
        if silent > 1:
            raise StaysError("the target answers no more", unreachable=True)
        try:
            return await take_back(self.target, self._send, pending.undo, answered=not pending.unanswered)
        except UnreachableError as error:
            raise StaysError(error.message.rstrip("."), unreachable=True) from error

    async def _close_sessions(self) -> None:
        """End the sessions that the run opened. Their ids are secrets, so that no journal has them."""
        for operation in self._sessions.values():
            api = self.apis[operation.api]
            ending = api.operations[operation.undo]
            for session in self.redactor.behind(HANDED_OUT):
                credential = f"{api.credential['scheme']} {session}".strip()
                call = Call(ending, ANONYMOUS, {}, more_headers=((api.credential["header"], credential),))
                with contextlib.suppress(UnreachableError):  # a session that nobody uses ends by itself
                    await self._send(call, Why.LOGOUT)

    def _stays(self, key: Key, reason: str) -> None:
        _, pool, value = key
        self.left.append(f"the {pool} {value!r} is not as it was before the run: {reason}")
        self._beside(Leftover(self.redactor.text(self.left[-1])))
        if self._journal is not None:
            self._journal.failed(self._pending[key].numbers, reason)

    async def _send(self, call: Call, why: Why | None = None) -> Exchange:
        """Send a request of the guard's own, which is recorded and never judged."""
        if self._sender is None:
            raise HarnessError("guard-not-begun", "A guard was asked before the run began.")

        def note(exchange: Exchange) -> None:
            self._beside(Housekeeping(why or self._why, exchange))

        exchange = await self._sender.send(call, note=note)
        note(exchange)
        return exchange

    def take_over(self, changes: Iterable[Change], journal: Journal) -> None:
        """Take over what an earlier run left, so that `finish` undoes it; raises UsageError for what contracts no longer have."""
        self._journal = journal
        for change in changes:
            try:
                undo = from_record(self.apis[change.api], change.undo)
            except KeyError as error:
                raise UsageError(
                    "changes-unknown",
                    f"The contracts have no longer {error}, which would undo {change.operation} of {change.api}.",
                    remedy="Name the contracts of the run with --contracts.",
                ) from error
            pending = self._pending.setdefault((change.api, *change.thing), _Pending(undo))
            pending.numbers.append(change.id)
            if not change.answered:
                pending.unanswered.add(change.id)
            elif is_refusal(change.status):
                pending.refused.add(change.id)


def _key(call: Call) -> Key:
    """Return what names the thing that a call is about."""
    thing = thing_of(call)
    return call.operation.api, thing.pool, thing.value.casefold() if thing.ignores_case else thing.value


def _is_same(one: Call, other: Call) -> bool:
    """Tell whether a call asks for just what another one does, without any fault that may lead it elsewhere."""
    plain = not (other.method or other.is_raw or other.disguise or other.more_query)
    return plain and one.operation is other.operation and (one.identity, one.target) == (other.identity, other.target)
