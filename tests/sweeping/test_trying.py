"""One emulator judged beside the clean one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asdocumented.mutant import Line
from asdocumented.sweeping.subjects import Subject, of_mutant
from asdocumented.sweeping.trying import Answers, Baseline, Bench, broken_checks, first_difference
from asdocumented.verdicts import Verdict
from tests.support import catalogue, clean_run
from tests.sweeping.support import BROKEN, STOP, mutant

BENCH = Bench(catalogue(), 0)


def test_clean_emulator_shows_nothing() -> None:
    """The emulator without a switch differs in no answer, and nothing fails, breaks or weakens."""
    found = BENCH.attempt(Subject("clean", (), (STOP,), BROKEN))

    assert (None, {}, {}, {}, "") == (found.differs, found.fails, found.broke, found.weakened, found.crashed)
    assert {Verdict.PASS} == set(found.verdicts.values())


def test_deviation_shows() -> None:
    """A wrong status fails its requirement, with what was expected, and from some exchange on."""
    found = BENCH.attempt(of_mutant(mutant()))

    assert {Verdict.FAIL} == set(found.verdicts.values())
    assert {Verdict.PASS} == set(found.clean.values())
    assert found.finding is not None
    assert "299" == found.finding.got
    assert found.differs


@pytest.mark.parametrize(
    ("answers", "ended_at", "number"),
    [
        pytest.param(((200,), (404,)), 1.0, None, id="nothing"),
        pytest.param(((200,), (404,)), 2.0, 0, id="time alone"),
        pytest.param(((200,), (400,)), 1.0, 2, id="the second answer"),
        pytest.param(((200,),), 1.0, 2, id="fewer answers"),
        pytest.param(((200,), (404,), (200,)), 1.0, 3, id="more answers"),
    ],
)
def test_first_difference_is_found(answers: Answers, ended_at: float, number: int | None) -> None:
    """Two runs differ from the first exchange on whose answers do, or in time alone, or not at all."""
    assert number == first_difference(Baseline({}, ((200,), (404,)), 1.0), Baseline({}, answers, ended_at))


def test_broken_run_is_told() -> None:
    """A switch that does not exist is our own failure, and no verdict."""
    found = BENCH.attempt(Subject("silly", (Line("no.such", STOP),), (STOP,), BROKEN))

    assert found.crashed.startswith("UsageError: There is no switch")


@pytest.mark.parametrize("bearing", [(), (10_000_000,)])
def test_pass_without_exchange_is_told(bearing: tuple[int, ...]) -> None:
    """A pass on which no exchange of the run bears is a defect of ours."""
    done = clean_run()
    broken = {**done.results, BROKEN: replace(done.results[BROKEN], bearing=bearing)}

    assert {} == broken_checks(done)
    assert [BROKEN] == list(broken_checks(replace(done, results=broken)))
