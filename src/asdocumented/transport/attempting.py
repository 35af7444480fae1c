"""One attempt to get an answer: send a request once, within limits, and say in one word what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from enum import StrEnum

import httpx

from asdocumented import wire
from asdocumented.targets.description import Limits
from asdocumented.traces import Headers
from asdocumented.transport.failures import MalformedAnswerError, StaleConnectionError
from asdocumented.transport.limits import TooLargeError, UndecodableError, decoded, read
from asdocumented.wire import Answer


class Fault(StrEnum):
    """Why no answer can be used, by whose doing it is."""

    NONE = ""
    OWN = "the request cannot be sent"
    UNREACHED = "no connection was made"
    SILENT = "nothing came in time"
    STALE = "the server closed a connection that it had kept open"
    DROPPED = "the server closed the connection without an answer"
    LOST = "the connection ended without an answer, and the request cannot be repeated safely"
    SLOW = "the answer was not complete in time"
    TOO_LARGE = "the answer is larger than this run reads"
    GATEWAY = "something in front of the target answered"
    BROKEN = "what came is no complete answer"

    @property
    def is_environmental(self) -> bool:
        """Tell whether it says nothing about the target."""
        return self not in (Fault.NONE, Fault.DROPPED, Fault.BROKEN)

    @property
    def is_lost_connection(self) -> bool:
        """Tell whether no byte of an answer came, so that the request may be sent again if it is idempotent."""
        return self in (Fault.UNREACHED, Fault.SILENT, Fault.STALE, Fault.DROPPED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt: an answer, or a fault with its words; of a gateway both."""

    answer: Answer | None
    fault: Fault = Fault.NONE
    failure: str = ""


_FAULTS: tuple[tuple[type[Exception], Fault], ...] = (  # the first that fits
    (StaleConnectionError, Fault.STALE),
    (MalformedAnswerError, Fault.BROKEN),
    (httpx.LocalProtocolError, Fault.OWN),
    (httpx.UnsupportedProtocol, Fault.OWN),
    (httpx.ReadTimeout, Fault.SILENT),
    (httpx.WriteTimeout, Fault.SILENT),
    (httpx.TimeoutException, Fault.UNREACHED),
    (httpx.ConnectError, Fault.UNREACHED),
    (httpx.ProxyError, Fault.UNREACHED),
    (httpx.NetworkError, Fault.DROPPED),
    (httpx.HTTPError, Fault.BROKEN),
)
_ONCE_BEGUN = {Fault.SILENT: Fault.SLOW, Fault.STALE: Fault.BROKEN, Fault.DROPPED: Fault.BROKEN}
_RAW = {
    wire.Cause.UNREACHED: Fault.UNREACHED,
    wire.Cause.SILENT: Fault.SILENT,
    wire.Cause.CLOSED: Fault.DROPPED,
    wire.Cause.BROKEN: Fault.BROKEN,
    wire.Cause.TOO_LARGE: Fault.TOO_LARGE,
}


async def attempt(client: httpx.AsyncClient, request: httpx.Request, limits: Limits, seconds: float | None) -> Outcome:
    """Send a request once and read its answer, which must be complete after so many seconds (None: no matter when)."""
    begun: list[httpx.Response] = []
    try:
        async with asyncio.timeout(seconds):
            begun.append(await client.send(request, stream=True))
            return await _answer(begun[0], limits.largest)
    except TimeoutError:
        fault = Fault.SLOW if begun else Fault.SILENT
        return Outcome(None, fault, f"{fault}, which is {seconds:g} seconds")
    except httpx.HTTPError as error:
        fault = next(fault for kind, fault in _FAULTS if isinstance(error, kind))
        return Outcome(None, _ONCE_BEGUN.get(fault, fault) if begun else fault, _why(error))
    finally:
        if begun:
            await begun[0].aclose()


async def attempt_raw(asking: Awaitable[Answer], limits: Limits) -> Outcome:
    """Return what comes of a request over a connection of its own."""
    try:
        answer = await asking
    except wire.NoAnswerError as error:
        return Outcome(None, _RAW[error.cause], str(error))
    codings = ", ".join(value for name, value in answer.headers if name == "content-encoding")
    try:
        return Outcome(Answer(answer.status, answer.headers, decoded(answer.content, codings, limits.largest)))
    except (TooLargeError, UndecodableError) as error:
        return _refused(error)


async def _answer(response: httpx.Response, largest: int) -> Outcome:
    if response.is_stream_consumed:  # it was never on a wire
        return Outcome(Answer(response.status_code, _fields(response), response.content))
    try:
        content = await read(response.aiter_raw(), response.headers.get("content-encoding", ""), largest)
    except (TooLargeError, UndecodableError) as error:
        return _refused(error)
    return Outcome(Answer(response.status_code, _fields(response), content))


def _fields(response: httpx.Response) -> Headers:
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers.raw)


def _refused(error: TooLargeError | UndecodableError) -> Outcome:
    """Return what a content comes to that is not kept.

    How much an answer may have is for the run to say, and no fault of the target. That a small content unfolds to a huge one
    is: no content coding was asked for.
    """
    own = isinstance(error, TooLargeError) and not error.unfolded
    return Outcome(None, Fault.TOO_LARGE if own else Fault.BROKEN, str(error))


def _why(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
