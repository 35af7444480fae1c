"""Broken emulators of structure: every constraint of every documented body, each in one way."""

from __future__ import annotations

from asdocumented.mutant import Kind
from tests.mutants.killing import each_operation, mutants, one_each, survivors


@each_operation
def test_no_broken_body_survives(operation: str) -> None:
    """A violation of each constraint fails the requirement that the constraint is."""
    assert {} == survivors(one_each(mutants(operation, Kind.STRUCTURE)))
