"""Send a request as it is written, where a client library would tidy or refuse it, and read the answer by the rules."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import h11

from asdocumented.traces import Headers

_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the header fields in lower case, and the content."""

    status: int
    headers: Headers
    content: bytes


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a server is verified with over HTTPS, by which name, and the most bytes that an answer may have."""

    tls: ssl.SSLContext | None = None
    server_name: str = ""
    largest: int = 64 << 20


class Cause(StrEnum):
    """Why no answer can be used."""

    UNREACHED = "no connection"
    SILENT = "silence"
    CLOSED = "closed"
    BROKEN = "no HTTP"
    TOO_LARGE = "too large"


class NoAnswerError(Exception):
    """No complete response came. `by_server` tells whether the server ended the connection, as opposed to silence."""

    def __init__(self, reason: str, cause: Cause) -> None:
        super().__init__(reason)
        self.cause = cause

    @property
    def by_server(self) -> bool:
        """Tell whether this is the server's doing."""
        return self.cause in (Cause.CLOSED, Cause.BROKEN)


async def send(
    base: str,
    method: str,
    target: str,
    headers: Headers,
    body: bytes,
    *,
    timeout: float,
    bounds: Bounds | None = None,
) -> Answer:
    """Write one request to the server at `base` byte for byte and return its answer; the connection ends with it.

    `timeout` is in seconds, for connecting and for everything after it. Raises NoAnswerError when no answer comes, or one
    that is too large.
    """
    bounds = bounds or Bounds()
    url = urlsplit(base)
    secure = (bounds.tls or ssl.create_default_context()) if url.scheme == "https" else None
    port = url.port or (443 if secure else 80)
    try:
        name = bounds.server_name or None if secure else None
        opening = asyncio.open_connection(url.hostname, port, ssl=secure, server_hostname=name)
        reader, writer = await asyncio.wait_for(opening, timeout)
    except (OSError, TimeoutError) as error:
        raise NoAnswerError(_why(error), Cause.UNREACHED) from error
    try:
        writer.write(_bytes(method, f"{url.path.rstrip('/')}{target}", (("host", url.netloc), *headers), body))
        return await asyncio.wait_for(_read(reader, bounds.largest), timeout)
    except TimeoutError as error:
        raise NoAnswerError(_why(error), Cause.SILENT) from error
    except (OSError, h11.RemoteProtocolError) as error:
        raise NoAnswerError(_why(error), _cause(error)) from error
    finally:
        writer.close()


def is_alert(error: BaseException | None) -> bool:
    """Tell whether a server ended a TLS connection with an alert: with TLS 1.3 it may refuse the client after the handshake."""
    return isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or "")


def _cause(error: Exception) -> Cause:
    if is_alert(error):
        return Cause.UNREACHED
    return Cause.CLOSED if isinstance(error, OSError) else Cause.BROKEN


def _why(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _bytes(method: str, target: str, headers: Headers, body: bytes) -> bytes:
    lines = [
        f"{method} {target} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers),
        "connection: close",
        "",
        "",
    ]
    return "\r\n".join(lines).encode("latin-1", "replace") + body


async def _read(reader: asyncio.StreamReader, largest: int) -> Answer:
    """Read one response; what was sent is told to the parser as a plain request, since it would refuse the real one."""
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("host", "sent"), ("connection", "close")]))
    parser.send(h11.EndOfMessage())
    head: h11.Response | None = None
    content = bytearray()
    while True:
        event = parser.next_event()
        if event is h11.NEED_DATA:
            parser.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            content += event.data
            if len(content) > largest:
                raise NoAnswerError(
                    f"the answer is larger than {largest} bytes and was not read further", Cause.TOO_LARGE
                )
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            break
    if head is None:
        raise NoAnswerError("the connection was closed without an answer", Cause.CLOSED)
    fields = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
    return Answer(head.status_code, fields, bytes(content))
