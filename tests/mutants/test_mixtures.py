"""Emulators that follow one reading of the register now and another the next time."""

from __future__ import annotations

from fnmatch import fnmatchcase

from asdocumented.contracts import Level
from asdocumented.mutants.mixtures import mixture_mutants
from asdocumented.requirements import derive
from tests.mutants.killing import each_operation, survivors
from tests.support import catalogue, clean_run

ENTRY = "ambiguity/"


def test_every_entry_is_mixed() -> None:
    """Each register entry of which a run can tell the readings apart has such an emulator, but for those that may vary."""
    due = {
        key for key, each in derive(catalogue()).items() if each.what.startswith(ENTRY) and each.level is not Level.MAY
    }
    mixed = {
        each.breaks
        for operation in catalogue().operations
        for each in mixture_mutants(catalogue().apis[operation.api], operation)
    }

    assert due == mixed != set()


@each_operation
def test_no_mixture_survives(operation: str) -> None:
    """Each of them fails the requirement to keep to one reading, unless its contract argues that nothing can tell it."""
    found = catalogue().operation(operation)
    argued = [each.mutant for each in found.equivalents]
    broken = mixture_mutants(catalogue().apis[found.api], found)

    assert {} == survivors(each for each in broken if not any(fnmatchcase(each.id, glob) for glob in argued))


def test_clean_run_shows_entries_more_than_once() -> None:
    """What has to be followed throughout shows in two exchanges or more of a run, where a run can hold that against a target."""
    shown: dict[str, set[int]] = {}
    for each in clean_run().judgement.seen:
        shown.setdefault(f"{each.operation}/{ENTRY}{each.ambiguity}", set()).add(each.exchange)
    argued = {f"{each.id}/{ENTRY}" for each in catalogue().operations if each.equivalents}
    due = {
        key for key, each in derive(catalogue()).items() if each.what.startswith(ENTRY) and each.level is not Level.MAY
    }
    once = {key for key in due if len(shown.get(key, ())) < 2 and not key.startswith(tuple(argued))}

    assert set() == once
