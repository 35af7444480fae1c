"""A request as the pipeline reads it, a reply as a structure, and the refusal that a step raises."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple

import orjson

from asdocumented.contracts.model import JSON

JSON_TYPE = "application/json; charset=utf-8"
_written = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
BODILESS = (204, 304)  # RFC 9110 section 6.4.1: neither content nor its length is sent with these


def _encode(body: JSON) -> bytes:
    """Write a structure as JSON: fast, or by the standard library where it has what UTF-8 cannot hold (a lone surrogate)."""
    try:
        return orjson.dumps(body)
    except TypeError:
        return _written(body).encode("utf-8", "backslashreplace")


Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `target` is the raw path and query, header names are in lower case with every value they came with."""

    method: str
    target: str
    headers: Mapping[str, tuple[str, ...]] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    oversized: bool = False  # the body was longer than the emulator reads, and is cut
    secure: bool = False  # it came over TLS

    def header(self, name: str) -> str:
        """Return the first header of that name (in lower case), or the empty string."""
        values = self.headers.get(name)
        return values[0] if values else ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an answer is brought to the client where it is not sent at once and as a whole; times are in seconds."""

    wait: float = 0.0  # before the first byte
    jitter: float = 0.0  # at most this much more
    spread: float = 0.0  # from the first piece of the content to the last
    ends_after: int | None = None  # bytes of content after which the connection ends; -1: before the status
    raw: tuple[tuple[str, Mapping[str, JSON]], ...] = ()  # forms of `raw`, each with its arguments


class ErrorFacts(NamedTuple):
    """What an error body is filled with: why the request was refused, and under which code."""

    cause: str
    code: str
    message: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before it is written down. Without `body` and `text` it is empty; `text` is sent as it is."""

    status: int
    body: JSON = None
    headers: Headers = ()
    media_type: str = JSON_TYPE
    text: str | None = None
    error: ErrorFacts | None = None  # set in every refusal, whatever a switch makes of its status
    delivery: Delivery | None = None  # None: at once

    @property
    def is_empty(self) -> bool:
        """Tell whether there is no content."""
        return self.body is None and self.text is None

    def encoded(self) -> tuple[list[tuple[bytes, bytes]], bytes]:
        """Return the header fields and the content; the structure is serialised here and nowhere else."""
        content = b"" if self.is_empty else _encode(self.body) if self.text is None else self.text.encode()
        fields = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in self.headers]
        if self.status in BODILESS and self.text is None:  # text is what a switch sends in spite of it
            return fields, b""
        if not self.is_empty and self.media_type:
            fields.append((b"content-type", self.media_type.encode("latin-1", "replace")))
        fields.append((b"content-length", b"%d" % len(content)))
        return fields, content


class RequestRefusedError(Exception):
    """A request that a rule of the pipeline refuses.

    `cause` selects the documented error or the API's own code; `rule` goes to the log. `status` and `code` overrule what the
    cause selects. The message never holds a value that the client sent in a body or as a credential.
    """

    def __init__(
        self,
        cause: str,
        rule: str,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        headers: Headers = (),
    ) -> None:
        super().__init__(message)
        self.cause = cause
        self.rule = rule
        self.message = message
        self.status = status
        self.code = code
        self.headers = headers


def reason(status: int) -> str:
    """Return the phrase that HTTP has for a status code."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
