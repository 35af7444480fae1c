"""The HTTP client of a live target: httpx over aiohttp, which is several times as fast as httpx's own connections.

It sends what it is given and shows what comes back: no redirect is followed, no cookie is kept, nothing is decoded, sent once
more or added behind our back, and no host is talked to but those of the target.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace

import aiohttp
import httpx
from aiohttp.client_middlewares import ClientHandlerType
from yarl import URL

from asdocumented.transport.failures import MalformedAnswerError, StaleConnectionError
from asdocumented.transport.plain import PlainClient
from asdocumented.transport.routes import Route, Timeouts
from asdocumented.wire import is_alert

_CHUNK = 65_536
_KEPT = 4.0  # seconds: less than the five after which many servers close a connection that is idle
_LONGEST_FIELD = 65_536
_AUTOMATIC = ("Content-Type", "User-Agent", "Accept", "Accept-Encoding")  # what aiohttp would add


def make_client(routes: Mapping[str, Route], timeouts: Timeouts, connections: int) -> httpx.AsyncClient:
    """Return a client for the servers with these origins (`https://host:port`), with so many connections at most."""
    return PlainClient(
        transport=make_connections(routes, timeouts, connections), follow_redirects=False, trust_env=False
    )


def make_connections(routes: Mapping[str, Route], timeouts: Timeouts, most: int) -> Connections:
    """Return the connections of such a client by themselves."""
    return Connections({_origin(httpx.URL(each)): route for each, route in routes.items()}, timeouts, most)


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


class Connections(httpx.AsyncBaseTransport):
    """A pool of connections to the servers of one target."""

    def __init__(self, routes: Mapping[tuple[str, str, int], Route], timeouts: Timeouts, connections: int) -> None:
        self._routes = routes
        self._timeouts = aiohttp.ClientTimeout(
            total=None, sock_connect=timeouts.connect, connect=None, sock_read=timeouts.silence
        )
        self._most = connections
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request once; the body of what comes back is raw, and read as it is asked for."""
        route = self._routes.get(_origin(request.url))
        if route is None:
            raise httpx.UnsupportedProtocol(f"no API of the target is at {request.url.host}", request=request)
        body = await request.aread()
        seen = SimpleNamespace(reused=False)
        url = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}{request.url.raw_path.decode('ascii')}"
        with _translated(seen):
            answer = await self._opened().request(
                request.method,
                URL(url, encoded=True),
                headers=[(name.decode("ascii"), _text(value)) for name, value in request.headers.raw],
                data=body or None,
                allow_redirects=False,
                ssl=route.tls if route.tls is not None else True,
                server_hostname=route.server_name or None,
                proxy=route.proxy or None,
                trace_request_ctx=seen,
            )
        if any(name != name.strip() for name, _ in answer.raw_headers):
            answer.close()
            raise MalformedAnswerError("a header field has whitespace between its name and the colon (RFC 9112 5.1)")
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer), request=request)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            tracing = aiohttp.TraceConfig()
            tracing.on_connection_reuseconn.append(_reused)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._most, ttl_dns_cache=300, keepalive_timeout=_KEPT),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=_AUTOMATIC,
                auto_decompress=False,
                timeout=self._timeouts,
                trace_configs=[tracing],
                max_line_size=_LONGEST_FIELD,
                max_field_size=_LONGEST_FIELD,
                max_headers=1000,
                middlewares=(_once,),
            )
        return self._session

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _text(value: bytes) -> str:
    """Return a header field's value as aiohttp takes it, which writes text in UTF-8: what is none cannot be sent as it is."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise httpx.LocalProtocolError("a header field that is not UTF-8 cannot be sent") from error


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated(None):
            async for chunk in self._answer.content.iter_chunked(_CHUNK):
                yield chunk

    async def aclose(self) -> None:
        self._answer.close() if not self._answer.content.is_eof() else self._answer.release()


class _LostError(aiohttp.ClientError):
    """A connection that was lost before an answer; aiohttp would send the request again by itself if it knew."""


class _RefusedError(aiohttp.ClientError):
    """A TLS connection that the server does not accept, such as one without a client's certificate."""


async def _once(request: aiohttp.ClientRequest, handler: ClientHandlerType) -> aiohttp.ClientResponse:
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        if is_alert(error.__cause__):
            raise _RefusedError(str(error)) from error
        raise _LostError(str(error)) from error


async def _reused(session: aiohttp.ClientSession, context: SimpleNamespace, parameters: object) -> None:
    context.trace_request_ctx.reused = True


@contextmanager
def _translated(seen: SimpleNamespace | None) -> Iterator[None]:
    """Raise what httpx would; `seen` says whether the connection was reused, and None that an answer had begun."""
    try:
        yield
    except aiohttp.ClientHttpProxyError as error:
        raise httpx.ProxyError(f"the proxy answered {error.status} {error.message}".strip()) from error
    except aiohttp.ClientProxyConnectionError as error:
        raise httpx.ProxyError(str(error)) from error
    except aiohttp.ClientConnectorError as error:
        raise httpx.ConnectError(str(error)) from error
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx.ConnectTimeout(str(error)) from error
    except (TimeoutError, aiohttp.ServerTimeoutError) as error:
        raise httpx.ReadTimeout(str(error)) from error
    except aiohttp.InvalidURL as error:
        raise httpx.LocalProtocolError(str(error)) from error
    except _RefusedError as error:
        raise httpx.ConnectError(f"the server refused the TLS connection: {error}") from error
    except _LostError as error:
        lost = StaleConnectionError if seen is not None and seen.reused else httpx.ReadError
        raise lost("the server closed the connection without an answer") from error
    except (aiohttp.ClientResponseError, aiohttp.ClientPayloadError, aiohttp.ClientConnectionError) as error:
        raise MalformedAnswerError(" ".join((getattr(error, "message", "") or str(error)).split())) from error
    except ValueError as error:  # a header field that no request may have
        raise httpx.LocalProtocolError(str(error)) from error
