"""`upsert`: a second write to the same id replaces the first (RFC 9110 section 9.3.4).

Where the page is silent, a refusal of the second write is a reading of the register too; what never conforms is a success
whose answer still shows the first write.
"""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.behaviours.echo import sent
from asdocumented.behaviours.vocabulary import semantic
from asdocumented.contracts.model import Api, BehaviourDeclaration, Operation
from asdocumented.mutant import Mutant
from asdocumented.planning.context import Context
from asdocumented.plans import Scenario
from asdocumented.reads.case import Case, field_of, same, shown
from asdocumented.reads.classify import Read
from asdocumented.reads.marks import Mark, Seen, blocked, broken, met
from asdocumented.requirement import Requirement

_WHAT = "upsert/replaces"


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield the requirement that the second write wins."""
    text = f"A second write to the same {declaration.parameters['id']} that succeeds replaces what the first wrote."
    yield semantic(operation, declaration, _WHAT, text)


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield a write, and a write to the same id that changes one field."""
    name = declaration.parameters["change"].removeprefix("/")
    first, second = context.changing(operation, name)
    steps = (
        context.step(first, "a valid write"),
        context.step(second, f"a write to the same id that changes {name}"),
    )
    serves = (f"{operation.id}/{_WHAT}",)
    yield Scenario(f"{operation.name}/upsert", operation.api, steps, state=operation.state, serves=serves)


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark | Seen]:
    """Look at each write to an id that was written before."""
    requirement = f"{operation.id}/{_WHAT}"
    change = declaration.parameters["change"]
    written: dict[tuple[int, str], Read] = {}
    for read in case.on_path(operation):
        if read.operation is None or read.causes:
            continue
        key = (read.epoch, read.argument("path", declaration.parameters["id"]) or "")
        if read.operation is not operation:
            if read.operation.method == "DELETE":
                written.pop(key, None)
            continue
        before = written.get(key)
        if before is not None and not same(sent(before, change), sent(read, change)):
            yield from _second(case, operation, declaration, before, read)
        if case.blocker(read) and before is None:
            yield blocked(requirement, read.id, blocker=case.blocker(read))
        elif read.succeeded:
            written[key] = read


def _second(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, before: Read, read: Read
) -> Iterator[Mark | Seen]:
    requirement = f"{operation.id}/{_WHAT}"
    ambiguity = declaration.parameters.get("ambiguity", "")
    if case.blocker(read):
        yield blocked(requirement, read.id, blocker=case.blocker(read))
    elif read.status == 409:
        yield met(requirement, read.id, before.id)
        if ambiguity:
            yield Seen(operation.id, ambiguity, "conflict", read.id)
    elif read.succeeded:
        yield from _replaced(case, operation, declaration, before, read)
        if ambiguity:
            yield Seen(operation.id, ambiguity, "replaced", read.id)
    else:
        yield blocked(requirement, read.id, reason=f"{read.status} says nothing about a second write")


def _replaced(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, before: Read, read: Read
) -> Iterator[Mark]:
    requirement = f"{operation.id}/{_WHAT}"
    change = declaration.parameters["change"]
    echoed = {
        source: pointer for each in operation.behaviour("echo") for pointer, source in each.parameters["fields"].items()
    }
    pointer = str(echoed.get(change, change))
    got = field_of(read, pointer)
    where = "$" + pointer.replace("/", ".")
    if got is None:
        yield case.unusable(requirement, read, pointer)
    elif same(sent(before, change), got):
        yield broken(
            requirement,
            read.id,
            before.id,
            expected=f"{shown(sent(read, change))}, from the second write",
            got=f"{shown(got)}, from the first",
            where=where,
        )
    else:
        yield met(requirement, read.id, before.id)


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield the mutants that keep the first write: alone, whatever they answer, or beside the second."""
    for switch in ("upsert.ignored", "upsert.unstored", "upsert.adds"):
        yield Mutant(switch, operation.id, f"{operation.id}/{_WHAT}")
