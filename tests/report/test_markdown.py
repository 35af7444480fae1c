"""Tests of a run as GitHub Markdown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from asdocumented.report.escaping import visible
from asdocumented.report.markdown import render_markdown
from asdocumented.report.stream import Recorded

from . import records


def tokens(recorded: Recorded) -> Iterator[Token]:
    """Yield what a Markdown reader makes of the rendering: blocks, and what is inline in them."""
    for token in MarkdownIt("commonmark").enable("table").parse(render_markdown(recorded)):
        yield token
        yield from token.children or ()


def test_heading_names_the_outcome(eventful: Recorded) -> None:
    """The first line names what was judged and how it ended."""
    assert render_markdown(eventful).startswith("# Acme Shop 4.2 (target nightly): NONCONFORMANT\n")


def test_sections_are_complete(eventful: Recorded) -> None:
    """The rendering has the sections of the summary, in its order."""
    expected = [
        *("Verdict", "Requirements", "Failed", "Warnings", "Not judged", "Readings followed", "Observations"),
        *("Answers to requests with a cause for refusal", "Strength: exchanges behind what passed"),
    ]
    found = [line.removeprefix("## ") for line in render_markdown(eventful).splitlines() if line.startswith("## ")]

    assert expected == found


def test_curl_line_is_fenced(eventful: Recorded) -> None:
    """A curl line stands alone in a block of shell code."""
    assert f"{records.CURL}\n" in [token.content for token in tokens(eventful) if token.type == "fence"]


def test_alike_failures_are_grouped(eventful: Recorded) -> None:
    """Failures of one cause are one item, with the other operations named."""
    assert "And 1 alike in `stop-audit`." in render_markdown(eventful)


def test_readings_name_their_profiles(eventful: Recorded) -> None:
    """A reading that the run's profile does not accept is emphasised."""
    text = render_markdown(eventful)

    assert "| in every profile |" in text
    assert "| **in interoperable and conventions alone** |" in text


def test_cut_short_is_said(unfinished: Recorded) -> None:
    """A record without footer says so below the heading."""
    assert "> **CUT SHORT: the record ends without its footer" in render_markdown(unfinished).splitlines()[2]


def test_self_test_is_headed() -> None:
    """A run on the emulator says that it is no evidence about a service."""
    text = render_markdown(records.recorded(records.header(target={"selfTest": True}), records.footer(4)))

    assert "> **SELF-TEST: no evidence about a service**" in text.splitlines()


def test_selection_is_never_conformant() -> None:
    """A run of selected requirements only says how these did."""
    head = records.header(selection={"requirements": ["shop/*"]})
    run = records.recorded(head, records.requirement(records.PASSED), records.footer(0, "selected-conformant"))

    assert "conformant" not in render_markdown(run).lower()


def test_tables_keep_their_columns(hostile: Recorded) -> None:
    """No value of a target adds a cell to a row or ends a table."""
    rows = [line for line in render_markdown(hostile).splitlines() if line.startswith("|")]
    parsed = [token for token in tokens(hostile) if token.type == "tr_open"]

    assert len(rows) == len(parsed) + sum(1 for row in rows if set(row) <= set("|-: "))


def test_reading_table_keeps_values(hostile: Recorded) -> None:
    """A hostile value reads in its cell as it is shown everywhere else."""
    texts = [token.content for token in tokens(hostile) if token.type == "text"]

    assert visible(records.HOSTILE) in "".join(texts)


@pytest.mark.parametrize("kind", ["em_open", "image", "link_open", "strong_open"])
def test_values_are_no_markdown(hostile: Recorded, kind: str) -> None:
    """Nothing of a target becomes emphasis, an image or a link; what is strong is our own."""
    ours = {"strong_open": 7}  # with the sums of an API in two families and its name

    assert ours.get(kind, 0) == sum(1 for token in tokens(hostile) if token.type == kind)


def test_values_are_no_html(hostile: Recorded) -> None:
    """The only HTML is ours: the code element around a value with a pipe, and what folds the error matrix away."""
    ours = {"<code>", "</code>", "<details><summary>shop: 1 row</summary>\n", "</details>\n"}

    assert ours == {token.content for token in tokens(hostile) if token.type.startswith("html")}


@pytest.mark.parametrize("name", ["`", "a`b", "``", " ", "a``b`c", "|`"], ids=repr)
def test_backticks_stay_in_code(name: str) -> None:
    """A value with backticks is still one code span, which shows it unchanged."""
    run = records.recorded(records.header(), records.observation(f"field {name} is odd", 1), records.footer(4))
    shown = [token.content for token in tokens(run) if token.type in ("code_inline", "text")]

    assert f"field {name} is odd" in [
        "".join(shown[start:end]) for start in range(len(shown)) for end in range(len(shown))
    ]


def test_rendering_ends_with_newline(eventful: Recorded) -> None:
    """The text ends with exactly one line break."""
    text = render_markdown(eventful)

    assert text.endswith("\n")
    assert not text.endswith("\n\n")
