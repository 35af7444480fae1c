"""Write an answer byte for byte where a good server would not: the raw socket below the emulator's ASGI application.

Each form is a function from an answer as it would go out to the bytes that go out instead. After them the connection ends,
unless the form stalls.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from asdocumented.contracts.model import JSON
from asdocumented.emulator.messages import reason

Fields: TypeAlias = tuple[tuple[bytes, bytes], ...]
_LENGTH = b"content-length"
_ODD = b'"asdocumented":'
_CHUNK = 7


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it is bytes: the version, the status with its phrase, the header fields and the content.

    `stalls` says that nothing comes after these bytes, and that the connection stays open until the client ends it.
    """

    status: int
    fields: Fields
    content: bytes
    version: str = "1.1"
    phrase: str | None = None
    before: bytes = b""
    stalls: bool = False
    is_cut_at: int | None = None  # bytes of the whole after which nothing more comes

    def encoded(self) -> bytes:
        """Return the bytes on the connection."""
        phrase = reason(self.status) if self.phrase is None else self.phrase
        head = f"HTTP/{self.version} {self.status} {phrase}".encode("latin-1")
        lines = [head, *(name + b": " + value for name, value in self.fields), b"connection: close", b"", b""]
        whole = self.before + b"\r\n".join(lines) + self.content
        return whole[: self.is_cut_at]


Form: TypeAlias = Callable[[Draft, Mapping[str, JSON]], Draft]


def drafted(status: int, fields: list[tuple[bytes, bytes]], content: bytes) -> Draft:
    """Return an answer as it would go out."""
    return Draft(status, tuple(fields), content)


def _with(draft: Draft, content: bytes) -> Draft:
    """Return an answer with another content and the length of it."""
    return replace(draft, content=content, fields=_set(draft.fields, _LENGTH, b"%d" % len(content)))


def _set(fields: Fields, name: bytes, value: bytes) -> Fields:
    return (*(each for each in fields if each[0].lower() != name), (name, value))


def _without(fields: Fields, name: bytes) -> Fields:
    return tuple(each for each in fields if each[0].lower() != name)


def _wrong_length(draft: Draft, line: Mapping[str, JSON]) -> Draft:
    announced = max(0, len(draft.content) + line["by"])
    return replace(draft, fields=_set(draft.fields, _LENGTH, b"%d" % announced))


def _with_member(draft: Draft, member: bytes) -> Draft:
    """Put one more member into the first object of a JSON text, or one more item into a list without objects."""
    content = draft.content
    at = content.find(b"{")
    if at < 0:
        at = content.find(b"[")
        member = member.partition(b":")[2]
    if at < 0:
        return draft
    rest = content[at + 1 :]
    comma = b"" if rest.lstrip()[:1] in (b"}", b"]") else b","
    return _with(draft, content[: at + 1] + member + comma + rest)


def _nan(draft: Draft, _line: Mapping[str, JSON]) -> Draft:
    return _with_member(draft, _ODD + b"NaN")


def _invalid_utf8(draft: Draft, _line: Mapping[str, JSON]) -> Draft:
    return _with_member(draft, _ODD + b'"\xff"')


def _duplicate_key(draft: Draft, _line: Mapping[str, JSON]) -> Draft:
    """Give the first member of the first object twice, the same both times."""
    at = draft.content.find(b"{")
    try:
        found = json.JSONDecoder().raw_decode(draft.content[max(at, 0) :].decode())[0] if at >= 0 else {}
    except ValueError:
        found = {}
    if not found:
        return _with_member(_with_member(draft, _ODD + b"1"), _ODD + b"1") if at >= 0 else draft
    name, value = next(iter(found.items()))
    return _with_member(draft, f"{json.dumps(name)}:{json.dumps(value)}".encode())


def _bom(draft: Draft, _line: Mapping[str, JSON]) -> Draft:
    return _with(draft, b"\xef\xbb\xbf" + draft.content) if draft.content else draft


def _cut(draft: Draft, _line: Mapping[str, JSON]) -> Draft:
    return _with(draft, draft.content[: len(draft.content) // 2])


def _gzip_declared(draft: Draft, _line: Mapping[str, JSON]) -> Draft:
    return replace(draft, fields=_set(draft.fields, b"content-encoding", b"gzip")) if draft.content else draft


def _no_http(draft: Draft, _line: Mapping[str, JSON]) -> Draft:
    return replace(draft, version="one.one")


def _stall(draft: Draft, line: Mapping[str, JSON]) -> Draft:
    if line["after"] == "nothing":
        return replace(draft, stalls=True, is_cut_at=0)
    whole = len(draft.encoded())
    return replace(draft, stalls=True, is_cut_at=whole - max(1, len(draft.content) - len(draft.content) // 2))


def _chunked(draft: Draft, _line: Mapping[str, JSON]) -> Draft:
    if not draft.content:
        return draft
    pieces = [draft.content[at : at + _CHUNK] for at in range(0, len(draft.content), _CHUNK)]
    content = b"".join(b"%x;piece\r\n%s\r\n" % (len(each), each) for each in pieces) + b"0\r\n\r\n"
    fields = _set(_without(draft.fields, _LENGTH), b"transfer-encoding", b"chunked")
    return replace(draft, content=content, fields=fields)


def _http_1_0(draft: Draft, _line: Mapping[str, JSON]) -> Draft:
    return replace(draft, version="1.0", fields=_without(draft.fields, _LENGTH) if draft.content else draft.fields)


def _header_case(draft: Draft, line: Mapping[str, JSON]) -> Draft:
    change = {"upper": bytes.upper, "lower": bytes.lower, "title": bytes.title}[line["case"]]
    return replace(draft, fields=tuple((change(name), value) for name, value in draft.fields))


def _phrase(draft: Draft, line: Mapping[str, JSON]) -> Draft:
    return replace(draft, phrase=line["text"])


def _early_hints(draft: Draft, _line: Mapping[str, JSON]) -> Draft:
    return replace(draft, before=b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n")


FORMS: Mapping[str, Form] = {
    "wire.content-length": _wrong_length,
    "wire.duplicate-key": _duplicate_key,
    "wire.bom": _bom,
    "wire.nan": _nan,
    "wire.invalid-utf8": _invalid_utf8,
    "wire.cut": _cut,
    "wire.gzip-declared": _gzip_declared,
    "wire.no-http": _no_http,
    "wire.stall": _stall,
    "wire.chunked": _chunked,
    "wire.http-1.0": _http_1_0,
    "wire.header-case": _header_case,
    "wire.phrase": _phrase,
    "wire.early-hints": _early_hints,
}
"""What each switch makes of an answer, in the order in which they are applied."""


def written(draft: Draft, lines: tuple[tuple[str, Mapping[str, JSON]], ...]) -> Draft:
    """Return an answer with every form applied: name of the switch and its arguments."""
    for name, line in lines:
        draft = FORMS[name](draft, line)
    return draft
