"""The control API below `/_emulator`: states, switches, latency, clock, log and ledger of an emulator that runs as a server.

Every route is a line of one table, from which its OpenAPI document is built too (`control_document`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import jsonschema_rs

from asdocumented.contracts.model import JSON
from asdocumented.emulator import strict_json, switches, token_endpoint
from asdocumented.emulator.clock import parsed_timestamp, timestamp
from asdocumented.emulator.control_document import ROOT, Shape, array, document, mapping, record, text
from asdocumented.emulator.fidelity import Source, ledger
from asdocumented.emulator.messages import Reply, Request
from asdocumented.emulator.state import schema, switch_line
from asdocumented.errors import UsageError

if TYPE_CHECKING:
    from asdocumented.emulator.emulator import Emulator

Action: TypeAlias = Callable[["Emulator", JSON], JSON]


@dataclass(frozen=True, slots=True)
class ControlRoute:
    """One operation of the control API: what it takes and gives as JSON Schemas (None: no body)."""

    method: str
    path: str
    operation_id: str
    summary: str
    action: Action
    gives: Shape | None
    takes: Shape | None = None


def _states(emulator: Emulator, _body: JSON) -> JSON:
    return {name: dict(api.states) for name, api in emulator.catalogue.apis.items()}


def _arrange(emulator: Emulator, body: JSON) -> JSON:
    left = emulator.arrange(body["api"], body["state"])
    return {"api": body["api"], "state": body["state"], "resources": {pool: list(ids) for pool, ids in left.items()}}


def _resources(emulator: Emulator, _body: JSON) -> JSON:
    return {api: {pool: list(ids) for pool, ids in pools.items()} for api, pools in emulator.resources.items()}


def _reset(emulator: Emulator, _body: JSON) -> JSON:
    emulator.reset()
    return None


def _switches(emulator: Emulator, _body: JSON) -> JSON:
    known = {
        name: {"description": each.description, "needs": list(each.needs), "takes": list(each.takes)}
        for name, each in switches.KNOWN.items()
    }
    return {"known": known, "on": _on(emulator)}


def _on(emulator: Emulator) -> JSON:
    return [switch_line(each) for each in emulator.switches]


def _switch(emulator: Emulator, body: JSON) -> JSON:
    emulator.add_switch(switches.Switch(**body))
    return {"on": _on(emulator)}


def _clear_switches(emulator: Emulator, _body: JSON) -> JSON:
    emulator.clear_switches()
    return None


def _latency(emulator: Emulator, _body: JSON) -> JSON:
    return [
        {"operation": each.operation, "jitter": 0, **each.arguments}
        for each in emulator.switches
        if each.name == "latency"
    ]


def _late(emulator: Emulator, body: JSON) -> JSON:
    emulator.late(**body)
    return _latency(emulator, None)


def _in_time(emulator: Emulator, _body: JSON) -> JSON:
    emulator.in_time()
    return None


def _state(emulator: Emulator, _body: JSON) -> JSON:
    return emulator.export_state()


def _take_state(emulator: Emulator, body: JSON) -> JSON:
    emulator.import_state(body)
    return None


def _requests(emulator: Emulator, _body: JSON) -> JSON:
    return [{**each._asdict(), "notes": list(each.notes)} for each in emulator.log]


def _clear_requests(emulator: Emulator, _body: JSON) -> JSON:
    emulator.clear_log()
    return None


def _now(emulator: Emulator, _body: JSON) -> JSON:
    hands = emulator.clock.hands
    return {"now": timestamp(emulator.clock.now()), "frozen": hands.frozen is not None, "step_ms": hands.step_ms}


def _advance(emulator: Emulator, body: JSON) -> JSON:
    emulator.clock.advance(body["seconds"])
    return _now(emulator, None)


def _set_time(emulator: Emulator, body: JSON) -> JSON:
    emulator.clock.set(parsed_timestamp(body["now"]))
    return _now(emulator, None)


def _freeze(emulator: Emulator, body: JSON) -> JSON:
    emulator.clock.freeze(body.get("step_ms", 0))
    return _now(emulator, None)


def _resume(emulator: Emulator, _body: JSON) -> JSON:
    emulator.clock.resume()
    return _now(emulator, None)


def _fidelity(_emulator: Emulator, _body: JSON) -> JSON:
    return [each._asdict() for each in ledger()]


def _document(_emulator: Emulator, _body: JSON) -> JSON:
    return document(ROUTES)


_POOLS = mapping(array(text()))
_LIMITS: Shape = {
    "times": {
        "description": "for how many more requests; null: without end",
        "type": ["integer", "null"],
        "minimum": 1,
        "maximum": switches.MOST_TIMES,
    },
    "share": {
        "description": "for which part of the requests; the seed draws which",
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1,
    },
    "alternates": {
        "description": "whether it is on for every second alone of the requests whose answer it changes",
        "type": "boolean",
    },
}
_SWITCH = record(
    {"name": text(), "operation": text(), "arguments": {"type": "object"}, **_LIMITS},
    optional=("operation", "arguments", *_LIMITS),
)
_SECONDS: Shape = {"type": "number", "minimum": 0, "maximum": switches.LONGEST}
_LATENCY = record({"operation": text(), "seconds": _SECONDS, "jitter": _SECONDS}, optional=("operation", "jitter"))
_KNOWN = record({"description": text(), "needs": array(text()), "takes": array(text())})
_STEP: Shape = {"type": "integer", "minimum": 0, "maximum": 3_600_000}
_NOW = record({"now": text(format="date-time"), "frozen": {"type": "boolean"}, "step_ms": _STEP})
_RECORD = record(
    {
        **{name: text() for name in ("method", "target", "api", "operation", "identity", "rule")},
        "status": {"type": "integer"},
        "notes": array(text()),
    }
)
_ENTRY = record(
    {"subject": text(), "conduct": text(), "source": text(enum=[each.value for each in Source]), "reference": text()}
)

ROUTES: tuple[ControlRoute, ...] = (
    ControlRoute("GET", "/openapi.json", "getDocument", "This document.", _document, {"type": "object"}),
    ControlRoute("GET", "/states", "listStates", "The states of each API.", _states, mapping(mapping(text()))),
    ControlRoute(
        "POST",
        "/states",
        "arrangeState",
        "Put one API into a state, from scratch.",
        _arrange,
        record({"api": text(), "state": text(), "resources": _POOLS}),
        record({"api": text(), "state": text()}),
    ),
    ControlRoute("GET", "/resources", "listResources", "The ids that exist now.", _resources, mapping(_POOLS)),
    ControlRoute("POST", "/reset", "reset", "Go back to the start: states, switches and log.", _reset, None),
    ControlRoute(
        "GET",
        "/switches",
        "listSwitches",
        "The switches that there are, and those that are on.",
        _switches,
        record({"known": mapping(_KNOWN), "on": array(_SWITCH)}),
    ),
    ControlRoute(
        "POST", "/switches", "addSwitch", "Put a switch on.", _switch, record({"on": array(_SWITCH)}), _SWITCH
    ),
    ControlRoute("DELETE", "/switches", "clearSwitches", "Put every switch off.", _clear_switches, None),
    ControlRoute(
        "GET",
        "/requests",
        "listRequests",
        "The latest requests, and the rule that refused each.",
        _requests,
        array(_RECORD),
    ),
    ControlRoute("DELETE", "/requests", "clearRequests", "Forget the requests.", _clear_requests, None),
    ControlRoute("GET", "/latency", "listLatencies", "How late answers come.", _latency, array(_LATENCY)),
    ControlRoute(
        "POST",
        "/latency",
        "setLatency",
        "Let the answers of operations come late, by so many seconds and up to `jitter` more.",
        _late,
        array(_LATENCY),
        _LATENCY,
    ),
    ControlRoute("DELETE", "/latency", "clearLatencies", "Let every answer come at once.", _in_time, None),
    ControlRoute("GET", "/state", "exportState", "The whole state, without credentials.", _state, schema()),
    ControlRoute("PUT", "/state", "importState", "Go on from an exported state.", _take_state, None, schema()),
    ControlRoute("GET", "/clock", "getTime", "The emulator's time.", _now, _NOW),
    ControlRoute(
        "PUT",
        "/clock",
        "setTime",
        "Set the emulator's time.",
        _set_time,
        _NOW,
        record({"now": text(format="date-time")}),
    ),
    ControlRoute(
        "POST",
        "/clock/freeze",
        "freezeTime",
        "Let the emulator's time stand still, but for a step with each request.",
        _freeze,
        _NOW,
        record({"step_ms": _STEP}, optional=("step_ms",)),
    ),
    ControlRoute("POST", "/clock/resume", "resumeTime", "Let the emulator's time run on.", _resume, _NOW),
    ControlRoute(
        "POST",
        "/clock",
        "advanceTime",
        "Move the emulator's time forward.",
        _advance,
        _NOW,
        record({"seconds": {"type": "number", "minimum": 0, "maximum": 31_536_000}}),
    ),
    ControlRoute("GET", "/fidelity", "getFidelity", "What the emulator's conduct rests on.", _fidelity, array(_ENTRY)),
)


class Control:
    """Answers requests below `/_emulator`."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._routes = {(route.method, f"{ROOT}{route.path}"): route for route in ROUTES}
        self._valid = {
            route.operation_id: jsonschema_rs.Draft202012Validator(route.takes)
            for route in ROUTES
            if route.takes is not None
        }

    def answer(self, request: Request) -> Reply:
        """Return the reply to a request of the control API or of the token endpoint."""
        path = request.target.partition("?")[0]
        if path == f"{ROOT}{token_endpoint.PATH}" and request.method == "POST":
            emulator = self._emulator
            return token_endpoint.issue(emulator.catalogue, request, seed=emulator.seed, now=emulator.clock.now())
        route = self._routes.get((request.method, path))
        if route is None:
            return self._unrouted(path)
        try:
            return self._perform(route, request)
        except UsageError as error:
            return _error(400, error.code, f"{error.message} {error.remedy}".strip())

    def _perform(self, route: ControlRoute, request: Request) -> Reply:
        body: JSON = None
        if route.takes is not None and not request.oversized and not request.body and self._needs_nothing(route):
            body = {}
        elif route.takes is not None:
            # A page in a browser cannot send this media type to another origin without asking first.
            if request.header("content-type").partition(";")[0].strip().lower() != "application/json":
                return _error(415, "media-type", "The body is application/json.")
            if request.oversized:
                return _error(413, "body-too-long", "The body is longer than this server reads.")
            try:
                body = strict_json.parse(request.body)
                self._valid[route.operation_id].validate(body)
            except (strict_json.NotJsonError, jsonschema_rs.ValidationError) as error:
                return _error(
                    400, "body-invalid", f"The body does not fit the operation: {getattr(error, 'message', error)}."
                )
        given = route.action(self._emulator, body)
        return Reply(204) if route.gives is None else Reply(200, given)

    def _needs_nothing(self, route: ControlRoute) -> bool:
        """Tell whether `{}` fits the operation, which no body at all then stands for."""
        return self._valid[route.operation_id].is_valid({})

    def _unrouted(self, path: str) -> Reply:
        methods = {method for method, known in self._routes if known == path}
        if path == f"{ROOT}{token_endpoint.PATH}":
            methods = {"POST"}
        if not methods:
            return _error(404, "route-missing", f"The control API has no such path; {ROOT}/openapi.json has them all.")
        reply = _error(405, "method-not-allowed", f"The path has {', '.join(sorted(methods))}.")
        return Reply(reply.status, reply.body, (("allow", ", ".join(sorted(methods))),))


def _error(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"error": code, "message": message})
