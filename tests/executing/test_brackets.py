"""Another client changes the tenant while a run looks at it: no verdict then, and no pardon for a target that is wrong itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from benchmarks.emulator import ServedEmulator
from benchmarks.loopback import ServedTarget

from asdocumented.emulator.emulator import Emulator
from asdocumented.exchanges import Sender
from asdocumented.plans import Call
from asdocumented.running import Options, Run, run
from asdocumented.selection import Selection
from asdocumented.targets.model import Send
from asdocumented.traces import Arrangement, Exchange
from asdocumented.verdicts import Verdict
from tests.support import WIDEST, catalogue, failing, loopback_client, served

_ACCESS, _VCENTER = "azure-synapse-access-control", "vmware-vcenter-hvc"
_LIST, _START = f"{_ACCESS}/list-role-assignments", f"{_VCENTER}/start-sync-provider"
_REASON = "environment: the target changed while"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedEmulator]:
    """Serve the emulator in another process."""
    with (
        served(tmp_path_factory.mktemp("served"), "--port", "0") as ready,
        closing(ServedEmulator(ready["apis"][_ACCESS])) as control,
    ):
        yield control


@dataclass
class Meddler:
    """A second client of the tenant, which acts each time an answer that it waits for has come, a few times at most."""

    emulator: ServedEmulator
    waits_for: Callable[[Exchange], bool]
    acts: Callable[[Meddler, Exchange], None]
    times: int = 1
    log: list[str] = field(default_factory=list)

    def look(self, exchange: Exchange) -> None:
        """Act, if this is what is waited for."""
        if self.times > 0 and self.waits_for(exchange):
            self.times -= 1
            self.acts(self, exchange)

    def send(self, method: str, api: str, path: str, body: Any = None) -> int:
        """Send a request of its own as the admin, and return its status."""
        credential = Emulator(catalogue()).credential(api, "admin")
        assert credential is not None
        with loopback_client() as client:
            url = f"{self.emulator.base_url}{path}"
            answer = client.request(method, url, json=body, headers=dict([credential]))
        self.log.append(f"{method} {answer.status_code}")
        return answer.status_code


def judged(
    meddler: Meddler,
    monkeypatch: pytest.MonkeyPatch,
    requirement: str,
    workers: int,
    switch: str = "",
    kind: type[ServedTarget] = ServedTarget,
) -> Run:
    """Judge the served emulator, perhaps a broken one, while somebody meddles."""
    send = Sender.send

    async def watched(self: Sender, call: Call, *rest: Any, **more: Any) -> Exchange:
        exchange = await send(self, call, *rest, **more)
        meddler.look(exchange)
        return exchange

    monkeypatch.setattr(Sender, "send", watched)
    meddler.emulator.reset()
    if switch:
        meddler.emulator.switch_on(switch, "/".join(requirement.split("/")[:2]))
    target = kind(catalogue(), dict.fromkeys(catalogue().apis, meddler.emulator), concurrency=workers)
    return run(catalogue(), target, Options(Selection(requirements=(requirement,))))


def _is_first_page(exchange: Exchange) -> bool:
    """Tell whether a long list was begun, and goes on."""
    request, response = exchange.request, exchange.response
    begun = request.method == "GET" and request.header("x-ms-continuation") is None
    return begun and response is not None and bool(response.header("x-ms-continuation"))


def _remove_from_it(meddler: Meddler, exchange: Exchange) -> None:
    """Delete an item of the page, so that all others move up by one."""
    assert exchange.response is not None
    item = json.loads(exchange.response.body)["value"][0]["id"]
    meddler.send("DELETE", _ACCESS, f"/roleAssignments/{item}?api-version=2020-12-01")


@pytest.mark.parametrize("workers", [1, 16])
@pytest.mark.parametrize("times", [1, 9], ids=["once", "all the time"])
def test_list_that_somebody_changes_is_not_judged(
    emulator: ServedEmulator, monkeypatch: pytest.MonkeyPatch, times: int, workers: int
) -> None:
    """What another client deletes between two pages makes the walk inconclusive, and nothing else fails by it."""
    meddler = Meddler(emulator, _is_first_page, _remove_from_it, times)
    done = judged(meddler, monkeypatch, f"{_LIST}/page/*", workers)
    result = done.results[f"{_LIST}/page/no-loss"]

    assert "DELETE 204" in meddler.log
    assert Verdict.INCONCLUSIVE is result.profiles[WIDEST]
    assert result.reason.startswith(_REASON)
    assert set() == failing(done)


@pytest.mark.parametrize(
    ("switch", "aspect"),
    [("page.item-lost", "no-loss"), ("page.item-repeated", "no-repeat"), ("page.count-wrong", "count")],
)
@pytest.mark.parametrize("times", [0, 1], ids=["left alone", "changed meanwhile"])
def test_target_that_is_wrong_itself_fails(
    emulator: ServedEmulator, monkeypatch: pytest.MonkeyPatch, switch: str, aspect: str, times: int
) -> None:
    """A target that loses, repeats or miscounts items by itself does so again, whatever else happens."""
    meddler = Meddler(emulator, _is_first_page, _remove_from_it, times)
    done = judged(meddler, monkeypatch, f"{_LIST}/page/*", 16, switch)

    assert f"{_LIST}/page/{aspect}" in failing(done)


def test_filtered_item_that_somebody_deletes_is_not_missed(
    emulator: ServedEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An item that was listed, and that another client then deletes, is not missing from the next filtered list."""
    written: list[str] = []

    def is_filtered(exchange: Exchange) -> bool:
        request, response = exchange.request, exchange.response
        if request.method == "PUT":
            written.append(request.target)
        shown = response.body.decode() if response else ""
        alone = "principalId=" in request.target and "roleId=" not in request.target
        return alone and any(each[len("/roleAssignments/") :][:36] in shown for each in written)

    def delete_all(meddler: Meddler, exchange: Exchange) -> None:
        for each in dict.fromkeys(written):
            meddler.send("DELETE", _ACCESS, each)

    meddler = Meddler(emulator, is_filtered, delete_all)
    done = judged(meddler, monkeypatch, f"{_LIST}/*", 1)
    result = done.results[f"{_LIST}/filter/principalId/complete"]

    assert "DELETE 204" in meddler.log
    assert Verdict.INCONCLUSIVE is result.profiles[WIDEST]
    assert not {each for each in failing(done) if "/filter/" in each or "/page/" in each}


class Fleeting(ServedTarget):
    """An emulator whose sync ends by itself as soon as it was arranged."""

    async def arrange(self, api: str, state: str, send: Send) -> Arrangement:
        """Arrange a state, and let two minutes pass."""
        arranged = await super().arrange(api, state, send)
        if state == "sync-running":
            self._served[api].advance(120)
        return arranged


@pytest.mark.parametrize(
    ("switch", "expected"), [("", Verdict.INCONCLUSIVE), ("exclusive.never-busy", Verdict.FAIL)], ids=["right", "wrong"]
)
def test_busy_state_may_end_by_itself(
    emulator: ServedEmulator, monkeypatch: pytest.MonkeyPatch, switch: str, expected: Verdict
) -> None:
    """A start that succeeds since the busy state had ended says nothing, unless the next one succeeds too."""
    meddler = Meddler(emulator, lambda exchange: False, lambda own, exchange: None)
    done = judged(meddler, monkeypatch, f"{_START}/exclusive/*", 1, switch, Fleeting)
    result = done.results[f"{_START}/exclusive/sync-running/status"]

    assert expected is result.profiles[WIDEST]
    assert (expected is Verdict.INCONCLUSIVE) is result.reason.startswith(_REASON)
