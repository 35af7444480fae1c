"""What the operations of an API share: who calls and what is asked of callers, what requests name, what any answer has."""

from __future__ import annotations

from dataclasses import dataclass

from asdocumented.contracts.grounds import Basis, Level

_NONE = Basis()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who calls: an identity that a target can act as. `refused` is the status that it gets everywhere, if any.

    `scopes` are those of its delegated token, which only a user has.
    """

    name: str
    kind: str
    permissions: tuple[str, ...]
    refused: int | None
    basis: Basis
    level: Level = Level.MUST
    roles: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """What a page asks of a caller beside the permission: one of some roles, one of some scopes, a kind of identity.

    Nothing is asked where a tuple is empty. `unsupported` kinds are those that the page calls not supported, which does not
    say that they are refused; `ambiguity` names the register entry whose readings tell.
    """

    roles: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()
    ambiguity: str = ""
    roles_basis: Basis = _NONE
    scopes_basis: Basis = _NONE
    kinds_basis: Basis = _NONE


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of thing that requests refer to: values of the emulator, and how a fresh, absent id is formed."""

    name: str
    values: tuple[str, ...]
    fresh: str  # a template with {uuid}
    missing: int | None = None  # the emulator's status for an absent one


@dataclass(frozen=True, slots=True)
class AnswerHeader:
    """A header that the emulator's answers carry: a value or one placeholder, and which answers have it."""

    name: str
    value: str
    on: str  # success, error, or empty for both
    statuses: tuple[int, ...]  # empty for all
    tls: bool  # over TLS alone
    basis: Basis


@dataclass(frozen=True, slots=True)
class ClientRequestId:
    """The header of a request whose value comes back in the answer, once the header `asked_by` is `true`."""

    header: str
    asked_by: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Framework:
    """A status that the API's framework answers whatever the operation (vCenter 400, 401, 405, 503)."""

    status: int
    errors: tuple[str, ...]
    basis: Basis
