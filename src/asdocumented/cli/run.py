"""`asdoc run`: judge a target, show how far it got, leave a report, end with a documented exit code."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import click

from asdocumented.changes.places import changes_file
from asdocumented.cli.completing import complete_api, complete_operation, complete_requirement
from asdocumented.cli.contradicting import check_corpora, check_options, seconds_of
from asdocumented.cli.judging import Showing, judged, say
from asdocumented.cli.options import CONTRACTS, target_options
from asdocumented.contracts import Catalogue, Tier, load_catalogue
from asdocumented.contracts.locating import bundled
from asdocumented.corpus.store import Corpora, lacking, load_corpora
from asdocumented.discretion import discreet
from asdocumented.report.inspecting import inspected
from asdocumented.report.records import Record, header_record
from asdocumented.report.stream import make_room
from asdocumented.requirement import PROFILES
from asdocumented.running import Options, Run
from asdocumented.secrets import Redactor
from asdocumented.selection import Selection
from asdocumented.targets.choosing import choose_target
from asdocumented.targets.file import DEFAULT
from asdocumented.targets.knowing import terms_for
from asdocumented.targets.model import Target


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
    if cases:
        raise click.exceptions.Exit(_replayed(catalogue, target, options, cases))
    given = _given(targets_file, token_env, folder)
    report, header = _begun(target, options, output, given, "pseudonymised" if pseudonymise else target.name)
    with inspected(Redactor(), report, *_journals(target), contracts=folder, say=say) as inspection:
        showing = Showing("" if quiet else form, allure, pseudonymise)
        done = judged(catalogue, target, options, inspection, header, showing)
        _lacking(done, folder)
        code = done.exit_code
        if mode == "explore" and not done.execution.interrupted and not done.left:
            from asdocumented.cli.exploring import keeping_folder

            code = _explored(done, seconds, keeping_folder(corpus_folders, folder, report), folder, showing)
    raise click.exceptions.Exit(code)


def _replayed(catalogue: Catalogue, target: Target, options: Options, cases: tuple[str, ...]) -> int:
    """Replay single cases and return the exit code."""
    from asdocumented.cli.cases import replay_cases

    redactor = Redactor()
    with discreet(redactor):
        return replay_cases(catalogue, target, options, cases, redactor)


def _lacking(done: Run, contracts: Path | None) -> None:
    """Tell of the operations without stored cases."""
    if done.without_corpus:
        click.echo(f"asdoc: {lacking(done.without_corpus, len(done.asked), contracts)}", err=True)


def _explored(done: Run, seconds: float, keep: Path, contracts: Path | None, showing: Showing) -> int:
    """Explore the target of a run and return the exit code."""
    from asdocumented.cli.exploring import explore

    again = _again(done.target, done.options, keep, contracts)
    return explore(done, seconds, keep, again, pseudonymise=showing.pseudonymise)


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
