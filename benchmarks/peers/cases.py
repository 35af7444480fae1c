"""What is tried on every tool: broken emulators that a tool ought to tell, and permitted ones that it ought to leave alone.

This is the one place that knows where they come from.
"""

from __future__ import annotations

from dataclasses import dataclass

from asdocumented.mutant import Ending, Kind, Line
from asdocumented.mutants import derive_mutants, derive_variants
from benchmarks.emulator import catalogue

CLASSES = tuple(str(each) for each in Kind)
"""The classes in the order of the table."""
LEGAL = "legal"
WIDEST = "conventions"
_WAITS = ("latency", "connection.slow")
_LONGEST_WAIT = 2  # seconds


@dataclass(frozen=True, slots=True)
class Case:
    """One emulator: clean but for some lines. `profile` is the lens in which asdoc has to tell it, or to leave it alone.

    `about` is what samples are spread over: the operation that is broken, or the sort of what is permitted.
    """

    id: str
    api: str
    about: str
    kind: str
    lines: tuple[Line, ...]
    profile: str = WIDEST

    @property
    def legal(self) -> bool:
        """Tell whether it is permitted."""
        return self.kind == LEGAL


def mutants() -> tuple[Case, ...]:
    """Return every broken emulator but those that never answer: no source says how long an answer may take."""
    return tuple(
        Case(each.id, operation.api, operation.id, str(each.kind), each.lines)
        for operation in catalogue().operations
        for each in derive_mutants(catalogue().apis[operation.api], operation)
        if each.ends is Ending.FAIL
    )


def variants() -> tuple[Case, ...]:
    """Return every permitted emulator but those that let an answer wait for long: hundreds of requests would take hours."""
    return tuple(
        Case(each.id, operation.api, each.name.partition("/")[0], LEGAL, each.lines, each.profiles[-1])
        for operation in catalogue().operations
        for each in derive_variants(catalogue().apis[operation.api], operation)
        if not any(_waits(line) for line in each.lines)
    )


def _waits(line: Line) -> bool:
    return line.switch in _WAITS and float(line.arguments.get("seconds", 0)) > _LONGEST_WAIT
