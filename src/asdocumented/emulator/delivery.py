"""Bring an answer to the client late, in pieces or not at all, as a slow network or a server in trouble does.

The emulator has answered by then: what the request changed is changed. Nothing here blocks other requests.
"""

from __future__ import annotations

from typing import Any

from starlette.types import Receive, Send

from asdocumented.emulator.clock import Clock
from asdocumented.emulator.messages import Delivery, Reply
from asdocumented.emulator.raw import drafted, written
from asdocumented.emulator.switches import LONGEST
from asdocumented.emulator.worlds import Draws

_PIECES = 10
_UNSUPPORTED = Reply(501, {"error": "this server does not let the emulator end a connection"})


class Courier:
    """Delivers answers that are not sent at once; what it draws is drawn from the source of the switches."""

    def __init__(self, clock: Clock, draws: Draws) -> None:
        self._clock = clock
        self._draws = draws

    async def deliver(self, reply: Reply, receive: Receive, send: Send, *, head: bool) -> None:
        """Send a reply as its delivery says; `head` leaves its content out."""
        delivery = reply.delivery or Delivery()
        late = self._draws.random() * delivery.jitter if delivery.jitter else 0.0
        await self._clock.wait(min(delivery.wait + late, LONGEST))
        ends_after, connection = delivery.ends_after, _connection(send)
        if delivery.raw and connection is not None:
            await _write(reply, delivery, connection, receive, head=head)
            return
        if delivery.raw:
            reply = _UNSUPPORTED
        if ends_after is not None and connection is None:
            reply, ends_after = _UNSUPPORTED, None
        fields, content = reply.encoded()
        content = b"" if head else content
        if ends_after is None or ends_after < 0:
            if ends_after is None:
                await send(_start(reply, fields))
                await self._send_pieces(content, delivery.spread, send)
        else:
            await send(_start(reply, fields))
            await send(_body(content[:ends_after], more=True))
        if ends_after is not None:
            connection.close()
            await _until_closed(receive)

    async def _send_pieces(self, content: bytes, seconds: float, send: Send) -> None:
        size = max(1, -(-len(content) // _PIECES)) if seconds else len(content)
        pieces = [content[at : at + size] for at in range(0, len(content), size)] if content else []
        for piece in pieces[:-1]:
            await send(_body(piece, more=True))
            await self._clock.wait(seconds / (len(pieces) - 1))
        await send(_body(b"".join(pieces[-1:]), more=False))


async def _write(reply: Reply, delivery: Delivery, connection: Any, receive: Receive, *, head: bool) -> None:
    fields, content = reply.encoded()
    draft = written(drafted(reply.status, fields, b"" if head else content), delivery.raw)
    connection.write(draft.encoded())
    if not draft.stalls:
        connection.close()
    await _until_closed(receive)


def _connection(send: Send) -> Any:
    """Return the transport below a request, or None: ASGI has no word for it, and uvicorn's request cycle holds it."""
    found = getattr(getattr(send, "__self__", None), "transport", None)
    return found if callable(getattr(found, "close", None)) else None


async def _until_closed(receive: Receive) -> None:
    """Wait until the server knows that the connection has ended, so that it does not complain about the answer."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _start(reply: Reply, fields: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": reply.status, "headers": fields}


def _body(content: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": more}
