"""Show a record on a terminal, so that a tester sees at a glance how a run ended and what to do next.

Values come from a target: all of them pass through `escaping`, and none is read as markup.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from asdocumented.console import PipeConsole
from asdocumented.report import digest
from asdocumented.report.acknowledged import known_until, told
from asdocumented.report.causes import Cause, causes, contested, failed_elsewhere, sentence, source, what
from asdocumented.report.escaping import visible
from asdocumented.report.mutants import NOTE
from asdocumented.report.mutants import told as told_of_mutants
from asdocumented.report.outcome import outcome
from asdocumented.report.stream import Recorded
from asdocumented.requirement import PROFILES

__all__ = ["render_summary"]

_IN_FULL = 10
"""How many causes are shown in full; those after them get two lines each."""
_OBSERVATIONS = 5
_ELSEWHERE = 5
_ASCII = str.maketrans({digest.FAILED: "x", digest.NOTHING: ".", "…": "..."})
_GOOD, _BAD, _CARE, _QUIET = "green", "red", "yellow", "dim"
_COLORS: Mapping[str, str] = {
    "conformant": _GOOD,
    "passed": _GOOD,
    "nonconformant": _BAD,
    "failed": _BAD,
    "partial": _CARE,
    "not all judged": _CARE,
    "undecided": _CARE,
}


def render_summary(recorded: Recorded, *, width: int | None, color: bool | None, file: TextIO) -> None:
    """Write the summary of a record to a file.

    `width` is in columns, None for that of the terminal; `color` None means colour where the file is a terminal.
    """
    console = PipeConsole(
        file=file,
        width=width,
        force_terminal=color,
        no_color=True if color is False else None,
        markup=False,
        emoji=False,
        highlight=False,
    )
    with console.capture() as captured:
        _render(console, recorded)
    encoding = file.encoding or "utf-8"
    text = "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
    if not encoding.lower().startswith("utf"):
        text = text.translate(_ASCII).encode(encoding, errors="backslashreplace").decode(encoding)
    file.write(text)


def _render(console: Console, recorded: Recorded) -> None:
    _heading(console, recorded)
    if recorded.of("requirement"):
        _verdicts(console, recorded)
        _matrix(console, recorded)
        _failures(console, recorded)
        _known(console, recorded)
        _unjudged(console, recorded)
        _strength(console, recorded)
    _left(console, recorded)
    _readings(console, recorded)
    _observations(console, recorded)
    _outcome(console, recorded)


def _heading(console: Console, recorded: Recorded) -> None:
    short, state = digest.cut_short(recorded), outcome(recorded).state
    if short:
        console.print(Text(short, "bold red"))
    console.print(Text.assemble((digest.title(recorded), "bold"), ": ", (state, f"bold {_color(state)}")))
    if recorded.header["target"]["selfTest"]:
        _indented(console, Text(digest.SELF_TEST, _CARE))
    _flowing(console, digest.conditions(recorded), " · ", _QUIET)
    _flowing(console, digest.tally(recorded), ", ")


def _color(state: str) -> str:
    return _COLORS.get(state.rpartition("REQUIREMENTS ")[2].lower(), _BAD)


def _flowing(console: Console, items: list[str], separator: str, style: str = "") -> None:
    """Print items one after the other, with line breaks between them and not within."""
    line, *rest = items or [""]
    for item in rest:
        if cell_len(line + separator + item) + 4 > console.width:
            _indented(console, Text((line + separator).rstrip(" ·"), style))
            line = item
        else:
            line += separator + item
    if line:
        _indented(console, Text(line, style))


def _section(console: Console, name: str, note: str = "", style: str = "") -> None:
    console.print()
    console.print(Text.assemble((name, f"bold {style}".strip()), (f"  {note}" if note else "", _QUIET)))


def _indented(console: Console, text: Text, columns: int = 2) -> None:
    console.print(Padding(text, (0, 0, 0, columns), expand=False))


def _hanging(console: Console, label: str, text: Text) -> None:
    """Print a label and beside it a text that may take several lines."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(label, text.style), text)
    console.print(grid)


def _unbroken(console: Console, text: str, columns: int, style: str = "") -> None:
    """Print what is there to be copied: whatever its length, without a line break of ours."""
    console.print(Text(" " * columns + text, style), soft_wrap=True)


def _verdicts(console: Console, recorded: Recorded) -> None:
    name = "Selected requirements" if digest.is_narrow(recorded) else "Verdict"
    _section(console, name, "* the profile of this run; the exit code follows it")
    table = Table(box=None, pad_edge=False, header_style="", padding=(0, 2, 0, 0))
    table.add_column(Text("  API", _QUIET), overflow="fold")
    for profile in PROFILES:
        own = profile == recorded.header["profile"]
        table.add_column(Text(f"{profile}{' *' * own}", "bold" if own else _QUIET), no_wrap=True)
    for api, by_profile in digest.states(recorded).items():
        cells = [Text(by_profile[profile], _COLORS.get(by_profile[profile], _QUIET)) for profile in PROFILES]
        table.add_row(Text(f"  {visible(api)}"), *cells)
    console.print(table)


def _matrix(console: Console, recorded: Recorded) -> None:
    """Print operations by families: on one line each where that fits, else the cells below the name."""
    families, rows = digest.matrix(recorded)
    if not rows:
        return
    legend = digest.legend(recorded)
    _section(console, "Requirements", "" if legend else "all that could be judged passed")
    _flowing(console, legend, "   ", _QUIET)
    widths = {
        family: max(len(family), *(len(str(row.get(family, ""))) for row in rows.values())) for family in families
    }
    name_width = max(len(name) for name in rows) + 2
    one_line = name_width + sum(width + 2 for width in widths.values()) <= console.width
    first = name_width if one_line else 0
    _unbroken(console, " " * first + "".join(f"  {family:>{widths[family]}}" for family in families), 0, _QUIET)
    for name, row in rows.items():
        shown = ((f"  {row.get(each, '')!s:>{widths[each]}}", _shade(row.get(each))) for each in families)
        cells = Text.assemble(*shown)
        if one_line:
            console.print(Text.assemble(f"  {visible(name)}".ljust(first), cells), soft_wrap=True)
        else:
            _unbroken(console, visible(name), 2)
            console.print(cells, soft_wrap=True)


def _shade(cell: digest.Cell | None) -> str:
    marks = cell.marks if cell else set()
    if marks & {digest.FAILED, digest.BROKEN}:
        return _BAD
    return _CARE if marks else _GOOD


def _failures(console: Console, recorded: Recorded) -> None:
    found = causes(recorded)
    failed, warned = [each for each in found if each.is_must], [each for each in found if not each.is_must]
    if failed:
        _section(console, "Failed", _counts(failed), _BAD)
    for number, cause in enumerate(failed, start=1):
        if number <= _IN_FULL:
            _in_full(console, number, cause)
        else:
            _in_short(console, f"{number}", cause)
    if warned:
        _section(console, "Warnings", f"{_counts(warned)}; they change no outcome", _CARE)
    for cause in warned:
        _in_short(console, digest.WARNED, cause)
    _elsewhere(console, recorded)


def _counts(found: list[Cause]) -> str:
    order = ", worst first" if len(found) > 1 else ""
    requirements = sum(len(each.records) for each in found)
    known = sum(len(each.records) for each in found if known_until(each.first))
    told_of = f", {known} known" if known else ""
    return f"{digest.amount(requirements, 'requirement')}{told_of}, {digest.amount(len(found), 'cause')}{order}"


def _in_full(console: Console, number: int, cause: Cause) -> None:
    console.print()
    _unbroken(console, f"{number}  {visible(cause.first['id'])}", 2, "bold")
    said = (f"{cause.first['level']}: {sentence(cause.finding)}", cause.reach, contested(cause.finding))
    _indented(console, Text(", ".join(part for part in said if part), _BAD), 5)
    if known_until(cause.first):
        _indented(console, Text(known_until(cause.first), _CARE), 5)
    _indented(console, Text(source(cause.first)), 5)
    if cause.others:
        _indented(console, Text(_alike(cause)), 5)
    if cause.blocks:
        blocked = digest.amount(cause.blocks, "requirement")
        _indented(console, Text(f"blocks {blocked}: inconclusive until it is met"), 5)
    if "curl" in cause.finding:
        _unbroken(console, visible(cause.finding["curl"]), 5)


def _in_short(console: Console, mark: str, cause: Cause) -> None:
    _unbroken(console, f"{mark}  {visible(cause.first['id'])}", 2)
    said = f"{cause.first['level']}: {sentence(cause.finding)}"
    parts = (said, known_until(cause.first), source(cause.first), _alike(cause))
    _indented(console, Text("; ".join(part for part in parts if part), _QUIET), 5)


def _alike(cause: Cause) -> str:
    if not cause.others:
        return ""
    names = [visible(name) + (f" ({count})" if count > 1 else "") for name, count in cause.others.items()]
    return f"and {len(cause.records) - 1} alike in {', '.join(names)}"


def _elsewhere(console: Console, recorded: Recorded) -> None:
    for profiles, records in failed_elsewhere(recorded).items():
        names = list(dict.fromkeys(visible(what(record)) for record in records))
        more = [f"and {len(names) - _ELSEWHERE} more"] if len(names) > _ELSEWHERE else []
        console.print()
        said = f"{len(records)} more in {' and '.join(profiles)}: {', '.join([*names[:_ELSEWHERE], *more])}"
        _indented(console, Text(said, _QUIET))


def _known(console: Console, recorded: Recorded) -> None:
    """Print what is known of the target beforehand, and what the run says of each."""
    found = told(recorded)
    if not found:
        return
    _section(console, "Known deviations", "failures all the same, which --accept-known passes over")
    for each in found:
        _unbroken(console, each.requirement, 2)
        _indented(console, Text(each.said, _BAD if each.remove else ""), 5)
        _indented(console, Text(each.reason, _QUIET), 5)


def _left(console: Console, recorded: Recorded) -> None:
    """Print what the run could not put back as it was."""
    found = digest.leftovers(recorded)
    if found:
        _section(console, "Left behind", f"{digest.amount(len(found), 'thing')} not as before the run", _BAD)
    for each in found:
        _indented(console, Text(each, _BAD))


def _unjudged(console: Console, recorded: Recorded) -> None:
    found = digest.unjudged(recorded)
    if not found:
        return
    _section(console, "Not judged", "with one example each")
    for each in found:
        style = _QUIET if each.verdict == "not-observed" else _CARE
        _hanging(console, f"{each.count:>6}", Text(f"{each.words}: {each.reason}", style))
        _unbroken(console, visible(each.example), 7, _QUIET)


def _strength(console: Console, recorded: Recorded) -> None:
    """Print on how much the passes rest, with an example of the weakest, and what the run would have caught."""
    found, mutants = digest.strength(recorded), told_of_mutants(recorded)
    if found:
        _section(console, "Strength", "what passes rest on")
        _flowing(console, [f"{each.count:,} on {each.words}" for each in found], " · ")
        _indented(console, Text("weakest, for example", _QUIET))
        _unbroken(console, visible(found[0].example), 7, _QUIET)
    elif mutants:
        _section(console, "Strength")
    _flowing(console, mutants, " · ")
    if len(mutants) > 1:
        _indented(console, Text(NOTE, _QUIET))


def _readings(console: Console, recorded: Recorded) -> None:
    found = digest.followed(recorded)
    if not found:
        return
    profile = recorded.header["profile"]
    _section(console, "Readings followed", "accepted in every profile unless marked")
    table = Table(box=None, pad_edge=False, header_style=_QUIET, padding=(0, 2, 0, 0))
    for name in ("  entry", "reading", "of what the page leaves open"):
        table.add_column(name, overflow="fold")
    for each in found:
        accepted = profile in each.accepted_in
        about = Text(f"{visible(each.about)}\n")
        about.append(", ".join(visible(name.partition("/")[2]) for name in each.operations), _QUIET)
        if len(each.accepted_in) < len(PROFILES):
            about.append(f"\n{each.acceptance}", "" if accepted else _BAD)
        reading = Text(visible(each.reading), "" if accepted else _BAD)
        table.add_row(Text(f"  {visible(each.ambiguity)}"), reading, about)
    console.print(table)


def _observations(console: Console, recorded: Recorded) -> None:
    found = sorted(recorded.of("observation"), key=lambda each: -each["count"])
    if not found:
        return
    shown = f"the {_OBSERVATIONS} most frequent of {len(found)}" if len(found) > _OBSERVATIONS else f"{len(found)}"
    _section(console, "Observations", f"{shown}; they break no requirement")
    for each in found[:_OBSERVATIONS]:
        _hanging(console, f"{each['count']:>6}", Text(f"{visible(each['text'])}, in {visible(each['operation'])}"))


def _outcome(console: Console, recorded: Recorded) -> None:
    ended = outcome(recorded)
    console.print()
    _unbroken(console, f"Report  {visible(str(recorded.path))}", 0)
    _unbroken(console, f"Again   asdoc report summary {visible(shlex.quote(str(recorded.path.parent)))}", 0)
    _unbroken(console, "More    asdoc explain REQUIREMENT; asdoc report errors RUN", 0)
    _hanging(console, "Next   ", Text(ended.advice))
    if ended.command:
        _unbroken(console, ended.command, 8)
    _unbroken(console, ended.words, 0, f"bold {_color(ended.state)}")
