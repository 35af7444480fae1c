"""Looking through files for secrets: every form is found, wherever it lies, and nothing else is."""

from __future__ import annotations

import base64
import gzip
import io
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asdocumented.leaks import clean, files_below, find_leaks, leaks_in
from asdocumented.secrets import Redactor
from tests.test_secrets import ENCODINGS

_SECRET = 'aZ3-p"w/ö+7=Q end'
_MARKER = "«token:admin»"


def _redactor() -> Redactor:
    return Redactor({_SECRET: _MARKER})


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_form_is_found(encoding: str, tmp_path: Path) -> None:
    """A secret in any form is found with its line, taken out, and not found after that."""
    file = tmp_path / "report.jsonl"
    file.write_bytes(b"first\nsecond " + ENCODINGS[encoding](_SECRET).encode("utf-8", "surrogatepass") + b" third\n")
    found = find_leaks([file], tmp_path, _redactor())
    clean([file], _redactor())

    assert {("report.jsonl", 2, _MARKER)} == {(each.file, each.line, each.marker) for each in found}
    assert [] == find_leaks([file], tmp_path, _redactor())
    assert _MARKER in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(deadline=None)
@given(st.integers(0, 200))
def test_no_border_of_blocks_hides_one(encoding: str, before: int) -> None:
    """A secret that lies across the border of two blocks is found, wherever the border cuts it."""
    content = b"\n" * before + ENCODINGS[encoding](_SECRET).encode("utf-8", "surrogatepass") + b"." * 2000
    found = set(leaks_in(io.BytesIO(content), _redactor(), block=64))

    assert {(before + 1, _MARKER)} == found


@given(st.binary())
def test_nothing_is_found_in_nothing(content: bytes) -> None:
    """Bytes without a secret have no leak."""
    assert [] == list(leaks_in(io.BytesIO(content), Redactor({"a secret that is not there": _MARKER})))


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_compression_hides_nothing(pack: object, tmp_path: Path) -> None:
    """A compressed file is looked into, and so is a compressed body in base64 within a record."""
    assert callable(pack)
    packed = pack(b'{"password":"' + _SECRET.encode() + b'"}')
    (tmp_path / "packed").write_bytes(packed)
    (tmp_path / "report.jsonl").write_text(f'{{"base64":"{base64.b64encode(packed).decode()}"}}', encoding="utf-8")
    files = files_below(tmp_path)
    found = find_leaks(files, tmp_path, _redactor())
    clean(files, _redactor())

    assert ["packed", "report.jsonl"] == [each.file for each in found]
    assert [] == find_leaks(files_below(tmp_path), tmp_path, _redactor())


def test_names_of_files_are_looked_at(tmp_path: Path) -> None:
    """A secret in the name of a file is told without it, and the file gets another name."""
    (tmp_path / "of-abcdefgh-attachment.txt").write_text("fine", encoding="utf-8")
    redactor = Redactor({"abcdefgh": _MARKER})
    found = find_leaks(files_below(tmp_path), tmp_path, redactor)
    clean(files_below(tmp_path), redactor)

    assert [f"of-{_MARKER}-attachment.txt, its name: {_MARKER}"] == [str(each) for each in found]
    assert [f"of-{_MARKER}-attachment.txt"] == [each.name for each in files_below(tmp_path)]


def test_what_cannot_be_cleaned_is_removed(tmp_path: Path) -> None:
    """A file from which a secret cannot be taken, since its marker brings it back, is removed."""
    file = tmp_path / "report.jsonl"
    file.write_text("it says admin", encoding="utf-8")
    clean([file], Redactor({"admin": "«token:admin»"}))

    assert not file.exists()


def test_links_are_left_alone(tmp_path: Path) -> None:
    """A link out of the folder is somebody else's file."""
    other = tmp_path / "other"
    other.write_text("abcdefgh", encoding="utf-8")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "link").symlink_to(other)

    assert [] == files_below(folder)
