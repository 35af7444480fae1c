"""Tell which of several looks at the same thing counts: of equal reads in a row the last, and a miss only when it was repeated.

A target may show a write with a delay, and a trace has no times. A read that misses something says little when nobody
looked again; when somebody did, the last of the looks is what the target shows in the end.
"""

from __future__ import annotations

from asdocumented.reads.case import Case
from asdocumented.reads.classify import Read

ONCE = "it was looked at only once after the write, and what is read may lag"


def is_last_look(case: Case, first: Read, last: Read | None = None) -> bool:
    """Tell whether the next request of the API does not ask the same again; `last` is the last page of a list."""
    place = case.reads.index(last or first) + 1
    return place >= len(case.reads) or not _same(first, case.reads[place])


def is_repeated(case: Case, first: Read) -> bool:
    """Tell whether the same was asked right before, pages that continue it left out."""
    for other in reversed(case.reads[: case.reads.index(first)]):
        if _same(first, other):
            return True
        if other.operation is not first.operation or other.exchange.request.target != first.exchange.request.target:
            return False
    return False


def _same(one: Read, other: Read) -> bool:
    """Tell whether two requests ask the same of the same things, as the same caller and in the same epoch."""
    first, second = one.exchange.request, other.exchange.request
    return (
        one.operation is other.operation
        and (first.method, first.target, first.body) == (second.method, second.target, second.body)
        and (one.identity, one.epoch) == (other.identity, other.epoch)
        and _headers(one) == _headers(other)
    )


def _headers(read: Read) -> dict[str, str | None]:
    """Return what a request sends in the headers that the contract has."""
    parameters = read.operation.parameters if read.operation else ()
    return {each.name: read.argument("header", each.name) or None for each in parameters if each.location == "header"}
