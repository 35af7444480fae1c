"""`idempotent`: the same request again has no further effect."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    CREATE,
    DELETE,
    GET,
    ID,
    OTHER_ID,
    OTHER_ROLE,
    POOL_SCOPE,
    Conversation,
    answer,
    assignment,
    azure_error,
    listing,
)

_PUT, _DELETE = (f"{each}/idempotent/no-further-effect" for each in (CREATE, DELETE))
_COPY = assignment("33333333-3333-4333-8333-333333333333")
_ONE = listing(assignment())


def _repeated(*after: Any, got: Any = None, before: Any = _ONE, **changes: str) -> Conversation:
    """Return a write, a list, the write again, and lists after it."""
    conversation = Conversation()
    conversation.create()
    if before is not None:
        conversation.list(answer(200, before))
    conversation.create(ID, got, **changes)
    for each in after:
        conversation.list(answer(200, each))
    return conversation


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(_ONE, Verdict.PASS, id="as before"),
        pytest.param(listing(assignment(), _COPY), Verdict.FAIL, id="a copy under another id"),
        pytest.param(listing(assignment(), assignment()), Verdict.FAIL, id="listed twice"),
        pytest.param(listing(assignment(scope="elsewhere")), Verdict.FAIL, id="field changed"),
        pytest.param(listing(), Verdict.FAIL, id="gone"),
        pytest.param(listing(assignment(), assignment(OTHER_ID, scope="x")), Verdict.PASS, id="something of others"),
        pytest.param(
            listing(assignment(principalType="Group", etag="2")), Verdict.FAIL, id="sent optional field changed"
        ),
        pytest.param(listing(assignment(lastModified="now")), Verdict.PASS, id="a field that nobody sent"),
    ],
)
def test_repeated_write_is_judged(after: Any, expected: Verdict) -> None:
    """A repeated write stores nothing more and changes nothing."""
    assert expected == _repeated(after).verdict(_PUT)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(answer(409, azure_error()), Verdict.PASS, id="conflict"),
        pytest.param(answer(500, azure_error()), Verdict.INCONCLUSIVE, id="server error"),
        pytest.param(answer(429, azure_error()), Verdict.INCONCLUSIVE, id="throttled"),
        pytest.param(answer(201, assignment()), Verdict.INCONCLUSIVE, id="undocumented success"),
    ],
)
def test_answer_is_no_criterion(got: Any, expected: Verdict) -> None:
    """A repetition may be a conflict, as a reading of the register has it; other refusals prove nothing."""
    assert expected == _repeated(_ONE, got=got).verdict(_PUT)


def test_conflict_may_have_effects() -> None:
    """A repetition that is refused and stores a second item all the same is a finding."""
    assert Verdict.FAIL is _repeated(listing(assignment(), _COPY), got=answer(409, azure_error())).verdict(_PUT)


@pytest.mark.parametrize(
    "conversation",
    [
        pytest.param(_repeated(_ONE, before=None), id="no list before"),
        pytest.param(_repeated(), id="no list after"),
        pytest.param(_repeated(_ONE, scope=POOL_SCOPE), id="another content"),
    ],
)
def test_incomplete_comparison_proves_nothing(conversation: Conversation) -> None:
    """A repetition is judged by what the target shows right before and right after it."""
    assert Verdict.INCONCLUSIVE is conversation.verdict(_PUT)


def test_write_between_proves_nothing() -> None:
    """What another write did is not held against the repetition."""
    conversation = Conversation()
    conversation.create()
    conversation.list(answer(200, _ONE))
    conversation.create(OTHER_ID, roleId=OTHER_ROLE)
    conversation.create()
    conversation.list(answer(200, listing(assignment(), assignment(OTHER_ID))))

    assert Verdict.INCONCLUSIVE is conversation.verdict(_PUT)


def test_last_of_equal_lists_counts() -> None:
    """A target may show a write late: of equal lists in a row the last counts."""
    assert Verdict.PASS is _repeated(listing(), _ONE).verdict(_PUT)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(listing(), _ONE, id="not there yet"),
        pytest.param(listing(assignment(scope="elsewhere")), _ONE, id="not replaced yet"),
    ],
)
def test_late_write_is_no_effect(before: Any, after: Any) -> None:
    """A list that did not show the first write yet is no sign that the second one stored anything."""
    assert Verdict.PASS is _repeated(after, before=before).verdict(_PUT)


def test_late_delete_is_no_effect() -> None:
    """A list that still showed what was deleted is no sign that the second delete removed anything."""
    kept = assignment(OTHER_ID, scope=POOL_SCOPE)

    assert Verdict.PASS is _deleted_twice(listing(kept, assignment()), listing(kept)).verdict(_DELETE)


def test_read_shows_too() -> None:
    """Where nothing is listed, a read before and after the repetition is compared."""
    conversation = Conversation()
    conversation.create()
    for repeat in (True, False):
        conversation.send(
            conversation.call(GET, roleAssignmentId=ID),
            answer(200, assignment(scope=POOL_SCOPE if not repeat else assignment()["scope"])),
        )
        if repeat:
            conversation.create()

    assert Verdict.FAIL is conversation.verdict(_PUT)


def _deleted_twice(before: Any, after: Any) -> Conversation:
    conversation = Conversation()
    conversation.create(OTHER_ID, scope=POOL_SCOPE)
    conversation.create()
    for each in (before, after):
        conversation.send(conversation.call(DELETE, roleAssignmentId=ID), answer(204))
        conversation.list(answer(200, each))
    return conversation


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(listing(assignment(OTHER_ID, scope=POOL_SCOPE)), Verdict.PASS, id="as before"),
        pytest.param(listing(), Verdict.FAIL, id="another one gone"),
        pytest.param(listing(assignment(OTHER_ID, scope=POOL_SCOPE), assignment()), Verdict.FAIL, id="back again"),
    ],
)
def test_repeated_delete_is_judged(after: Any, expected: Verdict) -> None:
    """A repeated delete removes nothing else and brings nothing back."""
    assert expected == _deleted_twice(listing(assignment(OTHER_ID, scope=POOL_SCOPE)), after).verdict(_DELETE)


def test_finding_tells_what_changed() -> None:
    """The finding tells what was shown before and after, and in which exchanges."""
    mark = next(each for each in _repeated(listing(assignment(scope=POOL_SCOPE))).marks(_PUT) if each.finding)

    assert ((4, 3, 2), "$.scope") == (mark.exchanges, mark.finding.where if mark.finding else "")
