"""Find, and where there are none make, the places of a body at which a definition of the contract stands.

A place is named as definitions name it: `ErrorDetail` and `("details", "items")`, whatever the path in the body. The walk goes by
the contract alone, so that what is edited and what is judged are not found by the same code.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.model import JSON, Api, Operation
from asdocumented.emulator.defaults import instance

Name = tuple[str, tuple[str, ...]]
"""A definition, and the path from there: names of fields, `items`, `additionalProperties`."""

_INNER = ("items", "additionalProperties")


@dataclass(frozen=True, slots=True)
class Shape:
    """What the contract says of the bodies of one status: the key of its rule, its schema, and the name of what has none."""

    key: str
    schema: JSON
    root: str


@dataclass(frozen=True, slots=True)
class Place:
    """A member of an object or an item of an array."""

    holder: JSON
    key: JSON


def shape_of(api: Api, operation: Operation, status: int) -> Shape | None:
    """Return what the contract says of the answers with a status: its own rule, `other`, the framework's, or nothing."""
    key = str(status) if str(status) in operation.responses else "other"
    rule = operation.responses.get(key) if key.isdigit() or 400 <= status <= 599 else None
    if rule is not None:
        return Shape(rule.key, rule.schema, rule.definition or "body")
    if any(each.status == status for each in api.framework):
        definition = api.error_model.definition
        return Shape("framework", {"$ref": f"{definition}.json"}, definition)
    return None


def places(api: Api, shape: Shape, holder: list[JSON], name: Name, *, items: int = 0) -> list[Place]:
    """Return each place of that name in the body that is the one item of `holder`.

    Where there is none, what leads to it is made of samples of the schema. With `items`, the arrays on the way have at least so
    many.
    """
    found = [place for place, names in _walk(api, holder, 0, shape.schema, (shape.root, ())) if name in names]
    if found and not items:
        return found
    route = _route(api, shape, name)
    if route is None:
        return found
    _build(api, holder, route, items)
    return [place for place, names in _walk(api, holder, 0, shape.schema, (shape.root, ())) if name in names]


def _walk(api: Api, holder: JSON, key: JSON, of: JSON, name: Name) -> Iterator[tuple[Place, tuple[Name, ...]]]:
    """Yield every place of a body, with its names: a field that is a definition has two."""
    definition, own = referenced(of), name
    if definition:
        of, own = api.definitions[definition], (definition, ())
    yield Place(holder, key), (name, own)
    value = holder[key]
    for part, inner, inside in _children(value, of):
        yield from _walk(api, value, inside, inner, (own[0], (*own[1], part)))


def _children(value: JSON, of: JSON) -> Iterator[tuple[str, JSON, JSON]]:
    """Yield each member or item of a value that the schema speaks of: its part of a name, its schema and its key."""
    if isinstance(value, dict):
        properties, more = of.get("properties", {}), of.get("additionalProperties")
        for field in value:
            if field in properties:
                yield field, properties[field], field
            elif isinstance(more, Mapping):
                yield "additionalProperties", more, field
    elif isinstance(value, list) and isinstance(of.get("items"), Mapping):
        for index in range(len(value)):
            yield "items", of["items"], index


def _route(api: Api, shape: Shape, name: Name) -> tuple[tuple[str, JSON], ...] | None:
    """Return the shortest way through the schema to a name: the part of each step and the schema that it leads to."""
    waiting: list[tuple[JSON, Name, tuple[tuple[str, JSON], ...]]] = [(shape.schema, (shape.root, ()), ())]
    done: set[str] = set()
    while waiting:
        of, own, route = waiting.pop(0)
        definition = referenced(of)
        if name in (own, (definition, ())):
            return route
        if definition:
            if definition in done:
                continue
            done.add(definition)
            of, own = api.definitions[definition], (definition, ())
        inner = {**of.get("properties", {}), **{each: of[each] for each in _INNER if isinstance(of.get(each), Mapping)}}
        waiting += [(each, (own[0], (*own[1], part)), (*route, (part, each))) for part, each in inner.items()]
    return None


def _build(api: Api, holder: JSON, route: tuple[tuple[str, JSON], ...], items: int) -> None:
    """Make a way through a body: what is not there, or is not what it leads through, becomes a sample of its schema."""
    key: JSON = 0
    for part, of in route:
        value = holder[key]
        if part == "items":
            if not isinstance(value, list):
                value = holder[key] = []
            while len(value) < max(1, items):
                value.append(copy.deepcopy(value[0]) if value else instance(api, of))
            holder, key = value, len(value) - 1
        else:
            if not isinstance(value, dict):
                value = holder[key] = {}
            value.setdefault(part, instance(api, of))
            holder, key = value, part
