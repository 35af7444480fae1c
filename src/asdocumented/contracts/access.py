"""Tell what an identity lacks to call an operation, as far as contracts say: a permission, a role, a scope."""

from __future__ import annotations

from asdocumented.contracts.grounds import Basis
from asdocumented.contracts.model import Operation
from asdocumented.contracts.service import Identity

USER = "user"


def lacking(operation: Operation, identity: Identity) -> Basis | None:
    """Return where it is said that an identity with a good credential may not call, or None where it may.

    Scopes are asked of delegated tokens, which only users have.
    """
    access = operation.access
    if access.roles and not set(access.roles) & set(identity.roles):
        return access.roles_basis
    if access.scopes and identity.kind == USER and not set(access.scopes) & set(identity.scopes):
        return access.scopes_basis
    if operation.permission != "none" and operation.permission not in identity.permissions:
        return operation.permission_basis
    return None


def is_unsupported(operation: Operation, identity: Identity) -> bool:
    """Tell whether the page calls the kind of identity not supported: it may be refused or not."""
    return identity.kind in operation.access.unsupported


def is_asked_for(operation: Operation, identity: Identity) -> bool:
    """Tell whether an identity is accepted since it has what an operation states: without stated roles nothing follows."""
    may = identity.refused is None and identity.kind == USER and lacking(operation, identity) is None
    return may and bool(operation.access.roles)
