"""Serve the emulator over a socket: bind, say where in one JSON line, serve until told to stop."""

from __future__ import annotations

import json
import os
import socket
import sys

import uvicorn

from asdocumented.contracts import load_catalogue
from asdocumented.emulation.app import CONTROL, Emulator
from asdocumented.emulation.control import TOKEN_PATH
from asdocumented.errors import UsageError


class _Server(uvicorn.Server):
    """A server that prints the ready line once it accepts connections."""

    def __init__(self, config: uvicorn.Config, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets=sockets)
        sys.stdout.write(self._ready + "\n")
        sys.stdout.flush()


def serve(*, host: str = "127.0.0.1", port: int = 0, seed: int = 0, strict: bool = False) -> None:
    """Serve until SIGINT or SIGTERM; raises UsageError when the address cannot be had."""
    emulator = Emulator(load_catalogue(), seed=seed, strict=strict)
    listener = _listen(host, port)
    base = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    ready = {
        "ready": True,
        "apis": dict.fromkeys(emulator.catalogue.apis, base),
        "token_endpoint": base + TOKEN_PATH,
        "control": base + CONTROL,
        "pid": os.getpid(),
    }
    config = uvicorn.Config(
        emulator.app, log_level="warning", access_log=False, lifespan="off", server_header=False, date_header=True
    )
    _Server(config, json.dumps(ready)).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UsageError(
            "address-not-free",
            f"The emulator cannot listen at {host}:{port}: {error.strerror or error}.",
            remedy="Choose another port, or 0 for a free one.",
        ) from error
    listener.listen(2048)
    return listener
