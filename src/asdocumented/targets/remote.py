"""A server at a URL as a target: what the command line or a targets file says of it, and nothing more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

import httpx

from asdocumented.changes.rights import Rights
from asdocumented.contracts.model import Catalogue
from asdocumented.credentials.holding import Credentials, Problem
from asdocumented.errors import UsageError
from asdocumented.targets.arranging import Arranger
from asdocumented.targets.description import Description, LoginCredential
from asdocumented.targets.model import Ledger, Patience, Send
from asdocumented.targets.outside import SECRET, Outside, secret_of
from asdocumented.targets.urls import URL_REMEDY, is_loopback, url_mistake
from asdocumented.traces import Arrangement, Housekeeping
from asdocumented.transport.conduct import Conduct
from asdocumented.transport.manners import Manners
from asdocumented.transport.routes import Route, Timeouts
from asdocumented.transport.till import Till
from asdocumented.transport.tls import route_of


def _check_url(base: str) -> None:
    mistake = url_mistake(base)
    if mistake:
        raise UsageError("bad-url", mistake, remedy=URL_REMEDY)


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
        self.allow = description.allow
        self.origin: Mapping[str, str] = {}
        named = frozenset(each.id for each in catalogue.operations if each.api in description.apis)
        self.operations = named if description.operations is None else named & description.operations
        self.pools = {api: each.resources for api, each in description.apis.items()}
        self.expendable = {api: each.irreversible for api, each in description.apis.items()}
        self.unsupported = {each.requirement: each.reason for each in description.unsupported}
        self.rights = {api: self._rights(api) for api in description.apis}
        self._apis = description.apis
        routes = {api: route_of(api, each) for api, each in description.apis.items()} if with_secrets else {}
        self.manners = Manners(description.pace, description.limits, description.budget, routes)
        self._till = Till(self.wait)
        self._credentials = Credentials(catalogue, description, self.client, read=with_secrets, till=self._till)
        self._with_secrets = with_secrets
        self._outside = Outside(secret_of)
        self._arranger = Arranger(
            catalogue, description, self.operations, self._outside, self.wait, self.now, rights=self.rights
        )
        self.states = {api: self._arranger.bound(api) for api in description.apis}
        self.made_up = self._arranger.made_up
        self.arranging = {api: self._arranger.tiers(api) for api in description.apis}

    def _rights(self, api: str) -> Rights:
        """Return what the description lets a run change of an API."""
        said = self.description.apis[api]
        return Rights(
            said.resources,
            said.owned,
            said.irreversible,
            frozenset(each.partition("/")[2] for each in self.operations if each.startswith(f"{api}/")),
            frozenset(who for who, each in said.credentials.items() if isinstance(each, LoginCredential)),
            "" if "://" in self.name else f"targets.{self.name}.apis.{api}",
        )

    @property
    def refused(self) -> dict[str, dict[str, str]]:
        """Return why the file itself keeps states from being arranged by its operations: API -> state -> reason."""
        return {
            api: {state: why for state in said.states if (why := self._arranger.forbidden(api, state))}
            for api, said in self._apis.items()
        }

    def secrets(self) -> Mapping[str, str]:
        """Return every secret that is known by now, with the marker that stands for it."""
        calls = [
            way for each in self._apis.values() for one in each.states.values() for way in (one.arrange, one.clean_up)
        ]
        if self._with_secrets:
            self._outside.learn(calls)
        return {**dict.fromkeys(self._outside.known, SECRET), **self._credentials.secrets()}

    def base_url(self, api: str) -> str:
        """Return the base URL of an API."""
        return self._apis[api].base_url.rstrip("/")

    async def credential(self, api: str, identity: str, security: str) -> tuple[str, str] | None:
        """Return the header of an identity's credential; a malformed one can always be made up."""
        return await self._credentials.header(api, identity, security)

    def charge(self, conduct: Conduct, tell: Callable[[Housekeeping], None]) -> None:
        """Charge logins and ends of sessions to a run from now on."""
        self._till.open(conduct, tell)

    async def renew(self, api: str, identity: str, refused: str) -> bool:
        """Get another token in place of one that was refused; tell whether there is one."""
        return await self._credentials.renew(api, identity, refused)

    def check_host(self, api: str, url: str) -> None:
        """Check that a credential of an API may go to a URL; raises UnavailableError where it may not."""
        self._credentials.check_host(api, url)

    async def check_credentials(self) -> list[Problem]:
        """Get the token of every identity, and return what is wrong with any."""
        return await self._credentials.check()

    async def raw_url(self, api: str) -> str:
        """Return the base URL of an API."""
        return self.base_url(api)

    async def close(self) -> None:
        """Close the sessions that were opened."""
        await self._credentials.close()

    async def arrange(self, api: str, state: str, send: Send) -> Arrangement:
        """Bring an API into a state in the way that the target's description names, unless it is given.

        Raises UnavailableError with the reason when it names none, or when that does not work.
        """
        return await self._arranger.arrange(api, state, send)

    async def clean_up(self, api: str, send: Send) -> Sequence[str]:
        """Take back what was arranged of an API, as the description says, and return what could not be."""
        return await self._arranger.clean_up(api, send)

    def keep_account(self, ledger: Ledger) -> None:
        """Tell a ledger of what is arranged from outside the API."""
        self._arranger.ledger = ledger

    async def restore(self, api: str, state: str, send: Send) -> bool:
        """Take back a state that another run had arranged, as the description says; tell whether it does."""
        return await self._arranger.restore(api, state, send)

    def patience(self, api: str) -> Patience:
        """Return how long the target's description says that an API may take to show a write."""
        return self._apis[api].patience

    def now(self) -> float:
        """Return the system's time."""
        return time.time()

    async def wait(self, seconds: float) -> None:
        """Sleep."""
        await asyncio.sleep(seconds)

    @property
    def _routes(self) -> dict[str, Route]:
        return {self.base_url(api): route for api, route in self.manners.routes.items()}

    def client(self) -> httpx.AsyncClient:
        """Return a client for the servers of the target alone."""
        from asdocumented.transport.client import make_client  # a run on the emulator needs none of its libraries

        limits = self.description.limits
        timeouts = Timeouts(limits.connect, limits.answer)
        return make_client(self._routes, timeouts, self.description.pace.concurrency)

    def curl_credential(self, api: str, identity: str, security: str) -> str:
        """Return the shell expression for a credential."""
        return self._credentials.shown(api, identity, security)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what a user must know of how the target is reached, loudly."""
        unverified = (
            f"The certificate of {each.base_url} is NOT verified (verify = false for {api}): whoever stands in between can read"
            " the credentials, and what is judged may be another's answers."
            for api, each in self._apis.items()
            if not each.tls.verify and urlsplit(each.base_url).scheme == "https"
        )
        open_to_all = (
            f"The credentials for {api} go to {each.base_url} without TLS: whoever stands in between can read them."
            for api, each in self._apis.items()
            if each.credentials and urlsplit(each.base_url).scheme == "http" and not is_loopback(each.base_url)
        )
        return (*unverified, *open_to_all)
