"""Tests of which failures have one cause, and of what a requirement comes to."""

from __future__ import annotations

import pytest

from asdocumented.report.causes import Standing, causes, contested, decisive, sentence, source, standing
from asdocumented.report.records import Record
from asdocumented.requirement import PROFILES

from . import records


def grouped(*failures: Record) -> list[int]:
    """Return how many requirements each cause has."""
    return [len(cause.records) for cause in causes(records.recorded(records.header(), *failures, records.footer(1)))]


def pair(what: str, first: dict[str, str], second: dict[str, str]) -> tuple[Record, Record]:
    """Return the same failure of two operations, each with its own finding."""
    return records.failed(f"shop/create-order/{what}", first), records.failed(f"stock/stop-audit/{what}", second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"got": "not UTF-8 at byte 83"}, {"got": "not UTF-8 at byte 171"}, id="counts"),
        pytest.param({"where": "$.value[0].id"}, {"where": "$.id"}, id="place"),
        pytest.param(
            {"got": "11111111-1111-4111-8111-111111111111"}, {"got": "22222222-2222-4222-8222-222222222222"}, id="ids"
        ),
    ],
)
def test_details_do_not_divide(first: dict[str, str], second: dict[str, str]) -> None:
    """Failures that differ in a detail of each answer have one cause."""
    assert grouped(*pair("response/200/json", first, second)) == [2]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"got": "404"}, {"got": "500"}, id="status"),
        pytest.param({"expected": "200"}, {"expected": "202"}, id="expectation"),
        pytest.param({"where": "header location"}, {"where": "header etag"}, id="header"),
        pytest.param({"where": "$.id"}, {"where": "$.name"}, id="field"),
    ],
)
def test_differences_divide(first: dict[str, str], second: dict[str, str]) -> None:
    """Failures that differ in what was expected, what came or where have two causes."""
    assert grouped(*pair("response/200/json", first, second)) == [1, 1]


def test_error_statuses_are_alike() -> None:
    """The same fault of the bodies of several error statuses is one cause."""
    keys = ("403", "404", "other", "framework")

    assert grouped(*(records.failed(f"shop/create-order/response/{key}/json", {}) for key in keys)) == [4]


def test_levels_divide() -> None:
    """A failed SHOULD is never hidden behind a MUST."""
    first, second = pair("response/status", {}, {})

    assert grouped(first, {**second, "level": "SHOULD"}) == [1, 1]


def test_blockers_come_first() -> None:
    """Of two causes the one that more requirements wait for comes first."""
    waiting = records.requirement(records.BLOCKED, "inconclusive", blocker=records.ALIKE, reason="blocked")
    run = [records.header(), records.failed(records.STATUS, {}), records.failed(records.ALIKE, {}), waiting]

    assert [each.blocks for each in causes(records.recorded(*run))] == [1, 0]


def test_accepted_reading_is_not_decisive() -> None:
    """A finding that the profile's readings excuse is not shown where another decides."""
    excused: Record = {"exchanges": [1], "expected": "200", "got": "204", "where": "status"}
    excused |= {"reading": {"ambiguity": "B1", "reading": "empty"}}
    deciding = {"exchanges": [2], "expected": "200", "got": "500", "where": "status"}
    failure = records.requirement(records.STATUS, "fail", failing=2, findings=[excused, deciding])
    run = records.recorded(records.header(), records.reading("B1", "empty", list(PROFILES)), failure)

    assert deciding == decisive(run, failure)


def test_contested_reading_is_named() -> None:
    """A finding that depends on a reading says which."""
    finding = {"exchanges": [1], "reading": {"ambiguity": "B1", "reading": "flat"}}

    assert contested(finding) == "follows reading 'flat' of B1"


def test_sentence_without_place() -> None:
    """Where there is no place, none is named."""
    assert sentence({"expected": "a", "got": "b", "where": ""}) == "expected a, got b"


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        pytest.param({}, "Orders - Create: Responses, 200 OK, lines 34-35, 40", id="page"),
        pytest.param({"lines": [[7, 7]], "place": ""}, "Orders - Create: line 7", id="one line"),
        pytest.param({"lines": [], "place": ""}, "Orders - Create", id="page alone"),
        pytest.param(
            {"lines": [[9, 9]], "place": "请求头, x; 响应, 200 OK"},
            "Orders - Create: 请求头 (Request Headers), x; 响应 (Responses), 200 OK, line 9",
            id="Chinese page",
        ),
        pytest.param(
            {"evidence": "convention", "reference": "RFC 9110", "lines": [], "place": ""},
            "convention: RFC 9110",
            id="convention",
        ),
    ],
)
def test_source_is_named(basis: Record, expected: str) -> None:
    """What a requirement rests on is named with its place and lines."""
    record = records.requirement(records.PASSED)

    assert expected == source({**record, "basis": record["basis"] | basis})


def test_old_record_has_standing() -> None:
    """A failure without recorded finding still counts as failed."""
    bare = records.requirement(records.STATUS, "fail")

    assert standing(records.recorded(records.header(), bare), bare)[0] is Standing.FAILED
