"""The OpenAPI document that tools get: what `asdoc contracts openapi` writes, and what makes them catch more.

A range of error statuses becomes a list, a field that any response requires is required in all of them, objects of responses are
closed, header fields that answers always had are required, valid calls are examples, and ids lead from one operation to the next
by links. All of it favours the tools.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from asdocumented.contracts.definitions import reachable
from asdocumented.contracts.model import Api
from asdocumented.openapi import export
from benchmarks.emulator import catalogue
from benchmarks.peers.calls import Call, Recorded, Script

CHANGING = frozenset({"date", "content-length", "connection", "transfer-encoding"})
"""Header fields that a server puts there, and that no page is about."""
_RANGES = ("4XX", "5XX")
_SCHEMAS = "#/components/schemas/"
_SUCCESS = range(200, 300)


def document(script: Script, base_url: str, recorded: Recorded = ()) -> dict[str, Any]:
    """Return the document of an API at this address, with what recorded answers show."""
    api = catalogue().apis[script.api]
    made = {**export(api), "servers": [{"url": base_url}]}
    _require(api, made["components"]["schemas"])
    _close(api, made["components"]["schemas"])
    for operation in api.operations.values():
        node = made["paths"][operation.path][operation.method.lower()]
        node["responses"] = _listed(node["responses"], script.statuses)
        _head(node["responses"], [each for each in recorded if each[0].operation.id == operation.id])
        _exemplify(node, [each for each in script.calls if each.operation.id == operation.id])
        _link(api, node, operation.path, operation.method)
    return made


def _require(api: Api, schemas: Mapping[str, dict[str, Any]]) -> None:
    """Require each field that some response requires."""
    for operation in api.operations.values():
        for rule in operation.responses.values():
            for each in rule.presences:
                if each.definition in schemas:
                    required = {*schemas[each.definition].get("required", ()), each.name}
                    schemas[each.definition]["required"] = sorted(required)


def _close(api: Api, schemas: Mapping[str, dict[str, Any]]) -> None:
    """Let objects of responses have no other fields. Those of requests stay open: servers take more than pages name."""
    requested = {
        name
        for operation in api.operations.values()
        if operation.body is not None
        for name in reachable(api.definitions, operation.body.schema)
    }
    for name, schema in schemas.items():
        if name not in requested:
            _closed(schema)


def _closed(schema: Any) -> None:
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            schema["additionalProperties"] = False
        for each in [*schema.get("properties", {}).values(), schema.get("items")]:
            _closed(each)


def _listed(responses: Mapping[str, Any], statuses: tuple[int, ...]) -> dict[str, Any]:
    """Put statuses in the place of ranges; those that no line of the page is about are written like its other errors."""
    kept = {key: value for key, value in responses.items() if key not in _RANGES}
    error = next((value for key, value in responses.items() if key not in kept or int(key) >= 400), None)
    if error is not None:
        kept.update({str(each): error for each in statuses if str(each) not in kept})
    return dict(sorted(kept.items()))


def _head(responses: dict[str, Any], recorded: Recorded) -> None:
    """Require the header fields that every recorded answer with a status has."""
    always: dict[str, set[str]] = {}
    for call, answer in recorded:
        names = {name.lower() for name in answer.headers} - CHANGING - {"content-type"}
        always[str(call.status)] = always.get(str(call.status), names) & names
    for status, names in always.items():
        known = responses[status].get("headers", {})
        required = {name: {"required": True, "schema": {"type": "string"}} for name in sorted(names)}
        responses[status] = {**responses[status], "headers": {**known, **required}}


def _exemplify(node: dict[str, Any], calls: list[Call]) -> None:
    """Put the values of valid calls into parameters and bodies as examples."""
    valid = [each for each in calls if each.status in _SUCCESS]
    for parameter in node["parameters"]:
        values = list(dict.fromkeys(_values(valid, parameter)))
        if values:
            parameter.pop("example", None)
            parameter["examples"] = {f"call-{place}": {"value": each} for place, each in enumerate(values)}
    bodies = [each.body for each in valid if each.body is not None]
    if bodies:
        for media in node["requestBody"]["content"].values():
            media.pop("example", None)
            media["examples"] = {f"call-{place}": {"value": each} for place, each in enumerate(bodies)}


def _values(calls: list[Call], parameter: Mapping[str, Any]) -> Iterator[str]:
    for call in calls:
        given = {"path": call.path, "query": call.query, "header": call.headers}[parameter["in"]]
        if parameter["name"] in given:
            yield given[parameter["name"]]


def _link(api: Api, node: dict[str, Any], path: str, method: str) -> None:
    """Lead from what makes a thing to the other operations at its path."""
    success = node["responses"].get("200")
    if method != "PUT" or success is None:
        return
    names = [each["name"] for each in node["parameters"] if each["in"] == "path"]
    success["links"] = {
        other.name: {
            "operationId": other.operation_id,
            "parameters": {name: f"$request.path.{name}" for name in names},
        }
        for other in api.operations.values()
        if other.path == path
    }


def pruned(made: dict[str, Any]) -> dict[str, Any]:
    """Return the document without schemas that nothing refers to."""
    schemas = made["components"]["schemas"]
    while unused := [name for name in schemas if f'{_SCHEMAS}{name}"' not in json.dumps(made)]:
        for name in unused:
            del schemas[name]
    return made
