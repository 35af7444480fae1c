"""Write an answer in another way that means the same, or say more than a contract asks for, as switches say.

Nothing here makes an answer wrong by itself: the order of fields, white space and letter case are free, and so are fields that a
definition does not list as long as it is open.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from asdocumented.contracts.model import JSON
from asdocumented.emulator import pointers
from asdocumented.emulator.messages import Headers, Reply
from asdocumented.emulator.switches import Arguments

Rewrite: TypeAlias = Callable[[Reply, Arguments], Reply]
_COMMA = re.compile(r"\s*,\s*")


def _every_object(value: JSON, change: Callable[[dict[str, JSON]], dict[str, JSON]]) -> JSON:
    """Return a JSON value with every object in it, the innermost first, replaced by what `change` makes of it."""
    if isinstance(value, dict):
        return change({key: _every_object(inner, change) for key, inner in value.items()})
    if isinstance(value, list):
        return [_every_object(inner, change) for inner in value]
    return value


def _field_added(reply: Reply, line: Arguments) -> Reply:
    def added(found: dict[str, JSON]) -> dict[str, JSON]:
        return {**found, line["name"]: copy.deepcopy(line["value"])}

    return replace(reply, body=_every_object(reply.body, added))


def _reversed(reply: Reply, _line: Arguments) -> Reply:
    return replace(reply, body=_every_object(reply.body, lambda found: dict(reversed(found.items()))))


def _filled_in(reply: Reply, line: Arguments) -> Reply:
    body = copy.deepcopy(reply.body)
    pointers.fill_in(body, line["pointer"], line["value"])
    return replace(reply, body=body)


def _letter_case(reply: Reply, line: Arguments) -> Reply:
    change = {"upper": str.upper, "lower": str.lower, "title": str.title}[line["case"]]
    body = copy.deepcopy(reply.body)
    pointers.change(body, line["pointer"], lambda value: change(value) if isinstance(value, str) else value)
    return replace(reply, body=body)


def _text(reply: Reply, line: Arguments) -> Reply:
    if reply.body is None or reply.text is not None:
        return reply
    return replace(reply, text=_WRITERS[line["form"]](reply.body))


def _spacious(value: JSON) -> str:
    return f" \r\n{json.dumps(value, indent=chr(9), separators=(' ,', ' : '))}\r\n "


def _escaped(value: JSON) -> str:
    """Write a JSON value with every character of every string by its number (RFC 8259 section 7)."""
    if isinstance(value, str):
        units = value.encode("utf-16-be", "surrogatepass").hex()
        return '"' + "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)) + '"'
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_escaped(key)}:{_escaped(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_escaped, value)) + "]"
    return json.dumps(value)


_WRITERS: Mapping[str, Callable[[JSON], str]] = {"spacious": _spacious, "escaped": _escaped}


def _list_header(reply: Reply, line: Arguments) -> Reply:
    """Write a header that is a list in another way (RFC 9110 section 5.6.1)."""
    name, form = line["name"].lower(), line["form"]
    headers: Headers = ()
    for key, value in reply.headers:
        if key.lower() != name:
            headers = (*headers, (key, value))
            continue
        items = _COMMA.split(value)
        if form == "split":
            headers = (*headers, *((key, item) for item in items))
        else:
            headers = (*headers, (key, " , ".join(items) if form == "spacious" else ",".join(reversed(items))))
    return replace(reply, headers=headers)


REWRITES: Mapping[str, Rewrite] = {
    "body.filled-in": _filled_in,
    "body.letter-case": _letter_case,
    "body.field-added": _field_added,
    "body.reversed": _reversed,
    "body.text": _text,
    "header.list": _list_header,
}
"""What each switch makes of an answer, in the order in which they are applied."""
