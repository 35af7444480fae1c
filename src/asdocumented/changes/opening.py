"""Open what a run needs to change a target safely: its lock and its guard. Undo what a killed run left."""

from __future__ import annotations

import signal
import threading
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from asdocumented.changes.guarding import Keeper, Tell
from asdocumented.changes.journal import Journal, read_journal
from asdocumented.changes.places import alone_at, changes_files, plain_url
from asdocumented.contracts.model import Api, Tier
from asdocumented.errors import UsageError
from asdocumented.exchanges import Sender
from asdocumented.secrets import Redactor
from asdocumented.targets.model import Guard, Target, Unguarded


@contextmanager
def guarded(
    target: Target, apis: Mapping[str, Api], absent: Container[str], redactor: Redactor, reach: Tier, tell: Tell
) -> Iterator[Guard]:
    """Hold a target while the block lasts, and give the guard of what a run does to it.

    Raises UsageError when another run is at work there, and when an earlier one left changes that would be taken for how the
    target was.
    """
    if target.rights is None:
        yield Unguarded()
        return
    urls = [target.base_url(api) for api in target.rights]
    with alone_at(target.name, urls), _asked_to_end():
        if reach.rank > Tier.READ.rank:
            _refuse_leftovers(urls)
        keeper = Keeper(target, apis, target.rights, absent, redactor, tell)
        try:
            yield keeper
        except BaseException:
            _tell_left(keeper.pending, tell)
            raise
        _tell_left(keeper.pending - len(keeper.left), tell)  # of the others the run itself has told


def _tell_left(count: int, tell: Tell) -> None:
    if count:
        tell(f"{_things(count)} left as the run changed them; undo that with: asdoc cleanup")


def _things(count: int) -> str:
    return "1 thing is" if count == 1 else f"{count} things are"


@contextmanager
def _asked_to_end() -> Iterator[None]:
    """Take a request to end, as build servers send it, for a Ctrl-C, so that a run still undoes what it changed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda number, frame: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def left_behind(urls: list[str]) -> dict[Path, int]:
    """Return the journals in which earlier runs left changes on one of some servers, with how many things they changed."""
    asked = set(map(plain_url, urls))
    found = {}
    for file in changes_files():
        kept = read_journal(file)
        if kept.pending and asked & {plain_url(url) for run in kept.runs for url in run["apis"].values()}:
            found[file] = len({(each.api, each.thing) for each in kept.pending})
    return found


def _refuse_leftovers(urls: list[str]) -> None:
    found = left_behind(urls)
    if found:
        raise UsageError(
            "changes-left",
            f"{_things(sum(found.values()))} on this target as an earlier run changed them.",
            remedy="Undo that first: asdoc cleanup",
        )


async def undo_left(target: Target, apis: Mapping[str, Api], file: Path, tell: Tell) -> list[str]:
    """Undo what a journal says is left, and return what still is, a sentence each. The caller holds the target."""
    redactor = Redactor(target.secrets())
    keeper = Keeper(target, apis, target.rights or {}, (), redactor, tell)
    keeper.take_over(read_journal(file).pending, Journal(file))
    async with target.client() as client:
        keeper.begin(Sender(target, apis, redactor, client))
        try:
            await keeper.finish()
        finally:
            await target.close()
    return keeper.left
