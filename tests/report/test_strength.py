"""Tests of how strong a verdict is: the exchanges behind it by their kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from asdocumented.report.rejudging import rejudged
from asdocumented.report.stream import read_report
from tests.support import clean_run, report_of

ACCESS = "azure-synapse-access-control"
LIST = f"{ACCESS}/list-role-assignments"


@pytest.fixture(scope="module")
def strengths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, int, int, int]]:
    """Return positive, negative, stateful and all exchanges of each requirement of a run on the emulator."""
    recorded = read_report(report_of(clean_run(), tmp_path_factory.mktemp("run")))
    return {
        each["id"]: (*(each["strength"][kind] for kind in ("positive", "negative", "stateful")), each["bearing"])
        for each in recorded.of("requirement")
    }


def test_kinds_add_up(strengths: dict[str, tuple[int, int, int, int]]) -> None:
    """Every exchange that bore on a requirement is positive or negative, and at most each of them is stateful."""
    assert [] == [
        name
        for name, (positive, negative, stateful, bearing) in strengths.items()
        if positive + negative != bearing or stateful > bearing
    ]


@pytest.mark.parametrize(
    ("identifier", "positive", "negative", "stateful"),
    [
        pytest.param(f"{LIST}/identity/anonymous/refused", 0, 1, 0, id="refusal"),
        pytest.param("vmware-vcenter-hvc/start-sync-provider/exclusive/sync-running/status", 1, 1, 2, id="state"),
        pytest.param(
            f"{ACCESS}/create-role-assignment/response/other/schema/ErrorAdditionalInfo/info/type", 0, 0, 0, id="unseen"
        ),
    ],
)
def test_kind_of_one(
    strengths: dict[str, tuple[int, int, int, int]], identifier: str, positive: int, negative: int, stateful: int
) -> None:
    """A refusal is negative, what a state refuses is stateful, a second start is not faulty, the unseen has none."""
    assert (positive, negative, stateful) == strengths[identifier][:3]


def test_sequences_are_stateful(strengths: dict[str, tuple[int, int, int, int]]) -> None:
    """What is read after it was written is judged as a sequence, without an arranged state."""
    found = {name: each for name, each in strengths.items() if "/read-after-write/" in name and each[3]}

    assert found
    assert [] == [name for name, (*_, stateful, _) in found.items() if not stateful]


def test_rejudged_run_is_as_strong(tmp_path: Path) -> None:
    """A run judged again has the same strengths and the same error matrix."""
    recorded = read_report(report_of(clean_run(), tmp_path))
    again = rejudged(recorded)

    assert recorded.of("requirement") == again.of("requirement")
    assert recorded.of("answer") == again.of("answer")
