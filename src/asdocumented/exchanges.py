"""Send requests and record what comes back: the only module that talks to a target.

An exchange is redacted as it is recorded; the rest of the harness never sees a secret.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias
from urllib.parse import urlsplit

import httpx

from asdocumented import __version__, wire
from asdocumented.contracts.definitions import secret_pointers
from asdocumented.contracts.model import Api, Operation
from asdocumented.credentials.hosts import read_url
from asdocumented.credentials.resending import AGAIN, Resending
from asdocumented.errors import UnreachableError
from asdocumented.plans import Call, Disguise
from asdocumented.reads.classify import ANONYMOUS, at
from asdocumented.reads.codes import BUSY
from asdocumented.reads.strict_json import parse
from asdocumented.secrets import HANDED_OUT, SHORTEST, Redactor, marker_for, passwords_of
from asdocumented.targets.model import Target, UnavailableError
from asdocumented.targets.tls import speaks_tls, with_tls
from asdocumented.traces import Exchange, Headers, Request, Response
from asdocumented.transport.attempting import Fault, Outcome, attempt, attempt_raw
from asdocumented.transport.conduct import Conduct
from asdocumented.transport.retrying import Asked
from asdocumented.transport.routes import Route
from asdocumented.wire import Answer

_HEADERS = {"accept": "application/json", "accept-encoding": "identity", "user-agent": f"asdocumented/{__version__}"}
_NO_SCHEME = "Asdocumented"  # an authentication scheme that is in no registry
_RAW_SECONDS = 10.0
_BAD_REQUEST = 400
Note: TypeAlias = Callable[[Exchange], None]


class Sender:
    """Sends the calls of one run to one target and numbers the exchanges from 1; without a conduct it begins one."""

    def __init__(
        self,
        target: Target,
        apis: Mapping[str, Api],
        redactor: Redactor,
        client: httpx.AsyncClient,
        conduct: Conduct | None = None,
    ) -> None:
        self._target = target
        self._apis = apis
        self._redactor = redactor
        self._client = client
        self._conduct = conduct or Conduct(target.manners, target)
        self._media_types = {name: _media_types(api) for name, api in apis.items()}
        self._resending = Resending(target)
        self._secret_pointers: dict[str, list[str]] = {}  # by operation
        self._count = 0
        self._heard: set[str] = set()  # base URLs that have answered, so that their scheme is right
        redactor.secret_fields |= {each.credential["header"].lower() for each in apis.values()}

    def afresh(self) -> Sender:
        """Return one that undoes what this one did: neither a budget nor what it saw of the target keeps it from sending."""
        return Sender(self._target, self._apis, self._redactor, self._client, self._conduct.afresh())

    async def send(self, call: Call, headers: Headers = (), *, note: Note, busy_counts: bool = False) -> Exchange:
        """Send a call with extra headers and return the recorded exchange; a failure to send is recorded, not raised.

        Where the request had to be sent more than once, `note` is told of each exchange but the last as it happens; these
        say in `again` why. `busy_counts` says that a 429 or 503 is an answer like any other, and no reason to come back.

        Raises UnavailableError when the target has no credential for the call's identity, BudgetError when the budget is used
        up, and UnreachableError when the target is in distress, with `note` told of the exchange that showed it, or when a
        server that was named with http:// speaks TLS.
        """
        operation, base = call.operation, self._target.base_url(call.operation.api)
        asked = Asked(
            call.method or operation.method,
            self._media_types[operation.api],
            self._apis[operation.api].error_model.code,
            busy_counts=busy_counts,
            is_raw=call.is_raw,
            is_unusual=call.is_unusual,
        )
        renewed = False
        while True:
            asked = replace(asked, known=self._conduct.known(operation.id))
            async with self._conduct.turn(operation.api):
                before = self._conduct.failures(operation.api)
                sent, credential, outcome = await self._attempt(call, base, headers)
            reason = self._conduct.decide(operation.api, operation.id, asked, outcome)
            again = reason.reason if reason else await self._renewal(call, credential, outcome, renewed=renewed)
            outcome = outcome if reason else self._conduct.believed(operation.id, asked, outcome)
            exchange = self._record(call, base, sent, outcome, again=again)
            try:
                self._conduct.check(operation, base, asked, outcome, failed_before=before, stands=not again)
            except UnreachableError:
                note(exchange)
                raise
            if not again:
                return exchange
            note(exchange)
            if reason is not None:
                await self._conduct.pause(reason)
                asked = replace(asked, sent=asked.sent + 1)
            renewed = renewed or reason is None

    async def _renewal(self, call: Call, credential: str, outcome: Outcome, *, renewed: bool) -> str:
        """Say why a call is sent once more where its token was refused and there is another; once a call at most."""
        status = outcome.answer.status if outcome.answer is not None else 0
        if renewed:
            self._resending.learn(call, status)
            return ""
        return AGAIN if credential and await self._resending.is_worth(call, credential, status) else ""

    def end(self) -> None:
        """Let nobody wait any more: the run ends before its time."""
        self._conduct.end()

    async def wait(self, seconds: float) -> None:
        """Let so many seconds of the target's clock pass, unless the run ends meanwhile."""
        await self._conduct.wait(seconds)

    def take_back(self) -> None:
        """Let nothing but the pace stand in the way from now on: what is sent takes changes back, and is owed."""
        self._conduct.take_back()

    def is_busy(self, api: str, state: str) -> bool:
        """Tell whether an API in a state says "later", so that this is what is asked for."""
        code = self._apis[api].error_model.codes.get(state)
        return code is not None and int(code["status"]) in BUSY

    async def _attempt(self, call: Call, base: str, headers: Headers) -> tuple[tuple[str, Headers], str, Outcome]:
        """Send a call once; return the method and the header fields as they went out, the credential, and what came of it."""
        operation = call.operation
        if call.identity != ANONYMOUS:
            self._target.check_host(operation.api, base if call.is_raw else base + call.target)
        credential = await self._target.credential(operation.api, call.identity, operation.security)
        if credential is not None:
            self._remember(credential[1], call.identity, operation.security)
            self._check_disguise(call, credential[0])
        given = [*_HEADERS.items(), *call.headers, *headers, *disguised(credential, call.disguise)]
        method, value = call.method or operation.method, credential[1] if credential is not None else ""
        if call.is_raw:
            return (method, tuple(given)), value, await self._attempt_raw(call, method, tuple(given))
        try:
            octets = [(name.encode("ascii"), field.encode("latin-1")) for name, field in given]
        except UnicodeEncodeError:
            return (
                (method, ()),
                value,
                Outcome(None, Fault.OWN, f"{Fault.OWN}: a header field holds what no header can carry"),
            )
        url = read_url(base + call.target)
        request = self._client.build_request(method, url, headers=octets, content=call.body or None)
        self._conduct.spend()
        outcome = await attempt(self._client, request, self._conduct.manners.limits, self._conduct.deadline)
        if base not in self._heard and not self._target.is_emulator:
            await _check_scheme(base, outcome)
            self._heard.add(base)
        return (request.method, _texts(request.headers)), value, outcome

    async def _attempt_raw(self, call: Call, method: str, headers: Headers) -> Outcome:
        """Send a request that the client would tidy over a connection of its own."""
        api, limits = call.operation.api, self._conduct.manners.limits
        route = self._conduct.manners.routes.get(api, Route())
        if route.proxy:
            raise UnavailableError("a request that no client sends cannot go through the proxy of the target")
        where = await self._target.raw_url(api)
        self._conduct.spend()
        bounds = wire.Bounds(route.tls, route.server_name, limits.largest)
        seconds = min(_RAW_SECONDS, limits.answer)
        asking = wire.send(where, method, call.target, headers, call.body, timeout=seconds, bounds=bounds)
        return await attempt_raw(asking, limits)

    def _check_disguise(self, call: Call, header: str) -> None:
        """Check that a disguised credential is in the header that contracts speak of; raises UnavailableError where not."""
        basic = call.operation.security == "basic"
        usual = "authorization" if basic else self._apis[call.operation.api].credential["header"].lower()
        if call.disguise is not Disguise.NONE and header.lower() != usual:
            raise UnavailableError(
                f"the target takes credentials in the header {header}, of which no source tells the form"
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
        outcome: Outcome,
        *,
        again: str,
    ) -> Exchange:
        self._count += 1
        response = outcome.answer
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
        failure, environmental = self._redactor.text(outcome.failure), outcome.fault.is_environmental
        return Exchange(self._count, call.operation.api, base, request, got, failure, environmental, again)

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
        operation = call.operation
        pointers = self._secret_pointers.get(operation.id)
        if pointers is None:
            pointers = self._secret_pointers[operation.id] = _secrets_of(self._apis[operation.api], operation)
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


async def _check_scheme(base: str, outcome: Outcome) -> None:
    """Raise UnreachableError where the first request for a URL with http:// met a server that speaks TLS.

    Such a server hangs up, answers in bytes of TLS, or says in words of its own that it wants HTTPS.
    """
    url = urlsplit(base)
    in_words = outcome.answer is not None and outcome.answer.status == _BAD_REQUEST
    if url.scheme == "http" and (outcome.failure or in_words) and await asyncio.to_thread(speaks_tls, url):
        raise with_tls(base)


def _media_types(api: Api) -> frozenset[str]:
    """Return every media type that an API answers in."""
    rules = [rule for operation in api.operations.values() for rule in operation.responses.values()]
    return frozenset(each for rule in rules for each in rule.media_types)


def _secrets_of(api: Api, operation: Operation) -> list[str]:
    """Return where the answers of an operation may hold secrets, as JSON pointers."""
    schemas = [rule.schema for rule in operation.responses.values() if rule.schema is not None]
    return sorted({each for schema in schemas for each in secret_pointers(api.definitions, schema)})


def _texts(headers: httpx.Headers) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers.raw)
