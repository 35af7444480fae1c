"""A report's journal on a disk that is full: the run is told once, with the file's name, and its undo goes on."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from asdocumented.cli.recording import Bar, Recorder
from asdocumented.plans import Plan
from asdocumented.report.stream import JOURNAL
from asdocumented.traces import Facts, Leftover


class _Full:
    """A file on a disk without room."""

    def write(self, _: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    close = flush = lambda self: self.write("")


def test_full_disk_is_told_once(tmp_path: Path) -> None:
    """What cannot be recorded raises with the journal's name; what the undo records after that stops nothing."""
    recorder = Recorder(tmp_path, {"kind": "header"}, Bar(quiet=True))
    recorder.begin(Plan((), ()), Facts())
    assert recorder._journal is not None
    recorder._journal._file.close()
    recorder._journal._file = _Full()  # type: ignore[assignment]

    with pytest.raises(OSError, match="No space") as told:
        recorder.record(Leftover("one"))
    recorder.record(Leftover("two"))
    recorder.close(pseudonymise=False)

    assert str(tmp_path / JOURNAL) == told.value.filename
