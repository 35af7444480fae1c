"""What `asdoc explain` shows, as text, Markdown and JSON."""

from __future__ import annotations

import sys
from typing import Any

from rich.text import Text

from asdocumented.console import PipeConsole
from asdocumented.contracts import Catalogue
from asdocumented.contracts.grounds import Ambiguity
from asdocumented.explaining import Explanation
from asdocumented.known import KnownDeviation
from asdocumented.mutant import Mutant
from asdocumented.report.causes import source
from asdocumented.report.digest import amount
from asdocumented.report.github import code, fenced, plain
from asdocumented.report.knowing import deviation_record
from asdocumented.report.records import basis_record
from asdocumented.requirement import Requirement
from asdocumented.requirements import derive
from asdocumented.selection import Selection, select_operations, select_requirements

__all__ = ["as_json", "as_markdown", "find", "print_pretty"]

_BEFORE = 5
"""How many of the requests before the one to try are shown."""


def find(catalogue: Catalogue, typed: str) -> list[Requirement]:
    """Return what was typed: an id, else all below an operation, else what ends so; a glob gives all that it matches.

    An operation is named with its API or without. Raises UsageError with the closest id when nothing is meant.
    """
    known = derive(catalogue)
    if typed in known:
        return [known[typed]]
    if "*" not in typed:
        start = f"{typed.rstrip('/')}/"
        below = [each for each in known.values() if each.id.startswith(start)]
        below = below or [each for each in known.values() if each.id.partition("/")[2].startswith(start)]
        meant = below or [each for each in known.values() if each.id.endswith(f"/{typed}")]
        if meant:
            return meant
    selection = Selection(requirements=(typed,))
    return list(select_requirements(known, selection, select_operations(catalogue, selection)).values())


def _why(each: Explanation) -> str:
    return source({"page": each.operation.source.page, "basis": basis_record(each.requirement.basis)})


def _judged(each: Explanation) -> list[str]:
    """Return how it is judged, in sentences."""
    requirement = each.requirement
    said = [f"It looks at {each.looks_at}."]
    if each.blocked_by:
        said.append(f"A finding at an earlier stage of the same answer blocks it: {', '.join(each.blocked_by)}.")
    if each.needs_control:
        said.append(
            "It passes only with a control: a request like it, without the fault, that succeeds in the same run."
        )
    if requirement.conditional:
        said.append(f"It is conditional ({requirement.conditional}): not observed is no failure.")
    if requirement.opens:
        said.append(f"Only where it is met, response/{requirement.opens} can be judged.")
    return said


def _known(deviation: KnownDeviation) -> str:
    """Return of whom a failure is known, why and until when, with what a finding shows then."""
    whose = f"of {', '.join(deviation.hosts)}" if deviation.ships else "in the targets file"
    source = f" ({deviation.reference})" if deviation.reference else ""
    got = f"got {deviation.observed}"
    return f"a deviation {whose} until {deviation.expires}, {got}: {deviation.reason}{source}"


def _mutant(mutant: Mutant) -> str:
    arguments = ", ".join(f"{name}={value!r}" for name, value in mutant.arguments.items())
    return f"{mutant.switch}({arguments})"


def _reading(each: Explanation, entry: Ambiguity, name: str) -> str:
    accepted = each.accepted_in(entry, name)
    return f"{name}: accepted in {', '.join(accepted) or 'no profile'}"


def _context(each: Explanation) -> str:
    """Return what has to be so before the request of an attempt, in words."""
    if each.attempt is None:
        return ""
    parts = [each.attempt.purpose]
    if each.attempt.state:
        parts.append(f"in the state '{each.attempt.state}'")
    if each.attempt.before:
        parts.append(f"after {amount(len(each.attempt.before), 'other request')}")
    return ", ".join(parts)


def _commands(each: Explanation) -> list[str]:
    """Return what to paste: what arranges the state, the requests before, and the one that bears on it."""
    if each.attempt is None:
        return []
    shown = each.attempt.before[-_BEFORE:]
    return [line for line in (each.attempt.arrange, *shown, each.attempt.curl) if line]


def _facts(each: Explanation) -> dict[str, list[str]]:
    """Return everything but the curl line as lines below names."""
    requirement = each.requirement
    return {
        "requires": [requirement.text],
        "level": [f"{requirement.level}, evidence {requirement.basis.evidence}, family {requirement.family}"],
        "counts in": [", ".join(each.profiles)],
        "because": [_why(each), each.operation.source.url],
        "judged": _judged(each),
        "readings": [
            line
            for entry in each.entries
            for line in (
                f"{entry.id} (the page is {entry.page}): {entry.about}",
                *(f"  {_reading(each, entry, reading.name)}" for reading in entry.readings),
            )
        ],
        "known": [_known(known) for known in each.known],
        "broken by": [_mutant(mutant) for mutant in each.mutants],
    }


def print_pretty(each: Explanation) -> None:
    """Print it for a terminal; what is there to be copied stands on one line."""
    console = PipeConsole(file=sys.stdout, markup=False, emoji=False, highlight=False)
    console.print(Text(each.requirement.id, "bold"), soft_wrap=True)
    for name, lines in _facts(each).items():
        for number, line in enumerate(lines):
            grid_label = f"  {name:<10}" if not number else " " * 12
            console.print(Text(grid_label, "dim").append(Text(line, "none")), soft_wrap=True)
    if each.attempt is None:
        console.print(Text("  try       ", "dim").append(Text("no request of a run on the emulator bears on it")))
    else:
        console.print(Text("  try       ", "dim").append(Text(_context(each))), soft_wrap=True)
        for line in _commands(each):
            console.print(Text(line), soft_wrap=True)
    console.print()


def as_markdown(each: Explanation) -> str:
    """Return it as Markdown."""
    parts = [f"## {code(each.requirement.id)}"]
    for name, lines in _facts(each).items():
        if lines:
            parts.append(f"**{name}**: " + "\\\n".join(plain(line.strip()) for line in lines))
    if each.attempt is not None:
        parts += [f"**try**: {plain(_context(each))}", "\n".join(fenced(*_commands(each)))]
    return "\n\n".join(parts)


def as_json(each: Explanation) -> dict[str, Any]:
    """Return it as the object of `--format json`."""
    requirement, attempt = each.requirement, each.attempt
    return {
        "id": requirement.id,
        "text": requirement.text,
        "level": str(requirement.level),
        "family": requirement.family,
        "profiles": list(each.profiles),
        "page": each.operation.source.page,
        "url": each.operation.source.url,
        "basis": basis_record(requirement.basis),
        "stage": requirement.stage.name.lower().replace("_", "-"),
        "looksAt": each.looks_at,
        "blockedBy": list(each.blocked_by),
        "needsControl": each.needs_control,
        "conditional": requirement.conditional,
        "opens": requirement.opens,
        "readings": [
            {
                "ambiguity": entry.id,
                "about": entry.about,
                "page": entry.page,
                "readings": {reading.name: list(each.accepted_in(entry, reading.name)) for reading in entry.readings},
            }
            for entry in each.entries
        ],
        "known": [deviation_record(known) for known in each.known],
        "brokenBy": [{"switch": mutant.switch, "arguments": dict(mutant.arguments)} for mutant in each.mutants],
        "try": None
        if attempt is None
        else {
            "curl": attempt.curl,
            "purpose": attempt.purpose,
            "state": attempt.state,
            "arrange": attempt.arrange,
            "before": list(attempt.before),
        },
    }
