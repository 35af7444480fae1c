"""Role assignments of a Synapse workspace."""

from __future__ import annotations

from typing import Any

from asdocumented.emulation.messages import Answer, Incoming, RefusalError
from asdocumented.emulation.store import Store

_POOL = "role-assignment"
_MANY = 120


def create_role_assignment(call: Incoming, store: Store) -> Answer:
    """Store an assignment under the id of the path; another one with the same role, principal and scope is a conflict."""
    identifier, sent = call.path["roleAssignmentId"], call.body
    wanted = _triple(sent["roleId"], sent["principalId"], sent["scope"])
    for key, item in store.collection(_POOL).items():
        if key != identifier and _triple(item["roleDefinitionId"], item["principalId"], item["scope"]) == wanted:
            raise RefusalError("conflict", "The role is already assigned to the principal at this scope.")
    store.collection(_POOL)[identifier] = _assignment(
        identifier, sent["roleId"], sent["principalId"], sent["scope"], sent.get("principalType", "User")
    )
    return Answer(200, dict(store.collection(_POOL)[identifier]))


def list_role_assignments(call: Incoming, store: Store) -> Answer:
    """List all assignments; filters and pages come from the contract's behaviours."""
    items = [dict(each) for each in store.collection(_POOL).values()]
    return Answer(200, {"count": len(items), "value": items})


def get_role_assignment(call: Incoming, store: Store) -> Answer:
    """Return one assignment."""
    return Answer(200, dict(store.collection(_POOL)[call.path["roleAssignmentId"]]))


def delete_role_assignment(call: Incoming, store: Store) -> Answer:
    """Delete an assignment: 200 for one that was there, 204 for one that was not."""
    return Answer(200 if store.collection(_POOL).pop(call.path["roleAssignmentId"], None) is not None else 204)


def _triple(*parts: str) -> tuple[str, ...]:
    return tuple(part.casefold() for part in parts)


def _assignment(identifier: str, role: str, principal: str, scope: str, kind: str) -> dict[str, Any]:
    return {
        "id": identifier,
        "roleDefinitionId": role,
        "principalId": principal,
        "scope": scope,
        "principalType": kind,
    }


def _two_pages(store: Store) -> dict[str, tuple[str, ...]]:
    """Fill the workspace with more assignments than a page holds, each for a principal of its own."""
    roles, scopes = store.resources["role"], store.resources["scope"]
    for number in range(_MANY):
        identifier = store.new_id()
        store.collection(_POOL)[identifier] = _assignment(
            identifier, roles[number % len(roles)], store.new_id(), scopes[number % len(scopes)], "User"
        )
    return {_POOL: tuple(store.collection(_POOL))}


STATES = {"no-role-assignments": lambda store: {_POOL: ()}, "two-pages": _two_pages}
