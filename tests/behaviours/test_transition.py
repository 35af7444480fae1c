"""`transition`: a read shows a state machine, and commands move it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asdocumented.reads.machines import Machine
from asdocumented.traces import Response
from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    FABRIC,
    PROVIDER,
    START,
    STATUS,
    STOP,
    Conversation,
    answer,
    catalogue,
    fabric_error,
    provider_info,
)

_STOPPED = [f"{STATUS}/transition/stop-mirroring/{each}" for each in ("obeyed", "reached")]
_STARTED = [f"{STATUS}/transition/start-mirroring/{each}" for each in ("obeyed", "reached")]
_SYNCED = [f"{PROVIDER}/transition/start-sync-provider/{each}" for each in ("obeyed", "reached")]
_MOVES = f"{STATUS}/transition/moves"
_SYNC_MOVES = f"{PROVIDER}/transition/moves"
_AGAIN = f"{FABRIC}/start-mirroring"
_COMMANDS = {"stop": STOP, "start": _AGAIN}


def dated(number: int, every: int, body: Any = None) -> Response:
    """Return the answer number so and so of a conversation in which a request goes out `every` so many seconds."""
    minutes, seconds = divmod(number * every, 60)
    return answer(200, body, headers={"date": f"Thu, 01 Jan 2026 00:{minutes:02}:{seconds:02} GMT"})


def mirrored(*events: str, every: int = 15) -> Conversation:
    """Return looks at a database, each by the status that it shows, and commands (`stop`, `start`) between them."""
    conversation = Conversation()
    for number, each in enumerate(events):
        if each in _COMMANDS:
            conversation.send(_COMMANDS[each], dated(number, every))
        else:
            conversation.send(STATUS, dated(number, every, {"status": each}))
    return conversation


@pytest.mark.parametrize("every", [0, 1, 9])
@pytest.mark.parametrize("events", ["Running stop Stopping Stopping", "Running stop Running Running"])
def test_haste_proves_nothing(events: str, every: int) -> None:
    """Where the answers tell that nobody waited, a command that does not show is not held against the target."""
    assert "fail" not in _verdicts(mirrored(*events.split(), every=every), _STOPPED)


def test_answers_without_date_prove_nothing() -> None:
    """Without the Date of the answers nobody knows how long was waited."""
    conversation = Conversation()
    conversation.send(STATUS, answer(200, {"status": "Running"}))
    conversation.send(STOP, answer(200))
    for _ in range(3):
        conversation.send(STATUS, answer(200, {"status": "Running"}))

    assert ["inconclusive", "inconclusive"] == _verdicts(conversation, _STOPPED)


def _verdicts(conversation: Conversation, requirements: list[str]) -> list[str]:
    found = conversation.results()
    return [str(found[each].profiles["conventions"]) for each in requirements]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param("Running stop Stopping Stopped", ["pass", "pass"], id="on its way and there"),
        pytest.param("Running stop Stopped", ["pass", "pass"], id="there at once"),
        pytest.param("stop Stopped", ["pass", "pass"], id="nobody looked before"),
        pytest.param("Running stop Running Running Stopped", ["pass", "pass"], id="late"),
        pytest.param("Running stop Stopping", ["pass", "inconclusive"], id="looked at once on the way"),
        pytest.param("Running stop Stopping Stopping", ["pass", "fail"], id="never there"),
        pytest.param("Running stop Running", ["inconclusive", "inconclusive"], id="looked at once before"),
        pytest.param("Running stop Running Running", ["fail", "inconclusive"], id="ignored"),
        pytest.param("Stopped stop Stopped Stopped", ["pass", "pass"], id="was there"),
        pytest.param("Running stop", ["inconclusive", "inconclusive"], id="nobody looked"),
        pytest.param("Running stop start Running Running", ["inconclusive", "inconclusive"], id="another command"),
        pytest.param("Running stop Resting Resting", ["inconclusive", "inconclusive"], id="a state of no source"),
    ],
)
def test_stop_is_followed(events: str, expected: list[str]) -> None:
    """After a stop the mirroring is stopping or stopped, and stopped in the end."""
    assert expected == _verdicts(mirrored(*events.split()), _STOPPED)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param("Stopped start Starting Running", ["pass", "pass"], id="on its way and there"),
        pytest.param("Stopped start Initializing Paused Running", ["pass", "pass"], id="a long way"),
        pytest.param("Stopped start Stopped Stopped", ["fail", "inconclusive"], id="ignored"),
        pytest.param("Stopped start Starting Stopped", ["pass", "fail"], id="came to nothing"),
        pytest.param("Stopped start Paused Paused", ["pass", "fail"], id="paused"),
    ],
)
def test_start_is_followed(events: str, expected: list[str]) -> None:
    """After a start the mirroring is starting or running, and running in the end."""
    assert expected == _verdicts(mirrored(*events.split()), _STARTED)


def test_told_failure_is_no_finding() -> None:
    """Where the target says why a start came to nothing, nothing is held against it."""
    conversation = mirrored("Stopped", "start")
    for _ in range(3):
        conversation.send(STATUS, answer(200, {"status": "Stopped", "error": {"errorCode": "X", "message": "no"}}))
    expected: set[str] = set()

    assert expected == conversation.findings() & {*_STARTED, _MOVES}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param("Running Paused Stopping Stopped", Verdict.PASS, id="silent moves"),
        pytest.param("Running Stopped", Verdict.PASS, id="several moves at once"),
        pytest.param("Running Running", Verdict.PASS, id="no move"),
        pytest.param("Stopped start Stopped Starting Running", Verdict.PASS, id="a start that shows late"),
        pytest.param("Running stop start Stopped Starting Running", Verdict.PASS, id="two commands that show late"),
        pytest.param("Running Stopped Running Running", Verdict.FAIL, id="started by itself"),
        pytest.param("Stopped start Starting Running Starting Starting", Verdict.FAIL, id="goes back"),
        pytest.param("Running stop Starting Starting", Verdict.FAIL, id="jumps"),
        pytest.param("Running stop Stopped Running Stopped", Verdict.PASS, id="one look that lags"),
        pytest.param("Stopped Running", Verdict.INCONCLUSIVE, id="looked at once"),
        pytest.param("Stopped Resting Running", Verdict.INCONCLUSIVE, id="a state of no source between"),
        pytest.param("Running stop Stopped Running Running start Running", Verdict.FAIL, id="before a start"),
    ],
)
def test_moves_are_followed(events: str, expected: Verdict) -> None:
    """A state that cannot follow from the one before breaks the machine when it stays; silent moves never do."""
    assert expected == mirrored(*events.split()).verdict(_MOVES)


def test_failed_command_may_have_worked() -> None:
    """A command that ended in a server error may have been carried out, and need not have been."""
    for shown in ("Running", "Stopped"):
        conversation = mirrored("Stopped")
        conversation.send(_AGAIN, answer(500, fabric_error("UnknownError")))
        conversation.send(STATUS, answer(200, {"status": shown}))
        conversation.send(STATUS, answer(200, {"status": shown}))

        assert not conversation.findings() & {*_STARTED, _MOVES}


def test_refused_command_moves_nothing() -> None:
    """A command that was refused gives no reason for another state."""
    conversation = mirrored("Stopped")
    conversation.send(
        conversation.call(_AGAIN, identity="reader"), answer(403, fabric_error("InsufficientWorkspaceRole"))
    )
    for _ in range(2):
        conversation.send(STATUS, answer(200, {"status": "Running"}))

    assert _MOVES in conversation.findings()


def test_other_database_is_another_machine() -> None:
    """What another database shows says nothing about this one."""
    conversation = mirrored("Stopped")
    other = conversation.call(STATUS, mirroredDatabaseId="5b218778-e7a5-4d73-8187-f10824047716")
    for _ in range(2):
        conversation.send(other, answer(200, {"status": "Running"}))
    expected = {"met"}

    assert expected == conversation.outcomes(_MOVES)


def test_new_state_is_another_start() -> None:
    """After a state was arranged anything may be shown."""
    conversation = mirrored("Stopped")
    conversation.arrange(FABRIC, "mirroring-running")
    for _ in range(2):
        conversation.send(STATUS, answer(200, {"status": "Running"}))
    expected = {"met"}

    assert expected == conversation.outcomes(_MOVES)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param("Running stop Stopping Stopped", ["Stopping"], id="on its way"),
        pytest.param("Running stop Stopped", ["Stopped"], id="there at once"),
        pytest.param("Running stop Stopped start Running stop Stopping Stopped", ["Stopping"], id="once so, once so"),
        pytest.param("Running stop Running Stopped", ["Stopped"], id="late"),
        pytest.param("Running stop Running", [], id="not shown"),
    ],
)
def test_reading_of_stop_is_one(events: str, expected: list[str]) -> None:
    """How a stop shows first is one reading of the register in a run, since it may be a matter of time."""
    conversation = mirrored(*events.split())

    assert expected == [each.reading for each in conversation.judgement().seen if each.ambiguity == "D6"]


def synced(*events: str) -> Conversation:
    """Return looks at a provider, each as `stage@start`, and `start` commands between them."""
    conversation = Conversation()
    for number, each in enumerate(events):
        if each == "start":
            conversation.send(START, dated(number, 15))
        else:
            stage, _, begun = each.partition("@")
            body: Any = provider_info(stage)
            body["value"]["current_session_info"]["start_time"] = f"2026-01-01T00:00:0{begun}Z"
            conversation.send(PROVIDER, dated(number, 15, body))
    return conversation


_DETECTION, _ENUMERATION, _APPLICATION = "CHANGE_DETECTION", "CHANGE_ENUMERATION", "CHANGE_APPLICATION"


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param(f"COMPLETED@1 start {_DETECTION}@2 COMPLETED@2", ["pass", "pass"], id="a new session"),
        pytest.param("COMPLETED@1 start FAILED@2", ["pass", "pass"], id="one that failed"),
        pytest.param("COMPLETED@1 start COMPLETED@1 COMPLETED@2", ["pass", "pass"], id="late"),
        pytest.param("COMPLETED@1 start COMPLETED@1 COMPLETED@1", ["fail", "inconclusive"], id="ignored"),
        pytest.param("COMPLETED@1 start COMPLETED@1", ["inconclusive", "inconclusive"], id="looked at once"),
        pytest.param(f"COMPLETED@1 start {_DETECTION}@2 {_DETECTION}@2", ["pass", "fail"], id="never ends"),
        pytest.param("start COMPLETED@1 COMPLETED@1", ["inconclusive", "inconclusive"], id="nobody looked before"),
        pytest.param("COMPLETED@1 start WAITING@2 WAITING@2", ["pass", "inconclusive"], id="waits"),
    ],
)
def test_sync_is_followed(events: str, expected: list[str]) -> None:
    """After a start the session is another one, and it comes to its end."""
    assert expected == _verdicts(synced(*events.split()), _SYNCED)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param(f"{_DETECTION}@1 {_ENUMERATION}@1 {_APPLICATION}@1 COMPLETED@1", Verdict.PASS, id="forwards"),
        pytest.param(f"{_APPLICATION}@1 {_DETECTION}@1", Verdict.PASS, id="another round"),
        pytest.param(f"COMPLETED@1 {_DETECTION}@2 {_ENUMERATION}@2", Verdict.PASS, id="another session"),
        pytest.param(f"COMPLETED@1 {_DETECTION}@1 {_DETECTION}@1", Verdict.FAIL, id="on after the end"),
        pytest.param(f"COMPLETED@1 WAITING@1 {_DETECTION}@1", Verdict.INCONCLUSIVE, id="waits"),
    ],
)
def test_stages_are_followed(events: str, expected: Verdict) -> None:
    """Within one session nothing follows its end."""
    assert expected == synced(*events.split()).verdict(_SYNC_MOVES)


def _machine(operation: str) -> Machine:
    found = catalogue().operation(operation)
    return Machine.of(next(each for each in found.behaviours if each.name == "transition"))


@given(data=st.data())
def test_legal_walks_break_nothing(data: st.DataObject) -> None:
    """However a machine moves by itself and by commands, and however often anybody looks, nothing is broken.

    A look right after a command may show the state before it.
    """
    machine = _machine(STATUS)
    names = {"stop": "stop-mirroring", "start": "start-mirroring"}
    state = data.draw(st.sampled_from(sorted(machine.moves)))
    events = [state]
    for _ in range(data.draw(st.integers(0, 12))):
        step = data.draw(st.sampled_from(["move", "look", "stop", "start"]))
        if step == "move" and machine.moves[state]:
            state = data.draw(st.sampled_from(machine.moves[state]))
        elif step in names:
            before, command = state, machine.commands[names[step]]
            state = data.draw(st.sampled_from(sorted(command.enters | command.reaches)))
            events += [step, *data.draw(st.sampled_from([[], [before]])), state]
        elif step == "look":
            events.append(state)

    assert _MOVES not in mirrored(*events).findings()


@given(states=st.lists(st.sampled_from(sorted(_machine(STATUS).moves)), min_size=1, max_size=3))
def test_closure_is_closed(states: list[str]) -> None:
    """What may be shown after some states holds them, and everything that may follow from it."""
    machine = _machine(STATUS)
    found = machine.after(states)

    assert set(states) <= found
    assert found == machine.after(found)
    assert all(set(machine.moves[each]) <= found for each in found)
