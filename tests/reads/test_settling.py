"""Which of several reads counts, and what may have been written between them."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.reads.case import Case
from asdocumented.reads.settling import is_settled, may_write
from tests.judge.traces import ACCESS, CREATE, GET, ID, OTHER_ID, Conversation, answer, assignment, catalogue, grant


def _settled(*calls: tuple[str, str]) -> list[bool]:
    """Return which of these reads count, each of an id by an identity."""
    conversation = Conversation()
    for identifier, identity in calls:
        conversation.send(
            conversation.call(GET, identity=identity, roleAssignmentId=identifier), answer(200, assignment())
        )
    reads = tuple(conversation.reads())
    return [is_settled(Case(catalogue().apis[ACCESS], reads), read) for read in reads]


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        pytest.param([(ID, "admin")], [True], id="one"),
        pytest.param([(ID, "admin"), (ID, "admin")], [False, True], id="two alike"),
        pytest.param([(ID, "admin"), (OTHER_ID, "admin")], [True, True], id="two things"),
        pytest.param([(ID, "admin"), (ID, "reader")], [True, True], id="two callers"),
        pytest.param([(ID, "admin"), (OTHER_ID, "admin"), (ID, "admin")], [True, True, True], id="parted"),
    ],
)
def test_last_of_equal_reads_counts(calls: list[tuple[str, str]], expected: list[bool]) -> None:
    """Of equal requests in a row the last counts."""
    assert expected == _settled(*calls)


@pytest.mark.parametrize(
    ("operation", "got", "expected"),
    [
        pytest.param(CREATE, answer(200, assignment()), True, id="write"),
        pytest.param(CREATE, answer(500), True, id="failed write"),
        pytest.param(CREATE, None, True, id="unanswered write"),
        pytest.param(CREATE, answer(409), False, id="refused write"),
        pytest.param(GET, answer(200, assignment()), False, id="read"),
    ],
)
def test_writes_are_told_from_reads(operation: str, got: Any, *, expected: bool) -> None:
    """A write may have changed something unless it was refused."""
    conversation = Conversation()
    conversation.send(
        conversation.call(operation, roleAssignmentId=ID), got, body=grant() if operation == CREATE else None
    )

    assert expected == may_write(conversation.reads()[0])
