"""Whole runs through a proxy, with and without credentials: all goes through it, and its password is written nowhere."""

from __future__ import annotations

import base64
import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support import at_once, slow
from tests.transport.whole import Authority, Done, whole

_USER, _PASSWORD = "proxied", "a-Password-of-the-proxy-7419"
_BASIC = base64.b64encode(f"{_USER}:{_PASSWORD}".encode()).decode()
_NARROW = ("--operation", "list-role-assignments", "--quiet")
_HOST = "api.acme.example"
"""A name that nobody can look up: who reaches it went through the proxy."""


class Proxy(socketserver.ThreadingTCPServer):
    """Passes everything on to one server, whatever host it is for; it may ask for credentials."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *, asks: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.asks = asks
        self.server = ("127.0.0.1", 0)
        self.lines: list[str] = []
        self.refused = 0

    def told(self, url: str) -> None:
        """Take note of where the server is."""
        self.server = ("127.0.0.1", urlsplit(url).port or 0)

    def url(self, *, known: bool) -> str:
        """Return its URL, with the credentials that it asks for where they are known."""
        return f"http://{f'{_USER}:{_PASSWORD}@' if known else ''}127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: a client that goes away is no fault."""


class _Passing(socketserver.StreamRequestHandler):
    server: Proxy  # type: ignore[assignment]

    def handle(self) -> None:
        """Pass one request on, or one connection."""
        line = self.rfile.readline().decode("latin-1").strip()
        fields: list[str] = []
        while field := self.rfile.readline().decode("latin-1").strip():
            fields.append(field)
        given = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in fields)}
        if not line:  # a look whether anybody is there
            return
        self.server.lines.append(line)
        if self.server.asks and given.get("proxy-authorization") != f"Basic {_BASIC}":
            self.server.refused += 1
            self.wfile.write(
                b"HTTP/1.1 407 X\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
            return
        with socket.create_connection(self.server.server, timeout=30) as other:
            if line.startswith("CONNECT "):
                self.wfile.write(b"HTTP/1.1 200 X\r\n\r\n")
                self._tunnel(other)
            else:
                self._pass_on(other, line, fields, int(given.get("content-length", "0")))

    def _tunnel(self, other: socket.socket) -> None:
        back = threading.Thread(target=_pump, args=(other, self.connection), daemon=True)
        back.start()
        _pump(self.connection, other)
        back.join(5)

    def _pass_on(self, other: socket.socket, line: str, fields: list[str], length: int) -> None:
        method, url, version = line.split(" ")
        parts = urlsplit(url)
        kept = [each for each in fields if not each.lower().startswith(("proxy-", "connection:"))]
        path = url.removeprefix(f"{parts.scheme}://{parts.netloc}")
        head = "\r\n".join([f"{method} {path} {version}", *kept, "connection: close", "", ""])
        other.sendall(head.encode("latin-1") + self.rfile.read(length))
        answer = b"".join(iter(lambda: other.recv(65_536), b""))
        status, _, rest = answer.partition(b"\r\n")
        self.wfile.write(status + b"\r\nconnection: close\r\n" + rest)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def _proxy(*, asks: bool) -> Iterator[Proxy]:
    with Proxy(asks=asks) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()


def _through(
    folder: Path, authority: Authority, *, scheme: str, asks: bool, known: bool, in_file: bool
) -> tuple[Done, Proxy]:
    """Run through a proxy of its own, which the file names or the environment."""
    with _proxy(asks=asks) as proxy:
        url = proxy.url(known=known)
        named = [f'proxy = "{url}"'] if in_file else []
        trust = [f'ca-file = "{authority.ca_file}"'] if scheme == "https" else []
        done = whole(
            folder,
            None,
            *_NARROW,
            api=[*named, *trust],
            base_url=f"{scheme}://{_HOST}",
            secured=authority.secure(_HOST) if scheme == "https" else None,
            env={} if in_file else {f"{scheme}_proxy": url, "no_proxy": ""},
            told=proxy.told,
        )
    return done, proxy


_RUNS: Mapping[str, dict[str, Any]] = {
    "http": {"scheme": "http", "asks": False, "known": False, "in_file": True},
    "https": {"scheme": "https", "asks": False, "known": False, "in_file": True},
    "http, known": {"scheme": "http", "asks": True, "known": True, "in_file": False},
    "https, known": {"scheme": "https", "asks": True, "known": True, "in_file": False},
    "https, unknown": {"scheme": "https", "asks": True, "known": False, "in_file": True},
    "https, refused": {"scheme": "https", "asks": True, "known": False, "in_file": False},
}

_TUNNELS = [name for name, how in _RUNS.items() if how["scheme"] == "https"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, tuple[Done, Proxy]]]:
    """Make every run, side by side."""
    folder = tmp_path_factory.mktemp("proxied")
    authority = Authority(folder / "authority")
    jobs = {name: partial(_through, folder / name.replace(", ", "-"), authority, **how) for name, how in _RUNS.items()}
    with at_once(jobs) as futures:
        yield {name: future.result() for name, future in futures.items()}


@slow
@pytest.mark.parametrize("name", ["http", "https", "http, known", "https, known"])
def test_every_request_goes_through_the_proxy(name: str, runs: Mapping[str, tuple[Done, Proxy]]) -> None:
    """Behind a proxy everything that a client sends is judged; over TLS it sees no more than the host."""
    done, proxy = runs[name]
    begins = f"CONNECT {_HOST}:443 HTTP/1.1"
    status = done.requirements["azure-synapse-access-control/list-role-assignments/response/status"]

    assert done.code in (0, 4), done.stderr
    assert [] == done.failing
    assert done.asked > 20
    assert "pass" == status["profiles"]["documented"]
    assert proxy.lines
    assert [] == [
        line for line in proxy.lines if line != begins and (name in _TUNNELS or f" http://{_HOST}/" not in line)
    ]
    assert 0 == proxy.refused


@slow
@pytest.mark.parametrize("name", _RUNS)
def test_password_of_the_proxy_is_written_nowhere(name: str, runs: Mapping[str, tuple[Done, Proxy]]) -> None:
    """No artefact, journal or message has the proxy's password, as it is or in base64."""
    texts = runs[name][0].texts()

    assert "requirement" in texts
    assert [] == [each for each in (_PASSWORD, _BASIC) if each in texts]


@slow
@pytest.mark.parametrize("name", ["https, unknown", "https, refused"])
def test_proxy_that_refuses_is_nobodys_fault(name: str, runs: Mapping[str, tuple[Done, Proxy]]) -> None:
    """A proxy that asks for credentials which nobody gave lets nothing through: the run says so, and nothing fails."""
    done, proxy = runs[name]

    assert (5, 0, []) == (done.code, done.asked, done.failing)
    assert proxy.refused
    assert "407" in done.stderr
