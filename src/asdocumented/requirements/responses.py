"""Derive what the answers of an operation must be: statuses, media types, JSON, headers, bodies, framework answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asdocumented.contracts.access import lacking
from asdocumented.contracts.grounds import Basis, Evidence, Level
from asdocumented.contracts.model import Api, Operation, Presence, Response
from asdocumented.requirement import (
    LISTED_STATUS,
    RECEIVED,
    STATUS,
    Requirement,
    Stage,
    header,
    make,
    response,
)
from asdocumented.requirements.shapes import body_requirements

_SHAPE = "a body of this response must be seen"


def strict_requirements(operation: Operation) -> Iterator[Requirement]:
    """Yield that bodies have documented fields alone, which holds only for runs that ask for it."""
    for rule in operation.responses.values():
        if rule.media_types:
            text = f"A {rule.key} has no field that its definitions do not have."
            what = response(rule.key, "unknown-fields")
            yield make(
                operation, what, text, family="response", stage=Stage.SCHEMA, basis=rule.basis, conditional=_SHAPE
            )


def status_requirements(operation: Operation) -> Iterator[Requirement]:
    """Yield that every request is answered, a valid one with success, and all with a listed status."""
    keys = ", ".join(rule.key for rule in operation.successes)
    lines = (*operation.basis.lines, *(each for rule in operation.successes for each in rule.basis.lines))
    basis = Basis(operation.evidence, lines, operation.successes[0].basis.place, operation.basis.reference)
    yield make(
        operation,
        RECEIVED,
        "Every request gets a complete response.",
        family="response",
        stage=Stage.TRANSPORT,
        basis=basis,
    )
    text = f"A valid, authorised request is answered with {keys}."
    yield make(operation, STATUS, text, family="response", stage=Stage.STATUS, basis=basis)
    others = [rule.basis for rule in operation.responses.values() if rule.is_error]
    place = others[0].place if others else basis.place
    lines = tuple(each for other in others for each in other.lines) or basis.lines
    listed = Basis(operation.evidence, lines, place, operation.basis.reference)
    text = "Every status is one that the page lists, covers with 'other' (400 to 599), or that the API's framework answers."
    yield make(operation, LISTED_STATUS, text, family="response", stage=Stage.STATUS, basis=listed)


def response_requirements(api: Api, operation: Operation, rule: Response) -> Iterator[Requirement]:
    """Yield what the answers that fall under one rule must be: headers, error code, media type, JSON, body."""
    condition = response_condition(api, operation, rule)
    for each in rule.headers:
        yield from _header(operation, rule, each.name, each.basis, required=each.required, condition=condition)
    if rule.errors:
        text = f"The error of a {rule.key} is one that the page names for it: {', '.join(each.error for each in rule.errors)}."
        yield make(
            operation,
            response(rule.key, "code"),
            text,
            family="error",
            stage=Stage.SEMANTICS,
            basis=_row(rule),
            conditional=condition,
        )
    if not rule.media_types:
        return
    what = response(rule.key, "media-type")
    text = f"A body of {rule.key} is {' or '.join(rule.media_types)}."
    yield make(
        operation, what, text, family="response", stage=Stage.MEDIA_TYPE, basis=rule.basis, conditional=condition
    )
    text = f"A body of {rule.key} is there, and is one JSON text in every respect."
    yield make(
        operation,
        response(rule.key, "json"),
        text,
        family="response",
        stage=Stage.PARSE,
        basis=rule.basis,
        conditional=condition,
    )
    yield from body_requirements(api, operation, rule, condition)


def _row(rule: Response) -> Basis:
    lines = tuple(each for one in rule.errors for each in one.basis.lines) or rule.basis.lines
    return Basis(rule.errors[0].basis.evidence, lines, rule.basis.place, rule.errors[0].basis.reference)


def response_condition(api: Api, operation: Operation, rule: Response) -> str:
    """Return why only the target decides whether a response is seen, or the empty string."""
    if not rule.is_error:
        return "the target chooses among the documented successes" if len(operation.successes) > 1 else ""
    if rule.key == "other" or any(_provokable(api, operation, cause) for each in rule.errors for cause in each.when):
        return ""
    return "nothing that a client does provokes it for certain"


def _provokable(api: Api, operation: Operation, cause: str) -> bool:
    """Tell whether a request can be the cause: some identity must lack the permission for `permission-missing`."""
    if cause != "permission-missing":
        return True
    callers = (each for each in api.identities.values() if each.refused is None)
    return any(lacking(operation, each) is not None for each in callers)


def _header(
    operation: Operation, rule: Response, name: str, basis: Basis, *, required: bool, condition: str
) -> Iterator[Requirement]:
    if required:
        text = f"A {rule.key} has the header {name}."
        yield make(
            operation,
            header(rule.key, name, "presence"),
            text,
            family="response",
            stage=Stage.SCHEMA,
            basis=basis,
            conditional=condition,
        )
    text = f"The header {name} of a {rule.key} has the documented form."
    seen = condition or ("" if required else "the target decides whether the header is there")
    yield make(
        operation,
        header(rule.key, name, "value"),
        text,
        family="response",
        stage=Stage.SCHEMA,
        basis=basis,
        conditional=seen,
    )


_FRAMEWORKS: dict[int, tuple[Mapping[str, Operation], Response]] = {}


def framework_rule(api: Api) -> Response | None:
    """Return the rule for what the API's framework answers whatever the operation, or None without one.

    It is made once for each loaded contract.
    """
    if not api.framework:
        return None
    known = _FRAMEWORKS.get(id(api.operations))
    if known is None or known[0] is not api.operations:
        known = _FRAMEWORKS[id(api.operations)] = (api.operations, _framework_rule(api))
    return known[1]


def _framework_rule(api: Api) -> Response:
    presences = tuple(
        each
        for operation in api.operations.values()
        for rule in operation.responses.values()
        if rule.is_error
        for each in rule.presences
    )
    unique = {(each.definition, each.name): each for each in reversed(presences)}
    basis = Basis(Evidence.SPECIFIED, (), "", api.framework[0].basis.reference)
    softened = tuple(Presence(each.definition, each.name, Level.SHOULD, basis) for each in unique.values())
    reference = {"$ref": f"{api.error_model.definition}.json"}
    return Response(
        "framework", ("application/json",), reference, api.error_model.definition, (), (), softened, (), basis
    )


def framework_requirements(api: Api, operation: Operation) -> Iterator[Requirement]:
    """Yield what the answers of the API's framework are expected to be: errors of the same form as the page's."""
    rule = framework_rule(api)
    if rule is not None:
        for requirement in response_requirements(api, operation, rule):
            condition = "the framework decides what it refuses"
            yield make(
                operation,
                requirement.what,
                requirement.text,
                family="error",
                stage=requirement.stage,
                basis=rule.basis,
                level=Level.SHOULD,
                conditional=condition,
            )
