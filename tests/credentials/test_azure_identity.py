"""Tokens got by the real azure-identity from the emulator's authority, over TLS, in another process."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from asdocumented.contracts.model import Tier
from asdocumented.credentials.resending import AGAIN
from asdocumented.credentials.sources import UNFIT
from asdocumented.emulator.tokens import sign
from asdocumented.running import Options, Run, Watcher, run
from asdocumented.targets.description import (
    ApiDescription,
    AzureCredential,
    Credential,
    Description,
    FromEnvironment,
    FromFile,
    StaticCredential,
    Tls,
)
from asdocumented.targets.model import UnavailableError
from asdocumented.targets.remote import RemoteTarget
from asdocumented.traces import Exchange
from tests.clients.served import Served
from tests.credentials.recording import recording
from tests.support import catalogue, failing, of_api, verdicts

pytest.importorskip("azure.identity", reason="azure-identity is not installed")

ACCESS, FABRIC, VCENTER = "azure-synapse-access-control", "microsoft-fabric-mirroring", "vmware-vcenter-hvc"
TENANT = "8d0f4b2a-1c3e-4f5a-9b7c-6d5e4f3a2b1c"
HOUR = 3600


@pytest.fixture
def secret(emulator: Served, tmp_path: Path) -> FromFile:
    """Give the file with the client secret of the admin."""
    return secret_of("admin", emulator, tmp_path)


def secret_of(identity: str, emulator: Served, folder: Path) -> FromFile:
    """Write the client secret of an identity into a file that nobody else may read."""
    path = folder / f"{identity}.secret"
    path.write_text(emulator.password(identity), encoding="utf-8")
    path.chmod(0o600)
    return FromFile(path)


def authority(emulator: Served) -> str:
    """Return the base URL of the emulator's authority."""
    return str(emulator.ready["authority"]).rpartition("/")[0]


def client_secret(emulator: Served, secret: FromFile, identity: str = "admin", **more: Any) -> AzureCredential:
    """Return the credential of an identity with a client secret."""
    return AzureCredential("client-secret", TENANT, identity, secret, authority=authority(emulator), **more)


def target_with(emulator: Served, api: str, **credentials: Credential) -> RemoteTarget:
    """Return the emulator as a target with one API."""
    given = {identity.replace("_", "-"): each for identity, each in credentials.items()}
    known = {pool: each.values for pool, each in catalogue().apis[api].resources.items() if each.values}
    tls = Tls(ca_file=Path(str(emulator.ca_file)))
    changed = {"role-assignment": ("*",)} if api == ACCESS else {}
    described = ApiDescription(emulator.url(api), given, known, owned=changed, irreversible=changed, tls=tls)
    return RemoteTarget(catalogue(), Description("served", {api: described}))


def header(target: RemoteTarget, api: str, identity: str = "admin") -> tuple[str, str]:
    """Return the header of an identity."""
    found = asyncio.run(target.credential(api, identity, "token"))
    assert found is not None
    return found


def test_client_secret_gives_token(emulator: Served, secret: FromFile) -> None:
    """A client secret gives a token for the API's own scope, which is asked for once."""
    target = target_with(emulator, ACCESS, admin=client_secret(emulator, secret))

    first, again = header(target, ACCESS), header(target, ACCESS)

    assert ("authorization", True) == (first[0], first[1].startswith("Bearer ey"))
    assert first == again
    assert first[1].removeprefix("Bearer ") in target.secrets()
    assert emulator.password("admin") in target.secrets()


def test_default_credential_gives_token(emulator: Served, secret: FromFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default way takes what the environment has for it."""
    monkeypatch.setenv("AZURE_TENANT_ID", TENANT)
    monkeypatch.setenv("AZURE_CLIENT_ID", "admin")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", emulator.password("admin"))
    target = target_with(emulator, ACCESS, admin=AzureCredential("default", authority=authority(emulator)))

    assert header(target, ACCESS)[1].startswith("Bearer ey")


def test_workload_identity_reaches_authority(emulator: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workload identity sends its file's assertion to the authority, whose refusal is told without the assertion."""
    (tmp_path / "assertion").write_text("an-assertion-of-the-tests", encoding="utf-8")
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(tmp_path / "assertion"))
    given = AzureCredential("workload-identity", TENANT, "admin", authority=authority(emulator))

    with pytest.raises(UnavailableError, match="AADSTS7000215") as raised:
        header(target_with(emulator, ACCESS, admin=given), ACCESS)

    assert "an-assertion" not in str(raised.value)


def test_managed_identity_gives_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """A managed identity gets its token from where its host has the endpoint, for the audience of the API."""
    body = {"access_token": "token-of-the-host", "expires_on": str(int(time.time()) + HOUR), "token_type": "Bearer"}
    with recording() as host:
        host.answer = lambda asked: (200, {"Content-Type": "application/json"}, json.dumps(body).encode())
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{host.url}/token")
        monkeypatch.setenv("IDENTITY_HEADER", "header-of-the-host")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        described = ApiDescription("https://tested.example", {"admin": AzureCredential("managed-identity")})
        target = RemoteTarget(catalogue(), Description("tested", {ACCESS: described}))

        assert ("authorization", "Bearer token-of-the-host") == header(target, ACCESS)
        assert ["header-of-the-host"] == host.asked[0].values("x-identity-header")
        assert "resource=https://dev.azuresynapse.net" in unquote(host.asked[0].target)


def test_wrong_secret_is_told(emulator: Served, tmp_path: Path) -> None:
    """A client secret that is refused is told with the authority's reason, and without the secret."""
    (tmp_path / "wrong").write_text("a-wrong-secret-of-the-tests", encoding="utf-8")
    (tmp_path / "wrong").chmod(0o600)
    target = target_with(emulator, ACCESS, admin=client_secret(emulator, FromFile(tmp_path / "wrong")))

    problems = asyncio.run(target.check_credentials())

    assert [(ACCESS, "admin", True)] == [(each.api, each.identity, each.blocks) for each in problems]
    assert "AADSTS7000215" in problems[0].text
    assert "a-wrong-secret" not in problems[0].text


def test_strange_authority_is_not_trusted(emulator: Served, secret: FromFile, tmp_path: Path) -> None:
    """The authority is verified: with another certificate than its own nothing is sent to it."""
    import trustme

    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    given = client_secret(emulator, secret, ca_file=tmp_path / "other.pem")

    with pytest.raises(UnavailableError, match="certificate verify failed"):
        header(target_with(emulator, ACCESS, admin=given), ACCESS)


def test_missing_library_is_told(emulator: Served, secret: FromFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without azure-identity the user is told what to install."""
    from asdocumented.credentials import azure
    from asdocumented.errors import UsageError

    monkeypatch.setattr(azure, "is_installed", lambda: False)

    with pytest.raises(UsageError, match=r"pip install 'asdocumented\[azure\]'"):
        target_with(emulator, ACCESS, admin=client_secret(emulator, secret))


def given_tokens(emulator: Served, api: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Credential]:
    """Return the tokens that are meant to be refused, in variables."""
    found: dict[str, Credential] = {}
    for identity in UNFIT:
        monkeypatch.setenv(f"GIVEN_{identity}".upper().replace("-", "_"), emulator.token(api, identity))
        found[identity.replace("-", "_")] = StaticCredential(
            FromEnvironment(f"GIVEN_{identity}".upper().replace("-", "_"))
        )
    return found


def judged(target: RemoteTarget, emulator: Served, *, every: int, moved: Callable[[], None] = lambda: None) -> Run:
    """Judge a target whose clock moves on by an hour and more once a scenario is over, after every so many (0: never).

    Not at every exchange: it would move on between a request that was refused and its repetition with a new token.
    """
    seen = 0

    def advanced(scenario: object) -> None:
        nonlocal seen
        seen += 1
        if every and seen % every == 0:
            emulator.advance(HOUR + 1)
            moved()

    return run(
        catalogue(), target, Options(selection=of_api(ACCESS), allowed=Tier.DISRUPTIVE), Watcher(advanced=advanced)
    )


def test_run_outlives_its_tokens(
    emulator: Served, secret: FromFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run whose tokens expire again and again gives the verdicts of one whose tokens last, and says what it did."""
    credentials = {
        "admin": client_secret(emulator, secret),
        "reader": client_secret(emulator, secret_of("reader", emulator, tmp_path), "reader"),
        **given_tokens(emulator, ACCESS, monkeypatch),
    }
    lasting = judged(target_with(emulator, ACCESS, **credentials), emulator, every=0)
    emulator.control.post("/reset").raise_for_status()
    ending = judged(target_with(emulator, ACCESS, **credentials), emulator, every=10)

    again = [each for each in ending.execution.trace.exchanges if each.again]
    expected = verdicts(lasting.results)

    assert expected == verdicts(ending.results)
    assert set() == failing(ending)
    assert len(again) >= 5
    assert {(AGAIN, 401)} == {(each.again, each.response.status) for each in again if each.response}
    assert not [each for each in lasting.execution.trace.exchanges if each.again]


def test_run_outlives_token_in_file(emulator: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token in a file that somebody else keeps fresh is read again when it is refused, and no request is judged for that."""
    path, hours = tmp_path / "token", 0
    path.touch(0o600)

    def refresh() -> None:
        nonlocal hours
        now = time.time() + hours * (HOUR + 1)
        path.write_text(sign(catalogue().apis[ACCESS], "admin", seed=0, now=now, expires_in=HOUR), encoding="utf-8")
        hours += 1

    refresh()
    credentials = {"admin": StaticCredential(FromFile(path)), **given_tokens(emulator, ACCESS, monkeypatch)}
    done = judged(target_with(emulator, ACCESS, **credentials), emulator, every=10, moved=refresh)
    again = [each.again for each in done.execution.trace.exchanges if each.again]

    assert set() == failing(done)
    assert {AGAIN} == set(again)
    assert len(again) >= 3


def test_given_token_that_ends_blames_nobody(emulator: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A JWT in a variable has no successor: from its end on nothing is sent with it, and what needs it is inconclusive."""
    monkeypatch.setenv("GIVEN_ADMIN", emulator.token(ACCESS))
    target = target_with(emulator, ACCESS, admin=StaticCredential(FromEnvironment("GIVEN_ADMIN")))
    begun, ended = time.time(), False

    def recorded(event: object) -> None:
        nonlocal ended
        if not ended and isinstance(event, Exchange):
            ended = True
            emulator.advance(HOUR + 1)
            monkeypatch.setattr(time, "time", lambda: begun + HOUR + 2)

    done = run(catalogue(), target, Options(selection=of_api(ACCESS), allowed=Tier.READ), Watcher(recorded=recorded))

    assert set() == failing(done)
    assert any(each.reason.startswith("environment: the token of 'admin'") for each in done.execution.gaps)
