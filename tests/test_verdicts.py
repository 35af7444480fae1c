"""From marks to verdicts, from verdicts to what is said of an API and to exit codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asdocumented.contracts import Evidence, Level
from asdocumented.contracts.grounds import Ambiguity, Basis, Reading
from asdocumented.judge import Judgement
from asdocumented.plans import Gap
from asdocumented.reads.marks import Mark, blocked, broken, crashed, met
from asdocumented.requirement import PROFILES, Requirement, Stage
from asdocumented.verdicts import (
    Conformance,
    Result,
    Verdict,
    accepts,
    conformance,
    ended_early,
    excused,
    exit_code,
    give,
    judged,
)
from tests.judge.traces import CREATE, LIST, catalogue, requirements

_STATUS = f"{CREATE}/response/status"
_OTHER = f"{LIST}/response/other/schema/ErrorContract/error/presence"
_CONDITIONAL = "azure-synapse-access-control/delete-role-assignment/response/204/empty-body"
_EVIDENCES = [None, *Evidence]


def _finding(requirement: str, reading: tuple[str, str] | None = None) -> Mark:
    return broken(requirement, 1, expected="x", got="y", where="z", reading=reading)


def _give(requirement: str, *marks: Mark, gaps: tuple[Gap, ...] = ()) -> Result:
    wanted = {requirement: requirements()[requirement]}
    return give(catalogue(), wanted, Judgement(marks, (), ()), gaps)[requirement]


def _entry(page: str, evidence: Evidence | None) -> Ambiguity:
    return Ambiguity("X1", "x", page, (Reading("one", evidence),), "", "x", Level.SHOULD, Basis())


def _result(
    verdict: Verdict, *, level: Level = Level.MUST, evidence: Evidence = Evidence.DOCUMENTED, api: str = "a"
) -> Result:
    requirement = Requirement(api, "o", "w", "response", "x.", level, Basis(evidence), Stage.STATUS)
    return Result(requirement, {profile: verdict for profile in PROFILES if requirement.counts_in(profile)})


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        pytest.param([met(_STATUS, 1)], Verdict.PASS, id="met"),
        pytest.param([_finding(_STATUS)], Verdict.FAIL, id="finding"),
        pytest.param([blocked(_STATUS, 1, reason="x")], Verdict.INCONCLUSIVE, id="blocked"),
        pytest.param([], Verdict.INCONCLUSIVE, id="nothing"),
        pytest.param([met(_STATUS, 1), _finding(_STATUS)], Verdict.FAIL, id="one finding among passes"),
        pytest.param([_finding(_STATUS), met(_STATUS, 2), met(_STATUS, 3)], Verdict.FAIL, id="first finding"),
        pytest.param([blocked(_STATUS, 1, reason="x"), met(_STATUS, 2)], Verdict.PASS, id="one pass among blocked"),
        pytest.param([blocked(_STATUS, 1, reason="x"), _finding(_STATUS)], Verdict.FAIL, id="finding among blocked"),
    ],
)
def test_marks_give_a_verdict(marks: list[Mark], expected: Verdict) -> None:
    """A requirement fails by one finding, else passes by one exchange that bore on it, else is inconclusive."""
    assert expected == _give(_STATUS, *marks).verdict("documented")


def test_pass_needs_an_exchange() -> None:
    """A check that says that a requirement is met, and names no exchange, has judged nothing: that is an error of ours."""
    result = _give(_STATUS, met(_STATUS))

    assert {Verdict.ERROR} == set(result.profiles.values())
    assert "named no exchange" in result.reason
    assert Verdict.PASS is _give(_STATUS, met(_STATUS), met(_STATUS, 1)).verdict("documented")
    assert Verdict.FAIL is _give(_STATUS, met(_STATUS), _finding(_STATUS)).verdict("documented")


def test_broken_check_blames_nothing() -> None:
    """A check that broke gives the error whatever else was seen, with its words, and names no blocker."""
    result = _give(_STATUS, met(_STATUS, 1), _finding(_STATUS), crashed(_STATUS, "a bug"))

    assert {Verdict.ERROR} == set(result.profiles.values())
    assert ("a bug", "") == (result.reason, result.blocker)


def test_every_blocker_is_kept() -> None:
    """A result names all that blocked it; what was blocked by no requirement gives an empty id."""
    marks = (
        blocked(_STATUS, 1, reason="busy"),
        blocked(_STATUS, 2, blocker=_OTHER),
        blocked(_STATUS, 3, blocker=_OTHER),
    )

    assert frozenset({"", _OTHER}) == _give(_STATUS, *marks).blockers


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        pytest.param("nothing-required", [True, True, True], id="documented"),
        pytest.param("code-and-message-required", [False, True, True], id="specified"),
    ],
)
def test_reading_of_the_whole_api_excuses(reading: str, expected: list[bool]) -> None:
    """An entry of the register that holds for all operations of an API excuses as one of an operation does."""
    mark = _finding(_OTHER, ("B14", reading))

    assert expected == [excused(catalogue(), requirements()[_OTHER], mark, profile) for profile in PROFILES]


def test_blocked_by_an_accepted_reading_is_not_observed() -> None:
    """What is blocked only under readings that a profile accepts was not due there; one other block leaves it open."""
    marks = [replace(blocked(_OTHER, 1, blocker=_STATUS), reading=("B19", "flat"))]
    wider = {Verdict.NOT_OBSERVED}

    assert {Verdict.INCONCLUSIVE, *wider} == set(_give(_OTHER, *marks).profiles.values())
    assert Verdict.NOT_OBSERVED is _give(_OTHER, *marks).verdict("conventions")
    assert {Verdict.INCONCLUSIVE} == set(_give(_OTHER, *marks, blocked(_OTHER, 2, reason="busy")).profiles.values())


def test_each_judged_requirement_counts_once() -> None:
    """What passes or fails in any profile is judged; what is open in all of them is not."""
    assert 2 == judged([_result(each) for each in Verdict])


@pytest.mark.parametrize(("code", "expected"), [(0, 4), (1, 1), (3, 3), (4, 4)])
def test_early_end_is_never_a_success(code: int, expected: int) -> None:
    """A run that was not sent to its end does not end with 0."""
    assert expected == ended_early(code)


@pytest.mark.parametrize(
    ("results", "accepted", "stale", "expected"),
    [
        pytest.param([_result(Verdict.FAIL)], ("a/o/w",), False, 0, id="nothing else"),
        pytest.param([_result(Verdict.FAIL), _result(Verdict.PASS, api="b")], ("a/o/w",), False, 0, id="accepted"),
        pytest.param([_result(Verdict.FAIL), _result(Verdict.PASS, api="b")], ("b/o/w",), False, 1, id="another"),
        pytest.param([_result(Verdict.PASS)], (), True, 1, id="stale"),
        pytest.param([_result(Verdict.ERROR)], ("a/o/w",), True, 3, id="error is never accepted"),
    ],
)
def test_accepted_deviations_are_passed_over(
    results: list[Result], accepted: tuple[str, ...], *, stale: bool, expected: int
) -> None:
    """A known deviation fails no run, a stale one does, and neither hides another or an error of ours."""
    assert expected == exit_code(results, "documented", accepted=accepted, stale=stale)


def test_foreign_marks_change_nothing() -> None:
    """Marks on another requirement are not counted."""
    expected = Verdict.INCONCLUSIVE

    assert expected == _give(_STATUS, _finding(_OTHER), met(f"{_STATUS}/more", 1)).verdict("documented")


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        pytest.param([], Verdict.NOT_OBSERVED, id="never seen"),
        pytest.param([blocked(_CONDITIONAL, 1, reason="x")], Verdict.NOT_OBSERVED, id="not judged here"),
        pytest.param([blocked(_CONDITIONAL, 1, blocker=_STATUS)], Verdict.INCONCLUSIVE, id="blocked by a finding"),
        pytest.param([met(_CONDITIONAL, 1)], Verdict.PASS, id="met"),
        pytest.param([_finding(_CONDITIONAL)], Verdict.FAIL, id="finding"),
    ],
)
def test_conditional_may_be_unobserved(marks: list[Mark], expected: Verdict) -> None:
    """A conditional requirement is judged when it is seen, and else not observed unless a finding blocks it."""
    assert expected == _give(_CONDITIONAL, *marks).verdict("conventions")


@pytest.mark.parametrize(
    ("requirement", "skipped", "expected"),
    [
        pytest.param(_STATUS, "yes", Verdict.SKIPPED, id="not allowed"),
        pytest.param(_STATUS, "", Verdict.INCONCLUSIVE, id="not possible"),
        pytest.param(_CONDITIONAL, "yes", Verdict.NOT_OBSERVED, id="conditional"),
    ],
)
def test_gap_gives_its_reason(requirement: str, skipped: str, expected: Verdict) -> None:
    """What a run was not allowed to send is skipped, what it could not send is inconclusive."""
    gap = Gap((requirement,), "the reason", skipped=bool(skipped))

    assert expected == _give(requirement, gaps=(gap,)).verdict("conventions")


def test_gap_tells_its_reason() -> None:
    """A skipped requirement has the reason of the first gap that serves it."""
    gaps = (Gap((_STATUS,), "the reason", skipped=True), Gap((_STATUS,), "another"))
    expected = "the reason"

    assert expected == _give(_STATUS, gaps=gaps).reason


@pytest.mark.parametrize("mark", [met(_STATUS, 1), _finding(_STATUS)], ids=["met", "finding"])
def test_judged_ignores_gaps(mark: Mark) -> None:
    """What was judged all the same is not skipped."""
    expected = True

    verdict = _give(_STATUS, mark, gaps=(Gap((_STATUS,), "x", skipped=True),)).verdict("documented")

    assert expected == (verdict in (Verdict.PASS, Verdict.FAIL))


def test_declared_gap_ignores_marks() -> None:
    """What is declared unsupported is skipped whatever was seen of it, with the declared reason and without findings."""
    gaps = (Gap((_STATUS,), "first"), Gap((_STATUS,), "declared", skipped=True, declared=True))
    given = _give(_STATUS, met(_STATUS, 1), _finding(_STATUS), gaps=gaps)

    assert (Verdict.SKIPPED, "declared", ()) == (given.verdict("documented"), given.reason, given.findings)


def test_gap_explains_what_proves_nothing() -> None:
    """What was seen and proves nothing has the reason of what was not sent beside its own."""
    given = _give(
        _STATUS, blocked(_STATUS, 1, reason="no control"), gaps=(Gap((_STATUS,), "not allowed", skipped=True),)
    )

    assert (Verdict.INCONCLUSIVE, "no control; not allowed") == (given.verdict("documented"), given.reason)


def test_gap_of_an_error_is_that_of_its_body() -> None:
    """Where an error cannot be provoked, what its answer would show has the same reason."""
    cause = "vmware-vcenter-hvc/start-sync-provider/exclusive/sync-running/status"
    body = "vmware-vcenter-hvc/start-sync-provider/response/500/schema/VapiError/type/presence"
    wanted = {each: requirements()[each] for each in (cause, body)}
    given = give(catalogue(), wanted, Judgement((), (), ()), (Gap((cause,), "no such state"),))

    assert "no such state" == given[body].reason


def test_blocker_is_named() -> None:
    """An inconclusive requirement names what blocks it, before any other reason."""
    marks = (blocked(_STATUS, 1, reason="busy"), blocked(_STATUS, 2, blocker=_OTHER))
    expected = (_OTHER, f"blocked by {_OTHER}")

    result = _give(_STATUS, *marks)

    assert expected == (result.blocker, result.reason)


def test_bearing_exchanges_are_counted() -> None:
    """A result names the exchanges that bore on it, each once, without those that were blocked."""
    marks = (met(_STATUS, 3, 1), met(_STATUS, 3), _finding(_STATUS), blocked(_STATUS, 9, reason="x"))
    expected = (1, 3)

    assert expected == _give(_STATUS, *marks).bearing


def test_profiles_are_lenses() -> None:
    """A finding under a reading that only wider profiles accept fails in the narrow one alone."""
    marks = (_finding(_OTHER, ("B19", "flat")), met(_OTHER, 1))
    expected: Mapping[str, Verdict] = {
        "documented": Verdict.FAIL,
        "interoperable": Verdict.PASS,
        "conventions": Verdict.PASS,
    }

    assert expected == _give(_OTHER, *marks).profiles


def test_excuse_covers_one_finding() -> None:
    """A finding outside every reading fails everywhere, beside one that a reading excuses."""
    marks = (_finding(_OTHER, ("B19", "flat")), _finding(_OTHER))
    expected = {Verdict.FAIL}

    assert expected == set(_give(_OTHER, *marks).profiles.values())


@pytest.mark.parametrize("reading", [("B19", "nothing"), ("Z9", "flat")], ids=["unknown reading", "unknown entry"])
def test_unknown_reading_excuses_nothing(reading: tuple[str, str]) -> None:
    """A reading that the register does not have is accepted nowhere."""
    expected = [False] * 3

    found = requirements()[_OTHER]

    assert expected == [excused(catalogue(), found, _finding(_OTHER, reading), profile) for profile in PROFILES]


@pytest.mark.parametrize(
    ("page", "evidence", "expected"),
    [
        pytest.param("contradicted", Evidence.DOCUMENTED, [True, True, True], id="documented"),
        pytest.param("contradicted", Evidence.SPECIFIED, [False, True, True], id="specified"),
        pytest.param("contradicted", Evidence.OBSERVED, [False, True, True], id="observed"),
        pytest.param("contradicted", Evidence.CONVENTION, [False, False, True], id="convention"),
        pytest.param("contradicted", None, [False, False, False], id="no evidence, contradicted"),
        pytest.param("defect", None, [False, False, False], id="no evidence, defect"),
        pytest.param("silent", None, [True, True, True], id="no evidence, silent"),
        pytest.param("unclear", None, [True, True, True], id="no evidence, unclear"),
        pytest.param("silent", Evidence.OBSERVED, [True, True, True], id="observed, silent"),
    ],
)
def test_reading_follows_its_evidence(page: str, evidence: Evidence | None, expected: list[bool]) -> None:
    """A profile accepts a reading by its evidence, and any reading where the page is silent or unclear."""
    assert expected == [accepts(profile, _entry(page, evidence), "one") for profile in PROFILES]


@given(st.sampled_from(["silent", "unclear", "defect", "contradicted"]), st.sampled_from(_EVIDENCES))
def test_wider_profile_accepts_more(page: str, evidence: Evidence | None) -> None:
    """A profile accepts every reading that a narrower one accepts."""
    accepted = [accepts(profile, _entry(page, evidence), "one") for profile in PROFILES]

    assert sorted(accepted) == accepted


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        pytest.param(_STATUS, ["documented", "interoperable", "conventions"], id="documented"),
        pytest.param(_CONDITIONAL, ["interoperable", "conventions"], id="specified"),
        pytest.param(f"{CREATE}/refusal/method", ["conventions"], id="convention"),
    ],
)
def test_profiles_count_by_evidence(requirement: str, expected: list[str]) -> None:
    """A requirement has a verdict in the profiles that count its evidence, and in no other."""
    assert expected == list(_give(requirement).profiles)


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        pytest.param([_result(Verdict.PASS)], Conformance.CONFORMANT, id="pass"),
        pytest.param([_result(Verdict.PASS), _result(Verdict.NOT_OBSERVED)], Conformance.CONFORMANT, id="not observed"),
        pytest.param([_result(Verdict.PASS), _result(Verdict.SKIPPED)], Conformance.PARTIAL, id="skipped"),
        pytest.param([_result(Verdict.PASS), _result(Verdict.INCONCLUSIVE)], Conformance.PARTIAL, id="inconclusive"),
        pytest.param([_result(Verdict.SKIPPED), _result(Verdict.FAIL)], Conformance.NONCONFORMANT, id="fail is worst"),
        pytest.param(
            [_result(Verdict.PASS), _result(Verdict.FAIL, level=Level.SHOULD)], Conformance.CONFORMANT, id="warning"
        ),
        pytest.param(
            [_result(Verdict.PASS), _result(Verdict.FAIL, evidence=Evidence.CONVENTION)],
            Conformance.CONFORMANT,
            id="another profile's",
        ),
        pytest.param([_result(Verdict.FAIL, evidence=Evidence.SPECIFIED)], None, id="nothing counted"),
        pytest.param([], None, id="nothing"),
    ],
)
def test_worst_must_wins(results: list[Result], expected: Conformance | None) -> None:
    """What is said of an API in a profile is decided by the worst MUST that the profile counts."""
    assert expected == conformance(results, "documented")


@pytest.mark.parametrize(
    ("results", "fail_on", "expected"),
    [
        pytest.param([_result(Verdict.PASS)], "partial", 0, id="conformant"),
        pytest.param([_result(Verdict.PASS), _result(Verdict.NOT_OBSERVED)], "partial", 0, id="not observed"),
        pytest.param([_result(Verdict.FAIL)], "partial", 1, id="nonconformant"),
        pytest.param([_result(Verdict.FAIL)], "nonconformant", 1, id="nonconformant all the same"),
        pytest.param([_result(Verdict.PASS), _result(Verdict.INCONCLUSIVE)], "partial", 4, id="partial"),
        pytest.param([_result(Verdict.PASS), _result(Verdict.SKIPPED)], "nonconformant", 0, id="partial is fine"),
        pytest.param([_result(Verdict.PASS), _result(Verdict.ERROR)], "nonconformant", 3, id="harness error"),
        pytest.param([_result(Verdict.FAIL), _result(Verdict.ERROR)], "partial", 3, id="error is worse than fail"),
        pytest.param([_result(Verdict.PASS), _result(Verdict.FAIL, level=Level.SHOULD)], "partial", 0, id="warning"),
        pytest.param([_result(Verdict.PASS), _result(Verdict.FAIL, api="b")], "partial", 1, id="one API of two"),
        pytest.param([_result(Verdict.PASS), _result(Verdict.SKIPPED, api="b")], "partial", 4, id="half of two APIs"),
        pytest.param([], "partial", 4, id="nothing at all"),
        pytest.param([], "nonconformant", 4, id="nothing at all, leniently"),
        pytest.param([_result(Verdict.INCONCLUSIVE)], "nonconformant", 4, id="nothing judged"),
        pytest.param([_result(Verdict.SKIPPED)], "nonconformant", 4, id="all skipped"),
        pytest.param([_result(Verdict.NOT_OBSERVED)], "nonconformant", 4, id="all not observed"),
        pytest.param([_result(Verdict.PASS, evidence=Evidence.CONVENTION)], "nonconformant", 4, id="another profile's"),
    ],
)
def test_run_ends_with_code(results: list[Result], fail_on: str, expected: int) -> None:
    """A run ends with 0, 1, 3 or 4; nothing judged is never 0, and a warning changes nothing."""
    assert expected == exit_code(results, "documented", fail_on=fail_on)


_RESULTS = st.builds(
    _result,
    st.sampled_from(Verdict),
    level=st.sampled_from(Level),
    evidence=st.sampled_from(Evidence),
    api=st.sampled_from("ab"),
)


@given(st.lists(_RESULTS, max_size=6), st.sampled_from(sorted(PROFILES)), st.sampled_from(["partial", "nonconformant"]))
def test_zero_means_no_failed_must(results: list[Result], profile: str, fail_on: str) -> None:
    """A run that ends with 0 judged something that its profile counts, and failed no MUST of it."""
    counted = [result for result in results if result.counts_in(profile)]
    failed = [
        each for each in counted if each.profiles[profile] is Verdict.FAIL and each.requirement.level is Level.MUST
    ]
    expected = (True, [])

    code = exit_code(results, profile, fail_on=fail_on)

    assert code != 0 or expected == (judged(counted) > 0, failed)


@given(st.lists(_RESULTS, max_size=6), st.sampled_from(sorted(PROFILES)))
def test_lenient_end_is_no_worse(results: list[Result], profile: str) -> None:
    """To fail on nonconformance alone changes a partial end and no other."""
    strict, lenient = (exit_code(results, profile, fail_on=each) for each in ("partial", "nonconformant"))
    expected = {(strict, strict), (4, 0)}

    assert (strict, lenient) in expected


def test_verdicts_are_ordered() -> None:
    """Verdicts are listed from best to worst."""
    expected = ["pass", "not-observed", "skipped", "inconclusive", "fail", "error"]

    assert expected == list(Verdict)


def test_uncounted_verdict_is_widest() -> None:
    """The verdict in a profile that does not count a requirement is that of the widest."""
    result = _result(Verdict.PASS, evidence=Evidence.CONVENTION)
    expected = Verdict.PASS

    assert expected == replace(result, reason="x").verdict("documented")


def test_verdict_is_that_of_its_profile() -> None:
    """The verdict in a profile that counts a requirement is its own, also where a wider one has another."""
    given = _give(_OTHER, _finding(_OTHER, ("B19", "flat")), met(_OTHER, 1))

    assert (Verdict.FAIL, Verdict.PASS) == (given.verdict("documented"), given.verdict("conventions"))


def test_unsupported_names_no_blocker() -> None:
    """What is declared unsupported is blocked by nothing."""
    assert "" == _give(_STATUS, gaps=(Gap((_STATUS,), "declared", skipped=True, declared=True),)).blocker
