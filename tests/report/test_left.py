"""What a run sent beside its plan and what it left behind stand in its record, and in everything that is rendered from it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from asdocumented.report.allure import write_allure
from asdocumented.report.digest import conditions
from asdocumented.report.junit import write_junit
from asdocumented.report.markdown import render_markdown
from asdocumented.report.outcome import outcome
from asdocumented.report.pseudonymising import pseudonymised
from asdocumented.report.rejudging import rejudged
from asdocumented.report.stream import Recorded

from . import records
from .test_schema import unfit
from .test_summary import summary

_SAID = "the order '7' is not as it was before the run: delete-order got no answer"
_HOUSEKEEPING = {**records.exchange(1), "kind": "housekeeping"}


@pytest.fixture
def left() -> Recorded:
    """Return the record of a run in which all passed, and that left something behind."""
    kept = [{**_HOUSEKEEPING, "why": why, "id": number} for number, why in enumerate(("login", "undo", "undo"), 1)]
    left = {"kind": "leftover", "said": _SAID}
    known = {"given": {"targets": "mine.toml"}, "target": {"name": "nightly"}}
    passed = records.requirement(records.PASSED)
    return records.recorded(
        records.header(**known), records.exchange(1), *kept, left, passed, records.footer(4, "partial")
    )


def test_schema_knows_them(left: Recorded) -> None:
    """The published schema describes both kinds of record, and what a journal of several workers adds."""
    moved = [{**records.exchange(1), "part": 3}]
    odd = [{**_HOUSEKEEPING, "why": "fun"}, {"kind": "leftover"}, {**records.exchange(1), "part": 0}]

    assert [] == unfit([*left.records[2:6], *moved])
    assert 3 == len(unfit(odd))


def test_summary_says_what_to_do(left: Recorded) -> None:
    """The summary names what is left, counts it in its last line, and gives the command that undoes it."""
    shown = summary(left)
    command = "asdoc cleanup --target nightly --targets mine.toml"

    assert "Left behind" in shown
    assert "The order '7' is not as it was" in shown
    assert "1 left behind" in shown.splitlines()[-1]
    assert command in shown
    assert command == outcome(left).command


def test_requests_beside_the_plan_are_counted(left: Recorded) -> None:
    """What was sent beside the plan stands beside the number of exchanges."""
    assert "3 requests beside them (1 login, 2 undo requests)" in conditions(left)


def test_markdown_names_what_is_left(left: Recorded) -> None:
    """Markdown has a section of what is left."""
    assert "## Left behind\n\n- The order '7'" in render_markdown(left)


def test_junit_is_not_green(left: Recorded, tmp_path: Path) -> None:
    """A leftover is a test case in error, since a CI server looks at nothing else."""
    write_junit(left, tmp_path / "junit.xml")
    root = ET.parse(tmp_path / "junit.xml").getroot()  # noqa: S314 - our own
    error = root.find("./testsuite[@name='asdocumented']/testcase/error")

    assert "1" == root.get("errors")
    assert error is not None
    assert "delete-order got no answer" in error.get("message", "")


def test_allure_is_not_green(left: Recorded, tmp_path: Path) -> None:
    """A leftover is a broken result."""
    write_allure(left, tmp_path)

    assert any("delete-order got no answer" in each.read_text("utf-8") for each in tmp_path.glob("*-result.json"))


def test_pseudonyms_reach_them(left: Recorded) -> None:
    """Names of the target have their pseudonyms in what is left and in requests beside the plan too."""
    facts = {"kind": "facts", "existing": {"shop": {"order": ["ContosoOrder77"]}}, "absent": []}
    named = [
        {**each, "said": _SAID.replace("'7'", "'ContosoOrder77'")} if each["kind"] == "leftover" else each
        for each in left.records[:-1]
    ]
    sent = {**_HOUSEKEEPING, "why": "undo", "server": "https://acme-prod.contoso-private.example"}
    sent["request"] = {**sent["request"], "target": "/orders/ContosoOrder77"}
    done = pseudonymised(records.recorded(named[0], facts, sent, *named[1:]))

    assert [] == [each for each in ("ContosoOrder77", "contoso-private") if each in str(done.records)]
    assert "undo" == done.of("housekeeping")[0]["why"]


def test_judged_again_it_is_left_still(left: Recorded) -> None:
    """A record that is judged again keeps both."""
    scope = records.header(selection={"inScope": []})
    again = rejudged(records.recorded(scope, *left.of("housekeeping"), *left.of("leftover"), records.footer(4)))

    assert (3, 1) == (len(again.of("housekeeping")), len(again.of("leftover")))


@pytest.mark.parametrize(("allowed", "may"), [("read", False), ("write", True)])
def test_cut_short_run_may_have_left_something(allowed: str, *, may: bool) -> None:
    """A journal without an end of a run that might change something names what undoes that."""
    found = outcome(records.recorded(records.header(allowed=allowed), records.exchange(1)))

    assert may is found.command.startswith("asdoc cleanup --target nightly")
