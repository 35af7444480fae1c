"""The broken emulators that refuse what is valid: a parameter, a field of the body, the body, a media type, a charset."""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.contracts.model import Api, Operation
from asdocumented.mutant import Kind, Mutant
from asdocumented.requirement import accepted, accepted_type
from asdocumented.requirements import body_fields

_SWITCH = "request.refuse"


def acceptance_mutants(api: Api, operation: Operation) -> Iterator[Mutant]:
    """Yield a refusal of each thing that a valid request may hold."""
    for parameter in operation.parameters:
        yield _mutant(operation, accepted(parameter.location, parameter.name), parameter.name)
    if operation.body is not None:
        yield _mutant(operation, accepted("body", ""), "body")
        for media_type in operation.body.media_types[1:]:
            yield _mutant(operation, accepted_type(media_type), f"content-type {media_type}")
        for pointer, _ in body_fields(api, operation):
            yield _mutant(operation, accepted("body", pointer), pointer)


def _mutant(operation: Operation, what: str, refused: str) -> Mutant:
    return Mutant(_SWITCH, operation.id, f"{operation.id}/{what}", {"parameter": refused}, kind=Kind.PARAMETER)
