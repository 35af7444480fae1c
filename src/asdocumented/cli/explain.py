"""`asdoc explain`: what one requirement asks for, why, and how to try it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from asdocumented.cli.completing import complete_requirement
from asdocumented.cli.options import CONTRACTS, target_options

_MOST = 5
"""How many requirements are explained in full; more are listed."""


@click.command("explain")
@click.argument("requirement", shell_complete=complete_requirement)
@target_options("What the curl line is for; nothing is sent to it.")
@CONTRACTS
@click.option(
    "--format", "form", type=click.Choice(["pretty", "json", "markdown"]), default="pretty", show_default=True
)
def explain_command(
    requirement: str, target_name: str, targets_file: Path | None, folder: Path | None, form: str
) -> None:
    """Explain a requirement: what it asks for, why, how it is judged, what breaks it, and a request to try.

    REQUIREMENT is an id, the end of one, an operation, or a glob.
    """
    from asdocumented.cli.explained import as_json, as_markdown, find, print_pretty
    from asdocumented.contracts import load_catalogue
    from asdocumented.explaining import explain
    from asdocumented.known import shipped
    from asdocumented.selection import Selection
    from asdocumented.targets.choosing import choose_target
    from asdocumented.targets.knowing import own_deviations

    catalogue = load_catalogue(folder)
    target = choose_target(catalogue, target_name, targets_file, None, Selection(), 0, with_secrets=False)
    chosen = find(catalogue, requirement)
    if len(chosen) > _MOST:
        for each in chosen:
            click.echo(f"{each.level:<6} {each.id}\n       {each.text}")
        click.echo(f"{len(chosen)} requirements match {requirement!r}; name one to have it explained.", err=True)
        return
    known = (*own_deviations(target), *shipped(catalogue, folder))
    found = [explain(catalogue, each, target, known) for each in chosen]
    if form == "json":
        click.echo(json.dumps([as_json(each) for each in found], ensure_ascii=False, indent=2))
    elif form == "markdown":
        click.echo("\n\n".join(as_markdown(each) for each in found))
    else:
        for one in found:
            print_pretty(one)
