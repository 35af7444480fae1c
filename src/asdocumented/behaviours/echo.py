"""`echo`: the response repeats what the request sent.

Each response field that the declaration names must equal the request's field or path parameter. GUIDs are compared
without case where the declaration says so (RFC 9562 section 4: output in lower case, input in any).
"""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.behaviours.vocabulary import semantic
from asdocumented.contracts.model import JSON, Api, BehaviourDeclaration, Operation
from asdocumented.mutant import Mutant
from asdocumented.planning.context import Context
from asdocumented.plans import VALID, Scenario
from asdocumented.reads.case import Case, field_of, same, shown
from asdocumented.reads.classify import Read, at
from asdocumented.reads.marks import Mark, blocked, broken, met
from asdocumented.requirement import Requirement, safe


def _what(pointer: str) -> str:
    return "echo/" + "/".join(safe(part) for part in pointer.strip("/").split("/"))


def sent(read: Read, source: str) -> JSON:
    """Return what a request sent at `path NAME` or at a pointer into its body, or None."""
    if source.startswith("path "):
        return read.argument("path", source.removeprefix("path "))
    return at(read.body, source)


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield one requirement for each echoed field."""
    for pointer, source in declaration.parameters["fields"].items():
        name = source.removeprefix("path ").removeprefix("/")
        yield semantic(operation, declaration, _what(pointer), f"The response's {pointer} is the request's {name}.")


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield two writes that differ in every field, and one with the optional fields."""
    first, second = context.pair(operation)
    full = context.valid(operation, body=context.bodies.draw(operation, full=True))
    yield Scenario(
        f"{operation.name}/echo",
        operation.api,
        (
            context.step(first, "a valid write", shows=VALID),
            context.step(second, "another valid write, different in every field", shows=VALID),
            context.step(full, "a valid write with every optional field", shows=VALID),
        ),
        state=operation.state,
        serves=tuple(each.id for each in requirements(context.api, operation, declaration)),
    )


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark]:
    """Compare every successful answer with its own request."""
    ignoring = set(declaration.parameters.get("ignore-case", ()))
    for read in case.of(operation.name):
        for pointer, source in declaration.parameters["fields"].items():
            wanted = sent(read, source)
            if wanted is None or read.causes:
                continue
            requirement = f"{operation.id}/{_what(pointer)}"
            got = field_of(read, pointer)
            if case.blocker(read):
                yield blocked(requirement, read.id, blocker=case.blocker(read))
            elif not read.succeeded:
                continue
            elif got is None:
                yield case.unusable(requirement, read, pointer)
            elif same(wanted, got, ignoring_case=pointer in ignoring):
                yield met(requirement, read.id)
            else:
                where = "$" + pointer.replace("/", ".")
                yield broken(
                    requirement, read.id, expected=f"{shown(wanted)}, as the request sent", got=shown(got), where=where
                )


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield one mutant a field: another value comes back."""
    for pointer in declaration.parameters["fields"]:
        yield Mutant("echo.wrong", operation.id, f"{operation.id}/{_what(pointer)}", {"pointer": pointer})
