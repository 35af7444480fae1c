"""What is tried on every tool: broken emulators that a tool ought to tell, and permitted ones that it ought to leave alone.

This is the one place that knows where they come from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from asdocumented.mutant import Ending, Kind, Line
from asdocumented.mutants import derive_mutants
from benchmarks.emulator import catalogue

CLASSES = tuple(str(each) for each in Kind)
"""The classes in the order of the table."""
LEGAL = "legal"
WIDEST = "conventions"


@dataclass(frozen=True, slots=True)
class Case:
    """One emulator: clean but for some lines. `profile` is the lens in which asdoc has to tell it, or to leave it alone."""

    id: str
    api: str
    operation: str
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
    """Return every permitted emulator."""
    return tuple(_variants())


def _variants() -> Iterator[Case]:
    access, fabric, vcenter = "azure-synapse-access-control", "microsoft-fabric-mirroring", "vmware-vcenter-hvc"
    everywhere: tuple[tuple[str, dict[str, Any]], ...] = (
        ("latency", {"seconds": 0.2}),
        ("connection.slow", {"seconds": 0.2}),
        ("throttled.http-date", {}),
        ("response.header", {"name": "x-extra", "value": "1", "on": "any"}),
    )
    some: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (access, "page.last-empty", {}),
        (access, "page.count-all", {}),
        (access, "page.size", {"size": 7}),
        (access, "filter.ancestors", {}),
        (access, "read-after-write.lag", {"seconds": 1}),
        (access, "upsert.conflict", {}),
        (access, "delete.again-missing", {}),
        (access, "response.media-type", {"value": "text/json"}),
        (access, "response.media-type", {"value": "application/json"}),
        (fabric, "identity.any-kind", {}),
        (fabric, "transition.shown-as", {"pointer": "/status", "state": "Stopping", "instead": "Stopped"}),
        (fabric, "transition.shown-as", {"pointer": "/status", "state": "Starting", "instead": "Running"}),
        (
            vcenter,
            "transition.shown-as",
            {"pointer": "/value/current_session_info/stage", "state": "CHANGE_ENUMERATION", "instead": "WAITING"},
        ),
        ("azure-synapse-management", "conditional.quoted-alone", {}),
    )
    every = [(api, switch, arguments) for api in catalogue().apis for switch, arguments in everywhere]
    for api, switch, arguments in [*every, *some]:
        values = "-".join(str(value) for value in arguments.values())
        yield Case(
            f"{api}:{switch}{f'-{values}' if values else ''}", api, api, LEGAL, (Line(switch, f"{api}/*", arguments),)
        )
