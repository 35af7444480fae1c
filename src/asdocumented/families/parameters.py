"""Parameters: what a target does with values that are missing, outside their schema, odd, repeated or not declared.

That a page marks a parameter required binds the client; that a server refuses a request without it is a convention
(RFC 9110 section 15.5.1), unless the page says so. Odd values may be taken or refused, and must break nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from asdocumented.contracts.model import Api, Operation, Parameter, Tier
from asdocumented.families.vocabulary import (
    ACCEPTED,
    CRASH,
    Oddness,
    Probe,
    judge_refusal,
    judge_survival,
    odd_for,
    refused_for,
)
from asdocumented.planning.combining import odd_text, touched
from asdocumented.planning.context import Context
from asdocumented.plans import Call, UnplannableError
from asdocumented.reads.case import Case
from asdocumented.reads.classify import creates
from asdocumented.reads.marks import Mark
from asdocumented.reads.oddities import Oddity, kinds, longest, shortest

_LOCATIONS = ("path", "query", "header")
_REFUSALS = tuple(f"refusal/{each}/" for each in _LOCATIONS)
_ODDITIES = tuple(f"robustness/{each}/" for each in _LOCATIONS)
_REFERENCE = "RFC 9110 15.5.1"
UNDECLARED = ("asdocumented-undeclared", "1")


def probes(api: Api, operation: Operation) -> Iterator[Probe]:
    """Yield the refusals of wrong values and the survival of odd ones, for each parameter that can have them."""
    for parameter in operation.parameters:
        if parameter.name in operation.query:
            continue  # it selects the operation: with another value the request is about another one
        yield from _refusals(operation, parameter)
        for kind in kinds(parameter):
            if not (kind.name == "empty" and parameter.required) and not (
                kind.routed and parameter is not _last(operation)
            ):
                yield _of_kind(operation, parameter, kind)
        for name, length in (("shortest", shortest(parameter.schema)), ("longest", longest(parameter.schema))):
            if parameter.location == "path" and length:
                yield _of_length(operation, parameter, name, length)
        if parameter.location == "query" and parameter.required:
            text = f"{parameter.name} (query) in a request twice causes no server error."
            yield _odd(parameter, "repeated", text, "RFC 3986 3.4", partial(_repeated, operation, parameter))
    text = "A query parameter that the page does not list causes no server error."
    what = "robustness/query/undeclared"
    oddness = Oddness(_undeclared, frozenset({"undeclared"}))
    yield Probe(what, text, "RFC 3986 3.4", partial(_spare, operation), oddness=oddness, switch=CRASH)


def _last(operation: Operation) -> Parameter | None:
    """Return the last parameter of the path, in the order of the path."""
    in_path = [each for each in operation.parameters if each.location == "path"]
    return max(in_path, key=lambda each: operation.path.index("{" + each.name + "}"), default=None)


def _odd(parameter: Parameter, kind: str, text: str, reference: str, call: partial[Call]) -> Probe:
    return Probe(f"robustness/{parameter.location}/{parameter.name}/{kind}", text, reference, call, switch=CRASH)


def _of_kind(operation: Operation, parameter: Parameter, kind: Oddity) -> Probe:
    """Return the probe for one kind of odd value. In a path it exists nowhere, so that the call can do no harm.

    But for one that is routed: a server that decodes it before it splits the path takes the call to what is above.
    """
    text = f"{parameter.name} ({parameter.location}) with {kind.text} causes no server error."
    in_path = parameter.location == "path"
    change = partial(_with_odd, parameter, kind)
    call = partial(_base, operation, in_path=in_path)
    lacks = parameter.resource if in_path and not creates(operation, parameter) else ""
    oddness = Oddness(change, touched(f"{parameter.location} {parameter.name}", kind), lacks)
    probe = _odd(parameter, kind.name, text, kind.reference, call)
    if not kind.routed:
        return replace(probe, oddness=oddness)
    changes = operation.tier.rank > Tier.READ.rank
    return replace(probe, oddness=replace(oddness, alone=True), tier=None if changes else Tier.READ, intrusive=changes)


def _of_length(operation: Operation, parameter: Parameter, name: str, length: int) -> Probe:
    """Return the probe for a value of the least or greatest length, which may name something where the call creates nothing."""
    text = f"{parameter.name} (path) of {length} characters, the {name} that the page allows, causes no server error."
    oddness = Oddness(
        partial(_with_length, parameter, length),
        touched(f"path {parameter.name}"),
        alone=not creates(operation, parameter),
    )
    probe = _odd(parameter, name, text, _REFERENCE, partial(_base, operation, in_path=True))
    return replace(probe, oddness=oddness)


def _refusals(operation: Operation, parameter: Parameter) -> Iterator[Probe]:
    place = f"refusal/{parameter.location}/{parameter.name}"
    wrong = _malformed(parameter)
    faults: list[tuple[str, partial[Call], Tier | None]] = []
    if parameter.required and parameter.location != "path":
        faults.append(("missing", partial(_without, operation, parameter), None))
        if wrong and parameter.location == "query":
            faults.append(("empty", partial(_with, operation, parameter, ""), None))
    if wrong:
        harmless = Tier.PROBE if parameter is _last(operation) else None
        faults.append(("malformed", partial(_with, operation, parameter, wrong), harmless))
    for fault, call, tier in faults:
        text = f"A request with the fault '{parameter.location}/{parameter.name}/{fault}' is refused with a 4xx."
        yield Probe(f"{place}/{fault}", text, _REFERENCE, call, tier=tier, switch=ACCEPTED)


def _malformed(parameter: Parameter) -> str:
    """Return a value outside the parameter's schema, or the empty string where any text is inside it."""
    schema = parameter.schema
    if "const" in schema or schema.get("enum"):
        return "1999-12-31" if parameter.name == "api-version" else "asdocumented-unknown"
    if schema.get("format") == "uuid":
        return "not-a-uuid"
    if schema.get("type") in ("integer", "number", "boolean"):
        return "not-a-value"
    if "maxLength" in schema:
        return "a" * (int(schema["maxLength"]) + 1)
    return ""


def _without(operation: Operation, parameter: Parameter, context: Context) -> Call:
    return context.base(operation).without(parameter.location, parameter.name)


def _with(operation: Operation, parameter: Parameter, value: str, context: Context) -> Call:
    return context.base(operation).with_argument(parameter.location, parameter.name, value)


def _base(operation: Operation, context: Context, *, in_path: bool) -> Call:
    return context.base(operation, odd=in_path)


def _spare(operation: Operation, context: Context) -> Call:
    return context.spare(operation)


def _with_odd(parameter: Parameter, kind: Oddity, context: Context, call: Call) -> Call:
    place = (parameter.location, parameter.name)
    if parameter.location != "path":
        return call.with_argument(*place, kind.make(odd_text(call.arguments.get(place))))
    if not parameter.resource:
        raise UnplannableError(f"no source says which values of {parameter.name} are valid; name a resource for it")
    made_up = call.arguments[place] in context.absent  # by the call itself, or by another kind
    value = kind.make(call.arguments[place] if made_up else context.fresh(parameter.resource))
    context.absent.add(value)
    return call.with_argument(*place, value)


def _with_length(parameter: Parameter, length: int, context: Context, call: Call) -> Call:
    return call.with_argument("path", parameter.name, "z" * length)


def _repeated(operation: Operation, parameter: Parameter, context: Context) -> Call:
    call = context.spare(operation)
    return call.also(query=((parameter.name, call.arguments["query", parameter.name]),))


def _undeclared(context: Context, call: Call) -> Call:
    return call.also(query=(UNDECLARED,))


def judge(case: Case, operation: Operation) -> Iterator[Mark]:
    """Look at every request whose one fault or one oddity is in a parameter."""
    for requirement, read in refused_for(case, operation, *_REFUSALS):
        yield judge_refusal(case, requirement, read)
    for requirement, read in odd_for(case, operation, *_ODDITIES):
        yield judge_survival(case, requirement, read)
