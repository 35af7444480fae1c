"""`empty-body`: where the page documents an empty body, not a byte comes."""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.contracts.model import Api, BehaviourDeclaration, Operation
from asdocumented.mutant import Mutant
from asdocumented.planning.context import Context
from asdocumented.plans import Scenario
from asdocumented.reads.case import Case
from asdocumented.reads.marks import Mark, broken, met
from asdocumented.requirement import Requirement, Stage, make, response


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield the requirement for the declared status."""
    status = declaration.parameters["status"]
    several = len(operation.successes) > 1
    basis = declaration.basis if declaration.basis.lines else operation.responses[status].basis
    yield make(
        operation,
        response(status, "empty-body"),
        f"The body of a {status} is empty.",
        family="response",
        stage=Stage.PARSE,
        basis=basis,
        conditional="the target chooses among the documented statuses" if several else "",
    )


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield nothing: every valid request bears on it."""
    yield from ()


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark]:
    """Look at every answer with the declared status."""
    status = declaration.parameters["status"]
    requirement = f"{operation.id}/{response(status, 'empty-body')}"
    for read in case.of(operation.name):
        answer = read.exchange.response
        if answer is None or str(answer.status) != status:
            continue
        if answer.body:
            start = answer.body[:40].decode("utf-8", errors="replace")
            yield broken(
                requirement, read.id, expected="an empty body", got=f"{len(answer.body)} bytes, {start!r}", where="body"
            )
        else:
            yield met(requirement, read.id)


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield the mutant that sends a body."""
    what = response(declaration.parameters["status"], "empty-body")
    if len(operation.successes) == 1:
        yield Mutant("empty-body.filled", operation.id, f"{operation.id}/{what}", {"text": "{}"})
