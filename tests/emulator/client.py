"""Send requests to an emulator in the same process, in the words of the real contracts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import httpx

from asdocumented.contracts import Operation, load_catalogue
from asdocumented.emulator import Emulator, SteppingClock

HeaderTypes: TypeAlias = Mapping[str, str] | Sequence[tuple[str, str]] | Sequence[tuple[bytes, bytes]]

ACCESS = "azure-synapse-access-control"
MANAGEMENT = "azure-synapse-management"
VCENTER = "vmware-vcenter-hvc"
FABRIC = "microsoft-fabric-mirroring"
VERSION = "api-version=2020-12-01"

ROLE, OTHER_ROLE = "6e4bf58a-b8e1-4cc3-bbf9-d73143322b78", "7572bffe-f453-4b66-912a-46cc5ef38fda"
PRINCIPAL, OTHER_PRINCIPAL = "3f0f3a5c-6d0e-4e0b-9a51-0c7d5f7f1a01", "3f0f3a5c-6d0e-4e0b-9a51-0c7d5f7f1a02"
SCOPE = "workspaces/exampleWorkspace"
POOL_SCOPE = f"{SCOPE}/bigDataPools/examplePool"
FIRST, SECOND = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"

SESSION = "/rest/com/vmware/cis/session"
LINKS = "/rest/hvc/links"
PROVIDER = f"{LINKS}/link-7f3a51c0/sync/providers/provider-2c9d04e8"
START = f"{PROVIDER}?action=start"
PASSWORD = "correct-horse-battery-staple"
CREDENTIALS = {"credentials": {"user_name": "administrator@vsphere.local", "password": PASSWORD}}

GROUP = "exampleResourceGroup"
RUNTIME = (
    "/subscriptions/12345678-1234-1234-1234-12345678abc/resourceGroups/{group}/providers/Microsoft.Synapse"
    "/workspaces/exampleWorkspace/integrationRuntimes/exampleIntegrationRuntime{action}?api-version=2021-06-01-preview"
)
DATABASE = "/v1/workspaces/cfafbeb1-8037-4d0c-896e-a46fb27ff229/mirroredDatabases/5b218778-e7a5-4d73-8187-f10824047715/{action}"


def assignment(**changes: str) -> dict[str, str]:
    """Return the body of a role assignment."""
    return {"roleId": ROLE, "principalId": PRINCIPAL, "scope": SCOPE, **changes}


def runtime(action: str = "", group: str = GROUP) -> str:
    """Return the target of an operation on the integration runtime."""
    return RUNTIME.format(group=group, action=f"/{action}" if action else "")


class Client:
    """One emulator with a clock that steps, and what calls it."""

    def __init__(self, *, seed: int = 0, strict: bool = False) -> None:
        self.clock = SteppingClock()
        self.emulator = Emulator(load_catalogue(), seed=seed, strict=strict, clock=self.clock)

    def send(
        self,
        method: str,
        target: str,
        *,
        api: str = ACCESS,
        identity: str = "admin",
        headers: HeaderTypes = (),
        **more: Any,
    ) -> httpx.Response:
        """Send one request with an identity's credential, unless the headers have one."""
        credential = self.emulator.credential(api, identity, security=more.pop("security", "token"))
        sent = httpx.Headers(headers)
        if credential is not None:
            sent.setdefault(*credential)
        request = httpx.Request(method, f"http://emulator{target}", headers=sent, **more)
        return asyncio.run(self._send(request))

    async def _send(self, request: httpx.Request) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=self.emulator.app)) as client:
            return await client.send(request)

    def create(self, identifier: str = FIRST, **changes: str) -> httpx.Response:
        """Create a role assignment."""
        return self.send("PUT", f"/roleAssignments/{identifier}?{VERSION}", json=assignment(**changes))

    def read(self, identifier: str = FIRST) -> httpx.Response:
        """Read a role assignment."""
        return self.send("GET", f"/roleAssignments/{identifier}?{VERSION}")

    def delete(self, identifier: str = FIRST) -> httpx.Response:
        """Delete a role assignment."""
        return self.send("DELETE", f"/roleAssignments/{identifier}?{VERSION}")

    def page(self, token: str = "", **filters: str) -> httpx.Response:
        """Return one page of the list of role assignments."""
        query = "".join(f"&{name}={value}" for name, value in filters.items())
        return self.send("GET", f"/roleAssignments?{VERSION}{query}", headers={"x-ms-continuation": token})

    def pages(self, **filters: str) -> list[list[str]]:
        """Return the ids on each page of a list; ends after ten pages."""
        token = ""
        pages: list[list[str]] = []
        while len(pages) < 10:
            answer = self.page(token, **filters)
            pages.append([item["id"] for item in answer.json()["value"]])
            token = answer.headers.get("x-ms-continuation", "")
            if not token:
                break
        return pages

    def ids(self, **filters: str) -> list[str]:
        """Return the ids on all pages."""
        return [identifier for page in self.pages(**filters) for identifier in page]

    def start(self, body: Any = None) -> httpx.Response:
        """Start the sync of the provider."""
        return self.send("POST", START, api=VCENTER, **({} if body is None else {"json": body}))

    def control(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request to the control API."""
        return self.send(method, f"/_emulator{path}", identity="anonymous", **more)

    def last_rule(self) -> str:
        """Return the rule that refused the latest request, as the log has it."""
        return self.emulator.log[-1].rule

    def valid(self, operation: Operation) -> tuple[str, str, dict[str, Any]]:
        """Return the method, target and body of a valid request for any operation."""
        existing = self.emulator.resources[operation.api]
        path, query = operation.path, []
        for parameter in operation.parameters:
            pool = existing.get(parameter.resource, ())
            if parameter.location == "path":
                path = path.replace("{" + parameter.name + "}", pool[0] if pool else FIRST)
            elif parameter.location == "query" and "const" in parameter.schema:
                query.append(f"{parameter.name}={parameter.schema['const']}")
        body = {"json": assignment()} if operation.body is not None and operation.body.required else {}
        return operation.method, f"{path}?{'&'.join(query)}", body
