"""Broken emulators of structure: every constraint of every documented body, one at a time."""

from __future__ import annotations

from asdocumented.mutant import Kind
from tests.mutants.killing import each_operation, survivors


@each_operation
def test_no_broken_body_survives(operation: str) -> None:
    """Each violation of each constraint fails the requirement that the constraint is."""
    assert {} == survivors(operation, Kind.STRUCTURE)
