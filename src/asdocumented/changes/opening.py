"""Open what a run needs to change a target safely: its lock and its guard. Undo what a killed run left."""

from __future__ import annotations

import signal
import threading
from collections.abc import Container, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from asdocumented.changes.guarding import Keeper, Tell
from asdocumented.changes.journal import Arranged, Journal, read_journal
from asdocumented.changes.places import alone_at, changes_files, plain_url
from asdocumented.contracts.model import Api, Tier
from asdocumented.errors import UnreachableError, UsageError
from asdocumented.exchanges import Sender
from asdocumented.plans import Step
from asdocumented.secrets import Redactor
from asdocumented.targets.model import Guard, Target, UnavailableError, Unguarded
from asdocumented.traces import Exchange

_ENDINGS = ("SIGTERM", "SIGHUP")  # not every system has both


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
        target.keep_account(keeper)
        try:
            yield keeper
        except BaseException:
            _tell_left(keeper.pending, tell)
            raise
        _tell_left(
            keeper.pending - len(keeper.left) + bool(keeper.unwritten), tell
        )  # of the others the run itself has told


def _tell_left(count: int, tell: Tell) -> None:
    if count:
        tell(f"{_things(count)} left as the run changed them; undo that with: asdoc cleanup")


def _things(count: int) -> str:
    return "1 thing is" if count == 1 else f"{count} things are"


@contextmanager
def _asked_to_end() -> Iterator[None]:
    """Take a request to end for a Ctrl-C, so that a run still undoes what it changed.

    Build servers send one, and a terminal that is closed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    known = [getattr(signal, name) for name in _ENDINGS if hasattr(signal, name)]
    asked = [each for each in known if signal.getsignal(each) is not signal.SIG_IGN]  # nohup wants to go on
    before = {each: signal.signal(each, lambda number, frame: signal.raise_signal(signal.SIGINT)) for each in asked}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def left_behind(urls: list[str]) -> dict[Path, int]:
    """Return the journals in which earlier runs left changes on one of some servers, with how many things they changed."""
    asked = set(map(plain_url, urls))
    found = {}
    for file in changes_files():
        kept = read_journal(file)
        if kept.things and asked & {plain_url(url) for run in kept.runs for url in run["apis"].values()}:
            found[file] = kept.things
    return found


def _refuse_leftovers(urls: list[str]) -> None:
    found = left_behind(urls)
    if found:
        raise UsageError(
            "changes-left",
            f"{_things(sum(found.values()))} on this target as an earlier run changed them.",
            remedy="Undo that first: asdoc cleanup",
        )


async def undo_left(target: Target, apis: Mapping[str, Api], file: Path, redactor: Redactor, tell: Tell) -> list[str]:
    """Undo what a journal says is left, and return what still is, a sentence each. The caller holds the target.

    `redactor` knows the secrets of the target, and learns those that are used on the way.
    """
    keeper = Keeper(target, apis, target.rights or {}, (), redactor, tell)
    kept, journal = read_journal(file), Journal(file)
    keeper.take_over(kept.pending, journal)
    async with target.client() as client:
        sender = Sender(target, apis, redactor, client)
        keeper.begin(sender)
        async with AsyncExitStack() as end:
            end.push_async_callback(target.close)
            end.push_async_callback(keeper.finish)
            left = [await _restored(target, each, journal, sender) for each in reversed(kept.arranged)]
    return [*filter(None, left), *keeper.left]


async def _restored(target: Target, arranged: Arranged, journal: Journal, sender: Sender) -> str:
    """Take back a state that a killed run had arranged from outside the API; return why it stays, or the empty string.

    Where the user's file names no way, nobody will ever know one, so that this is told once.
    """

    async def send(step: Step) -> Exchange:
        return await sender.send(step.call, note=lambda exchange: None)

    what = f"{arranged.api}: the state '{arranged.state}'"
    try:
        known = await target.restore(arranged.api, arranged.state, send)
    except (UnavailableError, UnreachableError) as error:
        journal.failed([arranged.id], str(error))
        return f"{what} could not be cleaned up: {error}".rstrip(".")
    journal.undone([arranged.id], "its clean-up" if known else "told, since the targets file names no clean-up")
    return "" if known else f"{what} was arranged, and the targets file names no clean-up of it; look at it by hand"
