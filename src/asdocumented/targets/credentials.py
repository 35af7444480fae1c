"""The credentials of a target by identity: read where the description says they are, put into headers, named in curl lines."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping

from asdocumented.contracts.model import Catalogue
from asdocumented.errors import UsageError
from asdocumented.secrets import SHORTEST, marker_for
from asdocumented.targets.description import Credential, Description, FromEnvironment, StaticCredential
from asdocumented.targets.model import UnavailableError

MALFORMED = "malformed.token.of-asdocumented"


class Credentials:
    """Every credential that a run may use. `read` says whether they are looked for at all."""

    def __init__(self, catalogue: Catalogue, description: Description, *, read: bool) -> None:
        self._words = {api: catalogue.apis[api].credential for api in description.apis}
        self._given = {api: each.credentials for api, each in description.apis.items()}
        self._tokens = {
            api: {identity: _read(api, identity, each) for identity, each in given.items()} if read else {}
            for api, given in self._given.items()
        }

    def secrets(self) -> Mapping[str, str]:
        """Return every token, and the password of one that is user name and password, with their markers."""
        found = {}
        for tokens in self._tokens.values():
            for identity, token in tokens.items():
                password = token.rpartition(":")[2]
                if len(password) >= SHORTEST:
                    found[password] = marker_for(identity)
                found[token] = marker_for(identity)
        return found

    async def header(self, api: str, identity: str, security: str) -> tuple[str, str] | None:
        """Return the header field with an identity's credential; None for the anonymous one.

        Raises UnavailableError when the target has none for the identity.
        """
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
            # Never a real account: it might be locked.
            user = "nobody-of-asdocumented:" if identity == "malformed" else ""
            return "authorization", "Basic " + base64.b64encode(f"{user}{token}".encode()).decode()
        words = self._words[api]
        return words["header"].lower(), f"{words['scheme']} {token}".strip()

    def shown(self, api: str, identity: str, security: str) -> str:
        """Return a shell expression for a credential, never the secret itself."""
        match self._given[api].get(identity):
            case StaticCredential(FromEnvironment(name)):
                return f"${name}"
        return "$TOKEN"


def _read(api: str, identity: str, credential: Credential) -> str:
    match credential:
        case StaticCredential(FromEnvironment(name)):
            return _from_environment(api, identity, name)
    raise UsageError(
        "credential-unusable", f"The credential of '{identity}' for {api} is of a kind that cannot be used yet."
    )


def _from_environment(api: str, identity: str, name: str) -> str:
    value = os.environ.get(name, "").strip()
    if value and not (value.isascii() and value.isprintable()):
        raise UsageError(
            "credential-unusable",
            f"The environment variable {name!r} holds characters that no HTTP header can carry.",
            remedy="Set it to the token alone.",
        )
    if not value:
        raise UsageError(
            "credential-missing",
            f"The environment variable {name!r}, which holds the token of '{identity}' for {api}, is not set.",
            remedy=f"Set it: export {name}=...",
        )
    if len(value) < SHORTEST:
        raise UsageError(
            "credential-too-short",
            f"The environment variable {name!r} holds fewer than {SHORTEST} characters, too few to be kept secret.",
            remedy="Set it to the token.",
        )
    return value
