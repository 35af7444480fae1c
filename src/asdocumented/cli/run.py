"""`asdoc run`: judge a target, show how far it got, leave a report, end with a documented exit code."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from asdocumented.changes.places import changes_file
from asdocumented.cli.completing import complete_api, complete_operation, complete_requirement
from asdocumented.cli.contradicting import check_corpora, check_options, seconds_of
from asdocumented.cli.options import CONTRACTS, target_options
from asdocumented.console import forget_stdout
from asdocumented.contracts import Catalogue, Tier, load_catalogue
from asdocumented.contracts.locating import bundled
from asdocumented.corpus.store import Corpora, lacking, load_corpora, regenerate
from asdocumented.discretion import discreet, quietly
from asdocumented.errors import HarnessError
from asdocumented.executing import Event
from asdocumented.plans import Plan, Scenario
from asdocumented.report.escaping import visible
from asdocumented.report.inspecting import Inspection, inspected
from asdocumented.report.junit import write_junit
from asdocumented.report.records import Record, event_record, gap_record, header_record, run_records
from asdocumented.report.stream import Journal, Recorded, as_read, make_room, read_report
from asdocumented.report.summary import render_summary
from asdocumented.requirement import PROFILES
from asdocumented.running import Options, Run, Watcher, run
from asdocumented.secrets import Redactor
from asdocumented.selection import Selection
from asdocumented.targets.choosing import choose_target
from asdocumented.targets.file import DEFAULT
from asdocumented.targets.knowing import terms_for
from asdocumented.targets.model import Target
from asdocumented.traces import Facts, facts_record

JUNIT = "junit.xml"


@click.command("run")
@target_options("What to judge: the emulator in this process, a server, or a name of the targets file.")
@click.option(
    "--api", "apis", multiple=True, metavar="API", shell_complete=complete_api, help="Only this API; may be repeated."
)
@click.option(
    "--operation",
    "operations",
    multiple=True,
    metavar="OPERATION",
    shell_complete=complete_operation,
    help="Only this operation; may be repeated.",
)
@click.option(
    "--requirement",
    "requirements",
    multiple=True,
    metavar="GLOB",
    shell_complete=complete_requirement,
    help="Only requirements whose id matches; may be repeated.",
)
@click.option(
    "--profile",
    type=click.Choice(list(PROFILES)),
    default="documented",
    show_default=True,
    help="The lens that the exit code follows.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="What fresh ids and secrets are drawn from.")
@click.option(
    "--allow",
    type=click.Choice([str(tier) for tier in Tier]),
    default=None,
    help="How far requests may reach on a target that is not the emulator [default: read].",
)
@click.option(
    "--fail-on",
    type=click.Choice(["partial", "nonconformant"]),
    default="partial",
    show_default=True,
    help="The mildest outcome that is not exit 0.",
)
@click.option(
    "--accept-known",
    is_flag=True,
    help="Let the exit code pass over failures that are known deviations; they stay failures.",
)
@click.option("--strict-fields", is_flag=True, help="A response field that no definition has is a finding.")
@click.option(
    "--token-env",
    metavar="NAME",
    default=None,
    help="The environment variable with the token for a target given as a URL.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Where the report goes [default: reports/runs/<id>].",
)
@click.option("--replace", is_flag=True, help="Remove what another run left in the folder of --output.")
@click.option(
    "--pseudonymise", is_flag=True, help="Leave names and ids of the target nowhere: pseudonyms stand for them."
)
@click.option("--allure", is_flag=True, help="Write Allure results beside the report.")
@CONTRACTS
@click.option(
    "--format",
    "form",
    type=click.Choice(["pretty", "markdown"]),
    default="pretty",
    show_default=True,
    help="How the summary is printed.",
)
@click.option(
    "--corpus",
    "corpus_folders",
    type=click.Path(path_type=Path, file_okay=False),
    multiple=True,
    metavar="DIRECTORY",
    help="A folder with more stored cases, as --mode explore keeps them; may be repeated.",
)
@click.option(
    "--mode",
    type=click.Choice(["replay", "explore"]),
    default="replay",
    show_default=True,
    help="Replay the stored cases; or draw fresh ones after that, and keep what fails.",
)
@click.option("--budget", default="5m", show_default=True, metavar="TIME", help="How long to explore: 30s, 5m, 1h.")
@click.option(
    "--case", "cases", multiple=True, metavar="ID", help="Replay this stored case and show it; may be repeated."
)
@click.option("--no-corpus", is_flag=True, help="Replay no stored cases.")
@click.option("--quiet", is_flag=True, help="Print the outcome alone.")
def run_command(  # noqa: PLR0913 - each is an option of the command
    *,
    target_name: str,
    targets_file: Path | None,
    apis: tuple[str, ...],
    operations: tuple[str, ...],
    requirements: tuple[str, ...],
    profile: str,
    seed: int,
    allow: str | None,
    fail_on: str,
    accept_known: bool,
    strict_fields: bool,
    token_env: str | None,
    output: Path | None,
    replace: bool,
    pseudonymise: bool,
    allure: bool,
    folder: Path | None,
    form: str,
    corpus_folders: tuple[Path, ...],
    mode: str,
    budget: str,
    cases: tuple[str, ...],
    no_corpus: bool,
    quiet: bool,
) -> None:
    """Judge a target and report, requirement by requirement.

    Exit codes: 0 conformant, 1 nonconformant, 2 wrong usage, 3 the harness broke, 4 partial, 5 target unreachable or in
    distress. On a target that is not the emulator only harmless and reading requests are sent unless --allow says more.
    """
    check_options(click.get_current_context())
    if output is not None:
        make_room(output, replace=replace)
    catalogue = load_catalogue(folder)
    selection = Selection(apis, operations, requirements, strict_fields)
    target = choose_target(catalogue, target_name, targets_file, token_env, selection, seed)
    seconds = seconds_of(budget)
    check_corpora(catalogue, corpus_folders, exploring=mode == "explore")
    corpora = Corpora() if no_corpus else load_corpora(catalogue, folder, *corpus_folders)
    known = terms_for(catalogue, target, folder, accept=accept_known)
    allowed = Tier(allow) if allow else None
    options = Options(selection, profile, allowed, seed, fail_on, corpora, known, preflight=True)
    for warning in target.warnings:
        click.echo(f"asdoc: WARNING: {warning}", err=True)
    redactor = Redactor()
    if cases:
        from asdocumented.cli.cases import replay_cases

        with discreet(redactor):
            code = replay_cases(catalogue, target, options, cases, redactor)
        raise click.exceptions.Exit(code)
    given = _given(targets_file, token_env, folder)
    report, header = _begun(target, options, output, given, "pseudonymised" if pseudonymise else target.name)
    with inspected(redactor, report, *_journals(target), contracts=folder, say=_say) as inspection:
        shown = "" if quiet else form
        done = _run(
            catalogue, target, options, inspection, header, form=shown, allure=allure, pseudonymise=pseudonymise
        )
        if done.without_corpus:
            click.echo(f"asdoc: {lacking(done.without_corpus, len(done.asked), folder)}", err=True)
        code = done.exit_code
        if mode == "explore" and not done.execution.interrupted and not done.left:
            from asdocumented.cli.exploring import explore, keeping_folder

            keep = keeping_folder(corpus_folders, folder, report)
            code = explore(done, seconds, keep, _again(target, options, keep, folder))
    raise click.exceptions.Exit(code)


def _journals(target: Target) -> tuple[Path, ...]:
    """Return the folder in which a run keeps what it changes on a target, where it changes anything."""
    urls = [target.base_url(api) for api in target.rights or ()]
    return (changes_file(urls).parent,) if urls else ()


def _begun(
    target: Target, options: Options, output: Path | None, given: dict[str, str], named: str
) -> tuple[Path, Record]:
    """Return the folder of a run that begins now, and the header of its report."""
    started = datetime.now(UTC)
    folder = output or Path("reports") / "runs" / run_id(started, named)
    at = started.isoformat(timespec="seconds")
    return folder, header_record(target, options, started=at, run_id=folder.name, given=given)


def _again(target: Target, options: Options, keep: Path, contracts: Path | None) -> list[str]:
    """Return the options that look at the same target with the examples that were kept."""
    arguments = [] if target.is_emulator else ["--target", target.name, "--allow", str(options.reach(target))]
    arguments += ["--contracts", str(contracts)] if contracts else []
    return arguments if keep == (contracts or bundled("contracts")) else [*arguments, "--corpus", str(keep)]


def run_id(started: datetime, target: str) -> str:
    """Return the name of a run: its start in UTC and its target, fit for a folder."""
    return f"{started:%Y%m%dT%H%M%S.%f}"[:-3] + f"Z-{re.sub(r'[^A-Za-z0-9.-]+', '-', target).strip('-')}"


def _given(targets_file: Path | None, token_env: str | None, contracts: Path | None) -> dict[str, str]:
    """Return where the run took things from, for the command that repeats it."""
    named = targets_file != DEFAULT
    said = {"targets": targets_file if named else None, "token-env": token_env, "contracts": contracts}
    return {name: str(value) for name, value in said.items() if value}


def _run(  # noqa: PLR0913 - what the options of the command come to
    catalogue: Catalogue,
    target: Target,
    options: Options,
    inspection: Inspection,
    header: Record,
    *,
    form: str,
    allure: bool,
    pseudonymise: bool,
) -> Run:
    folder = inspection.folder
    with _Bar(quiet=not form) as bar:
        recorder = _Recorder(folder, header, bar)
        try:
            watcher = Watcher(recorder.begin, recorder.record, bar.advance, _say)
            done = run(catalogue, target, options, watcher, inspection.redactor)
        except BaseException:
            recorder.close(pseudonymise=pseudonymise)
            raise
        finally:
            for value, marker in target.secrets().items():  # what was got in the course of the run, used or not
                inspection.redactor.add(value, marker)
    path = recorder.finish(run_records(done, header), pseudonymise=pseudonymise)
    recorded = read_report(path)
    write_junit(recorded, folder / JUNIT)
    if allure:
        from asdocumented.report.allure import write_allure

        write_allure(recorded, folder / "allure-results")
    inspection.check()
    if form:
        _show(recorded, form, inspection.looked_for())
    for left in done.execution.leftovers:
        click.echo(f"asdoc: {left}", err=True)
    for operation in done.stale:
        click.echo(f"asdoc: {regenerate(operation)}", err=True)
    for sentence in done.left:
        _say(sentence)
    if done.left:
        _say("What is left stays in the journal of changes; undo it with: asdoc cleanup")
    if done.distress is not None:
        click.echo(f"asdoc: {done.distress}", err=True)
    elif done.execution.interrupted:
        click.echo(f"asdoc: the run ended early: {done.execution.interrupted}", err=True)
    elif not form:
        click.echo(f"{path}: exit {done.exit_code}")
    return done


def _say(sentence: str) -> None:
    """Tell what the user must know beside the result."""
    click.echo(f"asdoc: {sentence[:1].upper()}{visible(sentence[1:]).rstrip('.')}.", err=True)


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


class _Recorder:
    """Opens the journal when the plan is made, so that a run that cannot start leaves no folder."""

    def __init__(self, folder: Path, header: Record, bar: _Bar) -> None:
        self._folder, self._header, self._bar = folder, header, bar
        self._journal: Journal | None = None

    def begin(self, plan: Plan, facts: Facts) -> None:
        """Write what is known before the first request."""
        self._journal = Journal(self._folder)
        self._journal.write(self._header)
        self._journal.write({"kind": "facts", **facts_record(facts)})
        for gap in plan.gaps:
            self._journal.write(gap_record(gap))
        self._bar.begin(plan)

    def record(self, event: Event) -> None:
        """Write one event."""
        if self._journal is not None:
            self._journal.write(event_record(event))

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


class _Bar:
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
