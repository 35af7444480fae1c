"""Run the mutants of an operation, class by class, and tell which are not killed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

import pytest

from asdocumented.mutant import Ending, Kind, Mutant
from asdocumented.mutants import derive_mutants
from asdocumented.requirement import PROFILES
from asdocumented.selection import Selection
from asdocumented.sweeping.subjects import claims
from asdocumented.verdicts import Verdict
from tests.support import catalogue, emulator_run

Test = Callable[[str], None]
each_operation: Callable[[Test], Test] = pytest.mark.parametrize(
    "operation", [each.id for each in catalogue().operations]
)


def mutants(operation: str, *kinds: Kind) -> list[Mutant]:
    """Return the mutants of an operation that are of these classes, but for those that need a connection or are equivalent."""
    found = catalogue().operation(operation)
    derived = derive_mutants(catalogue().apis[found.api], found)
    said = claims(catalogue(), (operation,))
    sent = (each for each in derived if each.kind in kinds and not any(line.needs_socket for line in each.lines))
    return [each for each in sent if not any(claim.is_about(each) for claim in said)]


def one_each(broken: Iterable[Mutant]) -> list[Mutant]:
    """Return one mutant of each requirement, drawn by its id: a sample of all ways to break it."""
    drawn: dict[str, Mutant] = {}
    for each in sorted(broken, key=lambda each: hashlib.sha256(each.id.encode()).digest()):
        drawn.setdefault(each.breaks, each)
    return list(drawn.values())


def survivors(broken: Iterable[Mutant]) -> dict[str, str]:
    """Return what is wrong with each mutant that is not killed, by its id.

    A killed one fails its requirement in the narrowest profile that counts it, with findings that tell expected from got.
    """
    return {each.id: wrong for each in broken if (wrong := _survival(each))}


def _survival(mutant: Mutant) -> str:
    operation = "/".join(mutant.breaks.split("/")[:2])
    done = emulator_run(mutant, selection=Selection(operations=(operation,)))
    result = done.results[mutant.breaks]
    narrowest = next(each for each in PROFILES if result.requirement.counts_in(each))
    told = [each.finding for each in result.findings if each.finding is not None]
    if mutant.ends is Ending.OPEN:
        return "it passes or fails" if result.profiles[narrowest] in {Verdict.PASS, Verdict.FAIL} else ""
    if result.profiles[narrowest] is not Verdict.FAIL:
        return f"{result.profiles[narrowest]} in {narrowest}: {result.reason}"
    clear = told and all(each.expected and each.got and each.expected != each.got for each in told)
    return "" if clear else f"the finding does not tell expected from got: {told}"
