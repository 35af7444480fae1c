"""What was sent and what came back, as plain recorded data.

Everything here is as it is recorded: secrets are already markers (`secrets.py`), so the judge sees the same thing during a
run and years later.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

Headers: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it went out. `target` is the raw path and query, relative to the API's base URL."""

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first header of that name (compared without case), or None."""
        return _first(self.headers, name)


@dataclass(frozen=True, slots=True)
class Response:
    """A response as it came in; `body` is the whole content, byte for byte."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first header of that name (compared without case), or None."""
        return _first(self.headers, name)

    def values(self, name: str) -> tuple[str, ...]:
        """Return the value of every header of that name."""
        return tuple(value for key, value in self.headers if key.lower() == name.lower())

    def listed(self, name: str) -> str | None:
        """Return every header of that name as one list (RFC 9110 section 5.3), or None."""
        values = self.values(name)
        return ", ".join(values) if values else None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to one API and its response, or the reason why no complete response came.

    `again` says why the same request was sent once more after this (a 429 that was obeyed, a gateway's error, an expired
    token). Such an exchange is recorded and never judged: what counts is the one that came of it in the end.
    """

    id: int
    api: str
    server: str
    request: Request
    response: Response | None
    failure: str = ""  # why there is no response, or none that is the target's own
    environmental: bool = (
        False  # the failure says nothing about the target (no connection was made, a gateway answered)
    )
    again: str = ""
    part: int = 0  # in a journal: which scenario it came of, in the order of the plan; 0 where it came in that order


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A state that was arranged outside the API (by a control API or by hand) before the exchanges after it.

    `resources` are the ids that it leaves behind, by kind of resource. `part` is as in an exchange.
    """

    api: str
    state: str
    resources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    part: int = 0


class Why(StrEnum):
    """What a request is for that a run sends beside its plan."""

    LOGIN = "login"
    LOGOUT = "logout"
    LOOK = "look"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """A request beside the plan: to log in, to end a session, to look before a change, to take one back. It is never judged."""

    why: Why
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Leftover:
    """What a run could not put back as it was, in a sentence."""

    said: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a target's resources: pool -> ids that exist, and ids that were made up for this run."""

    existing: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trace:
    """A run's events in the order in which they happened, and the facts about the target."""

    events: tuple[Exchange | Arrangement, ...]
    facts: Facts = Facts()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Return the exchanges without the arrangements."""
        return tuple(event for event in self.events if isinstance(event, Exchange))


def _first(headers: Headers, name: str) -> str | None:
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


def _encode(body: bytes) -> dict[str, str]:
    """Return a body as text where it is UTF-8, else as base64; an empty body as nothing."""
    if not body:
        return {}
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}


def _decode(record: Mapping[str, Any]) -> bytes:
    if "base64" in record:
        return base64.b64decode(record["base64"])
    return str(record.get("body", "")).encode("utf-8", errors="surrogatepass")


def exchange_record(exchange: Exchange) -> dict[str, Any]:
    """Return an exchange as the JSON object of its line in a report."""
    request, response = exchange.request, exchange.response
    record: dict[str, Any] = {
        "kind": "exchange",
        "id": exchange.id,
        "api": exchange.api,
        "server": exchange.server,
        "request": {
            "method": request.method,
            "target": request.target,
            "headers": [list(header) for header in request.headers],
            **_encode(request.body),
        },
    }
    if response is not None:
        record["response"] = {
            "status": response.status,
            "headers": [list(header) for header in response.headers],
            **_encode(response.body),
        }
    if exchange.failure:
        record["failure"] = exchange.failure
        record["environmental"] = exchange.environmental
    if exchange.again:
        record["again"] = exchange.again
    if exchange.part:
        record["part"] = exchange.part
    return record


def exchange_from_record(record: Mapping[str, Any]) -> Exchange:
    """Return the exchange that `exchange_record` wrote."""
    request, response = record["request"], record.get("response")
    return Exchange(
        id=record["id"],
        api=record["api"],
        server=record["server"],
        request=Request(
            method=request["method"],
            target=request["target"],
            headers=tuple((name, value) for name, value in request["headers"]),
            body=_decode(request),
        ),
        response=None
        if response is None
        else Response(
            status=response["status"],
            headers=tuple((name, value) for name, value in response["headers"]),
            body=_decode(response),
        ),
        failure=record.get("failure", ""),
        environmental=record.get("environmental", False),
        again=record.get("again", ""),
    )


def arrangement_record(arrangement: Arrangement) -> dict[str, Any]:
    """Return an arrangement as the JSON object of its line in a report."""
    resources = {kind: list(ids) for kind, ids in sorted(arrangement.resources.items())}
    record = {"kind": "arrangement", "api": arrangement.api, "state": arrangement.state, "resources": resources}
    return record | ({"part": arrangement.part} if arrangement.part else {})


def arrangement_from_record(record: Mapping[str, Any]) -> Arrangement:
    """Return the arrangement that `arrangement_record` wrote."""
    return Arrangement(record["api"], record["state"], {kind: tuple(ids) for kind, ids in record["resources"].items()})


def housekeeping_record(kept: Housekeeping) -> dict[str, Any]:
    """Return a request beside the plan as the JSON object of its line in a report."""
    return {**exchange_record(kept.exchange), "kind": "housekeeping", "why": str(kept.why)}


def leftover_record(left: Leftover) -> dict[str, Any]:
    """Return what could not be put back as the JSON object of its line in a report."""
    return {"kind": "leftover", "said": left.said}


def facts_record(facts: Facts) -> dict[str, Any]:
    """Return the facts as a JSON object."""
    return {
        "existing": {
            api: {kind: list(ids) for kind, ids in sorted(pools.items())}
            for api, pools in sorted(facts.existing.items())
        },
        "absent": sorted(facts.absent),
    }


def facts_from_record(record: Mapping[str, Any]) -> Facts:
    """Return the facts that `facts_record` wrote."""
    existing = {api: {kind: tuple(ids) for kind, ids in pools.items()} for api, pools in record["existing"].items()}
    return Facts(existing, frozenset(record["absent"]))
