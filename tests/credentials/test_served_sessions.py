"""Logins and headers of one's own, against the emulator in another process over TLS and against the independent server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from asdocumented.contracts.model import Tier
from asdocumented.running import Options, Run, run
from asdocumented.targets.description import (
    ApiDescription,
    Credential,
    Description,
    FromEnvironment,
    LoginCredential,
    StaticCredential,
    Tls,
)
from asdocumented.targets.model import Patience
from asdocumented.targets.remote import RemoteTarget
from tests.clients.served import Served
from tests.credentials.recording import recording
from tests.support import catalogue, failing, of_api, verdicts

ACCESS, VCENTER = "azure-synapse-access-control", "vmware-vcenter-hvc"


def given(patch: pytest.MonkeyPatch, name: str, value: str) -> FromEnvironment:
    """Put a secret into a variable."""
    patch.setenv(name, value)
    return FromEnvironment(name)


def judged(emulator: Served, **credentials: Credential) -> Run:
    """Judge the API with sessions, with what only reads."""
    known = {pool: each.values for pool, each in catalogue().apis[VCENTER].resources.items() if each.values}
    tls = Tls(ca_file=Path(str(emulator.ca_file)))
    api = ApiDescription(emulator.url(VCENTER), credentials, known, tls=tls)
    target = RemoteTarget(catalogue(), Description("served", {VCENTER: api}))
    return run(catalogue(), target, Options(selection=of_api(VCENTER), allowed=Tier.READ))


def besides_login(done: Run) -> dict[str, dict[str, str]]:
    """Return the verdicts on all operations but those for which only a login gives what they take."""
    return {key: each for key, each in verdicts(done.results).items() if "-session/" not in key}


def test_login_is_as_good_as_session(emulator: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who logs in gets the verdicts of who has a session, with one login for whoever calls, and leaves no session open."""
    expired = StaticCredential(given(monkeypatch, "TESTED_EXPIRED", emulator.token(VCENTER, "expired")))
    names = {"admin": "TESTED_ADMIN", "reader": "TESTED_READER"}
    with_sessions = judged(
        emulator,
        expired=expired,
        **{
            who: StaticCredential(given(monkeypatch, name, emulator.token(VCENTER, who))) for who, name in names.items()
        },
    )
    emulator.control.post("/reset").raise_for_status()
    with_logins = judged(
        emulator,
        expired=expired,
        **{who: LoginCredential(who, given(monkeypatch, name, emulator.password(who))) for who, name in names.items()},
    )
    log = emulator.log()
    changes = [(name.rpartition("/")[2], who) for name, who, _ in log if "-session" in name]

    told = [each.failure for each in (*with_sessions.execution.trace.exchanges, *with_logins.execution.trace.exchanges)]

    assert [] == [each for each in told if each]
    assert besides_login(with_sessions) == besides_login(with_logins)
    assert set() == failing(with_logins)
    assert [("create-session", "admin"), ("delete-session", "admin")] == changes


def test_header_of_ones_own_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that takes credentials in another header is judged as any other: who calls is known from there."""
    keys = {"admin": "key-of-the-admin", "reader": "key-of-the-reader"}
    page = b'{"count": 0, "value": []}'

    def answer(asked: Any) -> Any:
        known = [each for each in asked.values("x-api-key") if each in keys.values()]
        return (
            (200, {"Content-Type": "application/json"}, page)
            if len(known) == 1
            else (401, {"WWW-Authenticate": "Key"}, b"")
        )

    with recording() as server:
        server.answer = answer
        credentials = {
            who: StaticCredential(given(monkeypatch, f"TESTED_{who}", key), "X-Api-Key") for who, key in keys.items()
        }
        known = {pool: each.values for pool, each in catalogue().apis[ACCESS].resources.items() if each.values}
        api = ApiDescription(server.url, credentials, known, patience=Patience(deadline=0, interval=0.001))
        operations = frozenset({f"{ACCESS}/list-role-assignments"})
        target = RemoteTarget(catalogue(), Description("keyed", {ACCESS: api}, operations=operations))
        done = run(catalogue(), target, Options(selection=of_api(ACCESS), allowed=Tier.READ))

    listed = f"{ACCESS}/list-role-assignments"
    assert "pass" == done.results[f"{listed}/response/status"].profiles["documented"]
    assert "pass" == done.results[f"{listed}/identity/anonymous/refused"].profiles["conventions"]
    assert [] == [each for each in failing(done) if "credential" in each or "identity" in each]
    assert [] == [asked.target for asked in server.asked if asked.values("authorization")]
