"""Emulators that follow one reading of a register entry and, the next time it shows, another.

Each is a legal variant of which the lines alternate: either reading is permitted, and both in one run are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from asdocumented.contracts.grounds import Level
from asdocumented.contracts.model import Api, Operation
from asdocumented.mutant import Kind, Line, Mutant, reading_name
from asdocumented.mutants.variants import derive_variants

_LIMIT = {"alternates": True}


def mixture_mutants(api: Api, operation: Operation) -> Iterator[Mutant]:
    """Yield, for each entry of which a run can tell the readings apart, the emulators that mix one with the usual one."""
    entries = [each for each in operation.ambiguities.values() if each.seen_in and each.level is not Level.MAY]
    breaks = {
        reading_name(entry.id, reading.name): f"{operation.id}/ambiguity/{entry.id}"
        for entry in entries
        for reading in entry.readings
    }
    for variant in derive_variants(api, operation) if entries else ():
        if variant.name in breaks:
            *also, line = (_alternating(each) for each in variant.lines)
            requirement = breaks[variant.name]
            yield Mutant(line.switch, line.operation, requirement, line.arguments, tuple(also), Kind.SEMANTIC)


def _alternating(line: Line) -> Line:
    return replace(line, arguments={**line.arguments, **_LIMIT})
