"""`filter`: a query parameter selects the items whose field has its value, and all of them.

A filtered list proves something only when there is an item that fits *and* one that does not; both must be known from
writes or from other lists of the same run. Whether a scope selects items at its ancestors is a reading of the register.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from asdocumented.behaviours.vocabulary import following, semantic
from asdocumented.contracts.model import JSON, Api, BehaviourDeclaration, Operation
from asdocumented.mutant import Line, Mutant, Variant
from asdocumented.planning.context import Context
from asdocumented.plans import VALID, Call, Lists, Scenario, Step, Until
from asdocumented.reads.brackets import is_undisturbed
from asdocumented.reads.case import Case, same, shown
from asdocumented.reads.classify import Read, at
from asdocumented.reads.marks import CHANGED, Mark, Seen, blocked, broken, met, without_luck
from asdocumented.reads.settling import ONCE, is_repeated, is_settled
from asdocumented.reads.stored import expected, stored_before
from asdocumented.reads.walks import Walk, filters, walks
from asdocumented.requirement import Requirement, safe


def _what(declaration: BehaviourDeclaration, aspect: str) -> str:
    return f"filter/{safe(declaration.parameters['parameter'])}/{aspect}"


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield that only fitting items come, that all of them come, and that two filters narrow together."""
    name, field = declaration.parameters["parameter"], declaration.parameters["field"]
    yield semantic(
        operation, declaration, _what(declaration, "selects"), f"With {name}, every item's {field} has that value."
    )
    yield semantic(
        operation,
        declaration,
        _what(declaration, "complete"),
        f"With {name}, no item whose {field} has that value is missing.",
    )
    if "with" in declaration.parameters:
        other = declaration.parameters["with"]
        yield semantic(
            operation, declaration, _what(declaration, "combined"), f"With {name} and {other}, every item fits both."
        )


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield two writes that differ in the field, and lists filtered for each; then for a pair that crosses them."""
    write = context.sibling(declaration.parameters["write"])
    first, second = context.pair(write)
    name = declaration.parameters["parameter"]
    steps = [context.step(first, "a write that fits"), context.step(second, "a write that does not fit")]
    for each in (first, second):
        call = context.valid(operation).with_argument("query", name, _sent(write, declaration, each))
        shown = Lists(declaration.parameters["items"], expected(write, each))
        steps.append(_listing(context, operation, call, f"a list for {name}", shown))
    if "with" in declaration.parameters:
        other = declaration.parameters["with"]
        crossed = context.valid(operation).with_argument("query", name, _sent(write, declaration, first))
        both = _declared(operation, other)
        crossed = crossed.with_argument("query", other, _sent(write, both, second))
        steps.append(_listing(context, operation, crossed, f"a list for {name} of one item and {other} of another"))
    steps += _again(declaration, steps)
    serves = tuple(each.id for each in requirements(context.api, operation, declaration))
    yield Scenario(f"{operation.name}/filter-{name}", operation.api, tuple(steps), serves=serves)


def _again(declaration: BehaviourDeclaration, steps: list[Step]) -> list[Step]:
    """Return the lists that show which reading of the register is followed, since it has to be followed throughout."""
    name = declaration.parameters["parameter"]
    lists = {step.call.arguments["query", name]: step for step in steps if ("query", name) in step.call.arguments}
    below = (each for each in lists if any(_fits(declaration, other, each) == "ancestors" for other in lists))
    return [replace(lists[each], purpose=f"{lists[each].purpose} again") for each in below]


def _listing(context: Context, operation: Operation, call: Call, purpose: str, *shown: Lists) -> Step:
    """Return a step that lists, and lists again until the target shows what it must."""
    follow = Until(shown, context.pages(operation), after=context.valid(operation))
    return Step(call, purpose, context.tier(call), again=True, follow=follow, shows=VALID)


def _declared(operation: Operation, name: str) -> BehaviourDeclaration:
    return next(each for each in operation.behaviour("filter") if each.parameters["parameter"] == name)


def _sent(write: Operation, declaration: BehaviourDeclaration, call: Call) -> str:
    """Return what a planned write sends for the filtered field."""
    for echo in write.behaviour("echo"):
        source = echo.parameters["fields"].get(declaration.parameters["field"], "")
        if source.startswith("/"):
            return str(at(json.loads(call.body), source))
    return ""


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark | Seen]:
    """Look at every list that was asked for with this filter."""
    yield from without_luck(_judged(case, operation, declaration))


def _judged(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark | Seen]:
    name = declaration.parameters["parameter"]
    broken_alone: list[str] = []
    for walk in sorted(walks(case, operation), key=lambda each: len(filters(each.pages[0]))):
        wanted = filters(walk.pages[0])
        if name not in wanted or _in_other_case(case, operation, declaration, walk, wanted[name]):
            continue
        unsound = next((page for page in walk.pages if case.blocker(page)), None)
        aspects = (
            ["selects", "complete"]
            if len(wanted) == 1
            else ["combined"]
            if declaration.parameters.get("with") in wanted
            else []
        )
        if unsound is not None or not walk.complete:
            blocker = case.blocker(unsound) if unsound else ""
            reason = "" if blocker else "the list was not read to its end"
            for aspect in aspects:
                yield blocked(
                    f"{operation.id}/{_what(declaration, aspect)}", walk.pages[-1].id, reason=reason, blocker=blocker
                )
        elif len(wanted) == 1:
            for mark in _single(case, operation, declaration, walk, wanted[name]):
                if isinstance(mark, Mark) and mark.finding is not None:
                    broken_alone.append(mark.requirement)
                yield mark
        elif aspects:
            yield from _combined(case, operation, declaration, walk, broken_alone)


def _in_other_case(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, walk: Walk, wanted: str
) -> bool:
    """Tell whether a value was written in another letter case alone: what that selects is for `case-insensitive` to judge."""
    stored = stored_before(case, case.api.operations[declaration.parameters["write"]], walk.pages[-1]).values()
    written = {str(item.fields.get(declaration.parameters["field"])) for item in stored}
    return wanted not in written and wanted.casefold() in {each.casefold() for each in written}


def _items(declaration: BehaviourDeclaration, walk: Walk) -> list[JSON]:
    return walk.items(declaration.parameters["items"])


def _fits(declaration: BehaviourDeclaration, value: JSON, wanted: str) -> str:
    """Return how an item's field fits a filter: `exact`, `ancestors`, or the empty string."""
    if same(wanted, value, ignoring_case=True):
        return "exact"
    if (
        "ancestors" in declaration.parameters
        and isinstance(value, str)
        and wanted.casefold().startswith(f"{value.casefold()}/")
    ):
        return "ancestors"
    return ""


def _single(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, walk: Walk, wanted: str
) -> Iterator[Mark | Seen]:
    selects, last = f"{operation.id}/{_what(declaration, 'selects')}", walk.pages[-1]
    field = declaration.parameters["field"]
    values = [at(item, field) for item in _items(declaration, walk)]
    known = _known(case, operation, declaration, last)
    misfit = next((value for value in values if value is not None and not _fits(declaration, value, wanted)), None)
    if misfit is not None:
        expected = f"only items whose {field} is {shown(wanted)}"
        yield broken(
            selects,
            *walk.ids,
            expected=expected,
            got=f"one with {shown(misfit)}",
            where=f"${declaration.parameters['items']}".replace("/", "."),
        )
    elif None in values:
        yield case.unusable(selects, last, field)
    elif not values:
        yield blocked(selects, last.id, reason=f"no item fits {shown(wanted)}, so the filter shows nothing")
    elif all(_fits(declaration, value, wanted) for value in known.values()):
        yield blocked(selects, last.id, reason="no item is known that the filter must leave out")
        yield from _readings(operation, declaration, values, known, wanted, last)
    else:
        yield met(selects, *walk.ids)
        yield from _readings(operation, declaration, values, known, wanted, last)
    yield from _complete(case, operation, declaration, walk, wanted, known)


def _readings(
    operation: Operation,
    declaration: BehaviourDeclaration,
    values: list[JSON],
    known: dict[str, JSON],
    wanted: str,
    last: Read,
) -> Iterator[Seen]:
    if "ancestors" not in declaration.parameters:
        return
    ways = {_fits(declaration, value, wanted) for value in values}
    if "ancestors" in ways:
        yield Seen(operation.id, declaration.parameters["ancestors"], "ancestors", last.id)
    elif any(_fits(declaration, value, wanted) == "ancestors" for value in known.values()):
        yield Seen(operation.id, declaration.parameters["ancestors"], "exact", last.id)


def _known(case: Case, operation: Operation, declaration: BehaviourDeclaration, read: Read) -> dict[str, JSON]:
    """Return the field of every item that is known at this read: from writes, and from other lists of the epoch."""
    write = case.api.operations[declaration.parameters["write"]]
    field, identifier = declaration.parameters["field"], declaration.parameters["id"]
    known = {key: item.fields.get(field) for key, item in stored_before(case, write, read).items()}
    if not case.has_deletes:
        for walk in walks(case, operation):
            if walk.pages[0].epoch == read.epoch and walk.pages[-1].id < read.id:
                for item in _items(declaration, walk):
                    if at(item, identifier) is not None and str(at(item, identifier)).casefold() not in known:
                        known[str(at(item, identifier)).casefold()] = at(item, field)
    return {key: value for key, value in known.items() if value is not None}


def _complete(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, walk: Walk, wanted: str, known: dict[str, JSON]
) -> Iterator[Mark]:
    complete, last = f"{operation.id}/{_what(declaration, 'complete')}", walk.pages[-1]
    write = case.api.operations[declaration.parameters["write"]]
    stored = stored_before(case, write, walk.pages[0])
    fitting = [key for key, value in known.items() if _fits(declaration, value, wanted) == "exact" and key in stored]
    listed = {str(at(item, declaration.parameters["id"])).casefold() for item in _items(declaration, walk)}
    persisted = _seen_elsewhere(case, operation, declaration, last)
    if not fitting:
        yield blocked(complete, last.id, reason=f"no item is known that fits {shown(wanted)}")
    lost = next((key for key in fitting if key not in listed), None)
    if lost is None and fitting:
        yield met(complete, *walk.ids)
    elif lost is not None and lost not in persisted:
        # An item that no list ever showed was not stored; that is for read-after-write to say.
        yield blocked(complete, last.id, blocker=f"{operation.id}/read-after-write/stored")
    elif lost is not None and not is_settled(case, walk.pages[0], last):
        return
    elif lost is not None and persisted[lost] > walk.pages[0].id and not is_repeated(case, walk.pages[0]):
        yield blocked(complete, last.id, reason=ONCE)
    elif lost is not None and _is_gone(case, operation, declaration, last, lost, known[lost]):
        yield blocked(complete, last.id, reason=f"{CHANGED} the filtered list was read")
    elif lost is not None:
        yield broken(
            complete,
            *walk.ids,
            expected=f"the item {lost}, whose {declaration.parameters['field']} is {shown(wanted)}",
            got=f"{len(listed)} items without it",
            where="$" + declaration.parameters["items"].replace("/", "."),
        )


def _is_gone(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, read: Read, lost: str, value: JSON
) -> bool:
    """Tell whether a whole list close by shows no such item with this value: one before, or the next one after.

    Between the two looks this run must have changed nothing.
    """
    for walk in walks(case, operation):
        first, last = walk.pages[0], walk.pages[-1]
        if first.epoch != read.epoch or filters(first) or not walk.complete:
            continue
        before, after = (last, read) if last.id < read.id else (read, first)
        if is_undisturbed(case, before, after):
            items = {str(at(each, declaration.parameters["id"])).casefold(): each for each in _items(declaration, walk)}
            if not same(value, at(items.get(lost), declaration.parameters["field"]), ignoring_case=True):
                return True
    return False


def _seen_elsewhere(case: Case, operation: Operation, declaration: BehaviourDeclaration, read: Read) -> dict[str, int]:
    """Return the items that some list of the epoch showed, each with the first exchange that did."""
    items, identifier = declaration.parameters["items"], declaration.parameters["id"]

    def seen() -> dict[str, int]:
        found: dict[str, int] = {}
        for walk in walks(case, operation):
            if walk.pages[0].epoch == read.epoch:
                for item in walk.items(items):
                    found.setdefault(str(at(item, identifier)).casefold(), walk.pages[-1].id)
        return found

    return case.once(("seen in lists", operation.id, items, identifier, read.epoch), seen)


def _combined(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, walk: Walk, broken_alone: list[str]
) -> Iterator[Mark]:
    combined, last = f"{operation.id}/{_what(declaration, 'combined')}", walk.pages[-1]
    wanted = filters(walk.pages[0])
    other = _declared(operation, declaration.parameters["with"])
    alone = next((each for each in broken_alone if each.endswith("/selects")), "") or _broken_other(
        case, operation, other
    )
    if alone:
        yield blocked(combined, last.id, blocker=alone)
        return
    for item in _items(declaration, walk):
        for each in (declaration, other):
            value = at(item, each.parameters["field"])
            if value is not None and not _fits(each, value, wanted[each.parameters["parameter"]]):
                yield broken(
                    combined,
                    *walk.ids,
                    expected=f"only items that fit {' and '.join(f'{key}={value}' for key, value in sorted(wanted.items()))}",
                    got=f"one whose {each.parameters['field']} is {shown(value)}",
                    where="$" + declaration.parameters["items"].replace("/", "."),
                )
                return
    one = _known(case, operation, declaration, last)
    two = _known(case, operation, other, last)
    halves = [key for key in one if _half(declaration, other, one, two, key, wanted)]
    if halves:
        yield met(combined, *walk.ids)
    else:
        yield blocked(combined, last.id, reason="no item is known that fits one filter alone")


def _half(
    one: BehaviourDeclaration,
    two: BehaviourDeclaration,
    ones: dict[str, JSON],
    twos: dict[str, JSON],
    key: str,
    wanted: Mapping[str, str],
) -> bool:
    first = _fits(one, ones.get(key), wanted[one.parameters["parameter"]])
    second = _fits(two, twos.get(key), wanted[two.parameters["parameter"]])
    return bool(first) != bool(second)


def _broken_other(case: Case, operation: Operation, other: BehaviourDeclaration) -> str:
    marks = (mark for walk in walks(case, operation) for mark in _alone(case, operation, other, walk))
    return next((mark.requirement for mark in marks if mark.finding is not None), "")


def _alone(case: Case, operation: Operation, other: BehaviourDeclaration, walk: Walk) -> Iterator[Mark]:
    wanted = filters(walk.pages[0])
    name = other.parameters["parameter"]
    usual = set(wanted) == {name} and not _in_other_case(case, operation, other, walk, wanted[name])
    if usual and walk.complete:
        for mark in _single(case, operation, other, walk, wanted[other.parameters["parameter"]]):
            if isinstance(mark, Mark):
                yield mark


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield the filter ignored, negated or too wide, its items lost, and each way to ignore a combination."""
    parameter = declaration.parameters["parameter"]
    name = {"parameter": parameter}
    selects, complete, combined = (
        f"{operation.id}/{_what(declaration, each)}" for each in ("selects", "complete", "combined")
    )
    yield Mutant("filter.ignored", operation.id, selects, name)
    yield Mutant("filter.negated", operation.id, selects, name)
    if _has_prefixes(api, operation, parameter):
        yield Mutant("filter.prefix", operation.id, selects, name)
    yield Mutant("filter.item-lost", operation.id, complete, name)
    yield Mutant("filter.empty", operation.id, complete, name)
    if "with" in declaration.parameters:
        yield Mutant("filter.combination-ignored", operation.id, combined)
        for each in (parameter, declaration.parameters["with"]):
            yield Mutant("filter.combination-ignored", operation.id, combined, {"parameter": each})
        yield Mutant("filter.any", operation.id, combined)


def _has_prefixes(api: Api, operation: Operation, name: str) -> bool:
    """Tell whether one valid value of a parameter begins with another: else equality and a prefix select the same."""
    parameter = operation.parameter("query", name)
    resource = api.resources.get(parameter.resource) if parameter is not None else None
    values = resource.values if resource is not None else ()
    return any(one != other and one.startswith(other) for one in values for other in values)


def variants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Variant]:
    """Yield the reading in which a filter selects what is above the wanted scope too."""
    entry = declaration.parameters.get("ancestors", "")
    yield from following(api, operation, entry, "ancestors", Line("filter.ancestors", operation.id))
