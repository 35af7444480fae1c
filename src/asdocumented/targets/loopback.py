"""The bundled emulator as a target over a socket of this process, for answers that only bytes on a connection can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from asdocumented.contracts.model import Catalogue
from asdocumented.targets.description import Limits, Pace
from asdocumented.targets.emulated import EmulatorTarget
from asdocumented.transport.manners import Manners
from asdocumented.transport.plain import PlainClient
from asdocumented.transport.routes import Route, Timeouts

if TYPE_CHECKING:
    from asdocumented.targets.listening import Listener


class LoopbackTarget(EmulatorTarget):
    """The emulator behind the connections and the manners of a live target; its clock is moved and never waited for.

    `silence` is for how many seconds an answer is waited for. Recorded URLs are those of a started emulator, as in process.
    """

    def __init__(self, catalogue: Catalogue, *, seed: int = 0, silence: float = 30.0) -> None:
        super().__init__(catalogue, seed=seed)
        self._limits = Limits(connect=10.0, answer=silence)
        self.manners = Manners(Pace(concurrency=1), self._limits)

    def client(self) -> httpx.AsyncClient:
        """Return a client whose connections lead to the listener, wherever a URL leads."""
        return PlainClient(transport=_Rerouted(self._listener, self._limits), follow_redirects=False, trust_env=False)


class _Rerouted(httpx.AsyncBaseTransport):
    """The connections of a live target, all of which lead to one listener."""

    def __init__(self, listener: Listener, limits: Limits) -> None:
        self._listener = listener
        self._limits = limits
        self._inner: httpx.AsyncBaseTransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the listener, with the Host that it came with."""
        from asdocumented.transport.client import make_connections  # imported when a socket is needed

        url = httpx.URL(await self._listener.url())
        if self._inner is None:
            timeouts = Timeouts(self._limits.connect, self._limits.answer)
            self._inner = make_connections({str(url): Route()}, timeouts, 1)
        moved = request.url.copy_with(scheme=url.scheme, host=url.host, port=url.port)
        sent = httpx.Request(request.method, moved, headers=request.headers.raw, stream=request.stream)
        return await self._inner.handle_async_request(sent)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._inner is not None:
            await self._inner.aclose()
