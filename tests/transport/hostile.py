"""Servers on loopback that do what networks and gateways do, and targets that ask them with a clock that nobody waits for."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from asdocumented.contracts.model import Tier
from asdocumented.exchanges import Sender
from asdocumented.plans import Call
from asdocumented.secrets import Redactor
from asdocumented.targets.description import ApiDescription, Description
from asdocumented.targets.remote import RemoteTarget
from asdocumented.traces import Exchange
from tests.judge.traces import ACCESS, Conversation, catalogue

END = None
"""What a script yields to close the connection."""


class Asked(NamedTuple):
    """A request as a hostile server saw it; `number` counts from 0."""

    number: int
    line: str
    headers: dict[str, str]
    body: bytes


Script = Callable[[Asked], Iterable[bytes | float | None]]
"""What is done for a request: bytes to send, seconds to wait, or END."""


def said(status: int, body: object = b"", **headers: str) -> bytes:
    """Return an answer as bytes; a body that is no bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {} if isinstance(body, bytes) else {"content-type": "application/json"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, f"content-length: {len(content)}", "", ""]).encode() + content


EMPTY = {"count": 0, "value": []}
"""A documented list of role assignments."""

PAGE = said(502, b"<html>Bad Gateway</html>", content_type="text/html")


class Hostile(socketserver.ThreadingTCPServer):
    """Answers as its script says and remembers what it was asked."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.script = script
        self.tls = tls
        self.asked: list[Asked] = []
        self.connections = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Return its base URL."""
        return f"http{'s' if self.tls else ''}://localhost:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent: a client that goes away is no fault."""


class _Connection(socketserver.StreamRequestHandler):
    server: Hostile

    def setup(self) -> None:
        with self.server.lock:
            self.server.connections += 1
        if self.server.tls is not None:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while (asked := self._read()) is not None:
                for part in self.server.script(asked):
                    if part is END:
                        return
                    if isinstance(part, float):
                        time.sleep(part)
                    else:
                        self.wfile.write(part)
                        self.wfile.flush()

    def _read(self) -> Asked | None:
        line = self.rfile.readline().decode().strip()
        if not line:
            return None
        headers = {}
        while text := self.rfile.readline().decode().strip():
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", "0")))
        with self.server.lock:
            asked = Asked(len(self.server.asked), line, headers, body)
            self.server.asked.append(asked)
        return asked


@contextmanager
def hostile(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[Hostile]:
    """Serve a script in threads until the block ends."""
    with Hostile(script, tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class Hasty(RemoteTarget):
    """A target whose clock goes on when it is waited for; nobody sleeps."""

    def __init__(self, description: Description) -> None:
        super().__init__(catalogue(), description)
        self.waits: list[float] = []

    async def credential(self, api: str, identity: str, security: str) -> tuple[str, str] | None:
        """Return a credential: everybody has one."""
        return "authorization", f"Bearer token-of-{identity}"

    def now(self) -> float:
        """Return the system's time, and what was waited for."""
        return time.time() + sum(self.waits)

    async def wait(self, seconds: float) -> None:
        """Take note of a wait."""
        self.waits.append(seconds)
        await asyncio.sleep(0)


def target(url: str, *, api: str = ACCESS, described: dict[str, Any] | None = None, **options: Any) -> Hasty:
    """Return a server as a target with one API; `described` are more fields of the API's description."""
    apis = {api: ApiDescription(url, **(described or {}))}
    return Hasty(Description("hostile", apis, allow=Tier.DISRUPTIVE, intrusive=True, **options))


def valid(operation: str) -> Call:
    """Return a valid call."""
    return Conversation().call(operation)


def sent(found: Hasty, *calls: Call, **options: Any) -> list[Exchange]:
    """Return every exchange that comes of sending calls one after the other."""
    exchanges: list[Exchange] = []

    async def send() -> None:
        async with found.client() as client:
            sender = Sender(found, catalogue().apis, Redactor(), client)
            for call in calls:
                exchanges.append(await sender.send(call, note=exchanges.append, **options))

    asyncio.run(send())
    return exchanges
