"""Export one API's contracts as an OpenAPI 3.1 document, for tools that speak it.

`other` becomes `4XX` and `5XX`: with `default`, checkers in the field stop looking at statuses at all. What the contract
requires to be present becomes `required`, since JSON Schema has no other word for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from asdocumented.contracts.definitions import reachable, rooted
from asdocumented.contracts.grounds import Level
from asdocumented.contracts.model import JSON, Api, Operation, Parameter, Response

_ROOT = "#/components/schemas/"


def export(api: Api) -> dict[str, JSON]:
    """Return the OpenAPI 3.1 document of an API; operations that share path and method are merged."""
    paths: dict[str, dict[str, JSON]] = {}
    for operation in api.operations.values():
        item = paths.setdefault(operation.path, {})
        method = operation.method.lower()
        item[method] = (
            _merged(item[method], _operation(api, operation)) if method in item else _operation(api, operation)
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": api.title, "version": api.version},
        "servers": [_server(api)],
        "paths": paths,
        "components": {"schemas": _schemas(api), "securitySchemes": _security(api)},
    }


def _server(api: Api) -> dict[str, JSON]:
    names = [piece.partition("}")[0] for piece in api.server.split("{")[1:]]
    server: dict[str, JSON] = {"url": api.server}
    if names:
        server["variables"] = {name: {"default": "example"} for name in names}
    return server


def _schemas(api: Api) -> dict[str, JSON]:
    required = _required(api)
    schemas = {}
    for name, definition in api.definitions.items():
        body = {key: value for key, value in rooted(definition, _ROOT).items() if key != "$schema"}
        if required.get(name):
            body["required"] = sorted(required[name])
        schemas[name] = body
    return schemas


def _required(api: Api) -> dict[str, set[str]]:
    """Return the fields of each definition that must be there in every response that has the definition."""
    required: dict[str, set[str]] = {}
    for operation in api.operations.values():
        for rule in operation.responses.values():
            for name in reachable(api.definitions, rule.schema):
                must = {each.name for each in rule.presences if each.definition == name and each.level is Level.MUST}
                required[name] = required.get(name, must) & must
    return required


def _security(api: Api) -> dict[str, JSON]:
    schemes: dict[str, JSON] = {}
    if api.credential["scheme"].lower() == "bearer":
        schemes["token"] = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    else:
        schemes["token"] = {"type": "apiKey", "in": "header", "name": api.credential["header"]}
    if any(operation.security == "basic" for operation in api.operations.values()):
        schemes["basic"] = {"type": "http", "scheme": "basic"}
    return schemes


def _operation(api: Api, operation: Operation) -> dict[str, JSON]:
    document: dict[str, JSON] = {
        "operationId": operation.operation_id,
        "summary": operation.title,
        "externalDocs": {"url": operation.source.url},
        "parameters": [_parameter(api, each) for each in operation.parameters],
        "responses": _responses(operation),
        "security": [{operation.security: []}],
    }
    if operation.body is not None:
        content = {each: {"schema": rooted(operation.body.schema, _ROOT)} for each in operation.body.media_types}
        examples = [sample.value for sample in operation.samples if sample.part == "request"]
        if examples:
            for media in content.values():
                media["example"] = examples[0]
        document["requestBody"] = {"required": operation.body.required, "content": content}
    return document


def _parameter(api: Api, parameter: Parameter) -> dict[str, JSON]:
    document: dict[str, JSON] = {
        "name": parameter.name,
        "in": parameter.location,
        "required": parameter.required,
        "schema": rooted(parameter.schema, _ROOT),
    }
    resource = api.resources.get(parameter.resource)
    if resource is not None and resource.values:
        document["example"] = resource.values[0]
    return document


def _responses(operation: Operation) -> dict[str, JSON]:
    responses: dict[str, JSON] = {}
    for key, rule in operation.responses.items():
        for name in ("4XX", "5XX") if key == "other" else (key,):
            responses[name] = _response(rule)
    return responses


def _response(rule: Response) -> dict[str, JSON]:
    description = "An error." if rule.is_error else "Success."
    names = [error.error for error in rule.errors]
    document: dict[str, JSON] = {"description": f"{description} One of: {', '.join(names)}." if names else description}
    if rule.media_types and rule.schema is not None:
        document["content"] = {each: {"schema": rooted(rule.schema, _ROOT)} for each in rule.media_types}
    if rule.headers:
        document["headers"] = {
            each.name: {"required": each.required, "schema": rooted(each.schema, _ROOT)} for each in rule.headers
        }
    return document


def _merged(one: Mapping[str, JSON], two: Mapping[str, JSON]) -> dict[str, JSON]:
    """Merge two operations of one path and method (they differ in a constant query parameter)."""
    parameters = {(each["name"], each["in"]): dict(each) for each in one["parameters"]}
    for each in two["parameters"]:
        known = parameters.get((each["name"], each["in"]))
        if known is None:
            parameters[each["name"], each["in"]] = {**each, "required": False}
        elif known["schema"] != each["schema"]:
            known["schema"] = {"enum": sorted({*_constants(known["schema"]), *_constants(each["schema"])})}
    return {
        **one,
        "operationId": f"{one['operationId']}-or-{two['operationId']}",
        "parameters": list(parameters.values()),
        "responses": {**two["responses"], **one["responses"]},
    }


def _constants(schema: Mapping[str, JSON]) -> list[str]:
    return [schema["const"]] if "const" in schema else list(schema.get("enum", []))
