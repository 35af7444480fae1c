"""Executing a plan: what depends on an answer is followed by the target's clock, and every run comes to its end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
import pytest

from asdocumented.contracts.model import Tier
from asdocumented.executing import Execution, Executor
from asdocumented.plans import (
    Answers,
    Condition,
    Field,
    Lists,
    Pages,
    Plan,
    Renews,
    Retry,
    Scenario,
    Shows,
    Step,
    Until,
)
from asdocumented.secrets import Redactor
from asdocumented.targets.model import Patience, Pools, Send, UnavailableError
from asdocumented.traces import Arrangement, Facts
from asdocumented.transport.manners import Manners
from tests.judge.traces import ID, LIST, OTHER_ID, STATUS, Conversation, catalogue
from tests.support import clean_run

_NAMES = ("x-ms-continuation", "x-ms-continuation")


@dataclass
class Scripted:
    """A target that answers as a function of the number of the request says, and whose clock moves only when it waits."""

    answers: Callable[[int], httpx.Response]
    pace: Patience = field(default_factory=lambda: Patience(deadline=30, interval=10))
    stands_still: bool = False
    name: str = "scripted"
    implementation: str = "scripted"
    version: str = ""
    is_emulator: bool = False
    takes_intrusive: bool = False
    concurrency: int = 1
    manners: Manners | None = None
    warnings: tuple[str, ...] = ()
    operations: frozenset[str] = frozenset()
    pools: Mapping[str, Pools] = field(default_factory=dict)
    states: Mapping[str, Mapping[str, Pools]] = field(default_factory=dict)
    arranging: Mapping[str, Mapping[str, Tier]] = field(default_factory=dict)
    unsupported: Mapping[str, str] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)

    def secrets(self) -> Mapping[str, str]:
        """Return nothing."""
        return {}

    def base_url(self, api: str) -> str:
        """Return any URL."""
        return "http://scripted"

    async def credential(self, api: str, identity: str, security: str) -> tuple[str, str] | None:
        """Return nothing: nobody checks."""
        return None

    def check_host(self, api: str, url: str) -> None:
        """Do nothing: there is no credential."""

    async def renew(self, api: str, identity: str, refused: str) -> bool:
        """Return no: there is no credential."""
        return False

    def charge(self, conduct: object, tell: object) -> None:
        """Do nothing: nobody logs in."""

    async def arrange(self, api: str, state: str, send: Send) -> Arrangement:
        """Tell that no state can be had."""
        raise UnavailableError("no state can be had")

    async def clean_up(self, api: str, send: Send) -> Sequence[str]:
        """Do nothing: nothing was arranged."""
        return ()

    def patience(self, api: str) -> Patience:
        """Return the patience of the test."""
        return self.pace

    def now(self) -> float:
        """Return what was waited for so far."""
        return 0.0 if self.stands_still else sum(self.waits)

    async def wait(self, seconds: float) -> None:
        """Take note of a wait."""
        self.waits.append(seconds)

    def client(self) -> httpx.AsyncClient:
        """Return a client that gets the scripted answers."""
        numbers = count()

        def answer(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            return self.answers(next(numbers))

        return httpx.AsyncClient(transport=httpx.MockTransport(answer))

    async def close(self) -> None:
        """Do nothing: nothing is held."""

    async def raw_url(self, api: str) -> str:
        """Return any URL."""
        return "http://scripted"

    def curl_credential(self, api: str, identity: str, security: str) -> str:
        """Return nothing."""
        return ""


def executed(target: Scripted, *steps: Step) -> Execution:
    """Return what comes of steps on a target."""
    plan = Plan((Scenario("one", steps[0].call.operation.api, steps),), ())
    execution = Execution(Facts())
    executor = Executor(target, catalogue().apis, Redactor(), lambda event: None, lambda scenario: None)
    asyncio.run(executor.run(plan, execution))
    return execution


def step(*conditions: Condition, operation: str = STATUS, pages: Pages | None = None) -> Step:
    """Return a step that waits for conditions."""
    return Step(Conversation().call(operation), "a look", Tier.READ, follow=Until(conditions, pages))


def statuses(*shown: str) -> Callable[[int], httpx.Response]:
    """Return answers that show one status after the other, and the last for ever."""
    return lambda number: httpx.Response(200, json={"status": shown[min(number, len(shown) - 1)]})


_STOPPED = Shows((Field("/status", ("Stopped", "Paused")),))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param(["Stopped"], [], id="at once"),
        pytest.param(["Running", "Stopping", "Paused"], [10, 10], id="later"),
        pytest.param(["Running"], [10, 10, 10], id="never"),
    ],
)
def test_condition_is_waited_for(shown: list[str], expected: list[float]) -> None:
    """A call is repeated at the target's pace until its answer fulfils the condition, or the deadline has passed."""
    target = Scripted(statuses(*shown))
    executed(target, step(_STOPPED))

    assert (expected, len(expected) + 1) == (target.waits, len(target.requests))


def test_impatient_target_gets_two_looks() -> None:
    """Without patience there is still a second look, since one says nothing."""
    target = Scripted(statuses("Running"), Patience(deadline=0, interval=1))
    executed(target, step(_STOPPED))

    assert ([1], 2) == (target.waits, len(target.requests))


def test_clock_that_stands_ends_too() -> None:
    """A clock that does not move cannot keep a run from its end."""
    target = Scripted(statuses("Running"), stands_still=True)
    executed(target, step(_STOPPED))

    assert 1 + 4 == len(target.requests)


@pytest.mark.parametrize(("status", "looks"), [(400, 1), (403, 1), (404, 5), (429, 5), (500, 5)])
def test_refusal_that_stays_is_not_repeated(status: int, looks: int) -> None:
    """A refusal of the request itself is not waited out; one that may pass is."""
    target = Scripted(lambda number: httpx.Response(status), stands_still=True)
    executed(target, step(_STOPPED))

    assert looks == len(target.requests)


def _page(*ids: str, following: str = "") -> httpx.Response:
    body = {"count": len(ids), "value": [{"id": each} for each in ids]}
    return httpx.Response(200, json=body, headers={"x-ms-continuation": following} if following else {})


@pytest.mark.parametrize(
    ("condition", "answers", "requests"),
    [
        pytest.param(Lists("/value", (Field("/id", (ID,)),)), [_page(), _page(ID)], 2, id="in the list"),
        pytest.param(Lists("/value", (Field("/id", (ID,)),), absent=True), [_page(ID), _page()], 2, id="not in it"),
        pytest.param(
            Lists("/value", (Field("/id", (ID.upper(),), ignores_case=True),)), [_page(ID)], 1, id="in any letter case"
        ),
        pytest.param(
            Lists("/value", (Field("/id", (ID,)),)),
            [_page(OTHER_ID, following="two"), _page(), _page(OTHER_ID, following="two"), _page(ID)],
            4,
            id="on the second page",
        ),
        pytest.param(Answers((404,)), [_page(), httpx.Response(404)], 2, id="a status"),
    ],
)
def test_conditions_are_understood(condition: Condition, answers: list[httpx.Response], requests: int) -> None:
    """A list is read with all its pages, and then again, until the condition holds."""
    target = Scripted(answers.__getitem__)
    executed(target, step(condition, operation=LIST, pages=Pages(*_NAMES)))

    assert requests == len(target.requests)


@pytest.mark.parametrize(
    ("answer", "condition"),
    [
        pytest.param(b"{", _STOPPED, id="no JSON"),
        pytest.param(b"", _STOPPED, id="nothing"),
        pytest.param(b"[]", _STOPPED, id="an array"),
        pytest.param(b'{"value": {"id": 1}}', Lists("/value", (Field("/id", (ID,)),)), id="no list"),
        pytest.param(b'{"value": [1, null, []]}', Lists("/value", (Field("/id", (ID,)),)), id="no items"),
    ],
)
def test_strange_answer_fulfils_nothing(answer: bytes, condition: Condition) -> None:
    """An answer that is not what was expected is waited out like any other."""
    target = Scripted(lambda number: httpx.Response(200, content=answer))
    executed(target, step(condition))

    assert 4 == len(target.requests)


def test_renewal_is_waited_for() -> None:
    """A value counts as renewed when it is another than the same call was answered before."""
    target = Scripted(statuses("a", "a", "b"))
    first = Step(Conversation().call(STATUS), "a look", Tier.READ)
    executed(target, first, step(Renews("/status")))

    assert 3 == len(target.requests)


def _throttled(*after: str) -> Callable[[int], httpx.Response]:
    return lambda number: (
        httpx.Response(429, headers={"retry-after": after[number]}) if number < len(after) else httpx.Response(200)
    )


@pytest.mark.parametrize(
    ("after", "waits"),
    [
        pytest.param((), [], id="not throttled"),
        pytest.param(("3",), [4], id="once"),
        pytest.param(("1", "2"), [2, 3], id="twice"),
        pytest.param(("1", "1", "1", "1", "1"), [2, 2, 2], id="for ever"),
        pytest.param(("soon",), [], id="malformed"),
        pytest.param(("31",), [], id="longer than the deadline"),
        pytest.param(("Thu, 01 Jan 1970 00:00:09 GMT",), [10], id="a date"),
        pytest.param(("Wed, 31 Dec 1969 00:00:00 GMT",), [1], id="a date that is over"),
    ],
)
def test_retry_waits_as_told(after: tuple[str, ...], waits: list[float]) -> None:
    """A throttled call is sent again when its answer says so, a few times at most."""
    target = Scripted(_throttled(*after))
    executed(target, Step(Conversation().call(STATUS), "a look", Tier.READ, follow=Retry(429, "retry-after")))

    assert waits == target.waits
    assert len(waits) + 1 == len(target.requests)


def test_plan_with_conditions_is_data() -> None:
    """A plan with follow-ups can be compared and shown without sending anything."""
    one, other = step(_STOPPED), step(_STOPPED)
    shown: Any = json.dumps(repr(one))

    assert one == other
    assert "Stopped" in shown


def test_state_serves_until_it_may_have_ended() -> None:
    """A state that was arranged is not arranged again while every request since was refused."""
    held: dict[str, str] = {}
    again = []
    for event in clean_run().execution.events:
        if isinstance(event, Arrangement):
            again += [event] if held.get(event.api) == event.state else []
            held[event.api] = event.state
        elif event.response is None or not 400 <= event.response.status < 500 or event.response.status == 429:
            held.pop(event.api, None)

    assert [] == again
