"""Permitted differences of the emulator fail nothing."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.running import Options, run
from asdocumented.targets.emulated import EmulatorTarget
from asdocumented.verdicts import Verdict
from tests.support import catalogue

_VARIANTS = [
    pytest.param("page.last-empty", {}, id="empty continuation on the last page"),
    pytest.param("page.count-all", {}, id="count of all pages"),
    pytest.param("page.size", {"size": 7}, id="pages of seven"),
    pytest.param("page.size", {"size": 1}, id="pages of one"),
    pytest.param("filter.ancestors", {}, id="scopes select ancestors"),
    pytest.param("read-after-write.lag", {"seconds": 1}, id="reads lag a second"),
    pytest.param("read-after-write.lag", {"seconds": 25}, id="reads lag almost half a minute"),
    pytest.param(
        "transition.shown-as", {"pointer": "/status", "state": "Stopping", "instead": "Stopped"}, id="stops at once"
    ),
    pytest.param(
        "transition.shown-as", {"pointer": "/status", "state": "Starting", "instead": "Running"}, id="starts at once"
    ),
    pytest.param(
        "transition.shown-as", {"pointer": "/status", "state": "Starting", "instead": "Initializing"}, id="initializes"
    ),
    pytest.param(
        "transition.shown-as",
        {"pointer": "/value/current_session_info/stage", "state": "CHANGE_ENUMERATION", "instead": "WAITING"},
        id="a sync waits",
    ),
    pytest.param("throttled.http-date", {}, id="a time to come back at"),
    pytest.param("upsert.conflict", {}, id="second write is a conflict"),
    pytest.param("latency", {"seconds": 1.5, "jitter": 1}, id="late answers"),
    pytest.param("connection.slow", {"seconds": 2}, id="slow answers"),
    pytest.param("delete.again-missing", {}, id="second delete is refused as missing"),
    pytest.param("conditional.quoted-alone", {}, id="entity tags count in quotation marks alone"),
    pytest.param("conditional.raw-alone", {}, id="entity tags count as they stand alone"),
    pytest.param("identity.any-kind", {}, id="every kind of identity is supported"),
    pytest.param("identity.accepted", {"identity": "service-principal"}, id="service principals are supported"),
]


@pytest.mark.parametrize(("switch", "arguments"), _VARIANTS)
def test_legal_variant_fails_nothing(switch: str, arguments: dict[str, Any]) -> None:
    """Where a page leaves something open, every way to do it is conformant in every profile."""
    target = EmulatorTarget(catalogue())
    target.emulator.switch(switch, **arguments)
    done = run(catalogue(), target, Options(profile="conventions"))
    accepted = {Verdict.PASS, Verdict.NOT_OBSERVED}

    assert [] == [key for key, result in done.results.items() if not set(result.profiles.values()) <= accepted]
    assert 0 == done.exit_code
