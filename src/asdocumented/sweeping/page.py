"""Show what came of a sweep as one HTML file: the kill matrix, requirements by classes of mutants, with survivors on top."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from asdocumented.report.escaping import visible
from asdocumented.sweeping.outcomes import Left, Outcome
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

_TEMPLATE = "mutation.html.j2"
_MOST = 12  # of what else fails, how many are named; the results have all


@dataclass(slots=True)
class Cell:
    """The mutants of one requirement and one class: how many were killed of those that count, and how many are equivalent."""

    killed: int = 0
    counted: int = 0
    equivalent: int = 0

    @property
    def state(self) -> str:
        """Return `all`, `some`, `none` or, where none counts, `equivalent`."""
        if not self.counted:
            return "equivalent"
        return "all" if self.killed == self.counted else "some" if self.killed else "none"

    @property
    def text(self) -> str:
        """Return the cell in words that need no colour."""
        if not self.counted:
            return f"≈ {self.equivalent}"
        return f"{'✓' if self.killed == self.counted else '✗'} {self.killed}/{self.counted}"


@dataclass(slots=True)
class Row:
    """One requirement, with its cells by class and its mutants, the worst first."""

    what: str
    level: str
    missing: bool
    cells: dict[str, Cell] = field(default_factory=dict)
    mutants: list[Document] = field(default_factory=list)

    @property
    def is_bad(self) -> bool:
        """Tell whether there is something to mend."""
        return self.missing or any(each.state in ("some", "none") for each in self.cells.values())

    @property
    def searched(self) -> str:
        """Return what the filter looks through beside the name of the requirement."""
        words = {word for each in self.mutants for word in (each["id"], each["class"], each["outcome"])}
        return " ".join(sorted(words)).lower()


def page(found: Document) -> str:
    """Return the page of a sweep's document."""
    ended = ending(found)
    shown = {
        "found": found,
        "ended": ended,
        "operations": _operations(found),
        "classes": list(found["classes"]),
        "scores": [
            (title, found[name]) for name, title in (("classes", "Class"), ("families", "Family"), ("apis", "API"))
        ],
        "beyond": _beyond(found),
        "survivors": [each for outcome in _BAD for each in of_outcome(found, "mutants", outcome)],
        "alarms": [each for outcome in _ALARMING for each in of_outcome(found, "variants", outcome)],
        "equivalents": of_outcome(found, "mutants", Outcome.EQUIVALENT),
        "stale": of_stale(found),
        "disagreeing": [each for each in found["sample"] if each["disagreement"]],
        "seed": found["header"]["seed"],
        "most": _MOST,
    }
    return f"{_template().render(shown)}\n"


_BAD = (Outcome.ERROR, Outcome.SURVIVED, Outcome.WITHOUT_EFFECT)
_ALARMING = (Left.ERROR, Left.FALSE_ALARM, Left.WEAKENED, Left.WITHOUT_EFFECT)


@cache
def _template() -> Template:
    """Return the template; it shows every text escaped for HTML, and what would act on a reader as its escape."""
    env = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    env.filters |= {"percent": percent, "switched": switched, "word": _word}
    env.globals |= {"again": again, "amount": amount, "headline": headline, "conditions": conditions}
    return env.from_string(files("asdocumented.sweeping").joinpath(_TEMPLATE).read_text(encoding="utf-8"))


def _word(outcome: str) -> str:
    return WORDS.get(outcome, outcome)


def _beyond(found: Document) -> list[str]:
    """Return the outcomes other than a kill that some mutant had."""
    return [str(each) for each in Outcome if each is not Outcome.KILLED and found["score"][each]]


def _operations(found: Document) -> dict[str, dict[str, Any]]:
    """Return the rows of each operation, and how many of its requirements have no mutant and need none."""
    rows: dict[str, dict[str, Row]] = defaultdict(dict)
    idle: dict[str, int] = defaultdict(int)
    mutants = _by_requirement(found)
    for each in found["requirements"]:
        api, operation, what = each["requirement"].split("/", 2)
        row = Row(what, each["level"], each.get("missing", False))
        for mutant in mutants.get(each["requirement"], ()):
            _add(row, mutant)
        if row.mutants or row.missing:
            row.mutants.sort(key=lambda one: one["outcome"] == Outcome.KILLED)
            rows[f"{api}/{operation}"][what] = row
        else:
            idle[f"{api}/{operation}"] += 1
    return {name: {"rows": list(own.values()), "idle": idle[name]} for name, own in rows.items()}


def _by_requirement(found: Document) -> Mapping[str, list[Document]]:
    grouped: dict[str, list[Document]] = defaultdict(list)
    for each in found["mutants"]:
        grouped[each["breaks"]].append(each)
    return grouped


def _add(row: Row, mutant: Document) -> None:
    cell = row.cells.setdefault(mutant["class"], Cell())
    is_equivalent = mutant["outcome"] == Outcome.EQUIVALENT
    cell.equivalent += is_equivalent
    cell.counted += not is_equivalent
    cell.killed += mutant["outcome"] == Outcome.KILLED
    row.mutants.append(mutant)
