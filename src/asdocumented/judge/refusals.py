"""Judge the answers to requests with exactly one documented cause, each against a control that succeeds.

A request with two faults may be answered for either, so its status is not held against one of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.contracts.model import DocumentedError, Operation
from asdocumented.families import judge_refusal
from asdocumented.reads.case import Case, shown
from asdocumented.reads.classify import Read
from asdocumented.reads.codes import BUSY, accepted_codes, code_of
from asdocumented.reads.marks import Mark, blocked, broken, met
from asdocumented.requirement import error
from asdocumented.requirements import claimed_states


def judge_refusals(case: Case) -> Iterator[Mark]:
    """Yield the marks on documented errors, and on the refusal of missing resources that no page speaks of."""
    for read in case.reads:
        if len(read.causes) != 1 or read.exchange.response is None:
            continue
        cause = read.causes[0]
        if read.operation is None or read.oddities or "/" in cause or cause in claimed_states(read.operation):
            continue
        yield from _documented(case, read.operation, cause, read)


def _error_for(operation: Operation, cause: str) -> DocumentedError | None:
    errors = (each for rule in operation.responses.values() for each in rule.errors)
    return next((each for each in errors if cause in each.when), None)


def _documented(case: Case, operation: Operation, cause: str, read: Read) -> Iterator[Mark]:
    documented = _error_for(operation, cause)
    if documented is None:
        yield judge_refusal(case, f"{operation.id}/{error(cause, 'refused')}", read)
        return
    status, code = (f"{operation.id}/{error(cause, aspect)}" for aspect in ("status", "code"))
    control = case.control(read)
    if read.status in BUSY:
        yield blocked(status, read.id, reason=f"the target was busy ({read.status})")
    elif case.is_locked_out(read):
        for each in (status, code):
            yield case.uncontrolled(each, read)
    elif read.status != documented.status:
        expected = f"{documented.status} {documented.error}"
        yield broken(status, read.id, expected=expected, got=str(read.status), where="status")
        yield blocked(code, read.id, blocker=status)
    elif control is None:
        for each in (status, code):
            yield case.uncontrolled(each, read)
    else:
        yield met(status, read.id, control.id)
        yield from _code(case, code, documented, read)


def _code(case: Case, requirement: str, documented: DocumentedError, read: Read) -> Iterator[Mark]:
    got = code_of(case.api, read)
    if got in accepted_codes(case.api, documented):
        yield met(requirement, read.id)
    elif case.blocker(read) or (got is None and case.flaws.get(read.id)):
        yield blocked(requirement, read.id, blocker=case.blocker(read) or case.flaws[read.id][0])
    else:
        where = "$" + case.api.error_model.code.replace("/", ".")
        yield broken(requirement, read.id, expected=documented.error, got=shown(got) if got else "none", where=where)
