"""Decide whether a request is sent again: a pure function of what was asked, what came of it, and how often it was sent.

- 429 and 503 are sent again after the time in Retry-After (or a short one of ours), whatever the method: the request was refused.
- A gateway's answer (502, 503, 504 with a body that is no error in the API's own form) is sent again if the method is
  idempotent, and in the end it is the environment's doing.
- A page (HTML) where the API answers in its own media type may be somebody else's too, if the method is idempotent.
- A lost connection is tried again if the method is idempotent (RFC 9110 9.2.2) and no byte of an answer came.
- A page and a dropped connection that come every time are the target's: they are judged, and from then on believed at once
  (`Asked.known`).
- All else is what the target says: a 500 is never sent again.
"""

from __future__ import annotations

from dataclasses import dataclass

from asdocumented.reads.classify import at
from asdocumented.reads.faults import PAGES, media_type
from asdocumented.reads.retrying import delay
from asdocumented.reads.strict_json import parse
from asdocumented.traces import Response
from asdocumented.transport.attempting import Fault, Outcome
from asdocumented.wire import Answer

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
LONGEST = 300.0
"""The longest time in seconds that a run waits because an answer says so."""

_UNAVAILABLE = 503
_BUSY, _GATEWAY = (429, _UNAVAILABLE), (502, _UNAVAILABLE, 504)
_WAITS = (
    0.5,
    2.0,
)  # seconds before each time that a request is sent again after a lost connection or a gateway's answer
_PAGE_WAITS = _DROPPED_WAITS = (0.1, 0.5)
_MORE_BUSY = 4  # so many times it is sent again at most because of a 429 or 503
_SHORT = 1.0  # seconds before the first repetition after a 429 or 503 that does not say when; each later one is twice as long


@dataclass(frozen=True, slots=True)
class Asked:
    """What there is to know of a request: its method, what its API answers in, and how often it was sent before.

    `media_types` are those of the API, and `code_at` is the JSON pointer to the code of its errors. `busy_counts`: an answer that
    says "later" is what was asked for. `known`: how this operation was seen to fail every time (`signature`). `is_raw`: no
    client sends such a request, and a server may well end the connection for it. `is_unusual`: it may well be refused in front of
    the API, with a page.
    """

    method: str
    media_types: frozenset[str]
    code_at: str = ""
    sent: int = 0
    busy_counts: bool = False
    known: frozenset[int] = frozenset()
    is_raw: bool = False
    is_unusual: bool = False

    @property
    def may_repeat(self) -> bool:
        """Tell whether sending the request twice is like sending it once."""
        return self.method in IDEMPOTENT and not self.is_raw


@dataclass(frozen=True, slots=True)
class Again:
    """Why a request is sent again and how long to wait before; `everybody` waits where the server asks for it."""

    reason: str
    wait: float
    everybody: bool = False


def again(asked: Asked, outcome: Outcome, now: float) -> Again | None:
    """Return why a request is sent again, or None where its outcome stands."""
    answer = outcome.answer
    if signature(asked, outcome) in asked.known:
        return None
    if answer is None:
        waits = _DROPPED_WAITS if outcome.fault is Fault.DROPPED else _WAITS
        return _soon(asked, str(outcome.fault), waits) if outcome.fault.is_lost_connection else None
    told = delay(Response(answer.status, answer.headers), now)
    if is_gateway(asked, answer) and (told is None or answer.status != _UNAVAILABLE):
        return _soon(
            asked, f"a gateway answered {answer.status}", _WAITS if told is None else (min(told, LONGEST),) * 2
        )
    if is_busy(answer):
        return None if asked.busy_counts else _after_busy(asked, answer.status, told)
    if is_page(asked, answer):
        return _soon(asked, "a page came where the API answers in another media type", _PAGE_WAITS)
    return None


def _soon(asked: Asked, reason: str, waits: tuple[float, ...]) -> Again | None:
    return Again(reason, waits[asked.sent]) if asked.may_repeat and asked.sent < len(waits) else None


def _after_busy(asked: Asked, status: int, told: float | None) -> Again | None:
    if asked.sent >= _MORE_BUSY:
        return None
    if told is None:
        wait = _SHORT * 2**asked.sent
        return Again(f"{status} that does not say when: sent again after {wait:g} s", wait)
    if told > LONGEST:
        return None
    # A second more where it was told, since both times are cut to whole seconds; none where nothing is to be waited for.
    wait = told + 1 if told else 0.0
    return Again(f"{status}: sent again after {told:g} s, as Retry-After says", wait, everybody=True)


def signature(asked: Asked, outcome: Outcome) -> int | None:
    """Return what tells a failure that may be the target's own: 0 for a dropped connection, the status of a page, or None."""
    if outcome.fault is Fault.DROPPED:
        return 0
    return outcome.answer.status if outcome.answer is not None and is_page(asked, outcome.answer) else None


def is_busy(answer: Answer) -> bool:
    """Tell whether an answer says no more than "later"."""
    return answer.status in _BUSY


def is_gateway(asked: Asked, answer: Answer) -> bool:
    """Tell whether an answer is that of something in front of the target: 502, 503 or 504, and no error of the API."""
    return answer.status in _GATEWAY and not _is_error_of(asked, answer)


def _is_error_of(asked: Asked, answer: Answer) -> bool:
    """Tell whether an answer has the API's media type, and a code where the API's errors have theirs."""
    if media_type(_field(answer, "content-type")) not in asked.media_types:
        return False
    parsed = parse(answer.content)
    return not asked.code_at or (parsed.usable and isinstance(at(parsed.value, asked.code_at), str))


def is_page(asked: Asked, answer: Answer) -> bool:
    """Tell whether an answer that is no server error has a page as its content, and the API has none."""
    kind = media_type(_field(answer, "content-type"))
    plain = 200 <= answer.status < 300 or 400 <= answer.status < 500
    return plain and kind in PAGES and kind not in asked.media_types and bool(answer.content)


def _field(answer: Answer, name: str) -> str | None:
    return next((value for key, value in answer.headers if key == name), None)
