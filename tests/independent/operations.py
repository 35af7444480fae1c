"""Decide what the five documented operations answer, as plain data and without any HTTP library.

`server.py` hands a `Request` to `Service.answer`, and turns its `Answer`, or the `Refused` that it raised, into bytes.
A deviation is one line in `deviations.py` and one hook that asks `deviates(name)`: here for what an operation answers,
in `front.py` for what every path does, in `bodies.py` for what is read, in `writing.py` for how an answer is written down.
"""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from .bodies import LENIENT
from .messages import Answer, Refused, Request
from .orders import UUID, assignment, password
from .resources import RESOURCES, WRONG_ECHOES

__all__ = ["ACCESS", "ARM", "FABRIC", "RESOURCES", "TOKENS", "VAPI", "Service", "methods", "owner", "route"]

ARM: Final = "azure-synapse-management"
VAPI: Final = "vmware-vcenter-hvc"
ACCESS: Final = "azure-synapse-access-control"
FABRIC: Final = "microsoft-fabric-mirroring"

API_OWNERS: Final = {"subscriptions": ARM, "rest": VAPI, "roleAssignments": ACCESS, "v1": FABRIC}
API_VERSIONS: Final = {ARM: "2021-06-01-preview", ACCESS: "2020-12-01"}
PAGE_SIZE: Final = 3

REFUSED: Final = ("expired", "not-yet-valid", "wrong-audience", "wrong-issuer", "wrong-signature", "unsigned")
WEAK: Final = {
    "reader": "reader-may-write",
    "viewer": "viewer-may-write",
    "read-scope": "scope-unchecked",
}  # who may only read, and the deviation that forgets it
_STRONG: Final = {FABRIC: ("admin", "member", "contributor", "service-principal", "managed-identity")}
_WEAK: Final = {FABRIC: ("viewer", "read-scope")}

TOKENS: Final = {
    api: {
        kind: f"acme-{kind}-of-{api}"
        for kind in (*_STRONG.get(api, ("admin",)), *_WEAK.get(api, ("reader",)), *REFUSED)
    }
    for api in API_OWNERS.values()
}

_FILTERED_FIELDS: Final = {"roleId": "roleDefinitionId", "principalId": "principalId", "scope": "scope"}


@dataclass(frozen=True)
class _Operation:
    """One method and path template, with the query pair that selects it where the API has one."""

    api: str
    method: str
    template: str
    perform: "Callable[[Service, Request, dict[str, str]], Answer]"
    selector: tuple[str, str] | None = None

    def names(self, path: str) -> dict[str, str] | None:
        """Give the path parameters, or nothing if the path is not this operation's."""
        wanted, sent = self.template.split("/"), [unquote(part) for part in path.split("/")]
        if len(wanted) != len(sent) or not all(self._fits(*pair) for pair in zip(wanted, sent, strict=True)):
            return None
        return {want[1:-1]: part for want, part in zip(wanted, sent, strict=True) if want.startswith("{")}

    def _fits(self, want: str, part: str) -> bool:
        if want.startswith("{"):
            return part != ""
        return want.casefold() == part.casefold() if self.api == ARM else want == part

    def is_exact(self, path: str) -> bool:
        """Tell whether the fixed parts of a path are written as in the template."""
        pairs = zip(self.template.split("/"), path.split("/"), strict=True)
        return all(want == part for want, part in pairs if not want.startswith("{"))


def owner(path: str) -> str | None:
    """Name the API that a path belongs to by its first segment, if any."""
    first = path.split("/")[1] if "/" in path else ""
    return ARM if first.casefold() == "subscriptions" else API_OWNERS.get(first)


class Service:
    """The state behind the five operations of one running server."""

    def __init__(self, deviations: Iterable[str] = ()) -> None:
        """Start without role assignments, with the named deviations switched on."""
        self._deviations = frozenset(deviations)
        self._assignments: dict[str, dict[str, str]] = {}
        self._positions: dict[str, int] = {}
        self._lock = threading.Lock()

    def deviates(self, name: str) -> bool:
        """Tell whether one named deviation is switched on."""
        return name in self._deviations

    def answer(self, request: Request) -> Answer:
        """Answer one request; raise Refused where the API would answer with an error."""
        operation, names = route(request, self.deviates)
        if self.deviates("case-sensitive-path") and not operation.is_exact(request.path):
            raise Refused(404, "NoSuchOperation", "Nothing answers at this path.")
        role = self._authenticate(operation.api, request)
        if role in WEAK and request.method != "GET" and not self.deviates(WEAK[role]):
            raise Refused(403, "RoleTooWeak", "A reader of Acme cannot change anything here.")
        if self.deviates(f"{role}-refused"):
            raise Refused(403, "RoleTooWeak", "Acme lets nobody but its administrators do this.")
        self._check_api_version(operation.api, request)
        with self._lock:
            return operation.perform(self, request, names)

    def _authenticate(self, api: str, request: Request) -> str:
        sent = _credential(api, request, self.deviates)
        if sent is None and self.deviates("anonymous-accepted"):
            return "admin"
        kind = next((kind for kind, token in TOKENS[api].items() if token == sent), "unknown")
        if kind in REFUSED and self.deviates(f"{kind}-accepted"):
            return "admin"
        if kind in TOKENS[api] and kind not in REFUSED:
            return kind
        reason = "No credential was sent." if sent is None else f"The credential is not valid here ({kind})."
        scheme = "Basic realm=acme" if api == VAPI else "Bearer"
        raise Refused(401, "CredentialRefused", reason, {"WWW-Authenticate": scheme})

    def _check_api_version(self, api: str, request: Request) -> None:
        if api not in API_VERSIONS or self.deviates("api-version-unchecked"):
            return
        sent = request.values("api-version")
        if sent == [""] and self.deviates("empty-api-version-accepted"):
            return
        if self.deviates("repeated-parameter-folded"):
            sent = sent[:1]
        status = 404 if self.deviates("unknown-version-404") else 400
        if not sent:
            raise Refused(400, "ApiVersionAbsent", "Say which api-version you speak.")
        if sent != [API_VERSIONS[api]]:
            raise Refused(status, "ApiVersionUnknown", f"Only api-version {API_VERSIONS[api]} is spoken here.")

    def sync_credentials(self, _request: Request, names: dict[str, str]) -> Answer:
        """Force an integration runtime to synchronise its credentials."""
        for name in ("subscription", "resource-group", "workspace", "integration-runtime"):
            known, sent = str(RESOURCES[name]), names[name]
            if name == "resource-group" and not self.deviates("case-sensitive-resource-group"):
                known, sent = known.casefold(), sent.casefold()
            if sent != known:
                raise Refused(404, "NothingThere", f"Acme has no such {name}.")
        return self._nothing()

    def start_sync(self, request: Request, names: dict[str, str]) -> Answer:
        """Start a sync of one provider; the idle provider finishes at once, the busy one never does."""
        secret = password(request, self.deviates)
        echoed = secret is not None and self.deviates("password-echoed")
        headers = {"x-debug": json.dumps(secret)[1:-1]} if echoed else {}
        leak = f" Password: {secret}" if echoed else ""
        if names["link"] != RESOURCES["link"]:
            if not self.deviates("missing-404"):
                raise Refused(404, "NothingThere", f"Acme has no such link.{leak}", headers)
        elif names["provider"] not in (RESOURCES["provider"], RESOURCES["busy-provider"]):
            if not self.deviates("missing-provider-accepted"):
                raise Refused(404, "NothingThere", f"Acme has no such provider.{leak}", headers)
        elif names["provider"] == RESOURCES["busy-provider"] and not self.deviates("busy-never-reported"):
            status = 400 if self.deviates("busy-400") else 500
            code = "SomethingFailed" if self.deviates("wrong-busy-type") else "SyncRunning"
            raise Refused(status, code, f"The sync of this provider has not ended yet.{leak}", headers)
        if secret is not None and self.deviates("password-echoed-in-body"):
            return Answer(body={"credentials": {"password": secret}}, headers=headers)
        return self._nothing(headers)

    def stop_mirroring(self, _request: Request, names: dict[str, str]) -> Answer:
        """Stop the mirroring of a database; stopping it again is no error."""
        for name in ("fabric-workspace", "mirrored-database"):
            if not UUID.fullmatch(names[name]) and self.deviates("not-a-uuid-accepted"):
                return self._nothing()
            if not UUID.fullmatch(names[name]):
                status = 404 if self.deviates("not-a-uuid-404") else 400
                raise Refused(status, "IdMalformed", f"The {name} id is not a uuid.")
        for name in ("fabric-workspace", "mirrored-database"):
            sent = names[name] if self.deviates("case-sensitive-uuid") else names[name].lower()
            if sent != RESOURCES[name] and not self.deviates("missing-database-accepted"):
                raise Refused(404, "EntityNotFound", f"Acme has no such {name}.")
        return self._nothing()

    def put_assignment(self, request: Request, names: dict[str, str]) -> Answer:
        """Create a role assignment under an id, or replace the one that has it."""
        wanted = assignment(names["assignment"], request, self.deviates)
        repeats = self._assignments.get(wanted["id"]) == wanted
        others = [other for other in self._assignments.values() if other["id"] != wanted["id"]]
        duplicates = any(map(self.deviates, ("duplicate-accepted", *LENIENT)))
        if any(_same_grant(wanted, other) for other in others) and not duplicates:
            raise Refused(409, "GrantTaken", "Another assignment has this role, principal and scope.")
        if wanted["id"] in self._assignments and self.deviates("upsert-ignored"):
            wanted = self._assignments[wanted["id"]]
        elif not self.deviates("not-persisted"):
            self._assignments[wanted["id"]] = wanted
        if repeats and self.deviates("repeat-adds-item"):
            self._assignments[f"{wanted['id']}-again"] = {**wanted, "id": f"{wanted['id']}-again"}
        if repeats and self.deviates("repeat-changes-scope"):
            self._assignments[wanted["id"]] = {**wanted, "scope": f"{wanted['scope']}/again/again"}
        echo = self._shown(wanted)
        for name, changes in WRONG_ECHOES.items():
            echo |= changes if self.deviates(name) else {}
        return Answer(201 if self.deviates("created-201") else 200, echo)

    def get_assignment(self, _request: Request, names: dict[str, str]) -> Answer:
        """Show the role assignment under an id; a UUID is the same in any letter case."""
        found = self._find(names["assignment"])
        if found is None:
            raise Refused(404, "RoleAssignmentNotFound", "Acme has no such role assignment.")
        return Answer(200, self._shown(self._assignments[found]))

    def delete_assignment(self, _request: Request, names: dict[str, str]) -> Answer:
        """Take a role assignment away: 200 for one that was there, and 404 for one that was not."""
        found = self._find(names["assignment"])
        if found is None:
            raise Refused(404, "RoleAssignmentNotFound", "Acme has no such role assignment.")
        del self._assignments[found]
        return self._nothing()

    def _find(self, identifier: str) -> str | None:
        return next((each for each in self._assignments if each.lower() == identifier.lower()), None)

    def list_assignments(self, request: Request, _names: dict[str, str]) -> Answer:
        """List one page of the role assignments that every filter admits, oldest first."""
        start = self._start(request.headers.get("x-ms-continuation", ""))
        admitted = [item for item in enumerate(self._assignments.values()) if self._admits(request, item[1])]
        left = [item for item in admitted if item[0] >= start]
        size = self._size()
        page = left[:size]
        headers = {"x-ms-continuation": self._token(left)} if len(left) > size else {}
        if not headers and self.deviates("last-continuation-empty"):
            headers = {"x-ms-continuation": ""}
        body: dict[str, object] = {"count": self._count(len(page)), "value": [self._shown(one) for _, one in page]}
        return Answer(200, body, headers)

    def _admits(self, request: Request, assignment: dict[str, str]) -> bool:
        matches: list[bool] = []
        for name, key in _FILTERED_FIELDS.items():
            values = request.values(name)
            if "" in values and self.deviates("empty-filter-ignored"):
                continue
            if values and name != "scope" and not all(map(UUID.fullmatch, values)) and self.deviates("filter-checked"):
                raise Refused(400, "FilterMalformed", f"{name} is not a uuid.")
            if values and not self.deviates(f"ignore-filter-{name}"):
                exact = self.deviates("case-sensitive-filter")
                pairs = [(value, assignment[key]) for value in values]
                matches.append(
                    all(one == two if exact else _normal(key, one) == _normal(key, two) for one, two in pairs)
                )
        if self.deviates("filter-combination-uses-or"):
            return any(matches) or not matches
        return all(matches)

    def _start(self, token: str) -> int:
        if token == "" or self.deviates("page-token-ignored"):
            return 0
        if token not in self._positions:
            raise Refused(400, "ContinuationUnknown", "This continuation was not given out here.")
        return self._positions[token]

    def _size(self) -> int:
        sizes = {"pages-of-one": 1, "pages-of-seven": 7}
        return next((size for name, size in sizes.items() if self.deviates(name)), PAGE_SIZE)

    def _token(self, left: list[tuple[int, dict[str, str]]]) -> str:
        size = self._size()
        position = left[size][0]
        if self.deviates("page-item-lost"):
            position += 1
        if self.deviates("page-item-repeated"):
            position = left[size - 1][0]
        token = f"acme~{position * 7919 + 104729:x}"
        self._positions[token] = position
        return token

    def _count(self, shown: int) -> int | float | str:
        count = shown + 1 if self.deviates("count-wrong") else shown
        if self.deviates("nan"):
            return float("nan")
        return str(count) if self.deviates("count-as-string") else count

    def _shown(self, assignment: dict[str, str]) -> dict[str, object]:
        hidden = "roleDefinitionId" if self.deviates("drop-roleDefinitionId") else ""
        if self.deviates("ids-in-upper-case"):
            assignment = {
                key: value if "cop" in key or "Type" in key else value.upper() for key, value in assignment.items()
            }
        return {key: value for key, value in assignment.items() if key != hidden}

    def _nothing(self, headers: Mapping[str, str] | None = None) -> Answer:
        return Answer(body={} if self.deviates("body-on-empty") else None, headers=headers or {})


_SYNC_CREDENTIALS: Final = (
    "/subscriptions/{subscription}/resourceGroups/{resource-group}/providers/Microsoft.Synapse"
    "/workspaces/{workspace}/integrationRuntimes/{integration-runtime}/syncCredentials"
)
_START_SYNC: Final = "/rest/hvc/links/{link}/sync/providers/{provider}"
_STOP_MIRRORING: Final = "/v1/workspaces/{fabric-workspace}/mirroredDatabases/{mirrored-database}/stopMirroring"
_OPERATIONS: Final = (
    _Operation(ARM, "POST", _SYNC_CREDENTIALS, Service.sync_credentials),
    _Operation(VAPI, "POST", _START_SYNC, Service.start_sync, selector=("action", "start")),
    _Operation(ACCESS, "PUT", "/roleAssignments/{assignment}", Service.put_assignment),
    _Operation(ACCESS, "GET", "/roleAssignments/{assignment}", Service.get_assignment),
    _Operation(ACCESS, "DELETE", "/roleAssignments/{assignment}", Service.delete_assignment),
    _Operation(ACCESS, "GET", "/roleAssignments", Service.list_assignments),
    _Operation(FABRIC, "POST", _STOP_MIRRORING, Service.stop_mirroring),
)


def route(request: Request, deviates: Callable[[str], bool]) -> tuple[_Operation, dict[str, str]]:
    """Find the operation that a request is for, with its path parameters; refuse what is for none."""
    found = _at(request.path)
    if not found:
        raise Refused(404, "NoSuchOperation", "Nothing answers at this path.")
    for one, names in found:
        if one.method == request.method or deviates("other-method-accepted"):
            if one.selector and request.values(one.selector[0]) != [one.selector[1]]:
                raise Refused(404, "NoSuchOperation", "Nothing answers to this action.")
            return one, names
    status = 501 if deviates("unknown-method-501") else 405
    raise Refused(
        status, "MethodRefused", "This path does not take this method.", {"Allow": ", ".join(methods(request.path))}
    )


def methods(path: str) -> list[str]:
    """List the methods of a path, with those that follow from them."""
    own = [one.method for one, _ in _at(path)]
    return [*own, *(["HEAD"] if "GET" in own else []), *(["OPTIONS"] if own else [])]


def _at(path: str) -> list[tuple[_Operation, dict[str, str]]]:
    return [(one, names) for one in _OPERATIONS if (names := one.names(path)) is not None]


def _credential(api: str, request: Request, deviates: Callable[[str], bool]) -> str | None:
    if api == VAPI:
        return request.headers.get("vmware-api-session-id")
    header = request.headers.get("authorization")
    scheme, _, token = (header or "").partition(" ")
    known = scheme == "Bearer" if deviates("scheme-read-letter-by-letter") else scheme.lower() == "bearer"
    return header and (token.strip() if known or deviates("other-scheme-accepted") else "")


def _normal(key: str, value: str) -> str:
    return value if key == "scope" else value.lower()


def _same_grant(one: dict[str, str], other: dict[str, str]) -> bool:
    return all(_normal(key, one[key]) == _normal(key, other[key]) for key in _FILTERED_FIELDS.values())
