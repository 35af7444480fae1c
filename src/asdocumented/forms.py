"""The forms in which a secret may stand in a text: plain, in JSON, base64, URLs, HTML, and several of these at once.

What encodes a whole value is a string of its own (`literal`). In base64 a value also lies inside of a longer one, at any of three
offsets (`in_base64`). Escapes stand for single characters, so that they are found by a pattern (`escaped`); `unescaped` gives the
text in which a lookup tells whether the pattern is worth trying.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from functools import partial
from html.entities import codepoint2name
from urllib.parse import quote, quote_plus, unquote

UNMISTAKABLE = 12
"""A secret of so many characters is found in other letter case too, and by its hexadecimal digits: no word is like it."""

_CORE = 8  # characters of base64 below which a piece would be found by chance
_SIGNATURE = re.compile(r"[\w-]+\.[\w-]+\.([\w-]{16,})")
_LAYERS = 3
_ESCAPES = frozenset('%\\&+\0"')
_UNIT = re.compile(r"\\+u([0-9A-Fa-f]{4})")
_BYTE = re.compile(r"\\+x([0-9A-Fa-f]{2})")
_CONTROLS = {"\b": "b", "\t": "t", "\n": "n", "\f": "f", "\r": "r"}
_LETTER = {letter: char for char, letter in _CONTROLS.items()}
_ENTITIES = {**codepoint2name, 39: "apos"}


def parts(value: str) -> tuple[str, ...]:
    """Return a secret, and the signature of one that is a signed token: without it the token is worth nothing."""
    signed = _SIGNATURE.fullmatch(value)
    return (value, signed[1]) if signed else (value,)


def literal(value: str) -> Iterator[str]:
    """Yield a value as it may stand in headers and bodies: plain, in JSON, in base64, in digits, in other letter case."""
    yield value
    for escaped in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
        yield escaped
        yield escaped.replace("/", "\\/")
    raw = value.encode(errors="surrogatepass")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(raw).decode()
        yield text
        yield text.rstrip("=")
    if len(value) >= UNMISTAKABLE:
        yield from (value.lower(), value.upper(), raw.hex(), raw.hex().upper())


def in_urls(value: str) -> Iterator[tuple[str, str]]:
    """Yield a value as it may stand in URLs, percent-encoded, with the pattern that takes hexadecimal digits of either case."""
    plain = partial(quote, errors="surrogatepass")
    for encoded in sorted({plain(value, safe=""), plain(value), quote_plus(value, errors="surrogatepass")} - {value}):
        pieces = re.split("(%[0-9A-F]{2})", encoded)
        pattern = "".join(f"(?i:{piece})" if index % 2 else re.escape(piece) for index, piece in enumerate(pieces))
        yield encoded, pattern


def in_base64(value: str) -> Iterator[tuple[str, str]]:
    """Yield the characters of base64 that a value gives inside of a longer one, with a pattern for them.

    The pattern takes the characters at both ends too, which hold bits of the value beside bits of others.
    """
    raw = value.encode(errors="surrogatepass")
    found: dict[str, str] = {}
    for before in range(3):
        bits = 8 * (before + len(raw))
        first, last = -(-8 * before // 6), bits // 6
        shared = "[A-Za-z0-9+/_-]?"
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            core = encode(bytes(before) + raw).decode()[first:last]
            if len(core) >= _CORE:
                head, tail = shared if before else "", shared if bits % 6 else ""
                found.setdefault(core, f"{head}{re.escape(core)}{tail}")
    yield from found.items()


def escaped(value: str) -> str:
    """Return a pattern for a value with any of its characters escaped in any way; `unescaped` of the value is its needle."""
    return r"(?:\0|\\+u0000)?".join(map(_any_way, value))


def _any_way(char: str) -> str:
    """Return a pattern for one character in every escape: of a URL, of a string in a program, of HTML; each more than once."""
    raw = char.encode(errors="surrogatepass")
    units = char.encode("utf-16-be", errors="surrogatepass").hex()
    code = ord(char)
    ways = [re.escape(char) if char.isalnum() else rf"\\*{re.escape(char)}"]
    ways.append("".join(f"%(?:25)*(?i:{byte:02x})" for byte in raw))
    ways.append("".join(rf"\\+u(?i:{units[start : start + 4]})" for start in range(0, len(units), 4)))
    ways.append(rf"&(?:amp;)*#(?:0*{code}|[xX]0*(?i:{code:x}));")
    if code in _ENTITIES:
        ways.append(f"&(?:amp;)*{_ENTITIES[code]};")
    if code < 256:
        ways.append(rf"\\+x(?i:{code:02x})")
    if char in _CONTROLS:
        ways.append(rf"\\+{_CONTROLS[char]}")
    if char == " ":
        ways.append(r"\+")
    return f"(?:{'|'.join(ways)})"


def is_plain(text: str) -> bool:
    """Tell whether nothing in a text is an escape."""
    return _ESCAPES.isdisjoint(text)


def unescaped(text: str) -> str:
    """Return a text with every escape resolved, layer by layer; it is for looking up alone, and no text that anybody wrote."""
    for _ in range(_LAYERS):
        before = text
        if "%" in text:
            text = unquote(text, errors="surrogateescape")
        if "&" in text:
            text = html.unescape(text)
        if "\\" in text:
            text = _UNIT.sub(lambda unit: chr(int(unit[1], 16)), text)
            text = _BYTE.sub(lambda byte: chr(int(byte[1], 16)), text)
        if text == before:
            break
    text = re.sub(r"\\+([btnfr])", lambda control: _LETTER[control[1]], text) if "\\" in text else text
    text = text.replace("\\", "").replace("\0", "").replace("+", " ")
    return text.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")
