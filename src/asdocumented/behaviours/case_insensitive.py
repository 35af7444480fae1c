"""`case-insensitive`: a name means the same in any letter case.

The name is a path parameter, a query parameter that selects items, a fixed segment of the path, or a field of an answer that
repeats a known name. For the first three a request in the usual letter case is the control.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from asdocumented.behaviours.vocabulary import following, semantic
from asdocumented.contracts.matching import literals_in_other_case, split_target
from asdocumented.contracts.model import Api, BehaviourDeclaration, Operation
from asdocumented.mutant import Line, Mutant, Variant
from asdocumented.planning.combining import success_of, touched
from asdocumented.planning.context import Context
from asdocumented.plans import Call, Field, Lists, Ride, Scenario, Step, UnplannableError, Until
from asdocumented.reads.case import Case, field_of, shown
from asdocumented.reads.classify import Read, at
from asdocumented.reads.codes import BUSY
from asdocumented.reads.marks import Mark, Seen, blocked, broken, met
from asdocumented.reads.settling import ONCE, is_about, is_repeated, is_walk_settled, may_write
from asdocumented.reads.walks import Walk, filters, walks
from asdocumented.requirement import PROFILES, Requirement, safe

_KINDS = ("parameter", "query", "segment", "field")
_OPTIONAL = "the target decides whether the field is there"


def _named(declaration: BehaviourDeclaration) -> tuple[str, str]:
    """Return what kind of name is declared, and which."""
    return next((kind, declaration.parameters[kind]) for kind in _KINDS if kind in declaration.parameters)


def _what(declaration: BehaviourDeclaration) -> str:
    kind, name = _named(declaration)
    words = "/".join(safe(part) for part in name.strip("/").split("/"))
    return f"case-insensitive/{words}" if kind == "parameter" else f"case-insensitive/{kind}/{words}"


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield the requirement for the declared name."""
    kind, name = _named(declaration)
    texts = {
        "parameter": f"{name} means the same in any letter case.",
        "query": f"{name} selects the same in any letter case.",
        "segment": f"The path means the same with '{name}' in any letter case.",
        "field": f"The answer's {name} is {_told(declaration)}, in some letter case.",
    }
    found = semantic(operation, declaration, _what(declaration), texts[kind])
    yield replace(found, conditional=_OPTIONAL) if kind == "field" else found


def _told(declaration: BehaviourDeclaration) -> str:
    wanted = declaration.parameters.get("is", "")
    return "the path of the request" if wanted == "path" else f"'{wanted}'"


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield a valid call with the name in the other letter case; every valid call bears on a field of its answer."""
    kind, name = _named(declaration)
    ride: Ride | None = None
    if kind == "field":
        return
    if kind == "query":
        steps = tuple(_filtered(context, operation, declaration, name))
    else:
        usual = context.valid(operation)
        other = _in_other_case(kind, name, usual)
        step = context.step(other, f"a request with {name} in the other letter case")
        steps = (step,) if operation.state else (context.step(usual, "a valid request"), step)
        ride = _ride(context, usual, declaration)
    serves = (f"{operation.id}/{_what(declaration)}",)
    full_name = f"{operation.name}/case-{kind}-{name}"
    yield Scenario(full_name, operation.api, steps, state=operation.state, serves=serves, ride=ride)


def _ride(context: Context, usual: Call, declaration: BehaviourDeclaration) -> Ride | None:
    """Return what lets the call go with others, unless each valid call is about something else than what is compared.

    One that shows a reading of the register goes alone: it is refused by right, and a run has to show more than once which
    reading is followed.
    """
    kind, name = _named(declaration)
    if "ambiguity" in declaration.parameters:
        return None
    operation = usual.operation
    if _named_in(context.base(operation)) != _named_in(usual):
        return None
    touches = touched(f"path {name}") if kind == "parameter" else frozenset({f"segment {name}"})
    return Ride(usual, partial(_in_other_case, kind, name), touches, success_of(operation))


def _named_in(call: Call) -> dict[str, str]:
    return {name: value for (location, name), value in call.arguments.items() if location == "path"}


def _in_other_case(kind: str, name: str, call: Call) -> Call:
    if kind == "segment":
        parts = [part.swapcase() if part == name else part for part in call.operation.path.split("/")]
        return replace(call, operation=replace(call.operation, path="/".join(parts)))
    value = call.arguments["path", name]
    if value.swapcase() == value:
        raise UnplannableError(f"{name} {value!r} has no letters")
    return call.with_argument("path", name, value.swapcase())


def _filtered(context: Context, operation: Operation, declaration: BehaviourDeclaration, name: str) -> Iterator[Step]:
    """Yield a write, and lists that select it by the name in one letter case and in the other."""
    write = context.sibling(declaration.parameters["write"])
    first = context.repeated(write)
    parameter = operation.parameter("query", name)
    draws = write.body.draws if write.body is not None else {}
    pointer = next(key for key, pool in draws.items() if parameter is not None and pool == parameter.resource)
    value = str(at(json.loads(first.body), pointer))
    if value.swapcase() == value:
        raise UnplannableError(f"{name} {value!r} has no letters")
    yield context.step(first, "a valid write")
    own = next(value for (location, _), value in first.arguments.items() if location == "path")
    shown_there = Lists(
        declaration.parameters["items"], (Field(declaration.parameters["id"], (own,), ignores_case=True),)
    )
    for each, what in ((value, "usual"), (value.swapcase(), "other")):
        call = context.valid(operation).with_argument("query", name, each)
        purpose = f"a list for {name} in the {what} letter case"
        # A list that was read before the write shows nothing of it, so that each is read here.
        yield Step(
            call, purpose, context.tier(call), again=True, follow=Until((shown_there,), context.pages(operation))
        )


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark | Seen]:
    """Compare a request in another letter case with a successful one in the usual case, or an answer with what is known."""
    kind, name = _named(declaration)
    requirement = f"{operation.id}/{_what(declaration)}"
    if kind == "field":
        yield from _judge_field(case, operation, declaration, name)
        return
    if kind == "query":
        yield from _judge_query(case, operation, declaration, name)
        return
    usual = [read for read in case.of(operation.name) if read.succeeded and read.is_plain]
    for read in case.of(operation.name):
        if read.certain or read.causes:  # what must succeed anyway is for `response/status` to judge
            continue
        if read.oddities and not read.succeeded:
            continue
        if any(_differs(read, each, kind, name) and _holds(case, each, read) for each in usual):
            yield from _compare(case, requirement, read, name)
            yield from _reading(case, operation, declaration, read)


def _differs(read: Read, usual: Read, kind: str, name: str) -> bool:
    """Tell whether a request is like a usual one but for the letter case of one name; of more, where it succeeded."""
    here, there = _path(read), _path(usual)
    alike = all(_folded(here.get(key, ())) == _folded(values) for key, values in there.items())
    if read.identity != usual.identity or not alike:
        return False
    changed = [("segment", each) for each in _segments(read)]
    changed += [("parameter", key) for key, values in there.items() if here.get(key) != values]
    return (kind, name) in changed and (read.succeeded or len(changed) == 1)


def _folded(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each.casefold() for each in values)


def _holds(case: Case, usual: Read, read: Read) -> bool:
    """Tell whether what one request found must be there for another: it exists anyway, or nothing was written between.

    What was written may show late, so that it need not have been there before it was first found.
    """
    if usual.certain:
        return True
    if not read.succeeded and case.place(read) < case.place(usual):
        return False
    first, last = sorted((case.place(usual), case.place(read)))
    between = (each for each in case.reads[first + 1 : last] if each.exchange.request.method in ("PUT", "DELETE"))
    return usual.epoch == read.epoch and not any(may_write(each) and is_about(each, usual) for each in between)


def _segments(read: Read) -> tuple[str, ...]:
    """Return the fixed segments that a request writes in another letter case than the contract."""
    template = read.operation.path if read.operation else ""
    return literals_in_other_case(template, split_target(read.exchange.request.target)[0])


def _path(read: Read) -> dict[str, tuple[str, ...]]:
    return {name: values for (location, name), values in read.arguments.items() if location == "path"}


def _compare(case: Case, requirement: str, read: Read, name: str) -> Iterator[Mark]:
    if case.blocker(read):
        yield blocked(requirement, read.id, blocker=case.blocker(read))
    elif read.succeeded:
        yield met(requirement, read.id)
    elif _is_refusal(read) and read.operation is not None and read.operation.state and read.status not in (404, 410):
        yield blocked(requirement, read.id, reason=f"{read.status} may come of the state that the target is in")
    elif _is_refusal(read):
        expected = f"success for {name} in another letter case, as in the usual one"
        got = f"{read.status} for {shown(split_target(read.exchange.request.target)[0])}"
        yield broken(requirement, read.id, expected=expected, got=got, where="status")


def _is_refusal(read: Read) -> bool:
    return 400 <= read.status < 500 and read.status not in (401, *BUSY)


def _reading(case: Case, operation: Operation, declaration: BehaviourDeclaration, read: Read) -> Iterator[Seen]:
    entry, names = declaration.parameters.get("ambiguity", ""), declaration.parameters.get("readings", {})
    if entry and (read.succeeded or _is_refusal(read)) and not case.blocker(read):
        yield Seen(operation.id, entry, names["same" if read.succeeded else "another"], read.id)


def _judge_query(case: Case, operation: Operation, declaration: BehaviourDeclaration, name: str) -> Iterator[Mark]:
    """Compare two lists that differ in the letter case of one filter alone, with no write between them."""
    lists = [walk for walk in walks(case, operation) if name in filters(walk.pages[0]) and is_walk_settled(case, walk)]
    for place, second in enumerate(lists):
        for first in lists[:place]:
            if _are_comparable(case, first, second, name):
                yield from _compare_lists(case, operation, declaration, (first, second))


def _are_comparable(case: Case, first: Walk, second: Walk, name: str) -> bool:
    one, two = first.pages[0], second.pages[0]
    others = [{key: value for key, value in filters(each).items() if key != name} for each in (one, two)]
    value, other = filters(one)[name], filters(two)[name]
    between = case.reads[case.place(one) : case.place(second.pages[-1])]
    return (
        (one.epoch, one.identity, others[0]) == (two.epoch, two.identity, others[1])
        and value != other
        and value.casefold() == other.casefold()
        and not any(may_write(each) for each in between)
    )


def _compare_lists(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, lists: tuple[Walk, Walk]
) -> Iterator[Mark]:
    requirement = f"{operation.id}/{_what(declaration)}"
    items, identifier = declaration.parameters["items"], declaration.parameters["id"]
    numbers = tuple(each.pages[-1].id for each in reversed(lists))
    refused = [each.pages[-1] for each in lists if _is_refusal(each.pages[-1])]
    unsound = next((page for each in lists for page in each.pages if case.blocker(page)), None)
    shows = [{str(at(item, identifier)).casefold() for item in each.items(items)} for each in lists]
    if unsound is not None:
        yield blocked(requirement, unsound.id, blocker=case.blocker(unsound))
    elif len(refused) == 1 and any(each.complete for each in lists):
        expected = "a list, as in the other letter case"
        yield broken(
            requirement, refused[0].id, *numbers, expected=expected, got=str(refused[0].status), where="status"
        )
    elif not all(each.complete for each in lists):
        yield blocked(requirement, *numbers, reason="a list was not read to its end")
    elif not any(shows):
        yield blocked(requirement, *numbers, reason="no item is selected, so the letter case shows nothing")
    elif shows[0] != shows[1] and not is_repeated(case, lists[len(shows[1]) < len(shows[0])].pages[0]):
        yield blocked(requirement, *numbers, reason=ONCE)
    elif shows[0] != shows[1]:
        expected = f"the {len(shows[0])} items that the other letter case selects"
        where = "$" + items.replace("/", ".")
        got = f"{len(shows[1])} items, of which {len(shows[0] & shows[1])} are the same"
        yield broken(requirement, *numbers, expected=expected, got=got, where=where)
    else:
        yield met(requirement, *numbers)


def _judge_field(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, name: str
) -> Iterator[Mark | Seen]:
    """Compare a field of every success with what is known, and tell in which of the known forms it is written."""
    requirement = f"{operation.id}/{_what(declaration)}"
    for read in case.of(operation.name):
        if not read.is_plain or not case.sound(read):
            continue
        got, wanted = field_of(read, name), declaration.parameters["is"]
        wanted = _resource(read) if wanted == "path" else wanted
        if not isinstance(got, str):
            continue
        if got.casefold() != wanted.casefold():
            expected = f"{shown(wanted)} in some letter case"
            yield broken(requirement, read.id, expected=expected, got=shown(got), where="$" + name.replace("/", "."))
            continue
        yield met(requirement, read.id)
        for reading, form in declaration.parameters.get("forms", {}).items():
            if got == form:
                yield Seen(operation.id, declaration.parameters["ambiguity"], reading, read.id)


def _resource(read: Read) -> str:
    """Return the decoded path of a request, which is the id of what it asks for."""
    path = read.operation.path if read.operation else ""
    for name, values in _path(read).items():
        path = path.replace("{" + name + "}", values[0])
    return path


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield the mutant that compares letter by letter, or answers something else."""
    kind, name = _named(declaration)
    requirement = f"{operation.id}/{_what(declaration)}"
    if kind == "field":
        yield Mutant("echo.wrong", operation.id, requirement, {"pointer": name})
    elif kind == "segment":
        yield Mutant("case-insensitive.segments", operation.id, requirement)
    else:
        yield Mutant("case-insensitive.sensitive", operation.id, requirement, {"parameter": name})


def variants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Variant]:
    """Yield the readings: other parts of a path that are compared letter by letter, and the forms of a field."""
    kind, name = _named(declaration)
    given, entry = declaration.parameters, declaration.parameters.get("ambiguity", "")
    if kind == "segment" and entry:
        line = Line("case-insensitive.segments", operation.id)
        expecting = [each for each in PROFILES if declaration.basis.evidence in PROFILES[each]]
        for variant in following(api, operation, entry, given["readings"]["another"], line):
            yield replace(variant, profiles=tuple(each for each in variant.profiles if each not in expecting))
    if kind == "field":
        for case in ("upper", "lower"):
            line = Line("body.letter-case", operation.id, {"pointer": name, "case": case})
            yield Variant(f"letter-case{name}/{case}", operation.id, (line,), declaration.basis.reference)
        for reading, form in given.get("forms", {}).items():
            line = Line("response.set", operation.id, {"pointer": name, "value": form})
            yield from following(api, operation, entry, reading, line)
