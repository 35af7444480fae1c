"""Find the operation that a request line addresses: on the raw path, and on constant query parameters.

Segments are compared before percent-decoding, so that `%2F` inside an id stays inside its segment (RFC 3986 section 2.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

from asdocumented.contracts.model import Api, Operation

_TEMPLATE = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True, slots=True)
class Match:
    """The operation that a request addresses, and its decoded path parameters."""

    operation: Operation
    path: Mapping[str, str]


def split_target(target: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Split a request target into its raw path and its decoded query parameters, in order."""
    path, _, query = target.partition("?")
    return path, tuple(parse_qsl(query, keep_blank_values=True))


@lru_cache(maxsize=4096)
def _pattern(template: str) -> re.Pattern[str]:
    parts = []
    for index, piece in enumerate(_TEMPLATE.split(template)):
        parts.append("([^/]*)" if index % 2 else f"(?i:{re.escape(piece)})")
    return re.compile("".join(parts) + r"\Z")


def path_names(template: str) -> tuple[str, ...]:
    """Return the names of a path template's parameters, in order."""
    return tuple(_TEMPLATE.findall(template))


def match_path(template: str, raw_path: str) -> Mapping[str, str] | None:
    """Return the decoded path parameters when the raw path fits the template, or None."""
    found = _pattern(template).match(raw_path)
    if found is None:
        return None
    return dict(zip(path_names(template), (unquote(value) for value in found.groups()), strict=True))


def literals_in_other_case(template: str, raw_path: str) -> tuple[str, ...]:
    """Return the fixed segments of a template that a path which fits it writes in another letter case."""
    pairs = zip(template.split("/"), raw_path.split("/"), strict=False)
    return tuple(want for want, got in pairs if "{" not in want and want != got)


def candidates(operations: Iterable[Operation], target: str) -> list[Match]:
    """Return the operations of any method whose path and constant query parameters fit, the most literal first."""
    path, query = split_target(target)
    given = dict(query)
    matches = []
    for operation in operations:
        values = match_path(operation.path, path)
        if values is not None and all(given.get(name) == value for name, value in operation.query.items()):
            matches.append(Match(operation, values))
    return sorted(matches, key=lambda match: (len(match.path), -len(match.operation.query)))


@dataclass(slots=True)
class _Routes:
    """Operations by the segments of their paths, so that a request is compared with those alone that it may address."""

    operations: list[tuple[int, Operation]] = field(default_factory=list)  # whose paths end here, with their place
    literal: dict[str, _Routes] = field(default_factory=dict)
    other: _Routes | None = None  # below a segment with a parameter in it

    def add(self, segments: list[str], place: int, operation: Operation) -> None:
        """Take an operation at what is left of its path."""
        if not segments:
            self.operations.append((place, operation))
        elif "{" in segments[0]:
            self.other = self.other or _Routes()
            self.other.add(segments[1:], place, operation)
        else:
            self.literal.setdefault(segments[0].lower(), _Routes()).add(segments[1:], place, operation)

    def near(self, segments: list[str]) -> Iterator[tuple[int, Operation]]:
        """Yield the operations whose paths have the fixed segments of a path, in whichever letter case."""
        if not segments:
            yield from self.operations
            return
        for below in (self.literal.get(segments[0].lower()), self.other):
            if below is not None:
                yield from below.near(segments[1:])


_ROUTES: dict[int, tuple[Mapping[str, Operation], _Routes]] = {}


def _routes(api: Api) -> _Routes:
    """Return the routes of an API; they are made once for each loaded contract."""
    known = _ROUTES.get(id(api.operations))
    if known is None or known[0] is not api.operations:
        known = _ROUTES[id(api.operations)] = (api.operations, _Routes())
        for place, operation in enumerate(api.operations.values()):
            known[1].add(operation.path.split("/"), place, operation)
    return known[1]


def fitting(api: Api, target: str) -> list[Match]:
    """Return the operations of an API, of any method, that a request target fits, the most literal first."""
    path = target.partition("?")[0]
    if not path.isascii():  # letters outside ASCII can be another case of those inside; no client sends them raw
        return candidates(api.operations.values(), target)
    near = sorted(_routes(api).near(path.split("/")), key=lambda each: each[0])
    return candidates((operation for _, operation in near), target)


def match(api: Api, method: str, target: str) -> Match | None:
    """Return the operation of the API that this request addresses, or None when it addresses none."""
    for found in fitting(api, target):
        if found.operation.method == method.upper():
            return found
    return None
