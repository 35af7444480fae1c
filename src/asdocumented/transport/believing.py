"""Tell what a server does each time from what a network did once, where the request cannot be sent again.

A dropped connection, and a page (HTML) where the API answers in its own media type, may be the doing of whatever stands in
between. They are believed once so many requests of an operation in a row had them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from enum import StrEnum

from asdocumented.transport.attempting import Fault, Outcome
from asdocumented.transport.retrying import Asked, is_page

_TIMES = 3  # as often as a request is sent that can be repeated, before what came each time is believed
_ONCE = "the request cannot be repeated safely"


class _Strange(StrEnum):
    """What is believed only in a row."""

    DROP = "drop"
    SUCCESS = "page for a success"
    REFUSAL = "page for an error"


class Beliefs:
    """Counts for each operation how many requests in a row, which cannot be repeated, came to something strange."""

    def __init__(self) -> None:
        self._in_a_row: Counter[tuple[str, _Strange]] = Counter()

    def believed(self, operation: str, asked: Asked, outcome: Outcome) -> Outcome:
        """Return an outcome that stands; what is strange is the environment's until it came so many times in a row.

        A server may well end the connection for a request that no client sends, and refuse an unusual one with a page, so that
        such a one does not count.
        """
        strange = _strange(asked, outcome)
        if strange is None:
            for kind in _ruled_out(outcome):
                del self._in_a_row[operation, kind]
            return outcome
        if asked.may_repeat or asked.is_raw or (asked.is_unusual and strange is not _Strange.DROP):
            return outcome
        self._in_a_row[operation, strange] += 1
        if self._in_a_row[operation, strange] >= _TIMES:
            return outcome
        if strange is _Strange.DROP:
            return replace(outcome, fault=Fault.LOST, failure=f"{outcome.failure}; {_ONCE}")
        status = outcome.answer.status if outcome.answer is not None else 0
        failure = f"a page came with {status} where the API answers in another media type, and {_ONCE}"
        return replace(outcome, fault=Fault.GATEWAY, failure=failure)


def _strange(asked: Asked, outcome: Outcome) -> _Strange | None:
    if outcome.fault is Fault.DROPPED:
        return _Strange.DROP
    if outcome.answer is None or not is_page(asked, outcome.answer):
        return None
    return _Strange.SUCCESS if outcome.answer.status < 300 else _Strange.REFUSAL


def _ruled_out(outcome: Outcome) -> tuple[_Strange, ...]:
    """Return what an answer that is not strange shows not to happen each time."""
    if outcome.answer is None:
        return ()
    return (_Strange.DROP, _Strange.SUCCESS if outcome.answer.status < 300 else _Strange.REFUSAL)
