"""`read-after-write`: what a write stored is read back, by its id or in a list, with the content that was sent.

A read may lag behind a write. It is repeated until the target's deadline, and of reads that were repeated the last counts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from asdocumented.behaviours.vocabulary import lagging, semantic
from asdocumented.contracts.model import JSON, Api, BehaviourDeclaration, Operation
from asdocumented.mutant import Mutant, Variant
from asdocumented.planning.context import Context
from asdocumented.plans import VALID, Call, Lists, Scenario, Shows, Step, UnplannableError, Until
from asdocumented.reads.case import Case, same, shown
from asdocumented.reads.classify import Read, at
from asdocumented.reads.marks import Mark, blocked, broken, met
from asdocumented.reads.settling import ONCE, is_repeated, is_settled
from asdocumented.reads.stored import Item, expected, ignoring_case, stored_before
from asdocumented.reads.walks import Walk, filters, walks
from asdocumented.requirement import Requirement

_STORED = "read-after-write/stored"
_CONTENT = "read-after-write/content"


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield that a written item is there, and that it has the written content."""
    write = api.operations[declaration.parameters["write"]].title
    yield semantic(operation, declaration, _STORED, f"What '{write}' stored is there when it is read.")
    yield semantic(operation, declaration, _CONTENT, f"What '{write}' stored is read with the content that was sent.")


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield writes, the last of them right before what reads it: reads of what was written, or a list of it all."""
    write = context.sibling(declaration.parameters["write"])
    writes = _writes(context, write)
    steps = [context.step(call, "a valid write", shows=VALID) for call in writes]
    steps[-1] = replace(steps[-1], again=True)
    if "items" in declaration.parameters:
        call = context.valid(operation)
        shown = tuple(Lists(declaration.parameters["items"], expected(write, each)) for each in writes)
        follow = Until(shown, context.pages(operation))
        step = context.step(call, "a list after the writes", again=True, shows=VALID)
        steps.append(replace(step, follow=follow))
    else:
        last = operation.own
        for each in (writes[-1], writes[0]):
            call = context.valid(operation, **{last: each.arguments["path", last]})
            until = Until((Shows(expected(write, each)),))
            steps.append(Step(call, "a read of what was written", context.tier(call), again=True, follow=until))
    serves = tuple(each.id for each in requirements(context.api, operation, declaration))
    yield Scenario(f"{operation.name}/read-after-write", operation.api, tuple(steps), serves=serves)


def _writes(context: Context, write: Operation) -> list[Call]:
    """Return the two writes that differ, and one with every field that nothing else plans, where the pools still allow it."""
    writes = list(context.pair(write))
    for full in (True, False):
        with contextlib.suppress(UnplannableError):
            return [*writes, context.valid(write, body=context.bodies.draw(write, full=full))]
    return writes


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark]:
    """Hold every read against the writes before it."""
    write = case.api.operations[declaration.parameters["write"]]
    if "items" in declaration.parameters:
        yield from _judge_lists(case, operation, declaration, write)
    else:
        yield from _judge_reads(case, operation, write)
    yield from _blocked_writes(case, operation, write)


def _blocked_writes(case: Case, operation: Operation, write: Operation) -> Iterator[Mark]:
    for read in case.of(write.name):
        if not read.causes and case.blocker(read):
            for what in (_STORED, _CONTENT):
                yield blocked(f"{operation.id}/{what}", read.id, blocker=case.blocker(read))


def _judge_reads(case: Case, operation: Operation, write: Operation) -> Iterator[Mark]:
    for read in case.of(operation.name):
        item = stored_before(case, write, read).get((read.argument("path", write.own) or "").casefold())
        if item is None or read.causes:
            continue
        if case.blocker(read):
            for what in (_STORED, _CONTENT):
                yield blocked(f"{operation.id}/{what}", read.id, blocker=case.blocker(read))
        elif read.succeeded:
            yield met(f"{operation.id}/{_STORED}", read.id, item.write.id)
            yield from _content(case, operation, write, item, read, read.value)
        elif read.status in (404, 410) and read.argument("path", write.own) == item.write.argument("path", write.own):
            # An id in another letter case is for `case-insensitive` to judge.
            missed = _lost(operation, item, read, got=str(read.status), where="status")
            yield from _in_the_end(case, missed, read)


def _lost(operation: Operation, item: Item, read: Read, *, got: str, where: str) -> Mark:
    wanted = f"the item {item.id} that exchange {item.write.id} wrote"
    return broken(f"{operation.id}/{_STORED}", read.id, item.write.id, expected=wanted, got=got, where=where)


def _in_the_end(case: Case, missed: Mark, first: Read, last: Read | None = None) -> Iterator[Mark]:
    """Yield a miss if it lasted: the same was asked before, and is not asked again. `last` ends a list of several pages."""
    if not is_settled(case, first, last):
        return
    yield missed if is_repeated(case, first) else blocked(missed.requirement, *missed.exchanges, reason=ONCE)


def _content(
    case: Case, operation: Operation, write: Operation, item: Item, read: Read, value: JSON, first: Read | None = None
) -> Iterator[Mark]:
    """Compare what an answer shows of an item with what was written; `first` is the page that a list began with."""
    requirement = f"{operation.id}/{_CONTENT}"
    ignoring = ignoring_case(write)
    for pointer, wanted in item.fields.items():
        got = at(value, pointer)
        if got is None and case.flaws.get(read.id):
            yield case.unusable(requirement, read, pointer)
        elif got is None or not same(wanted, got, ignoring_case=pointer in ignoring):
            other = broken(
                requirement,
                read.id,
                item.write.id,
                expected=f"{shown(wanted)}, as exchange {item.write.id} wrote",
                got="nothing" if got is None else shown(got),
                where="$" + pointer.replace("/", "."),
            )
            yield from _in_the_end(case, other, first or read, read)
        else:
            yield met(requirement, read.id, item.write.id)


def _judge_lists(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, write: Operation
) -> Iterator[Mark]:
    for walk in walks(case, operation):
        first = walk.pages[0]
        if filters(first) or not walk.complete:
            unsound = next((page for page in walk.pages if case.blocker(page)), None)
            if unsound is not None:
                for what in (_STORED, _CONTENT):
                    yield blocked(f"{operation.id}/{what}", unsound.id, blocker=case.blocker(unsound))
            continue
        yield from _judge_walk(case, operation, declaration, write, walk)


def _judge_walk(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, write: Operation, walk: Walk
) -> Iterator[Mark]:
    identifier = declaration.parameters["id"]
    listed = {str(at(item, identifier)).casefold(): item for item in walk.items(declaration.parameters["items"])}
    for item in stored_before(case, write, walk.pages[0]).values():
        found = listed.get(item.id)
        if found is not None:
            yield met(f"{operation.id}/{_STORED}", walk.pages[-1].id, item.write.id)
            yield from _content(case, operation, write, item, walk.pages[-1], found, walk.pages[0])
        elif len(walk.pages) > 1:
            # An item that many pages lose between them is a fault of paging, which `page` judges.
            yield blocked(
                f"{operation.id}/{_STORED}",
                walk.pages[-1].id,
                reason=f"{item.id} is on none of several pages: see page/no-loss",
            )
        elif "None" in listed or "none" in listed:
            yield case.unusable(f"{operation.id}/{_STORED}", walk.pages[-1], identifier)
        else:
            missed = _lost(
                operation,
                item,
                walk.pages[-1],
                got=f"a list of {len(listed)} without it",
                where="$" + declaration.parameters["items"].replace("/", "."),
            )
            yield from _in_the_end(case, missed, walk.pages[0], walk.pages[-1])


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield the mutant whose writes are forgotten, the one that shows them too late, and the one that shows something else."""
    write = f"{operation.api}/{declaration.parameters['write']}"
    yield Mutant("read-after-write.not-persisted", write, f"{operation.id}/{_STORED}")
    yield Mutant("read-after-write.stale", write, f"{operation.id}/{_STORED}")
    for field in _altered(api.operations[declaration.parameters["write"]], declaration.parameters["id"]):
        pointer = f"{declaration.parameters['items']}/*{field}" if "items" in declaration.parameters else field
        yield Mutant("echo.wrong", operation.id, f"{operation.id}/{_CONTENT}", {"pointer": pointer})


def _altered(write: Operation, identifier: str) -> list[str]:
    """Return the fields of what a write stores, other than its id."""
    fields = [pointer for each in write.behaviour("echo") for pointer in each.parameters["fields"]]
    return [each for each in fields if each != identifier]


def variants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Variant]:
    """Yield writes that show late."""
    yield from lagging(operation, f"{operation.api}/{declaration.parameters['write']}")
