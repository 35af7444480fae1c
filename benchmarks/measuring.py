"""Measure candidates in rounds: they take turns, in the opposite order every other round, after one round that does not count."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

Name = TypeVar("Name")
Sample = TypeVar("Sample")


def interleave(
    rounds: int, candidates: Mapping[Name, Callable[[], Sample]], *, warm_up: bool = True
) -> dict[Name, list[Sample]]:
    """Return the samples of each candidate, one a round.

    Without `warm_up` the first round counts too: for candidates that start their own warm-up.
    """
    if warm_up:
        for candidate in candidates.values():
            candidate()
    samples: dict[Name, list[Sample]] = {name: [] for name in candidates}
    for turn in range(rounds):
        for name in list(candidates)[:: -1 if turn % 2 else 1]:
            samples[name].append(candidates[name]())
    return samples


def median(samples: Iterable[Sample], measure: Callable[[Sample], float]) -> float:
    """Return the median of one measure of samples."""
    return statistics.median(measure(sample) for sample in samples)


def slope(points: Iterable[tuple[float, float]]) -> tuple[float, float, float]:
    """Fit a line by least squares; return its slope, its intercept and R² (1 for points on a line)."""
    xs, ys = zip(*points, strict=True)
    fit = statistics.linear_regression(xs, ys)
    return fit.slope, fit.intercept, statistics.correlation(xs, ys) ** 2
