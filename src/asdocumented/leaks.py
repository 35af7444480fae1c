"""Look through what a run left behind for the secrets that it used: bytes and secrets in, places out.

A file is read in blocks that overlap by the longest form of any secret, so that none is missed between two of them. What is
compressed is looked into, as a whole file or in base64 within one.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from asdocumented import packing
from asdocumented.secrets import Hit, Redactor

BLOCK = 4 << 20
_PACKED = re.compile(r"(?:H4sI|e(?:A[E-H]|F[4-7]|J[w-z]|N[o-r]))[A-Za-z0-9+/_-]{12,}={0,2}")
"""What gzip and zlib begin with, in base64."""


@dataclass(frozen=True, slots=True, order=True)
class Leak:
    """A secret in a file: where, and the marker that says whose it is. Its value is nowhere here."""

    file: str
    line: int
    marker: str

    def __str__(self) -> str:
        """Return the file, the place and the secret by its marker."""
        return f"{self.file}{f', line {self.line}' if self.line else ', its name'}: {self.marker}"


def leaks_in(stream: BinaryIO, redactor: Redactor, *, block: int = BLOCK) -> Iterator[tuple[int, str]]:
    """Yield the line, counted from 1, and the marker of each secret in a stream; one may be told of more than once."""
    overlap = redactor.longest
    kept, line = b"", 1
    while read := stream.read(max(block, overlap)):
        window = kept + read
        text = window.decode("utf-8", errors="surrogateescape")
        for hit in _hits(text, redactor):
            yield line + text.count("\n", 0, hit.start), hit.marker
        kept = window[-overlap:] if overlap else b""
        line += window.count(b"\n", 0, len(window) - len(kept))


def _hits(text: str, redactor: Redactor) -> Iterator[Hit]:
    yield from redactor.hits(text)
    for packed in _PACKED.finditer(text):
        content = _unpacked(packed[0])
        found = redactor.hits(content.decode("utf-8", errors="surrogateescape")) if content else ()
        yield from (Hit(packed.start(), each.marker, each.value) for each in found)


def _unpacked(text: str) -> bytes:
    try:
        raw = base64.b64decode(text.translate(str.maketrans("-_", "+/")).rstrip("=") + "===")
    except binascii.Error:
        return b""
    found = packing.unpack(raw)
    return found[0] if found else b""


def _repacked(packed: re.Match[str], redactor: Redactor) -> str:
    content = _unpacked(packed[0])
    if not any(redactor.hits(content.decode("utf-8", errors="surrogateescape"))):
        return packed[0]
    raw = base64.b64decode(packed[0].translate(str.maketrans("-_", "+/")).rstrip("=") + "===")
    return base64.b64encode(redactor.body(raw)).decode()


def files_below(folder: Path) -> list[Path]:
    """Return every file in a folder, hidden ones too, in order; a link to elsewhere is left alone."""
    return sorted(each for each in folder.rglob("*") if each.is_file() and not each.is_symlink())


def find_leaks(files: Iterable[Path], folder: Path, redactor: Redactor) -> list[Leak]:
    """Return what files below a folder hold of secrets, in their names too."""
    found = set()
    for file in files:
        name = file.relative_to(folder).as_posix()
        shown = redactor.text(name)
        found |= {Leak(shown, 0, hit.marker) for hit in redactor.hits(name)}
        found |= {Leak(shown, line, marker) for line, marker in _leaks_of(file, redactor)}
    return sorted(found)


def _leaks_of(file: Path, redactor: Redactor) -> Iterable[tuple[int, str]]:
    with file.open("rb") as stream:
        packed = packing.is_packed(stream.peek(packing.HEAD))
        yield from leaks_in(stream, redactor)
    if not packed:
        return
    content = packing.unpack(file.read_bytes())
    text = content[0].decode("utf-8", errors="surrogateescape") if content else ""
    yield from ((1, hit.marker) for hit in redactor.hits(text))


def clean(files: Iterable[Path], redactor: Redactor) -> None:
    """Replace every secret in files by its marker; a file that still holds one after that is removed.

    A cleaned file takes the place of the old one at once.
    """
    for file in files:
        if any(True for _ in _leaks_of(file, redactor)):
            _clean_file(file, redactor)
        name = redactor.text(file.name)
        now = file.rename(file.with_name(name.replace("/", "_"))) if name != file.name else file
        if any(True for _ in _leaks_of(now, redactor)):
            now.unlink()


def _clean_file(file: Path, redactor: Redactor) -> None:
    partial = file.with_name(f".{redactor.text(file.name)}.clean")
    content = file.read_bytes()
    if packing.is_packed(content):
        content = redactor.body(content)
    else:
        text = redactor.text(content.decode("utf-8", errors="surrogateescape"))
        text = _PACKED.sub(lambda packed: _repacked(packed, redactor), text)
        content = text.encode("utf-8", errors="surrogateescape")
    partial.write_bytes(content)
    partial.replace(file)
