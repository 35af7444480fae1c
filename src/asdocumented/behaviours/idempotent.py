"""`idempotent`: the same request again has no further effect (RFC 9110 section 9.2.2).

What counts is what the target shows before and after the repetition, not how it answers: a repeated write may be a conflict,
a repeated delete may be refused as missing. Only what the run itself wrote is compared, since others may write too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from asdocumented.behaviours.delete import listed, listing, stores, unusable_writes
from asdocumented.behaviours.vocabulary import semantic
from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.model import JSON, Api, BehaviourDeclaration, Operation
from asdocumented.mutant import Mutant
from asdocumented.planning.context import Context
from asdocumented.plans import Answers, Scenario, Step, UnplannableError, Until
from asdocumented.reads.case import Case, same, shown
from asdocumented.reads.classify import Read, at
from asdocumented.reads.marks import Mark, blocked, broken, met
from asdocumented.reads.settling import ids, is_about, is_quiet, is_same, is_settled, is_walk_settled, may_write
from asdocumented.reads.stored import Item, ignoring_case, stored_before
from asdocumented.reads.walks import filters, walks
from asdocumented.requirement import Requirement

_WHAT = "idempotent/no-further-effect"
_REFUSALS = {"PUT": (409,), "DELETE": (404, 410)}
"""How a repetition may be refused, by method; a refusal may have had an effect too."""


class _View:
    """What one list, or one read, shows: items by id in lower case, each as often as it is there."""

    def __init__(self, kind: str, first: Read, last: Read, items: Mapping[str, list[JSON]]) -> None:
        self.kind, self.first, self.last, self.items = kind, first, last, items


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield the requirement that a repetition has no effect of its own."""
    text = f"The same {operation.method} again has no further effect."
    yield semantic(operation, declaration, _WHAT, text)


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield a request, what the target shows, the same request again, and what it shows then."""
    call = context.repeated(operation)
    steps = [context.step(call, "a valid request that will be repeated")]
    write = stores(context.api, operation)
    if write is not operation and context.has(write.name):
        steps.insert(0, context.step(context.repeated(write), "a valid write that must stay"))
    shows = [_look(context, operation, declaration, call.arguments, what) for what in ("before", "after")]
    steps += [shows[0], context.step(call, "the same request again", again=True), shows[1]]
    serves = (f"{operation.id}/{_WHAT}",)
    yield Scenario(f"{operation.name}/idempotent", operation.api, tuple(steps), state=operation.state, serves=serves)


def _look(
    context: Context,
    operation: Operation,
    declaration: BehaviourDeclaration,
    arguments: Mapping[tuple[str, str], str],
    what: str,
) -> Step:
    """Return a step that shows what is stored: a list where the target has one, else a read."""
    if context.has(declaration.parameters["list"]):
        own = arguments["path", operation.own]
        condition = listed(declaration, own, absent=operation.method == "DELETE")
        return listing(context, declaration, f"a list {what} the repetition", condition)
    if not context.has(declaration.parameters["read"]):
        names = " nor ".join(declaration.parameters[key] for key in ("list", "read"))
        raise UnplannableError(f"the target has neither the operation {names}")
    named = {name: value for (location, name), value in arguments.items() if location == "path"}
    call = context.valid(context.sibling(declaration.parameters["read"]), **named)
    until = Until((Answers((404, 410) if operation.method == "DELETE" else (200,)),))
    return replace(context.step(call, f"a read {what} the repetition", again=True), follow=until)


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark]:
    """Look at every request that was sent, with success, before."""
    requirement = f"{operation.id}/{_WHAT}"
    for write in unusable_writes(case, operation):
        yield blocked(requirement, write.id, blocker=case.blocker(write))
    views = sorted(_views(case, declaration), key=lambda each: each.last.id)
    for read in case.of(operation.name):
        if not read.is_plain or read.exchange.response is None:
            continue
        if operation.method == "DELETE" and case.blocker(read):
            yield blocked(requirement, read.id, blocker=case.blocker(read))
        elif not case.blocker(read) and _repeats(case, read):
            yield from _repetition(case, operation, declaration, read, views)


def _repeats(case: Case, read: Read) -> bool:
    """Tell whether the request succeeded before, and nothing else was written to the same path since."""
    for other in reversed(case.reads[: case.place(read)]):
        if is_same(other, read):
            return other.succeeded and other.is_plain
        if other.epoch != read.epoch or (may_write(other) and ids(other) and is_about(other, read)):
            return False
    return False


def _repetition(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, read: Read, views: list[_View]
) -> Iterator[Mark]:
    requirement = f"{operation.id}/{_WHAT}"
    if not read.succeeded and read.status not in _REFUSALS.get(operation.method, ()):
        yield blocked(requirement, read.id, reason=f"{read.status} says nothing about a repetition")
        return
    before = [each for each in views if each.last.id < read.id and is_quiet(case, each.first, read)]
    after = [each for each in views if each.first.id > read.id and is_quiet(case, read, each.last)]
    pairs = [
        (one, two) for one in before[-1:] for two in after if one.kind == two.kind and is_same(one.first, two.first)
    ]
    if not pairs:
        yield blocked(requirement, read.id, reason="the target was not looked at right before and right after it")
    for one, two in pairs:
        yield next(_compare(case, operation, declaration, read, (one, two)), None) or met(
            requirement, read.id, one.last.id, two.last.id
        )


def _views(case: Case, declaration: BehaviourDeclaration) -> Iterator[_View]:
    """Yield what complete lists and reads show, each as it was when it had settled."""
    operations = case.api.operations
    for walk in walks(case, operations[declaration.parameters["list"]]):
        if walk.complete and not filters(walk.pages[0]) and is_walk_settled(case, walk):
            items: dict[str, list[JSON]] = {}
            for item in walk.items(declaration.parameters["items"]):
                items.setdefault(str(at(item, declaration.parameters["id"])).casefold(), []).append(item)
            yield _View("list", walk.pages[0], walk.pages[-1], items)
    for read in case.of(declaration.parameters["read"]):
        shows = case.sound(read) or read.status in (404, 410)
        if read.is_plain and shows and is_settled(case, read):
            key = str(list(ids(read).values())[-1])
            yield _View("read", read, read, {key: [read.value]} if read.succeeded else {})


def _compare(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, read: Read, views: tuple[_View, _View]
) -> Iterator[Mark]:
    """Yield what the repetition changed of what the run wrote."""
    before, after = views
    write = stores(case.api, operation)
    stored = stored_before(case, write, read)
    place = "$" + declaration.parameters["items"].replace("/", ".") if before.kind == "list" else "status"
    own = ids(read)[operation.own]
    named = {own} if before.kind == "read" else {own, *stored}

    def found(expected: str, got: str, where: str = place) -> Mark:
        expected = f"{expected}, as exchange {before.last.id} showed"
        numbers = (after.last.id, read.id, before.last.id)
        return broken(f"{operation.id}/{_WHAT}", *numbers, expected=expected, got=got, where=where)

    for key in sorted(named):
        counts = [len(view.items.get(key, ())) for view in views]
        if counts[0] != counts[1] and counts[1] != (key in stored):  # what is as it must be may have been late
            yield found(f"the item {key} {_times(counts[0])}", f"it {_times(counts[1])}")
        elif (
            key in stored
            and all(counts)
            and (name := _changed(write, stored[key], before.items[key][0], after.items[key][0]))
        ):
            one, two = (at(view.items[key][0], name) for view in views)
            yield found(f"{name} {shown(one)} of the item {key}", shown(two), "$" + name.replace("/", "."))
    if own in stored and before.kind == "list":
        for key in sorted(after.items.keys() - before.items.keys() - stored.keys()):
            if _is_copy(write, stored[own], after.items[key][0], declaration.parameters["id"]):
                yield found(f"one item with the content of {own}", f"another one under the id {key}")


def _times(count: int) -> str:
    return {0: "not there", 1: "there once"}.get(count, f"there {count} times")


def _changed(write: Operation, item: Item, before: JSON, after: JSON) -> str:
    """Return the first field that changed to something other than what the write sent, or the empty string."""
    ignoring = ignoring_case(write)
    for name, sent in item.fields.items():
        others = (at(before, name), sent)
        if not any(same(each, at(after, name), ignoring_case=name in ignoring) for each in others):
            return name
    return ""


def _is_copy(write: Operation, item: Item, other: JSON, identifier: str) -> bool:
    """Tell whether something listed has every field that a write sent, but for the id."""
    ignoring = ignoring_case(write)
    fields = {name: value for name, value in item.fields.items() if name != identifier}
    return bool(fields) and all(
        same(value, at(other, name), ignoring_case=name in ignoring) for name, value in fields.items()
    )


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield a repeated write that stores a second item or changes a field, and a repeated delete that takes something else."""
    requirement = f"{operation.id}/{_WHAT}"
    if operation.method == "DELETE":
        yield Mutant("idempotent.removes-another", operation.id, requirement)
        return
    yield Mutant("idempotent.second-item", operation.id, requirement)
    yield Mutant("idempotent.removes", operation.id, requirement)
    required = {f"/{name}" for name in _required_fields(api, operation)}
    for each in operation.behaviour("echo"):
        for pointer, source in each.parameters["fields"].items():
            if source in required:
                yield Mutant("idempotent.changes", operation.id, requirement, {"pointer": pointer})


def _required_fields(api: Api, operation: Operation) -> tuple[str, ...]:
    """Return the fields that every valid request body has, so that every write can be compared by them."""
    schema = operation.body.schema if operation.body else {}
    return tuple((api.definitions[referenced(schema)] if referenced(schema) else schema).get("required", ()))
