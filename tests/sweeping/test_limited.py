"""The score of a plan as it ran, tried: mutants that a limited run is said to catch fail in just that limited run."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import pytest

from asdocumented.contracts import Tier
from asdocumented.mutant import Mutant
from asdocumented.running import Options, Run, prepare_run, run
from asdocumented.selection import Selection
from asdocumented.sweeping.outcomes import ENDS
from asdocumented.sweeping.subjects import choose, of_mutant
from asdocumented.sweeping.trying import Bench, shown_by
from asdocumented.targets.emulated import EmulatorTarget
from asdocumented.targets.model import Send, UnavailableError
from asdocumented.traces import Arrangement
from asdocumented.witnesses import would_catch
from tests.support import catalogue, turn_on

_SAMPLE = 32  # mutants of an operation, from first to last
BENCH = Bench(catalogue(), 0)


class Limited(EmulatorTarget):
    """The emulator without some identities or states."""

    def __init__(self, without: Collection[str]) -> None:
        super().__init__(catalogue())
        self._without = without

    async def credential(self, api: str, identity: str, security: str) -> tuple[str, str] | None:
        """Return the credential of an identity that there is."""
        if identity in self._without:
            raise UnavailableError(f"there is no {identity}")
        return await super().credential(api, identity, security)

    async def arrange(self, api: str, state: str, send: Send) -> Arrangement:
        """Arrange a state that there is."""
        if state in self._without:
            raise UnavailableError(f"there is no {state}")
        return await super().arrange(api, state, send)


class Limit(NamedTuple):
    """An operation, and how far a run on it goes."""

    operation: str
    allowed: Tier = Tier.DISRUPTIVE
    without: tuple[str, ...] = ()

    def run(self, *mutants: Mutant) -> Run:
        """Judge the limited emulator, broken or not."""
        target, options = Limited(self.without), Options(Selection(operations=(self.operation,)), allowed=self.allowed)
        planned = prepare_run(catalogue(), target, options)
        for each in mutants:
            turn_on(target, each)
        return run(catalogue(), target, options, planned=planned)


def foretold(limit: Limit) -> Iterator[tuple[Mutant, bool]]:
    """Yield a sample of the mutants that a full run catches, and whether the limited run is said to catch each."""
    shown = shown_by(limit.run())
    mutants = [each for each in choose(catalogue(), (), (limit.operation,)).mutants if not of_mutant(each).needs_socket]
    for each in mutants[:: len(mutants) // _SAMPLE]:
        trial = BENCH.attempt(of_mutant(each))
        if ENDS[each.ends] is next(iter(trial.verdicts.values())):
            yield each, would_catch(trial.witness, each.breaks, shown)


@pytest.mark.parametrize(
    "limit",
    [
        pytest.param(Limit("microsoft-fabric-mirroring/stop-mirroring", Tier.READ), id="reads alone"),
        pytest.param(Limit("vmware-vcenter-hvc/start-sync-provider", without=("reader", "expired")), id="no identity"),
        pytest.param(Limit("microsoft-fabric-mirroring/stop-mirroring", without=("mirroring-running",)), id="no state"),
    ],
)
def test_what_is_said_to_be_caught_is(limit: Limit) -> None:
    """No mutant that a limited run is said to catch survives there."""
    caught = [each for each, is_caught in foretold(limit) if is_caught]
    said = {each.id: next(iter(limit.run(each).results[each.breaks].profiles.values())) for each in caught}

    assert caught
    assert said == {each.id: ENDS[each.ends] for each in caught}
