"""The credentials of a target by identity: put into headers, renewed, checked before a run, and given back at its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from asdocumented.contracts.model import Catalogue
from asdocumented.credentials import hosts
from asdocumented.credentials.sessions import Client, basic
from asdocumented.credentials.showing import expression
from asdocumented.credentials.sources import EXPIRED, NOT_YET, UNFIT, UNSIGNED, WRONG_AUDIENCE, Resolver, Source
from asdocumented.credentials.tokens import audiences_of, begins, is_for, is_signed, token_of, when
from asdocumented.secrets import SHORTEST, marker_for
from asdocumented.targets.description import AzureCredential, Description, StaticCredential
from asdocumented.targets.model import UnavailableError
from asdocumented.transport.till import Till

ANONYMOUS, MALFORMED = "anonymous", "malformed"
MALFORMED_TOKEN = "malformed.token.of-asdocumented"  # noqa: S105 - it is none
_SOON = 600.0  # seconds
NOBODY = "nobody-of-asdocumented"
"""A user that nobody is: a wrong password is never sent for a real one, whose account it might lock."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the credential of an identity, before a run."""

    api: str
    identity: str
    text: str
    blocks: bool = True  # nothing can be sent as this identity


class Credentials:
    """Every credential that a run may use. `read` says whether they are looked for at all, `till` charges logins to the run.

    Raises UsageError with every mistake of all of them at once. What needs the network is got at its first use.
    """

    def __init__(
        self, catalogue: Catalogue, description: Description, client: Client, *, read: bool, till: Till | None = None
    ) -> None:
        self._catalogue = catalogue
        self._name = description.name
        self._apis = description.apis
        self._sources: Mapping[str, Mapping[str, Source]] = (
            Resolver(catalogue, description, client, till or Till()).resolve() if read else {}
        )

    def secrets(self) -> Mapping[str, str]:
        """Return every secret that is known by now, with the marker that stands for it."""
        found: dict[str, str] = {}
        for _, identity, source in self._all():
            found.update(source.secrets)
            found.update(dict.fromkeys(source.keeper.known, marker_for(identity)))
        return {value: marker for value, marker in found.items() if len(value) >= SHORTEST}

    async def header(self, api: str, identity: str, security: str) -> tuple[str, str] | None:
        """Return the header field with an identity's credential; None for the anonymous one.

        Raises UnavailableError when the target has none for the identity, or one that is not what the identity needs.
        """
        if identity == ANONYMOUS:
            return None
        source = self._sources.get(api, {}).get(identity)
        if security == "basic":
            return "authorization", await self._basic(identity, source)
        token = MALFORMED_TOKEN if identity == MALFORMED else await self._token(api, identity, source)
        own = self._own_header(api, source)
        if own:
            return own, token
        words = self._catalogue.apis[api].credential
        return words["header"].lower(), f"{words['scheme']} {token}".strip()

    def _own_header(self, api: str, source: Source | None) -> str:
        """Return the header that a credential has for itself; what is made up goes where the others go."""
        sources = [source] if source is not None else self._sources.get(api, {}).values()
        given = (each.credential for each in sources)
        return next((each.header.lower() for each in given if isinstance(each, StaticCredential) and each.header), "")

    async def _basic(self, identity: str, source: Source | None) -> str:
        """Return user name and password, of which a login has shown that they are right."""
        if identity == MALFORMED:
            return basic(NOBODY, MALFORMED_TOKEN)
        if source is None:
            raise UnavailableError(f"the target names no credential for the identity '{identity}'")
        if source.login is None:
            raise UnavailableError(f"the credential of '{identity}' is no user:password, which this operation needs")
        await source.keeper.current()
        return basic(*source.login)

    async def _token(self, api: str, identity: str, source: Source | None) -> str:
        if source is None:
            raise UnavailableError(f"the target names no credential for the identity '{identity}'")
        token = source.keeper.known[0] if identity == EXPIRED else await source.keeper.current()
        reason = self._unfit(api, identity, token)
        if reason:
            raise UnavailableError(reason)
        return token

    def _unfit(self, api: str, identity: str, token: str) -> str:
        """Say why a token is not what its identity stands for: it would be shown to a server that it is not for.

        The audiences of an API are those of its contract and those that the file lists. What names none is for everybody, and a
        session is for the server whose login gave it.
        """
        who, expires = f"environment: the token of '{identity}' for {api}", token_of(token).expires
        named = ", ".join(audiences_of(token))
        own = is_for(token, self._audiences(api))
        if identity == EXPIRED:
            return f"{who} is good until {when(expires)}" if expires and expires > time.time() else ""
        if identity == NOT_YET and is_signed(token) is not None and begins(token) <= time.time():
            return f"{who} is good already, where one that is good later is needed"
        if identity == UNSIGNED and is_signed(token):
            return f"{who} has a signature, or an algorithm for one"
        if identity == WRONG_AUDIENCE:
            return f"{who} is for the API's own audience, {named}" if own else ""
        is_session = self._sources[api][identity].sessions is not None
        return "" if own or not named or is_session else f"{who} is for {named}, {self._foreign(api, token)}"

    def _audiences(self, api: str) -> tuple[str, ...]:
        return (*self._catalogue.apis[api].audiences, *self._apis[api].audiences)

    def _foreign(self, api: str, token: str) -> str:
        """Say whose audience a token has, and what lets it go out all the same."""
        others = [each.name for each in self._catalogue.apis.values() if is_for(token, each.audiences)]
        whose = f"the audience of {others[0]}" if others else "which is no audience of it"
        known = " or ".join(self._audiences(api))
        at = "the API in a targets file" if "://" in self._name else f"targets.{self._name}.apis.{api}"
        return f"{whose} ({known}), and is not sent; list it under `audiences` of {at} where it may go there"

    async def renew(self, api: str, identity: str, refused: str) -> bool:
        """Get another token in place of one that was refused; `refused` is the header's value.

        An identity that is meant to be refused never gets another.
        """
        known = self._catalogue.apis[api].identities.get(identity)
        source = self._sources.get(api, {}).get(identity)
        if source is None or known is None or known.refused is not None:
            return False
        scheme = self._catalogue.apis[api].credential["scheme"]
        return await source.keeper.renewed(
            refused if self._own_header(api, source) else refused.removeprefix(f"{scheme} ")
        )

    def check_host(self, api: str, url: str) -> None:
        """Check that a credential of an API may go to a URL; raises UnavailableError where it may not."""
        described = self._apis[api]
        hosts.check_host(api, described.base_url, described.hosts, url)

    async def check(self) -> list[Problem]:
        """Get the token of each identity, and return what is wrong with it: there is none, it is for others, it has expired."""
        found = await asyncio.gather(*(self._check(*each) for each in self._all()), return_exceptions=True)
        failed = next((each for each in found if isinstance(each, BaseException)), None)
        if failed is not None:  # only now that no login is on its way any more, so that each session is known and ended
            raise failed
        return [problem for each in found if isinstance(each, list) for problem in each]

    async def _check(self, api: str, identity: str, source: Source) -> list[Problem]:
        try:
            token = await self._token(api, identity, source)
        except UnavailableError as error:
            return [Problem(api, identity, str(error))]
        return [Problem(api, identity, each, blocks=False) for each in self._doubts(api, identity, token)]

    def _doubts(self, api: str, identity: str, token: str) -> Iterator[str]:
        """Say what is odd about a token that can be used."""
        source = self._sources[api][identity]
        for other, each in self._sources[api].items():
            if other < identity and token in each.keeper.known:
                yield f"the token is that of '{other}' too, so that a record cannot tell one from the other"
        if identity in UNFIT:
            return
        expires = token_of(token).expires
        if expires is not None and not source.keeper.is_renewable and expires < time.time() + _SOON:
            yield f"the token ends at {when(expires)}, and nothing renews it"

    async def close(self) -> None:
        """Close every session that was opened; a later use opens another."""
        for _, _, source in self._all():
            if source.sessions is not None:
                source.keeper.forget()
                await source.sessions.close()

    def shown(self, api: str, identity: str, security: str) -> str:
        """Return a shell expression for a credential, never the secret itself."""
        if identity == MALFORMED:
            return f"{NOBODY}:{MALFORMED_TOKEN}" if security == "basic" else MALFORMED_TOKEN
        credential = self._apis[api].credentials.get(identity)
        scope = credential.scope if isinstance(credential, AzureCredential) else ""
        own = self._catalogue.apis[api].scope
        return expression(identity, credential, scope or own, basic=security == "basic")

    def _all(self) -> Iterator[tuple[str, str, Source]]:
        for api, sources in self._sources.items():
            for identity, source in sources.items():
                yield api, identity, source
