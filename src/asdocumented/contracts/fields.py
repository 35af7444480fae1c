"""Walk the fields of a schema: every property at any depth, with its pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.model import JSON


@dataclass(frozen=True, slots=True)
class Field:
    """One property: its pointer into a value of the schema, its own schema, and whether its object requires it."""

    pointer: str
    schema: Mapping[str, JSON]
    required: bool

    @property
    def is_text(self) -> bool:
        """Tell whether values are strings."""
        return self.schema.get("type") == "string"


def walk(
    definitions: Mapping[str, JSON], schema: JSON, pointer: str = "", _inside: tuple[str, ...] = ()
) -> Iterator[Field]:
    """Yield the fields of a schema, the outer ones first; a definition inside itself is not walked again."""
    name = referenced(schema)
    if name in _inside:
        return
    body, inside = (definitions[name], (*_inside, name)) if name else (schema, _inside)
    for field, inner in body.get("properties", {}).items():
        below = f"{pointer}/{field}"
        resolved = definitions[referenced(inner)] if referenced(inner) else inner
        yield Field(below, resolved, field in body.get("required", ()))
        yield from walk(definitions, inner, below, inside)
