"""Talk TLS with a server before anything is sent to it, and tell where its URL has the wrong scheme."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import SplitResult

from asdocumented.errors import UnreachableError

_DIAGNOSIS = 5.0  # seconds


def with_tls(base: str) -> UnreachableError:
    """Return the sentence on a server that speaks TLS, and was named with http://."""
    return UnreachableError(
        "target-with-tls",
        f"The server at {base} speaks TLS, and not plain HTTP.",
        remedy=f"Name it with https://: {base.replace('http:', 'https:', 1)}",
    )


def speaks_tls(url: SplitResult) -> bool:
    """Tell whether a server answers a TLS handshake, whoever signed its certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is sent after the handshake
    try:
        with socket.create_connection((url.hostname or "", url.port or 80), timeout=_DIAGNOSIS) as connection:
            context.wrap_socket(connection, server_hostname=url.hostname).close()
    except OSError:
        return False
    return True
