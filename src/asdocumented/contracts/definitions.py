"""Make an API's definitions usable by JSON Schema validators, wherever a contract refers to them from.

Contracts refer to definitions by relative file name (`../schemas/Name.json`, `Name.json`). A definition's name is unique in
its API, so every such reference is rewritten to one absolute URI.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from asdocumented.contracts.model import JSON

if TYPE_CHECKING:  # slow to import, and needed only to explain a mistake
    from jsonschema import Draft202012Validator
    from referencing import Registry

_ROOT = "asdoc:///"
_DEEPEST = 5  # definitions may refer to themselves


def definition_name(reference: str) -> str:
    """Return the name of the definition that a `$ref` of a contract leads to."""
    return reference.rsplit("/", 1)[-1].removesuffix(".json")


def referenced(schema: JSON) -> str:
    """Return the definition that a schema is a plain reference to, or the empty string."""
    reference = schema.get("$ref") if isinstance(schema, Mapping) else None
    return definition_name(reference) if isinstance(reference, str) else ""


def all_references(value: JSON, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield each `$ref` in a JSON value, with the JSON pointer at which it stands."""
    if isinstance(value, Mapping):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"], f"{pointer}/$ref"
        for key, inner in value.items():
            yield from all_references(inner, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from all_references(inner, f"{pointer}/{index}")


def secret_pointers(definitions: Mapping[str, JSON], schema: JSON, pointer: str = "") -> list[str]:
    """Return where a value of a schema holds secrets (`format: password`), as JSON pointers."""
    name = referenced(schema)
    body = definitions[name] if name else schema
    if body.get("format") == "password":
        return [pointer]
    return [
        found
        for field, inner in body.get("properties", {}).items()
        if not (name and name == referenced(inner)) and pointer.count("/") < _DEEPEST
        for found in secret_pointers(definitions, inner, f"{pointer}/{field}")
    ]


def reachable(definitions: Mapping[str, JSON], schema: JSON) -> set[str]:
    """Return the names of all definitions that a schema leads to, directly or through others."""
    found: set[str] = set()
    waiting = [definition_name(reference) for reference, _ in all_references(schema)]
    while waiting:
        name = waiting.pop()
        if name not in found and name in definitions:
            found.add(name)
            waiting += [definition_name(reference) for reference, _ in all_references(definitions[name])]
    return found


def rooted(schema: JSON, root: str = _ROOT) -> JSON:
    """Return the schema with every reference to a definition made absolute (`root` + name)."""
    if isinstance(schema, Mapping):
        return {
            key: f"{root}{definition_name(value)}" if key == "$ref" and isinstance(value, str) else rooted(value, root)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [rooted(item, root) for item in schema]
    return schema


def rooted_definitions(definitions: Mapping[str, JSON]) -> list[tuple[str, JSON]]:
    """Return (absolute URI, definition) for each definition, for a validator's registry."""
    return [(f"{_ROOT}{name}", rooted(schema)) for name, schema in definitions.items()]


def validator(definitions: Mapping[str, JSON], schema: JSON) -> Draft202012Validator:
    """Return a validator that explains itself, for a schema of a contract; formats are asserted."""
    from jsonschema import Draft202012Validator, FormatChecker
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    contents = [(uri, DRAFT202012.create_resource(each)) for uri, each in rooted_definitions(definitions)]
    registry: Registry[JSON] = Registry().with_resources(contents)
    return Draft202012Validator(rooted(schema), registry=registry, format_checker=FormatChecker())
