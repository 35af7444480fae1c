"""Read what a request orders: the role assignment of a PUT, the password of a start."""

import re
from collections.abc import Callable
from typing import Final

from .bodies import document, optional_text, text
from .messages import Refused, Request
from .resources import RESOURCES

__all__ = ["UUID", "assignment", "password"]

UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_PRINCIPAL_TYPES: Final = ("User", "Group", "ServicePrincipal")


def assignment(identifier: str, request: Request, deviates: Callable[[str], bool]) -> dict[str, str]:
    """Read the assignment that a request asks for; refuse what is none."""
    default = {
        "roleId": RESOURCES["role"][0],
        "principalId": RESOURCES["principal"][0],
        "scope": RESOURCES["scope"][0],
    }
    found = document(request, ("application/json", "text/json"), deviates, default)
    role, principal, scope = (text(found, key, deviates, str(value)) for key, value in default.items())
    kind = optional_text(found, "principalType", "User", deviates)
    for name, value in (("role", role), ("principal", principal)):
        if not UUID.fullmatch(value):
            raise Refused(400, "IdMalformed", f"{name}Id is not a uuid.")
        if value.lower() not in RESOURCES[name]:
            raise Refused(400, "IdUnknown", f"Acme has no such {name}.")
    if not re.fullmatch(re.escape(RESOURCES["scope"][0]) + "(/[^/]+/[^/]+)?", scope):
        raise Refused(400, "ScopeUnknown", "The scope is not the Acme workspace or a thing in it.")
    if kind not in _PRINCIPAL_TYPES:
        raise Refused(400, "BodyMalformed", "principalType is User, Group or ServicePrincipal.")
    values = (identifier, role, principal, scope, kind)
    return dict(zip(("id", "roleDefinitionId", "principalId", "scope", "principalType"), values, strict=True))


def password(request: Request, deviates: Callable[[str], bool]) -> str | None:
    """Give the password that a start has, if any; refuse a body that is none of a start."""
    found = document(request, ("application/json",), deviates, {}) if request.body else {}
    if "credentials" not in found:
        return None
    credentials = found["credentials"]
    if not isinstance(credentials, dict):
        if deviates("wrong-type-accepted"):
            return None
        raise Refused(400, "BodyMalformed", "credentials is not an object.")
    return [text(credentials, name, deviates, "") for name in ("user_name", "password")][1]
