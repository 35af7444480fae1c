"""Find the requirements that exchanges judge and no mutant breaks: what a score says nothing about."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from asdocumented.contracts.grounds import Level
from asdocumented.requirement import Requirement
from asdocumented.sweeping.trying import is_judged
from asdocumented.verdicts import Result


@dataclass(frozen=True, slots=True)
class Completeness:
    """Requirements without a mutant: those that need one, and those that no emulator of the sweep could show."""

    missing: tuple[Requirement, ...]
    not_shown: tuple[Requirement, ...]


def completeness(results: Mapping[str, Result], broken: Container[str], judged: Iterable[str]) -> Completeness:
    """Return what lacks a mutant of the results of a run on the clean emulator.

    `broken` are the requirements with a mutant, `judged` those that some mutant or variant showed and the clean emulator does
    not. Every MUST and SHOULD needs a mutant, a register entry's too: that a target keeps to one reading is judged, and two
    readings in one run are a finding. What depends on the target and was never shown cannot be broken either.
    """
    shown = set(judged)
    missing: list[Requirement] = []
    not_shown: list[Requirement] = []
    for key, result in results.items():
        requirement = result.requirement
        if key in broken or requirement.level is Level.MAY:
            continue
        is_shown = is_judged(result) or key in shown
        (not_shown if requirement.conditional and not is_shown else missing).append(requirement)
    return Completeness(tuple(missing), tuple(not_shown))
