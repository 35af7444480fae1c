"""Answers that come in another way over the same connection, or late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asdocumented.contracts.model import JSON, Api, Operation
from asdocumented.mutant import Line, Variant

_LATEST = 29  # seconds: just below what a run waits for an answer unless it is told otherwise
_SLOW = 20
_WAYS: tuple[tuple[str, str, Mapping[str, JSON], str], ...] = (
    ("late", "latency", {"seconds": _LATEST}, "no source says how long an answer may take"),
    ("unsteady", "latency", {"seconds": 0.5, "jitter": 2}, "no source says how long an answer may take"),
    ("slow", "connection.slow", {"seconds": _SLOW}, "no source says how long an answer may take"),
    ("chunked", "wire.chunked", {}, "RFC 9112 7.1"),
    ("http-1.0", "wire.http-1.0", {}, "RFC 9110 2.5 and RFC 9112 6.3"),
    ("header-names/upper", "wire.header-case", {"case": "upper"}, "RFC 9110 5.1: names are compared without case"),
    ("header-names/title", "wire.header-case", {"case": "title"}, "RFC 9110 5.1: names are compared without case"),
    ("no-phrase", "wire.phrase", {"text": ""}, "RFC 9112 4: a client ignores the reason phrase"),
    ("other-phrase", "wire.phrase", {"text": "Ca va, 200 OK"}, "RFC 9112 4: a client ignores the reason phrase"),
    ("early-hints", "wire.early-hints", {}, "RFC 9110 15.2: any number of interim responses may come first"),
)


def delivery_variants(_api: Api, operation: Operation) -> Iterator[Variant]:
    """Yield each way."""
    for name, switch, arguments, because in _WAYS:
        yield Variant(f"delivery/{name}", operation.id, (Line(switch, operation.id, arguments),), because)
