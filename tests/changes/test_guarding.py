"""The guard of a run: it lets nothing pass that the plan should not have held, and undoes what may have happened."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from asdocumented.changes.guarding import Keeper
from asdocumented.changes.journal import Journal, read_journal
from asdocumented.changes.places import changes_files
from asdocumented.changes.rights import Rights
from asdocumented.contracts.model import Tier
from asdocumented.errors import HarnessError
from asdocumented.plans import Call, Step
from asdocumented.secrets import HANDED_OUT, Redactor
from asdocumented.targets.model import Patience, UnavailableError
from asdocumented.traces import Exchange, Housekeeping, Leftover, Request, Response, Why
from tests.support import catalogue

_ACCESS, _FABRIC, _VCENTER = "azure-synapse-access-control", "microsoft-fabric-mirroring", "vmware-vcenter-hvc"
_DATABASE, _MADE = "database-1", "made-up"
Answer = Callable[[Call], tuple[int, object] | None]


@dataclass
class Scripted:
    """A target and a sender in one: answers as a function says, keeps what was sent, and moves its clock when it waits."""

    answer: Answer
    name: str = "mine"
    origin: Mapping[str, str] = field(default_factory=dict)
    sent: list[Call] = field(default_factory=list)
    time: float = 0

    def base_url(self, api: str) -> str:
        """Return any URL."""
        return "https://server.example"

    def patience(self, api: str) -> Patience:
        """Return ten looks."""
        return Patience(deadline=10, interval=1)

    def now(self) -> float:
        """Return what was waited for."""
        return self.time

    async def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.time += seconds

    async def credential(self, api: str, identity: str, security: str) -> None:
        """Return nothing: nobody checks."""

    def take_back(self) -> None:
        """Do nothing: nothing stands in the way."""

    async def send(self, call: Call, headers: object = (), *, note: object = None) -> Exchange:
        """Answer a call."""
        self.sent.append(call)
        answered = self.answer(call)
        response = None if answered is None else Response(answered[0], body=json.dumps(answered[1]).encode())
        return Exchange(
            0, call.operation.api, "", Request("", ""), response, "" if response else "refused", not response
        )

    def afresh(self) -> Scripted:
        """Return itself."""
        return self

    @property
    def names(self) -> list[str]:
        """Return the operations that were sent."""
        return [each.operation.name for each in self.sent]


def _keeper(target: Scripted, redactor: Redactor | None = None, **more: Any) -> Keeper:
    known = {
        name: Rights(
            {"fabric-workspace": ("workspace-1",), "mirrored-database": (_DATABASE,)},
            irreversible={"mirrored-database": ("*",)},
            operations=frozenset(api.operations),
            table="targets.mine",
        )
        for name, api in catalogue().apis.items()
    }
    keeper = Keeper(target, catalogue().apis, {**known, **more}, {_MADE}, redactor or Redactor())  # type: ignore[arg-type]
    keeper.begin(target)  # type: ignore[arg-type]
    return keeper


def _step(operation: str, **arguments: str) -> Step:
    found = catalogue().operation(operation)
    places = {("path", name): value for name, value in arguments.items()}
    return Step(Call(found, "admin", places), "a step", found.tier)


def _stop(**arguments: str) -> Step:
    given = {"workspaceId": "workspace-1", "mirroredDatabaseId": _DATABASE, **arguments}
    return _step(f"{_FABRIC}/stop-mirroring", **given)


def _create(name: str = _MADE) -> Step:
    return _step(f"{_ACCESS}/create-role-assignment", roleAssignmentId=name)


async def _perform(keeper: Keeper, target: Scripted, *steps: Step) -> None:
    for step in steps:
        await keeper.before(step)
        await keeper.after(step, await target.send(step.call))
    target.sent.clear()
    await keeper.finish()


def _done(target: Scripted, *steps: Step, **more: Any) -> Keeper:
    keeper = _keeper(target, **more)
    asyncio.run(_perform(keeper, target, *steps))
    return keeper


@pytest.fixture(autouse=True)
def _own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASDOC_STATE", str(tmp_path))


def _pending() -> int:
    return sum(len(read_journal(file).pending) for file in changes_files())


class _Database:
    """A mirrored database that takes some looks to stop and to start, and may show its state late."""

    def __init__(self, state: str = "Running", *, slow: int = 2, late: int = 0, obeys: bool = True) -> None:
        self.state, self.slow, self.late, self.obeys = state, slow, late, obeys
        self.shown = state
        self.looks = 0
        self.commands: list[tuple[str, str]] = []

    def __call__(self, call: Call) -> tuple[int, object]:
        """Answer a call about it."""
        name = call.operation.name
        if name == "get-mirroring-status":
            self.looks += 1
            if self.looks > self.late:
                self.shown = self.state
            if self.looks >= self.slow:
                self.state = {"Stopping": "Stopped", "Starting": "Running"}.get(self.state, self.state)
            return 200, {"status": self.shown}
        self.commands.append((name, self.state))
        if self.obeys:
            self.state = {"stop-mirroring": "Stopping", "start-mirroring": "Starting"}[name]
        self.looks = 0
        return 200, None


def test_step_outside_the_fence_is_never_sent() -> None:
    """A step that the plan should not have held is a defect of the harness; nothing is sent and nothing journalled."""
    target = Scripted(lambda call: (200, None))
    keeper = _keeper(target)

    with pytest.raises(HarnessError, match="was about to be sent"):
        asyncio.run(keeper.before(_create("somebody-elses")))
    assert ([], []) == (target.sent, changes_files())


@pytest.mark.parametrize("status", [200, 408, 425, 429, 500, 503])
def test_what_may_have_happened_is_deleted(status: int) -> None:
    """A creation that was not plainly refused may have happened: what is under the made-up id is deleted."""
    target = Scripted(lambda call: (404, None) if call.operation.name == "delete-role-assignment" else (status, None))
    keeper = _done(target, _create(), _create())

    assert (["delete-role-assignment"], [], 0) == (target.names, keeper.left, _pending())


@pytest.mark.parametrize("status", [400, 401, 403, 409, 412])
def test_refused_creation_deletes_nothing(status: int) -> None:
    """What every request to create it was refused for is not the run's: whoever made what is there, it is not deleted."""
    keeper = _done(target := Scripted(lambda call: (status, None)), _create(), _create())

    assert ([], [], 0) == (target.names, keeper.left, _pending())


def test_one_creation_of_many_is_enough() -> None:
    """One request that was not refused makes the thing the run's own, whatever the others were answered."""
    statuses = iter([403, 201, 409])
    target = Scripted(lambda call: (next(statuses, 204), None))
    _done(target, _create(), _create(), _create())

    assert ["delete-role-assignment"] == target.names


def test_refused_creation_that_a_read_shows_is_deleted() -> None:
    """A broken server refuses and obeys: what the run itself was shown under its made-up id is deleted."""
    read = _step(f"{_ACCESS}/get-role-assignment", roleAssignmentId=_MADE)
    target = Scripted(lambda call: (403 if call.operation.name.startswith("create") else 200, None))
    _done(target, _create(), read)

    assert ["delete-role-assignment"] == target.names


def test_refused_creation_of_a_killed_run_deletes_nothing() -> None:
    """The journal keeps what a creation was answered, so that cleaning up deletes no more than the run itself would."""
    target = Scripted(lambda call: (403, None))
    keeper = _keeper(target)

    async def killed() -> None:
        step = _create()
        await keeper.before(step)
        await keeper.after(step, await target.send(step.call))

    asyncio.run(killed())
    assert keeper._journal is not None
    keeper._journal.close()
    file = changes_files()[0]
    after = _keeper(target)
    after.take_over(read_journal(file).pending, Journal(file))
    target.sent.clear()
    asyncio.run(after.finish())

    assert ([], [], 0) == (target.names, after.left, _pending())


@pytest.mark.parametrize(("before", "deleted"), [(None, 2), (503, 2), (401, 0)])
def test_creation_that_was_sent_again_may_have_happened(before: int | None, deleted: int) -> None:
    """A refusal after a lost connection may be that of a repetition, since what it creates is there by then."""
    target = Scripted(lambda call: (before, None) if before else None)
    keeper = _keeper(target)

    async def run() -> None:
        step = _create()
        await keeper.before(step)
        keeper.again(step, await target.send(step.call))
        target.answer = lambda call: (409 if call.operation.name.startswith("create") else 204, None)
        await keeper.after(step, await target.send(step.call))
        target.sent.clear()
        await keeper.finish()

    asyncio.run(run())
    assert ["delete-role-assignment"] * deleted == target.names


def test_creation_without_answer_is_deleted_twice() -> None:
    """The request of a creation that got no answer may come late: the deletion is sent again a moment later."""
    target = Scripted(lambda call: None if call.operation.name.startswith("create") else (404, None))
    keeper = _done(target, _create())

    assert (["delete-role-assignment"] * 2, []) == (target.names, keeper.left)


def test_deletion_by_the_run_is_enough() -> None:
    """What the run deleted itself is not deleted again; a deletion with a fault in it counts for nothing."""
    plain = _step(f"{_ACCESS}/delete-role-assignment", roleAssignmentId=_MADE)
    plain.call.arguments["query", "api-version"] = "2020-12-01"  # type: ignore[index]
    faulty = Step(plain.call.also(query=(("more", "1"),)), "a step", Tier.PROBE)

    _done(once := Scripted(lambda call: (200, None)), _create(), plain)
    _done(twice := Scripted(lambda call: (200, None)), _create(), faulty)

    assert [] == once.names
    assert ["delete-role-assignment"] == twice.names


def test_deletion_that_fails_stays() -> None:
    """What cannot be deleted is told, and stays in the journal for `asdoc cleanup`."""
    target = Scripted(lambda call: (403 if call.operation.name.startswith("delete") else 200, None))
    keeper = _done(target, _create())

    assert [
        f"the role-assignment {_MADE!r} is not as it was before the run: delete-role-assignment was answered 403"
    ] == (keeper.left)
    assert 1 == _pending()


@pytest.mark.parametrize("late", [0, 1])
@pytest.mark.parametrize("slow", [0, 1, 5])
def test_stop_is_undone_after_it_ended(slow: int, late: int) -> None:
    """A start is sent once the stop has come to its end, however long that takes and however late it shows."""
    database = _Database(slow=slow, late=late)
    target = Scripted(database)
    keeper = _done(target, _stop())

    assert [("stop-mirroring", "Running"), ("start-mirroring", "Stopped")] == database.commands
    assert ("Running", [], 0) == (database.state, keeper.left, _pending())


def test_what_was_stopped_stays_stopped() -> None:
    """A database that was stopped before is stopped again, whatever was sent to it."""
    database = _Database("Stopped")
    start = _step(f"{_FABRIC}/start-mirroring", workspaceId="workspace-1", mirroredDatabaseId=_DATABASE)
    keeper = _done(Scripted(database), start, _stop(), start)

    assert ("Stopped", []) == (database.state, keeper.left)


def test_refused_stop_moves_nothing() -> None:
    """Where the database shows twice that nothing happened, nothing is started."""
    database = _Database(obeys=False)
    _done(target := Scripted(database), _stop())

    assert ["get-mirroring-status"] * 2 == target.names


def test_change_around_made_up_parent_looks_at_the_real_one() -> None:
    """A stop in a workspace that was made up is looked at in the workspace that the target has."""
    looks: list[str] = []

    def answer(call: Call) -> tuple[int, object]:
        if call.operation.name == "get-mirroring-status":
            looks.append(call.arguments["path", "workspaceId"])
            return 200, {"status": "Running"}
        return 404, None

    _done(Scripted(answer), _stop(workspaceId=_MADE), _stop(mirroredDatabaseId=_DATABASE.upper()))

    assert {"workspace-1"} == set(looks)


@pytest.mark.parametrize("shown", [{}, {"status": "Melted"}])
def test_unknown_state_is_not_changed(shown: object) -> None:
    """Where nobody can say what was there before, nothing is changed."""
    target = Scripted(lambda call: (200, shown))

    keeper = _keeper(target)
    for _ in range(3):
        with pytest.raises(
            UnavailableError, match="environment: stop-mirroring is not sent, since it could not be undone"
        ):
            asyncio.run(keeper.before(_stop()))
    assert ["get-mirroring-status"] == target.names  # once for the whole run
    assert [] == changes_files()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param((200, {"status": 7}), "was answered 200, and shows no state at /status", id="no state"),
        pytest.param((403, None), "get-mirroring-status, which would show its state, was answered 403", id="refused"),
        pytest.param((500, None), "get-mirroring-status, which would show its state, was answered 500", id="broken"),
        pytest.param(None, "get-mirroring-status got no answer", id="silent"),
        pytest.param((200, {"status": "Melted"}), "shows 'Melted', and no command brings that back", id="unknown"),
    ],
)
def test_reason_says_what_was_seen(answer: tuple[int, object] | None, told: str) -> None:
    """Who reads why a command was not sent learns what the look at its machine showed."""
    target = Scripted(lambda call: answer)

    with pytest.raises(UnavailableError, match=re.escape(told)):
        asyncio.run(_keeper(target).before(_stop()))


def test_creation_without_who_deletes_is_told() -> None:
    """Where nobody could delete it again nothing is created, and the reason says so."""

    class Poor(Scripted):
        async def credential(self, api: str, identity: str, security: str) -> None:
            raise UnavailableError(f"the target names no credential for the identity '{identity}'")

    with pytest.raises(
        UnavailableError, match="not sent, since it could not be undone: the target names no credential"
    ):
        asyncio.run(_keeper(Poor(lambda call: (200, None))).before(_create()))


def test_own_requests_are_told() -> None:
    """Looks before a change, what takes it back and what could not be put back are told, each once, without a secret."""
    told: list[object] = []
    stuck = _Database()
    target = Scripted(stuck)
    redactor = Redactor({_DATABASE: "«token:admin»"})  # a name that is a secret: no sentence may hold it
    keeper = _keeper(target, redactor)
    keeper.begin(target, told.append)  # type: ignore[arg-type]

    async def run() -> None:
        step = _stop()
        await keeper.before(step)
        await keeper.after(step, await target.send(step.call))
        stuck.obeys = False
        await keeper.finish()

    asyncio.run(run())
    whys = [each.why for each in told if isinstance(each, Housekeeping)]
    left = [each.said for each in told if isinstance(each, Leftover)]

    assert [Why.LOOK] == whys[:1]
    assert {Why.UNDO} == set(whys[1:])
    assert len(target.sent) - 1 == len(whys)
    assert [1] == [each.count("«token:admin»") for each in left]


def test_machine_that_never_gets_there_stays() -> None:
    """A start that is never carried out is told with what is shown, and stays in the journal."""
    stuck = _Database()
    target = Scripted(stuck)
    keeper = _keeper(target)

    async def run() -> None:
        step = _stop()
        await keeper.before(step)
        await keeper.after(step, await target.send(step.call))
        stuck.obeys = False
        await keeper.finish()

    asyncio.run(run())
    assert 1 == len(keeper.left)
    assert "get-mirroring-status shows 'Stopped' where 'Running' was" in keeper.left[0]
    assert 1 == _pending()


def test_silent_target_is_not_asked_for_ever() -> None:
    """A target that is gone is asked about two things, and not about all the others."""
    target = Scripted(lambda call: None)
    keeper = _keeper(target)
    keeper.absent = {f"{_MADE}-{each}" for each in range(9)}
    asyncio.run(_perform(keeper, target, *(_create(f"{_MADE}-{each}") for each in range(9))))

    assert 9 == len(keeper.left) == _pending()
    assert 8 >= len(target.sent)


def test_opened_sessions_are_ended() -> None:
    """Each session that a step opened is ended with its own id, which no journal holds."""
    redactor = Redactor()
    for session in ("session-one", "session-two"):
        redactor.add(session, f"{HANDED_OUT}/value»")
    target = Scripted(lambda call: (200, None))
    keeper = _keeper(target, redactor)
    asyncio.run(_perform(keeper, target, _step(f"{_VCENTER}/create-session")))

    assert [("delete-session", "anonymous")] * 2 == [(each.operation.name, each.identity) for each in target.sent]
    assert ["session-one", "session-two"] == [dict(each.headers)["vmware-api-session-id"] for each in target.sent]
    assert b"session-one" not in changes_files()[0].read_bytes()
