"""Talk TLS with a server before anything is sent to it, and tell where its URL has the wrong scheme."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import SplitResult

from asdocumented.errors import UnreachableError

_PLAIN = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")
"""What a handshake with a server ends with that speaks plain HTTP: it answers in words."""

_DIAGNOSIS = 5.0  # seconds


def shake_hands(connection: socket.socket, context: ssl.SSLContext, host: str, base: str) -> None:
    """Do a TLS handshake; raises UnreachableError when the server speaks no TLS or its certificate is not trusted."""
    try:
        context.wrap_socket(connection, server_hostname=host).close()
    except ssl.SSLCertVerificationError as error:
        raise UnreachableError(
            "target-untrusted",
            f"The certificate of {base} is not trusted: {error.verify_message.rstrip('.')}.",
            remedy="If an authority of your own issued it, name the authority's PEM file in SSL_CERT_FILE or as 'ca-file'.",
        ) from error
    except ssl.SSLError as error:
        plain = error.reason in _PLAIN
        said = "speaks plain HTTP, and not TLS" if plain else f"ends the TLS handshake: {error.reason or error}"
        raise UnreachableError(
            "target-without-tls",
            f"The server at {base} {said}.",
            remedy="If it is to be asked without TLS, name it with http://.",
        ) from error


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
