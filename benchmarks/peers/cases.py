"""What is tried on every tool: broken emulators that a tool ought to tell, and permitted ones that it ought to leave alone.

This is the one place that knows where they come from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from asdocumented.behaviours import Mutant
from asdocumented.requirements import derive_mutants
from benchmarks.emulator import catalogue

CLASSES = (
    "structure",
    "status",
    "error body",
    "header",
    "media type",
    "emptiness",
    "behaviour",
    "identity",
    "parameter",
    "wire",
)
"""The classes in the order of the table."""
WIDEST = "conventions"


@dataclass(frozen=True, slots=True)
class Case:
    """One emulator: clean but for a switch. `profile` is the lens in which asdoc has to tell it, or to leave it alone."""

    id: str
    api: str
    kind: str
    switch: str
    operation: str = "*"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    profile: str = WIDEST
    legal: bool = False


def mutants() -> tuple[Case, ...]:
    """Return every broken emulator."""
    return tuple(
        _case(api.name, each)
        for operation in catalogue().operations
        for api in (catalogue().apis[operation.api],)
        for each in derive_mutants(api, operation)
    )


def _case(api: str, mutant: Mutant) -> Case:
    values = "-".join(str(value) for value in mutant.arguments.values())
    name = f"{mutant.breaks}:{mutant.switch}{f'-{values}' if values else ''}"
    return Case(name, api, kind_of(mutant.switch, mutant.arguments), mutant.switch, mutant.operation, mutant.arguments)


_KINDS = {
    "response.drop": "structure",
    "response.set": "structure",
    "response.status": "status",
    "error.status": "status",
    "response.header": "header",
    "response.media-type": "media type",
    "response.empty": "emptiness",
    "empty-body.filled": "emptiness",
    "request.refuse": "parameter",
    "credential.case-sensitive": "identity",
}
_FAMILIES = {"error": "error body", "fault": "parameter", "identity": "identity", "connection": "wire"}


def kind_of(switch: str, arguments: Mapping[str, Any]) -> str:
    """Return the class of a switch; what bends the state of the emulator, and no single answer, is behaviour."""
    if "credential" in str(arguments.get("fault", "")):
        return "identity"
    return _KINDS.get(switch) or _FAMILIES.get(switch.partition(".")[0], "behaviour")


def variants() -> tuple[Case, ...]:
    """Return every permitted emulator, once for each API that it bears on."""
    return tuple(_variants())


def _variants() -> Iterator[Case]:
    access, fabric, vcenter = "azure-synapse-access-control", "microsoft-fabric-mirroring", "vmware-vcenter-hvc"
    everywhere: tuple[tuple[str, dict[str, Any]], ...] = (
        ("latency", {"seconds": 1.5}),
        ("connection.slow", {"seconds": 1}),
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
        yield Case(f"{api}:{switch}{f'-{values}' if values else ''}", api, "legal", switch, "*", arguments, legal=True)
