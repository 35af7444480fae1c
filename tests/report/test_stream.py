"""Tests of the journal and the report as files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asdocumented.errors import UsageError
from asdocumented.report.records import Record, line
from asdocumented.report.stream import JOURNAL, REPORT, Journal, read_report, write_report

from . import records


def journal(folder: Path, run: list[Record]) -> Path:
    """Leave records as the journal of a run that was cut short, and return its path."""
    path = folder / JOURNAL
    path.write_text("".join(line(record) for record in run), encoding="utf-8")
    return path


def test_report_reads_back(tmp_path: Path) -> None:
    """What is written is read back, record by record."""
    found = read_report(write_report(tmp_path, records.eventful()))

    assert records.eventful() == list(found.records)
    assert found.complete


def test_folder_stands_for_report(tmp_path: Path) -> None:
    """The folder of a run is as good as the path of its report."""
    path = write_report(tmp_path, records.eventful())

    assert path == read_report(tmp_path).path


def test_journal_reads_as_unfinished(tmp_path: Path) -> None:
    """A journal is a run that was cut short."""
    journal(tmp_path, records.eventful()[:4])
    found = read_report(tmp_path)

    assert not found.complete
    assert len(found.records) == 4


def test_journal_is_written_at_once(tmp_path: Path) -> None:
    """Each record is in the file as soon as it is written."""
    writer = Journal(tmp_path)
    writer.write(records.header())
    written = (tmp_path / JOURNAL).read_text(encoding="utf-8")
    writer.finish([])

    assert written == line(records.header())


@pytest.mark.parametrize("lost", [1, 2, 40])
def test_broken_end_is_left_out(tmp_path: Path, lost: int) -> None:
    """A journal that was cut within its last line is read up to the line before."""
    path = journal(tmp_path, records.eventful()[:3])
    path.write_bytes(path.read_bytes()[:-lost])
    found = read_report(path)

    assert not found.complete
    assert ["header", "facts", *["exchange"] * (lost == 1)] == [record["kind"] for record in found.records]


def test_broken_character_is_left_out(tmp_path: Path) -> None:
    """A journal that was cut within a character is read up to the line before."""
    path = journal(tmp_path, records.eventful()[:3])
    raw = path.read_bytes()
    path.write_bytes(raw[: raw.rindex("«".encode()) + 1])

    assert len(read_report(path).records) == 2


def test_unfinished_report_is_incomplete(tmp_path: Path) -> None:
    """A report without its footer is a run that was cut short."""
    assert not read_report(write_report(tmp_path, records.eventful()[:-1])).complete


@pytest.mark.parametrize("broken", ['{"kind":', "[1]", '{"id":1}', "nothing"])
def test_broken_line_is_usage_error(tmp_path: Path, broken: str) -> None:
    """A broken line before the last is told with its number."""
    path = tmp_path / REPORT
    path.write_text(f"{line(records.header())}{broken}\n{line(records.footer(0))}", encoding="utf-8")

    with pytest.raises(UsageError, match=r"Line 2 of .*report\.jsonl") as error:
        read_report(path)
    assert error.value.code == "not-a-report"


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": "zork"},
        {"verdict": None},
        {"profiles": {"documented": "zork"}},
        {"profiles": "pass"},
        {"verdict": []},
    ],
    ids=["word", "none", "word of a profile", "no profiles", "no word"],
)
def test_unknown_verdict_is_usage_error(tmp_path: Path, changes: dict[str, Any]) -> None:
    """A requirement with a word that is no verdict is told with the number of its line."""
    write_report(tmp_path, [records.header(), records.requirement(records.PASSED, **changes), records.footer(0)])

    with pytest.raises(UsageError, match=r"Line 2 of .*report\.jsonl.* no such verdict") as error:
        read_report(tmp_path)
    assert error.value.code == "not-a-report"


@pytest.mark.parametrize("text", ["", "\n", '{"kind":"footer"}\n'], ids=["empty", "blank", "footer alone"])
def test_missing_header_is_usage_error(tmp_path: Path, text: str) -> None:
    """A file that does not begin with a header is no report."""
    (tmp_path / REPORT).write_text(text, encoding="utf-8")

    with pytest.raises(UsageError, match="does not begin with a header"):
        read_report(tmp_path)


def test_missing_report_is_usage_error(tmp_path: Path) -> None:
    """A folder without report and journal is told with what to name instead."""
    with pytest.raises(UsageError, match=REPORT) as error:
        read_report(tmp_path)
    assert error.value.code == "no-report"


def test_failed_write_keeps_report(tmp_path: Path) -> None:
    """A report is replaced whole or not at all."""
    path = write_report(tmp_path, records.eventful())
    before = path.read_bytes()

    with pytest.raises(ValueError, match="JSON"):
        write_report(tmp_path, [records.header(), {"kind": "footer", "exitCode": float("nan")}])
    assert before == path.read_bytes()


def test_finished_journal_is_gone(tmp_path: Path) -> None:
    """When the report is there, the journal is not."""
    writer = Journal(tmp_path)
    writer.write(records.header())
    path = writer.finish(records.eventful())

    assert [path] == list(tmp_path.iterdir())


def test_report_outranks_journal(tmp_path: Path) -> None:
    """Where both are there, the report is read."""
    journal(tmp_path, records.eventful()[:2])
    write_report(tmp_path, records.eventful())

    assert read_report(tmp_path).complete


def test_lines_are_byte_stable(tmp_path: Path) -> None:
    """The order in which the keys of a record were set does not show, and its kind comes first."""
    record = records.requirement(records.PASSED)
    turned = dict(reversed(record.items()))

    assert line(record) == line(turned)
    assert line(record).startswith('{"kind":"requirement","api":')


def test_hostile_values_survive(tmp_path: Path) -> None:
    """Every value of a target comes back as it was, on a line of its own."""
    path = write_report(tmp_path, records.hostile())

    assert records.hostile() == list(read_report(path).records)
    assert len(records.hostile()) == len(path.read_bytes().splitlines())


def test_trace_is_rebuilt(tmp_path: Path) -> None:
    """Events and facts come back as the judge takes them, bytes that are no text included."""
    trace = read_report(write_report(tmp_path, records.eventful())).trace
    answers = [each.response.body for each in trace.exchanges if each.response is not None]

    assert answers == ["<p>créé</p>".encode(), b"\xff"]
    assert trace.facts.existing == {"shop": {"order": ("7",)}}
    assert len(trace.events) == 3


def test_record_is_plain_json(tmp_path: Path) -> None:
    """Each line can be read with any JSON reader, without what was around it."""
    lines = write_report(tmp_path, records.eventful()).read_text(encoding="utf-8").splitlines()

    assert records.eventful() == [json.loads(each) for each in lines]


def test_journal_of_many_workers_is_put_in_order(tmp_path: Path) -> None:
    """Events that came as they came are read in the order of their scenarios, and numbered anew; those of none come first."""
    journal = Journal(tmp_path)
    journal.write(records.header())
    for number, part in enumerate((0, 2, 1, 2, 1), start=1):
        marked = {"part": part} if part else {}
        journal.write(records.exchange(number, server=f"https://{part}-{number}.example") | marked)
        journal.write({"kind": "leftover", "said": f"{number}"})
    journal.close()
    found = read_report(tmp_path)

    assert ["0-1", "1-3", "1-5", "2-2", "2-4"] == [each["server"][8:11] for each in found.of("exchange")]
    assert [1, 2, 3, 4, 5] == [each["id"] for each in found.of("exchange")]
    assert ["1", "2", "3", "4", "5"] == [each["said"] for each in found.of("leftover")]
    assert not any("part" in each for each in found.records)
