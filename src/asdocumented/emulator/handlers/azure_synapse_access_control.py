"""Role assignments of a Synapse workspace: what each operation changes, and the states that can be arranged."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from asdocumented.contracts.model import JSON
from asdocumented.emulator.calls import Answer, Call
from asdocumented.emulator.messages import RequestRefusedError
from asdocumented.emulator.worlds import Setting, new_uuid

_POOL = "role-assignment"
_MANY = 120  # two full pages and a part of a third
READINGS = {"B16": "204"}


def create_role_assignment(call: Call) -> Answer:
    """Store an assignment under its id, unless another id has the same role, principal and scope."""
    identifier = call.path["roleAssignmentId"]
    assignment = {
        "id": identifier,
        "roleDefinitionId": call.body["roleId"],
        "principalId": call.body["principalId"],
        "scope": call.body["scope"],
        "principalType": call.body.get("principalType", "User"),
    }
    stored = call.world.pools[_POOL]
    for other, existing in stored.items():
        if other != identifier and _grant(existing) == _grant(assignment):
            message = f"The role assignment {other!r} has the same role, principal and scope."
            raise RequestRefusedError("conflict", "handler/role-assignment-exists", message)
    stored[identifier] = assignment
    return Answer(200, assignment)


def get_role_assignment(call: Call) -> Answer:
    """Read one assignment."""
    return Answer(200, call.world.pools[_POOL][call.path["roleAssignmentId"]])


def delete_role_assignment(call: Call) -> Answer:
    """Remove an assignment; 204 whether or not there was one, as recorded for one that was."""
    call.world.pools[_POOL].pop(call.path["roleAssignmentId"], None)
    return Answer(204)


def list_role_assignments(call: Call) -> Answer:
    """List all assignments, the oldest first; the contract's filters and pages select from them."""
    assignments = list(call.world.pools[_POOL].values())
    return Answer(200, {"count": len(assignments), "value": assignments})


def arrange_no_role_assignments(setting: Setting) -> Mapping[str, tuple[str, ...]]:
    """Leave the workspace without assignments, as it starts."""
    return {_POOL: tuple(setting.world.pools[_POOL])}


def arrange_two_pages(setting: Setting) -> Mapping[str, tuple[str, ...]]:
    """Fill the workspace with more assignments than one page holds."""
    stored = setting.world.pools[_POOL]
    for role, principal, scope in itertools.islice(_grants(setting), _MANY):
        identifier = new_uuid(setting.random)
        stored[identifier] = {
            "id": identifier,
            "roleDefinitionId": role,
            "principalId": principal,
            "scope": scope,
            "principalType": "User",
        }
    return {_POOL: tuple(stored)}


def _grants(setting: Setting) -> Iterator[tuple[str, str, str]]:
    """Yield different grants without end.

    Each principal of the pool has one, with the pool's last role; the others are of principals that are made up. So most
    combinations of the pools stay free, and a client can still create assignments of its own in this state.
    """
    roles, principals, scopes = (tuple(setting.world.pools[name]) for name in ("role", "principal", "scope"))
    for index, principal in enumerate(principals):
        yield roles[-1], principal, scopes[index % len(scopes)]
    while True:
        principal = new_uuid(setting.random)
        for role, scope in itertools.product(roles, scopes):
            yield role, principal, scope


def _grant(assignment: Mapping[str, JSON]) -> tuple[str, str, str]:
    return assignment["roleDefinitionId"].lower(), assignment["principalId"].lower(), assignment["scope"]
