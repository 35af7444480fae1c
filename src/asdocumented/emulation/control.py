"""The control API of the emulator, below `/_emulator`: states, switches, the request log, tokens.

It is no part of any documented API. Its own OpenAPI document is made from the same table as its routes.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from asdocumented import __version__
from asdocumented.emulation import tokens
from asdocumented.emulation.fidelity import LEDGER
from asdocumented.emulation.switches import SWITCHES, make_switch
from asdocumented.errors import UsageError

if TYPE_CHECKING:
    from asdocumented.emulation.app import Emulator

Handle = Callable[["Emulator", Any], Any]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One route of the control API. `takes` are the fields of its JSON body: name -> JSON type."""

    method: str
    path: str
    summary: str
    handle: Handle
    takes: tuple[tuple[str, str], ...] = ()


def _states(emulator: Emulator, body: Any) -> Any:
    return {name: dict(api.states) for name, api in emulator.catalogue.apis.items()}


def _arrange(emulator: Emulator, body: Any) -> Any:
    return {"resources": {pool: list(ids) for pool, ids in emulator.arrange(body["api"], body["state"]).items()}}


def _resources(emulator: Emulator, body: Any) -> Any:
    return {api: {pool: list(ids) for pool, ids in pools.items()} for api, pools in emulator.resources.items()}


def _reset(emulator: Emulator, body: Any) -> Any:
    emulator.reset()
    return {}


def _switches(emulator: Emulator, body: Any) -> Any:
    on = [
        {"name": each.name, "operation": each.operation, "arguments": dict(each.arguments)}
        for each in emulator.switches.on
    ]
    known = {name: {"about": about, "arguments": list(arguments)} for name, (about, arguments) in SWITCHES.items()}
    return {"on": on, "known": known}


def _switch(emulator: Emulator, body: Any) -> Any:
    emulator.switches.on.append(make_switch(body["name"], body.get("operation", "*"), body.get("arguments", {})))
    return _switches(emulator, body)


def _clear(emulator: Emulator, body: Any) -> Any:
    emulator.clear_switches()
    return {}


def _log(emulator: Emulator, body: Any) -> Any:
    return {"requests": list(emulator.log)}


def _forget(emulator: Emulator, body: Any) -> Any:
    emulator.log.clear()
    return {}


def _fidelity(emulator: Emulator, body: Any) -> Any:
    return {"ledger": [each._asdict() for each in LEDGER]}


_TABLE = (
    _Entry("GET", "/_emulator/states", "List the states that each API can be brought into.", _states),
    _Entry(
        "POST",
        "/_emulator/states",
        "Bring an API into a state from scratch.",
        _arrange,
        (("api", "string"), ("state", "string")),
    ),
    _Entry("GET", "/_emulator/resources", "List what exists, by API and kind.", _resources),
    _Entry("POST", "/_emulator/reset", "Go back to the start.", _reset),
    _Entry("GET", "/_emulator/switches", "List the switches that are on, and all that there are.", _switches),
    _Entry("POST", "/_emulator/switches", "Turn a switch on.", _switch, (("name", "string"),)),
    _Entry("DELETE", "/_emulator/switches", "Turn every switch off.", _clear),
    _Entry("GET", "/_emulator/requests", "List the requests, each with the rule that refused it.", _log),
    _Entry("DELETE", "/_emulator/requests", "Forget the requests.", _forget),
    _Entry("GET", "/_emulator/fidelity", "List what each behaviour of the emulator rests on.", _fidelity),
)
TOKEN_PATH = "/_emulator/oauth2/v2.0/token"  # noqa: S105 - a path


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the control API."""
    paths: dict[str, dict[str, Any]] = {}
    for entry in _TABLE:
        paths.setdefault(entry.path, {})[entry.method.lower()] = _described(entry)
    form = {"application/x-www-form-urlencoded": {"schema": {"type": "object", "required": ["grant_type", "scope"]}}}
    token = {
        "summary": "Get a token (RFC 6749 section 4.4): client_id is an identity, scope an audience and /.default.",
        "requestBody": {"required": True, "content": form},
        "responses": {"200": {"description": "A token."}, "400": {"description": "An error of RFC 6749."}},
    }
    paths[TOKEN_PATH] = {"post": token}
    return {
        "openapi": "3.1.0",
        "info": {"title": "asdocumented emulator control", "version": __version__},
        "paths": paths,
    }


def _described(entry: _Entry) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": entry.summary,
        "responses": {"200": {"description": "Done.", "content": {"application/json": {"schema": {"type": "object"}}}}},
    }
    if entry.takes:
        schema = {
            "type": "object",
            "required": [name for name, _ in entry.takes],
            "properties": {name: {"type": kind} for name, kind in entry.takes},
        }
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        described["responses"]["400"] = {
            "description": "What was asked for does not exist; the message suggests what does."
        }
    return described


def control_app(emulator: Emulator) -> Starlette:
    """Return the application of the control API for one emulator."""
    routes = [Route("/_emulator/openapi.json", lambda request: JSONResponse(document()))]
    routes += [Route(entry.path, _endpoint(emulator, entry), methods=[entry.method]) for entry in _TABLE]
    routes.append(Route(TOKEN_PATH, _token_endpoint(emulator), methods=["POST"]))
    return Starlette(routes=routes)


def _endpoint(emulator: Emulator, entry: _Entry) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        body: Any = {}
        if entry.takes:
            try:
                body = await request.json()
            except ValueError:
                return _mistake("The body is not JSON.")
            missing = [
                name for name, _ in entry.takes if not isinstance(body, dict) or not isinstance(body.get(name), str)
            ]
            if missing:
                return _mistake(f"The body lacks {', '.join(missing)} (a string).")
        try:
            return JSONResponse(entry.handle(emulator, body))
        except UsageError as error:
            return _mistake(str(error))

    return endpoint


def _mistake(message: str) -> Response:
    return JSONResponse({"error": message}, status_code=400)


def _token_endpoint(emulator: Emulator) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        form = {key: values[0] for key, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
        if form.get("grant_type") != "client_credentials":
            return _oauth("unsupported_grant_type", "Only client_credentials is supported.")
        audience = form.get("scope", "").removesuffix("/.default")
        api = next((each for each in emulator.catalogue.apis.values() if each.credential["audience"] == audience), None)
        if api is None:
            return _oauth("invalid_scope", "No API here has this audience.")
        identity = form.get("client_id") or _basic_user(request)
        if identity not in api.identities or identity == "anonymous":
            return _oauth("invalid_client", "No identity here has this client_id.")
        token = tokens.sign(api, identity, seed=emulator.seed, now=emulator.clock.now())
        return JSONResponse(
            {"token_type": "Bearer", "expires_in": 3600, "access_token": token}, headers={"cache-control": "no-store"}
        )

    return endpoint


def _basic_user(request: Request) -> str:
    value = request.headers.get("authorization", "").removeprefix("Basic ")
    try:
        return base64.b64decode(value).decode().partition(":")[0]
    except ValueError:
        return ""


def _oauth(code: str, description: str) -> Response:
    return JSONResponse({"error": code, "error_description": description}, status_code=400)
