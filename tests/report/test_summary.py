"""Tests of what a terminal shows of a run."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len

from asdocumented.report.outcome import outcome
from asdocumented.report.stream import Recorded
from asdocumented.report.summary import render_summary

from . import records


def summary(recorded: Recorded, *, width: int = 80, color: bool | None = False) -> str:
    """Return the summary as text."""
    file = io.StringIO()
    render_summary(recorded, width=width, color=color, file=file)
    return file.getvalue()


def test_outcome_is_last_line(eventful: Recorded) -> None:
    """The last line says how the run ended, with its exit code."""
    expected = "NONCONFORMANT in documented: 3 MUST failed, 3 not judged. Run exit code 1."

    assert expected == summary(eventful).splitlines()[-1]


def test_outcome_heads_the_summary(eventful: Recorded) -> None:
    """The first line names the implementation, its version, the target and the outcome."""
    assert summary(eventful).splitlines()[0] == "Acme Shop 4.2 (target nightly): NONCONFORMANT"


@pytest.mark.parametrize(
    "text", [records.CURL, outcome(records.recorded(*records.eventful())).command], ids=["curl", "command"]
)
def test_commands_are_never_broken(eventful: Recorded, text: str) -> None:
    """What is there to be copied stands on one line, however narrow the terminal."""
    assert any(text in line for line in summary(eventful, width=40).splitlines())


@pytest.mark.parametrize("width", [80, 100, 160])
def test_lines_fit_the_width(eventful: Recorded, width: int) -> None:
    """No line but those to be copied is longer than the terminal is wide."""
    copied = ("curl ", "asdoc run", "shop/", "stock/")
    lines = [line for line in summary(eventful, width=width).splitlines() if not any(word in line for word in copied)]

    assert [line for line in lines if cell_len(line) > width] == []


def test_alike_failures_are_grouped(eventful: Recorded) -> None:
    """Failures that differ in operation and error status alone are shown once, with the others named."""
    shown = summary(eventful)

    assert "and 1 alike in stop-audit" in shown
    assert records.ALIKE not in shown


def test_failure_says_all(eventful: Recorded) -> None:
    """A failure names its level, what was expected and came, how often, its page and what it blocks."""
    expected = [
        f"  1  {records.STATUS}",
        "     MUST: expected 200, got 201 at status, in 2 of 3 exchanges",
        "     Orders - Create: Responses, 200 OK, lines 34-35, 40",
        "     blocks 2 requirements: inconclusive until it is met",
    ]
    lines = summary(eventful).splitlines()
    start = lines.index(expected[0])

    assert expected == lines[start : start + 4]


def test_warnings_follow_failures(eventful: Recorded) -> None:
    """A failed SHOULD comes after every MUST, is marked as a warning and has no curl line."""
    failures, _, warnings = summary(eventful).partition("Warnings")

    assert records.WARNED not in failures
    assert f"!  {records.WARNED}" in warnings
    assert records.CURL not in warnings


def test_other_profiles_are_named(eventful: Recorded) -> None:
    """What fails in another profile alone takes one line."""
    assert "1 more in conventions: identity/reader/refused" in summary(eventful)


@pytest.mark.parametrize(
    "line",
    [
        "     2 inconclusive: blocked by failure 1 above (create-order/response/status)",
        "     1 skipped: tier write is not allowed",
        "     1 not observed: the field is optional",
    ],
)
def test_unjudged_are_counted_by_reason(eventful: Recorded, line: str) -> None:
    """What was not judged is grouped by its reason, with its number."""
    assert line in summary(eventful).splitlines()


def test_untold_reading_names_the_failure() -> None:
    """A reading that could not be told, of an operation that failed, names the failure."""
    entry = records.requirement(
        "shop/create-order/ambiguity/B7", "not-observed", family="ambiguity", reason="no exchange tells", level="SHOULD"
    )
    run = records.recorded(records.header(), records.failed(records.STATUS, {}), entry, records.footer(1))

    assert "perhaps none did because of failure 1 above (create-order/response/status)" in summary(run, width=160)


def test_strength_names_the_weakest() -> None:
    """The summary says how many passes rest on one exchange alone, with an example."""
    strong = records.requirement(records.STATUS, bearing=7, strength={"positive": 4, "negative": 3, "stateful": 7})
    run = records.recorded(records.header(), records.requirement(records.PASSED), strong, records.footer(0))
    _, _, shown = summary(run).partition("Strength")

    assert "1 on one exchange · 1 on 5 or more exchanges" in shown
    assert f"weakest, for example\n       {records.PASSED}\n" in shown


def test_matrix_counts_by_family(eventful: Recorded) -> None:
    """A cell has what passed of all that was to be judged, and a mark for each thing that went wrong."""
    lines = summary(eventful, width=160).splitlines()
    row = next(line for line in lines if line.startswith("  shop/create-order "))

    assert row.split() == ["shop/create-order", "0/3", "✗?", "0/1", "?"]


def test_narrow_matrix_breaks_after_names() -> None:
    """Where a name and its cells do not fit on one line, the cells stand below the name."""
    long_name = f"shop/{'very-' * 12}long-name"
    run = records.recorded(records.header(), records.requirement(f"{long_name}/response/status"), records.footer(0))
    lines = summary(run).splitlines()

    assert lines[lines.index(f"  {long_name}") + 1].split() == ["1"]


@pytest.mark.parametrize("mark", ["✗ MUST failed", "! SHOULD failed", "? inconclusive", "- skipped"])
def test_legend_explains_marks(eventful: Recorded, mark: str) -> None:
    """Each mark of the matrix is explained."""
    assert mark in summary(eventful)


def test_legend_omits_absent_marks(healthy: Recorded) -> None:
    """A matrix without marks needs no legend."""
    assert "✗" not in summary(healthy)


def test_unaccepted_reading_is_marked(eventful: Recorded) -> None:
    """A reading says which profiles accept it, unless all do."""
    shown = summary(eventful)

    assert shown.count("accepted in interoperable and conventions alone") == 1
    assert shown.index("B2 ") < shown.index("B10 ")


def test_frequent_observations_come_first(eventful: Recorded) -> None:
    """Five observations are shown, the most frequent first, and how many there are."""
    shown = summary(eventful)

    assert "the 5 most frequent of 7" in shown
    assert "extra7" in shown
    assert "extra2" not in shown


def test_cut_short_comes_first(unfinished: Recorded) -> None:
    """A record without footer says so before anything else, and claims no conformance."""
    shown = summary(unfinished)

    assert shown.startswith("CUT SHORT: the record ends without its footer, after 2 exchanges")
    assert "conformant " not in shown.replace("nonconformant ", "")
    assert shown.endswith("No exit code: the run did not end.\n")


def test_journal_without_verdicts_renders() -> None:
    """A record that has exchanges alone says that nothing was judged."""
    run = records.recorded(records.header(), records.exchange(1))

    assert "NOTHING JUDGED" in summary(run)


def test_interruption_says_why() -> None:
    """A run that a failing target ended says so first, with the reason."""
    passed = records.requirement(records.PASSED)
    run = records.recorded(records.header(), passed, records.footer(5, "partial", interrupted="nothing answers"))

    assert summary(run).startswith("CUT SHORT after 0 exchanges: nothing answers\n")
    assert "TARGET UNREACHABLE OR IN DISTRESS" in summary(run)


def test_self_test_is_headed() -> None:
    """A run on the emulator says that it is no evidence about a service."""
    run = records.recorded(records.header(target={"selfTest": True}), records.footer(4))

    assert summary(run).splitlines()[1] == "  SELF-TEST: no evidence about a service"


@pytest.mark.parametrize(
    ("state", "word"),
    [("selected-conformant", "PASSED"), ("selected-partial", "NOT ALL JUDGED"), ("selected-nonconformant", "FAILED")],
)
def test_selection_is_never_conformant(state: str, word: str) -> None:
    """A run of selected requirements says how these did and never that an API is conformant."""
    head = records.header(selection={"requirements": ["*/response/*"]})
    shown = summary(records.recorded(head, records.requirement(records.PASSED), records.footer(0, state)))

    assert f"SELECTED REQUIREMENTS {word} in documented" in shown
    assert "conformant" not in shown.lower()


def test_later_causes_are_short() -> None:
    """After ten causes in full the others get no curl line."""
    many = [records.failed(f"shop/create-order/echo/{number}x", {"curl": records.CURL}) for number in range(12)]
    shown = summary(records.recorded(records.header(), *many, records.footer(1)))

    assert shown.count(records.CURL) == 10
    assert all(each["id"] in shown for each in many)


def test_broken_check_is_shown() -> None:
    """A verdict 'error' is shown as ours, and what to do about it."""
    broken = records.requirement(records.STATUS, "error", reason="KeyError in a check")
    shown = summary(records.recorded(records.header(), broken, records.footer(3, "nonconformant")))

    assert "HARNESS ERROR" in shown
    assert "     1 error: KeyError in a check" in shown


def test_markup_is_not_read(hostile: Recorded) -> None:
    """Square brackets of a target are shown, not taken for a style."""
    assert "[red]d[/red]" in summary(hostile, width=160)


def test_only_printable_characters_pass(hostile: Recorded) -> None:
    """No character of a target acts on the terminal or turns its text around."""
    assert [line for line in summary(hostile).splitlines() if not line.isprintable()] == []


def test_long_values_are_cut(hostile: Recorded) -> None:
    """A value of a hundred thousand characters is cut, and its length is told."""
    shown = summary(hostile)

    assert "characters)" in shown
    assert len(shown) < 12_000


@pytest.mark.parametrize(("color", "styled"), [(True, True), (False, False), (None, False)], ids=str)
def test_color_follows_the_file(eventful: Recorded, *, color: bool | None, styled: bool) -> None:
    """Colour comes when it is asked for, and by itself on a terminal alone."""
    assert styled == ("\x1b[" in summary(eventful, color=color))


def test_ascii_file_is_served(hostile: Recorded) -> None:
    """A file that cannot hold every character gets escapes instead of an error."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii", write_through=True)

    render_summary(hostile, width=80, color=False, file=file)

    assert b"0/1 x" in raw.getvalue()
