"""Values that no page speaks of: how one is made from a plain value, and how one is told when it is seen.

A target may take such a value or refuse it; what it must not do is break. Both halves of a kind stand here together, so that
what is sent and what is recognised cannot drift apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from asdocumented.contracts.model import JSON, Parameter

LONG = 1024
_LENGTH = 2048  # longer than any name, and short enough for the 8,000 octets that RFC 9110 section 4.1 recommends
_LETTERS = (
    "e\u0301\u202e\u05e9\u05dc\u05d5\u05dd"  # a combining accent, an override of direction, letters from the right
)
_MARKER = re.compile(r"«[a-z]+:[^»]*»")
_CONSTRAINTS = ("const", "enum", "format", "pattern")


@dataclass(frozen=True, slots=True)
class Oddity:
    """One kind of odd value: where it can stand, how it is made and told, and what speaks of it."""

    name: str
    locations: frozenset[str]
    make: Callable[[str], str]
    shows: Callable[[str], bool]
    text: str
    reference: str
    routed: bool = False  # how a server takes it is decided where it splits the path, once for all parameters


ODDITIES = (
    Oddity(
        "over-long",
        frozenset({"path", "query", "body"}),
        lambda value: value + "a" * (_LENGTH - len(value)),
        lambda value: len(value) >= LONG,
        f"a value of {_LENGTH} characters",
        "RFC 9110 15.5.15",
    ),
    Oddity(
        "unicode",
        frozenset({"path", "query", "body"}),
        lambda value: value + _LETTERS,
        lambda value: not _MARKER.sub("", value).isascii(),
        "combining and right-to-left letters",
        "RFC 3986 2.5",
    ),
    Oddity(
        "encoded-slash",
        frozenset({"path"}),
        lambda value: f"{value}/..",
        lambda value: "/" in value,
        "a percent-encoded slash",
        "RFC 3986 2.2",
        routed=True,
    ),
    Oddity(
        "empty",
        frozenset({"query", "body"}),
        lambda value: "",
        lambda value: value == "",
        "no characters",
        "RFC 3986 3.4",
    ),
)
"""Every kind of odd value, in the order in which reports show them."""


def is_free(schema: Mapping[str, JSON]) -> bool:
    """Tell whether a schema takes any text, so that an odd value is not simply outside it."""
    return schema.get("type") == "string" and not any(each in schema for each in _CONSTRAINTS)


def shortest(schema: Mapping[str, JSON]) -> int:
    """Return the least length that a free schema states, or 0 where it states none."""
    return int(schema.get("minLength", 0)) if is_free(schema) else 0


def longest(schema: Mapping[str, JSON]) -> int:
    """Return the greatest length that a free schema states, or 0 where it states none."""
    return int(schema.get("maxLength", 0)) if is_free(schema) else 0


def kinds(parameter: Parameter) -> Iterator[Oddity]:
    """Yield the odd kinds of value that a parameter can have."""
    if is_free(parameter.schema):
        yield from (each for each in ODDITIES if parameter.location in each.locations)


def of_parameter(parameter: Parameter, value: str) -> Iterator[str]:
    """Yield the names of the kinds that a parameter's value shows."""
    yield from (each.name for each in kinds(parameter) if each.shows(value))
    if parameter.location == "path":
        lengths = {"shortest": shortest(parameter.schema), "longest": longest(parameter.schema)}
        yield from (name for name, length in lengths.items() if length and len(value) == length)


def of_body(value: JSON) -> Iterator[str]:
    """Yield the names of the kinds that some text of a body shows."""
    texts = list(_texts(value))
    yield from (each.name for each in ODDITIES if "body" in each.locations and any(map(each.shows, texts)))


def _texts(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
