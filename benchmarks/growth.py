"""How loading and a replay run grow with the number of operations, by copies of those that there are."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import copies
from benchmarks.figures import Bound, Figure, Limit, Table
from benchmarks.measuring import interleave, median, slope
from benchmarks.processes import execute
from benchmarks.rendering import number

NAME = "growth"
_SIZES = (50, 100, 200, 300)
_LOAD_MS = 10
_LINEAR = 1.25  # time an operation, at the largest over the smallest size: a quadratic one would be at 6
_WAYS: Mapping[str, Callable[[Path, int], None]] = {
    "APIs copied": copies.copy_apis,
    "operations copied within their API": copies.copy_operations,
}
_PARTS: Mapping[str, tuple[str, ...]] = {"load": ("load",), "run": ("plan", "execute", "judge", "report", "junit")}


def measure(rounds: int, scratch: Path) -> Figure:
    """Measure both ways to grow, at every size."""
    tables, bounds = [], []
    for about, make in _WAYS.items():
        samples = interleave(max(1, rounds // 2), _candidates(make, scratch / make.__name__), warm_up=False)
        times = {size: {part: _of(each, part) for part in _PARTS} for size, each in samples.items()}
        last = {size: each[-1] for size, each in samples.items()}
        tables.append(_table(about, times, last))
        bounds += _bounds(about, times)
    notes = (
        (
            "Whole sets of copies, the fewest with that many operations; each measured in a fresh process."
            " A run is planning, sending, judging and writing report.jsonl and junit.xml."
        ),
        "Linear: milliseconds an operation at the largest size over those at the smallest.",
        (
            "Copies within an API share its state, and some requirements then fail: the emulator has one world an"
            " API. That costs about"
            " as much to judge."
        ),
    )
    return Figure("300 operations", tuple(tables), tuple(bounds), notes)


def _candidates(make: Callable[[Path, int], None], folder: Path) -> dict[int, Callable[[], Any]]:
    candidates = {}
    for wanted in _SIZES:
        sets = copies.sets_for(wanted)
        contracts, output = folder / str(wanted) / "contracts", folder / str(wanted) / "run"
        contracts.mkdir(parents=True)
        make(contracts, sets)
        command = [sys.executable, "-m", "benchmarks.probe", str(contracts), str(output)]
        candidates[sets * copies.originals()] = _probe(command)
    return candidates


def _probe(command: Sequence[str]) -> Callable[[], Any]:
    return lambda: json.loads(execute(command).stdout)


def _of(samples: Sequence[Any], part: str) -> float:
    return median(samples, lambda sample: sum(sample["seconds"][stage] for stage in _PARTS[part]))


def _table(about: str, times: Mapping[int, Mapping[str, float]], last: Mapping[int, Any]) -> Table:
    rows = [
        (
            f"{size} operations",
            number(last[size]["requirements"]),
            number(last[size]["exchanges"]),
            *(cell for part in _PARTS for cell in (number(each[part]), number(each[part] / size * 1000))),
        )
        for size, each in times.items()
    ]
    fits = {part: slope((size, each[part]) for size, each in times.items()) for part in _PARTS}
    fitted = (cell for fit in fits.values() for cell in (f"R² {fit[2]:.4f}", f"{number(fit[0] * 1000)} by the fit"))
    rows.append(("a line through these", "", "", *fitted))
    header = (
        about,
        "requirements",
        "exchanges",
        *(cell for part in _PARTS for cell in (f"{part} s", "ms an operation")),
    )
    return Table(header, tuple(rows))


def _bounds(about: str, times: Mapping[int, Mapping[str, float]]) -> list[Bound]:
    smallest, largest = min(times), max(times)
    cost = {size: {part: each[part] / size * 1000 for part in _PARTS} for size, each in times.items()}
    return [
        Bound(f"load, {largest} operations, {about}: ms an operation", cost[largest]["load"], _LOAD_MS, Limit.UNDER),
        *(
            Bound(
                f"{part}, {about}: linear from {smallest} to {largest}",
                cost[largest][part] / cost[smallest][part],
                _LINEAR,
            )
            for part in _PARTS
        ),
    ]
