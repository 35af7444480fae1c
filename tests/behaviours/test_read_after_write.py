"""`read-after-write`: what a write stored is read back."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    ACCESS,
    CREATE,
    DELETE,
    GET,
    ID,
    LIST,
    OTHER_ID,
    OTHER_ROLE,
    ROLE,
    Conversation,
    answer,
    assignment,
    azure_error,
    listing,
)

_STORED, _CONTENT = "read-after-write/stored", "read-after-write/content"


def _read(got: Any, *, read: str = ID) -> Conversation:
    conversation = Conversation()
    conversation.create()
    for _ in range(2):
        conversation.send(conversation.call(GET, roleAssignmentId=read), got)
    return conversation


def _listed(*looks: Any, **query: str) -> Conversation:
    """Return a write, and lists after it; one answer alone is given twice."""
    conversation = Conversation()
    conversation.create()
    for got in looks if len(looks) > 1 else looks * 2:
        conversation.list(got, **query)
    return conversation


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(answer(200, assignment()), ["pass", "pass"], id="as written"),
        pytest.param(answer(200, assignment(ID.upper())), ["pass", "pass"], id="id in another case"),
        pytest.param(answer(404, azure_error("RoleAssignmentNotFound")), ["fail", "inconclusive"], id="gone"),
        pytest.param(answer(410, azure_error()), ["fail", "inconclusive"], id="gone for good"),
        pytest.param(answer(200, assignment(scope="x")), ["pass", "fail"], id="other content"),
        pytest.param(answer(200, {"id": ID}), ["pass", "fail"], id="fields absent"),
        pytest.param(answer(200, b"{"), ["inconclusive", "inconclusive"], id="no JSON"),
        pytest.param(answer(503, azure_error()), ["inconclusive", "inconclusive"], id="unavailable"),
    ],
)
def test_item_is_read_back(got: Any, expected: list[str]) -> None:
    """A written item is there when it is read by its id, with the content that was sent."""
    conversation = _read(got)

    assert expected == [conversation.verdict(f"{GET}/{each}") for each in (_STORED, _CONTENT)]


def test_unwritten_item_proves_nothing() -> None:
    """A read of what this run did not write says nothing."""
    conversation = _read(answer(404, azure_error()), read=OTHER_ID)
    expected = [Verdict.INCONCLUSIVE] * 2

    assert expected == [conversation.verdict(f"{GET}/{each}") for each in (_STORED, _CONTENT)]


def test_deleted_item_proves_nothing() -> None:
    """An item that was deleted since need not be there."""
    conversation = Conversation()
    conversation.create()
    conversation.send(conversation.call(DELETE, roleAssignmentId=ID), answer(204))
    conversation.list(answer(200, listing()))
    expected = Verdict.INCONCLUSIVE

    assert expected == conversation.verdict(f"{LIST}/{_STORED}")


def test_refused_write_stores_nothing() -> None:
    """A write that was refused need not be there."""
    conversation = Conversation()
    conversation.create(ID, answer(400, azure_error()))
    conversation.list(answer(200, listing()))
    expected = {"blocked"}

    assert expected == conversation.outcomes(f"{LIST}/{_STORED}")


def test_second_write_is_expected() -> None:
    """After two writes to one id the content of the second is read."""
    conversation = Conversation()
    conversation.create()
    conversation.create(roleId=OTHER_ROLE)
    for _ in range(2):
        conversation.send(conversation.call(GET, roleAssignmentId=ID), answer(200, assignment(roleDefinitionId=ROLE)))
    expected = {f"{GET}/{_CONTENT}"}

    assert expected == conversation.findings()


def test_refused_second_write_keeps_first() -> None:
    """After a second write that was refused the content of the first is read."""
    conversation = Conversation()
    conversation.create()
    conversation.create(ID, answer(409, azure_error()), roleId=OTHER_ROLE)
    conversation.send(conversation.call(GET, roleAssignmentId=ID), answer(200, assignment(roleDefinitionId=ROLE)))
    expected = Verdict.PASS

    assert expected == conversation.verdict(f"{GET}/{_CONTENT}")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(listing(assignment()), ["pass", "pass"], id="as written"),
        pytest.param(listing(assignment(OTHER_ID), assignment(ID.upper())), ["pass", "pass"], id="among others"),
        pytest.param(listing(), ["fail", "inconclusive"], id="empty list"),
        pytest.param(listing(assignment(OTHER_ID)), ["fail", "inconclusive"], id="another item"),
        pytest.param(listing(assignment(scope="x")), ["pass", "fail"], id="other content"),
        pytest.param(listing({"scope": "x"}), ["inconclusive", "inconclusive"], id="item without id"),
        pytest.param(b"[", ["inconclusive", "inconclusive"], id="no JSON"),
    ],
)
def test_item_is_listed(body: Any, expected: list[str]) -> None:
    """A written item is in the list, with the content that was sent."""
    conversation = _listed(answer(200, body))

    assert expected == [conversation.verdict(f"{LIST}/{each}") for each in (_STORED, _CONTENT)]


def test_filtered_list_proves_nothing() -> None:
    """A filtered list need not have every item."""
    conversation = _listed(answer(200, listing()), roleId=OTHER_ROLE)
    expected: set[str] = set()

    assert expected == conversation.outcomes(f"{LIST}/{_STORED}")


def test_unfinished_walk_proves_nothing() -> None:
    """A list that was not read to its end need not have shown every item."""
    conversation = _listed(answer(200, listing(), headers={"x-ms-continuation": "one"}))
    expected: set[str] = set()

    assert expected == conversation.outcomes(f"{LIST}/{_STORED}")


def test_many_pages_are_for_paging() -> None:
    """An item that several pages lose between them is for the paging to judge."""
    conversation = Conversation()
    conversation.create()
    conversation.list(answer(200, listing(assignment("a")), headers={"x-ms-continuation": "one"}))
    conversation.list(answer(200, listing(assignment("b"))), continuation="one")
    expected = {"blocked"}

    assert expected == conversation.outcomes(f"{LIST}/{_STORED}")


def test_new_state_forgets_writes() -> None:
    """After another state was arranged nothing need be left of the writes before."""
    conversation = Conversation()
    conversation.create()
    conversation.arrange(ACCESS, "no-role-assignments")
    conversation.list(answer(200, listing()))
    expected: set[str] = set()

    assert expected == conversation.outcomes(f"{LIST}/{_STORED}")


def test_broken_write_is_named() -> None:
    """A write that did not answer as documented blocks what would be read, with what is wrong named."""
    conversation = Conversation()
    conversation.create(ID, answer(200, b"{"))
    expected = {"azure-synapse-access-control/create-role-assignment/response/200/json"}

    marks = conversation.marks(f"{LIST}/{_STORED}")

    assert expected == {mark.blocker for mark in marks}


def test_loss_is_one_finding() -> None:
    """A write that is lost breaks one requirement of the reading operation alone."""
    conversation = _listed(answer(200, listing()))
    expected = {f"{LIST}/{_STORED}"}

    assert expected == {each for each in conversation.findings() if not each.startswith(CREATE)}


_MISSED, _FOUND = answer(404, azure_error()), answer(200, assignment())


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        pytest.param([_MISSED, _MISSED, _FOUND], "pass", id="late"),
        pytest.param([_MISSED], "inconclusive", id="looked at once"),
        pytest.param([_FOUND, _MISSED, _MISSED], "fail", id="gone again"),
        pytest.param([_FOUND, _MISSED, _FOUND], "pass", id="gone for a moment"),
    ],
)
def test_read_may_lag(looks: list[Any], expected: str) -> None:
    """A read may lag behind a write; of reads that are repeated the last counts."""
    conversation = Conversation()
    conversation.create()
    for got in looks:
        conversation.send(conversation.call(GET, roleAssignmentId=ID), got)

    assert expected == conversation.verdict(f"{GET}/{_STORED}")


def test_write_ends_the_looks() -> None:
    """What shows only after another write was not shown in the end of its own looks."""
    conversation = _listed(answer(200, listing()))
    conversation.create(OTHER_ID, roleId=OTHER_ROLE)
    conversation.list(answer(200, listing(assignment())))
    expected = Verdict.FAIL

    assert expected == conversation.verdict(f"{LIST}/{_STORED}")


def test_list_may_lag() -> None:
    """A list may lag behind a write, in what it has and in what it shows of it."""
    old = assignment(scope="workspaces/old")
    conversation = _listed(answer(200, listing()), answer(200, listing(old)), answer(200, listing(assignment())))
    expected: set[str] = set()

    assert expected == conversation.findings()
