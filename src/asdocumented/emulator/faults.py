"""The switches for requests that are faulty or odd: one is answered as if nothing were wrong, or with a crash.

A fault has the name of the convention that it breaks (`refusal/query/api-version/missing`, `robustness/path/link/unicode`).
Whether a request shows it is found here anew, so that what is sent and what is judged are not checked by themselves.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping

from asdocumented.contracts.matching import fitting
from asdocumented.contracts.model import JSON, Operation
from asdocumented.emulator import pointers, strict_json
from asdocumented.emulator.calls import Call
from asdocumented.emulator.defaults import default_answer
from asdocumented.emulator.messages import Reply, Request
from asdocumented.emulator.services import Service
from asdocumented.emulator.switches import Active

_LONG = 1024
_ABSENT = object()
_LOCATIONS = ("path", "query", "header")
_TEXT: Mapping[str, Callable[[str], bool]] = {
    "over-long": lambda text: len(text) >= _LONG,
    "unicode": lambda text: not text.isascii(),
    "encoded-slash": lambda text: "/" in text,
    "empty": lambda text: text == "",
    "shortest": lambda text: len(text) == 1,
}
CRASHED = Reply(500, media_type="text/plain; charset=utf-8", text="Internal Server Error")


def bent(call: Call) -> Reply | None:
    """Return what a switch answers to a fault that the request shows, or None."""
    active = call.active
    if "fault.accepted" not in active and "fault.crash" not in active:
        return None
    if any(_shows(call, line["fault"]) for line in active.get("fault.crash", ())):
        return CRASHED
    if any(_shows(call, line["fault"]) for line in active.get("fault.accepted", ())):
        return succeeded(call.service, call.endpoint.operation)
    return None


def bent_aside(request: Request, active: Active) -> Reply | None:
    """Return what a switch answers to a request that no operation takes, or None."""
    shown = {"HEAD": "method/head", "OPTIONS": "method/options", "TRACE": "wire/trace"}.get(
        request.method, "refusal/method"
    )
    path = request.target.partition("?")[0]
    if posixpath.normpath(path) != path:
        shown = "wire/dot-segments"
    if any(line["fault"] == shown for line in active.get("fault.crash", ())):
        return CRASHED
    if any(line["fault"] == shown for line in active.get("fault.accepted", ())):
        text = "\r\n".join(f"{name}: {value}" for name, values in request.headers.items() for value in values)
        return Reply(200, text=text, media_type="message/http")
    return None


def addressed(service: Service, target: str) -> tuple[Operation, ...]:
    """Return the operations that a path leads to once its dot segments are gone."""
    path, _, query = target.partition("?")
    found = fitting(service.api, f"{posixpath.normpath(path)}?{query}")
    return tuple(each.operation for each in found)


def succeeded(service: Service, operation: Operation) -> Reply:
    """Return the first documented success of an operation, whatever the request was."""
    answer = default_answer(service.api, operation)
    return Reply(answer.status, answer.body)


def _shows(call: Call, fault: str) -> bool:
    _, location, *place = fault.split("/")
    if location == "credential":
        return _credential(call, place[0])
    if location == "body":
        return _body(call, tuple(place))
    if place == ["undeclared"]:
        return any(name not in call.endpoint.query_names for name in call.query)
    return location in _LOCATIONS and _parameter(call, location, place[0], place[1])


def _parameter(call: Call, location: str, name: str, kind: str) -> bool:
    found = next(
        each for each in call.endpoint.fields if (each.parameter.location, each.parameter.name) == (location, name)
    )
    if location == "path":
        values: tuple[str, ...] = (call.path[found.key],)
    else:
        values = (call.query if location == "query" else call.request.headers).get(found.key, ())
    if kind == "missing":
        return not values
    if kind == "repeated":
        return len(values) > 1
    if kind == "malformed":
        return values not in ((), ("",)) and not found.valid(values[0])
    return bool(values) and _TEXT[kind](values[0])


def _credential(call: Call, kind: str) -> bool:
    basic = call.endpoint.operation.security == "basic"
    words = call.service.api.credential
    header, scheme = ("authorization", "Basic") if basic else (words["header"].lower(), words["scheme"])
    values = call.request.headers.get(header, ())
    if kind == "repeated":
        return len(values) > 1
    given = values[0].partition(" ")[0] if values else scheme
    return given.lower() != scheme.lower() if kind == "scheme" else given != scheme and given.lower() == scheme.lower()


def _body(call: Call, place: tuple[str, ...]) -> bool:
    request = call.request
    if place == ("missing",):
        return not request.body
    if place == ("compressed",):
        return "content-encoding" in request.headers
    kind = request.header("content-type").partition(";")[0].strip().lower()
    allowed = call.endpoint.operation.body.media_types if call.endpoint.operation.body else ()
    if place in (("media-type",), ("untyped",)):
        return bool(request.body) and (kind == "" if place == ("untyped",) else kind != "" and kind not in allowed)
    try:
        value = strict_json.parse(request.body)
    except strict_json.NotJsonError:
        return place == ("malformed",) and bool(request.body) and kind in allowed
    if len(place) == 1:
        return (
            not isinstance(value, dict)
            if place == ("invalid",)
            else any(map(_TEXT.get(place[0], _never), _texts(value)))
        )
    return _field(value, place)


def _field(value: JSON, place: tuple[str, ...]) -> bool:
    """Tell whether a field is missing from an object that is there, or is of no form that any contract has."""
    *parents, field, kind = place
    holder = pointers.get(value, "".join(f"/{each}" for each in parents), _ABSENT) if parents else value
    if not isinstance(holder, dict):
        return False
    if kind == "missing":
        return field not in holder
    return field in holder and (holder[field] == [] or holder[field] == "asdocumented")


def _never(_text: str) -> bool:
    return False


def _texts(value: JSON) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inner for text in _texts(each)]
