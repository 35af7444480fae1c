"""Every broken emulator of an operation: of its behaviours, of the families, and of what its answers must be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from asdocumented.behaviours import behaviour
from asdocumented.contracts.model import Api, Operation
from asdocumented.families import families, make_mutants
from asdocumented.mutant import Kind, Mutant
from asdocumented.mutants.acceptance import acceptance_mutants
from asdocumented.mutants.bodies import body_mutants
from asdocumented.mutants.emptiness import emptiness_mutants
from asdocumented.mutants.errors import error_mutants
from asdocumented.mutants.headers import header_mutants
from asdocumented.mutants.media_types import media_type_mutants
from asdocumented.mutants.mixtures import mixture_mutants
from asdocumented.mutants.robustness import robustness_mutants
from asdocumented.mutants.statuses import status_mutants
from asdocumented.mutants.wires import wire_mutants

_BEHAVIOURS = {"identity": Kind.IDENTITY, "empty-body": Kind.EMPTINESS}
"""The class of what a behaviour yields, where it is not of the state."""

_FAMILIES = {"headers": Kind.HEADER, "media_types": Kind.MEDIA_TYPE, "wire": Kind.WIRE}
"""The class of what a family yields, where it is not about what a request may hold."""

_ANSWERS = (
    body_mutants,
    status_mutants,
    error_mutants,
    header_mutants,
    media_type_mutants,
    emptiness_mutants,
    acceptance_mutants,
    robustness_mutants,
    wire_mutants,
    mixture_mutants,
)
"""What yields the other mutants, of single answers and of readings, each with its class."""


def derive_mutants(api: Api, operation: Operation) -> Iterator[Mutant]:
    """Yield every broken emulator of an operation, each with the requirement that it breaks and its class."""
    for declaration in operation.behaviours:
        module = behaviour(declaration.name)
        kind = _BEHAVIOURS.get(declaration.name, Kind.SEMANTIC)
        yield from _of(kind, module.mutants(api, operation, declaration))
    for family in families():
        kind = _FAMILIES.get(_name(family), Kind.PARAMETER)
        yield from _of(kind, make_mutants(family, api, operation))
    for derive in _ANSWERS:
        yield from derive(api, operation)


def _of(kind: Kind, mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    return (replace(each, kind=kind) for each in mutants)


def _name(family: object) -> str:
    return str(getattr(family, "__name__", "")).rpartition(".")[2]
