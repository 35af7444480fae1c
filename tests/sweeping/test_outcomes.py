"""What a trial says of its mutant or its variant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from asdocumented.contracts.grounds import Equivalent
from asdocumented.mutant import Ending
from asdocumented.sweeping.outcomes import Left, Outcome, disagreement, of_mutant, of_variant
from asdocumented.sweeping.subjects import Claim
from asdocumented.sweeping.subjects import of_mutant as subject_of
from asdocumented.verdicts import Verdict
from tests.sweeping.support import BROKEN, OTHER, STOP, mutant, trial, variant

CLAIM = Claim(STOP, Equivalent("*:response.status:*", "Nothing could tell it, since nobody looks."))


@pytest.mark.parametrize(
    ("verdict", "more", "outcome"),
    [
        pytest.param(Verdict.FAIL, {}, Outcome.KILLED, id="fails"),
        pytest.param(Verdict.PASS, {}, Outcome.SURVIVED, id="passes"),
        pytest.param(Verdict.INCONCLUSIVE, {}, Outcome.SURVIVED, id="inconclusive"),
        pytest.param(Verdict.PASS, {"differs": None}, Outcome.WITHOUT_EFFECT, id="same answers"),
        pytest.param(Verdict.FAIL, {"differs": None}, Outcome.WITHOUT_EFFECT, id="fails by the same answers"),
        pytest.param(Verdict.PASS, {"differs": 0}, Outcome.SURVIVED, id="only time differs"),
        pytest.param(Verdict.FAIL, {"broke": {OTHER: "it broke"}}, Outcome.ERROR, id="a check broke"),
        pytest.param(Verdict.FAIL, {"crashed": "ValueError: x"}, Outcome.ERROR, id="the run broke"),
        pytest.param(Verdict.FAIL, {"verdicts": {}}, Outcome.ERROR, id="no such requirement"),
    ],
)
def test_outcome_of_mutant(verdict: Verdict, more: dict[str, Any], outcome: Outcome) -> None:
    """A mutant is killed where what it breaks fails, its answers differ, and nothing of ours broke."""
    assert outcome is of_mutant(mutant(), trial(verdict, **more), []).outcome


def test_other_failure_kills_nothing() -> None:
    """That something else fails is recorded, and kills nothing."""
    found = of_mutant(mutant(), trial(Verdict.PASS, fails={OTHER: ("documented",)}), [])

    assert Outcome.SURVIVED is found.outcome
    assert [OTHER] == list(found.trial.fails)


def test_narrowest_profile_decides() -> None:
    """A failure in a wider profile alone is not enough."""
    wide = {"documented": Verdict.PASS, "interoperable": Verdict.FAIL, "conventions": Verdict.FAIL}

    assert Outcome.SURVIVED is of_mutant(mutant(), trial(verdicts=wide), []).outcome


def test_uncounted_profile_is_passed_over() -> None:
    """Of a convention the profile of conventions decides, which alone counts it."""
    found = of_mutant(mutant(), trial(verdicts={"conventions": Verdict.FAIL}), [])

    assert (Outcome.KILLED, "conventions") == (found.outcome, found.profile)


def test_failure_of_clean_emulator_kills_nothing() -> None:
    """What fails on the clean emulator too says nothing about the mutant."""
    found = of_mutant(mutant(), trial(clean={"documented": Verdict.FAIL}), [])

    assert Outcome.ERROR is found.outcome


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        (Verdict.INCONCLUSIVE, Outcome.KILLED),
        (Verdict.PASS, Outcome.SURVIVED),
        (Verdict.FAIL, Outcome.SURVIVED),
        (Verdict.NOT_OBSERVED, Outcome.SURVIVED),
    ],
)
def test_open_mutant_must_be_inconclusive(verdict: Verdict, outcome: Outcome) -> None:
    """What no source calls wrong must neither pass nor fail."""
    assert outcome is of_mutant(mutant(Ending.OPEN), trial(verdict), []).outcome


@pytest.mark.parametrize("more", [{}, {"differs": None}])
def test_equivalent_mutant_is_counted_apart(more: dict[str, Any]) -> None:
    """A survivor that the contract argues for is equivalent, with the argument."""
    found = of_mutant(mutant(), trial(Verdict.PASS, **more), [CLAIM])

    assert (Outcome.EQUIVALENT, CLAIM.equivalent.because) == (found.outcome, found.because)


def test_killed_equivalent_is_stale() -> None:
    """A mutant that is called equivalent and killed is killed, and its claim is told."""
    found = of_mutant(mutant(), trial(), [CLAIM])

    assert (Outcome.KILLED, True) == (found.outcome, found.stale)


@pytest.mark.parametrize(
    ("profiles", "more", "outcome"),
    [
        pytest.param((), {}, Left.LEFT_ALONE, id="nothing"),
        pytest.param((), {"fails": {OTHER: ("conventions",)}}, Left.FALSE_ALARM, id="fails in a named profile"),
        pytest.param(
            ("conventions",), {"fails": {OTHER: ("documented",)}}, Left.LEFT_ALONE, id="fails in another profile"
        ),
        pytest.param((), {"differs": None}, Left.WITHOUT_EFFECT, id="same answers"),
        pytest.param((), {"weakened": {OTHER: ("documented",)}}, Left.WEAKENED, id="a MUST is inconclusive"),
        pytest.param(("conventions",), {"weakened": {OTHER: ("documented",)}}, Left.LEFT_ALONE, id="elsewhere"),
        pytest.param((), {"broke": {OTHER: "it broke"}}, Left.ERROR, id="a check broke"),
        pytest.param((), {"crashed": "ValueError: x"}, Left.ERROR, id="the run broke"),
    ],
)
def test_outcome_of_variant(profiles: tuple[str, ...], more: dict[str, Any], outcome: Left) -> None:
    """A variant is left alone where nothing fails in the profiles that it names, and something shows of it."""
    assert outcome is of_variant(variant(*profiles), trial(Verdict.PASS, **more)).outcome


def test_hidden_requirement_weakens_nothing() -> None:
    """A variant may say what nothing can show of it: one page shows no second."""
    found = of_variant(replace(variant(), hides=(OTHER,)), trial(Verdict.PASS, weakened={OTHER: ("documented",)}))

    assert Left.LEFT_ALONE is found.outcome


ELSEWHERE = "microsoft-fabric-mirroring/start-mirroring/response/status"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        pytest.param({}, "", id="the same"),
        pytest.param({"fails": {BROKEN: trial().fails[BROKEN], ELSEWHERE: ("documented",)}}, "", id="elsewhere"),
        pytest.param({"fails": {}}, "over its operation alone", id="less fails"),
        pytest.param({"fails": trial().fails | {OTHER: ("documented",)}}, "over all operations alone", id="more fails"),
        pytest.param({"fails": {BROKEN: ("documented",)}}, "in other profiles", id="other profiles"),
        pytest.param({"verdicts": {"documented": Verdict.PASS}}, "pass over all", id="another verdict"),
        pytest.param({"crashed": "ValueError: x"}, "a run broke", id="broke"),
    ],
)
def test_disagreement_is_told(more: dict[str, Any], words: str) -> None:
    """A run over all operations agrees where it shows the same of the operation that was chosen."""
    said = disagreement(subject_of(mutant()), trial(), trial(**more))

    assert words in said
    assert bool(words) is bool(said)
