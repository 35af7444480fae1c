"""From marks to verdicts: of each requirement in each profile, and of each API.

The words follow conformance testing (ISO/IEC 9646, TTCN-3). Worst wins only above requirements: a requirement fails if any
exchange gave a finding, passes if at least one bore on it, and is inconclusive else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from asdocumented.contracts.grounds import Level
from asdocumented.contracts.model import Catalogue
from asdocumented.judge.ledger import Judgement
from asdocumented.plans import Gap
from asdocumented.reads.marks import Mark, Outcome
from asdocumented.requirement import PROFILES, Requirement, accepts

UNSHOWN = "no exchange bore on it: what takes it was planned, and no answer led there"
"""The reason of what neither an exchange nor a gap of the plan explains, such as a second page that no answer had."""


class Verdict(StrEnum):
    """What a run says about one requirement. `not-observed`: conditional, and the target never showed it."""

    PASS = "pass"
    NOT_OBSERVED = "not-observed"
    SKIPPED = "skipped"
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"
    ERROR = "error"


class Conformance(StrEnum):
    """What a run says about an API in a profile."""

    CONFORMANT = "conformant"
    PARTIAL = "partial"
    NONCONFORMANT = "nonconformant"


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict on one requirement in every profile that counts it, with what it rests on."""

    requirement: Requirement
    profiles: Mapping[str, Verdict]
    reason: str = ""
    blocker: str = ""
    findings: tuple[Mark, ...] = ()
    bearing: tuple[int, ...] = ()  # the exchanges that bore on it
    blockers: frozenset[str] = frozenset()  # what blocked it, each time it was; empty ids where no requirement did

    def verdict(self, profile: str) -> Verdict:
        """Return the verdict in a profile; where it does not count the requirement, that of the widest one."""
        return self.profiles.get(profile) or self.profiles["conventions"]

    def counts_in(self, profile: str) -> bool:
        """Tell whether the profile counts the requirement."""
        return profile in self.profiles


@dataclass(slots=True)
class _Marks:
    findings: list[Mark] = field(default_factory=list)
    met: list[Mark] = field(default_factory=list)
    blocked: list[Mark] = field(default_factory=list)
    crashed: list[Mark] = field(default_factory=list)


def give(
    catalogue: Catalogue, requirements: Mapping[str, Requirement], judgement: Judgement, gaps: Iterable[Gap] = ()
) -> dict[str, Result]:
    """Return the result of every requirement, in the order of the requirements."""
    grouped: dict[str, _Marks] = defaultdict(_Marks)
    for mark in judgement.marks:
        marks = grouped[mark.requirement]
        kinds = {Outcome.FINDING: marks.findings, Outcome.MET: marks.met, Outcome.BLOCKED: marks.blocked}
        kinds.get(mark.outcome, marks.crashed).append(mark)
    reasons = _reasons(requirements, gaps)
    return {
        identifier: _result(catalogue, requirement, grouped[identifier], reasons.get(identifier))
        for identifier, requirement in requirements.items()
    }


def _reasons(requirements: Mapping[str, Requirement], gaps: Iterable[Gap]) -> dict[str, Gap]:
    """Return the gap of each requirement: a declared one, else the first; an error that cannot be provoked shows no body."""
    reasons: dict[str, Gap] = {}
    for gap in gaps:
        for identifier in gap.serves:
            if gap.declared or identifier not in reasons:
                reasons[identifier] = gap
    opening = [(requirements[key], gap) for key, gap in reasons.items() if key in requirements]
    for each, gap in opening:
        prefix = f"{each.api}/{each.operation}/response/{each.opens}/"
        for identifier in requirements if each.opens and not gap.declared else ():
            if identifier.startswith(prefix):
                reasons.setdefault(identifier, gap)
    return reasons


def _result(catalogue: Catalogue, requirement: Requirement, marks: _Marks, gap: Gap | None) -> Result:
    said = {
        profile: _verdict(catalogue, requirement, marks, gap, profile)
        for profile in PROFILES
        if requirement.counts_in(profile)
    }
    _, reason, blocker = next(iter(said.values()))  # of the narrowest profile, which is the strictest about readings
    return Result(
        requirement=requirement,
        profiles={profile: verdict for profile, (verdict, _, _) in said.items()},
        reason=reason,
        blocker=blocker,
        findings=() if gap is not None and gap.declared else tuple(marks.findings),
        bearing=tuple(sorted({number for mark in (*marks.met, *marks.findings) for number in mark.exchanges[:1]})),
        blockers=frozenset(mark.blocker for mark in marks.blocked),
    )


def _verdict(
    catalogue: Catalogue, requirement: Requirement, marks: _Marks, gap: Gap | None, profile: str
) -> tuple[Verdict, str, str]:
    """Return the verdict in one profile with its reason and its blocker."""
    if marks.crashed:
        return Verdict.ERROR, marks.crashed[0].reason, ""
    if gap is not None and gap.declared:
        return Verdict.SKIPPED, gap.reason, ""
    findings = [mark for mark in marks.findings if not excused(catalogue, requirement, mark, profile)]
    if findings:
        return Verdict.FAIL, "", ""
    if marks.met:
        return _passed(marks.met)
    if marks.blocked:
        return _blocked(catalogue, requirement, marks.blocked, gap, profile)
    if requirement.conditional:
        return Verdict.NOT_OBSERVED, requirement.conditional, ""
    if gap is not None:
        return (Verdict.SKIPPED if gap.skipped else Verdict.INCONCLUSIVE), gap.reason, ""
    return Verdict.INCONCLUSIVE, UNSHOWN, ""


def _passed(met: list[Mark]) -> tuple[Verdict, str, str]:
    """Return a pass, which rests on an exchange: a check that names none has judged nothing, and is ours to mend."""
    if any(mark.exchanges for mark in met):
        return Verdict.PASS, "", ""
    return Verdict.ERROR, "the check broke: it passed, and named no exchange that bears on it", ""


def _blocked(
    catalogue: Catalogue, requirement: Requirement, marks: list[Mark], gap: Gap | None, profile: str
) -> tuple[Verdict, str, str]:
    first = next((mark for mark in marks if mark.blocker), marks[0])
    if all(excused(catalogue, requirement, mark, profile) for mark in marks):
        return Verdict.NOT_OBSERVED, "the target follows another accepted reading", ""
    if requirement.conditional and not first.blocker:
        return Verdict.NOT_OBSERVED, first.reason, ""
    # What was not sent may be what would have shown it.
    more = f"; {gap.reason}" if gap is not None and not first.blocker else ""
    return Verdict.INCONCLUSIVE, f"{first.reason}{more}", first.blocker


def excused(catalogue: Catalogue, requirement: Requirement, mark: Mark, profile: str) -> bool:
    """Tell whether a mark holds only under a reading that the profile accepts."""
    if mark.reading is None:
        return False
    identifier, name = mark.reading
    api = catalogue.apis[requirement.api]
    operation = api.operations[requirement.operation]
    entry = operation.ambiguities.get(identifier) or api.ambiguities.get(identifier)
    return entry is not None and accepts(profile, entry, name)


def conformance(results: Iterable[Result], profile: str) -> Conformance | None:
    """Return what the results say about an API in a profile, or None when the profile counts none of them."""
    verdicts = [
        result.profiles[profile]
        for result in results
        if result.counts_in(profile) and result.requirement.level is Level.MUST
    ]
    if not verdicts:
        return None
    if Verdict.FAIL in verdicts or Verdict.ERROR in verdicts:
        return Conformance.NONCONFORMANT
    if Verdict.INCONCLUSIVE in verdicts or Verdict.SKIPPED in verdicts:
        return Conformance.PARTIAL
    return Conformance.CONFORMANT


def judged(results: Iterable[Result]) -> int:
    """Return how many requirements have a pass or a fail in some profile; a run with none judged nothing."""
    return sum(1 for result in results if {Verdict.PASS, Verdict.FAIL} & set(result.profiles.values()))


def unhindered(results: Mapping[str, Result]) -> frozenset[str]:
    """Return the requirements that nothing kept from being judged: what has no pass and no fail was not there to be seen."""
    seen = {Verdict.PASS, Verdict.FAIL, Verdict.NOT_OBSERVED}
    return frozenset(key for key, each in results.items() if seen.issuperset(each.profiles.values()))


def ended_early(code: int) -> int:
    """Return how a run ends that was not sent to its end: as it would have, but never with 0."""
    return code or 4


def exit_code(
    results: Iterable[Result],
    profile: str,
    *,
    fail_on: str = "partial",
    accepted: Container[str] = (),
    stale: bool = False,
) -> int:
    """Return how a run ends: 0 conformant, 1 nonconformant, 4 partial. Nothing judged is never 0.

    With `fail_on="nonconformant"` a partial run ends with 0, as long as something of each API was judged. `accepted` are
    ids that are passed over; with `stale`, known deviations that are to be removed, a run ends with 1.
    """
    everything = list(results)
    by_api: dict[str, list[Result]] = defaultdict(list)
    for result in everything:
        by_api[result.requirement.api].append(result)
    counted = [result for result in everything if result.counts_in(profile)]
    if any(Verdict.ERROR in result.profiles.values() for result in counted):
        return 3
    states = {_state_but_for(accepted, results, profile) for results in by_api.values()}
    if Conformance.NONCONFORMANT in states or stale:
        return 1
    if not judged(counted):
        return 4
    if Conformance.PARTIAL in states:
        return 0 if fail_on == "nonconformant" and all(map(judged, by_api.values())) else 4
    return 0 if Conformance.CONFORMANT in states else 4


def _state_but_for(accepted: Container[str], results: list[Result], profile: str) -> Conformance | None:
    """Return the state of an API without what is accepted; one of which nothing else counts is as good as conformant."""
    others = [each for each in results if each.requirement.id not in accepted]
    state = conformance(others, profile)
    return Conformance.CONFORMANT if state is None and len(others) < len(results) else state
