"""The parts of the benchmarks: what is counted is real, and what is rendered says so. Nothing here is timed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks import copies, versus
from benchmarks.emulator import documented_operations
from benchmarks.figures import Bound, Figure, Limit, Table
from benchmarks.measuring import interleave, median, slope
from benchmarks.processes import Done, UnmeasurableError
from benchmarks.rendering import number, render
from benchmarks.stages import repeated
from benchmarks.suites import count_items
from benchmarks.throughput import requests_a_second

from asdocumented.contracts import load_catalogue
from asdocumented.report.records import header_record, run_records
from asdocumented.report.stream import read_report, write_report
from tests.support import FIVE, clean_run

ROUNDS = 3


def test_the_documented_operations_are_those_with_a_page() -> None:
    """The comparison is made for the operations that have a reference page, and for no others."""
    assert set(documented_operations()) == FIVE


def test_candidates_take_turns_in_both_orders() -> None:
    """Every candidate is measured once a round, and none is always the first; the warm-up does not count."""
    order: list[str] = []
    samples = interleave(ROUNDS, {name: lambda name=name: order.append(name) or len(order) for name in "ab"})
    assert order == list("ababbaab")
    assert {name: len(each) for name, each in samples.items()} == {"a": ROUNDS, "b": ROUNDS}
    assert median([3, 1, 2], float) == 2


def test_a_line_is_fitted_to_points_on_it() -> None:
    """The fit gives back slope and intercept of a line, with an R² of 1."""
    assert slope([(1, 5), (2, 7), (4, 11)]) == pytest.approx((2, 3, 1))


@pytest.mark.parametrize(
    ("side", "measured", "met"),
    [
        (Limit.AT_MOST, 2, True),
        (Limit.AT_MOST, 2.1, False),
        (Limit.AT_LEAST, 2, True),
        (Limit.AT_LEAST, 1.9, False),
        (Limit.UNDER, 2, False),
    ],
)
def test_a_bound_is_met_or_not(side: Limit, measured: float, met: bool) -> None:  # noqa: FBT001 - a column of the table
    """A limit belongs to `at most` and `at least`, and not to `under`."""
    assert Bound("about", measured, 2, side).met is met


def test_the_document_tells_what_was_not_met_and_not_measured() -> None:
    """A promise that was not kept is named as such, and a figure that could not be measured gives its reason."""
    kept = Figure("Kept", (Table(("what", "s"), (("one | two", "1"),)),), (Bound("kept", 1, 2), Bound("broken", 3, 2)))
    text = render([kept, Figure("Lost", failure="`wrk` is not installed.")], {"date": "2026-01-01"})
    assert "| kept | at most 2 | 1 | met |" in text
    assert "| broken | at most 2 | 3 | **not met** |" in text
    assert "one \\| two" in text
    assert "Not measured: `wrk` is not installed." in text


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (1234.5, "1,234"), (12.345, "12.3"), (0.333, "0.33"), (0.0123, "0.012"), (422.0, "422")],
)
def test_numbers_are_cut_to_what_counts(value: float, shown: str) -> None:
    """A number has three figures at most, and thousands are set apart."""
    assert number(value) == shown


def test_requests_are_those_of_the_report_without_the_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run sent is counted in its report; stored cases are counted apart."""
    done = clean_run()
    header = header_record(done.target, done.options, started="2026-01-01T00:00:00+00:00", run_id="counted")
    records = [
        {**each, "corpus": {"exchanges": 7}} if each["kind"] == "header" else each for each in run_records(done, header)
    ]
    write_report(tmp_path, records)
    monkeypatch.setattr(versus, "execute", lambda *_, **__: Done(1.5, ""))
    work = versus._judge([], tmp_path)
    assert work == versus.Work(1.5, len(done.execution.trace.exchanges) - 7, 7)
    assert len(read_report(tmp_path).of("exchange")) == work.requests + work.corpus


def test_each_api_is_exported_with_the_server_to_ask(tmp_path: Path) -> None:
    """The peer gets the documents that users get, with the emulator's address in place of the vendor's."""
    files = versus.export_documents(tmp_path, "http://127.0.0.1:1")
    assert set(files) == set(load_catalogue().apis)
    for file in files.values():
        assert json.loads(file.read_text(encoding="utf-8"))["servers"] == [{"url": "http://127.0.0.1:1"}]


@pytest.mark.parametrize("copy", [copies.copy_apis, copies.copy_operations])
def test_copies_are_contracts_without_mistakes(copy: object, tmp_path: Path) -> None:
    """Two sets of copies load, and have twice the operations."""
    copy(tmp_path, 2)  # type: ignore[operator]
    assert len(load_catalogue(tmp_path).operations) == 2 * copies.originals()
    assert copies.sets_for(copies.originals() + 1) == 2


def test_a_trace_repeated_has_each_exchange_once_more() -> None:
    """A longer trace has the same events over again, and every exchange has a number of its own."""
    trace = clean_run().execution.trace
    longer = repeated(trace, 2)
    assert len(longer.events) == 2 * len(trace.events)
    assert len({each.id for each in longer.exchanges}) == 2 * len(trace.exchanges)


def test_a_rate_is_read_only_from_a_clean_run() -> None:
    """Wrk's rate counts when every answer was a success, and not otherwise."""
    assert requests_a_second("Requests/sec:  12345.67\n") == 12345.67
    for output in ("Non-2xx or 3xx responses: 3\nRequests/sec: 9\n", "Socket errors: connect 1\nRequests/sec: 9\n", ""):
        with pytest.raises(UnmeasurableError):
            requests_a_second(output)


def test_items_are_counted_by_the_last_line_of_pytest() -> None:
    """Passed, failed and skipped items ran; deselected ones did not."""
    assert count_items("...\n3 passed, 1 failed, 2 skipped, 9 deselected in 0.12s\n") == 6
    assert count_items("341 deselected in 0.01s") == 0
    with pytest.raises(UnmeasurableError):
        count_items("")
