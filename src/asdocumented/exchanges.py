"""Send requests and record what comes back: the only module that talks to a target.

An exchange is redacted as it is recorded; the rest of the harness never sees a secret.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Mapping
from typing import TypeAlias
from urllib.parse import urlsplit

import httpx

from asdocumented import __version__, wire
from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.model import JSON, Api
from asdocumented.plans import Call, Disguise
from asdocumented.reads.classify import at
from asdocumented.reads.strict_json import parse
from asdocumented.secrets import HANDED_OUT, SHORTEST, Redactor, marker_for, passwords_of
from asdocumented.targets.model import Target
from asdocumented.targets.tls import speaks_tls, with_tls
from asdocumented.traces import Exchange, Headers, Request, Response
from asdocumented.wire import Answer

_HEADERS = {"accept": "application/json", "accept-encoding": "identity", "user-agent": f"asdocumented/{__version__}"}
_NO_SCHEME = "Asdocumented"  # an authentication scheme that is in no registry
_RAW_SECONDS = 10.0
_BAD_REQUEST = 400
Note: TypeAlias = Callable[[Exchange], None]
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
        self._heard: set[str] = set()  # base URLs that have answered, so that their scheme is right
        redactor.secret_fields |= {each.credential["header"].lower() for each in apis.values()}

    async def send(self, call: Call, headers: Headers = (), *, note: Note) -> Exchange:
        """Send a call with extra headers and return the recorded exchange; a failure to send is recorded, not raised.

        Where the request had to be sent more than once, `note` is told of each exchange but the last as it happens; these
        say in `again` why.

        Raises UnavailableError when the target has no credential for the call's identity, and UnreachableError when a server
        that was named with http:// speaks TLS.
        """
        operation = call.operation
        credential = await self._target.credential(operation.api, call.identity, operation.security)
        if credential is not None:
            self._remember(credential[1], call.identity, operation.security)
        base = self._target.base_url(operation.api)
        given = [*call.headers, *headers, *disguised(credential, call.disguise)]
        if call.is_raw:
            return await self._send_raw(call, base, (*_HEADERS.items(), *given))
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
        if base not in self._heard and not self._target.is_emulator:
            await _check_scheme(base, response, failure)
            self._heard.add(base)
        sent = (request.method, _texts(request.headers))
        got = None if response is None else Answer(response.status_code, _texts(response.headers), response.content)
        return self._record(call, base, sent, got, self._redactor.text(failure), environmental=environmental)

    async def _send_raw(self, call: Call, base: str, headers: Headers) -> Exchange:
        """Send a request that the client would tidy over a connection of its own."""
        method = call.method or call.operation.method
        got, failure, environmental = None, "", False
        try:
            where = await self._target.raw_url(call.operation.api)
            got = await wire.send(where, method, call.target, headers, call.body, timeout=_RAW_SECONDS)
        except wire.NoAnswerError as error:
            failure, environmental = str(error), not error.by_server
        return self._record(
            call, base, (method, headers), got, self._redactor.text(failure), environmental=environmental
        )

    def _remember(self, value: str, identity: str, security: str) -> None:
        secret = value.rpartition(" ")[2]
        if len(secret) >= SHORTEST:
            self._redactor.add(secret, marker_for(identity, security))
        for password in passwords_of(value):
            self._redactor.add(password, marker_for(identity))

    def _record(
        self,
        call: Call,
        base: str,
        sent: tuple[str, Headers],
        response: Answer | None,
        failure: str,
        *,
        environmental: bool,
    ) -> Exchange:
        self._count += 1
        if response is not None:
            self._remember_answer(call, response)
        request = Request(
            method=sent[0],
            target=self._redactor.text(call.target),
            headers=self._redactor.headers(sent[1]),
            body=self._redacted(call),
        )
        got = None
        if response is not None:
            got = Response(
                status=response.status,
                headers=self._redactor.received(response.headers),
                body=self._redactor.body(response.content),
            )
        return Exchange(self._count, call.operation.api, base, request, got, failure, environmental)

    def _redacted(self, call: Call) -> bytes:
        """Return the body without secrets; one that was compressed is compressed again, since nobody sees through it."""
        if ("content-encoding", "gzip") not in call.more_headers:
            return self._redactor.body(call.body)
        return gzip.compress(self._redactor.body(gzip.decompress(call.body)), mtime=0)

    def _remember_answer(self, call: Call, response: Answer) -> None:
        """Take note of secrets that an answer hands out: cookies, and what the contract's `format: password` tells.

        An answer with the wrong status may hold what another answer of the operation would, such as a session id.
        """
        self._redactor.learn_cookies(response.headers)
        schemas = [rule.schema for rule in call.operation.responses.values() if rule.schema is not None]
        pointers = sorted(
            {each for schema in schemas for each in _passwords(self._apis[call.operation.api], schema, "")}
        )
        value = parse(response.content).value if pointers else None
        for pointer in pointers:
            secret = at(value, pointer)
            if isinstance(secret, str) and len(secret) >= SHORTEST:
                self._redactor.add(secret, f"{HANDED_OUT}{pointer}»")


def disguised(credential: tuple[str, str] | None, disguise: Disguise) -> list[tuple[str, str]]:
    """Return the header fields of a credential, in the form that a call asks for."""
    if credential is None:
        return []
    name, value = credential
    scheme, space, secret = value.rpartition(" ")
    forms = {
        Disguise.NONE: [(name, value)],
        Disguise.SCHEME: [(name, f"{_NO_SCHEME} {secret}")],
        Disguise.TWICE: [(name, value), (name, value)],
        Disguise.LOWER: [(name, f"{scheme.swapcase()}{space}{secret}")],
    }
    return forms[disguise]


async def _check_scheme(base: str, response: httpx.Response | None, failure: str) -> None:
    """Raise UnreachableError where the first request for a URL with http:// met a server that speaks TLS.

    Such a server hangs up, answers in bytes of TLS, or says in words of its own that it wants HTTPS.
    """
    url = urlsplit(base)
    in_words = response is not None and response.status_code == _BAD_REQUEST
    if url.scheme == "http" and (failure or in_words) and await asyncio.to_thread(speaks_tls, url):
        raise with_tls(base)


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
