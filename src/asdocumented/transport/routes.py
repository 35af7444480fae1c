"""How connections to a server are made, and how long it is waited for: plain data, which asks for no HTTP library."""

from __future__ import annotations

import ssl
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """How connections to one server are made: what secures them, the name to verify, and a proxy's URL."""

    tls: ssl.SSLContext | None = None
    server_name: str = ""
    proxy: str = ""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to connect, and seconds of silence while an answer is waited for."""

    connect: float
    silence: float
