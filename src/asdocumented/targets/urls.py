"""Base URLs: what is none, and how one is shown without what may be a user name and password in it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx

URL_REMEDY = (
    "A base URL begins with http:// or https://, names a host, and has no query; its port is between 1 and 65535. "
    "Secrets are given in environment variables alone."
)


_HOST = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")
"""The name of a host, or its address: what any resolver takes. One that is too long, or with an empty part, it chokes on."""
_LONGEST_HOST = 253
_SCHEME = re.compile(r"^https?://", re.IGNORECASE)
_ODD = re.compile(r"[\s\x00-\x1f\x7f]|%(?![0-9A-Fa-f]{2})")
"""What no URL holds: white space, control characters, and a per cent sign that escapes nothing."""
_LOOPBACK = re.compile(r"^(localhost|127\.\d+\.\d+\.\d+|::1)$")


def is_loopback(url: str) -> bool:
    """Tell whether a URL names this machine, for which no proxy of the environment is used."""
    return _LOOPBACK.match(urlsplit(url).hostname or "") is not None


def is_url(typed: str) -> bool:
    """Tell whether what was typed is meant as a URL, and not as a name; schemes are the same in capitals."""
    return re.match(r"https?://[^/]+", typed, re.IGNORECASE) is not None


def plain(url: str) -> str:
    """Return a URL with its scheme in small letters, as everything else writes it."""
    return _SCHEME.sub(lambda found: found[0].lower(), url)


def origin(url: str) -> tuple[str, str, int | None]:
    """Return the scheme, the host and the port of a good URL, as a client connects to them."""
    parts = httpx.URL(url)
    return parts.scheme, parts.host, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def shown(url: str) -> str:
    """Return what was typed as a URL as a message may show it: without what may be a user name, a password or a key."""
    before, _, rest = url.rpartition("@")
    scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", before)
    return f"{scheme[0] if scheme else ''}{re.split('[?#]', rest)[0]}"


def url_mistake(base: str) -> str:
    """Return why a text is no base URL, without any password in it; the empty string for a good one."""
    mistake = address_mistake(base)
    if mistake or not re.search("[?#]", base):
        return mistake
    return f"{shown(base)!r} was given with a query, which a base URL must not have."


def address_mistake(address: str) -> str:
    """Return why a text is no URL of a server, without any password in it; the empty string for a good one."""
    try:
        url, parts = httpx.URL(address), urlsplit(address)
        usable = url.scheme in ("http", "https") and bool(url.host)
        usable = usable and parts.port != 0  # the property raises ValueError for one that is out of range
        usable = usable and not _ODD.search(address) and _is_host(url.raw_host.decode("ascii"))
        named = bool(url.userinfo) or "@" in parts.netloc
    except (httpx.InvalidURL, ValueError):
        usable = named = False
    if named:
        return f"{shown(address)!r} was given with a user name or password, which a URL must not hold."
    return "" if usable else f"{shown(address)!r} is no URL of a server."


def _is_host(name: str) -> bool:
    return len(name) <= _LONGEST_HOST and _HOST.fullmatch(name) is not None
