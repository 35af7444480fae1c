"""Take changes back: send what removes a thing, or look at a state machine and move it until it is back where it was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asdocumented.changes.undoing import Removal, Return, Undo, Watch
from asdocumented.plans import Call
from asdocumented.reads.classify import at
from asdocumented.reads.conditions import body_of
from asdocumented.targets.model import Target
from asdocumented.traces import Exchange

Send = Callable[[Call], Awaitable[Exchange]]

_GONE = (404, 410)
_PASSING = (408, 409, 425, 429)  # refusals that may end by themselves
_TRIES = 4


class StaysError(Exception):
    """A change could not be taken back; the text says what was seen. `unreachable`: nothing answered at all."""

    def __init__(self, reason: str, *, unreachable: bool = False) -> None:
        super().__init__(reason)
        self.unreachable = unreachable


async def take_back(target: Target, send: Send, undo: Undo, *, answered: bool) -> str:
    """Take one change back and return what shows that it is; doing it twice does no harm.

    `answered` is false for a change whose request may still be on its way. Raises StaysError, and UnavailableError when the
    target has no credential for it.
    """
    if isinstance(undo, Removal):
        return await _remove(target, send, undo, answered=answered)
    return await _put_back(target, send, undo)


async def _remove(target: Target, send: Send, undo: Removal, *, answered: bool) -> str:
    status, _ = await _settled(target, send, undo.call)
    if not answered:
        # The request may have come after this one, so that what it made is there only now.
        await target.wait(target.patience(undo.call.operation.api).interval)
        status, _ = await _settled(target, send, undo.call)
    if status in _GONE or 200 <= status < 300:
        return f"{undo.call.operation.name}: {status}"
    raise StaysError(f"{undo.call.operation.name} was answered {status}")


async def _settled(target: Target, send: Send, call: Call) -> tuple[int, Exchange]:
    """Return what came of a call that may be repeated, once a target is neither busy nor broken for the moment."""
    exchange = await send(call)
    for turn in range(1, _TRIES):
        if not _passes(exchange):
            break
        await target.wait(target.patience(call.operation.api).interval * turn)
        exchange = await send(call)
    return _status(call, exchange), exchange


def is_refusal(status: int) -> bool:
    """Tell whether an answer says that nothing was done and that nothing will be: no refusal that ends by itself."""
    return 400 <= status < 500 and status not in (408, 425, 429)


def _passes(exchange: Exchange) -> bool:
    return exchange.response is None or exchange.response.status in _PASSING or exchange.response.status >= 500


def _status(call: Call, exchange: Exchange) -> int:
    if exchange.response is None:
        raise StaysError(f"{call.operation.name} got no answer: {exchange.failure}", unreachable=True)
    return exchange.response.status


async def _put_back(target: Target, send: Send, undo: Return) -> str:
    """Look until the machine is back, and send the command where it has come to rest elsewhere.

    The deadline begins anew with every state that is shown, since the target is moving then. What is shown at first may be
    from before the change, so it is believed when it is shown twice; what is shown after the command may be from before that,
    so it is not sent again at once.
    """
    patience = target.patience(undo.call.operation.api)
    shown, since, next_time = "", target.now(), 0.0
    while True:
        state = await shown_state(target, send, undo.look, undo.shows)
        if state == shown and (state in undo.until or (state == undo.was and state in undo.home)):
            return f"{undo.look.operation.name} shows {state!r}"
        if state != shown:
            shown, since = state, target.now()
        elif target.now() - since >= patience.deadline:
            raise StaysError(f"{undo.look.operation.name} shows {state!r} where {undo.was!r} was")
        elif state in undo.after and target.now() >= next_time:
            _status(undo.call, await send(undo.call))
            next_time = target.now() + patience.deadline / _TRIES
        await target.wait(patience.interval)


async def way_back(target: Target, send: Send, watch: Watch) -> Return:
    """Look at a machine and return what puts it back to where it is; raises StaysError where no command does."""
    was = await shown_state(target, send, watch.look, watch.machine.shows)
    back = watch.back_to(was)
    if back is None:
        raise StaysError(f"{watch.look.operation.name} shows {was!r}, and no command brings that back")
    return back


async def shown_state(target: Target, send: Send, look: Call, pointer: str) -> str:
    """Return the state that a look shows; raises StaysError when it shows none."""
    status, exchange = await _settled(target, send, look)
    state = at(body_of(exchange), pointer) if 200 <= status < 300 else None
    if not 200 <= status < 300:
        raise StaysError(f"{look.operation.name}, which would show its state, was answered {status}")
    if not isinstance(state, str):
        raise StaysError(f"{look.operation.name} was answered {status}, and shows no state at {pointer}")
    return state
