"""Count outcomes: how many of the mutants that can be told were killed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from asdocumented.sweeping.outcomes import OfMutant, Outcome


@dataclass(slots=True)
class Score:
    """How many mutants had each outcome."""

    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))

    @property
    def killed(self) -> int:
        """Return how many were killed."""
        return self.counts[Outcome.KILLED]

    @property
    def counted(self) -> int:
        """Return how many there are without those that are declared equivalent."""
        return sum(self.counts.values()) - self.counts[Outcome.EQUIVALENT]

    @property
    def percent(self) -> float | None:
        """Return the part that was killed, rounded down, so that 100 means all; None where there is nothing to kill."""
        return self.killed * 1000 // self.counted / 10 if self.counted else None


def score(mutants: Iterable[OfMutant]) -> Score:
    """Return the score of some mutants."""
    found = Score()
    for each in mutants:
        found.counts[each.outcome] += 1
    return found


def scores(mutants: Iterable[OfMutant], of: Callable[[OfMutant], str]) -> dict[str, Score]:
    """Return the score of each group of mutants."""
    grouped: dict[str, list[OfMutant]] = defaultdict(list)
    for each in mutants:
        grouped[of(each)].append(each)
    return {name: score(own) for name, own in grouped.items()}
