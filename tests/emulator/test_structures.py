"""Pointers, strict JSON and default answers, by themselves."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from asdocumented.contracts import load_catalogue
from asdocumented.contracts.locating import bundled
from asdocumented.emulator import Emulator
from asdocumented.emulator.defaults import instance
from asdocumented.emulator.deviations import another
from asdocumented.emulator.pointers import change, drop, get, nested, put
from asdocumented.emulator.strict_json import NotJsonError, parse
from tests.emulator.client import ACCESS, MANAGEMENT, VERSION, Client

VALUE = {"a": [{"b": 1}, {"b": 2}, {}], "c/d": {"~": 3}}


@pytest.mark.parametrize(
    ("pointer", "found"), [("", VALUE), ("/a/1/b", 2), ("/c~1d/~0", 3), ("/a/9", None), ("/a/b", None), ("/x/y", None)]
)
def test_pointer_gets(pointer: str, found: object) -> None:
    """A pointer leads to a member, an item or the whole value, and else to nothing."""
    assert found == get(VALUE, pointer)


@pytest.mark.parametrize(
    ("edit", "left"),
    [
        (lambda value: drop(value, "/a/*/b"), {"a": [{}, {}, {}], "c/d": {"~": 3}}),
        (lambda value: drop(value, "/a/*"), {"a": [], "c/d": {"~": 3}}),
        (lambda value: drop(value, "/a/0"), {"a": [{"b": 2}, {}], "c/d": {"~": 3}}),
        (lambda value: drop(value, "/x/y"), VALUE),
        (lambda value: put(value, "/a/*/b", 0), {"a": [{"b": 0}] * 3, "c/d": {"~": 3}}),
        (lambda value: put(value, "/a/2", 0), {"a": [{"b": 1}, {"b": 2}, 0], "c/d": {"~": 3}}),
        (lambda value: put(value, "/x/y", 0), VALUE),
        (lambda value: change(value, "/a/*/b", str), {"a": [{"b": "1"}, {"b": "2"}, {}], "c/d": {"~": 3}}),
        (lambda value: change(value, "/a/0", len), {"a": [1, {"b": 2}, {}], "c/d": {"~": 3}}),
    ],
)
def test_pointer_edits(edit: Callable[[Any], None], left: object) -> None:
    """A value is edited wherever the pointer leads, and nowhere else."""
    value = copy.deepcopy(VALUE)
    edit(value)

    assert left == value


def test_pointer_nests() -> None:
    """A leaf is put into the objects that its pointer names."""
    assert {"a": {"b": 1}} == nested("/a/b", 1)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"{} {}",
        b"\xef\xbb\xbf{}",
        b"\xff",
        b'{"a": 1, "a": 1}',
        b"[NaN]",
        b"[-Infinity]",
        b'["\\ud800"]',
        b'{"\\udc00": 1}',
        b"[" * 200 + b"]" * 200,
        b"1" * 5000,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_doubtful_json_is_refused(text: bytes) -> None:
    """A text that is no JSON, or that parsers read differently, is refused."""
    with pytest.raises(NotJsonError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"{}", {}),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        ('"\u00e9"'.encode(), "\u00e9"),
        (b'"' + b"[" * 500 + b'"', "[" * 500),
        (b"[" * 100 + b"]" * 100, None),
    ],
    ids=["object", "pair", "utf-8", "brackets-in-text", "deep"],
)
def test_sound_json_is_read(text: bytes, value: object) -> None:
    """JSON in every respect is read as what it is."""
    found = parse(text)

    assert value in (found, None)


@pytest.mark.parametrize(
    ("value", "other"),
    [
        ("11111111-1111-4111-8111-111111111111", "11111111-1111-4111-8111-111111111110"),
        ("User", "User-other"),
        (1, 2),
        (True, False),
        (None, None),
    ],
)
def test_other_value_has_same_form(value: object, other: object) -> None:
    """Another value for a wrong echo has the form of the right one."""
    assert other == another(value)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"const": 1}, 1),
        ({"enum": ["a", "b"]}, "a"),
        ({"type": "string", "format": "uuid"}, "00000000-0000-0000-0000-000000000000"),
        ({"type": "string", "minLength": 9}, "examplexx"),
        ({"type": "string", "maxLength": 2}, "ex"),
        ({"type": ["integer", "null"], "minimum": 3}, 3),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 1}, [False]),
        ({"properties": {"a": {"type": "number"}}}, {"a": 0}),
    ],
    ids=str,
)
def test_instance_fits_schema(schema: dict[str, object], value: object) -> None:
    """A small value is made for a schema."""
    assert value == instance(load_catalogue().apis[MANAGEMENT], schema)


def test_recursive_definition_ends() -> None:
    """A definition that holds itself is not followed into itself."""
    made = instance(load_catalogue().apis[MANAGEMENT], {"$ref": "../schemas/ErrorResponse.json"})

    assert {"additionalInfo", "code", "message", "target"} <= made["error"].keys()


CONTRACT = """
operationId: RoleDefinitions_Count
title: Count role definitions
source: {page: None, url: "https://example.com", locale: en, retrieved: "2026-11-21"}
evidence: specified
tier: read
method: GET
path: /roleDefinitions/count
parameters:
  - {$ref: ../api.yaml#/parameters/api-version}
responses:
  "200":
    content:
      application/json: {schema: {type: object, properties: {count: {type: integer, minimum: 1}}}}
"""


def test_operation_needs_no_handler(tmp_path: Path) -> None:
    """A new operation is one new folder: it is served with the smallest body that fits its schema."""
    shutil.copytree(bundled("contracts"), tmp_path / "contracts")
    folder = tmp_path / "contracts" / ACCESS / "count-role-definitions"
    folder.mkdir()
    (folder / "contract.yaml").write_text(CONTRACT, encoding="utf-8")
    client = Client()
    client.emulator = Emulator(load_catalogue(tmp_path / "contracts"), clock=client.clock)
    answer = client.send("GET", f"/roleDefinitions/count?{VERSION}")

    assert (200, {"count": 1}) == (answer.status_code, answer.json())
