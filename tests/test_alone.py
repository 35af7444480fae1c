"""Each operation by itself: what a run of one operation says is what a run of all of them says."""

from __future__ import annotations

from asdocumented.selection import Selection
from tests.support import catalogue, clean_run, emulator_run, verdicts


def test_each_operation_alone_gets_the_same_verdicts() -> None:
    """A run of one operation gives every verdict that a run of all gives, on the emulator as it comes."""
    among_all = verdicts(clean_run().results)
    alone: dict[str, dict[str, str]] = {}
    for operation in catalogue().operations:
        alone |= verdicts(emulator_run(selection=Selection(operations=(operation.id,))).results)

    assert among_all == alone
    assert {each for found in alone.values() for each in found.values()} <= {"pass", "not-observed"}
