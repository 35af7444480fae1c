"""Take one run apart in a fresh process: `python -m benchmarks.probe FOLDER OUTPUT [OPERATION...]` prints what each stage took.

FOLDER holds contracts (`-` for those that come with asdoc), OUTPUT is where the report goes. No operation means all.
"""

from __future__ import annotations

import time

_BEGUN = time.perf_counter()  # before the imports, which are the first stage

import json  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import asdocumented.cli.run  # noqa: E402, F401 - it imports what `asdoc run` imports
from asdocumented.contracts import load_catalogue  # noqa: E402
from asdocumented.report.junit import write_junit  # noqa: E402
from asdocumented.report.records import header_record, run_records  # noqa: E402
from asdocumented.report.stream import read_report, write_report  # noqa: E402
from asdocumented.report.summary import render_summary  # noqa: E402
from asdocumented.running import Options, Watcher, run  # noqa: E402
from asdocumented.selection import Selection  # noqa: E402
from asdocumented.targets.emulated import EmulatorTarget  # noqa: E402
from benchmarks.copies import lend_handlers  # noqa: E402

STAGES = ("import", "load", "plan", "execute", "judge", "report", "junit", "summary")


class Stopwatch:
    """Remembers when each stage ended; a stage that ends again is longer."""

    def __init__(self, begun: float) -> None:
        self._begun = begun
        self._ends: dict[str, float] = {}

    def end(self, stage: str) -> None:
        """Say that a stage ends now."""
        self._ends[stage] = time.perf_counter()

    def seconds(self) -> dict[str, float]:
        """Return how long each stage took, from the end of the one before it."""
        ends = [self._begun, *self._ends.values()]
        return {stage: end - before for (stage, end), before in zip(self._ends.items(), ends, strict=False)}


def main(folder: str, output: str, *operations: str) -> None:
    """Run once and print one JSON object: seconds by stage, and how much there was to do."""
    watch = Stopwatch(_BEGUN)
    watch.end("import")
    lend_handlers()
    catalogue = load_catalogue(None if folder == "-" else Path(folder))
    watch.end("load")
    target, options = EmulatorTarget(catalogue), Options(Selection(operations=operations))
    watcher = Watcher(started=lambda *_: watch.end("plan"), recorded=lambda _: watch.end("execute"))
    done = run(catalogue, target, options, watcher)
    watch.end("judge")
    header = header_record(target, options, started="2026-01-01T00:00:00+00:00", run_id="probe")
    report = write_report(Path(output), run_records(done, header))
    watch.end("report")
    recorded = read_report(report)
    write_junit(recorded, Path(output) / "junit.xml")
    watch.end("junit")
    with (Path(output) / "summary.txt").open("w", encoding="utf-8") as file:
        render_summary(recorded, width=120, color=False, file=file)
    watch.end("summary")
    counts = {
        "operations": len(catalogue.operations),
        "requirements": len(done.requirements),
        "exchanges": len(recorded.of("exchange")),
        "code": done.exit_code,
    }
    print(json.dumps({"seconds": watch.seconds(), **counts}))


if __name__ == "__main__":
    main(*sys.argv[1:])
