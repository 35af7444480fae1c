"""Base URLs: what is none, and how one is shown without what may be a user name and password in it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx

LOOPBACK = re.compile(r"^(localhost|127\.\d+\.\d+\.\d+|::1)$")
"""Hosts that are this machine."""

URL_REMEDY = (
    "A base URL begins with http:// or https://, names a host, and has no query; its port is between 1 and 65535. "
    "Secrets are given in environment variables alone."
)


def shown(url: str) -> str:
    """Return what was typed as a URL as a message may show it: without anything that may be a user name and password."""
    before, _, rest = url.rpartition("@")
    scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", before)
    return f"{scheme[0] if scheme else ''}{rest}"


def url_mistake(base: str) -> str:
    """Return why a text is no base URL, without any password in it; the empty string for a good one."""
    try:
        url, parts = httpx.URL(base), urlsplit(base)
        usable = url.scheme in ("http", "https") and bool(url.host) and not url.query and not url.fragment
        usable = usable and parts.port != 0  # the property raises ValueError for one that is out of range
        named = bool(url.userinfo) or "@" in parts.netloc
    except (httpx.InvalidURL, ValueError):
        usable = named = False
    if named:
        return f"{shown(base)!r} was given with a user name or password, which a base URL must not hold."
    return "" if usable else f"{shown(base)!r} is no base URL."
