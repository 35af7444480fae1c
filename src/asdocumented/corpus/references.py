"""Turn a case into a call on one target: references become ids that exist there, fresh ids, or new secrets."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping

from asdocumented.contracts.model import JSON, Operation
from asdocumented.corpus.cases import Body, Case, Kind, Means, Reference, Value, put
from asdocumented.planning.context import Context
from asdocumented.plans import Call, UnplannableError
from asdocumented.reads.classify import at


def resolve(case: Case, context: Context) -> Call:
    """Return the call that a case is on the target of a context.

    Raises UnplannableError when the target names nothing that a reference can stand for.
    """
    operation = context.api.operations[case.operation.partition("/")[2]]
    arguments = {
        (location, name): _argument(context, operation, location, name, value)
        for location, name, value in case.arguments
    }
    if case.body is None:
        return Call(operation, case.identity, arguments)
    return Call(
        operation, case.identity, arguments, _bytes(context, operation, case, case.body), case.body.content_type
    )


def _argument(context: Context, operation: Operation, location: str, name: str, value: Value) -> str:
    if isinstance(value, str):
        return value
    parameter = operation.parameter(location, name)
    if location == "path" and parameter is not None and value.means is Means.POOL:
        return context.value(operation, parameter, operation.state)
    return _id(context, operation, value)


def _id(context: Context, operation: Operation, reference: Reference, pointer: str = "") -> str:
    if reference.means is Means.SECRET:
        return context.secret(pointer)
    if reference.means in (Means.FRESH, Means.ABSENT):
        return context.fresh(reference.name)
    draws = operation.body.draws if operation.body and pointer else {}
    if context.bodies.is_account(draws, pointer):
        accounts = context.bodies.accounts(reference.name)
        return accounts[reference.index % len(accounts)]
    known = context.states.get(operation.state, {}).get(reference.name) or context.pools.get(reference.name)
    if not known:
        raise UnplannableError(f"the target names no {reference.name}")
    return known[reference.index % len(known)]


def _bytes(context: Context, operation: Operation, case: Case, body: Body) -> bytes:
    if body.raw is not None:
        return body.raw
    value = copy.deepcopy(body.value)
    drawn = _unlike_before(context, operation) if case.kind is Kind.POSITIVE and body.references else None
    for pointer, reference in body.references.items():
        own = at(drawn, pointer)
        put(value, pointer, own if isinstance(own, str) else _id(context, operation, reference, pointer))
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _unlike_before(context: Context, operation: Operation) -> JSON:
    """Return a body whose references were not sent together before, since a target may refuse a second like it."""
    try:
        return context.bodies.draw(operation, full=True)
    except UnplannableError:
        return None  # all combinations are used up; the references of the case itself are as good


def shape(call: Call, names: Mapping[str, str]) -> tuple[object, ...]:
    """Return what makes two calls alike on the wire when ids that stand for the same kind of thing count as the same.

    `names` are the words that ids, secrets and made-up ids are replaced by.
    """
    arguments = sorted((place, name, names.get(value, value)) for (place, name), value in call.arguments.items())
    body = call.body.decode("utf-8", errors="surrogateescape")
    for value in sorted(names, key=len, reverse=True):
        body = body.replace(json.dumps(value, ensure_ascii=False), json.dumps(names[value]))
    method = call.method or call.operation.method
    return (call.operation.path, method, call.identity, tuple(arguments), call.content_type, body)
