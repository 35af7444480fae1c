"""How a connection fails beyond what httpx has exceptions for."""

from __future__ import annotations

import httpx


class StaleConnectionError(httpx.ReadError):
    """The server closed a connection that was kept open since an earlier request: it may not have seen this one."""


class MalformedAnswerError(httpx.RemoteProtocolError):
    """What came is no HTTP, or ended before it was complete."""
