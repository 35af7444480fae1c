"""`upsert`: a second write to the same id replaces the first."""

from __future__ import annotations

import pytest

from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    ACCESS,
    CREATE,
    DELETE,
    ID,
    OTHER_ID,
    POOL_SCOPE,
    Conversation,
    answer,
    assignment,
    azure_error,
    listing,
)

_REPLACES = f"{CREATE}/upsert/replaces"


def _twice(second: object = None, **changes: str) -> Conversation:
    conversation = Conversation()
    conversation.create()
    conversation.create(ID, second, **(changes or {"scope": POOL_SCOPE}))
    return conversation


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param(None, Verdict.PASS, id="replaced"),
        pytest.param(answer(409, azure_error()), Verdict.PASS, id="conflict"),
        pytest.param(answer(200, assignment()), Verdict.FAIL, id="first kept"),
        pytest.param(answer(500, azure_error()), Verdict.INCONCLUSIVE, id="server error"),
        pytest.param(answer(200, b"{"), Verdict.INCONCLUSIVE, id="no JSON"),
        pytest.param(answer(201, assignment(scope=POOL_SCOPE)), Verdict.INCONCLUSIVE, id="201"),
        pytest.param(answer(200, {"id": ID}), Verdict.INCONCLUSIVE, id="no such field"),
    ],
)
def test_second_write_is_judged(second: object, expected: Verdict) -> None:
    """A second write replaces the first or is refused; a success that shows the first write never conforms."""
    assert expected == _twice(second).verdict(_REPLACES)


def test_throttled_write_proves_nothing() -> None:
    """A second write to a target that is too busy shows nothing."""
    expected = Verdict.INCONCLUSIVE

    assert expected == _twice(answer(429, azure_error())).verdict(_REPLACES)


def test_one_write_proves_nothing() -> None:
    """A single write says nothing of a second."""
    conversation = Conversation()
    conversation.create()
    expected = Verdict.INCONCLUSIVE

    assert expected == conversation.verdict(_REPLACES)


def test_same_write_proves_nothing() -> None:
    """A second write with the same content cannot show whether it replaced anything."""
    conversation = Conversation()
    conversation.create()
    conversation.create()
    expected = Verdict.INCONCLUSIVE

    assert expected == conversation.verdict(_REPLACES)


def test_other_id_proves_nothing() -> None:
    """A write to another id replaces nothing."""
    conversation = Conversation()
    conversation.create()
    conversation.create(OTHER_ID, scope=POOL_SCOPE)
    expected = Verdict.INCONCLUSIVE

    assert expected == conversation.verdict(_REPLACES)


def test_new_state_forgets_writes() -> None:
    """A write after another state was arranged is a first one."""
    conversation = Conversation()
    conversation.create()
    conversation.arrange(ACCESS, "no-role-assignments")
    conversation.create(ID, answer(409, azure_error()), scope=POOL_SCOPE)
    expected: set[str] = set()

    assert expected == conversation.outcomes(_REPLACES)


def test_deleted_write_is_forgotten() -> None:
    """A write to an id that was deleted since is a first one, so that its refusal is no reading of the register."""
    conversation = Conversation()
    conversation.create()
    conversation.send(conversation.call(DELETE, roleAssignmentId=ID), answer(200))
    conversation.create(ID, answer(409, azure_error()), scope=POOL_SCOPE)
    expected: set[str] = set()

    assert expected == conversation.outcomes(_REPLACES)


def test_failed_first_write_blocks() -> None:
    """A first write that did not answer as documented blocks, with what is wrong named."""
    conversation = Conversation()
    conversation.create(ID, answer(201, assignment()))
    expected = {"response/status"}

    assert expected == conversation.blockers(_REPLACES)


_SECOND = assignment(scope=POOL_SCOPE)


def _listed(*items: object, times: int = 2) -> Verdict | None:
    """Return the verdict where lists after the second write show some items."""
    conversation = _twice()
    for _ in range(times):
        conversation.list(answer(200, listing(*items)))
    return conversation.verdict(_REPLACES)


def test_list_after_second_write_is_judged() -> None:
    """What the first write stored is not listed any more, under its id or another."""
    other = assignment(OTHER_ID, scope="workspaces/other")

    assert [Verdict.PASS, Verdict.PASS] == [_listed(_SECOND), _listed(_SECOND, other)]
    assert [Verdict.FAIL, Verdict.FAIL] == [_listed(assignment()), _listed(_SECOND, assignment(OTHER_ID))]


def test_late_list_breaks_nothing() -> None:
    """A list that shows the first write once may lag."""
    conversation = _twice()
    conversation.list(answer(200, listing(assignment())))
    conversation.list(answer(200, listing(_SECOND)))

    assert [Verdict.PASS, Verdict.PASS] == [_listed(assignment(), times=1), conversation.verdict(_REPLACES)]


def test_same_content_of_the_run_is_no_rest() -> None:
    """An item that the run itself wrote with the same content under another id is not what was replaced."""
    conversation = _twice()
    conversation.create(OTHER_ID)
    for _ in range(2):
        conversation.list(answer(200, listing(_SECOND, assignment(OTHER_ID))))

    assert Verdict.PASS is conversation.verdict(_REPLACES)
