"""The contract as plain typed data: what a vendor's reference page promises about each operation.

Every type here is frozen and free of behaviour. `loading.py` builds them from `contracts/`; requirements, plans, the
judge, the emulator and the OpenAPI export read them. Names of APIs, parameters and fields are the page's own. What a statement
rests on stands in `grounds.py`, what all operations of an API have in common in `service.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from asdocumented.contracts.grounds import Ambiguity, Basis, Equivalent, Evidence, Level, Source
from asdocumented.contracts.service import (
    Access,
    AnswerHeader,
    ClientRequestId,
    Framework,
    Identity,
    Resource,
)

JSON: TypeAlias = Any  # a parsed JSON value; the one place where Any enters


class Tier(StrEnum):
    """How far a request may reach on a real system, least first."""

    PROBE = "probe"
    READ = "read"
    WRITE = "write"
    DISRUPTIVE = "disruptive"

    @property
    def rank(self) -> int:
        """Return the tier's place in the order probe < read < write < disruptive."""
        return _RANKS[self]


_ASKS_NOTHING = Access()
_RANKS = {tier: place for place, tier in enumerate(Tier)}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation. `resource` names the pool of the target that its valid values are drawn from."""

    name: str
    location: str  # path, query, header
    required: bool
    schema: Mapping[str, JSON]
    basis: Basis
    resource: str = ""
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The request body: media types, schema, and the pools that its fields are drawn from (pointer -> pool)."""

    required: bool
    media_types: tuple[str, ...]
    schema: Mapping[str, JSON]
    definition: str
    basis: Basis
    draws: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResponseHeader:
    """A response header that the page declares."""

    name: str
    schema: Mapping[str, JSON]
    required: bool
    basis: Basis


@dataclass(frozen=True, slots=True)
class DocumentedError:
    """One error that the page names: its status, its type or code, and the causes that must provoke it.

    Without `when` it may be answered at any time (vCenter's `error`). `ambiguity` names a register entry whose readings are
    the statuses that sources give for it.
    """

    status: int
    error: str
    when: tuple[str, ...]
    basis: Basis
    ambiguity: str = ""


@dataclass(frozen=True, slots=True)
class Presence:
    """That a field of a definition must (or should, or may) be present, and why."""

    definition: str
    name: str
    level: Level
    basis: Basis


@dataclass(frozen=True, slots=True)
class Alternative:
    """A body shape outside the documented one that a reading of the register describes."""

    ambiguity: str
    reading: str
    schema: Mapping[str, JSON]
    statuses: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Response:
    """What the page says about one status, about `other` (400-599), or what the API's framework answers.

    No `media_types` means that the page documents an empty body.
    """

    key: str  # "200", "other"
    media_types: tuple[str, ...]
    schema: Mapping[str, JSON] | None
    definition: str
    headers: tuple[ResponseHeader, ...]
    errors: tuple[DocumentedError, ...]
    presences: tuple[Presence, ...]
    alternatives: tuple[Alternative, ...]
    basis: Basis

    @property
    def is_error(self) -> bool:
        """Tell whether this describes a failure."""
        return not self.key.isdigit() or int(self.key) >= 400


@dataclass(frozen=True, slots=True)
class BehaviourDeclaration:
    """A semantic rule that a contract declares, with the parameters of its vocabulary entry."""

    name: str
    parameters: Mapping[str, JSON]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample of the page, unedited: what it is a sample of, its JSON, and its known defects (pointer -> reason)."""

    part: str  # "request" or a response key
    file: str
    value: JSON
    basis: Basis
    defects: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ErrorModel:
    """How an API writes its errors: pointers into the body, and the emulator's template and codes by cause."""

    definition: str
    code: str
    message: str
    template: JSON
    codes: Mapping[str, JSON]
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One documented operation: method, path template and everything its contract promises."""

    api: str
    name: str
    operation_id: str
    title: str
    source: Source
    evidence: Evidence
    tier: Tier
    undo: str
    irreversible: str  # what stays of its effect whatever is done; empty where nothing does
    state: str
    ends_session: bool  # its caller's credential is good for nothing afterwards
    method: str
    path: str
    query: Mapping[str, str]  # constant query parameters that are part of the route (action=start)
    security: str
    permission: str
    permission_basis: Basis
    parameters: tuple[Parameter, ...]
    body: RequestBody | None
    responses: Mapping[str, Response]
    behaviours: tuple[BehaviourDeclaration, ...]
    ambiguities: Mapping[str, Ambiguity]
    samples: tuple[Sample, ...]
    rows: Mapping[str, tuple[tuple[int, int], ...]]  # "Definition/field" -> the lines of its row on the page
    definitions_heading: str
    basis: Basis
    access: Access = _ASKS_NOTHING
    equivalents: tuple[Equivalent, ...] = ()

    @property
    def id(self) -> str:
        """Return `<api>/<operation>`."""
        return f"{self.api}/{self.name}"

    @property
    def own(self) -> str:
        """Return the name of the last path parameter, which names what the operation is about; empty without any."""
        _, brace, rest = self.path.rpartition("{")
        return rest.partition("}")[0] if brace else ""

    @property
    def successes(self) -> tuple[Response, ...]:
        """Return the documented success responses."""
        return tuple(response for response in self.responses.values() if not response.is_error)

    def parameter(self, location: str, name: str) -> Parameter | None:
        """Return the parameter at that location, or None. Header names are compared without case."""
        wanted = name.lower() if location == "header" else name
        for parameter in self.parameters:
            own = parameter.name.lower() if location == "header" else parameter.name
            if parameter.location == location and own == wanted:
                return parameter
        return None

    def behaviour(self, name: str) -> tuple[BehaviourDeclaration, ...]:
        """Return the declarations of one behaviour, in the contract's order."""
        return tuple(each for each in self.behaviours if each.name == name)


@dataclass(frozen=True, slots=True)
class Api:
    """One documented REST service."""

    name: str
    title: str
    version: str
    server: str
    prefixes: tuple[str, ...]
    credential: Mapping[str, str]  # header, scheme, audience
    error_model: ErrorModel
    framework: tuple[Framework, ...]
    identities: Mapping[str, Identity]
    resources: Mapping[str, Resource]
    states: Mapping[str, str]
    ambiguities: Mapping[str, Ambiguity]
    definitions: Mapping[str, Mapping[str, JSON]]  # schemas by name
    operations: Mapping[str, Operation]
    headers: tuple[AnswerHeader, ...] = ()
    rate_limits: Mapping[str, int] = field(default_factory=dict)  # reads, writes, deletes -> how many an hour
    challenges: Mapping[str, str] = field(default_factory=dict)  # token, basic -> WWW-Authenticate
    client_request_id: ClientRequestId | None = None
    scope: str = ""  # what a client asks a token for; empty where the API takes no token of a token service
    audiences: tuple[str, ...] = ()  # every audience of a token that the API takes
    removed: str = ""  # the release in which operations are gone, in words, where there is one
    equivalents: tuple[Equivalent, ...] = ()  # of any of its operations

    @property
    def login(self) -> Operation | None:
        """Return the operation that makes a session of a user name and a password and can be taken back, if there is one."""
        for operation in self.operations.values():
            undo = self.operations.get(operation.undo)
            if operation.security == "basic" and undo is not None and undo.ends_session:
                return operation
        return None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All APIs that the contracts describe."""

    apis: Mapping[str, Api]
    folder: Path | None = field(default=None, compare=False)  # where they were loaded from

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Return every operation, by API and name."""
        return tuple(operation for api in self.apis.values() for operation in api.operations.values())

    def operation(self, identifier: str) -> Operation:
        """Return the operation with id `<api>/<operation>`; KeyError when there is none."""
        api, _, name = identifier.partition("/")
        return self.apis[api].operations[name]
