"""A run after its preflight: what rests on something missing is inconclusive with that reason, and the rest is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from asdocumented.contracts.model import Tier
from asdocumented.emulator import Emulator
from asdocumented.errors import UnreachableError
from asdocumented.preflight.probing import probes_of
from asdocumented.running import Options, Run, run
from asdocumented.selection import Selection
from asdocumented.targets.remote import RemoteTarget
from asdocumented.verdicts import Verdict
from tests.independent.server import running
from tests.preflight.servers import ACCESS, FABRIC, VCENTER, error, remote
from tests.support import WIDEST, catalogue, failing, independent_target, verdicts

Change = Callable[[httpx.Request], httpx.Response | None]
Pools = dict[str, tuple[str, ...]]


class Changed(httpx.AsyncBaseTransport):
    """The emulator, but for requests that a test answers itself."""

    def __init__(self, emulator: Emulator, change: Change) -> None:
        self._inner = httpx.ASGITransport(app=emulator.app)
        self._change = change

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the test's answer, else the emulator's."""
        return self._change(request) or await self._inner.handle_async_request(request)


def judged(
    monkeypatch: pytest.MonkeyPatch, api: str, change: Change, *, pools: Pools | None = None, preflight: bool = True
) -> Run:
    """Judge an API of the emulator as a stranger's server, changed; its socket is another server's, which gets nothing."""
    emulator = Emulator(catalogue())
    tokens = {}
    for who in ("admin", "reader"):
        made = emulator.credential(api, who) if who in catalogue().apis[api].identities else None
        tokens |= {(api, who): made[1].rpartition(" ")[2]} if made else {}
    with running() as server:
        target = remote({api: server.base_url}, tokens=tokens, pools={api: pools or {}})
        monkeypatch.setattr(RemoteTarget, "client", lambda self: httpx.AsyncClient(transport=Changed(emulator, change)))
        options = Options(Selection(apis=(api,)), allowed=Tier.DISRUPTIVE, preflight=preflight)
        return run(catalogue(), target, options)


def unchanged(request: httpx.Request) -> None:
    """Change nothing."""


def reasons(done: Run, words: str) -> set[str]:
    """Return the operations of the requirements that are inconclusive for a reason with these words."""
    return {
        each.requirement.operation
        for each in done.results.values()
        if each.verdict(WIDEST) is Verdict.INCONCLUSIVE and words in each.reason
    }


def removed(request: httpx.Request) -> httpx.Response | None:
    """Answer as a vCenter that has no links any more."""
    return error(VCENTER, "route-missing") if "/hvc/" in request.url.path else None


def test_removed_operations_are_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Operations that a release has removed fail nothing: they are inconclusive, and the reason names the release."""
    done = judged(monkeypatch, VCENTER, removed)
    gone = {"get-sync-provider", "list-links", "list-sync-providers", "start-sync-provider"}

    assert gone == reasons(done, "vCenter 8.0 U1 removed the synchronization")
    assert set() == {each for each in failing(done) if each.split("/")[1] in gone}
    assert set() != failing(judged(monkeypatch, VCENTER, removed, preflight=False))


def test_missing_resource_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    """What rests on a resource that the file got wrong is inconclusive, and fails nothing."""
    wrong = {"mirrored-database": ("00000000-0000-4000-8000-000000000000",)}
    done = judged(monkeypatch, FABRIC, unchanged, pools=wrong)

    assert {"get-mirroring-status", "start-mirroring", "stop-mirroring"} == reasons(done, "does not exist")
    assert set() == failing(done)
    assert set() != failing(judged(monkeypatch, FABRIC, unchanged, pools=wrong, preflight=False))


def test_one_server_that_is_gone_leaves_the_others() -> None:
    """The API of a server that nobody reaches is inconclusive as a whole; the others are judged, and the run goes on."""
    with running() as gone:
        pass
    with running() as server:
        target = independent_target(server)
        moved = replace(target.description.apis[VCENTER], base_url=gone.base_url)
        target.description.apis[VCENTER] = moved  # type: ignore[index]
        done = run(catalogue(), target, Options(allowed=Tier.DISRUPTIVE, preflight=True))

    assert {"start-sync-provider"} == reasons(done, "nothing answers at")
    assert set() == failing(done)
    assert {ACCESS, FABRIC} <= {
        each.requirement.api for each in done.results.values() if each.verdict(WIDEST) is Verdict.PASS
    }
    assert VCENTER not in {each.api for each in done.execution.trace.exchanges}


def test_nothing_reachable_ends_the_run() -> None:
    """Where no server is there, nothing is judged."""
    with running() as server:
        target = independent_target(server)

    with pytest.raises(UnreachableError, match="So it is with 3 more APIs"):
        run(catalogue(), target, Options(preflight=True))


@pytest.mark.parametrize("tier", [Tier.READ, Tier.DISRUPTIVE])
def test_preflight_changes_no_verdict(tier: Tier) -> None:
    """On a server that has everything, the verdicts are the same with and without a preflight."""
    found = []
    for preflight in (True, False):
        with running() as server:
            options = Options(allowed=tier, preflight=preflight)
            found.append(verdicts(run(catalogue(), independent_target(server), options).results))

    assert found[0] == found[1]


@pytest.mark.parametrize("tier", [Tier.PROBE, Tier.READ])
def test_preflight_keeps_the_tier(tier: Tier) -> None:
    """A run that may not read sends no read before it either; a run that may sends every one."""
    with running() as server:
        target = independent_target(server)
        done = run(catalogue(), target, Options(allowed=tier, preflight=True))
    sent = {each.request.target for each in done.execution.trace.exchanges if each.again == "preflight"}
    allowed = [each for each in probes_of(catalogue(), target) if each.step.tier.rank <= tier.rank]

    assert {each.step.call.target for each in allowed} == sent
    assert (tier is Tier.READ) is any(each.reads for each in allowed)


def test_what_is_amiss_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exchanges of a preflight are in the record, first and marked, and none of them bears on a verdict."""
    done = judged(monkeypatch, VCENTER, removed)
    probes = [each.id for each in done.execution.trace.exchanges if each.again == "preflight"]
    bearing = {number for each in done.results.values() for number in each.bearing}

    assert list(range(1, len(probes) + 1)) == probes
    assert set() == bearing & set(probes)
