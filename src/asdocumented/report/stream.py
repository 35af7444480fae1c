"""Write a run's journal while it goes on and its report when it ends; read either back.

The journal (`journal.jsonl`) is append-only and flushed event by event: after a crash it says what was sent. The report
(`report.jsonl`) is written beside it under another name and renamed, so it is there whole or not at all.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from asdocumented.errors import UsageError
from asdocumented.report.records import Record, line
from asdocumented.traces import (
    Arrangement,
    Exchange,
    Facts,
    Trace,
    arrangement_from_record,
    exchange_from_record,
    facts_from_record,
)
from asdocumented.verdicts import Verdict

JOURNAL, REPORT = "journal.jsonl", "report.jsonl"
_VERDICTS = [str(each) for each in Verdict]
BESIDE = ("junit.xml", "allure-results", "allure-report")
"""What else a run or `asdoc report` leaves in the folder of a run."""


def make_room(folder: Path, *, replace: bool) -> None:
    """See that a folder holds no other run; with `replace`, remove what that run left, and nothing else.

    Raises UsageError when there is one and it is not to be replaced: what it tells may be wanted still.
    """
    left = [folder / name for name in (REPORT, JOURNAL, *BESIDE) if (folder / name).exists()]
    if left and not replace:
        raise UsageError(
            "output-in-use",
            f"{str(folder)!r} holds what another run left ({left[0].name}).",
            remedy="Name another folder, or give --replace to remove that.",
        )
    for each in left:
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()


class Journal:
    """The append-only file of a run that goes on."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._file: TextIO = (folder / JOURNAL).open("w", encoding="utf-8", errors="surrogatepass")

    def write(self, record: Record) -> None:
        """Append one record and hand it to the operating system at once."""
        with _named(self.folder / JOURNAL):
            self._file.write(line(record))
            self._file.flush()

    def close(self) -> None:
        """Let go of the file; the journal stays. Each line was handed over, or told of as one that was not."""
        with suppress(OSError):
            self._file.close()

    def finish(self, records: Iterable[Record]) -> Path:
        """Write the report atomically, remove the journal, and return the report's path."""
        self._file.close()
        path = write_report(self.folder, records)
        (self.folder / JOURNAL).unlink()
        return path


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let what cannot be written say where: the system names no file that is open already."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def write_report(folder: Path, records: Iterable[Record]) -> Path:
    """Write `report.jsonl` in a folder atomically and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / REPORT
    partial = folder / f".{REPORT}.partial"
    with _named(path), partial.open("w", encoding="utf-8", errors="surrogatepass") as file:
        file.writelines(line(record) for record in records)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return path


@dataclass(frozen=True, slots=True)
class Recorded:
    """A report (or the journal of a run that was cut short) as it was read back."""

    path: Path
    header: Record
    records: tuple[Record, ...]
    complete: bool

    def of(self, kind: str) -> list[Record]:
        """Return the records of one kind, in order."""
        return [record for record in self.records if record["kind"] == kind]

    @property
    def trace(self) -> Trace:
        """Return the recorded events and facts as a trace."""
        events: list[Exchange | Arrangement] = []
        facts = Facts()
        for record in self.records:
            if record["kind"] == "exchange":
                events.append(exchange_from_record(record))
            elif record["kind"] == "arrangement":
                events.append(arrangement_from_record(record))
            elif record["kind"] == "facts":
                facts = facts_from_record(record)
        return Trace(tuple(events), facts)


def as_read(path: Path, records: Iterable[Record]) -> Recorded:
    """Return records as they would be read back from a report, without writing one."""
    known = tuple(json.loads(line(record)) for record in records)
    return Recorded(path, known[0], known, complete=known[-1]["kind"] == "footer")


def read_report(path: Path) -> Recorded:
    """Read a report by its file or its folder; without a report the journal is read, as a run that was cut short.

    Raises UsageError when there is neither, or when it is not a report.
    """
    file = path
    if path.is_dir():
        file = path / REPORT if (path / REPORT).exists() else path / JOURNAL
    if not file.is_file():
        raise UsageError(
            "no-report", f"There is no report at {str(path)!r}.", remedy=f"Name a folder with {REPORT}, or that file."
        )
    records = _records(file)
    if not records or records[0].get("kind") != "header":
        raise UsageError(
            "not-a-report",
            f"{str(file)!r} does not begin with a header record.",
            remedy="Name a report that `asdoc run` wrote.",
        )
    if not {"format", "target", "profile", "selection", "failOn"} <= set(records[0]):
        raise UsageError(
            "not-a-report",
            f"The header of {str(file)!r} is not that of a run.",
            remedy="Name a report that `asdoc run` wrote.",
        )
    complete = records[-1]["kind"] == "footer"
    return Recorded(file, records[0], tuple(records if complete else _in_order(records)), complete)


def _in_order(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the records of a journal with its events in the order of the plan, as a report has them.

    Where scenarios ran side by side the journal has the events as they came, each with the number of its scenario.
    """
    events = [each for each in records if each["kind"] in ("exchange", "arrangement")]
    if not any("part" in each for each in events):
        return records
    events.sort(key=lambda each: each.get("part", 0))
    numbered = [{key: value for key, value in each.items() if key != "part"} for each in events]
    exchanges = [each for each in numbered if each["kind"] == "exchange"]
    for number, each in enumerate(exchanges, start=1):
        each["id"] = number
    waiting = iter(numbered)
    return [next(waiting) if each["kind"] in ("exchange", "arrangement") else each for each in records]


def _records(file: Path) -> list[dict[str, Any]]:
    """Return the records of a file; a last line that was cut off is left out, any other broken line is an error."""
    lines = file.read_bytes().split(b"\n")
    records = []
    for number, raw in enumerate(lines, start=1):
        if not raw:
            continue
        try:
            record = json.loads(raw.decode("utf-8", errors="surrogatepass"))
        except ValueError as error:
            if number == len(lines):
                break
            raise UsageError(
                "not-a-report",
                f"Line {number} of {str(file)!r} is not JSON: {error}.",
                remedy="Name a report that `asdoc run` wrote.",
            ) from error
        if not isinstance(record, dict) or "kind" not in record:
            raise UsageError(
                "not-a-report",
                f"Line {number} of {str(file)!r} is no record.",
                remedy="Name a report that `asdoc run` wrote.",
            )
        _check_verdicts(record, f"Line {number} of {str(file)!r}")
        records.append(record)
    return records


def _check_verdicts(record: Mapping[str, Any], place: str) -> None:
    """Raise UsageError for a requirement with a word that is no verdict: nothing that counts words may pass it over."""
    if record["kind"] != "requirement":
        return
    profiles = record.get("profiles")
    words = [record.get("verdict"), *(profiles.values() if isinstance(profiles, dict) else [None])]
    for word in words:
        if word not in _VERDICTS:
            raise UsageError(
                "not-a-report",
                f"{place} has the verdict {word!r} of a requirement, and there is no such verdict.",
                remedy="Name a report that `asdoc run` wrote.",
            )
