"""Serve an emulator over HTTP until a signal ends it."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType

import uvicorn

from asdocumented.contracts import load_catalogue
from asdocumented.contracts.model import Catalogue
from asdocumented.emulator import state_file
from asdocumented.emulator.certificates import Certificate, Tls, certificate
from asdocumented.emulator.control_document import ROOT
from asdocumented.emulator.emulator import Emulator
from asdocumented.emulator.openid import AUTHORITY
from asdocumented.emulator.token_endpoint import PATH as TOKEN_PATH
from asdocumented.errors import UsageError

_LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}},
    "loggers": {"uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
}

_HOW_TO_TRUST = (
    "Give ca_file to the client: curl --cacert, SSL_CERT_FILE (asdoc, httpx), REQUESTS_CA_BUNDLE (requests), "
    "connection_verify (SDKs for Azure). It is for tests alone."
)


def serve(*, host: str, port: int, seed: int, strict: bool, state: Path | None = None, tls: Tls | None = None) -> None:
    """Serve the emulator at an address, over TLS if asked; port 0 takes a free one. Returns after SIGINT or SIGTERM.

    When it is ready, one JSON line on stdout names the base URL of each API and, over TLS, what a client has to trust. With
    `state` it goes on from the state in that file, if it is there, and leaves its own there. Raises UsageError when the address
    or a file cannot be had.
    """
    catalogue = load_catalogue()
    emulator = Emulator(catalogue, seed=seed, strict=strict)
    if state is not None:
        state_file.load(emulator, state)
    bound = _bind(host, port)
    config = uvicorn.Config(
        emulator.app,
        http=emulator.protocol(),
        log_config=_LOGGING,
        access_log=False,
        server_header=False,
        date_header=False,  # the emulator gives its own time
        ws="none",
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    with bound, _ended_by_signals(server), nullcontext() if tls is None else certificate(tls, host) as pair:
        if pair is not None:
            config.ssl_certfile, config.ssl_keyfile = pair.chain, pair.key
        server.line = json.dumps(_announcement(catalogue, bound, pair))
        server.run(sockets=[bound])
    if state is not None:
        state_file.save(emulator, state)


class _Server(uvicorn.Server):
    """A server that prints a line once it listens."""

    line = ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            sys.stdout.write(f"{self.line}\n")
            sys.stdout.flush()


def _bind(host: str, port: int) -> socket.socket:
    """Return a bound socket, so that a port in use is told before anything is printed."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)  # without the protocol asyncio leaves Nagle's algorithm on
    except OSError as error:
        raise _unavailable(host, port, error) from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((address[0], port, *address[2:]))
        bound.listen()
    except (OSError, OverflowError) as error:
        bound.close()
        raise _unavailable(host, port, error) from error
    return bound


def _unavailable(host: str, port: int, error: Exception) -> UsageError:
    why = getattr(error, "strerror", None) or str(error)
    remedy = "Choose another --port, or 0 for a free one."
    return UsageError("address-unavailable", f"The emulator cannot listen at {host} port {port}: {why}.", remedy=remedy)


def _announcement(catalogue: Catalogue, bound: socket.socket, pair: Certificate | None) -> dict[str, object]:
    host, port = bound.getsockname()[:2]
    place = f"[{host}]:{port}" if bound.family == socket.AF_INET6 else f"{host}:{port}"
    base = f"{'http' if pair is None else 'https'}://{place}"
    return {
        "ready": True,
        "apis": dict.fromkeys(catalogue.apis, base),
        "token_endpoint": f"{base}{ROOT}{TOKEN_PATH}",
        "authority": f"{base}{AUTHORITY}",
        "control": f"{base}{ROOT}",
        "pid": os.getpid(),
        **({} if pair is None else _trust(pair)),
    }


def _trust(pair: Certificate) -> dict[str, object]:
    """Return how a client comes to trust the server."""
    if pair.authority is None:
        return {"trust": f"Clients trust whoever signed {pair.chain}."}
    return {"ca_file": str(pair.authority), "trust": _HOW_TO_TRUST}


@contextmanager
def _ended_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the server and nothing else: uvicorn raises them again when it is done."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    before = {each: signal.signal(each, end) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
