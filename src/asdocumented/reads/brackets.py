"""Tell whether what a read shows stayed as it was around it: another client may have changed it meanwhile."""

from __future__ import annotations

from asdocumented.contracts.model import Operation
from asdocumented.reads.case import Case
from asdocumented.reads.classify import Read
from asdocumented.reads.settling import is_same, may_write
from asdocumented.reads.walks import Walk


def is_beside(case: Case, one: Walk, other: Walk) -> bool:
    """Tell whether two walks ask the same, one right after the other."""
    first, second = sorted((one, other), key=lambda each: each.pages[0].id)
    return case.place(first.pages[-1]) + 1 == case.place(second.pages[0]) and is_same(first.pages[0], second.pages[0])


def is_undisturbed(case: Case, one: Read, other: Read) -> bool:
    """Tell whether the run itself changed nothing between two requests."""
    between = case.reads[case.place(one) + 1 : case.place(other)]
    return one.epoch == other.epoch and not any(map(may_write, between))


def still_there(case: Case, write: Operation, walk: Walk, identifier: str) -> bool | None:
    """Tell whether a read of one item after a walk, before the run changed anything, shows it; None without such a read."""
    last = walk.pages[-1]
    name = write.path.rpartition("{")[2].partition("}")[0]
    for read in case.reads[case.place(last) + 1 :]:
        operation = read.operation
        about = (read.argument("path", name) or "").casefold() == identifier.casefold()
        if operation is not None and operation.method == "GET" and operation.path == write.path and about:
            told = read.status in (200, 404) and is_undisturbed(case, last, read)
            return read.status == 200 if told else None
    return None
