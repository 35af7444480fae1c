"""`asdoc report`: read, render and judge again what a run left behind."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from asdocumented.report.rejudging import rejudged
from asdocumented.report.stream import read_report

_PATH = click.argument("path", type=click.Path(path_type=Path), metavar="RUN")
_FORMS = ("markdown", "junit", "allure")


@click.group("report")
def report_group() -> None:
    """Read, render and judge again what a run left (RUN: its folder or its report.jsonl)."""


@report_group.command("summary")
@_PATH
@click.option("--format", "form", type=click.Choice(["pretty", "markdown"]), default="pretty", show_default=True)
@click.option("--width", type=click.IntRange(40, 400), default=None, help="Columns [default: those of the terminal].")
def summary_command(path: Path, form: str, width: int | None) -> None:
    """Print the summary of a run; one that was cut short is judged by what it recorded, and says so."""
    from asdocumented.report.markdown import render_markdown
    from asdocumented.report.summary import render_summary

    recorded = read_report(path)
    shown = recorded if recorded.complete else rejudged(recorded)
    if form == "markdown":
        click.echo(render_markdown(shown), nl=False)
    else:
        render_summary(shown, width=width, color=None, file=sys.stdout)


@report_group.command("render")
@_PATH
@click.option("--format", "form", type=click.Choice(_FORMS), required=True)
@click.option(
    "--output", type=click.Path(path_type=Path), required=True, help="The file (for allure: the folder) to write."
)
def render_command(path: Path, form: str, output: Path) -> None:
    """Write a run's results in another format."""
    recorded = read_report(path)
    shown = recorded if recorded.complete else rejudged(recorded)
    if form == "markdown":
        from asdocumented.report.markdown import render_markdown

        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(render_markdown(shown), encoding="utf-8")
    elif form == "junit":
        from asdocumented.report.junit import write_junit

        write_junit(shown, output)
    else:
        from asdocumented.report.allure import write_allure

        write_allure(shown, output)
    click.echo(str(output))


@report_group.command("judge")
@_PATH
def judge_command(path: Path) -> None:
    """Judge a recorded run again with the contracts of this version; exit 1 when a verdict differs from the recorded one."""
    recorded = read_report(path)
    again = {each["id"]: each for each in rejudged(recorded).of("requirement")}
    before = {each["id"]: each for each in recorded.of("requirement")}
    changed = [key for key in sorted({*before, *again}) if _verdict(before, key) != _verdict(again, key)]
    for key in changed:
        click.echo(f"{key}: {_verdict(before, key)} -> {_verdict(again, key)}")
    click.echo(f"{len(again)} requirements judged again, {len(changed)} with another verdict.")
    if changed or not again:
        raise click.exceptions.Exit(1)


def _verdict(records: dict[str, dict[str, object]], key: str) -> object:
    return records[key]["profiles"] if key in records else "not there"
