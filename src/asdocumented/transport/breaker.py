"""See when a target is in distress, so that a run leaves it alone."""

from __future__ import annotations

from collections import deque

from asdocumented.errors import UnreachableError
from asdocumented.transport.attempting import Fault, Outcome

_IN_A_ROW = 5  # attempts without a connection or without an answer: the target is gone
_LAST, _MOST = 20, 15  # so many of the last requests came to nothing, however often they were sent: it cannot cope
_BUSY_IN_A_ROW = 3  # requests that were answered "later" each of several times: it will not do better soon
_DROPPED_IN_A_ROW = 9  # three requests, three times each
_GONE = (Fault.UNREACHED, Fault.SILENT, Fault.SLOW)
_DROPPED = (Fault.DROPPED, Fault.LOST)


class Breaker:
    """Counts what came to nothing, and ends a run that does no more than burden a target."""

    def __init__(self) -> None:
        self.in_a_row = 0
        self._last: deque[bool] = deque(maxlen=_LAST)
        self._busy = 0
        self._dropped = 0
        self._answered: set[str] = set()

    def tried(self, server: str, outcome: Outcome, before: int) -> None:
        """Take note of an attempt, which began after so many failures in a row: what is on its way together counts once.

        Raises UnreachableError when the last five had no answer at all.
        """
        self.in_a_row = max(self.in_a_row, before + 1) if outcome.fault in _GONE else 0
        if self.in_a_row >= _IN_A_ROW:
            raise _distress(
                f"{server} stopped answering: {self.in_a_row} requests in a row failed, the last with {outcome.failure}."
            )

    def dropped(self, server: str, operation: str, outcome: Outcome) -> None:
        """Take note of whether a connection was dropped that was to answer an operation.

        An operation that never answers is the target's own fault. Raises UnreachableError when nothing but drops comes where
        there were answers before: the target has gone, and something in front of it hangs up.
        """
        if outcome.answer is not None:
            self._answered.add(operation)
            self._dropped = 0
        elif outcome.fault in _DROPPED and operation in self._answered:
            self._dropped += 1
            if self._dropped >= _DROPPED_IN_A_ROW:
                raise _distress(
                    f"{server} stopped answering: the last {self._dropped} connections ended without an answer, for what was"
                    " answered before."
                )

    def ended(self, server: str, *, in_vain: bool, busy_often: bool, last: str) -> None:
        """Take note of a request that is not sent again; `in_vain`: busy, a gateway, or no answer, to the very last.

        `busy_often`: it was sent several times, and each time the target was busy. Raises UnreachableError when three in a row
        were, or when most of the last twenty were in vain.
        """
        self._busy = self._busy + 1 if busy_often else 0
        if self._busy >= _BUSY_IN_A_ROW:
            raise _distress(
                f"{server} is in distress: {self._busy} requests in a row got nothing but {last}, however often they were sent."
            )
        self._last.append(in_vain)
        if sum(self._last) >= _MOST:
            raise _distress(
                f"{server} is in distress: {sum(self._last)} of the last {len(self._last)} requests got no answer of its own,"
                f" however often they were sent; the last: {last}."
            )


def _distress(message: str) -> UnreachableError:
    return UnreachableError(
        "target-in-distress", message, remedy="See that it runs, and run again; what was judged so far is kept."
    )
