"""The command: `python -m benchmarks.peers [--sample N] [--seeds N] [--jobs N] [--tool NAME] [--output FOLDER] [--resume]`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.environment import where
from benchmarks.peers.asdoc import Asdoc, Outside
from benchmarks.peers.cases import mutants, variants
from benchmarks.peers.dredd import Dredd
from benchmarks.peers.notes import NOTES
from benchmarks.peers.observations import Observation
from benchmarks.peers.prism import Prism
from benchmarks.peers.sampling import sample
from benchmarks.peers.schemathesis_cli import Schemathesis
from benchmarks.peers.specmatic import Specmatic
from benchmarks.peers.sweeping import sweep, turns
from benchmarks.peers.table import render
from benchmarks.peers.tools import Tool
from benchmarks.processes import ROOT, UnmeasurableError

_FOLDER = ROOT / "benchmarks" / "peers"
_MISSING = 2
_KEPT = 20  # looks after which what there is is written


def main(arguments: Sequence[str] | None = None) -> int:
    """Look at the emulators with every tool, and write the table; end with 2 when a tool is missing."""
    chosen = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="asdocumented-peers-") as scratch:
        tools = [each for each in _tools(Path(scratch)) if not chosen.tool or each.name in chosen.tool]
        versions, missing = _versions(tools)
        if missing:
            print("\n".join(missing), file=sys.stderr)
            return _MISSING
        return _measure(chosen, tools, versions)


def _measure(chosen: argparse.Namespace, tools: Sequence[Tool], versions: Mapping[str, str]) -> int:
    broken, legal = mutants(), variants()
    cases = (*sample(broken, chosen.sample, chosen.sample_seed), *sample(legal, chosen.legal, chosen.sample_seed))
    plan = tuple(turns(tools, cases, chosen.seeds))
    wanted = {key for turn in plan for key in turn.keys}
    results, begun, load = chosen.output / "results.json", time.monotonic(), os.getloadavg()[0]
    looks = [each for each in (_read(results) if chosen.resume else ()) if each.key in wanted]
    chosen.output.mkdir(parents=True, exist_ok=True)

    def note(look: Observation) -> None:
        looks.append(look)
        if len(looks) % _KEPT == 0:
            _write(results, {}, looks)
            print(f"{len(looks)} of {len(wanted)}", file=sys.stderr)

    sweep(plan, chosen.jobs, {each.key: each for each in looks}, note)
    about = {
        "broken emulators": f"{sum(not each.legal for each in cases)} of {len(broken)}"
        + (f", at most {chosen.sample} a class, drawn with seed {chosen.sample_seed}" if chosen.sample else ""),
        "permitted emulators": f"{sum(each.legal for each in cases)} of {len(legal)}",
        "seeds": f"{chosen.seeds}; 1 for tools in which nothing is drawn",
        "jobs": f"{chosen.jobs}, {(time.monotonic() - begun) / 60:.0f} minutes",
        "load": f"{load:.1f} before, {os.getloadavg()[0]:.1f} after",
        **where(),
        "tools": ", ".join(f"{name} {version}" for name, version in versions.items()),
    }
    _write(results, about, looks)
    (chosen.output / "RESULTS.md").write_text(render(looks, list(versions), about, NOTES), encoding="utf-8")
    print(f"{chosen.output / 'RESULTS.md'} is written.")
    return 0


def _write(results: Path, about: Mapping[str, str], looks: Sequence[Observation]) -> None:
    """Write the looks, one a line, so that what stops half-way can be resumed, and a change can be read."""
    lines = ",\n".join(json.dumps(asdict(each)) for each in sorted(looks, key=lambda each: each.key))
    beside = results.with_suffix(".part")
    beside.write_text(f'{{"about": {json.dumps(about, indent=1)},\n"looks": [\n{lines}\n]}}\n', encoding="utf-8")
    beside.replace(results)


def _tools(scratch: Path) -> tuple[Tool, ...]:
    return Asdoc(), Schemathesis(), Specmatic(scratch), Dredd(), Prism(), Outside()


def _versions(tools: Sequence[Tool]) -> tuple[dict[str, str], list[str]]:
    """Return the versions of the tools, and a line for each that is missing."""
    versions, missing = {}, []
    for tool in tools:
        try:
            versions[tool.name] = tool.version()
        except UnmeasurableError as error:
            missing.append(f"{tool.name} cannot be run: {error}.")
    return versions, missing


def _read(results: Path) -> list[Observation]:
    if not results.exists():
        return []
    read = json.loads(results.read_text(encoding="utf-8"))["looks"]
    return [Observation(**{**each, "told": tuple(each["told"])}) for each in read]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers",
        description="Let asdoc and other tools look at the same broken and permitted emulators; write the table.",
        epilog="`pip install --group benchmarks`, Node.js, Java 17 and `npm install --prefix benchmarks/peers` bring the tools.",
    )
    parser.add_argument(
        "--sample", type=_positive, help="at most this many broken emulators of each class [default: all]"
    )
    parser.add_argument("--sample-seed", type=int, default=0, help="what they are drawn with [default: %(default)s]")
    parser.add_argument("--legal", type=_positive, help="at most this many permitted emulators [default: all]")
    parser.add_argument(
        "--seeds", type=_positive, default=5, help="seeds of each tool that draws [default: %(default)s]"
    )
    parser.add_argument("--jobs", type=_positive, default=2, help="looks at a time [default: %(default)s]")
    names = [each.name for each in _tools(Path())]
    parser.add_argument("--tool", action="append", choices=names, help="this tool alone; may be repeated")
    parser.add_argument(
        "--output", type=Path, default=_FOLDER, help="the folder of the results [default: benchmarks/peers]"
    )
    parser.add_argument(
        "--resume", action="store_true", help="keep the looks of the folder's results, and add what is missing"
    )
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least one is needed")
    return value


if __name__ == "__main__":
    sys.exit(main())
