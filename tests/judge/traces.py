"""Build traces by hand, in the words of the real contracts, and look at what the judge makes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from asdocumented.contracts import Catalogue, load_catalogue
from asdocumented.judge import Judgement, judge
from asdocumented.plans import Call
from asdocumented.reads.classify import Read, classify, creates
from asdocumented.reads.marks import Mark
from asdocumented.requirement import Requirement
from asdocumented.requirements import derive
from asdocumented.traces import Arrangement, Exchange, Facts, Request, Response, Trace
from asdocumented.verdicts import Result, Verdict, give

ACCESS = "azure-synapse-access-control"
CREATE = f"{ACCESS}/create-role-assignment"
DELETE = f"{ACCESS}/delete-role-assignment"
GET = f"{ACCESS}/get-role-assignment"
LIST = f"{ACCESS}/list-role-assignments"
SYNC = "azure-synapse-management/sync-integration-runtime-credentials"
RUNTIME = "azure-synapse-management/get-integration-runtime"
FABRIC = "microsoft-fabric-mirroring"
STOP = f"{FABRIC}/stop-mirroring"
STATUS = f"{FABRIC}/get-mirroring-status"
VCENTER = "vmware-vcenter-hvc"
START = f"{VCENTER}/start-sync-provider"
PROVIDER = f"{VCENTER}/get-sync-provider"
SESSION = f"{VCENTER}/create-session"

ID = "11111111-1111-4111-8111-111111111111"
OTHER_ID = "22222222-2222-4222-8222-222222222222"
ROLE = "6e4bf58a-b8e1-4cc3-bbf9-d73143322b78"
OTHER_ROLE = "7572bffe-f453-4b66-912a-46cc5ef38fda"
PRINCIPAL = "3f0f3a5c-6d0e-4e0b-9a51-0c7d5f7f1a01"
OTHER_PRINCIPAL = "3f0f3a5c-6d0e-4e0b-9a51-0c7d5f7f1a02"
SCOPE = "workspaces/exampleWorkspace"
POOL_SCOPE = "workspaces/exampleWorkspace/bigDataPools/examplePool"
ABSENT = "99999999-9999-4999-8999-999999999999"


@cache
def catalogue() -> Catalogue:
    """Return the real contracts."""
    return load_catalogue()


@cache
def requirements(*, strict_fields: bool = False) -> Mapping[str, Requirement]:
    """Return the requirements of the real contracts."""
    return derive(catalogue(), strict_fields=strict_fields)


def answer(status: int, body: Any = None, *, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response: JSON for a structure, bytes as they are, nothing for None. Headers given replace the usual ones."""
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    usual = {"content-type": "application/json"} if raw else {}
    return Response(status, tuple({**usual, **(headers or {})}.items()), raw)


def assignment(identifier: str = ID, **changes: str) -> dict[str, str]:
    """Return a role assignment as a response shows it."""
    usual = {
        "id": identifier,
        "roleDefinitionId": ROLE,
        "principalId": PRINCIPAL,
        "scope": SCOPE,
        "principalType": "User",
    }
    return {**usual, **changes}


def grant(**changes: str) -> dict[str, str]:
    """Return the body of a request for a role assignment."""
    return {"roleId": ROLE, "principalId": PRINCIPAL, "scope": SCOPE, "principalType": "User", **changes}


def listing(*items: Mapping[str, str], **changes: Any) -> dict[str, Any]:
    """Return a page of role assignments."""
    return {"count": len(items), "value": list(items), **changes}


def azure_error(code: str = "Refused") -> dict[str, Any]:
    """Return an error body of either Azure Synapse API."""
    return {"error": {"code": code, "message": "It is refused."}}


def fabric_error(code: str = "ItemNotFound") -> dict[str, Any]:
    """Return an error body of Microsoft Fabric."""
    return {"errorCode": code, "message": "It is refused."}


def vcenter_error(name: str) -> dict[str, Any]:
    """Return an error body of vCenter."""
    message = {"id": "an.id", "default_message": "It is refused.", "args": []}
    return {"type": f"com.vmware.vapi.std.errors.{name}", "value": {"messages": [message]}}


def provider_info(stage: str) -> dict[str, Any]:
    """Return a sync provider of vCenter whose session is at a stage."""
    session = {"stage": stage, "completed_work": 1, "total_work": 2, "start_time": "2026-11-21T00:00:00Z"}
    return {"value": {"status": "SUCCEEDED", "polling_interval_in_seconds": 5, "current_session_info": session}}


@dataclass(slots=True)
class Conversation:
    """A trace as it grows: requests that are valid unless told otherwise, and their answers."""

    events: list[Exchange | Arrangement] = field(default_factory=list)
    absent: set[str] = field(default_factory=lambda: {ABSENT})

    def call(self, operation: str, *, identity: str = "admin", **path: str) -> Call:
        """Return a call with the required parameters, each with the first value that the contract knows."""
        found = catalogue().operation(operation)
        pools = catalogue().apis[found.api].resources
        arguments = {}
        for each in found.parameters:
            if each.required:
                known = [str(each.schema["const"])] if "const" in each.schema else list(pools[each.resource].values)
                value = path.get(each.name) or (ID if creates(found, each) or not known else known[0])
                arguments[each.location, each.name] = value
        return Call(found, identity, arguments)

    def send(
        self,
        call: Call | str,
        got: Response | None,
        *,
        body: Any = None,
        media_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
        credential: str = "",
        failure: str = "",
        environmental: bool = False,
        again: str = "",
    ) -> int:
        """Take an exchange: a call (or a valid one of the operation named) and its answer. Returns its number."""
        call = self.call(call) if isinstance(call, str) else call
        api = catalogue().apis[call.operation.api]
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        )
        sent = dict(call.headers) | ({"content-type": media_type} if raw else {})
        if call.identity != "anonymous":
            basic = call.operation.security == "basic"
            name, scheme = ("authorization", "Basic") if basic else (api.credential["header"], api.credential["scheme"])
            sent[name] = credential or f"{scheme} «{'basic' if basic else 'token'}:{call.identity}»".strip()
        sent |= headers or {}
        request = Request(call.method or call.operation.method, call.target, tuple(sent.items()), raw)
        number = len([each for each in self.events if isinstance(each, Exchange)]) + 1
        self.events.append(Exchange(number, api.name, "http://target", request, got, failure, environmental, again))
        return number

    def create(self, identifier: str = ID, got: Response | None = None, **changes: str) -> int:
        """Take a write of a role assignment that is answered as documented, or otherwise where told so."""
        body = grant(**changes)
        stored = {key: value for key, value in body.items() if key != "roleId"}
        usual = answer(200, {"id": identifier, "roleDefinitionId": body["roleId"], **stored})
        return self.send(self.call(CREATE, roleAssignmentId=identifier), got or usual, body=body)

    def list(self, got: Response, *, continuation: str = "", **query: str) -> int:
        """Take a list of role assignments, perhaps filtered or continued."""
        call = self.call(LIST)
        for name, value in query.items():
            call = call.with_argument("query", name, value)
        return self.send(call, got, headers={"x-ms-continuation": continuation} if continuation else {})

    def arrange(self, api: str, state: str, **resources: tuple[str, ...]) -> None:
        """Take an arranged state; underscores in the names of resources stand for dashes."""
        named = {name.replace("_", "-"): ids for name, ids in resources.items()}
        self.events.append(Arrangement(api, state, named))

    @property
    def trace(self) -> Trace:
        """Return the trace, with the resources of the contracts as those that exist."""
        existing = {
            api.name: {name: each.values for name, each in api.resources.items()} for api in catalogue().apis.values()
        }
        return Trace(tuple(self.events), Facts(existing, frozenset(self.absent)))

    def judgement(self, *, strict_fields: bool = False) -> Judgement:
        """Return what the judge says."""
        return judge(catalogue(), requirements(strict_fields=strict_fields), self.trace)

    def results(self, *, strict_fields: bool = False) -> dict[str, Result]:
        """Return the result of every requirement."""
        judgement = self.judgement(strict_fields=strict_fields)
        return give(catalogue(), requirements(strict_fields=strict_fields), judgement)

    def verdict(self, requirement: str, profile: str = "conventions") -> Verdict:
        """Return the verdict on one requirement."""
        return self.results()[requirement].profiles[profile]

    def marks(self, requirement: str, *, strict_fields: bool = False) -> list[Mark]:
        """Return the marks on one requirement."""
        return [each for each in self.judgement(strict_fields=strict_fields).marks if each.requirement == requirement]

    def outcomes(self, requirement: str, *, strict_fields: bool = False) -> set[str]:
        """Return what the marks on one requirement say: met, finding, blocked."""
        return {str(each.outcome) for each in self.marks(requirement, strict_fields=strict_fields)}

    def blockers(self, requirement: str) -> set[str]:
        """Return the requirements that block this one, without what all of them start with."""
        prefix = f"{'/'.join(requirement.split('/')[:2])}/"
        return {each.blocker.removeprefix(prefix) for each in self.marks(requirement) if each.blocker}

    def findings(self) -> set[str]:
        """Return every requirement that has a finding."""
        return {each.requirement for each in self.judgement().marks if each.finding is not None}

    def reads(self) -> list[Read]:
        """Return the exchanges as the judge understands them."""
        return classify(catalogue(), self.trace)
