"""What stands at the other end of a preflight: sockets with all kinds of certificates, and scripted answers."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import jwt
import pytest
import trustme

from asdocumented.contracts.model import Tier
from asdocumented.exchanges import Sender
from asdocumented.preflight.checks import Check, Kind, State
from asdocumented.preflight.looking import Preflight
from asdocumented.secrets import Redactor
from asdocumented.targets.description import ApiDescription, Description, FromEnvironment, StaticCredential, Tls
from asdocumented.targets.model import Patience
from asdocumented.targets.remote import RemoteTarget
from asdocumented.traces import Exchange
from tests.support import catalogue

ACCESS = "azure-synapse-access-control"
MANAGEMENT = "azure-synapse-management"
FABRIC = "microsoft-fabric-mirroring"
VCENTER = "vmware-vcenter-hvc"
_PATIENCE = Patience(deadline=0, interval=0.001)


@dataclass(frozen=True)
class Authority:
    """An authority of a test and the file that clients trust it by."""

    made: trustme.CA
    file: Path

    @classmethod
    def of(cls, folder: Path) -> Authority:
        """Return a new one."""
        made = trustme.CA()
        made.cert_pem.write_to_path(str(folder / "ca.pem"))
        return cls(made, folder / "ca.pem")

    def context(self, name: str = "127.0.0.1", days: float = 365) -> ssl.SSLContext:
        """Return a server's context with a certificate for a name that ends in so many days."""
        ends = datetime.now(UTC) + timedelta(days=days)
        begins = min(datetime.now(UTC), ends) - timedelta(days=30)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.made.issue_cert(name, not_before=begins, not_after=ends).configure_cert(context)
        return context


@asynccontextmanager
async def listening(context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Listen on a free port while the block lasts, and say nothing; the block gets the port."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


def remote(
    apis: Mapping[str, str],
    tls: Tls | None = None,
    tokens: Mapping[tuple[str, str], str] | None = None,
    pools: Mapping[str, Mapping[str, tuple[str, ...]]] | None = None,
) -> RemoteTarget:
    """Return a target of these APIs and base URLs; by default 'admin' has a token, and pools are the contract's."""
    given = {(api, "admin"): f"token-of-admin-{api}" for api in apis} if tokens is None else tokens
    described = {}
    with pytest.MonkeyPatch.context() as patch:
        for (api, who), value in given.items():
            patch.setenv(_variable(api, who), value)
        for api, url in apis.items():
            known = {pool: each.values for pool, each in catalogue().apis[api].resources.items() if each.values}
            own = {who: StaticCredential(FromEnvironment(_variable(name, who))) for name, who in given if name == api}
            resources = {**known, **(pools or {}).get(api, {})}
            described[api] = ApiDescription(
                url,
                own,
                resources,
                irreversible=dict.fromkeys((*resources, *catalogue().apis[api].operations), ("*",)),
                patience=_PATIENCE,
                tls=tls or Tls(),
            )
        return RemoteTarget(catalogue(), Description("test", described, allow=Tier.DISRUPTIVE))


def _variable(api: str, who: str) -> str:
    return f"T_{api}_{who}".replace("-", "_").upper()


def access_token(audience: str, *, ends: float = 3600) -> str:
    """Return a JWT for an audience that ends in so many seconds."""
    return jwt.encode({"aud": audience, "exp": int(time.time() + ends)}, "k" * 32, algorithm="HS256")


Answer = Callable[[httpx.Request], httpx.Response]


def asked(target: RemoteTarget, answer: Answer) -> tuple[list[Check], list[Exchange]]:
    """Return what a preflight makes of scripted answers, and what it recorded; no connection is made."""
    preflight = Preflight(catalogue(), target, target.operations)
    noted: list[Exchange] = []

    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            await preflight.ask(Sender(target, catalogue().apis, Redactor(), client), noted.append)

    asyncio.run(ask())
    return preflight.checks, noted


def found(checks: list[Check], kind: Kind, state: State) -> dict[str, Check]:
    """Return the checks of a kind and a state by name."""
    return {each.name: each for each in checks if each.kind is kind and each.state is state}


def fine(request: httpx.Request) -> httpx.Response:
    """Answer with an empty success, now."""
    return httpx.Response(200, json={}, headers={"date": format_datetime(datetime.now(UTC), usegmt=True)})


def error(api: str, cause: str) -> httpx.Response:
    """Return the error of an API for a cause, as its contract writes it."""
    model = catalogue().apis[api].error_model
    entry = model.codes[cause]
    text = json.dumps(model.template).replace('"$code"', json.dumps(model.prefix + entry["code"]))
    return httpx.Response(entry["status"], json=json.loads(text))
