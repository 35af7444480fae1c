"""Raw requests: what comes back, and why nothing does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from asdocumented.wire import Answer, NoAnswerError, send

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()  # until the client goes
    writer.close()


async def _closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


async def _hinting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 400 No\r\nContent-Length: 2\r\n\r\nno")
    writer.close()


def asked(serve: Serve, *, timeout: float = 30) -> Answer:
    """Return what a server on loopback answers to one raw request."""

    async def ask() -> Answer:
        over = asyncio.Event()

        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await serve(reader, writer)
            await writer.wait_closed()
            over.set()

        async with await asyncio.start_server(serve_one, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            try:
                return await send(f"http://127.0.0.1:{port}", "GET", "/", (), b"", timeout=timeout)
            finally:
                await over.wait()

    return asyncio.run(ask())


def test_answer_follows_hints() -> None:
    """An interim response is not the answer."""
    got = asked(_hinting)

    assert (400, b"no") == (got.status, got.content)


def test_closed_connection_is_the_servers_doing() -> None:
    """A server that ends the connection has refused the request."""
    with pytest.raises(NoAnswerError) as caught:
        asked(_closing)

    assert caught.value.by_server


def test_silence_refuses_nothing() -> None:
    """A server that keeps silent has refused nothing: the wait may have been too short."""
    with pytest.raises(NoAnswerError) as caught:
        asked(_silent, timeout=0.01)

    assert not caught.value.by_server
