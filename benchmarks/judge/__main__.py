"""The command: `python -m benchmarks.judge [--sample N] [--seed N] [--jobs N] [--again]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.judge.measuring import Tried, described, outcomes, run
from benchmarks.judge.rendering import render, score
from benchmarks.judge.sampling import sample
from benchmarks.processes import ROOT, UnmeasurableError

_HERE = ROOT / "benchmarks" / "judge"
_RESULTS, _JUDGEMENTS, _HISTORY = _HERE / "RESULTS.md", _HERE / "judgements.yaml", _HERE / "history.yaml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the committed table; 1 where a survivor has not been looked at."""
    chosen = _parser().parse_args(arguments)
    drawn, sizes = sample(chosen.sample, chosen.seed)
    names = [name for found in drawn.values() for name in found]
    if chosen.again:
        names = [each.name for each in outcomes(drawn) if not each.is_killed]
    try:
        if names:
            run(names, chosen.jobs)
    except UnmeasurableError as error:
        print(f"{error}.", file=sys.stderr)
        return 2
    tried = outcomes(drawn)
    judgements = _read(_JUDGEMENTS) or {}
    history = [*(_read(_HISTORY) or []), _entry(chosen, tried)]
    _HISTORY.write_text(yaml.safe_dump(history, sort_keys=False, width=120), encoding="utf-8")
    by_name = {module.as_posix(): size for module, size in sizes.items()}
    _RESULTS.write_text(render(tried, by_name, history, judgements), encoding="utf-8")
    print(f"{score(tried)} of {len(tried)} mutants are killed; {_RESULTS.relative_to(ROOT)} is written.")
    return 1 if any(not each.is_killed and each.name.partition(".")[2] not in judgements for each in tried) else 0


def _entry(chosen: argparse.Namespace, tried: Sequence[Tried]) -> dict[str, str]:
    counts = {"sample": str(len(tried)), "seed": str(chosen.seed), "tests": chosen.note}
    killed = sum(each.is_killed for each in tried)
    return {**described(), **counts, "killed": str(killed), "score": score(tried)}


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8")) if path.exists() else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.judge",
        description="Mutate the judge's source, run its tests, and write benchmarks/judge/RESULTS.md (about 15 minutes).",
        epilog="mutmut is needed: `pip install -e . --group mutation`. It works in `mutants/`.",
    )
    parser.add_argument(
        "--sample", type=int, default=300, help="about so many mutants, 0 for all [default: %(default)s]"
    )
    parser.add_argument("--seed", type=int, default=5, help="which ones [default: %(default)s]")
    parser.add_argument("--jobs", type=int, default=2, help="processes [default: %(default)s]")
    parser.add_argument("--note", default="", help="what is said of the tests in the table, such as `before`")
    parser.add_argument(
        "--again",
        action="store_true",
        help="try those alone that the last run left alive: tests that came since cannot bring one back",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
