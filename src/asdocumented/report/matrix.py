"""Show the error matrix of a record: operation, cause, what was expected, and status, code and body that came.

Causes of an operation that got the same answer share a row. All of it is a pure function of the record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from asdocumented.console import PipeConsole
from asdocumented.report.digest import FAILED
from asdocumented.report.escaping import visible
from asdocumented.report.github import code, plain, table
from asdocumented.report.records import Record
from asdocumented.report.stream import Recorded

__all__ = ["Row", "heading", "marked", "matrix_table", "render_matrix", "rows"]

_WIDE = 120
"""From how many columns on the matrix is a table."""


@dataclass(frozen=True, slots=True)
class Row:
    """One answer of an operation, with every cause that it was given to and the requirements that it broke."""

    operation: str
    causes: tuple[str, ...]
    expected: str
    status: str
    code: str
    body: str
    count: int
    breaks: tuple[str, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the row as texts, in the order of `heading`."""
        causes = ", ".join(self.causes)
        return self.operation, causes, self.expected, self.status, self.code, self.body, str(self.count)


def heading() -> tuple[str, ...]:
    """Return the names of the columns."""
    return "operation", "cause", "expected", "status", "code", "body", "exchanges"


def rows(recorded: Recorded) -> dict[str, list[Row]]:
    """Return the matrix by API, in the order of the record; what broke a requirement comes first."""
    grouped: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for record in recorded.of("answer"):
        expected = f"{record['expected']} ({record['evidence']})"
        broken = str(bool(record["breaks"]))
        grouped[record["operation"], expected, _status(record), record["code"], record["body"], broken].append(record)
    found: dict[str, list[Row]] = defaultdict(list)
    for key, records in grouped.items():
        api, _, operation = key[0].partition("/")
        found[api].append(_row(operation, key, records))
    return {api: sorted(own, key=lambda each: not each.breaks) for api, own in found.items()}


def _row(operation: str, key: tuple[str, ...], records: list[Record]) -> Row:
    return Row(
        operation,
        tuple(dict.fromkeys(" + ".join(each["causes"]) for each in records)),
        key[1],
        key[2],
        key[3],
        key[4],
        sum(each["count"] for each in records),
        tuple(sorted({name for each in records for name in each["breaks"]})),
    )


def _status(record: Record) -> str:
    return str(record["status"]) if record["status"] else "none"


def marked(row: Row) -> str:
    """Return the operation of a row, marked where the answer broke a requirement."""
    return f"{FAILED} {row.operation}" if row.breaks else row.operation


def matrix_table(own: list[Row]) -> str:
    """Return the rows of one API as a table of GitHub Markdown."""
    body = ([plain(marked(each)), *(code(cell) if cell else "" for cell in each.cells[1:])] for each in own)
    return table(list(heading()), body)


def render_matrix(found: Mapping[str, list[Row]], *, width: int | None, file: TextIO) -> None:
    """Write the matrix for a terminal, by API: as a table where one fits."""
    console = PipeConsole(file=file, width=width, markup=False, emoji=False, highlight=False)
    show = _as_table if console.width >= _WIDE else _as_lines
    for api, own in found.items():
        console.print(Text(visible(api), "bold"))
        show(console, own)
    console.print(Text(f"{FAILED} breaks a requirement; several causes with + were in one request", "dim"))


def _as_lines(console: Console, own: list[Row]) -> None:
    """Print each row as its causes and, below them, one sentence, for a terminal on which no table fits."""
    for operation in dict.fromkeys(each.operation for each in own):
        console.print(Text(f"  {visible(operation)}", "dim"), soft_wrap=True)
        for each in (row for row in own if row.operation == operation):
            console.print(Padding(_causes(each), (0, 0, 0, 4), expand=False))
            named = f" {each.code}" if each.code else ""
            said = f"expected {each.expected}, got {each.status}{named}, body {each.body}, {_times(each.count)}"
            console.print(Padding(Text(visible(said), _style(each)), (0, 0, 0, 8), expand=False))


def _as_table(console: Console, own: list[Row]) -> None:
    shown = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for name in heading()[1:]:
        shown.add_column(name, overflow="fold")
    for operation in dict.fromkeys(each.operation for each in own):
        shown.add_row(Text(f"  {visible(operation)}", "dim"))
        for each in (row for row in own if row.operation == operation):
            cells = (Text(visible(cell), _style(each)) for cell in each.cells[2:])
            shown.add_row(Padding(_causes(each), (0, 0, 0, 2)), *cells)
    console.print(shown)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _causes(row: Row) -> Text:
    mark = FAILED if row.breaks else " "
    return Text("\n".join(f"{mark} {visible(cause)}" for cause in row.causes), _style(row))


def _style(row: Row) -> str:
    return "red" if row.breaks else ""
