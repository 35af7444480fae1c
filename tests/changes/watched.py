"""An emulator behind TLS that other processes run against, and that tells a test of each request before it is answered."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import uvicorn
from starlette.types import Message, Receive, Scope, Send

from asdocumented.emulator import Emulator
from asdocumented.emulator.certificates import Tls, certificate
from asdocumented.emulator.clock import Clock
from asdocumented.emulator.tokens import sign
from tests.support import catalogue

ACCESS = "azure-synapse-access-control"
MIRRORING = "microsoft-fabric-mirroring"
VCENTER = "vmware-vcenter-hvc"
APIS = (ACCESS, MIRRORING, VCENTER)
DATABASE = "mirrored-database"
ASSIGNMENT = "role-assignment"
_LOOK = "/getMirroringStatus"
_LONG = 10 * 365 * 24 * 3600
_BETWEEN_LOOKS = 2  # seconds of the emulator's clock, so that nobody has to wait for a stop
_PATIENCE = 60


class Seen(NamedTuple):
    """A request as a test sees it: its number, and whether the emulator has carried it out."""

    number: int
    method: str
    path: str
    done: bool


At = Callable[[Seen], bool]
"""Is told of each request before and after it is carried out; where it says False, the request is never answered."""


@dataclass
class Watched:
    """An emulator that is served in a thread of the tests. `at` is asked about every request of an API."""

    emulator: Emulator
    url: str = ""
    ca_file: str = ""
    at: At = field(default=lambda seen: True)
    count: int = 0
    ready: threading.Event = field(default_factory=threading.Event)
    server: _Server | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless the test takes it."""
        if scope["type"] != "http":
            await self.emulator.app(scope, receive, send)
            return
        if scope["path"].endswith(_LOOK):
            self.emulator.clock.advance(_BETWEEN_LOOKS)
        self.count += 1
        seen = Seen(self.count, scope["method"], scope["path"], done=False)
        if not self.at(seen):
            raise ConnectionAbortedError
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self.emulator.app(scope, receive, keep)
        if not self.at(seen._replace(done=True)):
            raise ConnectionAbortedError
        for message in kept:
            await send(message)

    def desert(self) -> None:
        """Close every connection, and take none any more; to be called where requests are answered."""
        assert self.server is not None
        for each in self.server.servers:
            each.close()
        for connection in list(self.server.server_state.connections):
            connection.transport.abort()  # type: ignore[union-attr]

    def return_(self) -> None:
        """Listen again where it listened before."""
        server, port = self.server, int(self.url.rpartition(":")[2])
        assert server is not None
        bound = socket.create_server(("127.0.0.1", port))
        asyncio.run_coroutine_threadsafe(server.startup(sockets=[bound]), server.loop).result(_PATIENCE)  # type: ignore[attr-defined]

    def again(self, at: At | None = None) -> None:
        """Begin to count anew, with another test's question."""
        self.count = 0
        self.at = at or (lambda seen: True)

    def somebody_assigns(self, assignment: Mapping[str, str]) -> None:
        """Put a role assignment there that no run made."""
        self.emulator._services[ACCESS].world.pools[ASSIGNMENT][assignment["id"]] = dict(assignment)

    @property
    def assignments(self) -> dict[str, object]:
        """Return what role assignments there are."""
        return dict(self._world(ACCESS)["pools"][ASSIGNMENT])

    @property
    def mirroring(self) -> list[str]:
        """Return what the mirrored databases have come to rest at, or go to."""
        ends = {"Starting": "Running", "Stopping": "Stopped"}
        states = [each.get("status", "Running") for each in self._world(MIRRORING)["pools"][DATABASE].values()]
        return [ends.get(each, each) for each in states]

    @property
    def sessions(self) -> int:
        """Return how many sessions are open."""
        return len(self._world(VCENTER)["sessions"])

    def _world(self, api: str) -> dict[str, dict[str, dict[str, dict[str, str]]]]:
        exported = self.emulator.export_state()["apis"][api]
        return exported.get("world", exported)  # type: ignore[no-any-return]


class _Server(uvicorn.Server):
    """A server that tells when it listens."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._told = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        await super().startup(sockets=sockets)
        self._told.set()


@contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    """Serve a watched emulator over TLS while the block lasts."""
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)  # clients that go away are what these tests are about
    app = Watched(Emulator(catalogue(), seed=0, clock=Clock()))
    with socket.create_server(("127.0.0.1", 0)) as bound, certificate(Tls(folder / "ca.pem"), "127.0.0.1") as pair:
        config = uvicorn.Config(
            app, log_config=None, ws="none", lifespan="off", ssl_certfile=pair.chain, ssl_keyfile=pair.key
        )
        server = app.server = _Server(config, app.ready)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        assert app.ready.wait(_PATIENCE)
        app.url = f"https://127.0.0.1:{bound.getsockname()[1]}"
        app.ca_file = str(pair.authority)
        try:
            yield app
        finally:
            server.should_exit = True
            thread.join(_PATIENCE)


def variable(api: str, identity: str) -> str:
    """Return the name of the environment variable with a token."""
    return f"TOKEN_{api}_{identity}".upper().replace("-", "_")


def environment_of(app: Watched, state: Path) -> dict[str, str]:
    """Return what a process needs beside its options: tokens, whom to trust, and a folder for what outlives it."""
    now = app.emulator.clock.now()
    tokens = {
        variable(name, who): sign(catalogue().apis[name], who, seed=0, now=now, expires_in=_LONG)
        for name in APIS
        for who, each in catalogue().apis[name].identities.items()
        if each.kind != "none"
    }
    return {**tokens, "SSL_CERT_FILE": app.ca_file, "ASDOC_STATE": str(state)}


def write_targets(app: Watched, file: Path, *more: str, allow: str = "disruptive") -> Path:
    """Write a targets file that names the emulator `mine`; `more` are lines for the API of mirroring, which comes last."""
    lines = ["[targets.mine]", f'allow = "{allow}"', "intrusive = true"]
    for name in (ACCESS, VCENTER, MIRRORING):
        api = catalogue().apis[name]
        lines += [f"[targets.mine.apis.{name}]", f'base-url = "{app.url}"', "deadline = 20", "interval = 0.01"]
        lines += [
            f"credentials.{who} = {{env = {json.dumps(variable(name, who))}}}"
            for who, each in api.identities.items()
            if each.kind != "none"
        ]
        lines += [
            f"resources.{pool} = {json.dumps(list(each.values))}" for pool, each in api.resources.items() if each.values
        ]
    file.write_text("\n".join([*lines, *more, ""]), encoding="utf-8")
    return file
