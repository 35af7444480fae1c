"""The forms in which a secret may stand in a text: plain, in JSON, base64, URLs, HTML, and several of these at once.

What encodes a whole value is a string of its own (`literal`). In base64 a value also lies inside of a longer one, at any of three
offsets (`in_base64`). Escapes stand for single characters, so that they are found by a pattern (`escaped`); `lookup` gives the
text in which a needle tells whether the pattern is worth trying.
"""

from __future__ import annotations

import base64
import html
import json
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from html.entities import codepoint2name
from urllib.parse import quote, quote_plus, unquote

UNMISTAKABLE = 12
"""A secret of so many characters is found in other letter case too, and by its hexadecimal digits: no word is like it."""

_CORE = 8  # characters of base64 below which a piece would be found by chance
_SIGNATURE = re.compile(r"[\w-]+\.[\w-]+\.([\w-]{16,})")
_LAYERS = 3
_ESCAPES = frozenset('%\\&+\0"')
_BYTES = 256
_SLASH = r"(?:\\|%(?:25)*5[Cc])"
_AMPERSAND = rf"(?:&|%(?:25)*26|{_SLASH}+u0026)(?:amp;)*"
_HASH, _END = "(?:#|%(?:25)*23)", "(?:;|%(?:25)*3[Bb])"
_CODE = re.compile(r"\\+(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))")
_NUMBER = re.compile(r"&#(?:([xX])(?=0*[0-9A-Fa-f]{1,6};)|(?=0*\d{1,7};))([0-9A-Fa-f]+);")
_CONTROL = re.compile(r"\\+([btnfr])")
_ODD_CONTROL = re.compile(r"(?<!\\)(?:\\\\)*\\([btnfr])")
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


def escaped(value: str, *, any_case: bool = False) -> str:
    """Return a pattern for a value with any of its characters escaped in any way; `bare` of the value is its needle."""
    return rf"(?:\0|{_SLASH}+u0000)?".join(map(_in_either_case if any_case else _any_way, value))


def _in_either_case(char: str) -> str:
    return "|".join(map(_any_way, sorted({char.lower(), char.upper(), char}))).join(("(?:", ")"))


def _any_way(char: str) -> str:
    """Return a pattern for one character in every escape: of a URL, of a string in a program, of HTML; each more than once."""
    if len(char) > 1:  # what a letter is in the other case may be two
        return "".join(map(_any_way, char))
    raw = char.encode(errors="surrogatepass")
    units = char.encode("utf-16-be", errors="surrogatepass").hex()
    code = ord(char)
    ways = [re.escape(char)]
    ways.append("".join(f"%(?:25)*(?i:{byte:02x})" for byte in raw))
    ways.append("".join(rf"{_SLASH}+u(?i:{units[start : start + 4]})" for start in range(0, len(units), 4)))
    ways.append(rf"{_AMPERSAND}{_HASH}(?:0*{code}|[xX]0*(?i:{code:x})){_END}")
    if code in _ENTITIES:
        ways.append(f"{_AMPERSAND}{_ENTITIES[code]}{_END}")
    if code < _BYTES:
        ways.append(rf"{_SLASH}+x(?i:{code:02x})")
    if char in _CONTROLS:
        ways.append(rf"{_SLASH}+{_CONTROLS[char]}")
    if char == " ":
        ways.append(r"\+")
    return f"{'' if char.isalnum() else f'{_SLASH}*'}(?:{'|'.join(ways)})"


def is_plain(text: str) -> bool:
    """Tell whether nothing in a text is an escape."""
    return _ESCAPES.isdisjoint(text)


def bare(text: str) -> str:
    """Return a text without what may stand between its characters, and with spaces as they are in no form of a URL."""
    return text.replace("\\", "").replace("\0", "").replace("+", " ")


def lookup(text: str) -> str:
    """Return a text in which `bare` of a value lies wherever `escaped` of it may find the value."""
    return "\n".join(
        dict.fromkeys(bare(each) for stage in _stages(text) for each in (stage, *_with_backslashes(stage)))
    )


def unescaped(text: str) -> str:
    """Return a text with every escape resolved, layer by layer."""
    return bare(_stages(text)[-1])


def _stages(text: str) -> list[str]:
    """Return a text, and what becomes of it with one kind of escape after the other resolved."""
    found = [text]
    for _ in range(_LAYERS):
        before = len(found)
        for resolve in (_without_percent, _without_entities, _without_slashes):
            resolved = resolve(found[-1])
            if resolved != found[-1]:
                found.append(_paired(resolved))
        if len(found) == before:
            break
    return found


def _paired(text: str) -> str:
    """Return a text in which two halves of a character are one."""
    return text.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")


def _without_percent(text: str) -> str:
    return unquote(text, errors="surrogateescape") if "%" in text else text


def _without_entities(text: str) -> str:
    """Return a text without the escapes of HTML; its library would drop control characters, which a secret may have."""
    return html.unescape(_NUMBER.sub(_numbered, text)) if "&" in text else text


def _numbered(number: re.Match[str]) -> str:
    code = int(number[2], 16) if number[1] else int(number[2])
    return chr(code) if code <= sys.maxunicode else number[0]


def _without_slashes(text: str) -> str:
    """Return a text without the escapes of JSON and the like."""
    return _CONTROL.sub(lambda control: _LETTER[control[1]], _without_codes(text)) if "\\" in text else text


def _without_codes(text: str) -> str:
    return _CODE.sub(lambda code: chr(int(code[1] or code[2], 16)), text)


def _with_backslashes(text: str) -> Iterator[str]:
    """Yield the other readings of a text with several backslashes before a letter: they may be escaped ones themselves."""
    if "\\\\" in text:
        coded = _paired(_without_codes(text))
        yield coded
        yield _ODD_CONTROL.sub(lambda control: _LETTER[control[1]], coded)


_TOKEN = re.compile(
    r"(?P<percent>(?:%(?:25)*[0-9A-Fa-f]{2})+)"
    r"|(?P<unit>(?:\\+u[0-9A-Fa-f]{4}){1,2})"
    r"|(?P<byte>\\+x[0-9A-Fa-f]{2})"
    r"|(?P<entity>&[#A-Za-z0-9;]+;)"
    r"|(?P<slash>\\+.)"
    r"|(?P<char>.)",
    re.DOTALL,
)


_PERCENT = re.compile(r"%((?:25)*)([0-9A-Fa-f]{2})")


def characters(text: str) -> list[tuple[str, Callable[[str], str]]]:
    """Return the characters of a text whose escapes are resolved, each with what writes another one in the same way."""
    found: list[tuple[str, Callable[[str], str]]] = []
    for token in _TOKEN.finditer(text):
        written = token[0]
        slashes = written[: len(written) - len(written.lstrip("\\"))]
        match token.lastgroup:
            case "char":
                found.append((written, str))
            case "percent":
                pairs = _PERCENT.findall(written)
                chars = bytes(int(byte, 16) for _, byte in pairs).decode("utf-8", errors="surrogateescape")
                found += ((char, partial(_in_percent, pairs[0][0])) for char in chars)
            case "slash":
                found.append((unescaped(written), slashes.__add__))
            case "entity":
                found += ((char, _as_entity) for char in unescaped(written))
            case _:
                found += ((char, partial(_in_units, slashes)) for char in unescaped(written))
    return found


def _in_percent(layers: str, char: str) -> str:
    return "".join(f"%{layers}{byte:02X}" for byte in char.encode(errors="surrogateescape"))


def _as_entity(char: str) -> str:
    return f"&#{ord(char)};"


def _in_units(slashes: str, char: str) -> str:
    units = char.encode("utf-16-be", errors="surrogatepass").hex()
    return "".join(f"{slashes}u{units[start : start + 4]}" for start in range(0, len(units), 4))
