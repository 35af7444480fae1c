"""Run a target's plan for `asdoc run`: keep its journal, write its reports, and tell what the user must know."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from asdocumented.cli.recording import Bar, Recorder
from asdocumented.console import forget_stdout
from asdocumented.contracts import Catalogue
from asdocumented.corpus.store import regenerate
from asdocumented.discretion import quietly
from asdocumented.errors import ended
from asdocumented.report.escaping import visible
from asdocumented.report.inspecting import Inspection
from asdocumented.report.junit import write_junit
from asdocumented.report.records import Record, run_records
from asdocumented.report.stream import JOURNAL, Recorded, read_report
from asdocumented.report.summary import render_summary
from asdocumented.running import Options, Run, Watcher, run
from asdocumented.secrets import Redactor
from asdocumented.targets.model import Target

JUNIT = "junit.xml"


@dataclass(frozen=True, slots=True)
class Showing:
    """How a run is reported. `form` is how its summary is printed: `pretty`, `markdown`, or empty for the outcome alone."""

    form: str
    allure: bool
    pseudonymise: bool


def judged(
    catalogue: Catalogue, target: Target, options: Options, inspection: Inspection, header: Record, showing: Showing
) -> Run:
    """Run, write the reports, check that they hold no secret, and print what came of it."""
    with Bar(quiet=not showing.form) as bar:
        recorder = Recorder(inspection.folder, header, bar)
        try:
            watcher = Watcher(recorder.begin, recorder.record, bar.advance, say)
            done = run(catalogue, target, options, watcher, inspection.redactor)
        except BaseException:
            recorder.close(pseudonymise=showing.pseudonymise)
            if recorder.begun:
                where = inspection.folder
                say(
                    f"what was recorded until then is in {where / JOURNAL}; judge it with: asdoc report summary {where}"
                )
            raise
        finally:
            for value, marker in target.secrets().items():  # what was got in the course of the run, used or not
                inspection.redactor.add(value, marker)
    path = recorder.finish(run_records(done, header), pseudonymise=showing.pseudonymise)
    recorded = read_report(path)
    _write(recorded, inspection.folder, allure=showing.allure)
    inspection.check()
    if showing.form:
        _show(recorded, showing.form, inspection.looked_for())
    _tell(done)
    if not showing.form and done.distress is None and not done.execution.interrupted:
        click.echo(f"{path}: exit {done.exit_code}")
    return done


def _write(recorded: Recorded, folder: Path, *, allure: bool) -> None:
    """Write what other tools read beside the report."""
    write_junit(recorded, folder / JUNIT)
    if allure:
        from asdocumented.report.allure import write_allure

        write_allure(recorded, folder / "allure-results")


def _tell(done: Run) -> None:
    """Tell what a run left behind or did not look at, and why it ended early."""
    for left in done.execution.leftovers:
        click.echo(f"asdoc: {left}", err=True)
    for operation in done.stale:
        click.echo(f"asdoc: {regenerate(operation)}", err=True)
    for sentence in done.left:
        say(sentence)
    if done.left:
        say("What is left stays in the journal of changes; undo it with: asdoc cleanup")
    if done.distress is not None:
        click.echo(f"asdoc: {done.distress}", err=True)
    elif done.execution.interrupted:
        click.echo(f"asdoc: the run ended early: {done.execution.interrupted}", err=True)


def say(sentence: str) -> None:
    """Tell what the user must know beside the result."""
    click.echo(f"asdoc: {sentence[:1].upper()}{ended(visible(sentence[1:]))}", err=True)


def _show(recorded: Recorded, form: str, redactor: Redactor) -> None:
    """Print the summary; a reader that goes away changes nothing about how the run ended."""
    try:
        if form == "markdown":
            from asdocumented.report.markdown import render_markdown

            click.echo(redactor.text(render_markdown(recorded)), nl=False)
        else:
            render_summary(recorded, width=None, color=None, file=quietly(sys.stdout, redactor))
        sys.stdout.flush()
    except BrokenPipeError:
        forget_stdout()
