"""Is the request one that the contract allows? The steps on parameters, on the body, and on the things that a path names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from asdocumented.contracts.model import JSON, Parameter
from asdocumented.emulator import strict_json
from asdocumented.emulator.calls import Call
from asdocumented.emulator.messages import RequestRefusedError
from asdocumented.emulator.services import Field
from asdocumented.emulator.switches import is_sensitive

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?\Z")


def check_parameters(call: Call) -> None:
    """Refuse a request that lacks a required parameter, repeats one, or gives one a value outside its schema."""
    for field in call.endpoint.fields:
        _check(call, field)
    for name in call.query:
        if name not in call.endpoint.query_names:
            if call.strict:
                raise _refused_parameter("query", name, "unknown", "is not documented")
            call.note(f"unknown query parameter {name!r} accepted")


def _check(call: Call, field: Field) -> None:
    parameter = field.parameter
    values = _values(call, field)
    if parameter.location == "header" and values == ("",):
        values = _without_value(call, parameter)
    if not values:
        if parameter.required:
            raise _refused_parameter(parameter.location, parameter.name, "missing", "is missing")
    elif len(values) > 1 and parameter.schema.get("type") != "array":
        raise _refused_parameter(parameter.location, parameter.name, "repeated", "is there more than once")
    elif not field.valid(_coerced(parameter.schema, values)):
        raise _refused_parameter(parameter.location, parameter.name, "invalid", "has a value that is not allowed")


def _without_value(call: Call, parameter: Parameter) -> tuple[str, ...]:
    """Count a header without a value as absent: recorded clients send one for what they do not have."""
    if call.strict:
        raise _refused_parameter("header", parameter.name, "empty", "has no value")
    call.note(f"header {parameter.name!r} without a value accepted")
    return ()


def _values(call: Call, field: Field) -> tuple[str, ...]:
    location = field.parameter.location
    if location == "path":
        return (call.path[field.key],)
    return (call.query if location == "query" else call.request.headers).get(field.key, ())


def _coerced(schema: Mapping[str, JSON], values: tuple[str, ...]) -> JSON:
    """Return a parameter as the JSON value that its schema describes; what does not read as one stays text."""
    kind = schema.get("type")
    if kind == "array":
        return [_coerced(schema.get("items", {}), (value,)) for value in values]
    text = values[0]
    number = _NUMBER.match(text) if kind in ("integer", "number") else None
    if number is not None:
        return float(text) if number.group(1) else int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _refused_parameter(location: str, name: str, fault: str, sentence: str) -> RequestRefusedError:
    cause = "invalid-api-version" if name == "api-version" else "invalid-parameter"
    return RequestRefusedError(
        cause, f"parameter/{location}/{name}/{fault}", f"The {location} parameter {name!r} {sentence}."
    )


def read_body(call: Call) -> None:
    """Parse the body where the contract has one, and refuse one that does not fit it."""
    contract, request = call.endpoint.operation.body, call.request
    if request.oversized:
        raise RequestRefusedError("invalid-body", "body/too-long", "The request body is longer than this server reads.")
    if contract is None:
        _ignore_body(call)
    elif request.body:
        _check_media_type(call, contract.media_types)
        call.body = _parsed(request.body)
        if not (call.body == {} and not contract.required):
            _check_schema(call)
    elif contract.required:
        raise RequestRefusedError("invalid-body", "body/missing", "The request body is missing.")


def _ignore_body(call: Call) -> None:
    if call.request.body:
        if call.strict:
            raise RequestRefusedError("invalid-body", "body/unexpected", "The operation has no request body.")
        call.note("request body accepted and ignored")


def _check_media_type(call: Call, allowed: tuple[str, ...]) -> None:
    coding = call.request.header("content-encoding").strip().lower()
    if coding not in ("", "identity"):  # RFC 9110 section 15.5.16
        message = "The request body is compressed, which this server does not read."
        refused = (("accept-encoding", "identity"),)
        raise RequestRefusedError("unsupported-media-type", "body/coding", message, headers=refused)
    values = call.request.headers.get("content-type", ("",))
    given = values[0].partition(";")[0].strip().lower()
    if len(values) > 1 or given not in allowed:
        message = f"The request body is not {' or '.join(allowed)}."
        raise RequestRefusedError("unsupported-media-type", "body/media-type", message)


def _parsed(body: bytes) -> JSON:
    try:
        return strict_json.parse(body)
    except strict_json.NotJsonError as error:
        raise RequestRefusedError("invalid-body", "body/json", f"The request body cannot be read: {error}.") from None


def _check_schema(call: Call) -> None:
    valid = call.endpoint.body_valid
    if valid is not None and not valid(call.body):
        raise RequestRefusedError("invalid-body", "body/schema", "The request body does not fit its schema.")


def find_resources(call: Call) -> None:
    """Refuse a request whose path names a thing that does not exist; then write its id as it is written where it exists."""
    found = {}
    for parameter in call.endpoint.references:
        identifier = _find(call, parameter)
        if identifier is not None:
            found[parameter.name] = identifier
        elif parameter is not call.endpoint.own:
            message = f"There is no {parameter.resource} of the name in the path."
            raise RequestRefusedError(f"{parameter.resource}-missing", f"{parameter.resource}-missing", message)
    if found:
        call.path = {**call.path, **found}


def _find(call: Call, parameter: Parameter) -> str | None:
    ignores_case = parameter.ignores_case and not is_sensitive(call.active, parameter.name)
    if ("resource.never-missing" in call.active) and (found := _stand_in(call, parameter)) is not None:
        return found
    return call.world.find(parameter.resource, call.path[parameter.name], ignores_case=ignores_case)


def _stand_in(call: Call, parameter: Parameter) -> str | None:
    """Return an id that exists in place of one that does not, for the switch that misses nothing."""
    lines = call.active["resource.never-missing"]
    if not any(line["resource"] == parameter.resource for line in lines) or parameter is call.endpoint.own:
        return None
    identifier = call.path[parameter.name]
    things = call.world.pools.get(parameter.resource, {})
    return identifier if identifier in things else next(iter(things), None)
