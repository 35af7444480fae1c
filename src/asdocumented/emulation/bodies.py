"""Build the bodies of errors and of answers that no handler makes, as structures."""

from __future__ import annotations

from typing import Any

from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.model import JSON, Api, DocumentedError, Operation
from asdocumented.emulation.messages import Answer, RefusalError

_EXAMPLES: dict[str, Any] = {"string": "example", "integer": 1, "number": 1, "boolean": True, "array": [], "null": None}
_FORMATS = {
    "uuid": "00000000-0000-0000-0000-000000000000",
    "date-time": "2026-01-01T00:00:00Z",
    "uri": "https://example.com",
}


def documented_error(operation: Operation | None, cause: str) -> DocumentedError | None:
    """Return the error that the operation's page documents for a cause, or None."""
    rules = operation.responses.values() if operation is not None else ()
    return next((each for rule in rules for each in rule.errors if cause in each.when), None)


def status_and_code(api: Api, operation: Operation | None, cause: str) -> tuple[int, str]:
    """Return how a cause is answered: as the page documents it, else as `api.yaml` says, else as a missing thing."""
    documented = documented_error(operation, cause)
    if documented is not None:
        return documented.status, documented.error
    entry = api.error_model.codes.get(cause) or api.error_model.codes.get("route-missing")
    pool = api.resources.get(cause.removesuffix("-missing"))
    if entry is None:
        return (pool.missing if pool is not None and pool.missing else 400), cause
    return int(entry["status"]), str(entry["code"])


def error_answer(api: Api, operation: Operation | None, refusal: RefusalError, request_id: str) -> Answer:
    """Return the answer to a refused request in the API's own form."""
    status, code = status_and_code(api, operation, refusal.cause)
    model = api.error_model
    words = {"$code": f"{model.prefix}{code}", "$message": refusal.message, "$request-id": request_id}
    headers = {name: str(words.get(value, value)) for name, value in model.headers.items()}
    return Answer(status, fill(model.template, words), {**headers, **refusal.headers}, cause=refusal.cause)


def fill(template: JSON, words: dict[str, str]) -> JSON:
    """Return a template with its words filled in; a new structure each time."""
    if isinstance(template, dict):
        return {key: fill(value, words) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, words) for value in template]
    return words.get(template, template) if isinstance(template, str) else template


def default_answer(api: Api, operation: Operation) -> Answer:
    """Return the documented success of an operation that has no handler: its sample, or the least that its schema allows."""
    rule = operation.successes[0]
    if not rule.media_types:
        return Answer(int(rule.key))
    sample = next((each.value for each in operation.samples if each.part == rule.key), None)
    return Answer(int(rule.key), sample if sample is not None else example(api, rule.schema))


def example(api: Api, schema: JSON, depth: int = 0) -> JSON:
    """Return a small instance of a schema of the contract."""
    name = referenced(schema)
    schema = api.definitions[name] if name else schema
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return (
            {}
            if depth > 4
            else {field: example(api, inner, depth + 1) for field, inner in schema.get("properties", {}).items()}
        )
    if kind == "string":
        return _FORMATS.get(schema.get("format", ""), _EXAMPLES["string"])
    return _EXAMPLES[kind]
