"""`upsert`: a second write to the same id replaces the first (RFC 9110 section 9.3.4).

Where the page is silent, a refusal of the second write is a reading of the register too; what never conforms is a success
whose answer still shows the first write, or after which a list still does, under the same id or another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from asdocumented.behaviours.echo import sent
from asdocumented.behaviours.vocabulary import following, semantic
from asdocumented.contracts.model import JSON, Api, BehaviourDeclaration, Operation
from asdocumented.mutant import Line, Mutant, Variant
from asdocumented.planning.context import Context
from asdocumented.plans import Call, Lists, Scenario, Step, Until
from asdocumented.reads.case import Case, field_of, same, shown
from asdocumented.reads.classify import Read, at
from asdocumented.reads.marks import Mark, Seen, blocked, broken, met
from asdocumented.reads.settling import ids, is_quiet, is_repeated, is_walk_settled
from asdocumented.reads.stored import Item, expected, ignoring_case, stored_before
from asdocumented.reads.walks import filters, walks
from asdocumented.requirement import Requirement

_WHAT = "upsert/replaces"


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield the requirement that the second write wins."""
    text = f"A second write to the same {declaration.parameters['id']} that succeeds replaces what the first wrote."
    yield semantic(operation, declaration, _WHAT, text)


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield a write, a write to the same id that changes one field, and one that changes it back.

    The last is there where the register leaves it to the target what a second write does: it has to do so throughout.
    """
    name = declaration.parameters["change"].removeprefix("/")
    first, second = context.changing(operation, name)
    steps = [
        context.step(first, "a valid write"),
        context.step(second, f"a write to the same id that changes {name}"),
    ]
    if context.has(declaration.parameters.get("list", "")):
        steps.append(_listing(context, operation, declaration, (first, second)))
    if "ambiguity" in declaration.parameters:
        steps.append(context.step(first, f"a write to the same id that changes {name} back", again=True))
    serves = (f"{operation.id}/{_WHAT}",)
    yield Scenario(f"{operation.name}/upsert", operation.api, tuple(steps), state=operation.state, serves=serves)


def _listing(
    context: Context, operation: Operation, declaration: BehaviourDeclaration, writes: tuple[Call, Call]
) -> Step:
    """Return a step that lists until what the second write stored is there, and what the first stored is not."""
    given = declaration.parameters
    sibling = context.sibling(given["list"])
    before, after = (expected(operation, each) for each in writes)
    gone = tuple(each for each in before if each.pointer != given["item"])
    until = Until((Lists(given["items"], after), Lists(given["items"], gone, absent=True)), context.pages(sibling))
    step = context.step(context.valid(sibling), "a list after the second write", again=True)
    return replace(step, follow=until)


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
        yield from _listed(case, operation, declaration, before, read)
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


def _listed(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, before: Read, read: Read
) -> Iterator[Mark]:
    """Look for what the first write stored in the lists that come after the second, up to the next write."""
    requirement, given = f"{operation.id}/{_WHAT}", declaration.parameters
    replaced = stored_before(case, operation, read).get(ids(read)[operation.own])
    if "list" not in given or replaced is None:
        return
    for walk in walks(case, case.api.operations[given["list"]]):
        first = walk.pages[0]
        if first.id < read.id or not is_quiet(case, read, first) or filters(first) or not walk.complete:
            continue
        if any(map(case.blocker, walk.pages)) or not is_walk_settled(case, walk):
            continue
        known = stored_before(case, operation, first).keys() - {replaced.id}
        left = next(
            (each for each in walk.items(given["items"]) if _is_left(operation, given, replaced, known, each)), None
        )
        if left is None:
            yield met(requirement, *walk.ids, read.id)
        elif is_repeated(case, first):
            wanted = f"no item with what exchange {before.id} wrote, since exchange {read.id} replaced it"
            got = f"the item {shown(at(left, given['item']))} with it"
            where = "$" + given["items"].replace("/", ".")
            yield broken(requirement, *walk.ids, read.id, before.id, expected=wanted, got=got, where=where)


def _is_left(
    operation: Operation, given: Mapping[str, JSON], replaced: Item, known: Collection[str], item: JSON
) -> bool:
    """Tell whether an item is what was replaced, under its own id or one that no other write of this run has."""
    ignoring = ignoring_case(operation)
    fields = {pointer: value for pointer, value in replaced.fields.items() if pointer != given["item"]}
    alike = all(same(value, at(item, pointer), ignoring_case=pointer in ignoring) for pointer, value in fields.items())
    return bool(fields) and alike and str(at(item, given["item"])).casefold() not in known


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield the mutants that keep the first write: alone, whatever they answer, or beside the second."""
    for switch in ("upsert.ignored", "upsert.unstored", "upsert.adds"):
        yield Mutant(switch, operation.id, f"{operation.id}/{_WHAT}")


def variants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Variant]:
    """Yield the reading in which a second write is refused."""
    entry = declaration.parameters.get("ambiguity", "")
    yield from following(api, operation, entry, "conflict", Line("upsert.conflict", operation.id))
