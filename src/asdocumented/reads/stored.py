"""What a target must have stored, from the writes that it answered with success."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from asdocumented.contracts.model import JSON, Operation
from asdocumented.plans import Call, Field
from asdocumented.reads.case import Case
from asdocumented.reads.classify import Read, at


@dataclass(frozen=True, slots=True)
class Item:
    """One stored item: its id, its fields as the write sent them (pointer into the stored item -> value), the write."""

    id: str
    fields: Mapping[str, JSON]
    write: Read


def _sent(read: Read, source: str) -> JSON:
    return read.argument("path", source.removeprefix("path ")) if source.startswith("path ") else at(read.body, source)


def stored_before(case: Case, write: Operation, read: Read) -> dict[str, Item]:
    """Return what was written (and not deleted) in the same epoch before a read, by id in lower case.

    The write operation's echo declares which field of an item comes from where in the request.
    """
    echo = {
        pointer: source for each in write.behaviour("echo") for pointer, source in each.parameters["fields"].items()
    }
    last = write.own
    items: dict[str, Item] = {}
    for other in case.on_path(write):
        if other.id >= read.id:
            break
        if other.epoch != read.epoch or other.operation is None or not 200 <= other.status < 300:
            continue
        key = (other.argument("path", last) or "").casefold()
        if other.operation is write:
            fields = {pointer: _sent(other, source) for pointer, source in echo.items()}
            items[key] = Item(key, {pointer: value for pointer, value in fields.items() if value is not None}, other)
        elif other.operation.method == "DELETE":
            items.pop(key, None)
    return items


def expected(write: Operation, call: Call) -> tuple[Field, ...]:
    """Return the fields that an item has once a planned write has stored it."""
    body = json.loads(call.body) if call.body else None
    found = []
    for echo in write.behaviour("echo"):
        for pointer, source in echo.parameters["fields"].items():
            name = source.removeprefix("path ")
            value = call.arguments.get(("path", name)) if source.startswith("path ") else at(body, source)
            if value is not None:
                found.append(Field(pointer, (value,), pointer in ignoring_case(write)))
    return tuple(found)


def ignoring_case(write: Operation) -> frozenset[str]:
    """Return the pointers of fields that are compared without case."""
    return frozenset(pointer for each in write.behaviour("echo") for pointer in each.parameters.get("ignore-case", ()))
