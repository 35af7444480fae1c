"""Show what came of a sweep on a terminal: the scores, and everything that is to be mended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TextIO

from rich.cells import cell_len
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from asdocumented.console import PipeConsole
from asdocumented.report.escaping import visible
from asdocumented.sweeping.outcomes import Outcome
from asdocumented.sweeping.wording import (
    WORDS,
    Document,
    again,
    amount,
    conditions,
    ending,
    headline,
    of_outcome,
    of_stale,
    percent,
    switched,
)

_IN_FULL = 10  # how many of a kind are shown with everything that is known of them
_OTHERS = 3  # how many of what fails instead are named
_GOOD, _BAD, _CARE, _QUIET = "green", "red", "yellow", "dim"
_STATES = {"good": _GOOD, "care": _CARE, "bad": _BAD}
_BEYOND = (Outcome.SURVIVED, Outcome.WITHOUT_EFFECT, Outcome.ERROR, Outcome.EQUIVALENT)


def render(found: Document, *, place: str = "", page: str = "", file: TextIO, width: int | None = None) -> None:
    """Write the summary of a sweep's document to a file; `place` and `page` are where its results and its matrix are."""
    console = PipeConsole(file=file, width=width, markup=False, emoji=False, highlight=False)
    with console.capture() as captured:
        _heading(console, found)
        for name, title in (("classes", "class"), ("families", "family"), ("apis", "API")):
            _scores(console, title, found[name])
        _mutants(console, found, Outcome.ERROR, "Broken", "a check or a run of ours broke: nothing follows from it")
        _mutants(console, found, Outcome.SURVIVED, "Survivors", "what they break does not fail")
        _mutants(console, found, Outcome.WITHOUT_EFFECT, "Without effect", "they answer as the clean emulator does")
        _variants(console, found)
        _claims(console, found)
        _missing(console, found)
        _sample(console, found)
        _outcome(console, found, place, page)
    file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def _heading(console: PipeConsole, found: Document) -> None:
    ended = ending(found)
    console.print(Text.assemble(("Mutation: ", "bold"), (headline(found), f"bold {_STATES[ended.mark]}")))
    _indented(console, Text(found["header"]["says"], _CARE))
    _flowing(console, conditions(found), " · ", _QUIET)


def _flowing(console: PipeConsole, items: Sequence[str], separator: str, style: str = "") -> None:
    """Print items one after the other, with line breaks between them and not within."""
    line = ""
    for item in items:
        longer = f"{line}{separator}{item}" if line else item
        if line and cell_len(longer) + 4 > console.width:
            _indented(console, Text(line, style))
            longer = item
        line = longer
    _indented(console, Text(line, style))


def _indented(console: PipeConsole, text: Text, columns: int = 2) -> None:
    console.print(Padding(text, (0, 0, 0, columns), expand=False))


def _unbroken(console: PipeConsole, text: str, columns: int, style: str = "") -> None:
    """Print what is there to be copied, whatever its length, without a line break of ours."""
    console.print(Text(" " * columns + visible(text), style), soft_wrap=True)


def _section(console: PipeConsole, name: str, note: str = "", style: str = "") -> None:
    console.print()
    console.print(Text.assemble((name, f"bold {style}".strip()), (f"  {note}" if note else "", _QUIET)))


def _scores(console: PipeConsole, title: str, groups: Mapping[str, Document]) -> None:
    if not groups:
        return
    console.print()
    beyond = [each for each in _BEYOND if any(score[each] for score in groups.values())]
    table = Table(box=None, pad_edge=False, header_style=_QUIET, padding=(0, 2, 0, 0))
    table.add_column(f"  {title}", overflow="fold", min_width=30)
    for name in ("killed", "of", "score", *(WORDS.get(each, each) for each in beyond)):
        table.add_column(name, justify="right", no_wrap=True)
    for name, score in groups.items():
        is_all = score["killed"] == score["counted"]
        cells = [
            f"{score['killed']:,}",
            f"{score['counted']:,}",
            percent(score),
            *(f"{score[each]:,}" for each in beyond),
        ]
        table.add_row(f"  {visible(name)}", *cells, style=_GOOD if is_all else _CARE)
    console.print(table)


def _mutants(console: PipeConsole, found: Document, outcome: str, title: str, note: str) -> None:
    listed = of_outcome(found, "mutants", outcome)
    if not listed:
        return
    _section(console, title, f"{amount(len(listed), 'mutant')}; {note}", _BAD)
    for number, each in enumerate(listed, start=1):
        _unbroken(console, f"{number}  {each['id']}", 2, "bold" if number <= _IN_FULL else "")
        if number > _IN_FULL:
            continue
        _indented(console, Text(visible(f"{each['class']}: {each.get('because', '')}"), _BAD), 5)
        for line in switched(each):
            _unbroken(console, line, 5)
        for name in each["fails"][:_OTHERS]:
            _unbroken(console, f"fails instead: {name}", 5, _QUIET)
        if len(each["fails"]) > _OTHERS:
            _indented(console, Text(f"and {len(each['fails']) - _OTHERS} more fail", _QUIET), 5)
        _unbroken(console, again(each["id"], found["header"]["seed"]), 5)


def _variants(console: PipeConsole, found: Document) -> None:
    for alarm in found["clean"]["alarms"]:
        _section(console, "False alarm on the clean emulator", alarm["requirement"], _BAD)
    for error in found["clean"]["errors"]:
        _section(console, "Broken on the clean emulator", f"{error['requirement']}: {visible(error['reason'])}", _BAD)
    for outcome, title, style in (
        ("error", "Variants that broke us", _BAD),
        ("false-alarm", "False alarms", _BAD),
        ("weakened", "Weakened", _CARE),
        ("without-effect", "Variants without effect", _CARE),
    ):
        listed = of_outcome(found, "variants", outcome)
        if listed:
            _section(console, title, amount(len(listed), "variant"), style)
        for each in listed:
            _unbroken(console, each["id"], 2)
            said = f"{each.get('because', '')}; permitted by {each['permittedBy']}"
            _indented(console, Text(visible(said), style), 5)
            for name in each.get("fails", each.get("weakened", []))[1:]:
                _unbroken(console, f"and {name}", 5, _QUIET)
            _unbroken(console, again(each["id"], found["header"]["seed"]), 5)


def _claims(console: PipeConsole, found: Document) -> None:
    equivalent = of_outcome(found, "mutants", Outcome.EQUIVALENT)
    if equivalent:
        _section(
            console,
            "Equivalent",
            f"{amount(len(equivalent), 'mutant')} that contracts argue nothing can tell; not counted",
        )
    for each in equivalent:
        _unbroken(console, each["id"], 2)
        _indented(console, Text(visible(each["because"]), _QUIET), 5)
    stale = of_stale(found)
    if stale or found["unfit"]:
        _section(console, "Claims of equivalence to remove", "", _BAD)
    for each in stale:
        _unbroken(console, f"killed all the same: {each['id']}", 2)
    for each in found["unfit"]:
        _unbroken(console, f"fits no mutant of {each['owner']}: {each['mutant']}", 2)


def _missing(console: PipeConsole, found: Document) -> None:
    """List every requirement that needs a mutant and has none, by operation."""
    if found["missing"]:
        _section(
            console, "Without a mutant", f"{amount(len(found['missing']), 'requirement')} that exchanges judge", _BAD
        )
    grouped: dict[str, list[Document]] = defaultdict(list)
    for each in found["missing"]:
        operation, what = _parted(each["requirement"])
        grouped[operation].append({**each, "what": what})
    for operation, own in grouped.items():
        _unbroken(console, operation, 2)
        for each in own:
            _unbroken(console, f"{each['level']:<6}  {each['what']}", 4, _QUIET)
    if found["notShown"]:
        shown = amount(len(found["notShown"]), "conditional requirement")
        _section(console, "Never shown", f"{shown}, by no emulator of the sweep, so that none could be broken")


def _parted(requirement: str) -> tuple[str, str]:
    api, operation, what = requirement.split("/", 2)
    return f"{api}/{operation}", what


def _sample(console: PipeConsole, found: Document) -> None:
    wrong = [each for each in found["sample"] if each["disagreement"]]
    if not found["sample"]:
        return
    tried = amount(len(found["sample"]), "emulator")
    said = "showed the same" if not wrong else f"{len(wrong)} showed something else"
    _section(
        console,
        "Selection",
        f"{tried} judged over all operations too, as the seed draws them: {said}",
        _BAD if wrong else "",
    )
    for each in wrong:
        _unbroken(console, each["id"], 2)
        _indented(console, Text(visible(each["disagreement"]), _BAD), 5)


def _outcome(console: PipeConsole, found: Document, place: str, page: str) -> None:
    ended = ending(found)
    console.print()
    if place:
        _unbroken(console, f"Results  {place}", 0)
        _unbroken(console, f"Matrix   {page}", 0)
    reasons = (
        f": {', '.join(ended.reasons)}"
        if ended.reasons
        else ": the checks caught every mutant and left every variant alone"
    )
    console.print(Text(f"{ended.state}{reasons}", f"bold {_STATES[ended.mark]}"))
