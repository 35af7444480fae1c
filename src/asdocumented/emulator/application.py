"""The emulator as an ASGI application: bytes to requests, replies to bytes, and nothing in between."""

from __future__ import annotations

from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from asdocumented.emulator.control import Control
from asdocumented.emulator.control_document import ROOT
from asdocumented.emulator.delivery import Courier
from asdocumented.emulator.messages import Reply, Request
from asdocumented.emulator.openid import OpenId
from asdocumented.emulator.pipeline import Pipeline

MAX_BODY = 1 << 20  # bytes; no documented body comes near it
_CHUNK_END = {"type": "http.response.body", "body": b""}


class Application:
    """Serves the APIs, the control API below `/_emulator`, and an authority that issues tokens."""

    def __init__(self, pipeline: Pipeline, control: Control, authority: OpenId, courier: Courier) -> None:
        self._pipeline = pipeline
        self._control = control
        self._authority = authority
        self._courier = courier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection's scope; a WebSocket is refused, since no API here has one."""
        if scope["type"] == "http":
            request = await _read(scope, receive)
            path = request.target.partition("?")[0]
            if path == ROOT or path.startswith(f"{ROOT}/"):
                reply = self._control.answer(request)
            elif self._authority.owns(path):
                reply = self._authority.answer(request, scope["scheme"])
            else:
                reply = self._pipeline.answer(request)
            if reply.delivery is None:
                await _write(reply, send, head=request.method == "HEAD")
            else:
                await self._courier.deliver(reply, receive, send, head=request.method == "HEAD")
        elif scope["type"] == "lifespan":
            await _live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})


async def _read(scope: Scope, receive: Receive) -> Request:
    """Return the whole request; what is longer than MAX_BODY is read and dropped, so that the client gets its answer."""
    body, length, more = b"", 0, True
    while more:
        message = await receive()
        chunk = message.get("body", b"")
        length += len(chunk)
        if length <= MAX_BODY:
            body += chunk
        more = message.get("more_body", False)
    headers: dict[str, tuple[str, ...]] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = (*headers[name], value) if name in headers else (value,)
    secure = scope.get("scheme") == "https"
    return Request(scope["method"], _target(scope), headers, body, oversized=length > MAX_BODY, secure=secure)


def _target(scope: Scope) -> str:
    """Return the raw path and query: `%2F` in an id must still be told from a slash."""
    raw = scope.get("raw_path") or quote(scope["path"]).encode()
    query = scope.get("query_string", b"")
    return (raw + b"?" + query if query else raw).decode("latin-1")


async def _write(reply: Reply, send: Send, *, head: bool) -> None:
    fields, content = reply.encoded()
    await send({"type": "http.response.start", "status": reply.status, "headers": fields})
    await send(_CHUNK_END if head else {"type": "http.response.body", "body": content})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
