"""Replace secrets by stable markers when an exchange is recorded, so that no record, report or message ever holds one.

A marker keeps what the judge needs: whose credential it was (`«token:admin»`) and which field of a request a secret came
from (`«secret:/credentials/password»`), so that an echo is still seen in a recorded run.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

from asdocumented import forms, packing
from asdocumented.needles import SHORTEST as _SHORTEST_NEEDLE
from asdocumented.needles import Needles

SHORTEST = 4
"""A secret of fewer characters would be found everywhere, so none is taken."""

HANDED_OUT = "«secret:response"
"""How the markers of secrets begin that a target handed out."""

LONGEST_ESCAPE = 24
"""How many characters one character of a secret may take in a text, escaped more than once."""

_SHORT_TEXT, _KEPT_TEXTS = 2048, 4096  # characters of a text whose redacted form is kept, and how many are
_SECRET_FIELDS = frozenset(
    {"authorization", "proxy-authorization", "authentication-info", "cookie", "cookie2", "set-cookie", "set-cookie2"}
)
_COOKIE = re.compile(r"\s*([^=;,\s]+)=\"?([^;,\"]*)")


@dataclass(frozen=True, slots=True)
class Hit:
    """A secret in a text: where it begins, the marker that stands for it, and its value, which nobody may be told."""

    start: int
    marker: str
    value: str


@dataclass(frozen=True)
class _Form:
    """A form of a secret: how it is found, and whose. Few are ever found, so that a pattern is made when it is needed."""

    make: Callable[[], str]
    marker: str
    value: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Return the pattern that finds it."""
        return re.compile(self.make())


class Redactor:
    """Knows the secrets of a run and replaces each, plain or in a common encoding, by its marker."""

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        self._added: dict[str, str] = {}
        self._literal: dict[str, tuple[str, str]] = {}  # form -> marker, secret
        self._forms: Needles[str] = Needles()
        self._in_base64: Needles[_Form] = Needles()
        self._in_urls: Needles[_Form] = Needles()
        self._escaped: Needles[_Form] = Needles()
        self._known: set[tuple[int, str]] = set()
        self._done: dict[
            str, str
        ] = {}  # short texts, redacted with what is known now; headers are much the same each time
        self.secret_fields = set(_SECRET_FIELDS)
        for value, marker in (secrets or {}).items():
            self.add(value, marker)

    @property
    def markers(self) -> Mapping[str, str]:
        """Return every secret with its marker."""
        return self._added

    def add(self, value: str, marker: str) -> None:
        """Take a secret and the marker that stands for it. Values of fewer than four characters are refused as too common."""
        if len(value) < SHORTEST:
            raise ValueError("a secret of fewer than four characters would be found everywhere")
        if value in self._added:
            return
        self._added[value] = marker
        self._done.clear()
        for part in forms.parts(value):
            self._add(part, marker, value)

    def _add(self, part: str, marker: str, value: str) -> None:
        for form in forms.literal(part):
            if form not in self._literal:
                self._forms.add(form, form, (-len(form), len(self._literal)))
                self._literal[form] = marker, value
        for core, pattern in forms.in_base64(part):
            self._add_form(self._in_base64, core, _Form(partial(str, pattern), marker, value))
        for encoded, pattern in forms.in_urls(part):
            self._add_form(self._in_urls, encoded.lower(), _Form(partial(str, pattern), marker, value))
        plain = forms.bare(part)
        if len(plain) >= _SHORTEST_NEEDLE:
            self._add_form(self._escaped, plain, _Form(partial(forms.escaped, part), marker, value))

    def _add_form(self, needles: Needles[_Form], needle: str, form: _Form) -> None:
        known = (id(needles), needle)
        if known not in self._known:
            needles.add(needle, form, (-len(needle), len(self._known)))
            self._known.add(known)

    def behind(self, beginning: str) -> list[str]:
        """Return the secrets whose markers begin so, for requests that need them again; they go nowhere else."""
        return [value for value, marker in self._added.items() if marker.startswith(beginning)]

    def text(self, text: str) -> str:
        """Return the text with every known secret replaced, the longest first."""
        if len(text) > _SHORT_TEXT:
            return self._replaced(text)
        redacted = self._done.get(text)
        if redacted is None:
            if len(self._done) >= _KEPT_TEXTS:
                self._done.clear()
            redacted = self._done[text] = self._replaced(text)
        return redacted

    def _replaced(self, text: str) -> str:
        text = self._forms.apply(text, self._plain)
        text = self._in_base64.apply(text, _replaced)
        if "%" in text or "+" in text:  # in a form a space is a plus
            text = self._in_urls.apply(text, _replaced, str.lower)
        if not forms.is_plain(text):
            text = self._escaped.apply(text, _replaced, forms.lookup)
        return text

    def _plain(self, text: str, form: str) -> str:
        return text.replace(form, self._literal[form][0]) if form in text else text

    def hits(self, text: str) -> Iterator[Hit]:
        """Yield every known secret in a text, once a form; what `text` would leave of it does not count."""
        for _, form in self._forms.possible(text):
            marker, value = self._literal[form]
            start = text.find(form)
            while start >= 0:
                yield Hit(start, marker, value)
                start = text.find(form, start + 1)
        lookups = [(self._in_base64, text)]
        if "%" in text or "+" in text:
            lookups.append((self._in_urls, text.lower()))
        if not forms.is_plain(text):
            lookups.append((self._escaped, forms.lookup(text)))
        for needles, folded in lookups:
            for _, each in needles.possible(folded):
                yield from (Hit(found.start(), each.marker, each.value) for found in each.pattern.finditer(text))

    @property
    def longest(self) -> int:
        """Return how many characters the longest form of any secret may have."""
        return max((len(value) for value in self._added), default=0) * LONGEST_ESCAPE

    def body(self, body: bytes) -> bytes:
        """Return a body with every known secret replaced; its other bytes stay as they are. A compressed one is looked into."""
        packed = packing.unpack(body)
        if packed is not None:
            content, pack = packed
            redacted = self._bytes(content)
            body = body if redacted == content else pack(redacted)
        return self._bytes(body)  # it may only begin like a compressed one

    def _bytes(self, body: bytes) -> bytes:
        return self.text(body.decode("utf-8", errors="surrogateescape")).encode("utf-8", errors="surrogateescape")

    def headers(self, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        """Return headers with every known secret replaced."""
        return tuple((self.text(name), self.text(value)) for name, value in headers)

    def received(self, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        """Return headers of an answer without secrets: what stands where secrets do is one, known or not."""
        return tuple(
            (name, _hidden(name, value) if name.lower() in self.secret_fields else value)
            for name, value in self.headers(headers)
        )

    def learn_cookies(self, headers: tuple[tuple[str, str], ...]) -> None:
        """Take the cookies that an answer sets as secrets, where they are long enough not to be words."""
        for name, value in headers:
            cookie = _COOKIE.match(value) if name.lower() in ("set-cookie", "set-cookie2") else None
            if cookie is not None and len(cookie[2]) >= forms.UNMISTAKABLE:
                self.add(cookie[2], f"«cookie:{cookie[1]}»")


def _hidden(name: str, value: str) -> str:
    """Return the value of a field for secrets with a marker for what is no marker already; a cookie keeps its name."""
    if "«" in value or not value.strip():
        return value
    cookie = _COOKIE.match(value) if name.lower().startswith("set-cookie") else None
    if cookie is None:
        return f"«secret:header {name.lower()}»"
    return f"{value[: cookie.start(2)]}«cookie:{cookie[1]}»{value[cookie.end(2) :]}"


def _replaced(text: str, form: _Form) -> str:
    """Return a text with a secret replaced; what its marker holds stands for itself."""
    return form.pattern.sub(lambda _: form.marker, text)


def marker_for(identity: str, security: str = "token") -> str:
    """Return the marker of an identity's credential: a token, or user name and password (`basic`)."""
    return f"«{security}:{identity}»"


def passwords_of(value: str) -> tuple[str, ...]:
    """Return the password in the value of a header with HTTP Basic, if it is one that can be kept secret."""
    scheme, _, encoded = value.partition(" ")
    if scheme.lower() != "basic":
        return ()
    try:
        password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")[2]
    except ValueError:
        return ()
    return (password,) if len(password) >= SHORTEST else ()
