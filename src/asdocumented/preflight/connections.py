"""Open one connection to each server of a target: whether it answers, whether its certificate is good, and for how long."""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from dataclasses import replace
from urllib.parse import urlsplit

from asdocumented.errors import UnreachableError
from asdocumented.preflight.checks import Check, Kind, State
from asdocumented.targets.description import Tls
from asdocumented.targets.remote import RemoteTarget
from asdocumented.wire import is_alert

__all__ = ["check_connections", "require_one"]

_PLAIN = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")
"""What a handshake with a server ends with that speaks plain HTTP: it answers in words."""

_SOON = 14 * 24 * 3600.0  # seconds before its end at which a certificate is told
_MOMENT = 0.2  # seconds in which a server that does not take a client's certificate says so
_CLIENT = "If it asks for a certificate, name a PEM file that it accepts as 'client-certificate'."
_UNTRUSTED = "If an authority of your own issued it, name the authority's PEM file in SSL_CERT_FILE or as 'ca-file'."
_WITHOUT = "If it is to be asked without TLS, name it with http://."
_GONE = "See that the server runs and that the address is right."
_NAME = "See that the base URL names the host of the certificate, or give the certificate's name as server-name."


async def check_connections(target: RemoteTarget) -> list[Check]:
    """Return what one connection to each API's server shows; all are opened side by side."""
    apis = sorted({each.partition("/")[0] for each in target.operations})
    by_server = {_server(target, api): api for api in reversed(apis)}
    looks = [_check(target, api) for api in by_server.values()]
    found = dict(zip(by_server, await asyncio.gather(*looks), strict=True))
    return [replace(found[_server(target, api)], api=api) for api in apis]


def _server(target: RemoteTarget, api: str) -> tuple[str, Tls, str]:
    return target.base_url(api), target.description.apis[api].tls, target.manners.routes[api].proxy


def require_one(checks: list[Check]) -> None:
    """Raise UnreachableError where no server at all can be used."""
    if checks and all(each.state is State.MISSING for each in checks):
        first = checks[0]
        more = f" So it is with {len(checks) - 1} more APIs." if len(checks) > 1 else ""
        codes = {_WITHOUT: "target-without-tls", _GONE: "target-unreachable"}
        code = codes.get(first.remedy, "target-untrusted")
        raise UnreachableError(code, f"{first.text[:1].upper()}{first.text[1:]}.{more}", remedy=first.remedy)


async def _check(target: RemoteTarget, api: str) -> Check:
    """Open one connection and close it; where a proxy stands before the server, only that is looked at."""
    base, route = target.base_url(api), target.manners.routes[api]
    parts = urlsplit(route.proxy or base)
    where = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    secure = route.tls if not route.proxy else None
    try:
        async with asyncio.timeout(target.description.limits.connect):
            reader, writer = await asyncio.open_connection(
                *where, ssl=secure, server_hostname=(route.server_name or where[0]) if secure is not None else None
            )
            if secure is not None:
                await _heed(reader)
    except ssl.SSLCertVerificationError as error:
        remedy = _NAME if "match" in error.verify_message else _UNTRUSTED
        return _missing(
            api, base, f"the certificate of {base} is not trusted: {error.verify_message.rstrip('.')}", remedy
        )
    except ssl.SSLError as error:
        said = (
            "speaks plain HTTP, and not TLS" if error.reason in _PLAIN else f"ends the TLS handshake: {_reason(error)}"
        )
        return _missing(api, base, f"the server at {base} {said}", _CLIENT if is_alert(error) else _WITHOUT)
    except (OSError, TimeoutError) as error:
        place = f"the proxy of {base}" if route.proxy else base
        return _missing(api, base, f"nothing answers at {place}: {_why(error)}", _GONE)
    try:
        if route.proxy:
            return Check(Kind.CONNECTION, api, base, State.GOOD, "is behind a proxy that answers")
        return _reached(api, base, writer.get_extra_info("ssl_object"), target.description.apis[api].tls)
    finally:
        writer.transport.abort()


async def _heed(reader: asyncio.StreamReader) -> None:
    """Wait for an alert, with which TLS 1.3 refuses a client's certificate after the handshake; raises SSLError for one."""
    try:
        await asyncio.wait_for(reader.read(1), _MOMENT)
    except (OSError, TimeoutError) as error:
        if is_alert(error):
            raise


def _reason(error: ssl.SSLError) -> str:
    return error.reason or str(error)


def _why(error: OSError) -> str:
    if isinstance(error, TimeoutError) and not error.strerror:
        return "no connection within the connect-timeout"
    return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)


def _missing(api: str, base: str, text: str, remedy: str) -> Check:
    return Check(Kind.CONNECTION, api, base, State.MISSING, text, remedy)


def _reached(api: str, base: str, secured: ssl.SSLObject | None, tls: Tls) -> Check:
    if secured is None:
        return Check(Kind.CONNECTION, api, base, State.GOOD, "answers, without TLS")
    certificate = secured.getpeercert()
    if not tls.verify or not certificate:
        text = f"answers over {secured.version()}, and its certificate is not verified"
        remedy = "Name the authority's PEM file as 'ca-file', and leave verify out."
        return Check(Kind.CONNECTION, api, base, State.DOUBT, text, remedy)
    ends = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    left = ends - time.time()
    text = f"answers over {secured.version()}, with a certificate until {time.strftime('%Y-%m-%d', time.gmtime(ends))}"
    if left > _SOON:
        return Check(Kind.CONNECTION, api, base, State.GOOD, text)
    days = f"{text}, in {max(0, int(left // 86400))} days"
    return Check(Kind.CONNECTION, api, base, State.DOUBT, days, "Have the certificate renewed.")
