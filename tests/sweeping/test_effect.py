"""Every broken emulator is another than the clean one: some exchange shows it."""

from __future__ import annotations

import hashlib

import pytest

from asdocumented.contracts import Operation
from asdocumented.mutant import Mutant
from asdocumented.mutants import derive_mutants
from asdocumented.sweeping.outcomes import Outcome
from asdocumented.sweeping.outcomes import of_mutant as outcome_of
from asdocumented.sweeping.subjects import of_mutant
from asdocumented.sweeping.trying import Bench
from tests.support import catalogue, slow
from tests.sweeping.support import STOP

_ONE_OF = 16


def _drawn(operation: Operation) -> list[Mutant]:
    """Return some of the mutants of an operation that need no connection, drawn by their ids. The sweep tries all."""
    found = derive_mutants(catalogue().apis[operation.api], operation)
    in_process = [each for each in found if not any(line.needs_socket for line in each.lines)]
    return [each for each in in_process if hashlib.sha256(each.id.encode()).digest()[0] % _ONE_OF == 0]


@slow
@pytest.mark.parametrize("operation", catalogue().operations, ids=lambda each: each.id)
def test_mutants_differ_from_the_clean_emulator(operation: Operation) -> None:
    """A mutant answers otherwise than the clean emulator in at least one exchange of the run that judges it."""
    bench, drawn = Bench(catalogue(), 0), _drawn(operation)
    trials = {each.id: bench.attempt(of_mutant(each)) for each in drawn}

    assert drawn
    assert {} == {key: trial.crashed for key, trial in trials.items() if trial.crashed or trial.differs is None}


def test_mutant_that_changes_nothing_is_found() -> None:
    """A switch that bends nothing, such as the status that is answered anyway, kills nothing and is told."""
    idle = Mutant("response.status", STOP, f"{STOP}/response/status", {"status": 200})
    trial = Bench(catalogue(), 0).attempt(of_mutant(idle))

    assert (None, "") == (trial.differs, trial.crashed)
    assert Outcome.WITHOUT_EFFECT is outcome_of(idle, trial, ()).outcome
