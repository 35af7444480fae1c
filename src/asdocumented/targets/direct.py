"""Call an ASGI application without a socket.

httpx has a transport for this, which looks for another event loop's library on disk at every request: a tenth of the time that
a request to the emulator takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import httpx
from starlette.types import ASGIApp


class DirectTransport(httpx.AsyncBaseTransport):
    """Gives each request to an application, and its whole answer back. What the application raises is raised."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the application's answer to a request."""
        content = await request.aread()
        answer = _Answer(request.method)
        messages = [{"type": "http.request", "body": content, "more_body": False}]

        async def receive() -> MutableMapping[str, Any]:
            if messages:
                return messages.pop()
            await answer.complete.wait()
            return {"type": "http.disconnect"}

        url = request.url
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": url.raw_path.partition(b"?")[0],
            "query_string": url.query,
            "server": (url.host, url.port),
            "client": ("127.0.0.1", 123),
            "root_path": "",
        }
        await self._app(scope, receive, answer.send)
        return httpx.Response(answer.status, headers=answer.headers, stream=httpx.ByteStream(bytes(answer.body)))


class _Answer:
    """What an application sends: status, headers, body; none to HEAD."""

    def __init__(self, method: str) -> None:
        self.status, self.body = 0, bytearray()
        self.headers: list[tuple[bytes, bytes]] = []
        self.complete = asyncio.Event()
        self._has_body = method != "HEAD"

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Take one message of the application."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", ()))
            return
        if self._has_body:
            self.body += message.get("body", b"")
        if not message.get("more_body", False):
            self.complete.set()
