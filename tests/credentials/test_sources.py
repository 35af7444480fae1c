"""Every mistake about the credentials of a target, told at once and before anything is sent."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from asdocumented.credentials.holding import Credentials
from asdocumented.credentials.sources import mistakes
from asdocumented.errors import UsageError
from asdocumented.targets.description import (
    ApiDescription,
    AzureCredential,
    Credential,
    Description,
    FromCommand,
    FromEnvironment,
    FromFile,
    LoginCredential,
    StaticCredential,
)
from tests.support import catalogue

ACCESS, VCENTER = "azure-synapse-access-control", "vmware-vcenter-hvc"
ENV = FromEnvironment("ASDOC_TESTED")
AZURE = AzureCredential("client-secret", "tenant", "client", ENV)


def described(api: str, **credentials: Credential) -> Description:
    """Return a target with one API and the credentials of identities (`_` for `-`)."""
    given = {identity.replace("_", "-"): each for identity, each in credentials.items()}
    return Description("tested", {api: ApiDescription("https://tested.example", given)})


def held(description: Description) -> Credentials:
    """Return the credentials of a target, read."""
    return Credentials(catalogue(), description, httpx.AsyncClient, read=True)


def test_all_mistakes_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable, a file, a command and an incomplete credential that cannot be used are told in one go."""
    monkeypatch.delenv("ASDOC_TESTED", raising=False)
    target = described(
        ACCESS,
        admin=StaticCredential(ENV),
        reader=StaticCredential(FromFile(tmp_path / "none")),
        expired=StaticCredential(FromCommand((sys.executable, "-c", "raise SystemExit(4)"))),
        wrong_audience=AzureCredential("client-secret", "tenant"),
    )

    with pytest.raises(UsageError) as raised:
        held(target)

    said = str(raised.value)
    assert "credentials-unusable" == raised.value.code
    assert "5 mistakes in the credentials:" in said
    for part in (
        "ASDOC_TESTED",
        str(tmp_path / "none"),
        "ended with 4",
        "lacks client, secret",
        "the scope of the API itself",
    ):
        assert part in said


def test_one_mistake_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that several identities name is told once, with all of them."""
    monkeypatch.delenv("ASDOC_TESTED", raising=False)

    with pytest.raises(UsageError) as raised:
        held(described(ACCESS, admin=StaticCredential(ENV), reader=StaticCredential(ENV)))

    assert "\n" not in str(raised.value)
    assert f"'admin' for {ACCESS}, 'reader' for {ACCESS}" in str(raised.value)


MISTAKES = {
    "lacks secret": (ACCESS, "admin", replace(AZURE, secret=None)),
    "without TLS": (ACCESS, "admin", replace(AZURE, authority="http://authority.example")),
    "names no scope": (VCENTER, "admin", AZURE),
    "a new token, which has not expired": (ACCESS, "expired", AzureCredential("default")),
    "good later, from a file": (ACCESS, "not-yet-valid", AzureCredential("default")),
    "the right signature": (ACCESS, "wrong-signature", AzureCredential("default")),
    "a token with a signature": (ACCESS, "unsigned", AzureCredential("default")),
    "the scope of the API itself": (ACCESS, "wrong-audience", AzureCredential("default")),
    "no operation that makes a session": (ACCESS, "admin", LoginCredential("user", ENV)),
    "a user name with a colon": (VCENTER, "admin", LoginCredential("a:b", ENV)),
    "which the API has anyway": (ACCESS, "admin", StaticCredential(ENV, "authorization")),
    "a session that is good": (VCENTER, "expired", LoginCredential("user", ENV)),
}


@pytest.mark.parametrize("expected", MISTAKES)
def test_mistake_is_found_without_secrets(expected: str) -> None:
    """What cannot work whatever the secrets are is found without a look at any."""
    api, identity, credential = MISTAKES[expected]

    found = list(mistakes(catalogue(), described(api, **{identity: credential})))

    assert 1 == len(found)
    assert expected in found[0]


@pytest.mark.parametrize(
    ("api", "identity", "credential"),
    [
        (ACCESS, "admin", AZURE),
        (ACCESS, "admin", AzureCredential("managed-identity")),
        (ACCESS, "wrong-audience", AzureCredential("default", scope="https://other.example/.default")),
        (VCENTER, "admin", LoginCredential("user", ENV)),
        (VCENTER, "admin", StaticCredential(ENV, "Authorization")),
        (VCENTER, "admin", replace(AZURE, scope="https://gateway.example/.default")),
    ],
)
def test_good_credential_is_none(api: str, identity: str, credential: Credential) -> None:
    """A credential that can work is no mistake."""
    assert [] == list(mistakes(catalogue(), described(api, **{identity: credential})))


@pytest.mark.parametrize("value", ["with\nline", "with-é", "tab\tbed"])
def test_token_that_no_header_carries(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token with characters that a header cannot carry is a mistake, and is not told."""
    monkeypatch.setenv("ASDOC_TESTED", value)

    with pytest.raises(UsageError, match="no HTTP header can carry") as raised:
        held(described(ACCESS, admin=StaticCredential(ENV)))

    assert value not in str(raised.value)


def test_command_runs_once(tmp_path: Path) -> None:
    """A command that several identities name runs once."""
    code = f"open({str(tmp_path / 'runs')!r}, 'a').write('x'); print('token-of-a-command')"
    command = StaticCredential(FromCommand((sys.executable, "-c", code)))

    held(described(ACCESS, admin=command, reader=command))

    assert "x" == (tmp_path / "runs").read_text(encoding="utf-8")


def test_file_is_read_again(tmp_path: Path) -> None:
    """A token in a file that was refused is replaced by what the file holds by then."""
    path = tmp_path / "token"
    path.touch(0o600)
    path.write_text("first-token\n", encoding="utf-8")
    credentials = held(described(ACCESS, admin=StaticCredential(FromFile(path))))
    path.write_text("second-token\n", encoding="utf-8")

    assert asyncio.run(credentials.renew(ACCESS, "admin", "Bearer first-token"))
    assert ("authorization", "Bearer second-token") == asyncio.run(credentials.header(ACCESS, "admin", "token"))


@pytest.mark.parametrize("identity", ["expired", "wrong-audience", "malformed", "anonymous", "stranger"])
def test_refused_identity_is_never_renewed(identity: str, tmp_path: Path) -> None:
    """An identity that is meant to be refused gets no other token, although there is one."""
    path = tmp_path / "token"
    path.touch(0o600)
    path.write_text("first-token\n", encoding="utf-8")
    credentials = held(described(ACCESS, **{identity: StaticCredential(FromFile(path))}))
    path.write_text("second-token\n", encoding="utf-8")

    assert not asyncio.run(credentials.renew(ACCESS, identity, "Bearer first-token"))


@pytest.mark.parametrize(("value", "expected"), [("user:abc", "fewer than 4 characters"), ("user:", "holds nothing")])
def test_login_in_one_variable_is_checked(value: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password that is too short to be kept secret, or is none, is a mistake."""
    monkeypatch.setenv("ASDOC_TESTED", value)

    with pytest.raises(UsageError, match=expected):
        held(described(VCENTER, admin=StaticCredential(ENV)))
