"""Reading YAML and JSON files strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from asdocumented.contracts.locating import bundled
from asdocumented.contracts.reading import _ExplainingLoader, _StrictLoader, read_json, read_yaml
from asdocumented.errors import Mistake


def _write(folder: Path, text: str | bytes) -> Path:
    file = folder / "file"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("On", "On", id="On"),
        pytest.param("no", "no", id="no"),
        pytest.param("yes", "yes", id="yes"),
        pytest.param("2026-11-21", "2026-11-21", id="date"),
        pytest.param("2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z", id="timestamp"),
        pytest.param("0x1F", "0x1F", id="hexadecimal"),
        pytest.param("012", "012", id="leading zero"),
        pytest.param("1_000", "1_000", id="underscore"),
        pytest.param("1:30", "1:30", id="sexagesimal"),
        pytest.param(".inf", ".inf", id="infinity"),
        pytest.param("True", "True", id="capital True"),
        pytest.param("=", "=", id="value tag"),
        pytest.param("true", True, id="true"),
        pytest.param("-12", -12, id="integer"),
        pytest.param("1.5", 1.5, id="float"),
        pytest.param("~", None, id="tilde"),
    ],
)
def test_only_json_types_are_implied(tmp_path: Path, text: str, expected: Any) -> None:
    """A plain word of YAML is a string unless it is null, true, false or a plain number."""
    file = _write(tmp_path, f"key: {text}\n")

    assert {"key": expected} == read_yaml(file, "file", [])


@pytest.mark.parametrize("key", ["200", "true", "null", "1.5", "2026-11-21"])
def test_yaml_keys_are_strings(tmp_path: Path, key: str) -> None:
    """A key is a string whatever it looks like."""
    file = _write(tmp_path, f"{key}: value\n")

    assert {key: "value"} == read_yaml(file, "file", [])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: 1\na: 2\n", id="at the top"),
        pytest.param("x:\n  a: 1\n  a: 1\n", id="nested"),
        pytest.param('200: x\n"200": y\n', id="number and string"),
        pytest.param("x: [{a: 1, a: 2}]\n", id="flow style"),
    ],
)
def test_duplicate_yaml_key_refused(tmp_path: Path, text: str) -> None:
    """A key that stands twice in one mapping is a mistake that names the key."""
    mistakes: list[Mistake] = []
    expected = (None, True)

    value = read_yaml(_write(tmp_path, text), "file", mistakes)

    assert expected == (value, "stands twice" in mistakes[0].message)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: [1\n", id="unclosed list"),
        pytest.param("? [a]\n: 1\n", id="list as a key"),
        pytest.param("a: !!python/object:os.system x\n", id="python tag"),
        pytest.param("a: *nowhere\n", id="unknown alias"),
        pytest.param("a: 1\n---\nb: 2\n", id="two documents"),
        pytest.param("a: 1\n<<: {b: 2}\nc: \x07\n", id="control character"),
        pytest.param(b"a: \xff\n", id="not UTF-8"),
        pytest.param("a: &x [*x]\n", id="alias to itself"),
    ],
)
def test_unreadable_yaml_is_mistake(tmp_path: Path, text: str | bytes) -> None:
    """What cannot be read as YAML gives one mistake with the file's name, and no value."""
    mistakes: list[Mistake] = []
    expected = (None, ["api/contract.yaml"])

    value = read_yaml(_write(tmp_path, text), "api/contract.yaml", mistakes)

    assert expected == (value, [each.file for each in mistakes])


def test_missing_file_is_mistake(tmp_path: Path) -> None:
    """A file that is not there gives a mistake and raises nothing."""
    mistakes: list[Mistake] = []
    expected = (None, None, 2)

    values = (read_yaml(tmp_path / "none", "file", mistakes), read_json(tmp_path / "none", "file", mistakes))

    assert expected == (*values, len(mistakes))


def test_yaml_mistake_names_line(tmp_path: Path) -> None:
    """A mistake of YAML says at which line it is."""
    mistakes: list[Mistake] = []
    expected = True

    read_yaml(_write(tmp_path, "a: 1\nb: 2\na: 3\n"), "file", mistakes)

    assert expected == ("line 3" in mistakes[0].message)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"a": 1, "a": 2}', id="duplicate key"),
        pytest.param('{"x": [{"a": 1, "a": 1}]}', id="nested duplicate key"),
        pytest.param('{"a": ', id="truncated"),
        pytest.param('{"a": 1} x', id="trailing text"),
        pytest.param('{"a": NaN}', id="NaN"),
        pytest.param(b'{"a": "\xff"}', id="not UTF-8"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
    ],
)
def test_unreadable_json_is_mistake(tmp_path: Path, text: str | bytes) -> None:
    """What is not JSON in every respect gives one mistake with the file's name, and no value."""
    mistakes: list[Mistake] = []
    expected = (None, ["api/schemas/A.json"])

    value = read_json(_write(tmp_path, text), "api/schemas/A.json", mistakes)

    assert expected == (value, [each.file for each in mistakes])


def test_good_json_is_returned(tmp_path: Path) -> None:
    """A JSON text gives its value and no mistake."""
    mistakes: list[Mistake] = []
    expected = ({"a": [1, None]}, [])

    value = read_json(_write(tmp_path, '{"a": [1, null]}'), "file", mistakes)

    assert expected == (value, mistakes)


def test_both_loaders_read_every_contract_alike() -> None:
    """Which of the two parsers reads a file changes nothing but the time that it takes."""
    files = sorted(bundled("contracts").glob("**/*.yaml"))
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert yaml.load(text, Loader=_StrictLoader) == yaml.load(text, Loader=_ExplainingLoader), file  # noqa: S506 - safe loaders
