"""Bend an answer as switches say.

`response.*` bends a success (or with `on` an error), `error.*` the form of an error, and `latency` and `connection.*` how any
answer is delivered, as `wire.*` does byte for byte.

Bodies are edited as structures. Text takes a body's place only where text is the deviation.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from asdocumented.contracts.model import JSON, Api, Operation
from asdocumented.emulator import pointers
from asdocumented.emulator.editing import edited
from asdocumented.emulator.messages import BODILESS, JSON_TYPE, Delivery, Reply, reason
from asdocumented.emulator.places import shape_of
from asdocumented.emulator.raw import FORMS
from asdocumented.emulator.refusals import fill, written
from asdocumented.emulator.rewriting import REWRITES
from asdocumented.emulator.switches import Active, Arguments, argument

Bend: TypeAlias = Callable[[Reply, Arguments], Reply]


def deviate(reply: Reply, active: Active, apis: Mapping[str, Api], secret: str, operation: Operation | None) -> Reply:
    """Return the reply with every switch applied that is on; `secret` is the secret of the request's body.

    A line with a `key` is for the answers alone that fall under that rule of the operation, once their status is bent.
    """
    if not active:
        return reply
    if secret:
        coding = argument(active, "secret.echoed", "coding")
        reply = _echo_secret(reply, argument(active, "secret.echoed", "where"), written(secret, coding))
    api = apis[operation.api] if operation is not None else None
    reply = _bent(reply, active, _FIRST, "")
    shape = shape_of(api, operation, reply.status) if api is not None and operation is not None else None
    key = shape.key if shape is not None else ""
    if reply.error is not None:
        reply = _error_form(reply, active, apis, key)
    if api is not None and shape is not None:
        for line in active.get("response.field", ()):
            reply = edited(reply, line, api, shape) if line.get("key", key) == key else reply
    return _bent(reply, active, _BENDS, key)


def _bent(reply: Reply, active: Active, bends: Mapping[str, Bend], key: str) -> Reply:
    for name, bend in bends.items():
        for line in active.get(name, ()):
            on = line.get("on", _DEFAULT_ON.get(name, "success"))
            if on in ("any", "success" if reply.error is None else "error") and line.get("key", key) == key:
                reply = bend(reply, line)
    return reply


def _edited(reply: Reply, edit: Callable[[JSON], None]) -> Reply:
    body = copy.deepcopy(reply.body)
    edit(body)
    return replace(reply, body=body)


def _drop(reply: Reply, line: Arguments) -> Reply:
    return _edited(reply, lambda body: pointers.drop(body, line["pointer"]))


def _set(reply: Reply, line: Arguments) -> Reply:
    if line["pointer"] == "":
        return replace(reply, body=line["value"])
    return _edited(reply, lambda body: pointers.put(body, line["pointer"], line["value"]))


def _wrong_echo(reply: Reply, line: Arguments) -> Reply:
    return _edited(reply, lambda body: pointers.change(body, line["pointer"], another))


def another(value: JSON) -> JSON:
    """Return another value of the same form, so that nothing but the value is wrong."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if not isinstance(value, str):
        return value
    try:
        return str(uuid.UUID(int=uuid.UUID(value).int ^ 1))
    except ValueError:
        return f"{value}-other"


def _shown_as(reply: Reply, line: Arguments) -> Reply:
    def instead(value: JSON) -> JSON:
        return line["instead"] if value == line["state"] else value

    return _edited(reply, lambda body: pointers.change(body, line["pointer"], instead))


def _status(reply: Reply, line: Arguments) -> Reply:
    return replace(reply, status=line["status"]) if line.get("from") in (None, reply.status) else reply


def _header(reply: Reply, line: Arguments) -> Reply:
    name, value = line["name"].lower(), line["value"]
    if name == "content-type":
        return replace(reply, media_type=value or "")
    kept = tuple(each for each in reply.headers if each[0].lower() != name)
    values = value if isinstance(value, list) else () if value is None else (value,)
    return replace(reply, headers=(*kept, *((name, str(each)) for each in values)))


def _media_type(reply: Reply, line: Arguments) -> Reply:
    return replace(reply, media_type=line["value"] or "")


def _text(reply: Reply, line: Arguments) -> Reply:
    return replace(reply, text=line["text"])


def _empty(reply: Reply, _line: Arguments) -> Reply:
    return replace(reply, body=None, text=None)


def _filled(reply: Reply, line: Arguments) -> Reply:
    return replace(reply, text=line["text"]) if reply.is_empty else reply


def _late(reply: Reply, line: Arguments) -> Reply:
    return _delivered(reply, wait=line["seconds"], jitter=line.get("jitter", 0.0))


def _slow(reply: Reply, line: Arguments) -> Reply:
    return _delivered(reply, spread=line["seconds"])


def _truncated(reply: Reply, line: Arguments) -> Reply:
    length = len(reply.encoded()[1])
    return _delivered(reply, ends_after=min(line.get("bytes", length // 2), length - 1)) if length else reply


def _dropped(reply: Reply, _line: Arguments) -> Reply:
    return _delivered(reply, ends_after=-1)


def _raw(name: str) -> Bend:
    def bend(reply: Reply, line: Arguments) -> Reply:
        delivery = reply.delivery or Delivery()
        return replace(reply, delivery=replace(delivery, raw=(*delivery.raw, (name, line))))

    return bend


def _redirected(reply: Reply, line: Arguments) -> Reply:
    return replace(reply, status=307, body=None, text=None, headers=(*reply.headers, ("location", line["location"])))


def _delivered(reply: Reply, **changes: JSON) -> Reply:
    return replace(reply, delivery=replace(reply.delivery or Delivery(), **changes))


def _with_content(reply: Reply, _line: Arguments) -> Reply:
    return replace(reply, text="{}") if reply.status in BODILESS else reply


_FIRST: Mapping[str, Bend] = {"response.status": _status}
_BENDS: Mapping[str, Bend] = {
    "echo.wrong": _wrong_echo,
    "transition.shown-as": _shown_as,
    "response.drop": _drop,
    "response.set": _set,
    **REWRITES,
    "response.body": _text,
    "response.empty": _empty,
    "empty-body.filled": _filled,
    "conditional.content": _with_content,
    "response.media-type": _media_type,
    "response.header": _header,
    "response.redirect": _redirected,
    "latency": _late,
    "connection.slow": _slow,
    "connection.truncated": _truncated,
    "connection.dropped": _dropped,
    **{name: _raw(name) for name in FORMS},
}
_DEFAULT_ON = dict.fromkeys(
    (
        "response.header",
        "body.field-added",
        "body.reversed",
        "body.text",
        "header.list",
        "latency",
        "connection.slow",
        "connection.truncated",
        "connection.dropped",
        *FORMS,
    ),
    "any",
)


def _error_form(reply: Reply, active: Active, apis: Mapping[str, Api], key: str) -> Reply:
    facts = reply.error
    if facts is None:
        return reply
    active = {name: lines for name, lines in active.items() if any(each.get("key", key) == key for each in lines)}
    if "error.other-api" in active:
        other = apis[argument(active, "error.other-api", "api")]
        reply = replace(reply, body=fill(other.error_model.template, facts))
    for line in active.get("error.form", ()):
        if reply.status in line.get("statuses", (reply.status,)) and line.get("key", key) == key:
            reply = replace(reply, body=fill(line["template"], facts))
    if "error.flat" in active:
        reply = replace(reply, body={"code": facts.code, "message": facts.message})
    if "error.empty-object" in active:
        reply = replace(reply, body={})
    if "error.html" in active:
        text = f"<!DOCTYPE html><title>{reply.status}</title><h1>{reply.status} {reason(reply.status)}</h1>"
        reply = replace(reply, text=text, media_type="text/html; charset=utf-8")
    if "error.text" in active:
        reply = replace(reply, text=f"{reply.status} {reason(reply.status)}", media_type="text/plain; charset=utf-8")
    if "error.empty" in active:
        reply = replace(reply, body=None, text=None)
    return reply


def _echo_secret(reply: Reply, where: JSON, secret: str) -> Reply:
    """Return the reply with a secret let out in a header or in the body of a success; `refusals` lets it out in errors."""
    if where == "header":
        return replace(reply, headers=(*reply.headers, ("x-debug", secret.encode("unicode-escape").decode("ascii"))))
    if where == "body" and reply.error is None:
        return replace(reply, body={"received": secret}, media_type=JSON_TYPE)
    return reply
