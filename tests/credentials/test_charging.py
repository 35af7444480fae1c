"""Logins and ends of sessions are requests like any other: they count in the budget, and a run tells of them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from asdocumented.contracts.model import Tier
from asdocumented.report.records import header_record, run_records
from asdocumented.running import Options, Run, run
from asdocumented.targets.description import Budget
from asdocumented.targets.remote import RemoteTarget
from asdocumented.traces import Why
from tests.credentials.recording import LOGIN, Recorder
from tests.credentials.test_sessions import PASSWORDS, VCENTER, server, target_at
from tests.support import catalogue, of_api
from tests.transport.hostile import hostile, said

__all__ = ["server"]


def judged(target: RemoteTarget, *, preflight: bool = False) -> Run:
    """Judge what may be read."""
    options = Options(selection=of_api(VCENTER), allowed=Tier.READ, preflight=preflight)
    return run(catalogue(), target, options)


def within(target: RemoteTarget, requests: int) -> RemoteTarget:
    """Return a target with a budget of so many requests."""
    return RemoteTarget(catalogue(), replace(target.description, budget=Budget(requests=requests)))


def told(done: Run) -> Counter[Why]:
    """Return what a run says that it sent beside its plan."""
    return Counter(each.why for each in done.execution.housekeeping)


@pytest.mark.parametrize("requests", [1, 2, 7, 20])
@pytest.mark.parametrize("preflight", [False, True])
def test_logins_are_of_the_budget(server: Recorder, requests: int, *, preflight: bool) -> None:
    """A run sends no more than its budget, logins included; beyond it only its sessions are ended, each of them."""
    done = judged(within(target_at(server), requests), preflight=preflight)
    ends = [each for each in server.asked if each.method == "DELETE" and each.target == LOGIN]

    assert "budget" in done.execution.interrupted
    assert requests == len(server.asked) - len(ends)
    assert set() == server.open
    assert told(done)[Why.LOGOUT] == len(ends) == len(server.opened)


def test_everything_that_is_sent_is_told(server: Recorder) -> None:
    """Exchanges and requests beside the plan are together all that a server got, and no secret is told."""
    done = judged(target_at(server), preflight=True)
    header = header_record(done.target, done.options, started="2024-02-29T06:00:00+00:00", run_id="1")
    records = list(run_records(done, header))
    kept = [each for each in records if each["kind"] == "housekeeping"]

    assert {Why.LOGIN: 2, Why.LOGOUT: 2} == dict(told(done))
    assert len(server.asked) == len(done.execution.trace.exchanges) + len(kept)
    assert list(range(1, 5)) == [each["id"] for each in kept]
    assert [] == [each for each in (*PASSWORDS.values(), *server.opened) if each in json.dumps(records)]


def test_repeated_login_is_counted(server: Recorder) -> None:
    """A login that is answered "later" is counted each time."""
    busy = said(503, {}, retry_after="0")
    with hostile(lambda asked: [busy]) as other:
        described = target_at(server).description
        api = replace(described.apis[VCENTER], base_url=other.url)
        only = replace(api, credentials={"admin": api.credentials["admin"]})
        done = judged(RemoteTarget(catalogue(), replace(described, apis={VCENTER: only}, budget=Budget(requests=3))))

    assert 3 == len(other.asked)
    assert {Why.LOGIN: 3} == dict(told(done))
    assert all(each.exchange.again for each in done.execution.housekeeping)
