"""Count, for each requirement, the exchanges that bore on it by their kind: how strong what is said of it is.

A pass that rests on one exchange says less than one that rests on many, and a refusal says something else than a success.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from asdocumented.reads.classify import Read
from asdocumented.reads.marks import Mark, Outcome
from asdocumented.requirement import Requirement

__all__ = ["Strength", "strengths"]

_TELLING = (Outcome.MET, Outcome.FINDING)
_SEQUENCES = "behaviour"
"""The family whose marks rest on exchanges that follow from one another; other marks name a control beside them."""


@dataclass(frozen=True, slots=True)
class Strength:
    """How many exchanges bore on a requirement: without a reason for refusal, with one or more, and of both in a state.

    `stateful` counts those that were sent in an arranged state or judged together with others, as a sequence.
    """

    positive: int = 0
    negative: int = 0
    stateful: int = 0


def strengths(
    requirements: Mapping[str, Requirement], reads: Iterable[Read], marks: Iterable[Mark]
) -> dict[str, Strength]:
    """Return the strength of each requirement that an exchange bore on, by its id."""
    by_id = {read.id: read for read in reads}
    bearing: dict[str, set[int]] = defaultdict(set)
    sequences: dict[str, set[int]] = defaultdict(set)
    for mark in marks:
        if mark.outcome in _TELLING:
            known = [number for number in mark.exchanges if number in by_id]
            bearing[mark.requirement] |= set(known[:1])
            if len(known) > 1 and requirements[mark.requirement].family == _SEQUENCES:
                sequences[mark.requirement] |= set(known[:1])
    return {
        name: _strength([by_id[number] for number in numbers], sequences[name])
        for name, numbers in bearing.items()
        if numbers
    }


def _strength(reads: list[Read], sequence: set[int]) -> Strength:
    negative = sum(1 for read in reads if read.causes)
    stateful = sum(1 for read in reads if read.epoch or read.id in sequence)
    return Strength(len(reads) - negative, negative, stateful)
