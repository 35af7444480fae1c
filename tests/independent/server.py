"""Serve the five documented operations over HTTP/1.1, healthy or with named deviations.

`operations.py` decides the answer; this module reads requests, writes bodies in the shape of each API and listens.
Start it with `python tests/independent/server.py`, or in a test with `with running(deviations=["bom"]) as server:`.
"""

import argparse
import contextlib
import itertools
import json
import sys
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR, socket
from typing import Final

if not __package__:  # started as a script: PEP 366, so that the relative import below works here too
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    __package__ = "independent"

from .operations import ACCESS, ARM, FABRIC, RESOURCES, TOKENS, VAPI, Answer, Refused, Request, Service, owner

__all__ = ["DEVIATIONS", "Server", "main", "running"]

JSON_TYPE: Final = "application/json; charset=utf-8"
LARGEST_BODY: Final = 1 << 20
STACK_TRACE: Final = (
    " Traceback (most recent call last):"
    "\n  File \"/opt/acme/engine.py\", line 41, in run\n    return table[key]\nKeyError: 'acme'"
)

DEVIATIONS: Final = {
    "flat-error-body": "access control errors have code and message at the top, without the error object",
    "empty-object-error": "every error body is {}",
    "html-error": "every error body is an HTML page",
    "other-api-error": "every API answers errors in the shape of another of the four",
    "stack-trace-in-error": "every error message carries a stack trace",
    "anonymous-accepted": "a request without credentials is served as the admin",
    "expired-accepted": "the expired token is served as the admin",
    "wrong-audience-accepted": "the token for another audience is served as the admin",
    "reader-may-write": "the reader token is served as the admin",
    "viewer-may-write": "the token of a viewer of the Fabric workspace is served as the admin",
    "scope-unchecked": "the token without a scope that writes is served as the admin",
    "contributor-refused": "the token of a contributor is refused",
    "member-refused": "the token of a member, whose scope is the one for all items, is refused",
    "api-version-unchecked": "a missing or unknown api-version is accepted",
    "case-sensitive-resource-group": "a resource group name in another case is not found",
    "case-sensitive-path": "the fixed parts of a path in another case are not found",
    "case-sensitive-uuid": "a Fabric workspace or mirrored database whose id is in another case is not found",
    "case-sensitive-filter": "roleId and principalId in another case select nothing",
    "body-on-empty": "operations that answer without a body answer {} as JSON",
    "busy-never-reported": "a start while a sync is running is answered 200",
    "wrong-busy-type": "a busy provider is reported as std.errors.error",
    "busy-400": "a busy provider is reported with status 400",
    "missing-404": "a start on a missing link is answered 200",
    "missing-provider-accepted": "a start on a missing provider is answered 200",
    "missing-database-accepted": "stopping a missing mirrored database is answered 200",
    "password-echoed": "a password that was sent comes back in header x-debug and in the not_found and busy messages",
    "password-echoed-in-body": "a password that was sent comes back in the body of the 200",
    "created-201": "PUT answers 201",
    "echo-wrong-principal": "PUT answers another principalId than was sent",
    "echo-wrong-scope": "PUT answers another scope than was sent",
    "id-not-echoed": "PUT answers another id than the one in the path",
    "drop-roleDefinitionId": "role assignments have no roleDefinitionId",
    "not-persisted": "PUT answers as if it stored, and stores nothing",
    "upsert-ignored": "a second PUT of an id keeps and answers the first content",
    "repeat-adds-item": "a PUT that repeats what is stored stores it under another id too",
    "repeat-changes-scope": "a PUT that repeats what is stored changes the scope",
    "duplicate-accepted": "a new id with the role, principal and scope of another one is accepted",
    "ignore-filter-roleId": "the list ignores roleId",
    "ignore-filter-principalId": "the list ignores principalId",
    "ignore-filter-scope": "the list ignores scope",
    "filter-combination-uses-or": "the list shows what matches any filter instead of all",
    "page-item-lost": "one item at each page boundary is never shown",
    "page-item-repeated": "the last item of each page is shown again on the next",
    "page-token-ignored": "a continuation token gives the first page again",
    "count-wrong": "count is one more than the number of items",
    "count-as-string": "count is a string",
    "nan": "count is NaN",
    "duplicate-keys": "the list has the key count twice",
    "wrong-media-type": "the list is sent as text/plain",
    "bom": "JSON answers begin with a byte order mark",
    "invalid-utf8": "JSON answers have a byte that is not UTF-8 inside a string",
    "truncated-body": "JSON answers are cut in half, with the Content-Length of the half",
}

_VAPI_ERRORS: Final = {
    "BodyMalformed": "invalid_argument",
    "BodyUnreadable": "invalid_argument",
    "CredentialRefused": "unauthenticated",
    "EntityNotFound": "not_found",
    "IdMalformed": "invalid_argument",
    "MethodRefused": "operation_not_found",
    "NoSuchOperation": "operation_not_found",
    "NothingThere": "not_found",
    "RequestUnreadable": "invalid_request",
    "RoleTooWeak": "unauthorized",
    "SomethingFailed": "error",
    "SyncRunning": "resource_busy",
}
_OTHER_SHAPE: Final = {ARM: FABRIC, FABRIC: VAPI, VAPI: ARM, ACCESS: FABRIC}


def _enveloped(refused: Refused, _request_id: str) -> dict[str, object]:
    return {"error": {"code": refused.code, "message": refused.message}}


def _vapi(refused: Refused, _request_id: str) -> dict[str, object]:
    message = {"id": f"acme.hvc.{refused.code}", "default_message": refused.message, "args": []}
    return {"type": f"com.vmware.vapi.std.errors.{_VAPI_ERRORS[refused.code]}", "value": {"messages": [message]}}


def _flat(refused: Refused, request_id: str) -> dict[str, object]:
    return {"errorCode": refused.code, "message": refused.message, "requestId": request_id}


_SHAPES: Final[Mapping[str, Callable[[Refused, str], dict[str, object]]]] = {
    ARM: _enveloped,
    VAPI: _vapi,
    ACCESS: _enveloped,
    FABRIC: _flat,
}


@dataclass(frozen=True)
class _Written:
    """An answer as it goes out: no media type means no body."""

    status: int
    media_type: str | None
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class _Writer:
    """Turns answers into bytes, in the way the deviations ask for."""

    deviates: Callable[[str], bool]

    def answer(self, answer: Answer) -> _Written:
        """Write what an operation answers."""
        if answer.body is None:
            return _Written(answer.status, None, b"", answer.headers)
        members = list(answer.body.items())
        if answer.is_list and self.deviates("duplicate-keys"):
            members.append(("count", answer.body["count"]))
        as_text = answer.is_list and self.deviates("wrong-media-type")
        media_type = "text/plain; charset=utf-8" if as_text else JSON_TYPE
        return _Written(answer.status, media_type, self._json(members), answer.headers)

    def refusal(self, refused: Refused, api: str | None, request_id: str) -> _Written:
        """Write an error in the shape of the API, or as plain text where no API owns the path."""
        if api is None:
            text = f"{refused.message}\n".encode()
            return _Written(refused.status, "text/plain; charset=utf-8", text, refused.headers)
        if self.deviates("html-error"):
            page = f"<!DOCTYPE html><html><body><h1>{refused.status}</h1></body></html>".encode()
            return _Written(refused.status, "text/html; charset=utf-8", page, refused.headers)
        if self.deviates("stack-trace-in-error"):
            refused = Refused(refused.status, refused.code, refused.message + STACK_TRACE, refused.headers)
        members = list(self._error(refused, api, request_id).items())
        return _Written(refused.status, JSON_TYPE, self._json(members), refused.headers)

    def _error(self, refused: Refused, api: str, request_id: str) -> dict[str, object]:
        if self.deviates("empty-object-error"):
            return {}
        if api == ACCESS and self.deviates("flat-error-body"):
            return {"code": refused.code, "message": refused.message}
        shape = _OTHER_SHAPE[api] if self.deviates("other-api-error") else api
        return _SHAPES[shape](refused, request_id)

    def _json(self, members: list[tuple[str, object]]) -> bytes:
        if self.deviates("invalid-utf8"):
            members = [(key, _with_stray_byte(key, value)) for key, value in members]
        written = (f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in members)
        body = ("{" + ", ".join(written) + "}").encode("utf-8", "surrogateescape")
        if self.deviates("bom"):
            body = b"\xef\xbb\xbf" + body
        return body[: len(body) // 2] if self.deviates("truncated-body") else body


def _with_stray_byte(key: str, value: object) -> object:
    """Append the byte FF to the readable strings of a value; surrogateescape writes it as it is."""
    if isinstance(value, dict):
        return {name: _with_stray_byte(name, one) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_stray_byte(key, one) for one in value]
    return f"{value}\udcff" if key in ("principalType", "message", "default_message") else value


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

    def __init__(self, port: int, deviations: Iterable[str]) -> None:
        """Listen on the loopback address; port 0 means any free one."""
        super().__init__(("127.0.0.1", port), _Connection)
        self.service = Service(deviations)
        self.writer = _Writer(self.service.deviates)
        self.seen = Server(f"http://127.0.0.1:{self.server_port}", TOKENS, RESOURCES)
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
        if not isinstance(sys.exc_info()[1], ConnectionError):
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
        headers = {name.lower(): value.strip() for name, value in self.headers.items()}
        path = Request(self.command, target, {}).path
        try:
            request = Request(self.command, target, headers, self._body())
            written = self.server.writer.answer(self.server.service.answer(request))
        except Refused as refused:
            written = self._refusal(refused, owner(path))
        self.server.seen.requests.append((self.command, path, written.status))
        asked = headers.get("x-ms-return-client-request-id", "").lower() == "true"
        own = {"x-ms-client-request-id": headers.get("x-ms-client-request-id", "")} if asked else {}
        self._send(replace(written, headers={**written.headers, **own}))

    def _body(self) -> bytes:
        """Read the body whole; a request whose end is not known is refused and ends the connection."""
        lengths = set(self.headers.get_all("Content-Length", ["0"]))
        length = lengths.pop()
        status = 0
        if self.headers.get("Transfer-Encoding") is not None:
            status = 411
        elif lengths or not (length.isascii() and length.isdigit()):
            status = 400
        elif len(length) > len(str(LARGEST_BODY)) or int(length) > LARGEST_BODY:
            status = 413
        if status:
            raise self._unreadable(status, "The length of the body is missing, malformed or too large.")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionResetError("the client left in the middle of a body")
        return body

    def _unreadable(self, status: int, message: str) -> Refused:
        self.close_connection = True
        return Refused(status, "RequestUnreadable", message, {"Connection": "close"})

    def _refusal(self, refused: Refused, api: str | None) -> _Written:
        request_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"acme:{next(self.server.refusals)}"))
        return self.server.writer.refusal(refused, api, request_id)

    def _send(self, written: _Written) -> None:
        self.send_response(written.status)
        for name, value in written.headers.items():
            self.send_header(name, value)
        if written.media_type is not None:
            self.send_header("Content-Type", written.media_type)
        self.send_header("Content-Length", str(len(written.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(written.body)
        self.wfile.flush()

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


@contextlib.contextmanager
def running(*, deviations: Iterable[str] = (), port: int = 0) -> Iterator[Server]:
    """Serve in a thread until the block ends; raise ValueError for a deviation that does not exist."""
    wanted = frozenset(deviations)
    if unknown := sorted(wanted - DEVIATIONS.keys()):
        raise ValueError(f"no such deviation: {', '.join(unknown)}")
    with _Listener(port, wanted) as listener:
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
    parser.add_argument("--deviation", nargs="+", action="extend", default=[], choices=DEVIATIONS, metavar="NAME")
    parser.add_argument("--list-deviations", action="store_true", help="print the names with descriptions, then exit")
    chosen = parser.parse_args(arguments)
    if chosen.list_deviations:
        print("\n".join(f"{name}: {description}" for name, description in DEVIATIONS.items()))
        return 0
    with contextlib.suppress(KeyboardInterrupt), running(deviations=chosen.deviation, port=chosen.port) as server:
        ready = {"base_url": server.base_url, "tokens": server.tokens, "resources": server.resources}
        print(json.dumps(ready), flush=True)
        threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
