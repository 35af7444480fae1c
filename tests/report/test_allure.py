"""Tests of a run as Allure results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asdocumented.report.allure import write_allure
from asdocumented.report.stream import Recorded

from . import records


def results(recorded: Recorded, folder: Path) -> dict[str, dict[str, Any]]:
    """Return the results that are written, by requirement."""
    write_allure(recorded, folder)
    found = [json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*-result.json")]
    return {each["fullName"]: each for each in found}


def test_every_requirement_has_result(eventful: Recorded, tmp_path: Path) -> None:
    """There is one result for each requirement."""
    assert sorted(results(eventful, tmp_path)) == sorted(each["id"] for each in eventful.of("requirement"))


@pytest.mark.parametrize(
    ("identifier", "status"),
    [
        pytest.param(records.PASSED, "passed", id="pass"),
        pytest.param(records.STATUS, "failed", id="failed MUST"),
        pytest.param(records.WARNED, "skipped", id="failed SHOULD"),
        pytest.param(records.ELSEWHERE, "skipped", id="other profile"),
        pytest.param(records.BLOCKED, "skipped", id="inconclusive"),
        pytest.param(records.UNSEEN, "skipped", id="not observed"),
    ],
)
def test_status_follows_the_verdict(eventful: Recorded, tmp_path: Path, identifier: str, status: str) -> None:
    """Only a failed MUST that counts is failed."""
    assert status == results(eventful, tmp_path)[identifier]["status"]


def test_broken_check_is_broken(tmp_path: Path) -> None:
    """A verdict 'error' is a broken test, with its reason."""
    broken = records.requirement(records.STATUS, "error", reason="KeyError in a check")
    result = results(records.recorded(records.header(), broken, records.footer(3)), tmp_path)[records.STATUS]

    assert (result["status"], result["statusDetails"]["message"]) == ("broken", "KeyError in a check")


def test_labels_place_the_result(eventful: Recorded, tmp_path: Path) -> None:
    """API, operation and requirement are epic, feature and story; the level is the severity."""
    expected = {
        "epic": "shop",
        "feature": "list-orders",
        "story": "refusal/method",
        "severity": "normal",
        "evidence": "documented",
        "family": "behaviour",
    }
    labels = {each["name"]: each["value"] for each in results(eventful, tmp_path)[records.WARNED]["labels"]}

    assert expected == {name: labels[name] for name in expected}


def test_page_is_linked(eventful: Recorded, tmp_path: Path) -> None:
    """A result links the page that its requirement comes from."""
    expected = [{"type": "link", "url": "https://docs.example/orders/create", "name": "Orders - Create"}]

    assert expected == results(eventful, tmp_path)[records.PASSED]["links"]


def test_page_without_url_renders(tmp_path: Path) -> None:
    """A record of an older version, without the page's URL, has no link."""
    old = records.requirement(records.PASSED)
    del old["url"]

    assert "links" not in results(records.recorded(records.header(), old, records.footer(0)), tmp_path)[records.PASSED]


def test_failure_attaches_its_exchange(eventful: Recorded, tmp_path: Path) -> None:
    """A failure has the request, the response and the recorded curl line of its exchange."""
    attachments = results(eventful, tmp_path)[records.STATUS]["steps"][0]["attachments"]
    request, response, curl = ((tmp_path / each["source"]).read_text(encoding="utf-8") for each in attachments)

    assert request.startswith("PUT https://shop.example/orders/7?api-version=2024-01-01\n")
    assert response == "HTTP 201\ncontent-type: text/html\n\n<p>créé</p>"
    assert curl == records.CURL


def test_pass_attaches_its_exchange(eventful: Recorded, tmp_path: Path) -> None:
    """A pass has the first exchange that bore on it; bytes that are no text are shown as escapes."""
    step = results(eventful, tmp_path)[records.PASSED]["steps"][0]
    attachments = step["attachments"]

    assert step["name"] == "exchange 2: PUT /orders/7?api-version=2024-01-01 -> HTTP 403"
    assert [each["name"] for each in attachments] == ["request", "response", "curl"]
    assert (tmp_path / attachments[1]["source"]).read_text(encoding="utf-8").endswith("\n\n\\xff")


def test_missing_response_is_told(tmp_path: Path) -> None:
    """Where no response came, the attachment says why."""
    silent = records.exchange(1, failure="ReadTimeout", environmental=True)
    del silent["response"]
    run = records.recorded(records.header(), silent, records.requirement(records.PASSED), records.footer(0))
    response = results(run, tmp_path)[records.PASSED]["steps"][0]["attachments"][1]

    assert (tmp_path / response["source"]).read_text(encoding="utf-8") == "no response: ReadTimeout"


def test_results_keep_the_order(eventful: Recorded, tmp_path: Path) -> None:
    """Sorted by their time, results stand in the order of the record."""
    found = sorted(results(eventful, tmp_path).values(), key=lambda each: each["start"])

    assert [each["fullName"] for each in found] == [each["id"] for each in eventful.of("requirement")]


def test_rendering_twice_is_stable(eventful: Recorded, tmp_path: Path) -> None:
    """The same record gives the same files, so that nothing looks like a retry."""
    write_allure(eventful, tmp_path)
    first = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    write_allure(eventful, tmp_path)

    assert first == {file.name: file.read_bytes() for file in tmp_path.iterdir()}


def test_history_outlives_the_run(eventful: Recorded, tmp_path: Path) -> None:
    """Two runs have different results with the same history."""
    later = records.recorded(records.header(run="later"), *eventful.records[1:])
    first, second = (results(run, tmp_path / run.header["run"])[records.STATUS] for run in (eventful, later))

    assert first["historyId"] == second["historyId"]
    assert first["uuid"] != second["uuid"]


def test_cut_short_is_broken(unfinished: Recorded, tmp_path: Path) -> None:
    """A run that was cut short has a broken result, so that it is never green."""
    assert results(unfinished, tmp_path)["the run reached its end"]["status"] == "broken"


def test_environment_heads_self_test(tmp_path: Path) -> None:
    """The environment of a run on the emulator says that it is no evidence about a service."""
    write_allure(records.recorded(records.header(target={"selfTest": True}), records.footer(4)), tmp_path)

    assert "Note=SELF-TEST: no evidence about a service\n" in (tmp_path / "environment.properties").read_text("utf-8")


def test_hostile_values_are_written(hostile: Recorded, tmp_path: Path) -> None:
    """Values that cannot be written as they are become escapes; every file is readable."""
    shown = results(hostile, tmp_path)[records.STATUS]["statusDetails"]["message"]

    assert r"\x1b[31me\x00\r\n" in shown
    assert all(file.read_text(encoding="utf-8") for file in tmp_path.iterdir())


def test_strength_is_told(tmp_path: Path) -> None:
    """A result says what it rests on and which mutants the run would have caught, and what that does not prove."""
    strong = {
        "strength": {"positive": 3, "negative": 1, "stateful": 2},
        "mutation": {"killed": 5, "counted": 6, "asRun": {"killed": 4}},
    }
    passed = {**records.requirement(records.PASSED, "pass"), **strong}
    told = results(records.recorded(records.header(), passed, records.footer(0)), tmp_path)[records.PASSED][
        "description"
    ]

    assert "Rests on 4 exchanges: 3 valid, 1 to be refused, 2 of these in" in told
    assert "4 of 6 (tried on the bundled emulator: it says that checks tell right from wrong, not" in told
