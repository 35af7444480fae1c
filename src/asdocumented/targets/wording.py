"""Say what the schema of targets.toml finds wrong, in the words of TOML. No value is told, since it may be a secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from asdocumented.errors import ended, suggest

if TYPE_CHECKING:  # slow to import, and needed only where there is a file
    from jsonschema.exceptions import ValidationError

__all__ = ["Found", "found_by_schema", "place", "schema"]

NEVER = "never the secret itself"
_REFERENCES = f'write where the secret is, such as {{ env = "NAME" }}, {NEVER}'
_TYPES = {
    "string": "text in quotation marks",
    "object": "a table",
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
}
_CONTROL, _NUL = re.compile(r"[\x00-\x1f\x7f]"), re.compile(r"\x00")
_LINES = ("reason", "body", "observed")
_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
}


@cache
def schema() -> Mapping[str, Any]:
    """Return the published JSON Schema of a targets file."""
    text = resources.files("asdocumented.targets").joinpath("targets.schema.json").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found


@dataclass(frozen=True, slots=True)
class Found:
    """A mistake: where it is, a sentence, and whether what is there is of no use at all."""

    path: tuple[str | int, ...]
    sentence: str
    unusable: bool


def found_by_schema(document: Mapping[str, Any]) -> Iterator[Found]:
    """Yield every mistake that the schema finds in a document."""
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(schema()).iter_errors(document):
        path = tuple(error.absolute_path)
        of_keys = error.validator in ("additionalProperties", "required")
        unusable = not of_keys and "propertyNames" not in error.absolute_schema_path
        for said in _sentences(error):
            yield Found(path, ended(f"{place(path, table=isinstance(error.instance, dict))} {said}"), unusable)
    for path in _uncarried((), document):
        yield Found(path, f"{place(path)} must not hold control characters, such as a line break.", unusable=True)


def _uncarried(at: tuple[str | int, ...], value: Any) -> Iterator[tuple[str | int, ...]]:
    """Yield the places of texts that no file name, URL, header or id can be; only what people write or run may have lines."""
    if isinstance(value, str) and (_CONTROL if at[-1] not in _LINES and "command" not in at else _NUL).search(value):
        yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _uncarried((*at, key), inner)


def place(path: tuple[str | int, ...], *, table: bool = False) -> str:
    """Return a place in the file as TOML writes it: a dotted key, in brackets for a table."""
    if not path:
        return "the top level"
    parts = [
        f"[{each}]"
        if isinstance(each, int)
        else f".{each if re.fullmatch('[A-Za-z0-9_-]+', each) else json.dumps(each)}"
        for each in path
    ]
    name = "".join(parts).removeprefix(".")
    return f"[{name}]" if table and not isinstance(path[-1], int) else name


def _sentences(error: ValidationError) -> Iterator[str]:
    """Yield what one error means, without its subject; a full stop is needed where there is none."""
    instance: Any = error.instance
    own: Any = error.schema
    rule: Any = error.validator_value
    match error.validator:
        case "additionalProperties":
            for key in sorted(set(instance) - set(own["properties"])):
                yield f"has no key {key!r}. {suggest(key, own['properties'])}{_warning(own)}"
        case "required":
            yield from (f"needs the key {key!r}" for key in rule if key not in instance)
        case "type":
            yield f"must be {_type(rule, own)}"
        case "enum":
            yield f"must be one of {', '.join(map(repr, rule))}"
        case "pattern":
            yield f"must be {_pattern(error)}"
        case "minLength" | "minItems" | "minProperties":
            yield "must not be empty"
        case "anyOf":
            yield f'must be text or, for a secret, where it is, such as {{ env = "NAME" }}, {NEVER}'
        case _:
            yield f"must be {_BOUNDS.get(str(error.validator), str(error.validator))} {rule}"


def _is_secret(own: Mapping[str, Any]) -> bool:
    return str(own.get("title", "")).startswith("where a ")


def _warning(own: Mapping[str, Any]) -> str:
    return f" Here, {_REFERENCES}." if _is_secret(own) else ""


def _type(rule: str, own: Mapping[str, Any]) -> str:
    if _is_secret(own):
        return f"a table: {_REFERENCES}"
    title = f" ({own['title']})" if "title" in own else ""
    return f"{_TYPES[rule]}{title}"


def _pattern(error: ValidationError) -> str:
    rule = str(error.validator_value)
    if "propertyNames" in error.absolute_schema_path:
        return "named with letters, digits, '.', '_' and '-' alone"
    if rule.endswith("://"):
        return "a URL that begins with http:// or https://"
    if error.absolute_path and error.absolute_path[-1] == "env":
        return f"the name of an environment variable, {NEVER}"
    return "made of letters, digits and '-' alone"
