"""`case-insensitive`: a path parameter names the same resource in any letter case."""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.behaviours.vocabulary import Mutant, semantic
from asdocumented.contracts.model import Api, BehaviourDeclaration, Operation
from asdocumented.planning.context import Context
from asdocumented.plans import Scenario, UnplannableError
from asdocumented.reads.case import Case, shown
from asdocumented.reads.classify import Read
from asdocumented.reads.marks import Mark, blocked, broken, met
from asdocumented.requirement import Requirement, safe


def _what(declaration: BehaviourDeclaration) -> str:
    return f"case-insensitive/{safe(declaration.parameters['parameter'])}"


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield the requirement for the declared parameter."""
    name = declaration.parameters["parameter"]
    yield semantic(operation, declaration, _what(declaration), f"{name} means the same in any letter case.")


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield a valid call with the value in the other letter case."""
    name = declaration.parameters["parameter"]
    call = context.valid(operation)
    value = call.arguments["path", name]
    if value.swapcase() == value:
        raise UnplannableError(f"{name} {value!r} has no letters")
    step = context.step(
        call.with_argument("path", name, value.swapcase()), f"a valid request with {name} in the other letter case"
    )
    serves = (f"{operation.id}/{_what(declaration)}",)
    yield Scenario(f"{operation.name}/case-{name}", operation.api, (step,), state=operation.state, serves=serves)


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark]:
    """Compare a request in another letter case with a successful one in the usual case."""
    name = declaration.parameters["parameter"]
    requirement = f"{operation.id}/{_what(declaration)}"
    usual = [read for read in case.of(operation.name) if read.certain and read.succeeded and not read.causes]
    for read in case.of(operation.name):
        value = read.argument("path", name) or ""
        if read.causes or not any(_other_case(value, each.argument("path", name) or "") for each in usual):
            continue
        yield from _compare(case, requirement, read, name, value)


def _other_case(value: str, usual: str) -> bool:
    return value != usual and value.casefold() == usual.casefold()


def _compare(case: Case, requirement: str, read: Read, name: str, value: str) -> Iterator[Mark]:
    if case.blocker(read):
        yield blocked(requirement, read.id, blocker=case.blocker(read))
    elif read.succeeded:
        yield met(requirement, read.id)
    elif 400 <= read.status < 500 and read.status != 429:
        expected = f"success for {name} {shown(value)}, as in the usual letter case"
        yield broken(requirement, read.id, expected=expected, got=str(read.status), where="status")


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield the mutant that compares letter by letter."""
    yield Mutant("case-insensitive.sensitive", operation.id, f"{operation.id}/{_what(declaration)}")
