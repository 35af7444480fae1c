"""`filter`: a query parameter selects the items whose field has its value, and all of them."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    DELETE,
    ID,
    LIST,
    OTHER_ID,
    OTHER_PRINCIPAL,
    OTHER_ROLE,
    POOL_SCOPE,
    PRINCIPAL,
    ROLE,
    SCOPE,
    Conversation,
    answer,
    assignment,
    azure_error,
    listing,
)

_SELECTS, _COMPLETE = f"{LIST}/filter/roleId/selects", f"{LIST}/filter/roleId/complete"
_COMBINED = f"{LIST}/filter/roleId/combined"
_MINE = assignment(ID)
_OTHER = assignment(OTHER_ID, roleDefinitionId=OTHER_ROLE, principalId=OTHER_PRINCIPAL)


def _written() -> Conversation:
    """Return two writes that differ in role and principal, and a list that shows both."""
    conversation = Conversation()
    conversation.create()
    conversation.create(OTHER_ID, roleId=OTHER_ROLE, principalId=OTHER_PRINCIPAL)
    conversation.list(answer(200, listing(_MINE, _OTHER)))
    return conversation


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(answer(200, listing(_MINE)), ["pass", "pass"], id="the one that fits"),
        pytest.param(answer(200, listing(_MINE, _OTHER)), ["fail", "pass"], id="ignored"),
        pytest.param(answer(200, listing(_OTHER)), ["fail", "fail"], id="the other one"),
        pytest.param(answer(200, listing()), ["inconclusive", "fail"], id="nothing"),
        pytest.param(
            answer(200, listing({**_MINE, "roleDefinitionId": ROLE.upper()})), ["pass", "pass"], id="other case"
        ),
        pytest.param(answer(200, b"["), ["inconclusive", "inconclusive"], id="no JSON"),
        pytest.param(answer(429, azure_error()), ["inconclusive", "inconclusive"], id="throttled"),
        pytest.param(answer(200, listing({"id": ID})), ["inconclusive", "pass"], id="field absent"),
    ],
)
def test_filtered_list_is_judged(got: Any, expected: list[str]) -> None:
    """A filtered list has only items that fit, and all of them."""
    conversation = _written()
    conversation.list(got, roleId=ROLE)
    conversation.list(got, roleId=ROLE)

    assert expected == [conversation.verdict(each) for each in (_SELECTS, _COMPLETE)]


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        pytest.param([[], [_MINE]], "pass", id="late"),
        pytest.param([[]], "inconclusive", id="looked at once"),
        pytest.param([[_MINE], []], "fail", id="gone again"),
    ],
)
def test_filtered_list_may_lag(looks: list[list[dict[str, str]]], expected: str) -> None:
    """An item may show late in a filtered list; it is missed only when it does not come in the end."""
    conversation = Conversation()
    conversation.create()
    conversation.create(OTHER_ID, roleId=OTHER_ROLE, principalId=OTHER_PRINCIPAL)
    for items in looks:
        conversation.list(answer(200, listing(*items)), roleId=ROLE)
    conversation.list(answer(200, listing(_MINE, _OTHER)))

    assert expected == conversation.verdict(_COMPLETE)


def test_no_match_is_no_proof() -> None:
    """A filter that selects nothing because nothing fits proves nothing."""
    conversation = _written()
    conversation.list(answer(200, listing()), roleId="2a385764-43e8-416c-9825-7b18d05a2c4b")
    expected = [Verdict.INCONCLUSIVE] * 2

    assert expected == [conversation.verdict(each) for each in (_SELECTS, _COMPLETE)]


def test_no_mismatch_is_no_proof() -> None:
    """A filter proves nothing where no item is known that it must leave out."""
    conversation = Conversation()
    conversation.create()
    conversation.list(answer(200, listing(_MINE)), roleId=ROLE)
    expected = Verdict.INCONCLUSIVE

    assert expected == conversation.verdict(_SELECTS)


def test_other_list_knows_mismatch() -> None:
    """An item that another list of the run showed is known as well as a written one."""
    conversation = Conversation()
    conversation.list(answer(200, listing(_MINE, _OTHER)))
    conversation.list(answer(200, listing(_MINE)), roleId=ROLE)
    expected = Verdict.PASS

    assert expected == conversation.verdict(_SELECTS)


def test_deleted_item_is_no_loss() -> None:
    """An item that was deleted since is not missed."""
    conversation = _written()
    conversation.send(conversation.call(DELETE, roleAssignmentId=ID), answer(204))
    conversation.list(answer(200, listing()), roleId=ROLE)
    expected = True

    assert expected == (_COMPLETE not in conversation.findings())


def test_unstored_item_is_for_reading() -> None:
    """An item that no list ever showed was not stored, which is not the filter's fault."""
    conversation = Conversation()
    conversation.create()
    conversation.create(OTHER_ID, roleId=OTHER_ROLE)
    conversation.list(answer(200, listing()))
    conversation.list(answer(200, listing()), roleId=ROLE)
    expected = {"read-after-write/stored"}

    assert expected == conversation.blockers(_COMPLETE)


def test_unfinished_list_is_no_proof() -> None:
    """A filtered list that was not read to its end proves nothing."""
    conversation = _written()
    conversation.list(answer(200, listing(_MINE), headers={"x-ms-continuation": "one"}), roleId=ROLE)
    expected = [Verdict.INCONCLUSIVE] * 2

    assert expected == [conversation.verdict(each) for each in (_SELECTS, _COMPLETE)]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([], Verdict.PASS, id="nothing fits both"),
        pytest.param([_MINE], Verdict.FAIL, id="second ignored"),
        pytest.param([_OTHER], Verdict.FAIL, id="first ignored"),
        pytest.param([_MINE, _OTHER], Verdict.FAIL, id="either"),
    ],
)
def test_two_filters_narrow_together(items: list[dict[str, str]], expected: Verdict) -> None:
    """With two filters every item fits both."""
    conversation = _written()
    conversation.list(answer(200, listing(*items)), roleId=ROLE, principalId=OTHER_PRINCIPAL)

    assert expected == conversation.verdict(_COMBINED)


def test_broken_filter_blocks_combination() -> None:
    """A filter that is broken alone blocks the combination, which is not its own fault."""
    conversation = _written()
    conversation.list(answer(200, listing(_MINE, _OTHER)), roleId=ROLE)
    conversation.list(answer(200, listing(_MINE, _OTHER)), roleId=ROLE, principalId=OTHER_PRINCIPAL)
    expected = {"filter/roleId/selects"}

    assert expected == conversation.blockers(_COMBINED)


def test_unrelated_items_prove_no_combination() -> None:
    """Two filters prove nothing where no item is known that fits one alone."""
    conversation = Conversation()
    conversation.create()
    conversation.list(answer(200, listing(_MINE)), roleId=ROLE, principalId=PRINCIPAL)
    expected = Verdict.INCONCLUSIVE

    assert expected == conversation.verdict(_COMBINED)


@pytest.mark.parametrize(
    ("items", "reading"),
    [
        pytest.param([assignment(OTHER_ID, scope=POOL_SCOPE)], "exact", id="exact"),
        pytest.param([assignment(ID), assignment(OTHER_ID, scope=POOL_SCOPE)], "ancestors", id="ancestors"),
    ],
)
def test_scope_reading_is_seen(items: list[dict[str, str]], reading: str) -> None:
    """Whether a scope selects items at its ancestors is a reading, and neither breaks anything."""
    conversation = Conversation()
    conversation.create()
    conversation.create(OTHER_ID, scope=POOL_SCOPE, roleId=OTHER_ROLE)
    third = "33333333-3333-4333-8333-333333333333"
    away = "workspaces/exampleWorkspace/linkedServices/exampleService"
    conversation.create(third, scope=away, principalId=OTHER_PRINCIPAL)
    whole = (assignment(ID), assignment(OTHER_ID, scope=POOL_SCOPE, roleDefinitionId=OTHER_ROLE))
    conversation.list(answer(200, listing(*whole, assignment(third, scope=away, principalId=OTHER_PRINCIPAL))))
    conversation.list(answer(200, listing(*items)), scope=POOL_SCOPE)
    expected: tuple[set[str], set[str]] = (set(), {reading})

    seen = {each.reading for each in conversation.judgement().seen if each.ambiguity == "B18"}

    assert expected == (conversation.findings(), seen)


@pytest.mark.parametrize(
    ("also", "reading"), [pytest.param((), "exact", id="exact"), pytest.param((ID,), "ancestors", id="ancestors")]
)
def test_scope_reading_needs_no_misfit(also: tuple[str, ...], reading: str) -> None:
    """The reading shows where no item is known that the filter must leave out in either."""
    conversation = Conversation()
    conversation.create()
    conversation.create(OTHER_ID, scope=POOL_SCOPE, roleId=OTHER_ROLE)
    items = [*(assignment(each) for each in also), assignment(OTHER_ID, scope=POOL_SCOPE, roleDefinitionId=OTHER_ROLE)]
    conversation.list(answer(200, listing(*items)), scope=POOL_SCOPE)

    assert {reading} == {each.reading for each in conversation.judgement().seen if each.ambiguity == "B18"}


def test_descendant_scope_is_finding() -> None:
    """A scope that selects items below it breaks the filter under every reading."""
    conversation = Conversation()
    conversation.create()
    conversation.create(OTHER_ID, scope=POOL_SCOPE)
    conversation.list(answer(200, listing(assignment(ID), assignment(OTHER_ID, scope=POOL_SCOPE))), scope=SCOPE)
    expected = {f"{LIST}/filter/scope/selects"}

    assert expected == conversation.findings()


def test_similar_scope_is_no_ancestor() -> None:
    """A scope that merely begins with the same letters is no ancestor."""
    conversation = Conversation()
    conversation.create(scope="workspaces/example")
    conversation.create(OTHER_ID)
    conversation.list(
        answer(200, listing(assignment(ID, scope="workspaces/example"), assignment(OTHER_ID))), scope=SCOPE
    )
    expected = {f"{LIST}/filter/scope/selects"}

    assert expected == conversation.findings()


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        pytest.param([_OTHER], "inconclusive", id="removed by somebody"),
        pytest.param([{**_MINE, "roleDefinitionId": OTHER_ROLE}, _OTHER], "inconclusive", id="changed by somebody"),
        pytest.param([_MINE, _OTHER], "fail", id="still there"),
    ],
)
def test_missing_item_has_to_be_there(whole: list[Any], expected: str) -> None:
    """An item is missing from a filtered list only while the whole list shows that nobody took it away meanwhile."""
    conversation = _written()
    conversation.list(answer(200, listing()), roleId=ROLE)
    conversation.list(answer(200, listing()), roleId=ROLE)
    conversation.list(answer(200, listing(*whole)))

    assert expected == conversation.verdict(_COMPLETE)
