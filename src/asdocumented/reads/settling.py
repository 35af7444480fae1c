"""Tell which of several reads counts: of equal reads in a row the last, and a miss only when it was repeated.

A target may show a write with a delay, and a trace has no times. A read that misses something says little when nobody
looked again; when somebody did, the last of the looks is what the target shows in the end.
"""

from __future__ import annotations

from asdocumented.contracts.model import Tier
from asdocumented.reads.case import Case
from asdocumented.reads.classify import Read
from asdocumented.reads.walks import Walk

ONCE = "it was looked at only once after the write, and what is read may lag"
_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")  # RFC 9110 section 9.2.1


def is_settled(case: Case, first: Read, last: Read | None = None) -> bool:
    """Tell whether the next request of the API is not this one again; `last` is the last page of a list."""
    place = case.place(last or first) + 1
    return place >= len(case.reads) or not is_same(first, case.reads[place])


def is_walk_settled(case: Case, walk: Walk) -> bool:
    """Tell whether a list is not asked for again right after its last page."""
    return is_settled(case, walk.pages[0], walk.pages[-1])


def is_repeated(case: Case, first: Read) -> bool:
    """Tell whether the same was asked right before, pages that continue it left out."""
    for other in reversed(case.reads[: case.place(first)]):
        if is_same(first, other):
            return True
        if other.operation is not first.operation or other.exchange.request.target != first.exchange.request.target:
            return False
    return False


def is_same(one: Read, other: Read) -> bool:
    """Tell whether two requests ask the same of the same things, as the same caller and in the same epoch."""
    first, second = one.exchange.request, other.exchange.request
    return (
        one.operation is other.operation
        and (first.method, first.target, first.body) == (second.method, second.target, second.body)
        and (one.identity, one.epoch, one.oddities) == (other.identity, other.epoch, other.oddities)
        and _declared(one) == _declared(other)
    )


def _declared(read: Read) -> dict[str, str | None]:
    """Return what a request sends in the headers that the contract has."""
    parameters = read.operation.parameters if read.operation else ()
    return {each.name: read.argument("header", each.name) or None for each in parameters if each.location == "header"}


def may_write(read: Read) -> bool:
    """Tell whether a request may have changed something: it was not refused, and its operation does not only read."""
    refused = 300 <= read.status < 500
    reads = read.operation is not None and read.operation.tier.rank <= Tier.READ.rank
    return not refused and not reads and read.exchange.request.method not in _SAFE


def is_quiet(case: Case, first: Read, last: Read) -> bool:
    """Tell whether nothing was written between two exchanges of one epoch."""
    between = case.reads[case.place(first) + 1 : case.place(last)]
    return first.epoch == last.epoch and not any(may_write(each) for each in between)


def is_about(read: Read, other: Read) -> bool:
    """Tell whether what two paths name is the same, as far as both name it; ids are compared without case."""
    mine, yours = ids(read), ids(other)
    return all(mine[name] == yours[name] for name in mine.keys() & yours.keys())


def ids(read: Read) -> dict[str, str]:
    """Return the path parameters of a request by name, in lower case."""
    return {name: values[0].casefold() for (location, name), values in read.arguments.items() if location == "path"}
