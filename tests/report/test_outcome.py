"""Tests of how a run ends in words, and of what its reader is told to do."""

from __future__ import annotations

import pytest

from asdocumented.report.outcome import outcome
from asdocumented.report.records import Record

from . import records

UNJUDGED = records.requirement(records.SKIPPED, "skipped", reason="not allowed")
PASSED = records.requirement(records.PASSED)


@pytest.mark.parametrize(
    ("found", "footer", "expected"),
    [
        pytest.param(
            [PASSED], records.footer(0, "conformant"), "CONFORMANT in documented. Run exit code 0.", id="conformant"
        ),
        pytest.param(
            [PASSED, UNJUDGED],
            records.footer(4, "partial"),
            "PARTIAL in documented: 1 not judged. Run exit code 4.",
            id="partial",
        ),
        pytest.param(
            [PASSED, UNJUDGED],
            records.footer(0, "partial"),
            "PARTIAL in documented: 1 not judged. Run exit code 0 (--fail-on nonconformant).",
            id="lenient",
        ),
        pytest.param(
            [records.requirement(records.UNSEEN, "not-observed")],
            records.footer(4, "conformant"),
            "NOTHING JUDGED in documented. Run exit code 4.",
            id="nothing judged",
        ),
        pytest.param(
            [PASSED, UNJUDGED],
            records.footer(5, "partial"),
            "TARGET UNREACHABLE OR IN DISTRESS in documented: 1 not judged. Run exit code 5.",
            id="distress",
        ),
        pytest.param(
            [PASSED, records.failed(records.STATUS, {}, known=records.KNOWN), records.failed(records.MEDIA, {})],
            records.footer(1),
            "NONCONFORMANT in documented: 2 MUST failed (1 known). Run exit code 1.",
            id="known in part",
        ),
        pytest.param(
            [PASSED, records.failed(records.STATUS, {}, known=records.KNOWN)],
            records.footer(0),
            "NONCONFORMANT in documented: 1 MUST failed (all known). Run exit code 0 (--accept-known).",
            id="accepted",
        ),
        pytest.param(
            [PASSED, records.known("gone")],
            records.footer(1, "conformant"),
            "CONFORMANT in documented: 1 known deviation to remove. Run exit code 1.",
            id="gone",
        ),
    ],
)
def test_words_tell_the_end(found: list[Record], footer: Record, expected: str) -> None:
    """The outcome has the worst state, what speaks against it and the exit code."""
    assert expected == outcome(records.recorded(records.header(), *found, footer)).words


def test_failure_outlives_a_cut() -> None:
    """Without a footer a failure is still one, and all else is undecided."""
    failed = records.recorded(records.header(), records.failed(records.STATUS, {}))
    passed = records.recorded(records.header(), PASSED)

    assert (outcome(failed).state, outcome(passed).state) == ("NONCONFORMANT", "UNDECIDED")


def test_command_repeats_the_run() -> None:
    """The command judges the worst failure alone, at the same target, in the same profile, as far as allowed."""
    expected = f"asdoc run --target nightly --profile documented --allow write --seed 7 --requirement {records.STATUS}"
    run = records.recorded(records.header(), records.failed(records.STATUS, {}), records.footer(1))

    assert expected == outcome(run).command


def test_command_repeats_every_option() -> None:
    """The command has every option without which another run would come of it, so that it can be pasted."""
    given = {"targets": "my targets.toml", "token-env": "T", "contracts": "here"}
    head = records.header(given=given, failOn="nonconformant", seed=0, selection={"strictFields": True})
    expected = (
        "asdoc run --target nightly --targets 'my targets.toml' --token-env T --contracts here --profile documented"
        f" --allow write --strict-fields --fail-on nonconformant --requirement {records.STATUS}"
    )

    assert expected == outcome(records.recorded(head, records.failed(records.STATUS, {}), records.footer(1))).command


def test_uncounted_selection_gets_a_wider_profile() -> None:
    """Where nothing of what was selected counts in the profile, the command names the first that counts some of it."""
    head = records.header(selection={"requirements": ["*/reader/*"]}, seed=0)
    run = records.recorded(head, records.requirement(records.ELSEWHERE, evidence="convention"), records.footer(4))

    assert outcome(run).advice == "None of what was selected counts in documented; it does with"
    assert "--profile conventions --allow write --requirement '*/reader/*'" in outcome(run).command


def test_skipped_requirements_get_the_next_tier() -> None:
    """Where the tier kept a run from judging something, the command allows the next one, with the same selection."""
    head = records.header(allowed="read", seed=0, selection={"apis": ["shop"]})
    run = records.recorded(head, PASSED, UNJUDGED, records.footer(4, "partial"))

    assert "asdoc run --target nightly --profile documented --allow write --api shop" == outcome(run).command


def test_highest_tier_asks_for_no_more() -> None:
    """Where everything was allowed, the advice is to look at the reasons."""
    run = records.recorded(records.header(allowed="disruptive"), PASSED, UNJUDGED, records.footer(4, "partial"))

    assert "" == outcome(run).command
    assert "'Not judged'" in outcome(run).advice


def test_excluded_selection_names_operations() -> None:
    """Where the target leaves out every operation that was selected, the advice is to look at its `operations`."""
    run = records.recorded(records.header(selection={"operations": ["x"]}), records.footer(4))

    assert "`operations`" in outcome(run).advice


def test_emulator_needs_no_allowance() -> None:
    """The command for the emulator has no --allow, since nothing is harmed there."""
    head = records.header(target={"name": "emulator", "selfTest": True})
    run = records.recorded(head, records.failed(records.STATUS, {}), records.footer(1))

    assert "--allow" not in outcome(run).command


@pytest.mark.parametrize("code", [0, 1, 3, 4, 5])
def test_advice_fits_a_line(code: int) -> None:
    """Whatever the exit code, there is advice, and it fits a terminal beside its label."""
    advice = outcome(
        records.recorded(records.header(), records.failed(records.STATUS, {}), records.footer(code))
    ).advice

    assert 0 < len(advice) <= 72


@pytest.mark.parametrize(
    ("found", "code", "expected"),
    [
        pytest.param([PASSED, records.known("gone")], 1, "Change the targets file", id="to remove"),
        pytest.param([records.failed(records.STATUS, {}, known=records.KNOWN)], 1, "--accept-known", id="all known"),
        pytest.param([records.failed(records.STATUS, {}, known=records.KNOWN)], 0, "mended", id="accepted"),
    ],
)
def test_advice_about_what_is_known(found: list[Record], code: int, expected: str) -> None:
    """Where nothing fails but what is known, the advice is about that, and it fits a terminal."""
    advice = outcome(records.recorded(records.header(), *found, records.footer(code))).advice

    assert expected in advice
    assert len(advice) <= 72


def test_unknown_failure_comes_first() -> None:
    """The command judges the worst failure that is not known, and accepts as the run did what is."""
    head = records.header(known={"today": "2024-01-01", "accepted": True, "deviations": []}, seed=0)
    found = [records.failed(records.STATUS, {}, known=records.KNOWN), records.failed(records.MEDIA, {"got": "x"})]
    command = outcome(records.recorded(head, *found, records.footer(1))).command

    assert command.endswith(f"--accept-known --requirement {records.MEDIA}")
