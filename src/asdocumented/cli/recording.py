"""What goes on beside a run: its journal is kept, and a bar shows how far it got."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from asdocumented.errors import HarnessError
from asdocumented.executing import Beside, Event
from asdocumented.plans import Plan, Scenario
from asdocumented.report.records import Record, event_record, gap_record
from asdocumented.report.stream import Journal, as_read
from asdocumented.traces import Facts, facts_record


class Recorder:
    """Opens the journal when the plan is made, so that a run that cannot start leaves no folder."""

    def __init__(self, folder: Path, header: Record, bar: Bar) -> None:
        self._folder, self._header, self._bar = folder, header, bar
        self._journal: Journal | None = None
        self._broken = False

    @property
    def begun(self) -> bool:
        """Tell whether there is a journal."""
        return self._journal is not None

    def begin(self, plan: Plan, facts: Facts) -> None:
        """Write what is known before the first request."""
        self._journal = Journal(self._folder)
        self._journal.write(self._header)
        self._journal.write({"kind": "facts", **facts_record(facts)})
        for gap in plan.gaps:
            self._journal.write(gap_record(gap))
        self._bar.begin(plan)

    def record(self, event: Event | Beside) -> None:
        """Write one event. What cannot be written ends the run, once: the undo that follows goes on without a record."""
        if self._journal is None or self._broken:
            return
        try:
            self._journal.write(event_record(event))
        except OSError:
            self._broken = True
            raise

    def close(self, *, pseudonymise: bool) -> None:
        """Let go of the journal, which stays."""
        if self._journal is not None:
            self._journal.close()
            if pseudonymise:
                from asdocumented.report.pseudonymising import pseudonymise_journal

                pseudonymise_journal(self._folder)

    def finish(self, records: Iterable[Record], *, pseudonymise: bool) -> Path:
        """Write the report and return its path."""
        if self._journal is None:
            raise HarnessError("run-not-begun", "A run ended that never began.")
        if pseudonymise:
            from asdocumented.report.pseudonymising import pseudonymised

            records = pseudonymised(as_read(self._folder, records)).records
        return self._journal.finish(records)


class Bar:
    """A progress bar on stderr, where that is a terminal; else nothing."""

    def __init__(self, *, quiet: bool) -> None:
        self._progress: Progress | None = None
        if not quiet and sys.stderr.isatty():
            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                console=Console(stderr=True),
                transient=True,
            )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._progress is not None:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def begin(self, plan: Plan) -> None:
        """Show how many scenarios there are."""
        if self._progress is not None:
            self._task = self._progress.add_task("scenarios", total=len(plan.scenarios))

    def advance(self, scenario: Scenario) -> None:
        """Show that one more scenario is done."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, advance=1, description=scenario.id[:40])
