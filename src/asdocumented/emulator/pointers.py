"""JSON pointers (RFC 6901) into structures that are edited in place; the segment `*` means every item of an array."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from asdocumented.contracts.model import JSON

_MISSING = object()


@lru_cache(maxsize=1024)
def segments(pointer: str) -> tuple[str, ...]:
    """Return the segments of a pointer, unescaped; the empty pointer (the whole value) has none."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def get(value: JSON, pointer: str, default: JSON = None) -> JSON:
    """Return what the pointer leads to, or the default."""
    for part in segments(pointer):
        value = _child(value, part)
        if value is _MISSING:
            return default
    return value


def drop(value: JSON, pointer: str) -> None:
    """Remove what the pointer leads to, wherever it is there."""
    for holder, part in _holders(value, pointer):
        if isinstance(holder, list):
            del holder[int(part)]
        else:
            del holder[part]


def change(value: JSON, pointer: str, new: Callable[[JSON], JSON]) -> None:
    """Replace what the pointer leads to by what `new` makes of it, wherever it is there."""
    for holder, part in _holders(value, pointer):
        key = int(part) if isinstance(holder, list) else part
        holder[key] = new(holder[key])


def put(value: JSON, pointer: str, new: JSON) -> None:
    """Set what the pointer leads to, adding a member where the object that would hold it is there."""
    *path, last = segments(pointer)
    for holder in _walk(value, path):
        if isinstance(holder, dict):
            holder[last] = new
        elif isinstance(holder, list):
            for index in _indexes(holder, last):
                holder[index] = new


def fill_in(value: JSON, pointer: str, new: JSON) -> None:
    """Add a copy of a member wherever the object that would hold it is there, and the member is not."""
    *path, last = segments(pointer)
    for holder in _walk(value, path):
        if isinstance(holder, dict) and last not in holder:
            holder[last] = copy.deepcopy(new)


def nested(pointer: str, leaf: JSON) -> JSON:
    """Return the objects that lead to a leaf: `/a/b` and 1 make `{"a": {"b": 1}}`."""
    for part in reversed(segments(pointer)):
        leaf = {part: leaf}
    return leaf


def _child(value: JSON, part: str) -> JSON:
    if isinstance(value, dict):
        return value.get(part, _MISSING)
    if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
        return value[int(part)]
    return _MISSING


def _holders(value: JSON, pointer: str) -> Iterator[tuple[JSON, str]]:
    """Yield each container and the key at which the pointer ends; arrays from their end, so that removing is safe."""
    *path, last = segments(pointer)
    for holder in _walk(value, path):
        if isinstance(holder, list):
            for index in reversed(_indexes(holder, last)):
                yield holder, str(index)
        elif _child(holder, last) is not _MISSING:
            yield holder, last


def _walk(value: JSON, path: Sequence[str]) -> Iterator[JSON]:
    if not path:
        yield value
    elif isinstance(value, list):
        for index in _indexes(value, path[0]):
            yield from _walk(value[index], path[1:])
    elif (inner := _child(value, path[0])) is not _MISSING:
        yield from _walk(inner, path[1:])


def _indexes(items: list[JSON], part: str) -> list[int]:
    if part == "*":
        return list(range(len(items)))
    return [int(part)] if part.isdecimal() and int(part) < len(items) else []
