"""`asdoc targets doctor`: look whether a target has what a run rests on, with a remedy for what it has not."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click
from rich import box
from rich.table import Table
from rich.text import Text

from asdocumented.cli.completing import complete_api
from asdocumented.cli.options import CONTRACTS
from asdocumented.console import PipeConsole
from asdocumented.contracts import Catalogue, load_catalogue
from asdocumented.discretion import discreet_about
from asdocumented.errors import UnreachableError, UsageError
from asdocumented.exchanges import Sender
from asdocumented.preflight.checks import Check, State
from asdocumented.preflight.looking import Preflight
from asdocumented.report.escaping import shortened
from asdocumented.secrets import Redactor
from asdocumented.selection import Selection
from asdocumented.targets.choosing import choose_target
from asdocumented.targets.remote import RemoteTarget

_STYLES = {State.GOOD: "green", State.DOUBT: "yellow", State.MISSING: "bold red"}


@click.command("doctor")
@click.argument("name", metavar="NAME|URL")
@click.option(
    "--targets",
    "targets_file",
    type=click.Path(path_type=Path),
    default=None,
    help="The file that names targets [default: targets.toml].",
)
@click.option(
    "--api", "apis", multiple=True, metavar="API", shell_complete=complete_api, help="Only this API; may be repeated."
)
@click.option(
    "--token-env", metavar="NAME", default=None, help="The variable with the token for a target given as a URL."
)
@CONTRACTS
@click.option("--format", "form", type=click.Choice(["pretty", "json"]), default="pretty", show_default=True)
def doctor_command(
    name: str, targets_file: Path | None, apis: tuple[str, ...], token_env: str | None, folder: Path | None, form: str
) -> None:
    """Look at a target: connections and certificates, credentials, clocks, operations and resources.

    One valid read of each operation that reads is sent, and one of each resource that a read shows; nothing is changed. Exit
    codes: 0 all is there, 1 something is missing, 5 nothing can be reached.
    """
    catalogue = load_catalogue(folder)
    target = choose_target(catalogue, name, targets_file, token_env, Selection(apis), 0)
    if not isinstance(target, RemoteTarget):
        raise UsageError(
            "nothing-to-look-at",
            "The emulator in this process has everything.",
            remedy="Name a target of the targets file, or a URL.",
        )
    operations = frozenset(each for each in target.operations if not apis or each.partition("/")[0] in apis)
    if not operations:
        raise UsageError(
            "nothing-to-look-at",
            f"{name!r} has no operation of {', '.join(apis) or 'any API'}, so that nothing would be looked at.",
            remedy=f"It has {', '.join(target.description.apis)}.",
        )
    preflight = Preflight(catalogue, target, operations, reach=target.allow)
    with discreet_about(target) as redactor:
        unreachable = asyncio.run(_looked(catalogue, target, preflight, redactor))
    checks = [replace(each, text=redactor.text(each.text), name=redactor.text(each.name)) for each in preflight.checks]
    if form == "json":
        click.echo(json.dumps([_record(each) for each in checks], ensure_ascii=False, indent=2))
    else:
        _print(checks)
    missing = any(each.state is State.MISSING for each in checks)
    raise click.exceptions.Exit(5 if unreachable else 1 if missing else 0)


async def _looked(catalogue: Catalogue, target: RemoteTarget, preflight: Preflight, redactor: Redactor) -> bool:
    """Look at everything; tell whether nothing could be reached."""
    try:
        await preflight.connect()
        async with target.client() as client:
            try:
                await preflight.ask(Sender(target, catalogue.apis, redactor, client), lambda exchange: None)
            finally:
                await target.close()
    except UnreachableError:
        return True  # the checks say of each server why
    return False


def _record(check: Check) -> dict[str, str]:
    said = {"kind": check.kind, "api": check.api, "pool": check.pool, "name": check.name, "state": check.state}
    said |= {"text": check.text, "remedy": check.remedy}
    return {key: str(value) for key, value in said.items() if value}


def _print(checks: Iterable[Check]) -> None:
    """Print a table for each API."""
    console = PipeConsole(file=sys.stdout, markup=False, emoji=False, highlight=False)
    by_api: dict[str, list[Check]] = {}
    for each in checks:
        by_api.setdefault(each.api, []).append(each)
    for api, own in by_api.items():
        console.print(Text(api, "bold"))
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for title in ("state", "what", "name", "finding and remedy"):
            table.add_column(title, overflow="fold", no_wrap=title in ("state", "what"))
        for each in own:
            name = f"{each.pool} {each.name}".strip()
            said = Text(shortened(each.text)).append(f"\n{each.remedy}" if each.remedy else "", "italic")
            table.add_row(Text(each.state, _STYLES[each.state]), Text(each.kind), Text(shortened(name)), said)
        console.print(table)
        console.print()
