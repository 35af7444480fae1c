"""What was seen of one tool on one emulator, and what follows from it when it is laid beside the clean emulator; pure."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

CLEAN = "clean"
_SHOWN, _LONGEST = 2, 120  # failures that are kept of one look, as examples, and their characters


Key: TypeAlias = tuple[str, int, str, str]
"""Tool, seed, API and case."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One look: which tool, seed and emulator, what it held against it, how many requests came, how long it took.

    `case` and `kind` are "clean" for the clean emulator. `told` is what it held against this emulator and not against the clean
    one with the same seed, in part; `failures` counts all of it.
    """

    tool: str
    seed: int
    api: str
    case: str
    kind: str
    legal: bool
    caught: bool
    failures: int
    told: tuple[str, ...]
    requests: int
    seconds: float

    @property
    def key(self) -> Key:
        """Return what a look is known by."""
        return self.tool, self.seed, self.api, self.case


def beside(found: frozenset[str], clean: frozenset[str]) -> tuple[str, ...]:
    """Return what is held against an emulator and not against the clean one, some of it."""
    return tuple(each[-_LONGEST:] for each in sorted(found - clean)[:_SHOWN])


def median_of_seeds(looks: Iterable[Observation], measure: Callable[[Sequence[Observation]], float]) -> float:
    """Return the median over seeds of a measure of all looks with that seed."""
    by_seed: dict[int, list[Observation]] = defaultdict(list)
    for look in looks:
        by_seed[look.seed].append(look)
    return statistics.median(measure(each) for each in by_seed.values()) if by_seed else 0


def caught(looks: Sequence[Observation]) -> float:
    """Return how many of the looks told the emulator from the clean one."""
    return sum(each.caught for each in looks)


def sizes(looks: Iterable[Observation]) -> Mapping[str, int]:
    """Return the number of different cases of each class."""
    cases: dict[str, set[str]] = defaultdict(set)
    for look in looks:
        cases[look.kind].add(look.case)
    return {kind: len(each) for kind, each in cases.items()}
