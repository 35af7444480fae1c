"""What the ASGI application makes of scopes and messages that servers differ in."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.emulator.client import ACCESS, FIRST, VERSION, Client, assignment


def exchange(client: Client, scope: dict[str, Any], received: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Call the application with a scope and messages; return what it sends."""
    waiting = iter(received)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(waiting)

    async def send(message: Any) -> None:
        sent.append(message)

    async def call() -> None:
        await client.emulator.app(scope, receive, send)

    asyncio.run(call())
    return sent


def http(client: Client, **changes: Any) -> dict[str, Any]:
    """Return the scope of a list of role assignments."""
    name, value = client.emulator.credential(ACCESS, "admin") or ("", "")
    return {
        "type": "http",
        "method": "GET",
        "path": "/roleAssignments",
        "query_string": VERSION.encode(),
        "headers": [(name.lower().encode(), value.encode())],
        **changes,
    }


def test_lifespan_is_acknowledged(client: Client) -> None:
    """Start and end of the server are acknowledged."""
    sent = exchange(client, {"type": "lifespan"}, [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    assert [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}] == sent


def test_websocket_is_refused(client: Client) -> None:
    """A WebSocket is closed before it opens."""
    assert [{"type": "websocket.close", "code": 1000}] == exchange(client, {"type": "websocket"}, [])


def test_raw_path_is_optional(client: Client) -> None:
    """A server that gives no raw path is served by the decoded one."""
    sent = exchange(client, http(client), [{"type": "http.request"}])

    assert 200 == sent[0]["status"]


def test_body_comes_in_chunks(client: Client) -> None:
    """A body that comes in several messages is read as a whole."""
    content = Client().send("PUT", "/x", json=assignment()).request.content
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": content[:9], "more_body": True},
        {"type": "http.request", "body": content[9:]},
    ]
    scope = http(client, method="PUT", path=f"/roleAssignments/{FIRST}")
    scope["headers"].append((b"content-type", b"application/json"))

    assert 200 == exchange(client, scope, messages)[0]["status"]


def test_vanished_client_is_borne(client: Client) -> None:
    """A client that goes away before it has sent its body breaks nothing."""
    sent = exchange(client, http(client), [{"type": "http.disconnect"}])

    assert 2 == len(sent)
