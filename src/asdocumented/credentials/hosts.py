"""Where a credential may go: to the server of its API, and to the further hosts that the description names."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from asdocumented.targets.model import UnavailableError

_PORTS = {"http": 80, "https": 443}


def check_host(api: str, base_url: str, hosts: Sequence[str], url: str) -> None:
    """Check that a credential of an API may go to a URL; raises UnavailableError where it may not.

    It goes to the scheme, host and port of the base URL. A further host gets it over TLS, or over what the base URL has; it is
    named alone or with a port.
    """
    wanted, own = urlsplit(url), urlsplit(base_url)
    if (wanted.scheme, wanted.hostname, _port(url)) == (own.scheme, own.hostname, _port(base_url)):
        return
    names = {f"{wanted.hostname}:{_port(url)}", wanted.hostname or ""}
    if wanted.scheme in ("https", own.scheme) and names & {each.lower() for each in hosts}:
        return
    raise UnavailableError(
        f"a credential for {api} does not go to {wanted.scheme}://{wanted.netloc.rpartition('@')[2]}"
    )


def _port(url: str) -> int | None:
    parts = urlsplit(url)
    return parts.port or _PORTS.get(parts.scheme)
