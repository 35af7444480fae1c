"""Tests of what every rendering says of known deviations."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

from asdocumented.report.acknowledged import told
from asdocumented.report.allure import write_allure
from asdocumented.report.causes import causes
from asdocumented.report.junit import write_junit
from asdocumented.report.markdown import render_markdown
from asdocumented.report.summary import render_summary

from . import records

HOSTILE = "<b>[red]x[/red]|`*\x1b[31m\u202e"
SHOWN = "\\x1b[31m\\u202e"


def test_what_has_to_go_comes_first() -> None:
    """Of several, those that the run ends with 1 for are shown first."""
    run = records.recorded(records.header(), records.known(), records.known("gone"), records.footer(1))

    assert [True, False] == [each.remove for each in told(run)]


def test_known_and_unknown_are_two_causes() -> None:
    """Failures that look alike are told apart where one of them is known."""
    alike = [records.failed(each, {}) for each in ("shop/a/response/status", "shop/b/response/status")]
    known = {**alike[0], "known": records.KNOWN}

    assert 1 == len(causes(records.recorded(records.header(), *alike, records.footer(1))))
    assert 2 == len(causes(records.recorded(records.header(), known, alike[1], records.footer(1))))


def test_hostile_reasons_are_harmless(tmp_path: Path) -> None:
    """A reason is text: it acts on no terminal, and nothing of it is read as markup."""
    known = {**records.KNOWN, "reason": HOSTILE}
    found = (records.failed(records.STATUS, {}, known=known), records.known(reason=HOSTILE, observed=HOSTILE))
    run = records.recorded(records.header(), *found, records.footer(1))
    printed = io.StringIO()
    render_summary(run, width=300, color=None, file=printed)
    markdown = render_markdown(run)
    write_junit(run, tmp_path / "junit.xml")
    write_allure(run, tmp_path / "allure")
    failure = next(ET.parse(tmp_path / "junit.xml").iter("failure"))  # noqa: S314 - we wrote it
    result = json.loads(next((tmp_path / "allure").glob("*-result.json")).read_text("utf-8"))

    for text in (printed.getvalue(), markdown, failure.get("message", ""), result["statusDetails"]["message"]):
        assert {"\x1b", "\u202e"}.isdisjoint(text)
        assert "31m" in text
    assert f"<b>[red]x[/red]|`*{SHOWN}" in printed.getvalue()
    assert "<b>" not in markdown.replace("\\<b", "")
