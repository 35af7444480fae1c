"""Which requirements need a mutant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asdocumented.contracts.grounds import Level
from asdocumented.sweeping.completeness import completeness
from asdocumented.verdicts import Result, Verdict
from tests.support import clean_run
from tests.sweeping.support import BROKEN


def result(level: Level, verdict: Verdict, conditional: str = "") -> Result:
    """Return the result of one requirement on the clean emulator."""
    known = clean_run().results[BROKEN]
    requirement = replace(known.requirement, level=level, conditional=conditional)
    return replace(known, requirement=requirement, profiles=dict.fromkeys(known.profiles, verdict))


@pytest.mark.parametrize(
    ("given", "judged", "missing", "not_shown"),
    [
        pytest.param(result(Level.MUST, Verdict.PASS), (), 1, 0, id="passes"),
        pytest.param(result(Level.SHOULD, Verdict.PASS), (), 1, 0, id="should"),
        pytest.param(result(Level.MAY, Verdict.PASS), (), 0, 0, id="may"),
        pytest.param(result(Level.MUST, Verdict.PASS, "optional"), (), 1, 0, id="conditional and shown"),
        pytest.param(result(Level.MUST, Verdict.NOT_OBSERVED, "optional"), (), 0, 1, id="never shown"),
        pytest.param(result(Level.MUST, Verdict.NOT_OBSERVED, "optional"), (BROKEN,), 1, 0, id="shown by a mutant"),
        pytest.param(result(Level.MUST, Verdict.INCONCLUSIVE), (), 1, 0, id="not judged, and should be"),
    ],
)
def test_what_lacks_a_mutant(given: Result, judged: tuple[str, ...], missing: int, not_shown: int) -> None:
    """Every MUST and SHOULD that some emulator showed needs a mutant."""
    found = completeness({BROKEN: given}, set(), judged)

    assert (missing, not_shown) == (len(found.missing), len(found.not_shown))


def test_mutant_is_enough() -> None:
    """A requirement with a mutant lacks nothing."""
    found = completeness({BROKEN: result(Level.MUST, Verdict.PASS)}, {BROKEN}, ())

    assert ((), ()) == (found.missing, found.not_shown)
