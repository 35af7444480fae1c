"""Broken emulators of single answers: statuses, error bodies, headers, media types, and bodies that should not be there."""

from __future__ import annotations

from asdocumented.mutant import Kind
from tests.mutants.killing import each_operation, mutants, one_each, survivors

_KINDS = (Kind.STATUS, Kind.ERROR_BODY, Kind.HEADER, Kind.MEDIA_TYPE, Kind.EMPTINESS)


@each_operation
def test_no_broken_answer_survives(operation: str) -> None:
    """Each wrong answer fails the requirement that it breaks."""
    assert {} == survivors(one_each(mutants(operation, *_KINDS)))
