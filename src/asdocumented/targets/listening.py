"""A loopback listener for an ASGI application, opened when the first request needs a socket and closed with the run."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # imported when something has to be listened for
    import asyncio

    import uvicorn
    from starlette.types import ASGIApp


class Listener:
    """Serves an application on a free port of the loopback interface, inside the running event loop.

    `protocol` gives the class that reads HTTP off a connection.
    """

    def __init__(self, app: ASGIApp, protocol: Callable[[], type[asyncio.Protocol]]) -> None:
        self._app = app
        self._protocol = protocol
        self._server: uvicorn.Server | None = None
        self._sockets: list[socket.socket] = []

    async def url(self) -> str:
        """Return the base URL; the first call opens the socket."""
        if self._server is None:
            await self._open()
        return f"http://127.0.0.1:{self._sockets[0].getsockname()[1]}"

    async def _open(self) -> None:
        import uvicorn

        # No Date and no Server header: two runs with one seed leave the same bytes.
        config = uvicorn.Config(
            self._app,
            http=self._protocol(),
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,
            ws="none",
            lifespan="off",
        )
        config.load()
        self._sockets = [_bound()]
        # Not serve(): it takes the signals of the process, and looks only ten times a second whether it should end.
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(sockets=self._sockets)

    async def close(self) -> None:
        """Close the socket, if there is one."""
        if self._server is not None:
            # Not shutdown(): it waits a tenth of a second for connections, and all are closed.
            for each in self._server.servers:
                each.close()
        self._server, self._sockets = None, []


def _bound() -> socket.socket:
    """Return a socket on a free port of the loopback interface.

    It names its protocol, without which asyncio lets each answer in two pieces wait for the client's delayed acknowledgement.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.bind(("127.0.0.1", 0))
    return bound
