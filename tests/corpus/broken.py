"""An emulator with a fault that no switch knows: it breaks on exactly those requests that a rule picks."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx

from asdocumented.targets.emulated import EmulatorTarget
from tests.support import catalogue

Rule = Callable[[httpx.Request], bool]


class BrokenTarget(EmulatorTarget):
    """The emulator behind a front that answers some requests itself, with one status and the API's error body."""

    def __init__(self, rule: Rule, status: int = 400) -> None:
        super().__init__(catalogue())
        self._rule, self._status = rule, status

    def client(self) -> httpx.AsyncClient:
        """Return a client whose transport breaks where the rule says."""
        return httpx.AsyncClient(transport=_Front(self._rule, self._status, super().client()))


class _Front(httpx.AsyncBaseTransport):
    def __init__(self, rule: Rule, status: int, inner: httpx.AsyncClient) -> None:
        self._rule, self._status, self._inner = rule, status, inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self._rule(request):
            return await self._inner.send(request)
        body = {"error": {"code": "Broken", "message": "This request cannot be answered."}}
        return httpx.Response(self._status, json=body, request=request)


def two_filters(request: httpx.Request) -> bool:
    """Tell whether a list is asked for by role and scope at once."""
    return request.method == "GET" and {"roleId", "scope"} <= set(request.url.params)


def unknown_field(request: httpx.Request) -> bool:
    """Tell whether a role assignment is created with a field that no page knows."""
    known = {"roleId", "principalId", "principalType", "scope"}
    try:
        body = json.loads(request.content or b"null")
    except ValueError:
        return False
    return request.method == "PUT" and isinstance(body, dict) and not set(body) <= known
