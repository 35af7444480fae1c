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
from asdocumented.reads.marks import Mark
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
    beside: tuple[str, ...] = ()  # the requirements that it is about and whose failure has a finding that is not known

    @property
    def is_stale(self) -> bool:
        """Tell whether the target's own file must no longer have it; whoever runs cannot change what ships."""
        return self.state in (State.EXPIRED, State.GONE) and not self.deviation.ships

    @property
    def sentence(self) -> str:
        """Return what is to be done about it, if anything."""
        file = FILE if self.deviation.ships else "the targets file"
        match self.state:
            case State.OBSERVED if self.beside:
                return f"observed, but another finding of {self.beside[0]} is not known, so that the failure is not"
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

    `unknown` are the findings that keep a failure from being known, where a deviation is about its requirement. `accepted`
    are the requirements that the exit code passes over: nothing where that was not asked for.
    """

    seen: tuple[Seen, ...] = ()
    covered: Mapping[str, tuple[KnownDeviation, ...]] = field(default_factory=dict)
    unknown: Mapping[str, tuple[Mark, ...]] = field(default_factory=dict)
    accepted: frozenset[str] = frozenset()

    def leading(self, result: Result) -> tuple[Mark, ...]:
        """Return the findings of a result, those that are not known first: they are what there is to look at."""
        first = self.unknown.get(result.requirement.id, ())
        known = set(result.findings) - set(first)
        return (*first, *(each for each in result.findings if each in known))

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
    covered: dict[str, tuple[KnownDeviation, ...]] = {}
    unknown: dict[str, tuple[Mark, ...]] = {}
    for identifier, result in results.items():
        about = [each for each in valid if names(each, identifier)]
        if about and result.verdict(profile) is Verdict.FAIL:
            findings = _findings(catalogue, result, profile)
            unknown[identifier] = tuple(mark for mark in findings if not any(fits(each, mark) for each in about))
            covered[identifier] = tuple(each for each in about if any(fits(each, mark) for mark in findings))
    covered = {key: found for key, found in covered.items() if found and not unknown[key]}
    unknown = {key: found for key, found in unknown.items() if found}
    seen = tuple(_seen(each, results, each in valid, left_out, unknown) for each in terms.deviations)
    accepted = _accepted(results, profile, covered) if terms.accept else frozenset()
    return Excuses(seen, covered, unknown, accepted)


def _findings(catalogue: Catalogue, result: Result, profile: str) -> list[Mark]:
    """Return the findings that make a requirement fail in a profile, or in the widest one where that does not count it."""
    lens = profile if result.counts_in(profile) else list(PROFILES)[-1]
    return [each for each in result.findings if not excused(catalogue, result.requirement, each, lens)]


def _seen(
    deviation: KnownDeviation,
    results: Mapping[str, Result],
    valid: bool,  # noqa: FBT001 - read beside its name where it is called
    left_out: Collection[str],
    unknown: Collection[str],
) -> Seen:
    """Return what a run says about a deviation. A finding that another reading excuses shows it too, in every profile."""
    about = {key: each for key, each in results.items() if names(deviation, key)}
    judged = [key for key, each in about.items() if {Verdict.PASS, Verdict.FAIL} & set(each.profiles.values())]
    shown = [key for key, each in about.items() if any(fits(deviation, mark) for mark in each.findings)]
    if shown:
        beside = tuple(key for key in shown if key in unknown)
        return Seen(deviation, State.OBSERVED if valid else State.EXPIRED, tuple(shown), shows=True, beside=beside)
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
