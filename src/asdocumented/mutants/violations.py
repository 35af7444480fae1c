"""Values that violate one keyword of JSON Schema and are else as near to what is right as can be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from asdocumented.contracts.model import JSON

_TEXT = "asdocumented"
_LIKE: Mapping[str, JSON] = {
    "string": 7,
    "integer": "7",
    "number": "7",
    "boolean": "true",
    "array": {},
    "object": [],
    "null": _TEXT,
}
"""For each type, a value of another that is easily taken for it."""

_EACH: tuple[JSON, ...] = (7, _TEXT, True, {}, [])
_BROKEN: Mapping[str, tuple[str, ...]] = {
    "uuid": ("12345678-1234-1234-1234-12345678901g", "12345678123412341234123456789012", ""),
    "date-time": ("yesterday", "2026-11-21", "2026-13-45T00:00:00Z"),
    "date": ("yesterday", "2026-13-45"),
    "time": ("noon", "25:00:00Z"),
    "email": ("nobody",),
    "idn-email": ("nobody",),
    "hostname": ("-a-.example", ""),
    "idn-hostname": ("-a-.example",),
    "ipv4": ("256.0.0.1",),
    "ipv6": ("::g",),
    "uri": ("no scheme", ""),
    "uri-reference": ("\\\\no\\reference", "%"),
    "iri": ("no scheme",),
    "iri-reference": ("\\\\no\\reference",),
    "uri-template": ("{open",),
    "json-pointer": ("no/slash",),
    "relative-json-pointer": ("/a",),
    "regex": ("(open",),
}


def violations(keyword: str, of: Mapping[str, JSON], fits: Callable[[JSON, JSON], bool]) -> Iterator[JSON]:
    """Yield values that violate one keyword of a schema, the plainest first; each is of the right type where it can be.

    `fits` tells whether a value fits a schema; what schemas are combined of is too much to be told otherwise.
    """
    if keyword in _VIOLATIONS:
        yield from _VIOLATIONS[keyword](of)
    else:
        only = {keyword: of[keyword]}
        wrong = [each for each in (*_EACH, None) if not fits(only, each)]
        typed = [each for each in wrong if "type" not in of or fits({"type": of["type"]}, each)]
        yield from (typed or wrong)[:1]


def _type(of: Mapping[str, JSON]) -> Iterator[JSON]:
    allowed = [of["type"]] if isinstance(of["type"], str) else list(of["type"])
    like = (_LIKE[allowed[0]], *_EACH)
    yield next(each for each in like if not _kinds(each) & set(allowed))
    if "null" not in allowed:
        yield None


def _kinds(value: JSON) -> set[str]:
    """Return the types of JSON Schema that a value has."""
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, int):
        return {"integer", "number"}
    return {"string"} if isinstance(value, str) else {"array"} if isinstance(value, list) else {"object"}


def _enum(of: Mapping[str, JSON]) -> Iterator[JSON]:
    allowed = of["enum"]
    yield _TEXT if any(isinstance(each, str) for each in allowed) else _another_number(allowed)
    texts = [each.swapcase() for each in allowed if isinstance(each, str)]
    yield from [each for each in texts if each not in allowed][:1]


def _another_number(allowed: list[JSON]) -> JSON:
    return max((each for each in allowed if isinstance(each, int | float)), default=0) + 1


def _const(of: Mapping[str, JSON]) -> Iterator[JSON]:
    yield from _enum({"enum": [of["const"]]})


def _pattern(of: Mapping[str, JSON]) -> Iterator[JSON]:
    texts = ("", _TEXT, " ", "\n", "ASDOCUMENTED-7", "7", "~" * 300)
    yield from [each for each in texts if re.search(of["pattern"], each) is None][:2]


def _many(number: int) -> list[JSON]:
    return [{} for _ in range(number)]


_VIOLATIONS: Mapping[str, Callable[[Mapping[str, JSON]], Iterator[JSON]]] = {
    "type": _type,
    "format": lambda of: iter(_BROKEN.get(of["format"], (_TEXT,))),
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "minLength": lambda of: iter(("x" * (of["minLength"] - 1),) if of["minLength"] else ()),
    "maxLength": lambda of: iter(("x" * (of["maxLength"] + 1),)),
    "minimum": lambda of: iter((of["minimum"] - 1,)),
    "maximum": lambda of: iter((of["maximum"] + 1,)),
    "exclusiveMinimum": lambda of: iter((of["exclusiveMinimum"], of["exclusiveMinimum"] - 1)),
    "exclusiveMaximum": lambda of: iter((of["exclusiveMaximum"], of["exclusiveMaximum"] + 1)),
    "multipleOf": lambda of: iter((of["multipleOf"] * 1.5,)),
    "minItems": lambda of: iter((_many(of["minItems"] - 1),) if of["minItems"] else ()),
    "maxItems": lambda of: iter((_many(of["maxItems"] + 1),)),
    "uniqueItems": lambda of: iter(([7, 7],) if of["uniqueItems"] else ()),
    "minProperties": lambda of: iter(({str(each): 7 for each in range(of["minProperties"] - 1)},)),
    "maxProperties": lambda of: iter(({str(each): 7 for each in range(of["maxProperties"] + 1)},)),
}
