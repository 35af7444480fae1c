"""A server at a URL as a target: what the command line or a targets file says of it, and nothing more."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from asdocumented.contracts.model import Api, Catalogue
from asdocumented.errors import UnreachableError, UsageError
from asdocumented.secrets import SHORTEST, marker_for
from asdocumented.targets.model import Patience, Pools, UnavailableError
from asdocumented.targets.tls import shake_hands, trusted
from asdocumented.traces import Arrangement

MALFORMED = "malformed.token.of-asdocumented"
URL_REMEDY = (
    "A base URL begins with http:// or https://, names a host, and has no query; its port is between 1 and 65535. "
    "Secrets are given in environment variables alone."
)
_LOOPBACK = re.compile(r"^(localhost|127\.\d+\.\d+\.\d+|::1)$")


@dataclass(frozen=True, slots=True)
class RemoteApi:
    """One API of a remote target: its base URL, the environment variables of its credentials, what exists there."""

    base_url: str
    credentials: Mapping[str, str]  # identity -> name of the environment variable that holds its token
    pools: Pools = field(default_factory=dict)
    states: Mapping[str, Pools] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)


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


def _check_url(base: str) -> None:
    mistake = url_mistake(base)
    if mistake:
        raise UsageError("bad-url", mistake, remedy=URL_REMEDY)


class RemoteTarget:
    """An implementation behind one base URL an API. Nothing in it can be arranged but what is given."""

    is_emulator = False

    def __init__(  # noqa: PLR0913 - what a description says, by keyword
        self,
        catalogue: Catalogue,
        name: str,
        apis: Mapping[str, RemoteApi],
        *,
        implementation: str = "",
        version: str = "",
        operations: frozenset[str] | None = None,
        intrusive: bool = False,
        timeout: float = 30.0,
        with_secrets: bool = True,
    ) -> None:
        self.name = name
        self.implementation = implementation or name
        self.version = version
        for remote in apis.values():
            _check_url(remote.base_url)
        self._apis = apis
        self._contracts: Mapping[str, Api] = catalogue.apis
        self._timeout = timeout
        self.takes_intrusive = intrusive
        named = frozenset(each.id for each in catalogue.operations if each.api in apis)
        self.operations = named if operations is None else named & operations
        self.pools = {api: remote.pools for api, remote in apis.items()}
        self.states = {api: remote.states for api, remote in apis.items()}
        self._tokens = {api: self._read(api, remote) if with_secrets else {} for api, remote in apis.items()}

    def _read(self, api: str, remote: RemoteApi) -> dict[str, str]:
        tokens = {}
        for identity, variable in remote.credentials.items():
            value = os.environ.get(variable, "").strip()
            if value and not (value.isascii() and value.isprintable()):
                raise UsageError(
                    "credential-unusable",
                    f"The environment variable {variable!r} holds characters that no HTTP header can carry.",
                    remedy="Set it to the token alone.",
                )
            if not value:
                raise UsageError(
                    "credential-missing",
                    f"The environment variable {variable!r}, which holds the token of '{identity}' for {api}, is not set.",
                    remedy=f"Set it: export {variable}=...",
                )
            if len(value) < SHORTEST:
                raise UsageError(
                    "credential-too-short",
                    f"The environment variable {variable!r} holds fewer than {SHORTEST} characters, too few to be kept secret.",
                    remedy="Set it to the token.",
                )
            tokens[identity] = value
        return tokens

    def secrets(self) -> Mapping[str, str]:
        """Return every token, and the password of one that is user name and password."""
        found = {}
        for tokens in self._tokens.values():
            for identity, token in tokens.items():
                password = token.rpartition(":")[2]
                if len(password) >= SHORTEST:
                    found[password] = marker_for(identity)
                found[token] = marker_for(identity)
        return found

    def base_url(self, api: str) -> str:
        """Return the base URL of an API."""
        return self._apis[api].base_url.rstrip("/")

    def credential(self, api: str, identity: str, security: str) -> tuple[str, str] | None:
        """Return the header with an identity's token; a malformed one can always be made up."""
        if identity == "anonymous":
            return None
        token = MALFORMED if identity == "malformed" else self._tokens[api].get(identity, "")
        if not token:
            raise UnavailableError(f"the target names no credential for the identity '{identity}'")
        if security == "basic":
            if identity != "malformed" and ":" not in token:
                raise UnavailableError(
                    f"the credential of '{identity}' is no user:password, which this operation needs"
                )
            user = (
                "nobody-of-asdocumented:" if identity == "malformed" else ""
            )  # never a real account: it might be locked
            return "authorization", "Basic " + base64.b64encode(f"{user}{token}".encode()).decode()
        words = self._contracts[api].credential
        return words["header"].lower(), f"{words['scheme']} {token}".strip()

    async def raw_url(self, api: str) -> str:
        """Return the base URL of an API."""
        return self.base_url(api)

    async def close(self) -> None:
        """Do nothing: nothing was opened."""

    def arrange(self, api: str, state: str) -> Arrangement | None:
        """Return a state that the target's description says holds, or None."""
        given = self._apis[api].states.get(state)
        return Arrangement(api, state, given) if given is not None else None

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
        urls = [urlsplit(each.base_url) for each in self._apis.values()]
        loopback = all(_LOOPBACK.match(url.hostname or "") for url in urls)
        verify = trusted() if any(url.scheme == "https" for url in urls) else True
        return httpx.AsyncClient(timeout=self._timeout, follow_redirects=False, trust_env=not loopback, verify=verify)

    def curl_credential(self, api: str, identity: str, security: str) -> str:
        """Return the shell variable that holds the token."""
        return f"${self._apis[api].credentials.get(identity, 'TOKEN')}"

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
                        shake_hands(connection, parts.hostname or "", base)
            except OSError as error:
                raise UnreachableError(
                    "target-unreachable",
                    f"Nothing answers at {base}: {error.strerror or error}.",
                    remedy="See that the server runs and that the address is right.",
                ) from error
