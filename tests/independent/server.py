"""Serve the five documented operations over HTTP/1.1, healthy or with named deviations.

`operations.py` decides what an operation answers, `front.py` what every path does, `writing.py` how it is written down;
this module listens, and reads and sends the bytes.
Start it with `python tests/independent/server.py`, or in a test with `with running(deviations=["bom"]) as server:`.
"""

import argparse
import contextlib
import itertools
import json
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR, socket
from ssl import SSLContext, SSLError
from typing import Final, TypeAlias

if not __package__:  # started as a script: PEP 366, so that the relative import below works here too
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    __package__ = "independent"

from .deviations import DEVIATIONS, TROUBLES, VARIANTS
from .front import Front
from .messages import Refused, Request
from .operations import RESOURCES, TOKENS, Service, owner
from .writing import Writer, Written

__all__ = ["Asked", "InFront", "Server", "main", "running"]

LARGEST_BODY: Final = 1 << 20


@dataclass(frozen=True)
class Asked:
    """A request as what stands in front sees it; `number` counts from 0, and `done` says that it was carried out."""

    number: int
    method: str
    target: str
    done: bool


InFront: TypeAlias = Callable[[Asked], Iterable[bytes | float] | None]
"""Sees each request before and after it is carried out, and says what is sent instead: bytes, seconds to wait, and the end of the
connection. None lets it pass."""


@dataclass(frozen=True)
class Server:
    """A running server: where it is, what it accepts, and what it was asked so far."""

    base_url: str
    tokens: Mapping[str, Mapping[str, str]]
    resources: Mapping[str, str | list[str]]
    requests: list[tuple[str, str, int]] = field(default_factory=list)


class _Listener(ThreadingHTTPServer):
    """The listening socket, with what its connections share; closing it cuts them too."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, port: int, deviations: Iterable[str], in_front: InFront | None = None, secured: SSLContext | None = None
    ) -> None:
        """Listen on the loopback address; port 0 means any free one."""
        super().__init__(("127.0.0.1", port), _Connection)
        if secured is not None:
            self.socket = secured.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.in_front = in_front
        self.numbers = itertools.count()
        self.service = Service(deviations)
        self.front = Front(self.service)
        self.writer = Writer(self.service.deviates)
        self.seen = Server(f"http{'s' if secured else ''}://127.0.0.1:{self.server_port}", TOKENS, RESOURCES)
        self.refusals = itertools.count(1)
        self._open: set[socket] = set()

    def process_request(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        """Remember a connection while it is open."""
        if isinstance(request, socket):
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket | tuple[bytes, socket]) -> None:
        """Forget a connection that is closed."""
        if isinstance(request, socket):
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Stop listening, and cut connections that clients kept open."""
        super().server_close()
        for one in tuple(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(SHUT_RDWR)

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        """Stay silent when a client goes away; report anything else, which is a fault of ours."""
        if not isinstance(sys.exc_info()[1], ConnectionError | SSLError):
            super().handle_error(request, client_address)


class _Connection(BaseHTTPRequestHandler):
    """One client connection, kept alive between requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 60
    server: _Listener

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Take every method, known or not: what is not served is 405, never 501."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        target = self.path.encode("latin-1").decode("utf-8", "replace")
        headers: dict[str, str] = {}
        for name, value in self.headers.items():  # several of one name are one list (RFC 9110 section 5.3)
            headers[name.lower()] = ", ".join([*filter(None, [headers.get(name.lower())]), value.strip()])
        path = Request(self.command, target, {}).path
        asked_for = Asked(next(self.server.numbers), self.command, target, done=False)
        try:
            request = Request(self.command, target, headers, self._body())
            if self._is_taken(asked_for):
                return
            written = self.server.writer.answer(self.server.front.answer(request))
        except Refused as refused:
            written = self._refusal(refused, owner(path))
        if self._is_taken(replace(asked_for, done=True)):
            return
        self.server.seen.requests.append((self.command, path, written.status))
        asked = headers.get("x-ms-return-client-request-id", "").lower() == "true"
        in_front = (written.media_type or "").startswith("text/html")
        asked = asked and not in_front and not self._deviates("client-request-id-lost")
        own = {"x-ms-client-request-id": headers.get("x-ms-client-request-id", "")} if asked else {}
        self._send(replace(written, headers={**written.headers, **own}))

    def _is_taken(self, asked: Asked) -> bool:
        """Tell whether what stands in front answered, or did not, in place of the server; that ends the connection."""
        parts = self.server.in_front(asked) if self.server.in_front is not None else None
        if parts is None:
            return False
        self.close_connection = True
        for part in parts:
            if isinstance(part, float):
                time.sleep(part)
            else:
                self.wfile.write(part)
                self.wfile.flush()
        return True

    def _body(self) -> bytes:
        """Read the body whole; a request whose end is not known is refused and ends the connection."""
        lengths = set(self.headers.get_all("Content-Length", ["0"]))
        length = lengths.pop()
        if self._deviates("content-length-guessed"):
            digits = "".join(filter(str.isdigit, length))
            length = digits or "0"
        status = 0
        if self.headers.get("Transfer-Encoding") is not None:
            status = 411
        elif lengths or not (length.isascii() and length.isdigit()):
            status = 400
        elif len(length) > len(str(LARGEST_BODY)) or int(length) > LARGEST_BODY:
            status = 413
        if status == 400 and self._deviates("bad-length-closes"):
            raise ConnectionResetError("the length of the body is no number")
        if status:
            raise self._unreadable(status, "The length of the body is missing, malformed or too large.")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionResetError("the client left in the middle of a body")
        return body

    def _unreadable(self, status: int, message: str) -> Refused:
        self.close_connection = True
        page = self._deviates("gateway")
        return Refused(status, "RequestUnreadable", message, {"Connection": "close"}, html=page)

    def _deviates(self, name: str) -> bool:
        return self.server.service.deviates(name)

    def _refusal(self, refused: Refused, api: str | None) -> Written:
        request_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"acme:{next(self.server.refusals)}"))
        return self.server.writer.refusal(refused, api, request_id)

    def _send(self, written: Written) -> None:
        chunked = self._deviates("chunked-answers") and bool(written.body)
        if self._deviates("http-1.0"):
            self.protocol_version = "HTTP/1.0"
            self.close_connection = True
        if self._deviates("early-hints"):
            self.send_response_only(HTTPStatus.EARLY_HINTS)
            self.end_headers()
        self.send_response(written.status, "Acme" if self._deviates("other-reason-phrases") else None)
        for name, value in written.headers.items():
            for one in reversed(value.split(", ")) if self._deviates("lists-in-several-fields") else [value]:
                self.send_header(name, one)
        if written.media_type is not None:
            self.send_header("Content-Type", written.media_type)
        if self._deviates("closes-after-each"):
            self.send_header("Connection", "close")
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif written.status != HTTPStatus.NO_CONTENT and not self._deviates("http-1.0"):
            self.send_header("Content-Length", str(len(written.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(_chunked(written.body) if chunked else written.body)
        self.wfile.flush()

    def send_header(self, keyword: str, value: str) -> None:
        """Send a header field, with its name in the letter case of a variant."""
        if self._deviates("header-names-in-upper-case"):
            keyword = keyword.upper()
        if self._deviates("header-names-in-lower-case"):
            keyword = keyword.lower()
        super().send_header(keyword, value)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what cannot be parsed as HTTP, in place of the HTML page of the standard library."""
        self.request_version = self.protocol_version
        refused = self._unreadable(code, explain or message or "This is not HTTP.")
        self._send(self._refusal(refused, None))

    def version_string(self) -> str:
        """Name this implementation in the Server header."""
        return "acme"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Print nothing: standard output has the ready line only."""


def _chunked(body: bytes) -> bytes:
    """Cut a body in pieces of seven bytes (RFC 9112 section 7.1)."""
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    chunks = b"".join(b"%x;acme=1\r\n%s\r\n" % (len(each), each) for each in pieces)
    return chunks + b"0\r\nAcme-Trailer: 7\r\n\r\n"


@contextlib.contextmanager
def running(
    *,
    deviations: Iterable[str] = (),
    port: int = 0,
    in_front: InFront | None = None,
    secured: SSLContext | None = None,
) -> Iterator[Server]:
    """Serve in a thread until the block ends, over TLS where it is `secured`.

    Raise ValueError for a deviation or variant that does not exist.
    """
    wanted = frozenset(deviations)
    if unknown := sorted(wanted - DEVIATIONS.keys() - VARIANTS.keys() - TROUBLES.keys()):
        raise ValueError(f"no such deviation: {', '.join(unknown)}")
    with _Listener(port, wanted, in_front, secured) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield listener.seen
        finally:
            listener.shutdown()
            thread.join()


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted, after one line of JSON that says where."""
    parser = argparse.ArgumentParser(description="Serve the five documented operations on the loopback address.")
    parser.add_argument("--port", type=int, default=0, help="0, the default, means any free port")
    parser.add_argument(
        "--deviation",
        nargs="+",
        action="extend",
        default=[],
        choices=[*DEVIATIONS, *VARIANTS, *TROUBLES],
        metavar="NAME",
    )
    parser.add_argument("--list-deviations", action="store_true", help="print the names with descriptions, then exit")
    chosen = parser.parse_args(arguments)
    if chosen.list_deviations:
        print(
            "\n".join(f"{name}: {description}" for name, description in {**DEVIATIONS, **VARIANTS, **TROUBLES}.items())
        )
        return 0
    with contextlib.suppress(KeyboardInterrupt), running(deviations=chosen.deviation, port=chosen.port) as server:
        ready = {"base_url": server.base_url, "tokens": server.tokens, "resources": server.resources}
        print(json.dumps(ready), flush=True)
        threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
