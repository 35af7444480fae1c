"""The calls that tools are told of: read from `calls.yaml`, made whole from the contracts, and sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

import httpx
import yaml

from asdocumented.contracts.model import Operation
from asdocumented.emulator.emulator import Emulator
from benchmarks.emulator import admin_header, catalogue
from benchmarks.processes import UnmeasurableError

_FILE = Path(__file__).with_name("calls.yaml")
_JSON = "application/json"
_PATIENCE = 20  # seconds for one answer


@dataclass(frozen=True, slots=True)
class Call:
    """One request that a tool makes, and the status that its page says follows. An invalid one breaks the document."""

    operation: Operation
    status: int
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    credential: tuple[str, str] | None
    body: Any = None
    invalid: bool = False

    @property
    def method(self) -> str:
        """Return the method of its operation."""
        return self.operation.method

    @property
    def location(self) -> str:
        """Return the path with its values in place."""
        location = self.operation.path
        for name, value in self.path.items():
            location = location.replace(f"{{{name}}}", quote(value, safe=""))
        return location

    @property
    def target(self) -> str:
        """Return path and query."""
        return f"{self.location}?{urlencode(self.query)}" if self.query else self.location

    def fields(self) -> dict[str, str]:
        """Return its header fields, with the credential and the type of the body."""
        fields = {"Accept": _JSON, **self.headers}
        if self.credential:
            fields[self.credential[0]] = self.credential[1]
        if self.body is not None:
            fields["Content-Type"] = _JSON
        return fields

    def content(self) -> bytes | None:
        """Return the bytes of its body."""
        return None if self.body is None else json.dumps(self.body).encode()


@dataclass(frozen=True, slots=True)
class Script:
    """What is said of one API: how it is prepared, which calls are made then, and the error statuses to list."""

    api: str
    state: str
    statuses: tuple[int, ...]
    setup: tuple[Call, ...] = ()
    calls: tuple[Call, ...] = field(default=())


@cache
def scripts() -> Mapping[str, Script]:
    """Return what is said of each API."""
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {
        api: Script(
            api,
            said.get("state", ""),
            tuple(said["statuses"]),
            tuple(_call(api, each) for each in said.get("setup", ())),
            tuple(_call(api, each) for each in said["calls"]),
        )
        for api, said in read.items()
    }


def _call(api: str, line: Mapping[str, Any]) -> Call:
    operation = catalogue().apis[api].operations[line["operation"]]
    values: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}
    given = line.get("arguments", {})
    for parameter in operation.parameters:
        value = given.get(parameter.name, _known(api, parameter) if parameter.required else None)
        if value is not None:
            values[parameter.location][parameter.name] = str(value)
    return Call(
        operation,
        line["status"],
        values["path"],
        values["query"],
        values["header"],
        None if line.get("anonymous") else credential(api, operation.security),
        line.get("body"),
        line.get("invalid", False),
    )


def _known(api: str, parameter: Any) -> str | None:
    """Return the only value of a parameter, or the first thing that exists and that it can name."""
    if "const" in parameter.schema:
        return str(parameter.schema["const"])
    resource = catalogue().apis[api].resources.get(parameter.resource)
    return resource.values[0] if resource is not None and resource.values else None


@cache
def credential(api: str, security: str) -> tuple[str, str]:
    """Return the admin's header for an API, good for a day."""
    if security != "basic":
        name, _, value = admin_header(api).partition(": ")
        return name, value
    held = Emulator(catalogue()).credential(api, "admin", security=security)
    if held is None:
        raise UnmeasurableError(f"the emulator has no password for {api}")
    return held


def send(client: httpx.Client, calls: Sequence[Call]) -> Iterator[tuple[Call, httpx.Response]]:
    """Make the calls one after the other; yield each with what came back."""
    for call in calls:
        yield call, client.request(call.method, call.target, headers=call.fields(), content=call.content())


Recorded: TypeAlias = Sequence[tuple[Call, httpx.Response]]
"""The calls that a tool is told of, and what the clean emulator answered."""


def client(base_url: str) -> httpx.Client:
    """Return a client for a server on this machine."""
    return httpx.Client(base_url=base_url, verify=False, trust_env=False, timeout=_PATIENCE)  # noqa: S501 - loopback, no TLS
