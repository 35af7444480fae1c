"""Where a credential may go: to the server of its API, and to the further hosts that the description names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import httpx

from asdocumented.targets.model import UnavailableError

_PORTS = {"http": 80, "https": 443}


def check_host(api: str, base_url: str, hosts: Sequence[str], url: str) -> None:
    """Check that a credential of an API may go to a URL; raises UnavailableError where it may not.

    It goes to the scheme, host and port of the base URL. A further host gets it over TLS, or over what the base URL has; it is
    named alone or with a port. The URL is read as the client reads it that sends the request.
    """
    try:
        wanted, own = read_url(url), read_url(base_url)
    except httpx.InvalidURL:
        raise UnavailableError(f"a credential for {api} does not go to what is no URL") from None
    if not wanted.userinfo and _origin(wanted) == _origin(own):
        return
    names = {wanted.host, f"{wanted.host}:{_origin(wanted)[2]}"}
    secure = wanted.scheme == "https" or (wanted.scheme == own.scheme == "http")
    if secure and not wanted.userinfo and names & {each.lower() for each in hosts}:
        return
    raise UnavailableError(f"a credential for {api} does not go to {wanted.scheme}://{wanted.host}")


@lru_cache(1024)
def read_url(url: str) -> httpx.URL:
    """Return a URL as the client reads it; reading costs as much as sending, and each is checked and sent, often twice.

    Raises httpx.InvalidURL for what is none.
    """
    return httpx.URL(url)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme)
