"""`asdoc corpus`: generate the stored cases of operations, list them, and say which are stale."""

from __future__ import annotations

from pathlib import Path

import click

from asdocumented.cli.options import CONTRACTS
from asdocumented.contracts import load_catalogue
from asdocumented.contracts.locating import bundled, is_in_checkout
from asdocumented.corpus.machines import machines
from asdocumented.corpus.store import load_corpora, read_corpus, regenerate, write_corpus
from asdocumented.corpus.walks import read_walks, write_walks
from asdocumented.errors import UsageError
from asdocumented.selection import Selection, select_operations


@click.group("corpus")
def corpus_group() -> None:
    """Look at the generated cases that every run replays, and generate them anew."""


@corpus_group.command("generate")
@click.argument("operations", nargs=-1, metavar="[OPERATION]...")
@click.option("--seed", type=int, default=0, show_default=True, help="What the cases are drawn from.")
@CONTRACTS
def generate_command(operations: tuple[str, ...], seed: int, folder: Path | None) -> None:
    """Generate the corpus of these operations (of all by default) beside their contracts.

    The same contract, version of the generator and seed give the same cases. Examples that once failed are kept.
    Without --contracts this is for a checkout: what is installed is not written to.
    """
    place = folder or bundled("contracts")
    if folder is None and not is_in_checkout(place):
        raise UsageError(
            "no-contracts-to-change",
            f"The contracts that come with asdoc ({place}) are part of its installation, and are not written to.",
            remedy="Give a folder of contracts of your own: --contracts DIR.",
        )
    from asdocumented.corpus.choosing import generate  # Schemathesis is slow to import, and no run needs it
    from asdocumented.corpus.walking import stored_walks

    catalogue = load_catalogue(folder)
    chosen = select_operations(catalogue, Selection(operations=operations))
    for operation in (each for each in catalogue.operations if each.id in chosen):
        known = read_corpus(place, operation)
        corpus = generate(catalogue, operation, seed, known.examples if known else ())
        file = write_corpus(place, corpus)
        click.echo(f"{len(corpus.all):>4} cases  {file}")
    for api in catalogue.apis.values():
        if any(each.id in chosen for each in api.operations.values()):
            stored = {machine.name: walks for machine, _, walks in read_walks(place, api)}
            walks = {
                machine.name: (
                    *(each for each in stored.get(machine.name, ()) if each.requirement),
                    *stored_walks(machine, seed),
                )
                for machine in machines(api)
            }
            written = write_walks(place, api, walks)
            if written is not None:
                click.echo(f"{sum(map(len, walks.values())):>4} walks  {written}")


@corpus_group.command("list")
@click.argument("operations", nargs=-1, metavar="[OPERATION]...")
@CONTRACTS
def list_command(operations: tuple[str, ...], folder: Path | None) -> None:
    """List the stored cases that a run replays, with why each was generated."""
    catalogue = load_catalogue(folder)
    corpora = load_corpora(catalogue, folder)
    chosen = select_operations(catalogue, Selection(operations=operations))
    for operation in sorted(chosen):
        for case in corpora.all_of(operation):
            found = f"; it once broke {case.requirement}" if case.requirement else ""
            click.echo(f"{case.id:<48} {case.kind:<8} {case.why}{found}")
    for operation in sorted(chosen & set(corpora.stale)):
        click.echo(regenerate(operation), err=True)


@corpus_group.command("check")
@CONTRACTS
def check_command(folder: Path | None) -> None:
    """Say which corpora are stale; exit 1 when one is."""
    catalogue = load_catalogue(folder)
    corpora = load_corpora(catalogue, folder)
    for operation in corpora.stale:
        click.echo(regenerate(operation), err=True)
    click.echo(f"{sum(map(len, corpora.cases.values()))} cases of {len(corpora.cases)} operations.")
    if corpora.stale:
        raise click.exceptions.Exit(1)
