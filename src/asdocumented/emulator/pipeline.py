"""Answer a request: the order of the steps, each of which refuses by a named rule or lets the request pass on.

    owner ─▶ route ─▶ authenticate ─▶ authorise ─▶ throttle ─▶ parameters ─▶ body ─▶ resources ─▶ state
      ─▶ handler ─▶ list ─▶ switches

Nothing here knows an operation by name. Between the first step and the last nothing waits, so that requests do not mix.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import formatdate
from functools import lru_cache, partial
from typing import NamedTuple
from urllib.parse import quote

from asdocumented.emulator import faults, pointers
from asdocumented.emulator.authentication import authenticate, authorise
from asdocumented.emulator.behaviours import (
    exclude,
    fail_by_switch,
    refuse_by_switch,
    revalidate,
    second_write,
    secret_to_echo,
    shown_state,
    without_unlisted,
)
from asdocumented.emulator.calls import Answer, Call
from asdocumented.emulator.checking import check_parameters, find_resources, read_body
from asdocumented.emulator.clock import Clock
from asdocumented.emulator.defaults import default_answer
from asdocumented.emulator.deviations import deviate
from asdocumented.emulator.log import Log, Record
from asdocumented.emulator.messages import Reply, Request, RequestRefusedError
from asdocumented.emulator.refusals import refusal
from asdocumented.emulator.services import Endpoint, Route, Service
from asdocumented.emulator.switches import Active, Switchboard, argument, names
from asdocumented.emulator.throttling import throttle

STEPS: tuple[Callable[[Call], None], ...] = (
    fail_by_switch,
    authenticate,
    authorise,
    throttle,
    check_parameters,
    read_body,
    find_resources,
    refuse_by_switch,
    exclude,
)
"""What a request with a known operation passes before its handler runs."""


class _Attempt(NamedTuple):
    """What an operation answers, and what the log says of it."""

    reply: Reply
    rule: str
    identity: str
    notes: tuple[str, ...]


class Pipeline:
    """Answers requests for all APIs of one emulator."""

    def __init__(
        self, services: Mapping[str, Service], clock: Clock, switchboard: Switchboard, log: Log, *, strict: bool
    ) -> None:
        self._services = services
        self._apis = {name: service.api for name, service in services.items()}
        self._clock = clock
        self._switchboard = switchboard
        self._log = log
        self._strict = strict
        prefixes = [(prefix.lower(), service) for service in services.values() for prefix in service.api.prefixes]
        self._prefixes = sorted(prefixes, key=lambda each: -len(each[0]))

    def answer(self, request: Request) -> Reply:
        """Return the reply to one request, with the emulator's time as its Date, and log how it was decided."""
        self._clock.tick()
        reply = self._decide(request)
        return replace(reply, headers=(*reply.headers, ("date", _http_date(int(self._clock.now())))))

    def takes(self, fault: str, method: str, target: str) -> bool:
        """Tell whether a switch takes a request with a fault that no server lets through; asking counts as a request."""
        service = self._owner(target.partition("?")[0]) if self._switchboard.on else None
        if service is None:
            return False
        matches = service.route(target).matches
        operations = tuple(each.operation.id for each in matches if each.operation.method == method)
        return names(self._switchboard.active(operations), "fault.accepted", "fault", fault)

    def _decide(self, request: Request) -> Reply:
        path = request.target.partition("?")[0]
        service = self._owner(path)
        if service is None:
            self._log.add(Record(request.method, path, "", "", "", 404, "owner-missing", ()))
            return Reply(404, {"error": "no API here owns this path"})
        route = service.route(request.target)
        for match in route.matches:
            if match.operation.method == request.method:
                endpoint = service.endpoints[match.operation.name]
                return self._answer_operation(request, service, endpoint, match.path, route)
        return self._answer_unrouted(request, service, path, route)

    def _owner(self, path: str) -> Service | None:
        """Return the API with the longest prefix that the path is at or below; as in routes, letter case does not count."""
        lower = path.lower()
        for prefix, service in self._prefixes:
            if lower.startswith(prefix) and lower[len(prefix) : len(prefix) + 1] in ("", "/"):
                return service
        return None

    def _answer_unrouted(self, request: Request, service: Service, path: str, route: Route) -> Reply:
        """Refuse a request that no operation takes: its path is unknown, or is known with other methods only."""
        operations = tuple(match.operation for match in route.matches) or faults.addressed(service, request.target)
        if route.matches and not service.has_method(request.method, path):
            allowed = ", ".join(sorted({each.method for each in operations}))
            message = f"The path does not have the method {request.method}."
            refused = RequestRefusedError(
                "method-not-allowed", "method-not-allowed", message, headers=(("allow", allowed),)
            )
        else:
            refused = RequestRefusedError("route-missing", "route-missing", "There is no such operation.")
        active = self._switchboard.active(tuple(each.id for each in operations) or (f"{service.api.name}/",))
        bent = faults.bent_aside(request, active)
        reply = bent or self._refusal(request, service, None, refused, active, "")
        self._log.add(Record(request.method, path, service.api.name, "", "", reply.status, refused.rule, ()))
        return reply

    def _answer_operation(
        self, request: Request, service: Service, endpoint: Endpoint, path: Mapping[str, str], route: Route
    ) -> Reply:
        operations = (endpoint.operation.id,)
        active = self._switchboard.active(operations)
        attempt = partial(self._attempt, request, endpoint, path, route, service)
        alternating = self._switchboard.alternating(active, operations)
        done = self._in_turn(service, attempt, active, alternating) if alternating else attempt(active)
        target = _shown(request.target, endpoint, route)
        name, status = endpoint.operation.name, done.reply.status
        self._log.add(
            Record(request.method, target, service.api.name, name, done.identity, status, done.rule, done.notes)
        )
        return done.reply

    def _in_turn(
        self, service: Service, attempt: Callable[[Active], _Attempt], usual: Active, other: Active
    ) -> _Attempt:
        """Answer with the lines that alternate or without: both are tried, since only a change of the answer is a turn."""
        before = service.kept()
        done = attempt(usual)
        after = service.kept()
        service.restore(before)
        changed = attempt(other)
        if changed.reply != done.reply and self._switchboard.is_turn():
            return changed
        service.restore(after)
        return done

    def _attempt(
        self,
        request: Request,
        endpoint: Endpoint,
        path: Mapping[str, str],
        route: Route,
        service: Service,
        active: Active,
    ) -> _Attempt:
        now = self._clock.now()
        world = service.seen(now, writes=endpoint.writes)
        call = Call(request, service, endpoint, path, route.query, active, world, now, self._strict)
        rule = ""
        try:
            reply = faults.bent(call) or self._answered(call)
        except RequestRefusedError as refused:
            rule = refused.rule
            reply = self._refusal(request, service, endpoint, refused, active, secret_to_echo(call))
        return _Attempt(reply, rule, call.identity, tuple(call.notes))

    def _answered(self, call: Call) -> Reply:
        for step in STEPS:
            step(call)
        operation = call.endpoint.operation
        return deviate(_perform(call), call.active, self._apis, secret_to_echo(call), operation)

    def _refusal(
        self,
        request: Request,
        service: Service,
        endpoint: Endpoint | None,
        refused: RequestRefusedError,
        active: Active,
        secret: str,
    ) -> Reply:
        request_id = service.random.uuid()
        reply = refusal(service.api, endpoint, refused, request_id, active, secret)
        reply = service.headers.of_error(reply, request, endpoint.operation.security if endpoint else "token")
        return deviate(reply, active, self._apis, secret, endpoint.operation if endpoint else None)


@lru_cache(maxsize=8)
def _http_date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


def _perform(call: Call) -> Reply:
    """Let the handler change or read the world, and turn its answer into a reply."""
    endpoint = call.endpoint
    answer = _written(call) if endpoint.writes else _handled(call)
    body, headers = shown_state(call, answer.body), answer.headers
    listing = endpoint.listing
    if listing.items and body is not None:
        token = call.request.header(listing.pages.request) if listing.pages else ""
        if call.world.shown:
            pointers.put(body, listing.items, without_unlisted(call, pointers.get(body, listing.items, [])))
        body, links = listing.apply(body, call.query, token, call.active)
        headers = (*headers, *links)
    service = call.service
    carried = service.headers.of_success(call.request, answer.status, call.now, service.random, service.used)
    return Reply(answer.status, body, (*headers, *carried))


def _written(call: Call) -> Answer:
    """Let a handler write, and bend what becomes of the write where a switch says so."""
    service, seconds = call.service, argument(call.active, "read-after-write.lag", "seconds")
    lags = seconds is not None or "read-after-write.stale" in call.active
    forgets = "read-after-write.not-persisted" in call.active
    before = service.world.copy() if lags or forgets else None
    answer = second_write(call) or _handled(call)
    service.lagging = before if lags else None
    service.lags_until = math.inf if seconds is None else call.now + seconds
    if forgets and before is not None:
        service.world = before
    return answer


def _handled(call: Call) -> Answer:
    handler = call.endpoint.handler
    return revalidate(call, handler(call) if handler else default_answer(call.service.api, call.endpoint.operation))


def _shown(target: str, endpoint: Endpoint, route: Route) -> str:
    """Return a target as the log shows it: an undocumented query parameter may hold a secret, so its value is left out."""
    if route.query.keys() <= endpoint.query_names:
        return target
    pairs = (
        f"{quote(name)}={quote(value, safe='/') if name in endpoint.query_names else '...'}"
        for name, values in route.query.items()
        for value in values
    )
    return f"{target.partition('?')[0]}?{'&'.join(pairs)}"
