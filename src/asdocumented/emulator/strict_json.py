"""Read a request body as one JSON text in every respect, or say what is wrong with it without repeating any of it."""

from __future__ import annotations

import json
import re
from typing import NoReturn

from asdocumented.contracts.model import JSON

MAX_DEPTH = 100
"""No documented body nests deeper than three; validators and parsers give up somewhere beyond this."""
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")


class NotJsonError(ValueError):
    """The text is no JSON, or JSON that two parsers may read differently (RFC 8259, sections 4, 8 and 9)."""


def parse(body: bytes) -> JSON:
    """Return the value of a body; raises NotJsonError."""
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _depth(body) > MAX_DEPTH:
        raise NotJsonError(f"it nests deeper than {MAX_DEPTH} levels")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJsonError(f"it is not UTF-8 at byte {error.start}") from None
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise NotJsonError(f"it is not JSON at line {error.lineno}, column {error.colno}") from None
    except NotJsonError:
        raise
    except (ValueError, RecursionError):
        raise NotJsonError("it holds a number that is too long") from None
    if _HALF_CHARACTER.search(text) and _has_half_character(value):
        raise NotJsonError("it holds half a character")
    return value


def _depth(body: bytes) -> int:
    deepest = depth = 0
    for found in _BRACKETS.finditer(body):
        token = found.group()
        if token in (b"{", b"["):
            depth += 1
            deepest = max(deepest, depth)
        elif token in (b"}", b"]"):
            depth -= 1
    return deepest


def _unique(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotJsonError("an object has two members of one name")
    return members


def _no_constant(_name: str) -> NoReturn:
    raise NotJsonError("NaN and Infinity are no JSON")


def _has_half_character(value: JSON) -> bool:
    """Tell whether a string cannot be written as UTF-8; a pair of escapes that makes one character can."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False
