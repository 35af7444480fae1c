"""Tell a server that drops a request's connection from a network that lost one, where the request cannot be sent again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from asdocumented.transport.attempting import Fault, Outcome
from asdocumented.transport.retrying import Asked

_TIMES = 3  # as often as a request is sent that can be repeated, before what came each time is believed


class Dropped:
    """Counts for each operation how many requests in a row, which cannot be repeated, were dropped without an answer."""

    def __init__(self) -> None:
        self._in_a_row: Counter[str] = Counter()

    def believed(self, operation: str, asked: Asked, outcome: Outcome) -> Outcome:
        """Return an outcome that stands; a drop is the environment's until so many requests in a row were dropped.

        A server may well end the connection for a request that no client sends, so that such a one does not count.
        """
        if asked.may_repeat or asked.is_raw:
            return outcome
        if outcome.fault is not Fault.DROPPED:
            if outcome.answer is not None:
                del self._in_a_row[operation]
            return outcome
        self._in_a_row[operation] += 1
        if self._in_a_row[operation] >= _TIMES:
            return outcome
        return replace(outcome, fault=Fault.LOST, failure=f"{outcome.failure}; the request cannot be repeated safely")
