"""`asdoc report`: read, render and judge again what a run left behind."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from asdocumented.report.rejudging import rejudged
from asdocumented.report.stream import Recorded, read_report

_PATH = click.argument("path", type=click.Path(path_type=Path), metavar="RUN")
_WIDTH = click.option(
    "--width", type=click.IntRange(40, 400), default=None, help="Columns [default: those of the terminal]."
)
_FORMS = ("markdown", "junit", "allure")


@click.group("report")
def report_group() -> None:
    """Read, render and judge again what a run left (RUN: its folder or its report.jsonl)."""


def _shown(path: Path) -> Recorded:
    """Return a report with verdicts; one that was cut short is judged by what it recorded."""
    recorded = read_report(path)
    return recorded if recorded.complete else rejudged(recorded)


@report_group.command("summary")
@_PATH
@click.option("--format", "form", type=click.Choice(["pretty", "markdown"]), default="pretty", show_default=True)
@_WIDTH
def summary_command(path: Path, form: str, width: int | None) -> None:
    """Print the summary of a run; one that was cut short is judged by what it recorded, and says so."""
    shown = _shown(path)
    if form == "markdown":
        _print_markdown(shown)
        return
    from asdocumented.report.summary import render_summary

    render_summary(shown, width=width, color=None, file=sys.stdout)


@report_group.command("markdown")
@_PATH
def markdown_command(path: Path) -> None:
    """Print the summary as Markdown, such as for a job's summary on GitHub (>> "$GITHUB_STEP_SUMMARY")."""
    _print_markdown(_shown(path))


def _print_markdown(shown: Recorded) -> None:
    from asdocumented.report.markdown import render_markdown

    click.echo(render_markdown(shown), nl=False)


@report_group.command("errors")
@_PATH
@click.option(
    "--format", "form", type=click.Choice(["pretty", "json", "markdown"]), default="pretty", show_default=True
)
@_WIDTH
def errors_command(path: Path, form: str, width: int | None) -> None:
    """Print the error matrix: how requests with a cause for refusal were answered, and what was expected."""
    from asdocumented.report.matrix import matrix_table, render_matrix, rows

    recorded = read_report(path)
    shown = recorded if recorded.of("answer") else rejudged(recorded)
    if form == "json":
        click.echo(json.dumps(shown.of("answer"), ensure_ascii=False, indent=2))
    elif form == "markdown":
        click.echo("\n\n".join(f"## {api}\n\n{matrix_table(own)}" for api, own in rows(shown).items()))
    else:
        render_matrix(rows(shown), width=width, file=sys.stdout)


@report_group.command("render")
@_PATH
@click.option("--format", "form", type=click.Choice(_FORMS), required=True)
@click.option(
    "--output", type=click.Path(path_type=Path), required=True, help="The file (for allure: the folder) to write."
)
def render_command(path: Path, form: str, output: Path) -> None:
    """Write a run's results in another format."""
    shown = _shown(path)
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


@report_group.command("allure")
@_PATH
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="The folder of the HTML report [default: allure-report beside the report].",
)
@click.option("--install", is_flag=True, help="Let npx fetch the npm package 'allure' where it is not installed.")
def allure_command(path: Path, output: Path | None, install: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Build the HTML report of Allure 3 with the npm package 'allure'; it needs Node, and downloads nothing unasked."""
    from asdocumented.report.allure_html import build_allure

    shown = _shown(path)
    target = output or shown.path.parent / "allure-report"
    click.echo(str(build_allure(shown, target, install=install)))


@report_group.command("pseudonymise")
@_PATH
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder of the new report."
)
@click.option("--replace", is_flag=True, help="Remove what another run left in the folder of --output.")
def pseudonymise_command(path: Path, output: Path, replace: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Write a report with pseudonyms for names and ids of the target; its verdicts stay what they were."""
    from asdocumented.report.pseudonymising import pseudonymised
    from asdocumented.report.stream import make_room, write_report

    make_room(output, replace=replace)
    click.echo(str(write_report(output, pseudonymised(read_report(path)).records)))


@report_group.command("judge")
@_PATH
def judge_command(path: Path) -> None:
    """Judge a recorded run again with the contracts of this version; exit 1 when a verdict differs from the recorded one."""
    from asdocumented.report.digest import cut_short

    recorded = read_report(path)
    short = cut_short(recorded)
    if short:
        click.echo(f"asdoc: {short}.", err=True)
    again = {each["id"]: each for each in rejudged(recorded).of("requirement")}
    before = {each["id"]: each for each in recorded.of("requirement")}
    if not before and again:
        _first_judged(again)
        return
    changed = [key for key in sorted({*before, *again}) if _verdicts(before, key) != _verdicts(again, key)]
    for key in changed:
        click.echo(f"{key}: {_verdicts(before, key)} -> {_verdicts(again, key)}")
    click.echo(f"{len(again)} requirements judged again, {len(changed)} with another verdict.")
    if changed or not again:
        raise click.exceptions.Exit(1)


def _first_judged(again: dict[str, dict[str, object]]) -> None:
    """Say that a record without verdicts has none to compare with."""
    click.echo(
        f"{len(again)} requirements judged; the record has no verdicts to compare with."
        " `asdoc report summary` shows these."
    )
    raise click.exceptions.Exit(1)


def _verdicts(records: dict[str, dict[str, object]], key: str) -> str:
    """Return the verdicts of a requirement as words: one where all profiles agree, else each with its profile."""
    found = records[key]["profiles"] if key in records else None
    if not isinstance(found, dict):
        return "not there"
    by_profile = {name: str(verdict) for name, verdict in found.items()}
    known = " (known)" if "known" in records[key] else ""
    if len(set(by_profile.values())) == 1:
        return next(iter(by_profile.values())) + known
    return ", ".join(f"{verdict} in {name}" for name, verdict in by_profile.items()) + known
