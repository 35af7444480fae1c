"""The journal of changes: lines of JSON, each on disk before the request that it tells of is sent.

It outlives the run. Nobody's credential is in it: a request is its method and target, and an undo names an identity.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path

import orjson

from asdocumented.contracts.model import JSON
from asdocumented.errors import HarnessError, UsageError
from asdocumented.plans import Call

Record = dict[str, JSON]


@dataclass(frozen=True, slots=True)
class Change:
    """One change that a journal tells of and that nobody has taken back: of what (a pool and an id), its undo, its answer."""

    id: int
    api: str
    operation: str
    thing: tuple[str, str]
    request: Mapping[str, str]
    undo: Mapping[str, JSON]
    status: int = 0  # of its answer; 0 where none is known

    @property
    def answered(self) -> bool:
        """Tell whether its request was answered."""
        return self.status != 0


@dataclass(frozen=True, slots=True)
class Arranged:
    """A state that a command or an HTTP call of the user's was about to arrange, and that was not taken back."""

    id: int
    api: str
    state: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What a journal holds: the runs that wrote it, and what is still to be undone, in the order in which it was done."""

    runs: tuple[Mapping[str, JSON], ...]
    pending: tuple[Change, ...]
    last: int
    arranged: tuple[Arranged, ...] = ()

    @property
    def things(self) -> int:
        """Return how many things are still to be put back."""
        return len({(each.api, each.thing) for each in self.pending}) + len(self.arranged)


def read_journal(file: Path) -> Kept:
    """Return what a journal holds; a missing one holds nothing, and a last line that was cut short was never sent.

    Raises UsageError for a file that is no such journal.
    """
    if not file.exists():
        return Kept((), (), 0)
    try:
        return _kept(_records(file))
    except (LookupError, TypeError, ValueError) as error:
        raise unreadable(file, f"a line of it is no record of a change ({type(error).__name__})") from error


def _kept(records: Iterable[Record]) -> Kept:
    runs: list[Record] = []
    changes: dict[int, Change] = {}
    arranged: dict[int, Arranged] = {}
    last = 0
    for record in records:
        match record["kind"]:
            case "run":
                runs.append(record)
            case "change":
                last = int(record["id"])
                if record["undo"] is not None:
                    changes[last] = _change(record)
            case "arranged":
                last = int(record["id"])
                arranged[last] = Arranged(last, record["api"], record["state"])
            case "answered" if record["id"] in changes:
                changes[record["id"]] = replace(changes[record["id"]], status=int(record["status"]))
            case "undone":
                for each in record["ids"]:
                    changes.pop(each, None)
                    arranged.pop(each, None)
    return Kept(tuple(runs), tuple(changes.values()), last, tuple(arranged.values()))


def _change(record: Record) -> Change:
    pool, value = record["thing"]
    return Change(record["id"], record["api"], record["operation"], (pool, value), record["request"], record["undo"])


def _records(file: Path) -> list[Record]:
    lines = file.read_bytes().split(b"\n")
    try:
        return [orjson.loads(line) for line in lines[:-1] if line]  # the last one is empty, or was cut short
    except orjson.JSONDecodeError as error:
        raise unreadable(file, str(error)) from error


def unreadable(file: Path, why: str) -> UsageError:
    """Return the sentence on a journal that nobody can go by."""
    return UsageError(
        "changes-unreadable",
        f"The journal of changes {str(file)!r} cannot be read: {why}.",
        remedy="See in it what is left on the target, undo that by hand, and remove the file.",
    )


class Journal:
    """Appends to a journal; a change is on disk when its method returns, or HarnessError is raised and it is not sent.

    What is told of a change afterwards only saves work: where that cannot be written, `unwritten` says why, and the undo goes on.
    """

    def __init__(self, file: Path) -> None:
        kept = read_journal(file)
        self._path, self.unwritten = file, ""
        self._last = kept.last
        self._file = self._opened(file, afresh=not kept.things)

    def _opened(self, file: Path, *, afresh: bool) -> FileIO:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        whole = 0 if afresh or not file.exists() else file.read_bytes().rfind(b"\n") + 1
        opened = os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0)
        opened.truncate(whole)
        opened.seek(whole)
        _sync_folder(file.parent)
        return opened

    def begin(self, **told: JSON) -> None:
        """Say which run writes from here on."""
        self._write({"kind": "run", **told})

    def change(self, call: Call, thing: tuple[str, str], target: str, undo: Mapping[str, JSON] | None) -> int:
        """Tell of a request that may change something, and of what undoes it (None: nothing does); return its number.

        `target` is the request's path and query without a secret.
        """
        self._last += 1
        operation = call.operation
        self._write(
            {
                "kind": "change",
                "id": self._last,
                "api": operation.api,
                "operation": operation.name,
                "thing": list(thing),
                "request": {"method": call.method or operation.method, "target": target},
                "undo": dict(undo) if undo is not None else None,
            }
        )
        return self._last

    def arranged(self, api: str, state: str) -> int:
        """Tell of a state that something outside the API is about to arrange; return its number."""
        self._last += 1
        self._write({"kind": "arranged", "id": self._last, "api": api, "state": state})
        return self._last

    def answered(self, number: int, status: int) -> None:
        """Tell what the request of a change was answered."""
        self._note({"kind": "answered", "id": number, "status": status}, at_once=False)

    def undone(self, numbers: list[int], how: str) -> None:
        """Tell that changes are undone, and what shows it."""
        self._note({"kind": "undone", "ids": numbers, "how": how})

    def failed(self, numbers: list[int], reason: str) -> None:
        """Tell why changes could not be undone."""
        self._note({"kind": "failed", "ids": numbers, "reason": reason})

    def close(self) -> None:
        """Let go of the file, which stays."""
        self._file.close()

    def _note(self, record: Record, *, at_once: bool = True) -> None:
        """Write what is told of a change once it is sent; where that fails, the change stands there as one to be undone."""
        try:
            self._write(record, at_once=at_once)
        except HarnessError as error:
            self.unwritten = f"{error.message} {error.remedy}".rstrip(".")

    def _write(self, record: Record, *, at_once: bool = True) -> None:
        """Write a line; what nobody waits for need not be on disk at once, since the system keeps it for a killed process.

        A line that does not fit is taken away again, so that those after it can be read.
        """
        before = self._file.tell()
        line = memoryview(orjson.dumps(record) + b"\n")
        try:
            while line:
                line = line[self._file.write(line) :]
            if at_once:
                os.fsync(self._file.fileno())
        except OSError as error:
            with suppress(OSError):
                self._file.truncate(before)
                self._file.seek(before)
            raise HarnessError(
                "changes-unwritable",
                f"The journal of changes {str(self._path)!r} cannot be written: {error.strerror or error}.",
                remedy="Make room there, and let `asdoc cleanup` see to what it still holds.",
            ) from error


def _sync_folder(folder: Path) -> None:
    """Put a folder's list of files on disk, where the system can do that."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
