"""Servers that do one silly thing whatever they are asked, for tests: none of them may ever look conformant."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import NamedTuple

from tests.independent.operations import RESOURCES, TOKENS
from tests.independent.server import Server

JSON = {"Content-Type": "application/json"}
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_STATUSES = (200, 201, 202, 204, 206, 301, 304, 400, 401, 403, 404, 405, 409, 412, 418, 429, 500, 501, 502, 503, 599)


class Asked(NamedTuple):
    """What a silly server knows of a request: which one it is, its body and its media type."""

    number: int
    body: bytes
    media_type: str


class Said(NamedTuple):
    """What a silly server answers."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""


def _always(status: int, headers: Mapping[str, str] | None = None, body: object = None) -> Callable[[Asked], Said]:
    text = b"" if body is None else json.dumps(body).encode()
    return lambda asked: Said(status, {**(JSON if text else {}), **(headers or {})}, text)


def _random(asked: Asked) -> Said:
    chance = random.Random(asked.number)
    body = chance.choice(
        [b"", b"{}", b"[]", b"null", b'{"error": {"code": "x", "message": "y"}}', b'{"count": 0, "value": []}']
    )
    headers = chance.choice([JSON, {}, {"Allow": _METHODS}])
    return Said(chance.choice(_STATUSES), {**headers, "Retry-After": "0"}, body)


_ERRORS = {
    "error": {"code": "Refused", "message": "No."},
    "errorCode": "Refused",
    "message": "No.",
    "type": "com.vmware.vapi.std.errors.not_found",
    "value": {"messages": [{"id": "no", "default_message": "No.", "args": []}]},
}
"""An error that has the form of every API at once."""

SILLY: Mapping[str, Callable[[Asked], Said | None]] = {
    "200 with an object": _always(200, body={}),
    "200 with an empty list": _always(200, body={"count": 0, "value": []}),
    "200 with nothing": _always(200),
    "200 with a page": lambda asked: Said(200, {"Content-Type": "text/html"}, b"<html><body>It works!</body></html>"),
    "200 with the request's body": lambda asked: Said(200, {"Content-Type": asked.media_type}, asked.body),
    "200 with a deep list": lambda asked: Said(200, JSON, b"[" * 50_000 + b"]" * 50_000),
    "200 with a huge number": lambda asked: Said(200, JSON, b'{"count": ' + b"9" * 5_000 + b"}"),
    "204": _always(204),
    "302": _always(302, {"Location": "/"}),
    "400": _always(400, body=_ERRORS),
    "401": _always(401, {"WWW-Authenticate": "Bearer"}, _ERRORS),
    "401 without a word": _always(401),
    "403": _always(403, body=_ERRORS),
    "404": _always(404, body=_ERRORS),
    "405": _always(405, {"Allow": _METHODS}, _ERRORS),
    "409": _always(409, body=_ERRORS),
    "429": _always(429, {"Retry-After": "1"}, _ERRORS),
    "500": _always(500, body=_ERRORS),
    "503": _always(503),
    "closes the connection": lambda asked: None,
    "any status": _random,
}

REFUSING = (
    "400",
    "401",
    "401 without a word",
    "403",
    "404",
    "405",
    "409",
    "429",
    "500",
    "503",
    "closes the connection",
)
"""Those that never do what they are asked to do."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Callable[[Asked], Said | None]) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.answer = answer
        self.numbers = count()

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: a client that goes away is no fault."""


class _Connection(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Listener

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0").lstrip("+")
        body = self.rfile.read(int(length) if length.isdigit() else 0)
        said = self.server.answer(Asked(next(self.server.numbers), body, self.headers.get("Content-Type", "")))
        if said is None:
            return
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Print nothing."""


@contextmanager
def silly(name: str) -> Iterator[Server]:
    """Serve one silly thing in a thread until the block ends, with what the independent server says that it has."""
    with _Listener(SILLY[name]) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield Server(f"http://127.0.0.1:{listener.server_port}", TOKENS, RESOURCES)
        finally:
            listener.shutdown()
            thread.join()
