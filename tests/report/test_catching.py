"""Tests of the score of a plan as it ran: how many known mutants a run would have caught."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from asdocumented.contracts import Tier, load_catalogue
from asdocumented.contracts.locating import bundled
from asdocumented.errors import UsageError
from asdocumented.measured import NAME, ids_digest, read, scores_of, text
from asdocumented.mutants import derive_mutants
from asdocumented.report.junit import write_junit
from asdocumented.report.markdown import render_markdown
from asdocumented.report.mutants import NOTE, told
from asdocumented.report.records import contracts_digest
from asdocumented.report.rejudging import rejudged
from asdocumented.report.stream import Recorded, read_report
from asdocumented.selection import Selection
from tests.report.test_schema import unfit
from tests.support import catalogue, clean_run, emulator_run, report_of

STOP = "microsoft-fabric-mirroring/stop-mirroring"
_REMEDY = "the mutants are others than those that were scored: asdoc mutate --write-scores"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Return the record of a full run on the emulator."""
    return read_report(report_of(clean_run(), tmp_path_factory.mktemp("run")))


def measured(recorded: Recorded) -> dict[str, tuple[int, int]]:
    """Return what a run would have caught of the mutants of each requirement, and what a full run on the emulator does."""
    return {
        each["id"]: (each["mutation"]["asRun"]["killed"], each["mutation"]["killed"])
        for each in recorded.of("requirement")
        if "mutation" in each
    }


def test_full_run_catches_nearly_all(clean: Recorded) -> None:
    """A full run would have caught what runs on single operations did, but for what it sends in another state or as another."""
    found = measured(clean)
    caught, killed = (sum(each) for each in zip(*found.values(), strict=True))

    assert caught >= 0.99 * killed > 0
    assert [] == [name for name, (as_run, killed) in found.items() if as_run > killed]


def test_limited_run_catches_less(tmp_path: Path) -> None:
    """A run that may only read would have caught less of what needs more, and never more than a full one."""
    done = emulator_run(selection=Selection(operations=(STOP,)), profile="conventions", allowed=Tier.READ)
    found = measured(read_report(report_of(done, tmp_path)))

    assert 0 < sum(as_run for as_run, _ in found.values()) < sum(killed for _, killed in found.values())
    assert [] == [name for name, (as_run, killed) in found.items() if as_run > killed]
    assert 0 == found[f"{STOP}/response/status"][0]


def test_footer_sums_up(clean: Recorded) -> None:
    """The footer has the sums of what counts in the run's profile, and all of it fits the schema."""
    own = [each["mutation"] for each in clean.of("requirement") if each["counts"] and "mutation" in each]
    said = clean.of("footer")[0]["mutation"]

    assert sum(each["counted"] for each in own) == said["all"]["counted"]
    assert said["all"] == {
        "killed": sum(each["killed"] for each in said["apis"].values()),
        "counted": sum(each["counted"] for each in said["apis"].values()),
        "asRun": {"killed": sum(each["asRun"]["killed"] for each in said["apis"].values())},
    }
    assert [] == unfit([*clean.of("requirement")[:50], *clean.of("footer")])


def test_judged_again_is_the_same(clean: Recorded) -> None:
    """A run judged again has the same figures, requirement by requirement and summed up."""
    again = rejudged(clean)

    assert measured(clean) == measured(again)
    assert clean.of("footer") == again.of("footer")


def test_figure_is_shown_with_what_it_says(clean: Recorded, tmp_path: Path) -> None:
    """Markdown and JUnit XML have the figure, and Markdown says what it does not prove."""
    found = clean.of("footer")[0]["mutation"]["all"]
    write_junit(clean, tmp_path / "junit.xml")
    tree = ET.parse(tmp_path / "junit.xml")  # noqa: S314 - we wrote it
    own = [each.get("value") for each in tree.iterfind("testsuite/properties/property[@name='mutants-known']")]

    assert NOTE[1:] in render_markdown(clean)
    assert f"known mutants that this run would have caught: {found['asRun']['killed']:,} of" in told(clean)[0]
    assert found["counted"] == sum(int(each or 0) for each in own)


def test_own_contracts_are_not_measured(clean: Recorded) -> None:
    """Contracts without a score have none in the report, and it says so."""
    found = rejudged(clean, replace(catalogue(), folder=None))

    assert {} == measured(found)
    assert "mutation" not in found.of("footer")[0]
    assert ["known mutants: not measured for these contracts"] == told(found)


def test_stale_score_is_told(tmp_path: Path) -> None:
    """A score that was measured with other contracts is shown, and says with what."""
    shutil.copytree(bundled("contracts") / "microsoft-fabric-mirroring", tmp_path / "microsoft-fabric-mirroring")
    with (tmp_path / STOP / "contract.yaml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")

    assert {"other contracts"} == {each.stale for each in scores_of(load_catalogue(tmp_path)).values()}


def test_score_is_no_contract(tmp_path: Path) -> None:
    """What was measured with contracts is no part of their digest."""
    file = tmp_path / "api" / "operation" / "contract.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("method: GET\n", encoding="utf-8")
    before = contracts_digest(tmp_path)
    (file.parent / NAME).write_text("{}", encoding="utf-8")

    assert before == contracts_digest(tmp_path)


@pytest.mark.parametrize("content", ["no JSON", "{}", '{"format": 99}', "[]"])
def test_unreadable_score_is_a_mistake(tmp_path: Path, content: str) -> None:
    """A file that asdoc did not write is a mistake with its place and a remedy."""
    file = tmp_path / "api" / "operation" / NAME
    file.parent.mkdir(parents=True)
    file.write_text(content, encoding="utf-8")

    with pytest.raises(UsageError, match=r"api/operation/mutation\.json is no mutation score"):
        read(file)


def test_scores_are_those_of_the_mutants_that_there_are() -> None:
    """Every operation has a score, of just the mutants that are derived now, written as it is read."""
    for operation in catalogue().operations:
        file = bundled("contracts") / operation.id / NAME
        found = read(file)
        ids = [each.id for each in derive_mutants(catalogue().apis[operation.api], operation)]

        assert ids_digest(ids) == found.mutants, f"{operation.id}: {_REMEDY}"
        assert json.loads(text(found)) == json.loads(file.read_text(encoding="utf-8"))
