"""The journal of changes: on disk before anything is sent, forgiving about a line that was cut short, and without secrets."""

from __future__ import annotations

import errno
import os
import re
from io import FileIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from asdocumented.changes import journal as journals
from asdocumented.changes.journal import Journal, read_journal
from asdocumented.changes.places import changes_files
from asdocumented.cli.cleanup import cleanup_command
from asdocumented.errors import HarnessError, UsageError
from asdocumented.plans import Call
from tests.support import catalogue

_CREATE = catalogue().operation("azure-synapse-access-control/create-role-assignment")
_CALL = Call(_CREATE, "admin", {("path", "roleAssignmentId"): "made-up"}, b'{"secret": "password-of-nobody"}')
_UNDO = {"call": {"operation": "delete-role-assignment", "identity": "admin", "arguments": []}}


def _change(journal: Journal, name: str, undo: object = _UNDO) -> int:
    return journal.change(_CALL, ("role-assignment", name), f"/roleAssignments/{name}", undo)  # type: ignore[arg-type]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where a journal may be, in a folder that is not there yet."""
    return tmp_path / "target" / "changes.jsonl"


def test_missing_journal_is_empty(file: Path) -> None:
    """Where nothing was ever changed, nothing is left."""
    assert ((), (), 0) == (read_journal(file).runs, read_journal(file).pending, read_journal(file).last)


def test_pending_is_what_is_not_undone(file: Path) -> None:
    """What is left is every change with an undo but those that were undone, in order, with what is known of its answer."""
    journal = Journal(file)
    journal.begin(target="mine", apis={}, given={})
    one, two, three, _ = (_change(journal, name, undo) for name, undo in zip("abcd", [_UNDO] * 3 + [None], strict=True))
    journal.answered(three, 200)
    journal.undone([one], "delete-role-assignment: 200")
    journal.failed([two], "no answer")
    journal.close()
    kept = read_journal(file)

    assert [(two, ("role-assignment", "b"), False), (three, ("role-assignment", "c"), True)] == [
        (each.id, each.thing, each.answered) for each in kept.pending
    ]
    assert "mine" == kept.runs[0]["target"]


def test_change_is_on_disk_at_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line of a change has been synced when its method returns, before anything can be sent."""
    synced: list[bytes] = []
    monkeypatch.setattr(journals.os, "fsync", lambda descriptor: synced.append(file.read_bytes()))
    journal = Journal(file)
    _change(journal, "a")
    journal.close()

    assert b'"a"' in synced[-1]
    assert synced[-1].endswith(b"\n")


def test_torn_line_was_never_sent(file: Path) -> None:
    """A last line that was cut short is left out, and the next run does not write on behind it."""
    journal = Journal(file)
    _change(journal, "a")
    _change(journal, "b")
    journal.close()
    file.write_bytes(file.read_bytes()[:-7])

    assert ["a"] == [each.thing[1] for each in read_journal(file).pending]
    again = Journal(file)
    _change(again, "c")
    again.close()
    assert ["a", "c"] == [each.thing[1] for each in read_journal(file).pending]


def test_journal_without_pending_begins_anew(file: Path) -> None:
    """What is undone is forgotten with the next run, so that the journal does not grow for ever."""
    journal = Journal(file)
    journal.undone([_change(journal, "a")], "delete-role-assignment: 200")
    journal.close()
    Journal(file).close()

    assert b"" == file.read_bytes()


def test_journal_holds_no_body(file: Path) -> None:
    """A request is its method and its target: neither a body nor a header, where secrets are."""
    journal = Journal(file)
    _change(journal, "a")
    journal.close()

    assert b"password-of-nobody" not in file.read_bytes()
    assert 0o600 == file.stat().st_mode & 0o777 or os.name != "posix"


def test_broken_journal_is_told(file: Path) -> None:
    """A file that is no journal ends with a sentence, and is not taken for an empty one."""
    file.parent.mkdir()
    file.write_text("not JSON\nnor this\n", encoding="utf-8")

    with pytest.raises(UsageError, match="cannot be read"):
        read_journal(file)


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"[]",
        b'{"kind": "change", "id": 1}',
        b'{"kind": "undone", "ids": 3}',
    ],
)
def test_line_that_is_no_record_is_told(line: bytes, file: Path) -> None:
    """A line that nobody of us wrote is told in one sentence, with what to do."""
    file.parent.mkdir()
    file.write_bytes(line + b"\n")

    with pytest.raises(UsageError, match="undo that by hand"):
        read_journal(file)


def test_odd_journal_keeps_no_other_from_cleanup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Journals that cannot be read are told one by one, and the code says that not everything is well."""
    monkeypatch.setenv("ASDOC_STATE", str(tmp_path))
    change = '{"kind": "change", "id": 1, "api": "a", "operation": "o", "thing": ["p", "v"], "request": {}, "undo": {}}'
    for name, line in (("one", "{}"), ("two", change)):
        (tmp_path / "targets" / name).mkdir(parents=True)
        (tmp_path / "targets" / name / "changes.jsonl").write_text(f"{line}\n", encoding="utf-8")
    files = changes_files()
    done = CliRunner().invoke(cleanup_command, [])

    assert 2 == len(files)
    assert 2 == done.exit_code
    assert 2 == done.output.count("[changes-unreadable]")


class _Full:
    """A file on a disk that has room for some bytes more, and then none."""

    def __init__(self, file: FileIO, room: int) -> None:
        self._file, self.room = file, room

    def write(self, data: bytes) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        took = self._file.write(data[: self.room])
        self.room -= took
        return took

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


def test_full_disk_sends_nothing_and_loses_nothing(file: Path) -> None:
    """A change that cannot be written is refused with the file's name; those before it, and what is told later, can be read."""
    journal = Journal(file)
    journal.begin(target="mine", apis={}, given={})
    one = _change(journal, "a")
    disk = _Full(journal._file, 30)
    journal._file = disk  # type: ignore[assignment]
    with pytest.raises(
        HarnessError, match=re.escape(f"{str(file)!r} cannot be written: No space left on device")
    ) as told:
        _change(journal, "b")
    journal.undone([one], "delete-role-assignment: 200")
    assert 3 == told.value.exit_code
    assert str(file) in journal.unwritten
    assert [one] == [each.id for each in read_journal(file).pending]

    disk.room = 9999
    journal.undone([one], "delete-role-assignment: 200")
    journal.close()
    assert () == read_journal(file).pending
