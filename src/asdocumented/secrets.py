"""Replace secrets by stable markers when an exchange is recorded, so that no record, report or message ever holds one.

A marker keeps what the judge needs: whose credential it was (`«token:admin»`) and which field of a request a secret came
from (`«secret:/credentials/password»`), so that an echo is still seen in a recorded run.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, quote_plus

from asdocumented.needles import Needles

SHORTEST = 4
"""A secret of fewer characters would be found everywhere, so none is taken."""


def _forms(value: str) -> Iterator[str]:
    """Yield a value as it may stand in headers and bodies: plain, in JSON, in base64."""
    yield value
    for escaped in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
        yield escaped
        yield escaped.replace("/", "\\/")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(value.encode()).decode()
        yield text
        yield text.rstrip("=")


def _in_urls(value: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield a value as it may stand in URLs, percent-encoded, with the pattern that takes hexadecimal digits of either case."""
    for encoded in sorted({quote(value, safe=""), quote(value), quote_plus(value)} - {value}):
        pieces = re.split("(%[0-9A-F]{2})", encoded)
        pattern = "".join(f"(?i:{piece})" if index % 2 else re.escape(piece) for index, piece in enumerate(pieces))
        yield encoded, re.compile(pattern)


class Redactor:
    """Knows the secrets of a run and replaces each, plain or in a common encoding, by its marker."""

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        self._added: set[str] = set()
        self._encoded: set[str] = set()
        self._markers: dict[str, str] = {}
        self._forms: Needles[str] = Needles()
        self._in_urls: Needles[tuple[re.Pattern[str], str]] = Needles()
        for value, marker in (secrets or {}).items():
            self.add(value, marker)

    def add(self, value: str, marker: str) -> None:
        """Take a secret and the marker that stands for it. Values of fewer than four characters are refused as too common."""
        if len(value) < SHORTEST:
            raise ValueError("a secret of fewer than four characters would be found everywhere")
        if value in self._added:
            return
        self._added.add(value)
        for form in _forms(value):
            if form not in self._markers:
                self._forms.add(form, form, (-len(form), len(self._markers)))
                self._markers[form] = marker
        for encoded, pattern in _in_urls(value):
            if encoded not in self._encoded:
                self._in_urls.add(encoded.lower(), (pattern, marker), (-len(encoded), len(self._encoded)))
                self._encoded.add(encoded)

    def text(self, text: str) -> str:
        """Return the text with every known secret replaced, the longest first."""
        text = self._forms.apply(text, self._plain)
        if "%" in text or "+" in text:  # in a form a space is a plus
            text = self._in_urls.apply(text, _replaced, str.lower)
        return text

    def _plain(self, text: str, form: str) -> str:
        return text.replace(form, self._markers[form]) if form in text else text

    def body(self, body: bytes) -> bytes:
        """Return a body with every known secret replaced; its other bytes stay as they are."""
        return self.text(body.decode("utf-8", errors="surrogateescape")).encode("utf-8", errors="surrogateescape")

    def headers(self, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        """Return headers with every known secret in a value replaced."""
        return tuple((name, self.text(value)) for name, value in headers)


def _replaced(text: str, secret: tuple[re.Pattern[str], str]) -> str:
    """Return a text with a percent-encoded secret replaced; what its marker holds stands for itself."""
    pattern, marker = secret
    return pattern.sub(lambda _: marker, text)


def marker_for(identity: str, security: str = "token") -> str:
    """Return the marker of an identity's credential: a token, or user name and password (`basic`)."""
    return f"«{security}:{identity}»"
