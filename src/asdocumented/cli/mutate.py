"""`asdoc mutate`: judge every broken and every permitted emulator, and say what the suite caught and what it left alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from asdocumented.cli.completing import complete_api, complete_operation
from asdocumented.cli.options import CONTRACTS
from asdocumented.console import forget_stdout
from asdocumented.contracts import load_catalogue
from asdocumented.sweeping import Plea, Sweep, publishing, sweep
from asdocumented.sweeping.page import page
from asdocumented.sweeping.pool import cores
from asdocumented.sweeping.records import PAGE, RESULTS, document, make_room, text, write
from asdocumented.sweeping.summary import render

_SHOWN = 60  # characters of an id beside the bar


@click.command("mutate")
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
@click.option("--mutant", default="", metavar="GLOB", help="Only mutants and variants whose id fits.")
@click.option(
    "--jobs", type=click.IntRange(min=1), default=None, help="How many processes judge at once [default: one a core]."
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="What ids and the sample of full runs are drawn from."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "schema"]),
    default="text",
    show_default=True,
    help="What is printed.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Where results and matrix go [default: reports/mutation/<id>].",
)
@click.option("--replace", is_flag=True, help="Write over what another sweep left in the folder of --output.")
@click.option(
    "--write-scores", is_flag=True, help="Write each operation's score beside its contract, for every report."
)
@CONTRACTS
def mutate_command(  # noqa: PLR0913 - each is an option of the command
    *,
    apis: tuple[str, ...],
    operations: tuple[str, ...],
    mutant: str,
    jobs: int | None,
    seed: int,
    form: str,
    output: Path | None,
    replace: bool,
    write_scores: bool,
    folder: Path | None,
) -> None:
    """Judge broken emulators (mutants) and permitted ones (legal variants): what the suite catches, and what it leaves alone.

    Each run goes over the operations that the deviation can touch; a sample that the seed draws goes over all of them too, which
    shows that this misses nothing. Stored cases are not replayed. A score says how well the checks tell right from wrong, and
    nothing about a real service. --format json prints the results, schema their JSON Schema.

    Exit codes: 0 all killed and no false alarm, 1 survivors, false alarms or requirements without a mutant, 2 wrong usage,
    3 a check of ours broke.
    """
    if form == "schema":
        click.echo(_schema(), nl=False)
        return
    if write_scores:
        publishing.check_whole(mutant)
    started = datetime.now(UTC)
    place = output or Path("reports") / "mutation" / f"{started:%Y%m%dT%H%M%S.%f}"[:-3]
    make_room(place, replace=replace)
    catalogue = load_catalogue(folder)
    plea = Plea(apis, operations, mutant, seed, jobs or cores())
    with _bar() as (begun, advanced):
        done = sweep(catalogue, plea, folder=folder, begun=begun, advanced=advanced)
    if write_scores:
        for file in publishing.write_scores(done, folder):
            click.echo(str(file), err=True)
    _tell(done, started.isoformat(timespec="seconds"), folder, place, form)
    raise click.exceptions.Exit(done.exit_code)


def _tell(done: Sweep, started: str, contracts: Path | None, place: Path, form: str) -> None:
    """Write the results and the matrix, and print what was asked for."""
    found = document(done, started=started, contracts=contracts)
    results = write(place, RESULTS, text(found))
    found = json.loads(results.read_text(encoding="utf-8"))
    matrix = write(place, PAGE, page(found))
    try:
        if form == "json":
            click.echo(text(found), nl=False)
        else:
            render(found, place=str(results), page=str(matrix), file=sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        forget_stdout()


def _schema() -> str:
    from importlib.resources import files

    return files("asdocumented.sweeping").joinpath("mutation.schema.json").read_text(encoding="utf-8")


@contextmanager
def _bar() -> Iterator[tuple[Callable[[int], None], Callable[[str], None]]]:
    """Show on stderr how far a sweep is, where that is a terminal; else nothing."""
    if not sys.stderr.isatty():
        yield (lambda total: None), (lambda name: None)
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)

        def begun(total: int) -> None:
            progress.update(task, total=total)

        def advanced(name: str) -> None:
            progress.update(task, advance=1, description=name[:_SHOWN])

        yield begun, advanced
