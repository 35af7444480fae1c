"""Parse JSON as RFC 8259 has it, and name everything that is wrong with a text instead of raising.

Python's parser lets duplicate keys, NaN and lone surrogates pass and can be brought down by depth or by long numbers; a
hostile target must only ever cause findings.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import NoReturn

from asdocumented.contracts.model import JSON

MAX_DEPTH = 200
"""Deeper nesting is a finding: no documented body comes near it, and parsers in the field give up there."""
MAX_DIGITS = 1000
"""Longer numbers are a finding: they overflow every documented type."""

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]|[-+0-9.eE]+', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed text: its value where it has one, and what is wrong with it (none: a JSON text in every respect)."""

    value: JSON
    problems: tuple[str, ...]
    usable: bool  # whether `value` can be judged further


class _NotJSONError(ValueError):
    pass


def parse(body: bytes) -> Parsed:
    """Return the value of a body and every problem found in it."""
    problems: list[str] = []
    if body.startswith(b"\xef\xbb\xbf"):
        problems.append("the text begins with a byte order mark (RFC 8259 section 8.1)")
        body = body[3:]
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as failure:
        return Parsed(
            None, (*problems, f"the text is not UTF-8 at byte {failure.start} (RFC 8259 section 8.1)"), usable=False
        )
    bomb = _bomb(body)
    if bomb:
        return Parsed(None, (*problems, bomb), usable=False)
    try:
        value = json.loads(text, object_pairs_hook=lambda pairs: _object(pairs, problems), parse_constant=_constant)
    except json.JSONDecodeError as failure:
        return Parsed(None, (*problems, _syntax(failure, text)), usable=False)
    except (ValueError, RecursionError) as failure:
        return Parsed(None, (*problems, str(failure)), usable=False)
    problems.extend(_values(value))
    return Parsed(value, tuple(dict.fromkeys(problems)), usable=True)


def _bomb(body: bytes) -> str:
    """Return what is excessive about a text, looking at its tokens alone."""
    depth = 0
    for found in _TOKEN.finditer(body):
        token = found.group()
        if token in (b"[", b"{"):
            depth += 1
            if depth > MAX_DEPTH:
                return f"arrays and objects are nested more than {MAX_DEPTH} deep"
        elif token in (b"]", b"}"):
            depth -= 1
        elif not token.startswith(b'"') and len(token) > MAX_DIGITS:
            return f"a number has more than {MAX_DIGITS} characters"
    return ""


def _object(pairs: list[tuple[str, JSON]], problems: list[str]) -> dict[str, JSON]:
    result = dict(pairs)
    if len(result) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                problems.append(f"the key {_printable(key)} stands twice in one object (RFC 8259 section 4)")
            seen.add(key)
    return result


def _constant(name: str) -> NoReturn:
    raise _NotJSONError(f"{name} is not a JSON number (RFC 8259 section 6)")


def _syntax(failure: json.JSONDecodeError, text: str) -> str:
    if not text.strip():
        return "the text is blank"
    if failure.msg == "Extra data":
        return f"something follows the JSON value at character {failure.pos}"
    if failure.pos >= len(text.rstrip()) or failure.msg.startswith("Unterminated"):
        return f"the text ends too early, after {len(text)} characters"
    return f"not JSON at character {failure.pos}: {failure.msg}"


def _values(value: JSON) -> list[str]:
    """Return the problems of single values: lone surrogates and numbers beyond any float."""
    problems: list[str] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
            waiting.extend(item.keys())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str) and _SURROGATE.search(item):
            problems.append("a string holds half of a surrogate pair (RFC 8259 section 8.2)")
        elif isinstance(item, float) and math.isinf(item):
            problems.append("a number is too large for any float (RFC 8259 section 6)")
    return problems


def _printable(text: str) -> str:
    return json.dumps(text)
