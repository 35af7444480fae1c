"""`asdoc targets`: check the targets file, list what it names, and show one target with what it leaves unjudged."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from asdocumented.cli.doctor import doctor_command
from asdocumented.contracts import Catalogue, load_catalogue
from asdocumented.errors import UsageError
from asdocumented.report.escaping import visible
from asdocumented.targets.description import Description
from asdocumented.targets.file import DEFAULT, check_targets, idle_settings, read_target, unset_variables
from asdocumented.targets.lacking import Lack, Needs
from asdocumented.targets.remote import RemoteTarget
from asdocumented.targets.showing import plain, told, way_of

_contracts = click.option(
    "--contracts",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=None,
    help="A folder of contracts [default: those that come with asdoc].",
)
_targets = click.option(
    "--targets",
    "targets_file",
    type=click.Path(path_type=Path),
    default=DEFAULT,
    show_default=True,
    help="The file that names targets.",
)


@click.group("targets")
def targets_group() -> None:
    """Look at the targets file, and at a target: nothing but `doctor` sends anything or reads a secret."""


targets_group.add_command(doctor_command)


@targets_group.command("check")
@click.argument("file", type=click.Path(path_type=Path), default=None, required=False)
@click.option("--targets", "targets_file", type=click.Path(path_type=Path), default=None, help="The same as FILE.")
@_contracts
def check_command(file: Path | None, targets_file: Path | None, contracts: Path | None) -> None:
    """Name every mistake of a targets file at once, and end with 2 when there is one.

    Files, certificates and commands that it refers to must be here. Variables that are not set, and states that it does not allow
    to be arranged, are told and are no mistakes.
    """
    if file is not None and targets_file is not None:
        raise UsageError("options-contradict", "FILE and --targets both name a file.", remedy="Give one of them.")
    file = file or targets_file or DEFAULT
    catalogue = load_catalogue(contracts)
    found = check_targets(catalogue, file, here=True)
    named = f"{len(found)} target{'s' * (len(found) != 1)}" if found else "no target yet"
    click.echo(f"{file}: {named}, no mistakes.")
    for sentence in (*unset_variables(file), *idle_settings(file), *_refused(catalogue, found)):
        click.echo(f"note: {visible(sentence)}")


def _refused(catalogue: Catalogue, found: Mapping[str, Description]) -> Iterator[str]:
    """Yield the states that a file wants to be arranged by requests which it does not allow."""
    for name, each in found.items():
        for api, states in RemoteTarget(catalogue, each, with_secrets=False).refused.items():
            yield from (
                f"targets.{name}.apis.{api}.states.{state} is not arranged: {why}" for state, why in states.items()
            )


@targets_group.command("list")
@_targets
@_contracts
def list_command(targets_file: Path, contracts: Path | None) -> None:
    """List the targets: name, implementation, the tier allowed, and the APIs."""
    for name, each in check_targets(load_catalogue(contracts), targets_file).items():
        who = " ".join(filter(None, [each.implementation or name, each.version]))
        click.echo(f"{name}\t{who}\tup to {each.allow}\t{', '.join(each.apis)}")


@targets_group.command("show")
@click.argument("name")
@_targets
@_contracts
@click.option(
    "--format",
    "form",
    type=click.Choice(["pretty", "json"]),
    default="pretty",
    show_default=True,
    help="How it is shown.",
)
def show_command(name: str, targets_file: Path, contracts: Path | None, form: str) -> None:
    """Show what the file says of a target, its operations in scope, and what it would have to name to be judged further."""
    catalogue = load_catalogue(contracts)
    target = RemoteTarget(catalogue, read_target(catalogue, name, targets_file), with_secrets=False)
    needs = Needs(catalogue, target)
    lacks = list(needs.lacking())
    if form == "json":
        click.echo(json.dumps(_document(target, needs, lacks), indent=2, ensure_ascii=False))
    else:
        for line in _lines(target, needs, lacks):
            click.echo(line)


def _document(target: RemoteTarget, needs: Needs, lacks: Iterable[Lack]) -> dict[str, Any]:
    document: dict[str, Any] = plain(target.description)
    document["operations"] = sorted(target.operations)
    for api, described in document["apis"].items():
        described["pools"] = needs.pools(api)
        described["lacking"] = [
            {"kind": each.kind, "name": each.name, "unjudged": list(each.unjudged)} for each in lacks if each.api == api
        ]
    return document


def _lines(target: RemoteTarget, needs: Needs, lacks: list[Lack]) -> Iterator[str]:
    said = target.description
    who = " ".join(filter(None, [said.implementation or said.name, said.version]))
    yield f"{said.name}: {who}" + (f" (contact: {said.contact})" if said.contact else "")
    pace = f"{said.pace.rate:g} requests a second" if said.pace.rate else "any number a second"
    yield f"  up to the tier {said.allow}, {'with' if said.intrusive else 'without'} intrusive requests"
    yield f"  at most {pace}, {said.pace.concurrency} at a time; answers within {said.limits.answer:g} s"
    for each in said.unsupported:
        yield f"  unsupported: {each.requirement} ({each.reason})"
    for deviation in said.known_deviations:
        yield f"  known until {deviation.expires}: {deviation.requirement} ({deviation.reason})"
    for api in said.apis:
        yield ""
        yield from _api_lines(target, needs, api, [each for each in lacks if each.api == api])


def _api_lines(target: RemoteTarget, needs: Needs, api: str, lacks: list[Lack]) -> Iterator[str]:
    described = target.description.apis[api]
    by: dict[str, dict[str, Lack]] = defaultdict(dict)
    for each in lacks:
        by[each.kind][each.name] = each
    yield f"{api} at {target.base_url(api)}" + ("" if described.tls.verify else " (its certificate is NOT verified)")
    yield from _block(
        "operations in scope",
        ((each.partition("/")[2], "") for each in sorted(target.operations) if each.startswith(f"{api}/")),
    )
    credentials = {who: told(each) for who, each in described.credentials.items()}
    yield from _block("credentials", [*credentials.items(), *_missing(by["identity"])])
    pools = {pool: ", ".join(target.pools[api].get(pool, ())) for pool in needs.pools(api)}
    named = [(pool, ids) for pool, ids in pools.items() if ids]
    yield from _block("pools", [*named, *_missing(by["pool"])])
    for title, owned in (("owned", described.owned), ("irreversible", described.irreversible)):
        yield from _block(title, ((pool, ", ".join(ids)) for pool, ids in owned.items()))
    states = {state: way_of(each.arrange) for state, each in described.states.items()}
    yield from _block("states", [*states.items(), *_missing(by["state"])])
    yield from _block(
        "left out of a run, since it", ((each.name, f"({_count(each)})") for each in by["reason"].values())
    )


def _missing(lacks: dict[str, Lack]) -> list[tuple[str, str]]:
    return [(name, f"MISSING, which leaves unjudged: {_told(each)}") for name, each in lacks.items()]


def _told(lack: Lack) -> str:
    """Return what a lack leaves unjudged: the requirements by operation, with one of them where it is one."""
    if not lack.unjudged:
        return "whether requests that need it must succeed"
    if len(lack.unjudged) == 1:
        return lack.unjudged[0]
    by: dict[str, int] = defaultdict(int)
    for each in lack.unjudged:
        by[each.split("/")[1]] += 1
    return ", ".join(f"{count} of {operation}" for operation, count in by.items())


def _count(lack: Lack) -> str:
    return f"{len(lack.unjudged)} requirement{'s' * (len(lack.unjudged) != 1)}"


def _block(title: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield a heading and its rows in two columns; nothing where there are no rows."""
    table = list(rows)
    width = max((len(first) for first, _ in table), default=0)
    yield from [f"  {title}:"] if table else []
    yield from (f"    {first.ljust(width)}  {second}".rstrip() for first, second in table)
