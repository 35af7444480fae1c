"""Bend one place of a body by the name that definitions give it: the switch `response.field`."""

from __future__ import annotations

import copy
from dataclasses import replace

from asdocumented.contracts.model import JSON, Api
from asdocumented.emulator.messages import Reply
from asdocumented.emulator.places import Place, Shape, places
from asdocumented.emulator.switches import Arguments

_LAST = "last"
_TWO = 2  # of which the last is wrong and the first is right


def edited(reply: Reply, line: Arguments, api: Api, shape: Shape) -> Reply:
    """Return the reply with every place of the line's name (with `of: last`, the last one) dropped, renamed, wrapped or set."""
    if shape.schema is None or reply.is_empty:
        return reply
    holder = [copy.deepcopy(reply.body)]
    name = (line["definition"], tuple(line["path"]))
    last = line.get("of") == _LAST
    found = places(api, shape, holder, name, items=_TWO if last else 0)
    for place in found[-1:] if last else found:
        _edit(place, line)
    # A body that is None is none at all, and `null` is one.
    return replace(reply, body=holder[0], text="null" if holder[0] is None else reply.text)


def _edit(place: Place, line: Arguments) -> None:
    if "value" in line:
        place.holder[place.key] = copy.deepcopy(line["value"])
        return
    if "wrap" in line:
        place.holder[place.key] = {line["wrap"]: place.holder[place.key]}
        return
    value: JSON = place.holder.pop(place.key)
    if "rename" in line:
        place.holder[line["rename"]] = value
