"""Tests of a run as JUnit XML."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from asdocumented.report.junit import write_junit
from asdocumented.report.stream import Recorded

from . import records


def junit(recorded: Recorded, folder: Path) -> ET.Element:
    """Return the root of the XML that is written."""
    write_junit(recorded, folder / "junit.xml")
    return ET.parse(folder / "junit.xml").getroot()  # noqa: S314 - we wrote it a moment ago


def case(root: ET.Element, identifier: str) -> ET.Element:
    """Return the test case of a requirement."""
    api, operation, what = identifier.split("/", 2)
    return next(
        each
        for each in root.iter("testcase")
        if (each.get("classname"), each.get("name")) == (f"{api}.{operation}", what)
    )


def test_suites_are_apis(eventful: Recorded, tmp_path: Path) -> None:
    """There is one suite for each API, by name."""
    assert [suite.get("name") for suite in junit(eventful, tmp_path)] == ["shop", "stock"]


def test_counts_are_right(eventful: Recorded, tmp_path: Path) -> None:
    """The suites count what stands in them."""
    root = junit(eventful, tmp_path)
    expected = [("11", "3", "0", "6"), ("9", "2", "0", "6"), ("2", "1", "0", "0")]

    assert expected == [
        tuple(each.get(name) for name in ("tests", "failures", "errors", "skipped")) for each in (root, *root)
    ]


def test_failed_must_is_failure(eventful: Recorded, tmp_path: Path) -> None:
    """A failed MUST is a failure with its finding, page and curl line."""
    failure = case(junit(eventful, tmp_path), records.STATUS).find("failure")

    assert failure is not None
    assert failure.get("message") == "expected 200, got 201 at status"
    assert failure.text is not None
    assert failure.text.splitlines()[-2:] == ["https://docs.example/orders/create", records.CURL]


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        pytest.param(records.WARNED, "warning: expected a 4xx, got 204 at status (SHOULD)", id="should"),
        pytest.param(
            records.ELSEWHERE,
            "warning: expected 403, got 201 at status (does not count in documented)",
            id="other profile",
        ),
        pytest.param(records.SKIPPED, "skipped: tier write is not allowed", id="skipped"),
        pytest.param(records.UNSEEN, "not observed: the field is optional", id="not observed"),
        pytest.param(records.BLOCKED, f"inconclusive: blocked by {records.STATUS}", id="inconclusive"),
    ],
)
def test_other_verdicts_are_skipped(eventful: Recorded, tmp_path: Path, identifier: str, message: str) -> None:
    """What neither passed nor changes the outcome is skipped, and says why."""
    skipped = case(junit(eventful, tmp_path), identifier).find("skipped")

    assert skipped is not None
    assert message == skipped.get("message")


def test_broken_check_is_error(tmp_path: Path) -> None:
    """A verdict 'error' is an error of the test case, not a failure."""
    broken = records.requirement(records.STATUS, "error", reason="KeyError in a check")
    error = case(junit(records.recorded(records.header(), broken, records.footer(3)), tmp_path), records.STATUS).find(
        "error"
    )

    assert error is not None
    assert error.get("message") == "KeyError in a check"


def test_properties_tell_verdicts(eventful: Recorded, tmp_path: Path) -> None:
    """A test case has its verdict, level, evidence and its verdict in each profile as properties."""
    expected = {"verdict": "fail", "level": "MUST", "evidence": "convention", "profiles": "conventions=fail"}
    found = case(junit(eventful, tmp_path), records.ELSEWHERE).iter("property")

    assert expected == {each.get("name"): each.get("value") for each in found}


def test_cut_short_is_error(unfinished: Recorded, tmp_path: Path) -> None:
    """A run that was cut short has a test case in error, so that it is never green."""
    error = junit(unfinished, tmp_path).find("testsuite[@name='asdocumented']/testcase/error")

    assert error is not None
    assert str(error.get("message")).startswith("CUT SHORT")


def test_hostile_values_are_xml(hostile: Recorded, tmp_path: Path) -> None:
    """Characters that XML cannot hold become escapes, and the rest is kept."""
    failure = case(junit(hostile, tmp_path), records.STATUS).find("failure")

    assert failure is not None
    assert r"\x1b[31me\x00" in str(failure.get("message"))
    assert "<b>f</b>" in str(failure.text)


def test_file_is_written_whole(eventful: Recorded, hostile: Recorded, tmp_path: Path) -> None:
    """Writing again replaces the file and leaves nothing beside it."""
    junit(hostile, tmp_path / "deep" / "folder")
    junit(eventful, tmp_path / "deep" / "folder")

    assert [file.name for file in (tmp_path / "deep" / "folder").iterdir()] == ["junit.xml"]
