"""Tests of how the error matrix is shown."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len

from asdocumented.report.matrix import matrix_table, render_matrix, rows
from asdocumented.report.stream import Recorded

from . import records


def shown(recorded: Recorded, width: int = 80) -> str:
    """Return the matrix as a terminal has it."""
    file = io.StringIO()
    render_matrix(rows(recorded), width=width, file=file)
    return file.getvalue()


def test_alike_causes_share_a_row(eventful: Recorded) -> None:
    """Causes that got the same answer are one row with the exchanges of all; what broke something comes first."""
    broken, alike = rows(eventful)["shop"]

    assert (broken.causes, broken.breaks) == (("refusal/method",), (records.WARNED,))
    assert (alike.causes, alike.count, alike.breaks) == (("identity/anonymous", "identity/expired"), 2, ())


def test_two_causes_of_one_request_are_joined() -> None:
    """A request with two faults is named by both."""
    both = records.answer("x", 400, causes=["identity/expired", "refusal/method"])

    assert rows(records.recorded(records.header(), both))["shop"][0].causes == ("identity/expired + refusal/method",)


@pytest.mark.parametrize("width", [80, 160])
def test_broken_rows_are_marked(eventful: Recorded, width: int) -> None:
    """A terminal shows each cause on a line, marked where the answer broke a requirement, within its width."""
    lines = shown(eventful, width).splitlines()

    assert any(line.split()[:2] == ["✗", "refusal/method"] for line in lines)
    assert any(line.split()[0] == "identity/expired" for line in lines if line.strip())
    assert [] == [line for line in lines if cell_len(line) > width]


def test_markdown_has_all_columns(eventful: Recorded) -> None:
    """The Markdown table has a row of seven cells for each answer."""
    head, _, *body = matrix_table(rows(eventful)["shop"]).splitlines()

    assert head == "| operation | cause | expected | status | code | body | exchanges |"
    assert body[0].startswith("| ✗ create-order | `refusal/method` | `a 4xx (convention)` | `200` |")
    assert {9} == {len(line.split("|")) for line in body}


def test_hostile_values_are_escaped(hostile: Recorded) -> None:
    """No control character of a target reaches a terminal."""
    assert "\x1b" not in shown(hostile)
    assert "\x1b" not in matrix_table(rows(hostile)["shop"])
