"""Derive the list of requirements from a contract: from its structure here, from its behaviours in their modules.

Nothing in the list is written by hand. Presence, keywords of definitions, statuses, media types, headers, documented
errors and refusals follow from the contract's data; every requirement carries the basis that its part of the contract has.
"""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.behaviours import behaviour
from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.grounds import Ambiguity, Basis
from asdocumented.contracts.model import JSON, Api, Catalogue, Operation
from asdocumented.errors import HarnessError
from asdocumented.families import families, make_requirements
from asdocumented.requirement import (
    Requirement,
    Stage,
    accepted,
    accepted_type,
    make,
)
from asdocumented.requirements.faults import error_requirements, robustness_requirements
from asdocumented.requirements.responses import (
    framework_requirements,
    response_requirements,
    status_requirements,
    strict_requirements,
)


def derive(catalogue: Catalogue, *, strict_fields: bool = False) -> dict[str, Requirement]:
    """Return every requirement of the catalogue by id, in the order of APIs, operations and derivation.

    With `strict_fields` a response must have documented fields alone; without, more fields are observations.

    Raises HarnessError when two requirements would have one id.
    """
    key = (id(catalogue), strict_fields)
    if key not in _DERIVED or _DERIVED[key][0] is not catalogue:
        if len(_DERIVED) >= _KEPT:
            _DERIVED.clear()
        _DERIVED[key] = (catalogue, _derive(catalogue, strict_fields=strict_fields))
    return dict(_DERIVED[key][1])


_KEPT = 8
_DERIVED: dict[tuple[int, bool], tuple[Catalogue, dict[str, Requirement]]] = {}  # a loaded catalogue never changes


def _derive(catalogue: Catalogue, *, strict_fields: bool) -> dict[str, Requirement]:
    found: dict[str, Requirement] = {}
    for api in catalogue.apis.values():
        for operation in api.operations.values():
            for requirement in (
                *derive_operation(api, operation),
                *(strict_requirements(operation) if strict_fields else ()),
            ):
                if requirement.id in found:
                    raise HarnessError("requirement-id-twice", f"Two requirements are named {requirement.id!r}.")
                found[requirement.id] = requirement
    return found


def derive_operation(api: Api, operation: Operation) -> Iterator[Requirement]:
    """Yield the requirements of one operation."""
    yield from _request(api, operation)
    yield from status_requirements(operation)
    for rule in operation.responses.values():
        yield from response_requirements(api, operation, rule)
    yield from framework_requirements(api, operation)
    yield from error_requirements(api, operation)
    for family in families():
        yield from make_requirements(family, api, operation)
    for declaration in operation.behaviours:
        yield from behaviour(declaration.name).requirements(api, operation, declaration)
    yield from robustness_requirements(operation)
    yield from _ambiguities(operation)


def _request(api: Api, operation: Operation) -> Iterator[Requirement]:
    """Yield that valid values of each parameter, of the body and of its fields are accepted."""
    for parameter in operation.parameters:
        text = f"A valid value of {parameter.name} ({parameter.location}) is accepted."
        yield _accepts(operation, accepted(parameter.location, parameter.name), text, parameter.basis)
    if operation.body is not None:
        yield _accepts(operation, accepted("body", ""), "A valid request body is accepted.", operation.body.basis)
        for other in operation.body.media_types[1:]:
            text = f"A body of the documented media type {other} is accepted."
            yield _accepts(operation, accepted_type(other), text, operation.body.basis)
        for pointer, lines in body_fields(api, operation):
            basis = Basis(
                operation.body.basis.evidence,
                lines or operation.body.basis.lines,
                f"{operation.definitions_heading}, {pointer}",
            )
            yield _accepts(
                operation, accepted("body", pointer), f"A valid value of the body's {pointer} is accepted.", basis
            )


def _accepts(operation: Operation, what: str, text: str, basis: Basis) -> Requirement:
    return make(operation, what, text, family="request", stage=Stage.STATUS, basis=basis)


def body_fields(api: Api, operation: Operation) -> Iterator[tuple[str, tuple[tuple[int, int], ...]]]:
    """Yield each field of the request body as a pointer, with the lines of its row on the page."""
    if operation.body is not None:
        yield from _fields(api, operation, operation.body.schema, "")


def _fields(
    api: Api, operation: Operation, of: JSON, pointer: str
) -> Iterator[tuple[str, tuple[tuple[int, int], ...]]]:
    name = referenced(of)
    for field, inner in (api.definitions[name] if name else of).get("properties", {}).items():
        yield f"{pointer}/{field}", operation.rows.get(f"{name}/{field}", ())
        yield from _fields(api, operation, inner, f"{pointer}/{field}")


def _ambiguities(operation: Operation) -> Iterator[Requirement]:
    """Yield, for each register entry whose readings can be told apart, that a target keeps to one of them."""
    for entry in operation.ambiguities.values():
        if entry.seen_in:
            yield make(
                operation,
                f"ambiguity/{entry.id}",
                f"One reading is followed throughout: {entry.about}.",
                family="ambiguity",
                stage=Stage.SEMANTICS,
                basis=_register_basis(operation, entry),
                level=entry.level,
                conditional="an exchange must tell the readings apart",
            )


def _register_basis(operation: Operation, entry: Ambiguity) -> Basis:
    """Return where a register entry stands: its own lines of the page, else those of the operation."""
    return Basis(
        operation.evidence,
        entry.basis.lines or operation.basis.lines,
        entry.basis.place or operation.basis.place,
        f"register entry {entry.id}",
    )
