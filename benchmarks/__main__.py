"""The command: `python -m benchmarks [--only NAME] [--rounds N] [--output FILE]`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from benchmarks.environment import describe
from benchmarks.figures import Figure
from benchmarks.processes import ROOT, UnmeasurableError
from benchmarks.rendering import render

_MODULES = ("versus", "suites", "throughput", "startup", "growth", "stages", "latency")
_RESULTS = ROOT / "benchmarks" / "RESULTS.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for; all of it is written to the committed table, a part of it is printed."""
    measures = {name: _measure_of(name) for name in _MODULES}
    chosen = _parser(measures).parse_args(arguments)
    names = chosen.only or list(measures)
    load = os.getloadavg()[0]
    figures = [_measured(name, measures[name], chosen.rounds) for name in names]
    text = render(figures, describe(chosen.rounds, load))
    output = chosen.output or (None if chosen.only else _RESULTS)
    if output is None:
        print(text, end="")
    else:
        output.write_text(text, encoding="utf-8")
        print(f"{output} is written.")
    return 1 if any(figure.failure for figure in figures) else 0


def _parser(measures: Mapping[str, object]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the harness beside named alternatives and write benchmarks/RESULTS.md.",
        epilog="wrk (apt-get install wrk) and npm are needed for `throughput`; without npm, Prism's published figure stands in.",
    )
    parser.add_argument(
        "--only", action="append", choices=list(measures), help="this figure alone, printed; may be repeated"
    )
    parser.add_argument("--rounds", type=_positive, default=5, help="rounds of each figure [default: %(default)s]")
    parser.add_argument("--output", type=Path, help="write there instead")
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least one round is needed")
    return value


def _measure_of(name: str) -> Callable[[int, Path], Figure]:
    measure: Callable[[int, Path], Figure] = import_module(f"benchmarks.{name}").measure
    return measure


def _measured(name: str, measure: Callable[[int, Path], Figure], rounds: int) -> Figure:
    """Measure one figure; one that cannot be measured says so in its place, and the others go on."""
    begun = time.perf_counter()
    print(f"{name} ...", end=" ", file=sys.stderr, flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="asdocumented-benchmarks-") as scratch:
            figure = measure(rounds, Path(scratch))
    except UnmeasurableError as error:
        figure = Figure(name, failure=f"{error}.")
    except Exception as error:  # noqa: BLE001 - a defect in one figure must not cost the minutes that the others took
        traceback.print_exc()
        figure = Figure(name, failure=f"{type(error).__name__}: {error}.")
    print(f"{figure.failure or 'done'} ({time.perf_counter() - begun:.0f} s)", file=sys.stderr)
    return figure


if __name__ == "__main__":
    sys.exit(main())
