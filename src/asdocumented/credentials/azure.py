"""Tokens of Microsoft Entra ID, got by azure-identity, which is imported when it is needed and in a thread of its own.

Its synchronous credentials are used: the asynchronous ones need an HTTP client that nothing else here needs.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from asdocumented.credentials.tokens import Token
from asdocumented.targets.description import AzureCredential
from asdocumented.targets.model import UnavailableError

CLIENT_SECRET = "client-secret"  # noqa: S105 - the name of a way
REMEDY = "Install it: pip install 'asdocumented[azure]'"
_SECONDS = {"connection_timeout": 10, "read_timeout": 30}
_LONGEST = 300


def is_installed() -> bool:
    """Tell whether azure-identity can be imported."""
    try:
        return find_spec("azure.identity") is not None
    except ModuleNotFoundError:  # not even the namespace is there
        return False


@cache
def _quieten() -> None:
    """Keep the libraries' warnings from stderr; what they warn of is told as the reason."""
    for name in ("azure", "msal"):
        logging.getLogger(name).addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Azure:
    """What azure-identity needs to get the token of one identity: its way, the scope, its secret, whom it trusts."""

    who: str
    credential: AzureCredential
    scope: str
    secret: str = field(default="", repr=False)
    ca_file: Path | None = None

    async def get(self) -> Token:
        """Return a new token; raises UnavailableError with the library's reason when there is none."""
        return await asyncio.to_thread(self._get)

    def _get(self) -> Token:
        """Ask with a credential of its own, since one that lives on would give what it has in its cache."""
        try:
            from azure.core.exceptions import AzureError
        except ImportError as error:
            raise UnavailableError(f"environment: azure-identity cannot be imported. {REMEDY}") from error
        _quieten()
        try:
            with self._made() as made:
                got = made.get_token(self.scope)
        except (AzureError, ValueError, OSError) as error:
            raise UnavailableError(f"environment: no token of {self.who}: {self._reason(error)}") from None
        return Token(got.token, float(got.expires_on))

    def _made(self) -> Any:
        from azure.identity import (
            ClientSecretCredential,
            DefaultAzureCredential,
            ManagedIdentityCredential,
            WorkloadIdentityCredential,
        )

        given, pipeline = self.credential, self._pipeline()
        tenant, client = given.tenant or None, given.client or None
        match given.way:
            case "client-secret":
                return ClientSecretCredential(given.tenant, given.client, self.secret, **pipeline)
            case "workload-identity":
                return WorkloadIdentityCredential(tenant_id=tenant, client_id=client, **pipeline)
            case "managed-identity":
                return ManagedIdentityCredential(client_id=client, **pipeline)
        chosen = {
            "managed_identity_client_id": client,
            "workload_identity_client_id": client,
            "workload_identity_tenant_id": tenant,
        }
        return DefaultAzureCredential(**{key: each for key, each in chosen.items() if each}, **pipeline)

    def _pipeline(self) -> dict[str, Any]:
        pipeline: dict[str, Any] = dict(_SECONDS)
        if self.credential.authority and self.credential.way != "managed-identity":
            pipeline |= {"authority": self.credential.authority, "disable_instance_discovery": True}
        if self.ca_file is not None:
            pipeline["connection_verify"] = str(self.ca_file)
        return pipeline

    def _reason(self, error: Exception) -> str:
        """Return the first line of what the library says, without the secret."""
        text = str(error).strip().partition("\n")[0].strip() or type(error).__name__
        return (text.replace(self.secret, "«secret»") if self.secret else text)[:_LONGEST].rstrip(".")
