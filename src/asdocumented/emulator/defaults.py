"""Answer an operation that has no handler: its documented success with the page's sample, else the smallest body that fits."""

from __future__ import annotations

import copy
from collections.abc import Mapping

from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.model import JSON, Api, Operation
from asdocumented.emulator.calls import Answer

_BY_FORMAT = {
    "uuid": "00000000-0000-0000-0000-000000000000",
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "uri": "https://example.com/",
    "email": "someone@example.com",
}
_BY_TYPE: Mapping[str, JSON] = {"integer": 0, "number": 0, "boolean": False, "null": None}


def default_answer(api: Api, operation: Operation) -> Answer:
    """Return the first documented success."""
    success = operation.successes[0]
    status = int(success.key)
    if success.schema is None:
        return Answer(status)
    sample = next((each.value for each in operation.samples if each.part == success.key), None)
    body = copy.deepcopy(sample) if sample is not None else instance(api, success.schema)
    return Answer(status, body)


def instance(api: Api, schema: JSON, seen: tuple[str, ...] = ()) -> JSON:
    """Return a small value that fits a schema: every property once, no items, and no definition within itself."""
    name = referenced(schema)
    if name:
        return instance(api, api.definitions[name], (*seen, name))
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        inner = {field: each for field, each in schema.get("properties", {}).items() if referenced(each) not in seen}
        return {field: instance(api, each, seen) for field, each in inner.items()}
    if kind == "array":
        return [instance(api, schema.get("items", {}), seen) for _ in range(schema.get("minItems", 0))]
    if kind in ("integer", "number"):
        return schema.get("minimum", _BY_TYPE[kind])
    return _BY_TYPE[kind] if kind in _BY_TYPE else _text(schema)


def _text(schema: JSON) -> str:
    text = _BY_FORMAT.get(schema.get("format", ""), "example")
    return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]
