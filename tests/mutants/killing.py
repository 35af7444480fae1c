"""Run the mutants of an operation, class by class, and tell which are not killed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asdocumented.mutant import Kind, Mutant
from asdocumented.mutants import derive_mutants
from asdocumented.requirement import PROFILES
from asdocumented.selection import Selection
from asdocumented.verdicts import Verdict
from tests.support import catalogue, emulator_run

Test = Callable[[str], None]
each_operation: Callable[[Test], Test] = pytest.mark.parametrize(
    "operation", [each.id for each in catalogue().operations]
)


def mutants(operation: str, *kinds: Kind) -> list[Mutant]:
    """Return the mutants of an operation that are of these classes."""
    found = catalogue().operation(operation)
    return [each for each in derive_mutants(catalogue().apis[found.api], found) if each.kind in kinds]


def survivors(operation: str, *kinds: Kind) -> dict[str, str]:
    """Return what is wrong with each mutant that is not killed, by its id.

    A killed one fails its requirement in the narrowest profile that counts it, with findings that tell expected from got.
    """
    return {each.id: wrong for each in mutants(operation, *kinds) if (wrong := _survival(operation, each))}


def _survival(operation: str, mutant: Mutant) -> str:
    done = emulator_run(mutant, selection=Selection(operations=(operation,)))
    result = done.results[mutant.breaks]
    narrowest = next(each for each in PROFILES if result.requirement.counts_in(each))
    told = [each.finding for each in result.findings if each.finding is not None]
    if result.profiles[narrowest] is not Verdict.FAIL:
        return f"{result.profiles[narrowest]} in {narrowest}: {result.reason}"
    clear = told and all(each.expected and each.got and each.expected != each.got for each in told)
    return "" if clear else f"the finding does not tell expected from got: {told}"
