"""Draw a part of the cases: as many of each class, spread over what they are about, and the same ones for the same seed."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest

from benchmarks.peers.cases import Case


def sample(cases: Iterable[Case], size: int | None, seed: int = 0) -> tuple[Case, ...]:
    """Return at most `size` cases of each class (all for None), in the order of their ids.

    Within a class what the cases are about takes turns, so that one operation with many does not crowd out the others.
    """
    by_kind: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_kind[case.kind].append(case)
    drawn = chain.from_iterable(_spread(each, seed)[:size] for each in by_kind.values())
    return tuple(sorted(drawn, key=lambda case: (case.kind, case.id)))


def _spread(cases: Sequence[Case], seed: int) -> list[Case]:
    # Drawing is repeatable and is no secret. Each class has an order of its own: else all would be of the same few operations.
    draw = random.Random(f"{seed} {cases[0].kind}")
    by_subject: dict[str, list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda case: case.id):
        by_subject[case.about].append(case)
    piles = list(by_subject.values())
    draw.shuffle(piles)
    for pile in piles:
        draw.shuffle(pile)
    return [case for turn in zip_longest(*piles) for case in turn if case is not None]
