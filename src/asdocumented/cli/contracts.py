"""`asdoc contracts` and `asdoc requirements`: look at what the pages promise, and check that it is written down right."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
import yaml
from rich.markup import escape

from asdocumented.cli.completing import complete_api
from asdocumented.cli.options import CONTRACTS
from asdocumented.console import PipeConsole
from asdocumented.contracts import Catalogue, Operation, load_catalogue
from asdocumented.contracts.model import Api
from asdocumented.corpus.store import lacking, load_corpora, regenerate
from asdocumented.coverage import PageCoverage, cover
from asdocumented.errors import UsageError, suggest
from asdocumented.known import shipped
from asdocumented.requirement import EDITION, Requirement
from asdocumented.requirements import derive
from asdocumented.selection import Selection, select_operations, select_requirements
from asdocumented.targets.names import names_of

_FORMAT = click.option(
    "--format", "form", type=click.Choice(["pretty", "json", "markdown"]), default="pretty", show_default=True
)


def _console() -> PipeConsole:
    return PipeConsole(file=sys.stdout, highlight=False, soft_wrap=True)


def _json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


@click.group("contracts")
def contracts_group() -> None:
    """Look at the contracts, check and export them."""


@contracts_group.command("list")
@CONTRACTS
@_FORMAT
def list_command(folder: Path | None, form: str) -> None:
    """List the operations that have a contract."""
    catalogue = load_catalogue(folder)
    rows = [(each.id, each.method, each.path, str(each.tier), str(each.evidence)) for each in catalogue.operations]
    if form == "json":
        _json([dict(zip(("id", "method", "path", "tier", "evidence"), row, strict=True)) for row in rows])
    elif form == "markdown":
        click.echo("| operation | method | path | tier | evidence |\n|---|---|---|---|---|")
        for row in rows:
            click.echo(f"| {' | '.join(row)} |")
    else:
        _print_operations(catalogue)


def _print_operations(catalogue: Catalogue) -> None:
    wide = max(len(each.name) for each in catalogue.operations)
    for api in catalogue.apis.values():
        click.echo(f"{api.name}  {api.title}, {api.version}")
        for each in api.operations.values():
            click.echo(f"  {each.name:<{wide}}  {each.method:<6} {each.tier:<10} {each.evidence}")


def _find(catalogue: Catalogue, name: str) -> Operation:
    matches = [each for each in catalogue.operations if name in (each.id, each.name)]
    if len(matches) == 1:
        return matches[0]
    known = [each.id for each in catalogue.operations]
    if matches:
        raise UsageError(
            "ambiguous-operation",
            f"{name!r} is in more than one API.",
            remedy=f"Name one of {', '.join(each.id for each in matches)}.",
        )
    raise UsageError("unknown-operation", f"No operation is named {name!r}.", remedy=suggest(name, known))


@contracts_group.command("show")
@click.argument("identifier", metavar="ID")
@CONTRACTS
def show_command(identifier: str, folder: Path | None) -> None:
    """Show one operation: its page, its requirements and its ambiguities."""
    catalogue = load_catalogue(folder)
    operation = _find(catalogue, identifier)
    console = _console()
    console.print(f"[bold]{escape(operation.id)}[/bold]  {operation.method} {escape(operation.path)}")
    console.print(
        f"  {escape(operation.title)}; page: {escape(operation.source.page)}"
        f" ({operation.source.locale}, {operation.source.retrieved})"
    )
    console.print(f"  https://{escape(operation.source.url.removeprefix('https://'))}")
    undo = (
        f", undone by {operation.undo}"
        if operation.undo and operation.undo != "none"
        else ", cannot be undone"
        if operation.undo
        else ""
    )
    console.print(f"  tier {operation.tier}{undo}; permission {operation.permission}; evidence {operation.evidence}")
    if operation.irreversible:
        console.print(f"  irreversible: {escape(operation.irreversible)}")
    console.print("\n[bold]Requirements[/bold]")
    for each in derive(catalogue).values():
        if (each.api, each.operation) == (operation.api, operation.name):
            console.print(f"  {each.level:<6} {each.basis.evidence:<10} {escape(each.what)}")
    console.print("\n[bold]Ambiguities[/bold]")
    for entry in (*operation.ambiguities.values(), *catalogue.apis[operation.api].ambiguities.values()):
        readings = ", ".join(f"{each.name} ({each.evidence or 'no evidence'})" for each in entry.readings)
        seen = f"told apart by {entry.seen_in}" if entry.seen_in else f"not told apart: {entry.unseen}"
        console.print(
            f"  {entry.id}  {escape(entry.about)}\n      page {entry.page}; readings: {escape(readings)}; {escape(seen)}"
        )


@contracts_group.command("names")
@click.option("--api", "name", default=None, metavar="API", shell_complete=complete_api, help="Only this API.")
@CONTRACTS
@click.option("--format", "form", type=click.Choice(["pretty", "json"]), default="pretty", show_default=True)
def names_command(name: str | None, folder: Path | None, form: str) -> None:
    """List what a targets file can name of each API: credentials, resources with what draws on them, and states."""
    catalogue = load_catalogue(folder)
    apis = catalogue.apis if name is None else {name: _api(catalogue, name)}
    found = {each: names_of(api) for each, api in apis.items()}
    if form == "json":
        _json(found)
        return
    for api, tables in found.items():
        click.echo(f"[targets.NAME.apis.{api}]")
        for key, names in tables.items():
            wide = max(map(len, names), default=0)
            click.echo(f"  {key}")
            for each, purpose in names.items():
                click.echo(f"    {each:<{wide}}  {purpose}".rstrip())


def _api(catalogue: Catalogue, name: str) -> Api:
    if name not in catalogue.apis:
        raise UsageError("unknown-api", f"No API is named {name!r}.", remedy=suggest(name, catalogue.apis))
    return catalogue.apis[name]


@contracts_group.command("check")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True), required=False)
def check_command(folder: Path | None) -> None:
    """Check a folder of contracts; every mistake is told at once, and the exit code is then 2; 1 for a stale corpus."""
    catalogue = load_catalogue(folder)
    requirements = derive(catalogue)
    shipped(catalogue, folder)  # raises for mistakes in them
    click.echo(
        f"{len(catalogue.apis)} APIs, {len(catalogue.operations)} operations, {len(requirements)} requirements: no mistakes."
    )
    corpora = load_corpora(catalogue, folder)
    without = corpora.lacking_in(each.id for each in catalogue.operations)
    if without:
        click.echo(lacking(without, len(catalogue.operations), folder))
    stale = corpora.stale
    for operation in stale:
        click.echo(regenerate(operation), err=True)
    if stale:
        raise click.exceptions.Exit(1)


@contracts_group.command("coverage")
@click.option("--docs", type=click.Path(path_type=Path), required=True, help="The folder with the pages' texts.")
@click.option("--all", "everything", is_flag=True, help="Show every line, not only those that nothing accounts for.")
@CONTRACTS
@_FORMAT
def coverage_command(docs: Path, everything: bool, folder: Path | None, form: str) -> None:  # noqa: FBT001 - click passes flags by name
    """Show, for every line of the pages, which requirement cites it or why none does; exit 1 when a line has neither."""
    catalogue = load_catalogue(folder)
    pages = cover(catalogue, derive(catalogue), docs)
    if form == "json":
        _json([_page_json(page, everything=everything) for page in pages])
    else:
        for page in pages:
            _print_page(page, everything=everything, markdown=form == "markdown")
    if not all(page.is_complete for page in pages):
        raise click.exceptions.Exit(1)


def _page_json(page: PageCoverage, *, everything: bool) -> dict[str, Any]:
    return {
        "operation": page.operation,
        "page": page.page,
        "file": page.file,
        "covered": page.covered,
        "lines": len(page.lines),
        "complete": page.is_complete,
        "detail": [
            {"line": line.number, "requirements": list(line.requirements), "reason": line.reason}
            for line in page.lines
            if everything or not line.is_covered
        ],
    }


def _print_page(page: PageCoverage, *, everything: bool, markdown: bool) -> None:
    share = f"{page.covered}/{len(page.lines)} lines" if page.file else "the page's text is not in the folder"
    click.echo(f"{'### ' if markdown else ''}{page.operation}: {share}{'' if page.is_complete else '  INCOMPLETE'}")
    for identifier in page.beyond:
        click.echo(f"  cites beyond the page's end: {identifier}")
    for line in page.lines:
        if everything or not line.is_covered:
            both = line.requirements and line.reason
            more = f" and {len(line.requirements) - 1} more" if len(line.requirements) > 1 else ""
            cited = f"{line.requirements[0]}{more}" if line.requirements else ""
            text = (
                f"{cited}, and called {line.reason!r} too"
                if both
                else cited or line.reason or "NOTHING ACCOUNTS FOR IT"
            )
            click.echo(f"{'- ' if markdown else '  '}{line.number:>4}  {text}")


@contracts_group.command("export")
@click.option("--api", "name", required=True, help="The API to export.")
@click.option("--format", "form", type=click.Choice(["json", "yaml"]), default="json", show_default=True)
@click.option(
    "--server", default=None, metavar="URL", help="The server to put into the document instead of the vendor's."
)
@CONTRACTS
def export_command(name: str, form: str, server: str | None, folder: Path | None) -> None:
    """Print one API's contracts as an OpenAPI 3.1 document."""
    from asdocumented.openapi import export

    catalogue = load_catalogue(folder)
    document = export(_api(catalogue, name))
    if server:
        document["servers"] = [{"url": server}]
    click.echo(
        json.dumps(document, ensure_ascii=False, indent=2)
        if form == "json"
        else yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    )


@click.command("requirements")
@click.option("--api", "apis", multiple=True, metavar="API", help="Only this API; may be repeated.")
@click.option(
    "--operation", "operations", multiple=True, metavar="OPERATION", help="Only this operation; may be repeated."
)
@click.option("--requirement", "globs", multiple=True, metavar="GLOB", help="Only ids that match; may be repeated.")
@CONTRACTS
@_FORMAT
def requirements_command(
    apis: tuple[str, ...], operations: tuple[str, ...], globs: tuple[str, ...], folder: Path | None, form: str
) -> None:
    """List the requirements that follow from the contracts."""
    catalogue = load_catalogue(folder)
    selection = Selection(apis, operations, globs)
    chosen = select_requirements(derive(catalogue), selection, select_operations(catalogue, selection))
    if form == "json":
        _json({"edition": EDITION, "requirements": [requirement_json(each) for each in chosen.values()]})
    elif form == "markdown":
        click.echo("| requirement | level | evidence | text | basis |\n|---|---|---|---|---|")
        for each in chosen.values():
            cells = (f"`{each.id}`", str(each.level), str(each.basis.evidence), each.text, _where(each))
            click.echo(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    else:
        console = _console()
        for each in chosen.values():
            console.print(f"[bold]{each.level:<6}[/bold] {each.basis.evidence:<10} {escape(each.id)}")
            console.print(f"       {escape(each.text)} [dim]{escape(_where(each))}[/dim]")
        console.print(f"{len(chosen)} requirements, edition {EDITION}")


def _where(requirement: Requirement) -> str:
    lines = ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in requirement.basis.lines)
    parts = [requirement.basis.place, f"lines {lines}" if lines else "", requirement.basis.reference]
    return "; ".join(part for part in parts if part)


def requirement_json(requirement: Requirement) -> dict[str, Any]:
    """Return a requirement as the JSON of `asdoc requirements` and of the golden lists."""
    return {
        "id": requirement.id,
        "family": requirement.family,
        "level": str(requirement.level),
        "evidence": str(requirement.basis.evidence),
        "text": requirement.text,
        "place": requirement.basis.place,
        "lines": [list(each) for each in requirement.basis.lines],
        "reference": requirement.basis.reference,
        "conditional": requirement.conditional,
    }
