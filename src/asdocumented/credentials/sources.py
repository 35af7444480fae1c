"""Make of each credential of a description what gives its token, and find every mistake of all of them at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from asdocumented.contracts.model import Api, Catalogue
from asdocumented.credentials import azure
from asdocumented.credentials.keeping import Keeper
from asdocumented.credentials.reading import SecretError, read
from asdocumented.credentials.sessions import Client, Sessions
from asdocumented.credentials.tokens import Token, token_of
from asdocumented.errors import UsageError
from asdocumented.secrets import SHORTEST, marker_for
from asdocumented.targets.description import (
    ApiDescription,
    AzureCredential,
    Credential,
    Description,
    FromEnvironment,
    LoginCredential,
    Secret,
    StaticCredential,
)
from asdocumented.targets.model import UnavailableError
from asdocumented.transport.till import Till

EXPIRED, WRONG_AUDIENCE = "expired", "wrong-audience"
NOT_YET, ISSUER, SIGNATURE, UNSIGNED = "not-yet-valid", "wrong-issuer", "wrong-signature", "unsigned"
UNFIT = (EXPIRED, NOT_YET, WRONG_AUDIENCE, ISSUER, SIGNATURE, UNSIGNED)
"""Identities that are refused because of a token that was good once, will be, is good elsewhere, or is no issuer's own."""
_ISSUED = {
    EXPIRED: "is a new token, which has not expired. Give one that has",
    NOT_YET: "is a token that is good now. Give one that is good later",
    SIGNATURE: "is a token with the right signature. Give one with another",
    UNSIGNED: "is a token with a signature. Give one without",
}
"""What a token that azure-identity gets cannot be."""


@dataclass(frozen=True, slots=True)
class Source:
    """What gives the credential of one identity: its tokens, and the user name and password where it has them."""

    credential: Credential
    keeper: Keeper
    login: tuple[str, str] | None = field(default=None, repr=False)
    sessions: Sessions | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)  # value -> marker, beside the tokens


def mistakes(catalogue: Catalogue, description: Description) -> Iterator[str]:
    """Yield what cannot work about the credentials of a description, without a look at any secret."""
    for name, described in description.apis.items():
        for identity, credential in described.credentials.items():
            who = f"The credential of {identity!r} for {name}"
            if isinstance(credential, AzureCredential):
                yield from _azure_mistakes(who, identity, credential, catalogue.apis[name])
            elif isinstance(credential, StaticCredential):
                usual = catalogue.apis[name].credential["header"]
                if credential.header.lower() == usual.lower():
                    yield f"{who} names the header {usual}, which the API has anyway. Leave it out, and the scheme in the secret."
            elif isinstance(credential, LoginCredential):
                if catalogue.apis[name].login is None:
                    yield f"{who} is a user name and a password, and the API has no operation that makes a session of them."
                if ":" in credential.user:
                    yield f"{who} has a user name with a colon, which HTTP cannot carry (RFC 7617)."
                if identity in UNFIT:
                    yield f"{who} is a user name and a password, which give a session that is good. Give one that has ended."


def _azure_mistakes(who: str, identity: str, credential: AzureCredential, api: Api) -> Iterator[str]:
    if not azure.is_installed():
        yield f"{who} needs azure-identity, which is not installed. {azure.REMEDY}"
    needed = {"tenant": credential.tenant, "client": credential.client, "secret": credential.secret}
    missing = [key for key, value in needed.items() if not value]
    if credential.way == azure.CLIENT_SECRET and missing:
        yield f"{who} is a client secret and lacks {', '.join(missing)}."
    if credential.authority.startswith("http:"):
        yield f"{who} names an authority without TLS, which azure-identity refuses. Name it with https://."
    if not (credential.scope or api.scope):
        yield f"{who} names no scope, and the contract of the API has none."
    if identity in _ISSUED:
        yield f"{who} {_ISSUED[identity]}, from a file or a variable."
    if identity == WRONG_AUDIENCE and credential.scope in ("", api.scope):
        yield f"{who} has the scope of the API itself. Name the scope of another."


class Resolver:
    """Reads every secret of a description, each once, and remembers what went wrong."""

    def __init__(self, catalogue: Catalogue, description: Description, client: Client, till: Till) -> None:
        self._catalogue = catalogue
        self._till = till
        self._description = description
        self._client = client
        self._values: dict[Secret, str] = {}
        self._errors: dict[Secret, str] = {}
        self._wanting: dict[Secret, dict[str, None]] = {}  # the secrets that cannot be had -> whose they are, in order
        self._mistakes = list(mistakes(catalogue, description))

    def resolve(self) -> dict[str, dict[str, Source]]:
        """Return the source of each identity of each API; raises UsageError with every mistake at once."""
        found = {
            name: {who: self._source(name, who, each) for who, each in described.credentials.items()}
            for name, described in self._description.apis.items()
        }
        told = [*self._mistakes, *(self._told(secret, list(whose)) for secret, whose in self._wanting.items())]
        if told:
            heading = f"{len(told)} mistakes in the credentials:"
            message = told[0] if len(told) == 1 else "\n".join([heading, *(f"  {each}" for each in told)])
            raise UsageError("credentials-unusable", message)
        return found

    def _told(self, secret: Secret, whose: list[str]) -> str:
        return f"The credential of {', '.join(whose)} cannot be used: {self._errors[secret]}"

    def _source(self, name: str, identity: str, credential: Credential) -> Source:
        api, described = self._catalogue.apis[name], self._description.apis[name]
        who = f"'{identity}' for {name}"
        match credential:
            case AzureCredential():
                return self._azure(who, identity, credential, api, described)
            case LoginCredential(user, secret):
                return self._login(who, identity, credential, (user, self._read(who, secret)), api)
            case StaticCredential(secret):
                return self._static(who, identity, credential, secret, api)

    def _static(self, who: str, identity: str, credential: StaticCredential, secret: Secret, api: Api) -> Source:
        value = self._read(who, secret)
        user, colon, password = value.partition(":")
        if colon and user and api.login is not None and not credential.header:
            if identity in (EXPIRED, WRONG_AUDIENCE):
                self._mistakes.append(
                    f"The credential of {who} is a user name and a password, which give a good session."
                )
            return self._login(who, identity, credential, (user, password), api)
        if not (value.isascii() and value.isprintable()):
            self._mistakes.append(f"The credential of {who} holds characters that no HTTP header can carry.")
        get = None if isinstance(secret, FromEnvironment) else partial(_read_again, who, secret)
        return Source(credential, Keeper(who, get, token_of(value)))

    def _login(self, who: str, identity: str, credential: Credential, given: tuple[str, str], api: Api) -> Source:
        user, password = given
        if isinstance(credential, StaticCredential) and len(password) < SHORTEST:
            short = f"has fewer than {SHORTEST} characters, too few to be kept secret" if password else "holds nothing"
            self._mistakes.append(f"The password of {who} {short}.")
        secrets = {password: f"«secret:/credentials/{identity}»", f"{user}:{password}": marker_for(identity, "basic")}
        secrets = {value: marker for value, marker in secrets.items() if password}
        if api.login is None:
            return Source(credential, Keeper(who, None), given, secrets=secrets)
        base = self._description.apis[api.name].base_url.rstrip("/")
        sessions = Sessions(api, api.login, base, user, password, self._client, self._description.limits, self._till)
        return Source(credential, Keeper(who, sessions.get), given, sessions, secrets)

    def _azure(
        self, who: str, identity: str, credential: AzureCredential, api: Api, described: ApiDescription
    ) -> Source:
        secret = self._read(who, credential.secret) if credential.secret is not None else ""
        secrets = {secret: f"«secret:/credentials/{identity}»"} if secret else {}
        ca_file = credential.ca_file or (described.tls.ca_file if credential.authority else None)
        given = azure.Azure(who, credential, credential.scope or api.scope, secret, ca_file)
        return Source(credential, Keeper(who, given.get), secrets=secrets)

    def _read(self, who: str, secret: Secret) -> str:
        """Return a secret, or nothing where that is a mistake; a command that several identities name is run once."""
        if secret not in self._values:
            try:
                self._values[secret] = read(secret)
            except SecretError as error:
                self._values[secret], self._errors[secret] = "", str(error)
        if secret in self._errors:
            self._wanting.setdefault(secret, {})[who] = None
        return self._values[secret]


async def _read_again(who: str, secret: Secret) -> Token:
    """Read a file or run a command again, beside the loop: there may be a new token."""
    try:
        return token_of(await asyncio.to_thread(read, secret))
    except SecretError as error:
        raise UnavailableError(f"environment: no token of {who}: {error}") from error
