"""Derive what a response's body must look like: one requirement for each keyword and each presence of its definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.grounds import Basis, Evidence, Level
from asdocumented.contracts.model import JSON, Api, Operation, Presence, Response
from asdocumented.requirement import (
    Requirement,
    Stage,
    make,
    schema,
)

ASSERTIONS = (
    "type", "format", "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
    "anyOf", "oneOf", "allOf", "not",
)  # fmt: skip
"""The keywords of JSON Schema that become requirements of their own."""

FORMATS = frozenset({
    "date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri",
    "uri-reference", "iri", "iri-reference", "uuid", "uri-template", "json-pointer", "relative-json-pointer", "regex",
})  # fmt: skip
"""The formats that JSON Schema defines (2020-12, Validation, section 7.3): of any other every value has the form."""

PRESENCE = "presence"
"""What stands in the place of a keyword where a field is to be there."""


def presence_of(rule: Response, definition: str, field: str) -> Presence | None:
    """Return what the contract says about the presence of a field in a response, or None."""
    return next((each for each in rule.presences if each.definition == definition and each.name == field), None)


@dataclass(frozen=True, slots=True)
class Constraint:
    """One thing that a definition asks of one place: a keyword of JSON Schema, or `presence`.

    `path` leads from the definition to the place, through fields, `items` and `additionalProperties`; `of` is the schema of
    what stands there, and `condition` why only the target decides whether the place is seen.
    """

    definition: str
    path: tuple[str, ...]
    keyword: str
    of: JSON
    condition: str

    def what(self, rule: Response) -> str:
        """Return the name of the requirement that it is in the bodies of a response."""
        return schema(rule.key, self.definition, self.path, self.keyword)


def constraints(api: Api, operation: Operation, rule: Response, condition: str = "") -> Iterator[Constraint]:
    """Yield each keyword and each expected presence, by definition (a definition may nest in itself)."""
    waiting: list[tuple[str, JSON, str]] = [(rule.definition or "body", rule.schema, condition)]
    done: set[str] = set()
    while waiting:
        name, of, seen = waiting.pop(0)
        if name in done:
            continue
        done.add(name)
        body = api.definitions[referenced(of)] if referenced(of) else of
        yield from _keywords(name, (), body, seen)
        for target, where in _inner(body, ()):
            if where and referenced(target):
                waiting.append((referenced(target), target, seen))
            elif where:
                yield from _keywords(name, where, target, seen)
        for path, inner, optional in _properties(rule, name, body):
            field_seen = seen or ("the field is optional" if optional else "")
            if len(path) == 1 and _presence(operation, rule, name, path[0]) is not None:
                yield Constraint(name, path, PRESENCE, inner, seen)
            for target, where in _inner(inner, path):
                definition = referenced(target)
                if where != path and rule.is_error and not field_seen and not definition:
                    field_seen = "the array may be empty"
                if definition:
                    waiting.append((definition, target, field_seen))
                else:
                    yield from _keywords(name, where, target, field_seen)


def body_requirements(api: Api, operation: Operation, rule: Response, condition: str) -> Iterator[Requirement]:
    """Yield the requirement that each constraint is."""
    for each in constraints(api, operation, rule, condition):
        where = ".".join((each.definition, *each.path))
        if each.keyword == PRESENCE:
            text = f"{where} is present in a {rule.key}."
            level, basis = _presence(operation, rule, each.definition, each.path[0]) or (Level.MAY, rule.basis)
        else:
            text = f"{where} in a {rule.key}: {each.keyword} {_shown(each.of[each.keyword])}."
            level, basis = Level.MUST, _basis(api, operation, rule, each)
        yield make(
            operation,
            each.what(rule),
            text,
            family="response",
            stage=Stage.SCHEMA,
            basis=basis,
            level=level,
            conditional=each.condition,
        )


def _properties(rule: Response, definition: str, of: JSON) -> Iterator[tuple[tuple[str, ...], JSON, bool]]:
    """Yield each property, inside inline objects and arrays too, as path, schema and whether it may be left out."""
    for field, inner in of.get("properties", {}).items():
        presence = presence_of(rule, definition, field)
        yield (field,), inner, presence is None or presence.level is not Level.MUST
        if not referenced(inner):
            for path, deeper, _ in _properties(rule, definition, inner):
                yield (field, *path), deeper, True
    for key in ("items", "additionalProperties"):
        if isinstance(of.get(key), Mapping) and not referenced(of[key]):
            for path, deeper, _ in _properties(rule, definition, of[key]):
                yield (key, *path), deeper, True


def _inner(of: JSON, path: tuple[str, ...]) -> Iterator[tuple[JSON, tuple[str, ...]]]:
    """Yield a property's schema, and those of its items and additional properties, with their paths."""
    yield of, path
    for key in ("items", "additionalProperties"):
        if isinstance(of.get(key), Mapping):
            yield from _inner(of[key], (*path, key))


def _keywords(name: str, path: tuple[str, ...], of: JSON, condition: str) -> Iterator[Constraint]:
    for keyword in ASSERTIONS:
        if keyword in of and (keyword != "format" or of[keyword] in FORMATS):
            yield Constraint(name, path, keyword, of, condition)


def _basis(api: Api, operation: Operation, rule: Response, of: Constraint) -> Basis:
    if of.path:
        return _field_basis(operation, rule, of.definition, of.path)
    return _definition_basis(api, operation, rule, of.definition)


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


def _presence(operation: Operation, rule: Response, name: str, field: str) -> tuple[Level, Basis] | None:
    """Return how binding it is that a field of a definition is there, and why; None where it may be left out."""
    stated = presence_of(rule, name, field)
    if stated is not None:
        return None if stated.level is Level.MAY else (stated.level, stated.basis)
    if rule.is_error or operation.evidence is not Evidence.DOCUMENTED:
        return None  # an error need not fill in every field; a specification says itself which fields it requires
    reference = "a documented field is expected unless the page calls it optional"
    basis = _field_basis(operation, rule, name, (field,))
    return Level.SHOULD, Basis(Evidence.CONVENTION, basis.lines, basis.place, reference)
