"""What a trial says of its mutant or its variant. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from asdocumented.mutant import Ending, Mutant, Variant
from asdocumented.requirement import PROFILES
from asdocumented.sweeping.subjects import Claim, Subject
from asdocumented.sweeping.trying import Trial
from asdocumented.verdicts import Verdict

ENDS = {Ending.FAIL: Verdict.FAIL, Ending.OPEN: Verdict.INCONCLUSIVE}
"""The verdict that a requirement must get by what breaks it."""


class Outcome(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    WITHOUT_EFFECT = "without-effect"  # it answered as the clean emulator does, and proves nothing
    EQUIVALENT = "equivalent"  # the contract argues that nothing can tell it
    ERROR = "error"  # a check of ours broke


class Left(StrEnum):
    """What became of a legal variant."""

    LEFT_ALONE = "left-alone"
    WEAKENED = "weakened"  # nothing failed, and a MUST that passed could not be judged any more
    WITHOUT_EFFECT = "without-effect"
    FALSE_ALARM = "false-alarm"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class OfMutant:
    """A mutant, what became of it and why; `profile` is the narrowest that counts what it breaks.

    `stale` is set where a contract calls it equivalent and it was killed.
    """

    mutant: Mutant
    outcome: Outcome
    trial: Trial
    profile: str = ""
    because: str = ""
    stale: bool = False


@dataclass(frozen=True, slots=True)
class OfVariant:
    """A variant, what became of it and why; `fails` are the requirements that are its false alarms."""

    variant: Variant
    outcome: Left
    trial: Trial
    fails: tuple[str, ...] = ()
    weakened: tuple[str, ...] = ()
    because: str = ""


def of_mutant(mutant: Mutant, trial: Trial, said: Sequence[Claim]) -> OfMutant:
    """Return what became of a mutant: killed where its own requirement fails in the narrowest profile that counts it.

    One that nothing says is wrong, but that must not pass (an answer that never comes), is killed by an inconclusive one.
    """
    profile = next((name for name in PROFILES if name in trial.verdicts), "")
    reason = _broken(trial) or _pointless(mutant, trial, profile)
    if reason:
        return OfMutant(mutant, Outcome.ERROR, trial, profile, reason)
    is_killed = trial.differs is not None and trial.verdicts[profile] is ENDS[mutant.ends]
    claim = next((each for each in said if each.is_about(mutant)), None)
    if is_killed:
        argued = claim.equivalent.because if claim else ""
        return OfMutant(mutant, Outcome.KILLED, trial, profile, argued, stale=claim is not None)
    if claim is not None:
        return OfMutant(mutant, Outcome.EQUIVALENT, trial, profile, claim.equivalent.because)
    if trial.differs is None:
        return OfMutant(mutant, Outcome.WITHOUT_EFFECT, trial, profile, "it answers as the clean emulator does")
    return OfMutant(mutant, Outcome.SURVIVED, trial, profile, f"its requirement is '{trial.verdicts[profile]}'")


def of_variant(variant: Variant, trial: Trial) -> OfVariant:
    """Return what became of a variant: a false alarm where anything fails in a profile that has to leave it alone."""
    reason = _broken(trial)
    if reason:
        return OfVariant(variant, Left.ERROR, trial, because=reason)
    fails = _within(trial.fails.items(), variant)
    if fails:
        return OfVariant(variant, Left.FALSE_ALARM, trial, fails, because=f"{fails[0]} fails")
    if trial.differs is None:
        return OfVariant(variant, Left.WITHOUT_EFFECT, trial, because="it answers as the clean emulator does")
    weakened = tuple(each for each in _within(trial.weakened.items(), variant) if each not in variant.hides)
    if weakened:
        said = f"{weakened[0]} passed before, and is inconclusive"
        return OfVariant(variant, Left.WEAKENED, trial, weakened=weakened, because=said)
    return OfVariant(variant, Left.LEFT_ALONE, trial)


def _within(said: Iterable[tuple[str, tuple[str, ...]]], variant: Variant) -> tuple[str, ...]:
    return tuple(key for key, profiles in said if set(profiles) & set(variant.profiles))


def _broken(trial: Trial) -> str:
    """Return how something of ours broke in a trial, if it did."""
    if trial.crashed:
        return f"the run broke: {trial.crashed}"
    return next((f"{key}: {reason}" for key, reason in trial.broke.items()), "")


def _pointless(mutant: Mutant, trial: Trial, profile: str) -> str:
    """Return why nothing would follow from a failure, if that is so."""
    if not profile:
        return f"there is no requirement {mutant.breaks}"
    return "its requirement fails on the clean emulator too" if trial.clean.get(profile) is Verdict.FAIL else ""


def disagreement(subject: Subject, chosen: Trial, full: Trial) -> str:
    """Return in what a run over all operations differs from that over those of a subject, if it does.

    They agree where the requirement to be broken has the same verdicts, and what fails of the subject's operations is the same.
    """
    if chosen.crashed or full.crashed:
        return f"a run broke: {chosen.crashed or full.crashed}"
    if chosen.verdicts != full.verdicts:
        return f"{subject.breaks} is {_told(chosen)} over its operation and {_told(full)} over all"
    fails = {
        key: said
        for key, said in full.fails.items()
        if key.startswith(tuple(f"{each}/" for each in subject.operations))
    }
    strays = sorted(set(fails.items()) ^ set(chosen.fails.items()))
    if not strays:
        return ""
    name = strays[0][0]
    where = ("over all operations alone", "over its operation alone")[name in chosen.fails]
    return f"{name} fails {'in other profiles' if name in fails and name in chosen.fails else where}"


def _told(trial: Trial) -> str:
    return "/".join(trial.verdicts.values())
