"""`delete`: what was deleted is gone, and nothing else is. It is not read nor listed, and deleting it again is no server error.

That something is not there proves a deletion only where it was there before, and where the target shows anything at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from asdocumented.behaviours.vocabulary import lagging, semantic
from asdocumented.contracts.grounds import Basis, Evidence, Level
from asdocumented.contracts.model import Api, BehaviourDeclaration, Operation
from asdocumented.mutant import Line, Mutant, Variant
from asdocumented.planning.combining import success_of
from asdocumented.planning.context import Context
from asdocumented.plans import Answers, Call, Field, Lists, Scenario, Step, UnplannableError, Until
from asdocumented.reads.case import Case
from asdocumented.reads.classify import Read, at
from asdocumented.reads.codes import BUSY
from asdocumented.reads.marks import Mark, blocked, broken, met
from asdocumented.reads.settling import (
    ONCE,
    ids,
    is_about,
    is_quiet,
    is_repeated,
    is_settled,
    is_walk_settled,
    may_write,
)
from asdocumented.reads.stored import stored_before
from asdocumented.reads.walks import Walk, filters, walks
from asdocumented.requirement import Requirement, Stage, make

_READ, _LIST, _OTHERS, _AGAIN = "delete/read", "delete/list", "delete/others", "delete/again"
_GONE = (404, 410)


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield that what was deleted is neither read nor listed, that the rest is, and what comes of deleting it again."""
    read, listing = (api.operations[declaration.parameters[key]].title for key in ("read", "list"))
    yield semantic(operation, declaration, _READ, f"What was deleted is refused as missing by '{read}'.")
    yield semantic(operation, declaration, _LIST, f"What was deleted is not in '{listing}'.")
    yield semantic(operation, declaration, _OTHERS, "What was stored beside what was deleted stays.")
    text = "Deleting again what was deleted succeeds, or is refused as missing."
    basis = Basis(Evidence.CONVENTION, reference="RFC 9110 9.2.2")
    yield make(operation, _AGAIN, text, family="behaviour", stage=Stage.SEMANTICS, basis=basis, level=Level.SHOULD)


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield a read, a delete with what the siblings show after it, and the delete again."""
    call = context.repeated(operation)
    steps = [context.step(call, "a valid delete")]
    lacking = [
        name for name in (declaration.parameters["read"], declaration.parameters["list"]) if not context.has(name)
    ]
    if declaration.parameters["read"] not in lacking:
        sibling = context.sibling(declaration.parameters["read"])
        named = {name: value for (location, name), value in call.arguments.items() if location == "path"}
        read = context.step(context.valid(sibling, **named), "a read of what was deleted", again=True)
        before = replace(read, purpose="a read of what will be deleted", follow=Until(success_of(sibling)))
        steps = [before, *steps, replace(read, follow=Until((Answers(_GONE),)))]
    if declaration.parameters["list"] not in lacking:
        gone = listed(declaration, call.arguments["path", operation.own], absent=True)
        stays = _staying(context, operation)
        if stays is not None:
            steps = [*_beside(context, operation, declaration, call, stays), *steps]
        kept = (listed(declaration, stays.arguments["path", operation.own], absent=False),) if stays is not None else ()
        steps.append(listing(context, declaration, "a list after the delete", gone, *kept))
    steps.append(context.step(call, "the same delete again", again=True))
    serves = tuple(each.id for each in requirements(context.api, operation, declaration))
    yield Scenario(f"{operation.name}/delete", operation.api, tuple(steps), serves=serves)
    if lacking:
        raise UnplannableError(f"the target does not have the operation {' or '.join(lacking)}")


def _staying(context: Context, operation: Operation) -> Call | None:
    """Return a write of what must stay, or None where the target has no operation that stores anything."""
    write = stores(context.api, operation)
    return context.repeated(write) if write is not operation and context.has(write.name) else None


def _beside(
    context: Context, operation: Operation, declaration: BehaviourDeclaration, call: Call, stays: Call
) -> Iterator[Step]:
    """Yield a write that must stay, and a list that shows it beside what will be deleted."""
    yield context.step(stays, "a valid write that must stay")
    maker = context.makes(call)
    if maker is not None:
        yield context.step(maker, "a valid write, to have something to refer to")
    own, other = (each.arguments["path", operation.own] for each in (call, stays))
    shown = [listed(declaration, each, absent=False) for each in (own, other)]
    yield listing(context, declaration, "a list before the delete", *shown)


def stores(api: Api, operation: Operation) -> Operation:
    """Return the operation that stores what is at a path: its sibling with PUT, else the operation itself."""
    siblings = (each for each in api.operations.values() if each.path == operation.path and each.method == "PUT")
    return next(siblings, operation)


def listing(context: Context, declaration: BehaviourDeclaration, purpose: str, *conditions: Lists) -> Step:
    """Return a step that lists everything, page after page, until the conditions hold, with the sibling that is declared."""
    sibling = context.sibling(declaration.parameters["list"])
    call = context.valid(sibling)
    follow = Until(conditions, context.pages(sibling))
    return Step(call, purpose, context.tier(call), again=True, follow=follow)


def listed(declaration: BehaviourDeclaration, identifier: str, *, absent: bool) -> Lists:
    """Return the condition that a list has, or has no longer, the item with an id."""
    field = Field(declaration.parameters["id"], (identifier,), ignores_case=True)
    return Lists(declaration.parameters["items"], (field,), absent=absent)


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark]:
    """Look at what came after every delete that succeeded."""
    for write in unusable_writes(case, operation):
        for what in (_READ, _LIST, _OTHERS, _AGAIN):
            yield blocked(f"{operation.id}/{what}", write.id, blocker=case.blocker(write))
    for removal in case.of(operation.name):
        if not removal.is_plain:
            continue
        if case.blocker(removal):
            for what in (_READ, _LIST, _OTHERS, _AGAIN):
                yield blocked(f"{operation.id}/{what}", removal.id, blocker=case.blocker(removal))
        elif removal.succeeded:
            before = _last_success(case, removal)
            if before is None or before.operation is not operation:  # else the first delete speaks for this one
                existed = before is not None or _is_arranged(case, removal)
                yield from _after(case, operation, declaration, removal, existed=existed)


def unusable_writes(case: Case, operation: Operation) -> Iterator[Read]:
    """Yield the valid writes to an operation's path whose answers do not show whether they stored anything."""
    for read in case.on_path(operation):
        if read.operation is not None and read.operation.method == "PUT" and read.is_plain and case.blocker(read):
            yield read


def _after(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, removal: Read, *, existed: bool
) -> Iterator[Mark]:
    end = _restored(case, removal)
    sibling = declaration.parameters["read"]
    for read in case.reads[case.place(removal) + 1 :]:
        if read.id >= end:
            break
        if read.operation is None or not read.is_plain or read.exchange.response is None:
            continue
        if read.operation is operation and ids(read) == ids(removal) and existed:
            yield _judge_again(case, operation, removal, read)
        elif read.operation.name == sibling and ids(read) == ids(removal) and is_settled(case, read):
            yield from _judge_read(case, operation, removal, read, existed=existed)
    yield from _judge_lists(case, operation, declaration, removal, end, existed=existed)


def _restored(case: Case, removal: Read) -> int:
    """Return the number of the exchange from which the deletion says nothing any more."""
    for read in case.reads[case.place(removal) + 1 :]:
        written = read.operation is not removal.operation and may_write(read) and is_about(read, removal)
        if read.epoch != removal.epoch or (written and ids(read)):
            return read.id
    return case.reads[-1].id + 1


def _last_success(case: Case, removal: Read) -> Read | None:
    """Return the last success on the path of a delete before it, which shows whether the thing was there."""
    before = case.reads[: case.place(removal)]
    about = (read for read in reversed(before) if read.epoch == removal.epoch and ids(read) == ids(removal))
    return next((read for read in about if read.succeeded and _shares_path(read, removal)), None)


def _is_arranged(case: Case, removal: Read) -> bool:
    return bool(set(ids(removal).values()) & {each.casefold() for each in case.arranged_ids(removal)})


def _shares_path(read: Read, other: Read) -> bool:
    return read.operation is not None and other.operation is not None and read.operation.path == other.operation.path


def _judge_read(case: Case, operation: Operation, removal: Read, read: Read, *, existed: bool) -> Iterator[Mark]:
    requirement = f"{operation.id}/{_READ}"
    control = next((other for other in _reads_like(case, read) if other.succeeded and other.is_plain), None)
    if case.blocker(read):
        yield blocked(requirement, read.id, blocker=case.blocker(read))
    elif read.succeeded:
        expected = f"404, since exchange {removal.id} deleted it"
        yield broken(requirement, read.id, removal.id, expected=expected, got=str(read.status), where="status")
    elif read.status not in _GONE:
        yield blocked(requirement, read.id, reason=f"{read.status} does not say that it is missing")
    elif not existed:
        yield blocked(requirement, read.id, reason="nothing shows that it was there before")
    elif control is None:
        yield case.uncontrolled(requirement, read)
    else:
        yield met(requirement, read.id, removal.id, control.id)


def _reads_like(case: Case, read: Read) -> Iterator[Read]:
    """Yield the reads by the same operation: a delete that succeeds does not show that reads ever do."""
    return case.of(read.operation.name) if read.operation is not None else iter(())


def _judge_lists(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, removal: Read, end: int, *, existed: bool
) -> Iterator[Mark]:
    sibling = case.api.operations[declaration.parameters["list"]]
    everything = list(walks(case, sibling))
    shows = any(walk.items(declaration.parameters["items"]) for walk in everything)
    for walk in everything:
        after = removal.id < walk.pages[0].id and walk.pages[-1].id < end and walk.pages[0].epoch == removal.epoch
        if after and is_about(walk.pages[0], removal) and is_walk_settled(case, walk):
            yield from _judge_list(case, operation, declaration, removal, walk, proves=existed and shows)
            yield from _judge_others(case, operation, declaration, removal, walk, everything)


def _judge_list(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, removal: Read, walk: Walk, *, proves: bool
) -> Iterator[Mark]:
    requirement, last = f"{operation.id}/{_LIST}", walk.pages[-1]
    items, pointer = declaration.parameters["items"], declaration.parameters["id"]
    wanted = _identifier(removal)
    listed = [str(at(item, pointer)).casefold() for item in walk.items(items)]
    unsound = next((page for page in walk.pages if case.blocker(page)), None)
    if unsound is not None:
        yield blocked(requirement, unsound.id, blocker=case.blocker(unsound))
    elif wanted in listed:
        expected = f"a list without {wanted}, which exchange {removal.id} deleted"
        where = "$" + items.replace("/", ".")
        yield broken(
            requirement, *walk.ids, removal.id, expected=expected, got=f"a list of {len(listed)} with it", where=where
        )
    elif not walk.complete or filters(walk.pages[0]):
        return
    elif not proves:
        yield blocked(requirement, last.id, reason="nothing shows that it was there before, or no list shows anything")
    else:
        yield met(requirement, *walk.ids, removal.id)


def _judge_others(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, removal: Read, walk: Walk, lists: list[Walk]
) -> Iterator[Mark]:
    """Compare a list after a delete with the last one before it, as far as this run stored what they show."""
    requirement, last = f"{operation.id}/{_OTHERS}", walk.pages[-1]
    before = [each for each in lists if _is_just_before(case, each, removal)]
    quiet = is_quiet(case, removal, walk.pages[0]) and _is_whole(walk)
    if not before or not quiet or any(case.blocker(page) for each in (before[-1], walk) for page in each.pages):
        return
    write = stores(case.api, operation)
    shown_before, shown_after = (_shown(declaration, each) for each in (before[-1], walk))
    stored = stored_before(case, write, walk.pages[0]).keys() - {_identifier(removal)}
    lost = sorted((stored & shown_before) - shown_after)
    later = (each for each in lists if _is_whole(each) and each.pages[0].id > last.id)
    lasts = any(
        lost[0] in stored_before(case, write, each.pages[0]) and lost[0] not in _shown(declaration, each)
        for each in later
        if lost and each.pages[0].epoch == last.epoch
    )
    if lost and not (lasts or is_repeated(case, walk.pages[0])):
        yield blocked(requirement, last.id, reason=ONCE)
    elif lost:
        expected = f"the item {lost[0]}, which exchange {before[-1].pages[-1].id} showed"
        where, got = "$" + declaration.parameters["items"].replace("/", "."), f"{len(shown_after)} items without it"
        yield broken(requirement, *walk.ids, removal.id, *before[-1].ids, expected=expected, got=got, where=where)
    elif stored & shown_before:
        yield met(requirement, last.id, removal.id, before[-1].pages[-1].id)


def _is_whole(walk: Walk) -> bool:
    return walk.complete and not filters(walk.pages[0])


def _shown(declaration: BehaviourDeclaration, walk: Walk) -> set[str]:
    """Return the ids of what a list shows, in lower case."""
    items = walk.items(declaration.parameters["items"])
    return {str(at(item, declaration.parameters["id"])).casefold() for item in items}


def _is_just_before(case: Case, walk: Walk, removal: Read) -> bool:
    """Tell whether a list shows everything as it was right before a delete."""
    return _is_whole(walk) and walk.pages[-1].id < removal.id and is_quiet(case, walk.pages[0], removal)


def _identifier(removal: Read) -> str:
    return ids(removal)[removal.operation.own] if removal.operation else ""


def _judge_again(case: Case, operation: Operation, removal: Read, read: Read) -> Mark:
    requirement = f"{operation.id}/{_AGAIN}"
    if case.blocker(read):
        return blocked(requirement, read.id, blocker=case.blocker(read))
    if read.succeeded or read.status in _GONE:
        return met(requirement, read.id, removal.id)
    if read.status in (*BUSY, 401, 403, 409):
        return blocked(requirement, read.id, reason=f"{read.status} says nothing about what is missing")
    expected = " or ".join([*(rule.key for rule in operation.successes), "404"])
    return broken(requirement, read.id, removal.id, expected=expected, got=str(read.status), where="status")


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield a delete that removes nothing, one that removes from reads alone, and one whose second request breaks."""
    yield Mutant("delete.ignored", operation.id, f"{operation.id}/{_READ}")
    yield Mutant("delete.ignored", operation.id, f"{operation.id}/{_LIST}")
    yield Mutant("delete.unlisted", operation.id, f"{operation.id}/{_READ}")
    yield Mutant("delete.listed", operation.id, f"{operation.id}/{_LIST}")
    yield Mutant("delete.removes-another", operation.id, f"{operation.id}/{_OTHERS}")
    yield Mutant("delete.all", operation.id, f"{operation.id}/{_OTHERS}")
    yield Mutant("delete.again-fails", operation.id, f"{operation.id}/{_AGAIN}")


def variants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Variant]:
    """Yield a second delete that is refused as missing, and deletes that show late."""
    again = (Line("delete.again-missing", operation.id),)
    yield Variant("delete-again-missing", operation.id, again, "RFC 9110 9.2.2 speaks of the effect, not of the answer")
    yield from lagging(operation, operation.id)
