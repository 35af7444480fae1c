"""Write text, code and tables of GitHub Markdown, so that nothing of a value is read as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from asdocumented.report.escaping import visible

__all__ = ["NUMBERS", "code", "fenced", "plain", "table"]

NUMBERS = "---:"
"""The alignment of a column of numbers."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_BACKTICKS = re.compile(r"`+")


def plain(text: str) -> str:
    """Return text that reads the same in Markdown as it does here."""
    return _SPECIAL.sub(r"\\\1", visible(text))


def code(text: str) -> str:
    """Return text as a code span, fenced by more backticks than it has in a row.

    Text with a pipe is written as entities: in a table no escape of a pipe holds in every code span.
    """
    shown = visible(text)
    if "|" in shown:
        return f"<code>{''.join(each if each.isalnum() else f'&#{ord(each)};' for each in shown)}</code>"
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(shown)), default=0))
    space = " " * (shown[:1] in ("`", " ", "") or shown[-1:] in ("`", " "))
    return f"{fence}{space}{shown}{space}{fence}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def table(head: list[str], rows: Iterable[Iterable[str]], align: list[str] | None = None) -> str:
    """Return a table; `align` are the marks of its columns, by default those of text."""
    return "\n".join([_row(head), _row(align or ["---"] * len(head)), *(_row(row) for row in rows)])


def fenced(*texts: str) -> list[str]:
    """Return the lines of a block of shell commands, fenced by more backticks than any has in a row; each stays one line."""
    shown = [visible(text) for text in texts]
    runs = (len(run) for text in shown for run in _BACKTICKS.findall(text))
    fence = "`" * max(3, 1 + max(runs, default=0))
    return [f"{fence}sh", *shown, fence]
