"""The emulator's time is moved, set, frozen and let run, and nothing else moves it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from asdocumented.emulator import Clock, SteppingClock
from asdocumented.errors import UsageError
from tests.emulator.client import Client

NEW_YEAR = 1_767_225_600.0  # 2026-01-01T00:00:00Z
JSON = {"content-type": "application/json"}


def test_frozen_time_stands_still() -> None:
    """A frozen clock stands still, but for a step with each request."""
    clock = Clock()
    clock.freeze(250)
    before = clock.now()
    unmoved = clock.now() - before
    clock.tick()

    assert (0.0, 0.25) == (unmoved, clock.now() - before)


def test_resumed_time_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is let run goes on from where it stood."""
    clock = SteppingClock()
    monkeypatch.setattr(time, "time", lambda: 5000.0)
    clock.resume()
    monkeypatch.setattr(time, "time", lambda: 5003.0)

    assert NEW_YEAR + 3 == clock.now()
    assert clock.hands.frozen is None


def test_running_clock_ignores_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests do not step a clock that runs."""
    monkeypatch.setattr(time, "time", lambda: NEW_YEAR)
    clock = Clock()
    clock.tick()

    assert NEW_YEAR == clock.now()


@pytest.mark.parametrize("offset", [-86_400.0, 0.0, 86_400.0])
def test_time_is_set_and_kept(offset: float) -> None:
    """A clock shows the time that it is set to, before or after its own."""
    clock = SteppingClock()
    clock.set(NEW_YEAR + offset)

    assert NEW_YEAR + offset == clock.now()


@pytest.mark.parametrize("seconds", [0.1, 5, 29.999, 30])
def test_time_is_moved_exactly(seconds: float) -> None:
    """A clock that was set is moved by no less than it is told, so that what takes so long has ended."""
    clock = SteppingClock()
    clock.set(NEW_YEAR + 1234.567)
    hands = clock.hands
    clock.advance(seconds)

    assert hands.ahead + seconds == clock.hands.ahead


def test_far_time_is_refused() -> None:
    """A clock that is moved on and on is told before its time can no longer be written."""
    clock = SteppingClock()
    for _ in range(173):
        clock.advance(31_536_000)
    last = clock.now()
    with pytest.raises(UsageError, match="between the years"):
        clock.advance(315_360_000)

    assert last == clock.now()


def test_control_freezes_and_resumes(client: Client) -> None:
    """The control API freezes the time with a step, and lets it run."""
    frozen = client.control("POST", "/clock/freeze", json={"step_ms": 1000}).json()
    client.page()
    stepped = client.control("GET", "/clock").json()
    resumed = client.control("POST", "/clock/resume").json()

    assert ("2026-01-01T00:00:00.000Z", True, 1000) == (frozen["now"], frozen["frozen"], frozen["step_ms"])
    assert ("2026-01-01T00:00:01.000Z", False, 0) == (stepped["now"], resumed["frozen"], resumed["step_ms"])


@pytest.mark.parametrize("sent", [{}, {"content": b""}, {"content": b"", "headers": JSON}, {"json": {}}])
def test_freezing_needs_no_body(client: Client, sent: dict[str, Any]) -> None:
    """The time stands still without a step where the body is empty or not there, as it runs on without one."""
    answer = client.control("POST", "/clock/freeze", **sent)

    assert (200, True, 0) == (answer.status_code, answer.json()["frozen"], answer.json()["step_ms"])


def test_control_sets_time(client: Client) -> None:
    """The control API sets the time, in whatever offset it is written."""
    answer = client.control("PUT", "/clock", json={"now": "2027-03-01T02:00:00+02:00"})

    assert "2027-03-01T00:00:00.000Z" == answer.json()["now"]


@pytest.mark.parametrize(
    "text",
    ["", "now", "2027-03-01T00:00:00", "1999-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"],
)
def test_wrong_time_is_explained(client: Client, text: str) -> None:
    """A time without an offset, or out of range, is explained, and the clock stays as it is."""
    answer = client.control("PUT", "/clock", json={"now": text})

    assert 400 == answer.status_code
    assert client.clock.now() == NEW_YEAR
