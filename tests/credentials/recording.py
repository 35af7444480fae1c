"""A server that writes down every request as it came, with a login that makes sessions, to see what leaves the harness."""

from __future__ import annotations

import base64
import binascii
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOGIN = "/rest/com/vmware/cis/session"
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE")


@dataclass(frozen=True)
class Asked:
    """A request: its method, its path and query, its header fields with names in lower case, and its body."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def values(self, name: str) -> list[str]:
        """Return the values of a header."""
        return [value for key, value in self.headers if key == name]

    @property
    def logins(self) -> list[tuple[str, str]]:
        """Return every user name and password in it, behind whatever scheme."""
        found = []
        for value in self.values("authorization"):
            try:
                user, colon, password = (
                    base64.b64decode(value.rpartition(" ")[2], validate=True).decode().partition(":")
                )
            except (binascii.Error, UnicodeDecodeError):
                continue
            found += [(user, password)] if colon else []
        return found


@dataclass
class Recorder:
    """What a recording server knows: where it is, what it was asked, whose password is right, which sessions are open."""

    url: str = ""
    passwords: Mapping[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    open: set[str] = field(default_factory=set)
    answer: Callable[[Asked], tuple[int, Mapping[str, str], bytes] | None] = lambda asked: None

    def answered(self, asked: Asked) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body of the answer to a request."""
        self.asked.append(asked)
        own = self.answer(asked)
        if own is not None:
            return own
        if asked.target == LOGIN and asked.method == "POST":
            if not asked.logins or any(self.passwords.get(user) != password for user, password in asked.logins):
                return 401, {}, b""
            session = f"session-{len(self.opened)}-of-{asked.logins[0][0]}"
            self.opened.append(session)
            self.open.add(session)
            return 200, {"Content-Type": "application/json"}, json.dumps({"value": session}).encode()
        session = "".join(asked.values("vmware-api-session-id"))
        if session not in self.open:
            return 401, {}, b""
        if asked.target == LOGIN and asked.method == "DELETE":
            self.open.remove(session)
        return 200, {"Content-Type": "application/json"}, b"{}"


@contextmanager
def recording(**passwords: str) -> Iterator[Recorder]:
    """Serve on loopback while the block lasts; the block gets what the server writes down."""
    recorder = Recorder(passwords=passwords)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 0.5  # seconds for the rest of a body whose length is a lie

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            fields = tuple((name.lower(), value) for name, value in self.headers.items())
            with lock:
                status, headers, content = recorder.answered(Asked(self.command, self.path, fields, body))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    for method in METHODS:
        setattr(Handler, f"do_{method}", Handler._answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    recorder.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield recorder
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
