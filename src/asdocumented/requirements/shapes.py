"""Derive what a response's body must look like: one requirement for each keyword and each presence of its definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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


def presence_of(rule: Response, definition: str, field: str) -> Presence | None:
    """Return what the contract says about the presence of a field in a response, or None."""
    return next((each for each in rule.presences if each.definition == definition and each.name == field), None)


def body_requirements(api: Api, operation: Operation, rule: Response, condition: str) -> Iterator[Requirement]:
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
        for target, where in _inner(body, ()):
            if where and referenced(target):
                waiting.append((referenced(target), target, seen))
            elif where:
                yield from _keywords(api, operation, rule, name, where, target, seen)
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
