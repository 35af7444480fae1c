"""What known deviations come to in a run: which failures they excuse, and which of them are to be removed.

A failure that is known stays a failure, and an API that fails stays nonconformant; only the exit code can accept it. One
whose findings do not all fit is not known. All of it is a pure function of results, terms and gaps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from asdocumented.contracts.model import Catalogue
from asdocumented.known import FILE, KnownDeviation, Terms, fits, names
from asdocumented.plans import Gap
from asdocumented.requirement import PROFILES
from asdocumented.verdicts import Result, Verdict, excused

__all__ = ["Excuses", "Seen", "State", "assess", "until"]


_UNSURE = {Verdict.INCONCLUSIVE, Verdict.SKIPPED}


class State(StrEnum):
    """What a run says about a known deviation."""

    OBSERVED = "observed"
    EXPIRED = "expired"
    GONE = "gone"
    UNJUDGED = "not-judged"


@dataclass(frozen=True, slots=True)
class Seen:
    """A known deviation with what a run says about it, and the requirements that say so."""

    deviation: KnownDeviation
    state: State
    requirements: tuple[str, ...] = ()
    shows: bool = False  # whether a finding fits it

    @property
    def is_stale(self) -> bool:
        """Tell whether the target's own file must no longer have it; whoever runs cannot change what ships."""
        return self.state in (State.EXPIRED, State.GONE) and not self.deviation.ships

    @property
    def sentence(self) -> str:
        """Return what is to be done about it, if anything."""
        file = FILE if self.deviation.ships else "the targets file"
        match self.state:
            case State.OBSERVED:
                return f"observed, and known until {self.deviation.expires}"
            case State.EXPIRED:
                renew = ", or renew it with a later day" if self.shows else ""
                return f"expired on {self.deviation.expires}: remove it from {file}{renew}"
            case State.GONE:
                return f"no longer observed: remove it from {file}"
            case _:
                return "not judged in this run, or not in full, so it changes nothing"


@dataclass(frozen=True, slots=True)
class Excuses:
    """What is known of a run's failures: each deviation, and by the id of a requirement those that cover its failure.

    `accepted` are the requirements that the exit code passes over: nothing where that was not asked for.
    """

    seen: tuple[Seen, ...] = ()
    covered: Mapping[str, tuple[KnownDeviation, ...]] = field(default_factory=dict)
    accepted: frozenset[str] = frozenset()

    @property
    def stale(self) -> tuple[Seen, ...]:
        """Return what must be removed from the target's own file: a run that says so does not end with 0."""
        return tuple(each for each in self.seen if each.is_stale)


def until(deviations: Collection[KnownDeviation]) -> str:
    """Return in words until when a failure is known, and why; the earliest day counts."""
    reasons = "; ".join(dict.fromkeys(each.reason for each in deviations))
    return f"known deviation until {min(each.expires for each in deviations)}: {reasons}"


def assess(
    catalogue: Catalogue,
    results: Mapping[str, Result],
    profile: str,
    terms: Terms | None,
    gaps: Iterable[Gap] = (),
    *,
    interrupted: bool = False,
) -> Excuses:
    """Return what the known deviations come to, by what fails in a profile.

    `gaps` are what the run could not do. Nothing is said to be gone while some of what could show it was left out.
    """
    if terms is None:
        return Excuses()
    left_out = set(results) if interrupted else {identifier for gap in gaps for identifier in gap.serves}
    valid = [each for each in terms.deviations if terms.today <= each.expires]
    covered = {
        identifier: found
        for identifier, result in results.items()
        if (found := _covering(catalogue, result, profile, valid))
    }
    seen = tuple(_seen(each, results, each in valid, left_out) for each in terms.deviations)
    return Excuses(seen, covered, _accepted(results, profile, covered) if terms.accept else frozenset())


def _lens(result: Result, profile: str) -> str:
    """Return the profile, or the widest one for what it does not count."""
    return profile if result.counts_in(profile) else list(PROFILES)[-1]


def _covering(
    catalogue: Catalogue, result: Result, profile: str, deviations: list[KnownDeviation]
) -> tuple[KnownDeviation, ...]:
    """Return the deviations that together fit every finding of a failure; nothing where one finding is left."""
    lens = _lens(result, profile)
    if result.verdict(profile) is not Verdict.FAIL:
        return ()
    findings = [each for each in result.findings if not excused(catalogue, result.requirement, each, lens)]
    about = [each for each in deviations if names(each, result.requirement.id)]
    fitting = [[each for each in about if fits(each, mark)] for mark in findings]
    return tuple(each for each in about if any(each in found for found in fitting)) if all(fitting) else ()


def _seen(deviation: KnownDeviation, results: Mapping[str, Result], valid: bool, left_out: Collection[str]) -> Seen:  # noqa: FBT001 - read beside its name where it is called
    """Return what a run says about a deviation. A finding that another reading excuses shows it too, in every profile."""
    about = {key: each for key, each in results.items() if names(deviation, key)}
    judged = [key for key, each in about.items() if {Verdict.PASS, Verdict.FAIL} & set(each.profiles.values())]
    shown = [key for key in judged if any(fits(deviation, mark) for mark in about[key].findings)]
    if shown:
        return Seen(deviation, State.OBSERVED if valid else State.EXPIRED, tuple(shown), shows=True)
    if not judged:
        return Seen(deviation, State.UNJUDGED, tuple(about))
    if not valid:
        return Seen(deviation, State.EXPIRED, tuple(judged))
    unsure = [key for key, each in about.items() if key in left_out or _UNSURE & set(each.profiles.values())]
    return Seen(deviation, State.UNJUDGED, tuple(unsure)) if unsure else Seen(deviation, State.GONE, tuple(judged))


def _accepted(results: Mapping[str, Result], profile: str, covered: Collection[str]) -> frozenset[str]:
    """Return the failures that are known, and what could not be judged because of these alone."""
    waiting = {
        key
        for key, each in results.items()
        if each.verdict(profile) is Verdict.INCONCLUSIVE and each.blockers and each.blockers <= set(covered)
    }
    return frozenset(covered) | waiting
