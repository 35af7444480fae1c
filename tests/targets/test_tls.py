"""A URL with the wrong scheme is told in one sentence, over a real socket."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from asdocumented.emulator.certificates import Tls, certificate
from asdocumented.targets.tls import speaks_tls
from tests.independent.server import running
from tests.support import asdoc

ACCESS = "azure-synapse-access-control"
_REFUSED = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class _Tls(socketserver.BaseRequestHandler):
    """Hands TLS to clients that begin with it, and something else to all others."""

    server: _TlsServer

    def handle(self) -> None:
        """Answer one connection."""
        if self.request.recv(1, socket.MSG_PEEK) == b"\x16":
            with contextlib.suppress(OSError):
                self.server.context.wrap_socket(self.request, server_side=True).close()
        elif self.server.plain is None:
            self.request.sendall(b"\x15\x03\x01\x00\x02\x02\x46")  # an alert, and the end
        else:
            self.request.recv(1 << 16)
            self.request.sendall(self.server.plain)


class _TlsServer(socketserver.ThreadingTCPServer):
    """A server on loopback with a certificate of its own."""

    daemon_threads = True
    context: ssl.SSLContext
    plain: bytes | None


@contextlib.contextmanager
def tls_server(*, plain: bytes | None) -> Iterator[int]:
    """Serve TLS on a free port; a client that speaks plain HTTP gets `plain`, or an alert and the end."""
    with certificate(Tls(), "127.0.0.1") as made, _TlsServer(("127.0.0.1", 0), _Tls) as server:
        server.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        server.context.load_cert_chain(made.chain, made.key)
        server.plain = plain
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_plain_server_speaks_no_tls() -> None:
    """A server of plain HTTP, and a port where nobody listens, are not taken for one with TLS."""
    with running() as server:
        assert not speaks_tls(urlsplit(server.base_url))
    assert not speaks_tls(urlsplit("http://127.0.0.1:9"))


@pytest.mark.parametrize("reply", [None, _REFUSED], ids=["hangs up", "answers"])
def test_server_with_tls_is_told(tmp_path: Path, reply: bytes | None) -> None:
    """An http URL of a server that speaks TLS ends with 5 and one sentence, whether it hangs up or answers in plain words."""
    with tls_server(plain=reply) as port:
        done = asdoc("run", "--target", f"http://127.0.0.1:{port}", "--api", ACCESS, "--output", "out", cwd=tmp_path)

    assert 5 == done.code
    assert "speaks TLS, and not plain HTTP" in done.stderr
    assert f"https://127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr
