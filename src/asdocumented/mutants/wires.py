"""The broken emulators of the connection: bytes that no good server writes, in the answers of one operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asdocumented.contracts.model import JSON, Api, Operation, Response
from asdocumented.mutant import Ending, Kind, Mutant
from asdocumented.requirement import RECEIVED, STATUS, response
from asdocumented.requirements import response_condition

_BROKEN_TEXTS = ("wire.duplicate-key", "wire.bom", "wire.nan", "wire.invalid-utf8", "wire.cut")
_INCOMPLETE: tuple[tuple[str, Mapping[str, JSON]], ...] = (
    ("connection.dropped", {}),
    ("wire.content-length", {"by": 7}),
    ("wire.no-http", {}),
)
_INCOMPLETE_CONTENT: tuple[tuple[str, Mapping[str, JSON]], ...] = (
    ("connection.truncated", {}),
    ("wire.content-length", {"by": -1}),
    ("wire.gzip-declared", {}),
)
_ELSEWHERE = "http://elsewhere.invalid/"


def wire_mutants(api: Api, operation: Operation) -> Iterator[Mutant]:
    """Yield answers that break off, are no HTTP or no JSON, lead elsewhere, or never come.

    A wait without end fails nothing, since no source says how long an answer may take; but nothing may pass by it.
    """
    received = f"{operation.id}/{RECEIVED}"
    for switch, arguments in _INCOMPLETE:
        yield _mutant(operation, switch, received, arguments)
    if any(rule.media_types for rule in operation.responses.values()):
        for switch, arguments in _INCOMPLETE_CONTENT:
            yield _mutant(operation, switch, received, arguments)
    for rule in _always_seen(api, operation):
        on = "error" if rule.is_error else "success"
        broken = f"{operation.id}/{response(rule.key, 'json')}"
        for switch in _BROKEN_TEXTS:
            yield _mutant(operation, switch, broken, {"on": on})
    yield _mutant(operation, "response.redirect", f"{operation.id}/{STATUS}", {"location": _ELSEWHERE})
    for after in ("nothing", "half"):
        stalled = _mutant(operation, "wire.stall", received, {"after": after})
        yield Mutant(stalled.switch, operation.id, received, stalled.arguments, kind=Kind.WIRE, ends=Ending.OPEN)


def _mutant(operation: Operation, switch: str, breaks: str, arguments: Mapping[str, JSON]) -> Mutant:
    return Mutant(switch, operation.id, breaks, arguments, kind=Kind.WIRE)


def _always_seen(api: Api, operation: Operation) -> Iterator[Response]:
    """Yield the rules with a body that every run sees."""
    for rule in operation.responses.values():
        if rule.media_types and not response_condition(api, operation, rule):
            yield rule
