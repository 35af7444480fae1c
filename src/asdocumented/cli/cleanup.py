"""`asdoc cleanup`: undo what runs left on their targets that were killed or could not do it themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from asdocumented.changes.journal import Change, Kept, read_journal, unreadable
from asdocumented.changes.opening import undo_left
from asdocumented.changes.places import alone_at, changes_files
from asdocumented.contracts import Catalogue, load_catalogue
from asdocumented.contracts.model import JSON
from asdocumented.discretion import discreet_about
from asdocumented.errors import AsdocError, UsageError, ended, suggest
from asdocumented.preflight.connections import check_connections, require_one
from asdocumented.report.escaping import visible
from asdocumented.selection import Selection
from asdocumented.targets.choosing import choose_target
from asdocumented.targets.remote import RemoteTarget

_LEFT = 4


@click.command("cleanup")
@click.option("--target", "name", metavar="URL|NAME", default=None, help="Only this target [default: every one].")
@click.option(
    "--targets",
    "targets_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    default=None,
    help="The file that names targets [default: that of the run].",
)
@click.option(
    "--token-env",
    metavar="NAME",
    default=None,
    help="The environment variable with the token for a target given as a URL [default: that of the run].",
)
@click.option("--dry-run", is_flag=True, help="Show what is left, and send nothing.")
@click.option(
    "--contracts",
    "contracts_folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=None,
    help="A folder of contracts [default: those that come with asdoc].",
)
def cleanup_command(
    *,
    name: str | None,
    targets_file: Path | None,
    token_env: str | None,
    dry_run: bool,
    contracts_folder: Path | None,
) -> None:
    """Undo what runs left on their targets that were killed, or could not undo it themselves.

    The journal of changes tells what that is. What was undone meanwhile is left alone, so that doing it twice does no harm.
    Exit codes: 0 nothing is left, 2 wrong usage, 4 something is left.
    """
    catalogue = load_catalogue(contracts_folder)
    waiting = _waiting(name)
    if not waiting:
        click.echo("Nothing is left to undo.")
    codes = [
        _each(partial(_clean, catalogue, file, kept, targets_file, token_env, dry_run=dry_run))
        for file, kept in waiting
    ]
    unread = [_each(partial(_unread, file)) for file in changes_files()]
    raise click.exceptions.Exit(max([*codes, *unread], default=0))


def _each(clean: Callable[[], int]) -> int:
    """Clean one thing, and tell what is in the way of it: the others are cleaned all the same."""
    try:
        return clean()
    except AsdocError as error:
        click.echo(f"asdoc: {error}", err=True)
        return error.exit_code


def _unread(file: Path) -> int:
    _read(file)
    return 0


def _read(file: Path) -> Kept:
    kept = read_journal(file)
    if kept.things and not kept.runs:
        raise unreadable(file, "it has changes, and no run that made them")
    return kept


def _readable(file: Path) -> Kept:
    """Return what a journal holds; nothing where it cannot be read."""
    try:
        return _read(file)
    except UsageError:
        return Kept((), (), 0)


def _waiting(name: str | None) -> list[tuple[Path, Kept]]:
    """Return the journals with changes that are not undone; raises UsageError for a target that has none but others do."""
    found = [(file, kept) for file in changes_files() if (kept := _readable(file)).things]
    names = [str(kept.runs[-1]["target"]) for _, kept in found]
    if name is not None and name not in names and found:
        raise UsageError("nothing-left", f"Nothing is left on {visible(name)!r}.", remedy=suggest(name, names))
    return [each for each, known in zip(found, names, strict=True) if name in (None, known)]


def _clean(
    catalogue: Catalogue, file: Path, kept: Kept, targets_file: Path | None, token_env: str | None, *, dry_run: bool
) -> int:
    """Undo what one journal tells of, and return the exit code."""
    last = kept.runs[-1]
    click.echo(f"{visible(last['target'])}: {file}")
    for change in _each_thing(kept.pending):
        click.echo(f"  {visible(_told(change))}")
    for each in reversed(kept.arranged):
        click.echo(f"  {visible(f'{each.api}: the clean-up of the state {each.state!r}')}")
    if dry_run:
        return _LEFT
    given: dict[str, JSON] = last["given"]
    where = targets_file or (Path(given["targets"]) if "targets" in given else None)
    token = token_env or given.get("token-env")
    target = choose_target(catalogue, last["target"], where, token, Selection(tuple(last["apis"])), 0)
    if not isinstance(target, RemoteTarget):
        raise UsageError("nothing-left", "The emulator in this process is reset anyway.")
    _check_same(target, last["apis"])
    with discreet_about(target) as redactor:
        require_one(asyncio.run(check_connections(target)))
        with alone_at(target.name, last["apis"].values()):
            left = asyncio.run(undo_left(target, catalogue.apis, file, redactor, click.echo))
    for sentence in left:
        click.echo(f"asdoc: {ended(visible(redactor.text(sentence[:1].upper() + sentence[1:])))}", err=True)
    click.echo(f"  {kept.things - len(left)} undone, {len(left)} left")
    return _LEFT if left else 0


def _check_same(target: RemoteTarget, urls: dict[str, str]) -> None:
    """Raise UsageError where the file sends the target's name elsewhere by now: nothing there is the run's own."""
    for api, url in urls.items():
        now = target.base_url(api) if api in target.rights else "nowhere"
        if now != url:
            raise UsageError(
                "target-moved",
                f"{target.name!r} had {api} at {url} when it was changed, and has it at {now} now.",
                remedy="Name the targets file of that run with --targets.",
            )


def _each_thing(pending: tuple[Change, ...]) -> list[Change]:
    """Return one change of each thing, the latest thing first, as they are undone."""
    return list({(each.api, each.thing): each for each in reversed(pending)}.values())


def _told(change: Change) -> str:
    """Return what undoes a change."""
    undo = change.undo
    pool, value = change.thing
    told = f"{change.api}: {undo['call']['operation']} on the {pool} {value!r}"
    return f"{told}, where it is no longer {undo['was']!r}" if "was" in undo else told
