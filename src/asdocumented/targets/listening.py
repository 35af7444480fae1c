"""A loopback listener for an ASGI application, opened when the first request needs a socket and closed with the run."""

from __future__ import annotations

import asyncio
import socket

import uvicorn
from starlette.types import ASGIApp


class Listener:
    """Serves an application on a free port of the loopback interface, inside the running event loop."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._url = ""

    async def url(self) -> str:
        """Return the base URL; the first call opens the socket."""
        if self._server is None:
            bound = socket.create_server(("127.0.0.1", 0))
            # No Date and no Server header: two runs with one seed leave the same bytes.
            config = uvicorn.Config(
                self._app,
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                date_header=False,
                ws="none",
                lifespan="off",
            )
            self._server = _Quiet(config)
            self._url = f"http://127.0.0.1:{bound.getsockname()[1]}"
            self._task = asyncio.create_task(self._server.serve(sockets=[bound]))
            while not self._server.started and not self._task.done():
                await asyncio.sleep(0)
        return self._url

    async def close(self) -> None:
        """Close the socket, if there is one."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
        self._server = self._task = None


class _Quiet(uvicorn.Server):
    """A server that leaves the signals of its process alone."""

    def capture_signals(self):  # type: ignore[no-untyped-def]
        """Capture nothing."""
        from contextlib import nullcontext

        return nullcontext()
