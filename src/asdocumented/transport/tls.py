"""How connections to an API are secured, out of its description."""

from __future__ import annotations

import os
import ssl
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from asdocumented.errors import UsageError
from asdocumented.targets.description import ApiDescription, Tls
from asdocumented.targets.urls import is_loopback, origin
from asdocumented.transport.routes import Route


def route_of(api: str, described: ApiDescription) -> Route:
    """Return how connections to an API are made.

    Raises UsageError for a PEM file that cannot be used.
    """
    secure = urlsplit(described.base_url).scheme == "https"
    return Route(
        context_of(api, described.tls) if secure else None,
        described.tls.server_name if secure else "",
        described.proxy or _proxy_of_environment(described.base_url),
    )


def route_to(url: str, api: str, described: ApiDescription) -> Route:
    """Return how a call of the user's that belongs to an API is connected to a URL: at the API's own server like the API.

    Elsewhere nobody is shown the client's certificate, everybody's is verified, and the API's authorities are trusted beside the
    public ones. Raises UsageError for a PEM file that cannot be used.
    """
    if origin(url) == origin(described.base_url):
        return route_of(api, described)
    proxy = "" if is_loopback(url) else described.proxy or _proxy_of_environment(url)
    if urlsplit(url).scheme.lower() != "https":
        return Route(proxy=proxy)
    context = context_of(api, Tls())
    if described.tls.ca_file is not None:
        context_of(api, Tls(described.tls.ca_file))  # which says in our words what is wrong with it
        context.load_verify_locations(described.tls.ca_file)
    return Route(context, "", proxy)


def context_of(api: str, tls: Tls) -> ssl.SSLContext:
    """Return what a server is verified with, and what we show it."""
    context = _trusted(api, tls)
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if tls.client_certificate is not None:
        try:
            context.load_cert_chain(tls.client_certificate, tls.client_key, password=_nobody_is_asked)
        except (OSError, ValueError) as error:  # an SSLError is one
            raise UsageError(
                "client-certificate-unusable",
                f"The client certificate {str(tls.client_certificate)!r} for {api} cannot be used: {_why(error)}.",
                remedy="Name PEM files of a certificate and of its key, without a passphrase.",
            ) from error
    return context


def _trusted(api: str, tls: Tls) -> ssl.SSLContext:
    """Return what certificates are trusted: those of the API's file, of SSL_CERT_FILE, or the public ones."""
    where = f"'ca-file' for {api}" if tls.ca_file is not None else "SSL_CERT_FILE"
    file = tls.ca_file if tls.ca_file is not None else os.environ.get("SSL_CERT_FILE")
    try:
        return ssl.create_default_context(cafile=tls.ca_file) if tls.ca_file is not None else httpx.create_ssl_context()
    except (OSError, ValueError) as error:
        raise UsageError(
            "ca-file-unusable",
            f"The file {str(file)!r} of {where} cannot be used: {_why(error)}.",
            remedy="Name a file of PEM certificates, or unset the variable.",
        ) from error


def _nobody_is_asked() -> str:
    """Return no passphrase for a key that needs one, for which OpenSSL would ask on the terminal."""
    return ""


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _proxy_of_environment(base: str) -> str:
    """Return the proxy that the environment names for a URL; never one for loopback."""
    url = urlsplit(base)
    host = url.hostname or ""
    if is_loopback(base) or proxy_bypass(host):
        return ""
    named = getproxies()
    return named.get(url.scheme) or named.get("all", "")
