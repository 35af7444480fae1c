"""Derive the list of requirements from a contract: from its structure here, from its behaviours in their modules.

Nothing in the list is written by hand. Presence, keywords of definitions, statuses, media types, headers, documented
errors and refusals follow from the contract's data; every requirement carries the basis that its part of the contract has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asdocumented.behaviours import behaviour
from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.model import (
    JSON,
    Ambiguity,
    Api,
    Basis,
    Catalogue,
    Evidence,
    Level,
    Operation,
    Presence,
    Response,
)
from asdocumented.errors import HarnessError
from asdocumented.requirement import (
    LISTED_STATUS,
    NO_SERVER_ERROR,
    NO_STACK_TRACE,
    RECEIVED,
    STATUS,
    Requirement,
    Stage,
    accepted,
    error,
    header,
    make,
    refusal,
    response,
    schema,
)

ASSERTIONS = (
    "type", "format", "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
    "anyOf", "oneOf", "allOf", "not",
)  # fmt: skip
"""The keywords of JSON Schema that become requirements of their own."""

_SHAPE = "a body of this response must be seen"
_RFC = {
    "media-type": "RFC 9110 8.3",
    "method": "RFC 9110 15.5.6",
    "missing": "RFC 9110 15.5.5",
    "refusal": "RFC 9110 15.5.1",
    "server-error": "RFC 9110 15.6",
    "stack-trace": "OWASP API8:2023",
}


def derive(catalogue: Catalogue, *, strict_fields: bool = False) -> dict[str, Requirement]:
    """Return every requirement of the catalogue by id, in the order of APIs, operations and derivation.

    With `strict_fields` a response must have documented fields alone; without, more fields are observations.

    Raises HarnessError when two requirements would have one id.
    """
    key = (id(catalogue), strict_fields)
    if key not in _DERIVED or _DERIVED[key][0] is not catalogue:
        if len(_DERIVED) >= _KEPT:
            _DERIVED.clear()
        _DERIVED[key] = (catalogue, _derive(catalogue, strict_fields=strict_fields))
    return dict(_DERIVED[key][1])


_KEPT = 8
_DERIVED: dict[tuple[int, bool], tuple[Catalogue, dict[str, Requirement]]] = {}  # a loaded catalogue never changes


def _derive(catalogue: Catalogue, *, strict_fields: bool) -> dict[str, Requirement]:
    found: dict[str, Requirement] = {}
    for api in catalogue.apis.values():
        for operation in api.operations.values():
            for requirement in (*derive_operation(api, operation), *(_strict(operation) if strict_fields else ())):
                if requirement.id in found:
                    raise HarnessError("requirement-id-twice", f"Two requirements are named {requirement.id!r}.")
                found[requirement.id] = requirement
    return found


def derive_operation(api: Api, operation: Operation) -> Iterator[Requirement]:
    """Yield the requirements of one operation."""
    yield from _request(api, operation)
    yield from _statuses(operation)
    for rule in operation.responses.values():
        yield from _response(api, operation, rule)
    yield from _framework(api, operation)
    yield from _errors(api, operation)
    yield from _refusals(api, operation)
    for declaration in operation.behaviours:
        yield from behaviour(declaration.name).requirements(api, operation, declaration)
    yield from _robustness(operation)
    yield from _ambiguities(operation)


def _strict(operation: Operation) -> Iterator[Requirement]:
    for rule in operation.responses.values():
        if rule.media_types:
            text = f"A {rule.key} has no field that its definitions do not have."
            what = response(rule.key, "unknown-fields")
            yield make(
                operation, what, text, family="response", stage=Stage.SCHEMA, basis=rule.basis, conditional=_SHAPE
            )


def _request(api: Api, operation: Operation) -> Iterator[Requirement]:
    """Yield that valid values of each parameter, of the body and of its fields are accepted."""
    for parameter in operation.parameters:
        text = f"A valid value of {parameter.name} ({parameter.location}) is accepted."
        yield _accepts(operation, accepted(parameter.location, parameter.name), text, parameter.basis)
    if operation.body is not None:
        yield _accepts(operation, accepted("body", ""), "A valid request body is accepted.", operation.body.basis)
        for pointer, lines in body_fields(api, operation):
            basis = Basis(
                operation.body.basis.evidence,
                lines or operation.body.basis.lines,
                f"{operation.definitions_heading}, {pointer}",
            )
            yield _accepts(
                operation, accepted("body", pointer), f"A valid value of the body's {pointer} is accepted.", basis
            )


def _accepts(operation: Operation, what: str, text: str, basis: Basis) -> Requirement:
    return make(operation, what, text, family="request", stage=Stage.STATUS, basis=basis)


def body_fields(api: Api, operation: Operation) -> Iterator[tuple[str, tuple[tuple[int, int], ...]]]:
    """Yield each field of the request body as a pointer, with the lines of its row on the page."""
    if operation.body is not None:
        yield from _fields(api, operation, operation.body.schema, "")


def _fields(
    api: Api, operation: Operation, of: JSON, pointer: str
) -> Iterator[tuple[str, tuple[tuple[int, int], ...]]]:
    name = referenced(of)
    for field, inner in (api.definitions[name] if name else of).get("properties", {}).items():
        yield f"{pointer}/{field}", operation.rows.get(f"{name}/{field}", ())
        yield from _fields(api, operation, inner, f"{pointer}/{field}")


def _statuses(operation: Operation) -> Iterator[Requirement]:
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


def _response(api: Api, operation: Operation, rule: Response) -> Iterator[Requirement]:
    condition = _condition(api, operation, rule)
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
    yield from _schema(api, operation, rule, condition)


def _row(rule: Response) -> Basis:
    lines = tuple(each for one in rule.errors for each in one.basis.lines) or rule.basis.lines
    return Basis(rule.errors[0].basis.evidence, lines, rule.basis.place, rule.errors[0].basis.reference)


def _condition(api: Api, operation: Operation, rule: Response) -> str:
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
    return operation.permission != "none" and any(operation.permission not in each.permissions for each in callers)


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


def presence_of(rule: Response, definition: str, field: str) -> Presence | None:
    """Return what the contract says about the presence of a field in a response, or None."""
    return next((each for each in rule.presences if each.definition == definition and each.name == field), None)


def _schema(api: Api, operation: Operation, rule: Response, condition: str) -> Iterator[Requirement]:
    """Yield one requirement for each keyword and each presence, by definition (a definition may nest in itself)."""
    waiting: list[tuple[str, JSON, str]] = [(rule.definition or "body", rule.schema, condition)]
    done: set[str] = set()
    while waiting:
        name, of, seen = waiting.pop(0)
        if name in done:
            continue
        done.add(name)
        body = api.definitions[referenced(of)] if referenced(of) else of
        yield from _keywords(api, operation, rule, name, (), body, seen)
        for path, inner, optional in _properties(rule, name, body):
            field_seen = seen or ("the field is optional" if optional else "")
            yield from _presence(operation, rule, name, path, seen)
            for target, where in _inner(inner, path):
                definition = referenced(target)
                if where != path and rule.is_error and not field_seen and not definition:
                    field_seen = "the array may be empty"
                if definition:
                    waiting.append((definition, target, field_seen))
                else:
                    yield from _keywords(api, operation, rule, name, where, target, field_seen)


def _properties(rule: Response, definition: str, of: JSON) -> Iterator[tuple[tuple[str, ...], JSON, bool]]:
    """Yield each property (of inline objects too) as path, schema and whether it may be left out."""
    for field, inner in of.get("properties", {}).items():
        presence = presence_of(rule, definition, field)
        yield (field,), inner, presence is None or presence.level is not Level.MUST
        if not referenced(inner):
            for path, deeper, _ in _properties(rule, definition, inner):
                yield (field, *path), deeper, True


def _inner(of: JSON, path: tuple[str, ...]) -> Iterator[tuple[JSON, tuple[str, ...]]]:
    """Yield a property's schema, and those of its items and additional properties, with their paths."""
    yield of, path
    for key in ("items", "additionalProperties"):
        if isinstance(of.get(key), Mapping):
            yield from _inner(of[key], (*path, key))


def _keywords(
    api: Api, operation: Operation, rule: Response, name: str, path: tuple[str, ...], of: JSON, condition: str
) -> Iterator[Requirement]:
    basis = _field_basis(operation, rule, name, path) if path else _definition_basis(api, operation, rule, name)
    for keyword in ASSERTIONS:
        if keyword in of:
            where = ".".join((name, *path))
            text = f"{where} in a {rule.key}: {keyword} {_shown(of[keyword])}."
            what = schema(rule.key, name, path, keyword)
            yield make(operation, what, text, family="response", stage=Stage.SCHEMA, basis=basis, conditional=condition)


def _definition_basis(api: Api, operation: Operation, rule: Response, name: str) -> Basis:
    """Return the basis of a definition as a whole: the rows of the fields that refer to it, else the response's."""
    rows = tuple(
        each
        for row, lines in operation.rows.items()
        for definition, _, field in (row.partition("/"),)
        if name in _refers(api.definitions[definition]["properties"][field])
        for each in lines
    )
    evidence = _shape_evidence(operation, rule, name)
    return Basis(evidence, (*rule.basis.lines, *rows), rule.basis.place, rule.basis.reference)


def _shape_evidence(operation: Operation, rule: Response, definition: str) -> Evidence:
    """Return what the shape of a definition rests on: the page only where the page has its rows."""
    if rule.basis.evidence is Evidence.DOCUMENTED and not any(
        row.startswith(f"{definition}/") for row in operation.rows
    ):
        return Evidence.SPECIFIED
    return rule.basis.evidence


def _refers(of: JSON) -> set[str]:
    return {referenced(of), referenced(of.get("items", {}))}


def _shown(value: JSON) -> str:
    return (
        value
        if isinstance(value, str)
        else ", ".join(map(str, value))
        if isinstance(value, list) and all(isinstance(each, str | int) for each in value)
        else "as defined"
    )


def _field_basis(operation: Operation, rule: Response, name: str, path: tuple[str, ...]) -> Basis:
    lines = operation.rows.get(f"{name}/{path[0]}", ()) if path else ()
    place = f"{operation.definitions_heading}, {', '.join((name, *path))}" if lines else rule.basis.place
    return Basis(_shape_evidence(operation, rule, name), lines or rule.basis.lines, place, rule.basis.reference)


def _presence(
    operation: Operation, rule: Response, name: str, path: tuple[str, ...], condition: str
) -> Iterator[Requirement]:
    if len(path) != 1:
        return
    stated = presence_of(rule, name, path[0])
    if stated is None:
        if rule.is_error or operation.evidence is not Evidence.DOCUMENTED:
            return  # an error need not fill in every field; a specification says itself which fields it requires
        reference = "a documented field is expected unless the page calls it optional"
        basis = _field_basis(operation, rule, name, path)
        level, basis = Level.SHOULD, Basis(Evidence.CONVENTION, basis.lines, basis.place, reference)
    else:
        level, basis = stated.level, stated.basis
    if level is Level.MAY:
        return
    text = f"{name}.{path[0]} is present in a {rule.key}."
    what = schema(rule.key, name, path, "presence")
    yield make(
        operation, what, text, family="response", stage=Stage.SCHEMA, basis=basis, level=level, conditional=condition
    )


def framework_rule(api: Api) -> Response | None:
    """Return the rule for what the API's framework answers whatever the operation, or None without one."""
    if not api.framework:
        return None
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


def _framework(api: Api, operation: Operation) -> Iterator[Requirement]:
    rule = framework_rule(api)
    if rule is not None:
        for requirement in _response(api, operation, rule):
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


def claimed_states(operation: Operation) -> set[str]:
    """Return the causes of errors that behaviours judge: states of `exclusive`, and who may call."""
    states = {each.parameters["while"] for each in operation.behaviour("exclusive")}
    return states | {"unauthenticated", "permission-missing"}


def _errors(api: Api, operation: Operation) -> Iterator[Requirement]:
    """Yield the documented answer to each cause, and a refusal for each missing resource that no documented error covers."""
    covered: set[str] = set()
    for rule in operation.responses.values():
        for each in rule.errors:
            for cause in each.when:
                covered.add(cause)
                if cause not in claimed_states(operation):
                    yield make(
                        operation,
                        error(cause, "status"),
                        f"'{cause}' is answered with {each.status}.",
                        family="error",
                        stage=Stage.SEMANTICS,
                        basis=each.basis,
                        opens=rule.key,
                    )
                    yield make(
                        operation,
                        error(cause, "code"),
                        f"'{cause}' is the error {each.error}.",
                        family="error",
                        stage=Stage.SEMANTICS,
                        basis=each.basis,
                    )
    basis = Basis(Evidence.CONVENTION, (), "", _RFC["missing"])
    for pool in missable(operation):
        if f"{pool}-missing" not in covered:
            text = f"A request for a {pool} that does not exist is refused with a 4xx."
            yield make(
                operation,
                error(f"{pool}-missing", "refused"),
                text,
                family="error",
                stage=Stage.SEMANTICS,
                basis=basis,
                level=Level.SHOULD,
            )


def missable(operation: Operation) -> tuple[str, ...]:
    """Return the pools of path parameters whose absence a request can show (a PUT creates, a DELETE may be idempotent)."""
    if operation.method in ("PUT", "DELETE"):
        return ()
    return tuple(each.resource for each in operation.parameters if each.location == "path" and each.resource)


def _refusals(api: Api, operation: Operation) -> Iterator[Requirement]:
    """Yield the conventions on invalid requests: that a page marks a value required binds the client only."""
    for place in refusable(api, operation):
        reference = _RFC["method"] if place == "method" else _RFC["refusal"]
        text = f"A request with the fault '{place}' is refused with a 4xx."
        basis = Basis(Evidence.CONVENTION, (), "", reference)
        yield make(
            operation, refusal(place), text, family="convention", stage=Stage.SEMANTICS, basis=basis, level=Level.SHOULD
        )


def refusable(api: Api, operation: Operation) -> Iterator[str]:
    """Yield the places in which a request of this operation can be at fault."""
    yield "method"
    for parameter in operation.parameters:
        if parameter.required and parameter.location != "path" and parameter.name not in operation.query:
            yield f"{parameter.location}/{parameter.name}/missing"
    if operation.body is not None:
        yield "body/malformed"
        for pointer in required_fields(api, operation.body.schema):
            yield f"body{pointer}/missing"


def required_fields(api: Api, of: JSON, pointer: str = "") -> Iterator[str]:
    """Yield the pointers of the fields that a request schema requires."""
    name = referenced(of)
    body = api.definitions[name] if name else of
    for field in body.get("required", ()):
        yield f"{pointer}/{field}"
    for field, inner in body.get("properties", {}).items():
        yield from required_fields(api, inner, f"{pointer}/{field}")


def _robustness(operation: Operation) -> Iterator[Requirement]:
    text = "No request is answered with a server error that the page does not document."
    basis = Basis(Evidence.CONVENTION, (), "", _RFC["server-error"])
    yield make(operation, NO_SERVER_ERROR, text, family="convention", stage=Stage.SEMANTICS, basis=basis)
    basis = Basis(Evidence.CONVENTION, (), "", _RFC["stack-trace"])
    yield make(
        operation,
        NO_STACK_TRACE,
        "No answer shows a stack trace.",
        family="convention",
        stage=Stage.SEMANTICS,
        basis=basis,
    )


def _ambiguities(operation: Operation) -> Iterator[Requirement]:
    """Yield, for each register entry whose readings can be told apart, that a target keeps to one of them."""
    for entry in operation.ambiguities.values():
        if entry.seen_in:
            yield make(
                operation,
                f"ambiguity/{entry.id}",
                f"One reading is followed throughout: {entry.about}.",
                family="ambiguity",
                stage=Stage.SEMANTICS,
                basis=_register_basis(operation, entry),
                level=entry.level,
                conditional="an exchange must tell the readings apart",
            )


def _register_basis(operation: Operation, entry: Ambiguity) -> Basis:
    """Return where a register entry stands: its own lines of the page, else those of the operation."""
    return Basis(
        operation.evidence,
        entry.basis.lines or operation.basis.lines,
        entry.basis.place or operation.basis.place,
        f"register entry {entry.id}",
    )
