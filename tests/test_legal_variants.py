"""Permitted differences of the emulator, derived from the contracts, fail nothing and hide nothing."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from asdocumented.contracts import Operation
from asdocumented.contracts.grounds import Level
from asdocumented.mutant import Variant
from asdocumented.mutants import derive_variants
from asdocumented.requirement import PROFILES, accepts
from asdocumented.running import Options, Run, run
from asdocumented.selection import Selection
from asdocumented.targets.emulated import EmulatorTarget
from asdocumented.targets.loopback import LoopbackTarget
from asdocumented.verdicts import Verdict
from tests.support import catalogue, clean_run

_OPERATIONS = catalogue().operations
_LEAST = 60  # of the issue; those of one operation alone are nearly as many


@cache
def variants(operation: str) -> tuple[Variant, ...]:
    """Return the variants of an operation."""
    found = catalogue().operation(operation)
    return tuple(derive_variants(catalogue().apis[found.api], found))


def judged(variant: Variant) -> Run:
    """Judge an emulator as a variant says, by a run over its operation."""
    return _run(variant.operation, variant, over_loopback=_needs_socket(variant))


@cache
def clean(operation: str, *, over_loopback: bool) -> Run:
    """Return the run over an operation of the emulator as it comes."""
    return _run(operation, None, over_loopback=over_loopback)


def _needs_socket(variant: Variant) -> bool:
    return any(line.needs_socket for line in variant.lines)


def _run(operation: str, variant: Variant | None, *, over_loopback: bool) -> Run:
    target = (LoopbackTarget if over_loopback else EmulatorTarget)(catalogue())
    for line in variant.lines if variant else ():
        target.emulator.switch(line.switch, operation=line.operation, **line.arguments)
    return run(catalogue(), target, Options(Selection(operations=(operation,))))


def answers(done: Run) -> list[object]:
    """Return what was answered, byte for byte, or why nothing was."""
    return [
        (each.response.status, each.response.headers, each.response.body) if each.response else each.failure
        for each in done.execution.trace.exchanges
    ]


def alarms(variant: Variant, done: Run) -> list[str]:
    """Return what fails, or broke, in a profile that leaves the variant alone."""
    wrong = {Verdict.FAIL, Verdict.ERROR}
    return [
        f"{key} in {profile}"
        for key, result in done.results.items()
        for profile, verdict in result.profiles.items()
        if profile in variant.profiles and verdict in wrong
    ]


def weakened(variant: Variant, done: Run, before: Run) -> list[str]:
    """Return each MUST that passes on the clean emulator and is not judged here, although the variant hides nothing of it."""
    open_ends = {Verdict.INCONCLUSIVE, Verdict.SKIPPED}
    return [
        f"{key} in {profile}: {result.reason}"
        for key, result in done.results.items()
        for profile, verdict in result.profiles.items()
        if key not in variant.hides and result.requirement.level is Level.MUST and profile in variant.profiles
        if verdict in open_ends and before.results[key].profiles[profile] is Verdict.PASS
    ]


@pytest.mark.parametrize("operation", _OPERATIONS, ids=lambda each: each.id)
def test_legal_variants_are_left_alone(operation: Operation) -> None:
    """No variant of an operation fails anything, makes a MUST inconclusive, or is the emulator as it comes."""
    found: dict[str, list[str]] = {}
    for variant in variants(operation.id):
        done, before = judged(variant), clean(operation.id, over_loopback=_needs_socket(variant))
        told = [*alarms(variant, done), *weakened(variant, done, before)]
        if answers(done) == answers(before):
            told.append("it changes no answer")
        if told:
            found[variant.name] = told

    assert {} == found


def test_variants_have_names_of_their_own() -> None:
    """Every variant has its own id, says what permits it, and is left alone in some profile."""
    everything = [each for operation in _OPERATIONS for each in variants(operation.id)]

    assert [] == [name for name, times in Counter(each.id for each in everything).items() if times > 1]
    assert [] == [each.id for each in everything if not each.because or not each.lines]
    assert all(set(each.profiles) <= set(PROFILES) and each.profiles for each in everything)
    assert len(everything) >= _LEAST


def test_hidden_requirements_exist() -> None:
    """What a variant hides is a requirement that there is."""
    hidden = {key for operation in _OPERATIONS for each in variants(operation.id) for key in each.hides}

    assert set() == hidden - clean_run().results.keys()


@pytest.mark.parametrize(
    "operation",
    [each for each in _OPERATIONS if any(a.seen_in for a in each.ambiguities.values())],
    ids=lambda each: each.id,
)
def test_every_accepted_reading_is_followed(operation: Operation) -> None:
    """Each reading that answers show and some profile accepts is followed: by the emulator as it comes, or by a variant."""
    entries = [each for each in operation.ambiguities.values() if each.seen_in]
    accepted = {
        (entry.id, reading.name)
        for entry in entries
        for reading in entry.readings
        if any(accepts(profile, entry, reading.name) for profile in PROFILES)
    }
    runs = [clean_run(), *(judged(each) for each in variants(operation.id) if each.name.startswith("reading/"))]
    seen = {
        (each.ambiguity, each.reading)
        for done in runs
        for each in done.judgement.seen
        if each.operation == operation.id
    }

    assert set() == accepted - seen
