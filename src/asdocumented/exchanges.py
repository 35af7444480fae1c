"""Send requests and record what comes back: the only module that talks to a target.

An exchange is redacted as it is recorded; the rest of the harness never sees a secret.
"""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from asdocumented import __version__
from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.model import JSON, Api
from asdocumented.plans import Call
from asdocumented.reads.classify import at
from asdocumented.reads.strict_json import parse
from asdocumented.secrets import Redactor, marker_for
from asdocumented.targets.model import Target
from asdocumented.traces import Exchange, Request, Response

_HEADERS = {"accept": "application/json", "accept-encoding": "identity", "user-agent": f"asdocumented/{__version__}"}
_ENVIRONMENTAL = (
    httpx.LocalProtocolError,
    httpx.ProxyError,
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.ReadTimeout,
    httpx.WriteTimeout,
    httpx.PoolTimeout,
)


class Sender:
    """Sends the calls of one run to one target and numbers the exchanges from 1."""

    def __init__(self, target: Target, apis: Mapping[str, Api], redactor: Redactor, client: httpx.AsyncClient) -> None:
        self._target = target
        self._apis = apis
        self._redactor = redactor
        self._client = client
        self._count = 0

    async def send(self, call: Call, headers: tuple[tuple[str, str], ...] = ()) -> Exchange:
        """Send a call with extra headers and return the recorded exchange; a failure to send is recorded, not raised.

        Raises UnavailableError when the target has no credential for the call's identity.
        """
        operation = call.operation
        credential = self._target.credential(operation.api, call.identity, operation.security)
        if credential is not None:
            self._remember(credential[1], call.identity, operation.security)
        base = self._target.base_url(operation.api)
        given = [*call.headers, *headers, *([credential] if credential else [])]
        request = self._client.build_request(
            call.method or operation.method,
            base + call.target,
            headers=[*_HEADERS.items(), *given],
            content=call.body or None,
        )
        response, failure, environmental = None, "", False
        try:
            response = await self._client.send(request)
        except httpx.HTTPError as error:
            failure = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            environmental = isinstance(error, _ENVIRONMENTAL)
        return self._record(call, base, request, response, self._redactor.text(failure), environmental=environmental)

    def _remember(self, value: str, identity: str, security: str) -> None:
        secret = value.rpartition(" ")[2]
        if len(secret) >= 4:
            self._redactor.add(secret, marker_for(identity, security))

    def _record(
        self,
        call: Call,
        base: str,
        request: httpx.Request,
        response: httpx.Response | None,
        failure: str,
        *,
        environmental: bool,
    ) -> Exchange:
        self._count += 1
        if response is not None:
            self._remember_answer(call, response)
        sent = Request(
            method=request.method,
            target=self._redactor.text(call.target),
            headers=self._redactor.headers(_texts(request.headers)),
            body=self._redactor.body(call.body),
        )
        got = None
        if response is not None:
            got = Response(
                status=response.status_code,
                headers=self._redactor.headers(_texts(response.headers)),
                body=self._redactor.body(response.content),
            )
        return Exchange(self._count, call.operation.api, base, sent, got, failure, environmental)

    def _remember_answer(self, call: Call, response: httpx.Response) -> None:
        """Take note of secrets that an answer hands out (a session id), as the contract's `format: password` tells."""
        rule = call.operation.responses.get(str(response.status_code))
        if rule is None or rule.schema is None:
            return
        pointers = list(_passwords(self._apis[call.operation.api], rule.schema, ""))
        value = parse(response.content).value if pointers else None
        for pointer in pointers:
            secret = at(value, pointer)
            if isinstance(secret, str) and len(secret) >= 4:
                self._redactor.add(secret, f"«secret:response{pointer}»")


def _passwords(api: Api, schema: JSON, pointer: str) -> list[str]:
    name = referenced(schema)
    body = api.definitions[name] if name else schema
    if body.get("format") == "password":
        return [pointer]
    return [
        found
        for field, inner in body.get("properties", {}).items()
        if not (name and name == referenced(inner))
        for found in (_passwords(api, inner, f"{pointer}/{field}") if pointer.count("/") < 5 else [])
    ]


def _texts(headers: httpx.Headers) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers.raw)
