"""Late, slow and broken answers: nobody sleeps in process, and other requests do not wait."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from asdocumented.contracts import load_catalogue
from asdocumented.emulator import Clock, Emulator
from asdocumented.emulator.clock import SteppingClock
from asdocumented.emulator.delivery import Courier
from asdocumented.emulator.messages import Delivery, Reply
from asdocumented.emulator.switches import Switch
from asdocumented.emulator.worlds import Draws
from asdocumented.errors import UsageError
from tests.emulator.client import ACCESS, OTHER_ROLE, ROLE, VERSION, Client

LIST = f"{ACCESS}/list-role-assignments"


class GatedClock(Clock):
    """A clock at which everybody waits until the gate opens."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.waited: list[float] = []

    async def wait(self, seconds: float) -> None:
        """Wait for the gate."""
        self.waited.append(seconds)
        await self.gate.wait()


class Cycle:
    """A server's side of one request, with a connection that can be closed, as uvicorn has it."""

    def __init__(self) -> None:
        self.transport = self
        self.closed = False
        self.sent: list[dict[str, Any]] = []

    def close(self) -> None:
        """End the connection."""
        self.closed = True

    async def send(self, message: Any) -> None:
        """Take a message of the application."""
        self.sent.append(message)

    async def receive(self) -> dict[str, Any]:
        """Give the application its end of the connection."""
        return {"type": "http.disconnect" if self.closed else "http.request"}


def delivered(delivery: Delivery, *, content: str = "0123456789", head: bool = False) -> Cycle:
    """Deliver a text in one way."""
    cycle = Cycle()
    courier = Courier(SteppingClock(), Draws("test"))
    asyncio.run(courier.deliver(Reply(200, text=content, delivery=delivery), cycle.receive, cycle.send, head=head))
    return cycle


def elapsed(client: Client) -> float:
    """Return how long one request takes by the emulator's clock."""
    before = client.clock.now()
    client.page()
    return round(client.clock.now() - before, 3)


def test_latency_moves_stepping_clock(client: Client) -> None:
    """In process an answer that is late moves the clock and nobody sleeps."""
    client.emulator.late(12.5, operation=LIST)

    assert 12.51 == elapsed(client)


def test_latency_is_for_operation(client: Client) -> None:
    """Latency is for the operations that fit its glob alone, and is replaced for the same glob."""
    client.emulator.late(5, operation=f"{ACCESS}/create-*")
    client.emulator.late(7, operation=f"{ACCESS}/list-*")
    client.emulator.late(2, operation=f"{ACCESS}/list-*")

    assert (2.01, 2) == (elapsed(client), len(client.emulator.switches))


def test_errors_are_late_too(client: Client) -> None:
    """A refusal is as late as a success."""
    client.emulator.late(3)
    before = client.clock.now()
    client.send("GET", "/roleAssignments", identity="anonymous")

    assert 3.01 == round(client.clock.now() - before, 3)


def test_jitter_is_drawn_from_seed() -> None:
    """Jitter is different from request to request, within its bounds, and the same for the same seed."""
    clients = [Client(seed=seed) for seed in (3, 3, 4)]
    for each in clients:
        each.emulator.late(1, jitter=2)
    found = [[elapsed(each) for _ in range(5)] for each in clients]

    assert found[0] == found[1] != found[2]
    assert 5 == len(set(found[0]))
    assert all(1 <= each <= 3.02 for each in found[0])


def test_latency_is_bounded(client: Client) -> None:
    """Latency and jitter together never make an answer later than a minute."""
    client.emulator.late(60, jitter=60)

    assert 60.01 == elapsed(client)


@pytest.mark.parametrize("seconds", [-1, 61, "1", True, None])
def test_wrong_latency_is_told(client: Client, seconds: Any) -> None:
    """A latency that is no number of seconds up to a minute is told."""
    with pytest.raises(UsageError, match="from 0 to 60"):
        client.emulator.late(seconds)


def test_late_answer_holds_up_nobody() -> None:
    """While one answer is late, another request is answered."""

    async def talk() -> tuple[list[int], list[float]]:
        clock = GatedClock()
        emulator = Emulator(load_catalogue(), clock=clock)
        emulator.late(30, operation=LIST)
        name, value = emulator.credential(ACCESS, "admin") or ("", "")
        transport = httpx.ASGITransport(app=emulator.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://emulator", headers={name: value}) as client:
            late = asyncio.create_task(client.get(f"/roleAssignments?{VERSION}"))
            while not clock.waited:
                await asyncio.sleep(0)
            quick = await client.get(f"/roleAssignments/x?{VERSION}")
            was_done = late.done()
            clock.gate.set()
            return [quick.status_code, int(was_done), (await late).status_code], clock.waited

    assert ([404, 0, 200], [30.0]) == asyncio.run(talk())


def test_system_clock_sleeps() -> None:
    """The system's clock really waits, if only for an instant here."""
    asyncio.run(Clock().wait(0))


def test_slow_content_comes_in_pieces() -> None:
    """Slow content comes in ten pieces that make up the whole."""
    sent = delivered(Delivery(spread=5)).sent

    assert b"0123456789" == b"".join(each["body"] for each in sent[1:])
    assert [True] * 9 + [False] == [each["more_body"] for each in sent[1:]]


@pytest.mark.parametrize("delivery", [Delivery(), Delivery(spread=5), Delivery(wait=1)], ids=str)
def test_empty_content_is_delivered(delivery: Delivery) -> None:
    """An answer without content is complete, however it is delivered."""
    sent = delivered(delivery, content="").sent

    assert [b"", False] == [sent[1]["body"], sent[1]["more_body"]]
    assert 2 == len(sent)


def test_head_is_delivered_without_content() -> None:
    """An answer to HEAD has the length of the content and no content, however it is delivered."""
    sent = delivered(Delivery(spread=5), head=True).sent

    assert [b""] == [each["body"] for each in sent[1:]]
    assert (b"content-length", b"10") in sent[0]["headers"]


@pytest.mark.parametrize("ends_after", [0, 4])
def test_truncated_content_ends_early(ends_after: int) -> None:
    """A truncated answer has its full length in the header, a part of its content, and then no connection."""
    cycle = delivered(Delivery(ends_after=ends_after))

    assert (b"content-length", b"10") in cycle.sent[0]["headers"]
    assert (b"0123456789"[:ends_after], True) == (cycle.sent[1]["body"], cycle.sent[1]["more_body"])
    assert (2, True) == (len(cycle.sent), cycle.closed)


def test_dropped_connection_has_no_answer() -> None:
    """A connection that is dropped ends before the status."""
    cycle = delivered(Delivery(ends_after=-1))

    assert ([], True) == (cycle.sent, cycle.closed)


@pytest.mark.parametrize("switch", ["connection.dropped", "connection.truncated"])
def test_unsupported_server_says_so(client: Client, switch: str) -> None:
    """Where the server has no connection that could end, the answer says so."""
    client.emulator.switch(switch)
    answer = client.page()

    assert (501, "this server does not let the emulator end a connection") == (
        answer.status_code,
        answer.json()["error"],
    )


def test_times_end_by_themselves(client: Client) -> None:
    """A line for two requests is on for two of its operation, says how many are left, and then is off."""
    client.emulator.switch("service.throttled", operation=LIST, times=2)
    seen = []
    for _ in range(3):
        client.read()
        seen.append((client.page().status_code, [each.times for each in client.emulator.switches]))

    assert [(429, [1]), (429, []), (200, [])] == seen


def test_lines_end_one_by_one(client: Client) -> None:
    """Equal lines are each counted, so that two of one request each are on for the same request."""
    client.emulator.switch("error.flat", times=1)
    client.emulator.switch("error.flat", times=1)
    client.read()

    assert () == client.emulator.switches


def test_share_is_drawn_from_seed() -> None:
    """A line for a part of the requests is on for about that part, and for the same ones with the same seed."""
    clients = [Client(seed=seed) for seed in (1, 1, 2)]
    for each in clients:
        each.emulator.switch("service.unavailable", share=0.25)
    found = [[each.page().status_code == 503 for _ in range(200)] for each in clients]

    assert found[0] == found[1] != found[2]
    assert all(30 <= sum(each) <= 70 for each in found)


def test_lines_alternate_where_they_change_an_answer(client: Client) -> None:
    """A line that alternates leaves the first answer that it would change, changes the next, and counts no others."""
    client.emulator.switch("upsert.conflict", alternates=True)
    fresh = [client.create().status_code, client.read().status_code]
    again = [client.create(roleId=role).status_code for role in (OTHER_ROLE, ROLE, OTHER_ROLE, ROLE)]

    assert ([200, 200], [200, 409, 200, 409]) == (fresh, again)


def test_what_was_only_tried_leaves_nothing(client: Client) -> None:
    """Of the two answers that a line that alternates has tried, the one that is not sent changes nothing."""
    plain = Client()
    client.emulator.switch("upsert.conflict", alternates=True)
    for each in (client, plain):
        each.create()
        each.create(roleId=OTHER_ROLE)
    refused = client.create(roleId=ROLE)

    assert (409, plain.read().json()) == (refused.status_code, client.read().json())
    assert plain.page().json() == client.page().json()
    assert [200, 200, 409] == [each.status for each in client.emulator.log if each.method == "PUT"]


@pytest.mark.parametrize("limits", [{"alternates": "yes"}, {"times": 1}, {"share": 0.5}])
def test_wrong_turns_are_told(limits: dict[str, Any]) -> None:
    """A line alternates or does not, and has no other limit beside."""
    with pytest.raises(UsageError, match="alternates"):
        Switch("error.flat", **{"alternates": True, **limits})


@pytest.mark.parametrize(
    ("times", "share"), [(0, 1), (-1, 1), (True, 1), (1.5, 1), (1_000_001, 1), (None, 0), (None, 1.1), (None, "1")]
)
def test_wrong_limits_are_told(times: Any, share: Any) -> None:
    """A number of requests or a part of them that there is not is told."""
    with pytest.raises(UsageError, match="for a switch"):
        Switch("error.flat", times=times, share=share)


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        ({}, 500, "InternalServerError"),
        ({"cause": "conflict"}, 409, "RoleAssignmentAlreadyExists"),
        ({"status": 502}, 502, "InternalServerError"),
        ({"cause": "unauthenticated", "status": 401}, 401, "AuthenticationFailed"),
    ],
)
def test_failure_has_its_error(client: Client, arguments: dict[str, Any], status: int, code: str) -> None:
    """A service that fails answers with the error of the cause, or with the status, before it looks at the request."""
    client.emulator.switch("service.failing", **arguments)
    answer = client.send("GET", "/roleAssignments", identity="anonymous")

    assert (status, code, "switch/service.failing") == (
        answer.status_code,
        answer.json()["error"]["code"],
        client.last_rule(),
    )
