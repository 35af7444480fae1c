"""The emulator: one ASGI application for all documented APIs, whose whole state belongs to the instance."""

from __future__ import annotations

import copy
import json
import random
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from asdocumented.contracts.matching import candidates, split_target
from asdocumented.contracts.model import Api, Catalogue, Operation
from asdocumented.emulation import behaviours, tokens
from asdocumented.emulation.bodies import default_answer, error_answer
from asdocumented.emulation.checks import Checker
from asdocumented.emulation.clocks import Clock, RealClock
from asdocumented.emulation.control import control_app
from asdocumented.emulation.deviations import deviate
from asdocumented.emulation.handlers import arranger, handler
from asdocumented.emulation.messages import Answer, Incoming, RefusalError
from asdocumented.emulation.store import Store
from asdocumented.emulation.switches import Switchboard, make_switch
from asdocumented.errors import UsageError, suggest

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CONTROL = "/_emulator"
_LOG = 10_000
_MOST = 16 * 1024 * 1024


class Emulator:
    """All APIs of a catalogue, emulated. `app` is the ASGI application; two instances share nothing.

    `seed` gives ids and the key of tokens; with `strict` also what no source allows is refused.
    """

    def __init__(
        self, catalogue: Catalogue, *, seed: int = 0, strict: bool = False, clock: Clock | None = None
    ) -> None:
        self.catalogue = catalogue
        self.seed = seed
        self.clock: Clock = clock or RealClock()
        self.switches = Switchboard()
        self.log: deque[dict[str, Any]] = deque(maxlen=_LOG)
        self._checkers = {name: Checker(api, seed=seed, strict=strict) for name, api in catalogue.apis.items()}
        self._prefixes = sorted(
            ((prefix, api) for api in catalogue.apis.values() for prefix in api.prefixes),
            key=lambda each: -len(each[0]),
        )
        self._stores: dict[str, Store] = {}
        self.reset()
        self._control = control_app(self)
        self.app = self._call

    def reset(self) -> None:
        """Go back to the start: states, sessions, log and ids; the switches stay as they are."""
        for name, api in self.catalogue.apis.items():
            store = Store(api, self.clock, random.Random(f"{self.seed}/{name}"))
            store.reset()
            self._stores[name] = store
        self._ids = random.Random(f"{self.seed}/requests")
        self.log.clear()

    @property
    def resources(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """Return what exists now: API -> pool -> ids."""
        return {
            name: {pool: (*ids, *store.items.get(pool, ())) for pool, ids in store.resources.items()}
            for name, store in self._stores.items()
        }

    def arrange(self, api: str, state: str) -> Mapping[str, tuple[str, ...]]:
        """Bring an API into a state from scratch and return the ids that the state is about, by pool.

        Raises UsageError for an API or a state that is not known.
        """
        store = self._store(api)
        if state not in store.api.states:
            raise UsageError("unknown-state", f"{api} has no state {state!r}.", remedy=suggest(state, store.api.states))
        store.reset()
        prepare = arranger(api, state)
        return prepare(store) if prepare is not None else {}

    def _store(self, api: str) -> Store:
        if api not in self._stores:
            raise UsageError("unknown-api", f"No API is named {api!r}.", remedy=suggest(api, self._stores))
        return self._stores[api]

    def credential(
        self, api: str, identity: str, *, expires_in: int = 3600, security: str = "token"
    ) -> tuple[str, str] | None:
        """Return the header that makes a request an identity's, or None for the anonymous one."""
        if identity == "anonymous":
            return None
        contract = self._store(api).api
        if security == "basic":
            secret = tokens.password(self.seed) if identity == "admin" else "a-wrong-password"
            return "authorization", tokens.basic("admin", secret)
        token = tokens.sign(contract, identity, seed=self.seed, now=self.clock.now(), expires_in=expires_in)
        words = contract.credential
        return words["header"].lower(), f"{words['scheme']} {token}".strip()

    def switch(self, name: str, operation: str = "*", **arguments: Any) -> None:
        """Turn a switch on for the operations that match a glob; raises UsageError for one that does not exist."""
        self.switches.on.append(make_switch(name, operation, arguments))

    def clear_switches(self) -> None:
        """Turn every switch off."""
        self.switches.on.clear()

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["path"].startswith(CONTROL):
            await self._control({**scope, "app_root": CONTROL}, receive, send)
            return
        body = await _body(receive)
        answer = self._answer(scope, body)
        await _send(send, answer)

    def _answer(self, scope: Scope, body: bytes | None) -> Answer:
        self.clock.tick()
        raw = (scope.get("raw_path") or scope["path"].encode()).split(b"?")[0].decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        target = f"{raw}?{query}" if query else raw
        api = next(
            (api for prefix, api in self._prefixes if raw == prefix or raw.lower().startswith(prefix.lower() + "/")),
            None,
        )
        if api is None:
            return Answer(404, {"error": "no API here owns this path"})
        request_id = self._request_id()
        headers: dict[str, tuple[str, ...]] = {}
        for name, value in scope["headers"]:
            key = name.decode("latin-1").lower()
            headers[key] = (*headers.get(key, ()), value.decode("latin-1"))
        return self._in_api(api, scope["method"], target, headers, body, request_id)

    def _in_api(
        self,
        api: Api,
        method: str,
        target: str,
        headers: Mapping[str, tuple[str, ...]],
        body: bytes | None,
        request_id: str,
    ) -> Answer:
        incoming: Incoming | None = None
        operation: Operation | None = None
        try:
            incoming = self._routed(api, method, target, headers, body)
            operation = incoming.operation
            answer = self._handle(incoming)
        except RefusalError as refusal:
            answer = error_answer(api, operation, refusal, request_id)
        if incoming is not None:
            deviate(incoming, answer, self.switches, self.catalogue.apis)
        self._note(api, method, target, incoming, answer)
        return answer

    def _routed(
        self, api: Api, method: str, target: str, headers: Mapping[str, tuple[str, ...]], body: bytes | None
    ) -> Incoming:
        found = candidates(api.operations.values(), target)
        if not found:
            raise RefusalError("route-missing", "There is nothing at this path.")
        chosen = next((each for each in found if each.operation.method == method), None)
        if chosen is None:
            allowed = ", ".join(sorted({each.operation.method for each in found}))
            raise RefusalError("method-not-allowed", f"{method} is not allowed here.", allow=allowed)
        if body is None:
            raise RefusalError("invalid-body", "The request body is too large.")
        query: dict[str, tuple[str, ...]] = {}
        for name, value in split_target(target)[1]:
            query[name] = (*query.get(name, ()), value)
        return Incoming(method, target, headers, body, api, chosen.operation, chosen.path, query)

    def _handle(self, incoming: Incoming) -> Answer:
        store = self._stores[incoming.api.name]
        try:
            self._checkers[incoming.api.name].check(incoming, store, self.switches)
        except RefusalError as refusal:
            if not self._accepted_all_the_same(incoming, refusal, store):
                raise
        behaviours.before(incoming, store, self.switches)
        answer = self._apply(incoming, store)
        behaviours.after(incoming, answer, store, self.switches)
        return answer

    def _accepted_all_the_same(self, incoming: Incoming, refusal: RefusalError, store: Store) -> bool:
        """Tell whether a switch lets in who was refused; the request is then checked again as the administrator's."""
        if refusal.cause not in ("unauthenticated", "permission-missing"):
            return False
        who = incoming.identity or self._claimed(incoming)
        if not any(
            each.arguments["identity"] == who for each in self.switches.all("identity.accepted", incoming.operation)
        ):
            return False
        credential = self.credential(incoming.api.name, "admin", security=incoming.operation.security)
        if credential is not None:
            incoming.headers = {**incoming.headers, credential[0]: (credential[1],)}
        self._checkers[incoming.api.name].check(incoming, store, self.switches)
        return True

    def _claimed(self, incoming: Incoming) -> str:
        """Return which of the refused identities sent a request, by what it sent."""
        for name in incoming.api.identities:
            credential = self.credential(incoming.api.name, name, security=incoming.operation.security)
            sent = incoming.header(credential[0] if credential else incoming.api.credential["header"])
            if (credential is None and not sent) or (credential is not None and sent == credential[1]):
                return name
        return ""

    def _apply(self, incoming: Incoming, store: Store) -> Answer:
        operation = incoming.operation
        existing = behaviours.stored(incoming, store)
        if existing is not None and operation.method == "PUT" and self.switches.get("upsert.ignored", operation):
            return Answer(200, dict(existing))
        pool, _ = behaviours.own_resource(incoming)
        if operation.method == "GET" and pool in store.items and existing is None:
            raise RefusalError(f"{pool}-missing", f"The {pool} does not exist.")
        before = store.snapshot() if self.switches.get("read-after-write.not-persisted", operation) else None
        handle = handler(incoming.api.name, operation.name)
        answer = handle(incoming, store) if handle is not None else default_answer(incoming.api, operation)
        if before is not None:
            store.items = before
        if self.switches.on:
            answer.body = copy.deepcopy(answer.body)  # deviations change the answer, never the state
        return answer

    def _request_id(self) -> str:
        text = f"{self._ids.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

    def _note(self, api: Api, method: str, target: str, incoming: Incoming | None, answer: Answer) -> None:
        self.log.append(
            {
                "method": method,
                "target": target,
                "api": api.name,
                "operation": incoming.operation.id if incoming is not None else "",
                "identity": incoming.identity if incoming is not None else "",
                "status": answer.status,
                "refusedBy": answer.cause,
                "notes": list(incoming.notes) if incoming is not None else [],
            }
        )


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _body(receive: Receive) -> bytes | None:
    """Return the request's body, or None when it is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body", False):
            return b"".join(parts) if size <= _MOST else None


async def _send(send: Send, answer: Answer) -> None:
    """Write an answer out: its structure is serialised here, once."""
    if answer.text is not None:
        content = answer.text.encode()
    elif answer.body is None:
        content = b""
    else:
        content = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in answer.headers.items()
    ]
    if content:
        headers.append((b"content-type", answer.media_type.encode("latin-1")))
    if answer.status != 204:
        headers.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": content if answer.status != 204 else b""})
