"""Broken emulators whose state, identities, parameters or wire are wrong, which no single answer shows."""

from __future__ import annotations

from asdocumented.mutant import Kind
from tests.mutants.killing import each_operation, mutants, survivors


@each_operation
def test_no_broken_behaviour_survives(operation: str) -> None:
    """Each broken behaviour and each broken convention fails the requirement that it breaks."""
    assert {} == survivors(mutants(operation, Kind.SEMANTIC, Kind.IDENTITY, Kind.PARAMETER, Kind.WIRE))
