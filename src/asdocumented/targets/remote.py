"""A server at a URL as a target: what the command line or a targets file says of it, and nothing more."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import httpx

from asdocumented.contracts.model import Catalogue
from asdocumented.errors import UnreachableError, UsageError
from asdocumented.targets.arranging import Arranger
from asdocumented.targets.credentials import Credentials
from asdocumented.targets.description import Description
from asdocumented.targets.model import Patience, Send
from asdocumented.targets.outside import Outside, secret_of
from asdocumented.targets.urls import URL_REMEDY, is_loopback, url_mistake
from asdocumented.traces import Arrangement


def _check_url(base: str) -> None:
    mistake = url_mistake(base)
    if mistake:
        raise UsageError("bad-url", mistake, remedy=URL_REMEDY)


def _trusted() -> ssl.SSLContext:
    """Return what a server's certificate is verified with: SSL_CERT_FILE of the environment, on loopback too."""
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        message = (
            f"The file {os.environ.get('SSL_CERT_FILE')!r} of SSL_CERT_FILE cannot be used: {error.strerror or error}."
        )
        raise UsageError(
            "ca-file-unusable", message, remedy="Name a file of PEM certificates, or unset the variable."
        ) from error


def _shake_hands(connection: socket.socket, host: str, base: str) -> None:
    """Do a TLS handshake; raises UnreachableError when the server speaks no TLS or its certificate is not trusted."""
    try:
        _trusted().wrap_socket(connection, server_hostname=host).close()
    except ssl.SSLCertVerificationError as error:
        raise UnreachableError(
            "target-untrusted",
            f"The certificate of {base} is not trusted: {error.verify_message.rstrip('.')}.",
            remedy="If an authority of your own issued it, name the authority's PEM file in SSL_CERT_FILE.",
        ) from error
    except ssl.SSLError as error:
        raise UnreachableError(
            "target-without-tls",
            f"The server at {base} ends the TLS handshake: {error.reason or error}.",
            remedy="See that it speaks HTTPS, or name it with http://.",
        ) from error


class RemoteTarget:
    """An implementation behind one base URL an API, of which nothing is known but what its description says."""

    is_emulator = False

    def __init__(self, catalogue: Catalogue, description: Description, *, with_secrets: bool = True) -> None:
        """Take a description; without secrets no credential is looked for, for a target that nothing is sent to."""
        for each in description.apis.values():
            _check_url(each.base_url)
        self.description = description
        self.name = description.name
        self.implementation = description.implementation or description.name
        self.version = description.version
        self.takes_intrusive = description.intrusive
        self.concurrency = description.pace.concurrency
        named = frozenset(each.id for each in catalogue.operations if each.api in description.apis)
        self.operations = named if description.operations is None else named & description.operations
        self.pools = {api: each.resources for api, each in description.apis.items()}
        self.unsupported = {each.requirement: each.reason for each in description.unsupported}
        self._apis = description.apis
        self._timeout = description.limits.answer
        self._credentials = Credentials(catalogue, description, read=with_secrets)
        self._arranger = Arranger(catalogue, description, self.operations, Outside(secret_of), self.wait, self.now)
        self.states = {api: self._arranger.bound(api) for api in description.apis}
        self.arranging = {api: self._arranger.tiers(api) for api in description.apis}

    def secrets(self) -> Mapping[str, str]:
        """Return every secret that is known by now, with the marker that stands for it."""
        return self._credentials.secrets()

    def base_url(self, api: str) -> str:
        """Return the base URL of an API."""
        return self._apis[api].base_url.rstrip("/")

    async def credential(self, api: str, identity: str, security: str) -> tuple[str, str] | None:
        """Return the header of an identity's credential; a malformed one can always be made up."""
        return await self._credentials.header(api, identity, security)

    async def raw_url(self, api: str) -> str:
        """Return the base URL of an API."""
        return self.base_url(api)

    async def close(self) -> None:
        """Do nothing: nothing was opened."""

    async def arrange(self, api: str, state: str, send: Send) -> Arrangement:
        """Bring an API into a state in the way that the target's description names, unless it is given.

        Raises UnavailableError with the reason when it names none, or when that does not work.
        """
        return await self._arranger.arrange(api, state, send)

    async def clean_up(self, api: str, send: Send) -> Sequence[str]:
        """Take back what was arranged of an API, as the description says, and return what could not be."""
        return await self._arranger.clean_up(api, send)

    def patience(self, api: str) -> Patience:
        """Return how long the target's description says that an API may take to show a write."""
        return self._apis[api].patience

    def now(self) -> float:
        """Return the system's time."""
        return time.time()

    async def wait(self, seconds: float) -> None:
        """Sleep."""
        await asyncio.sleep(seconds)

    def client(self) -> httpx.AsyncClient:
        """Return a client that follows no redirects; a proxy of the environment is not used for loopback.

        Raises UsageError for an SSL_CERT_FILE that cannot be used.
        """
        urls = [each.base_url for each in self._apis.values()]
        loopback = all(map(is_loopback, urls))
        verify = _trusted() if any(urlsplit(url).scheme == "https" for url in urls) else True
        return httpx.AsyncClient(timeout=self._timeout, follow_redirects=False, trust_env=not loopback, verify=verify)

    def curl_credential(self, api: str, identity: str, security: str) -> str:
        """Return the shell expression for a credential."""
        return self._credentials.shown(api, identity, security)

    def check_reachable(self) -> None:
        """Open one connection to each server; raises UnreachableError with the reason when one cannot be used.

        Over HTTPS its certificate is verified as the client does it. Raises UsageError for an unusable SSL_CERT_FILE.
        """
        for base in sorted({remote.base_url for remote in self._apis.values()}):
            parts = urlsplit(base)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            try:
                with socket.create_connection((parts.hostname or "", port), timeout=self._timeout) as connection:
                    if parts.scheme == "https":
                        _shake_hands(connection, parts.hostname or "", base)
            except OSError as error:
                raise UnreachableError(
                    "target-unreachable",
                    f"Nothing answers at {base}: {error.strerror or error}.",
                    remedy="See that the server runs and that the address is right.",
                ) from error
