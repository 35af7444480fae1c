"""`case-insensitive`: a path parameter, a query parameter, a segment or a field means the same in any letter case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    FABRIC,
    GET,
    LIST,
    OTHER_ROLE,
    ROLE,
    RUNTIME,
    STOP,
    SYNC,
    Conversation,
    answer,
    assignment,
    azure_error,
    catalogue,
    fabric_error,
    listing,
    requirements,
)

_SAME = f"{SYNC}/case-insensitive/resourceGroupName"
_USUAL, _OTHER = "exampleResourceGroup", "EXAMPLErESOURCEgROUP"


def _called(*calls: tuple[str, Any], operation: str = SYNC) -> Conversation:
    conversation = Conversation()
    for name, got in calls:
        conversation.send(conversation.call(operation, resourceGroupName=name), got)
    return conversation


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(answer(200), Verdict.PASS, id="success"),
        pytest.param(answer(404, azure_error()), Verdict.FAIL, id="not found"),
        pytest.param(answer(400, azure_error()), Verdict.FAIL, id="refused"),
        pytest.param(answer(500, azure_error()), Verdict.INCONCLUSIVE, id="server error"),
        pytest.param(answer(429, azure_error()), Verdict.INCONCLUSIVE, id="throttled"),
        pytest.param(answer(202), Verdict.INCONCLUSIVE, id="undocumented success"),
    ],
)
def test_other_case_is_judged(got: Any, expected: Verdict) -> None:
    """A request that succeeds in the usual letter case succeeds in another."""
    assert expected == _called((_USUAL, answer(200)), (_OTHER, got)).verdict(_SAME)


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param([(_OTHER, answer(200))], id="other case alone"),
        pytest.param([(_USUAL, answer(200)), (_USUAL, answer(200))], id="usual case twice"),
        pytest.param(
            [(_USUAL, answer(404, azure_error())), (_OTHER, answer(404, azure_error()))], id="refused in both"
        ),
        pytest.param([(_USUAL, answer(200)), ("anotherGroup", answer(404, azure_error()))], id="another name"),
    ],
)
def test_comparison_needs_both(calls: list[tuple[str, Any]]) -> None:
    """Nothing is proved without a success in the usual letter case and a request in another."""
    expected = Verdict.INCONCLUSIVE

    assert expected == _called(*calls).verdict(_SAME)


def test_order_makes_no_difference() -> None:
    """The request in the other letter case may come first."""
    expected = Verdict.FAIL

    assert expected == _called((_OTHER, answer(404, azure_error())), (_USUAL, answer(200))).verdict(_SAME)


@pytest.mark.parametrize(
    ("usual_first", "expected"),
    [pytest.param(False, Verdict.INCONCLUSIVE, id="found later"), pytest.param(True, Verdict.FAIL, id="found before")],
)
def test_written_id_may_show_late(usual_first: bool, expected: Verdict) -> None:  # noqa: FBT001 - a case
    """An id that was written is not held to exist in any letter case before it was first found."""
    written = "abcdef01-1111-4111-8111-111111111111"
    conversation = Conversation()
    conversation.create(written)
    found = (written, answer(200, assignment(written)))
    missed = (written.upper(), answer(404, azure_error("RoleAssignmentNotFound")))
    for identifier, got in (found, missed) if usual_first else (missed, found):
        conversation.send(conversation.call(GET, roleAssignmentId=identifier), got)

    assert expected == conversation.verdict(f"{GET}/case-insensitive/roleAssignmentId", "conventions")


def test_operations_are_judged_apart() -> None:
    """A success of one operation is no control for another."""
    conversation = _called((_USUAL, answer(200)))
    conversation.send(conversation.call(RUNTIME, resourceGroupName=_OTHER), answer(404, azure_error()))
    expected: set[str] = set()

    assert expected == conversation.outcomes(f"{RUNTIME}/case-insensitive/resourceGroupName")


def test_refusal_is_one_finding() -> None:
    """A refusal of the other letter case breaks this requirement alone."""
    conversation = _called((_USUAL, answer(200)), (_OTHER, answer(404, azure_error())))
    expected = {_SAME}

    assert expected == conversation.findings()


_SEGMENT, _A12 = f"{SYNC}/case-insensitive/segment/integrationRuntimes", f"{SYNC}/ambiguity/A12"


def _on_segment(got: Any, segment: str = "integrationRuntimes") -> Conversation:
    """Return a sync, and one whose path has a segment in the other letter case."""
    conversation = Conversation()
    conversation.send(SYNC, answer(200))
    call = conversation.call(SYNC)
    path = call.operation.path.replace(segment, segment.swapcase())
    conversation.send(replace(call, operation=replace(call.operation, path=path)), got)
    return conversation


@pytest.mark.parametrize(
    ("got", "expected", "reading"),
    [
        pytest.param(answer(200), Verdict.PASS, "fixed-segments-too", id="success"),
        pytest.param(answer(404, azure_error()), Verdict.FAIL, "resource-group-alone", id="not found"),
        pytest.param(answer(500, azure_error()), Verdict.INCONCLUSIVE, "", id="server error"),
        pytest.param(answer(429, azure_error()), Verdict.INCONCLUSIVE, "", id="throttled"),
    ],
)
def test_segment_in_other_case_is_judged(got: Any, expected: Verdict, reading: str) -> None:
    """A fixed segment means the same in another letter case, and the register says which reading is followed."""
    conversation = _on_segment(got)
    seen = {each.reading for each in conversation.judgement().seen if each.ambiguity == "A12"}

    assert (expected, {reading} - {""}) == (conversation.verdict(_SEGMENT), seen)


def test_segment_is_one_finding() -> None:
    """The refusal of a segment in another letter case breaks its own requirement alone."""
    assert {_SEGMENT} == _on_segment(answer(404, azure_error())).findings()


def test_refused_segment_is_a_warning() -> None:
    """No profile but that of conventions counts it, and there it is a SHOULD."""
    found = requirements()[_SEGMENT]

    assert ("SHOULD", False, True) == (found.level, found.counts_in("interoperable"), found.counts_in("conventions"))


def test_other_segment_proves_nothing() -> None:
    """A path with another segment in another letter case is judged for that one alone."""
    assert set() == _on_segment(answer(404, azure_error()), "resourceGroups").outcomes(_SEGMENT)


_QUERY = f"{LIST}/case-insensitive/query/roleId"
_BOTH = listing(assignment(), assignment("33333333-3333-4333-8333-333333333333"))


def _filtered(got: Any, *, usual: Any = _BOTH, looks: int = 2) -> Conversation:
    """Return a list for a role, and one for the role in the other letter case, each asked for so many times."""
    conversation = Conversation()
    conversation.create()
    for _ in range(looks):
        conversation.list(answer(200, usual), roleId=ROLE)
    for _ in range(looks):
        conversation.list(got if not isinstance(got, dict) else answer(200, got), roleId=ROLE.upper())
    return conversation


@pytest.mark.parametrize(("got", "usual"), [(listing(), _BOTH), (_BOTH, listing())])
def test_one_look_proves_nothing(got: Any, usual: Any) -> None:
    """A list that lacks something may lag, until it was asked for again."""
    assert Verdict.INCONCLUSIVE == _filtered(got, usual=usual, looks=1).verdict(_QUERY)


@pytest.mark.parametrize(
    ("got", "usual", "expected"),
    [
        pytest.param(_BOTH, _BOTH, Verdict.PASS, id="the same"),
        pytest.param(listing(), _BOTH, Verdict.FAIL, id="nothing"),
        pytest.param(listing(assignment()), _BOTH, Verdict.FAIL, id="one missing"),
        pytest.param(_BOTH, listing(), Verdict.FAIL, id="more"),
        pytest.param(listing(), listing(), Verdict.INCONCLUSIVE, id="nothing in both"),
        pytest.param(answer(400, azure_error()), _BOTH, Verdict.FAIL, id="refused"),
        pytest.param(answer(500, azure_error()), _BOTH, Verdict.INCONCLUSIVE, id="server error"),
    ],
)
def test_filter_in_other_case_is_judged(got: Any, usual: Any, expected: Verdict) -> None:
    """A filter selects the same items in any letter case."""
    assert expected == _filtered(got, usual=usual).verdict(_QUERY)


def test_sensitive_filter_is_one_finding() -> None:
    """A filter that compares letter by letter breaks no requirement that rests on the page."""
    assert {_QUERY} == _filtered(listing(), usual=listing(assignment())).findings()
    assert {_QUERY} == _filtered(answer(400, azure_error()), usual=listing(assignment())).findings()


def test_write_between_lists_proves_nothing() -> None:
    """Two lists with a write between them may differ."""
    conversation = Conversation()
    conversation.create()
    conversation.list(answer(200, _BOTH), roleId=ROLE)
    conversation.create("44444444-4444-4444-8444-444444444444", roleId=OTHER_ROLE)
    conversation.list(answer(200, listing()), roleId=ROLE.upper())

    assert set() == conversation.outcomes(_QUERY)


_GUID = f"{GET}/case-insensitive/roleAssignmentId"
_LETTERS = "aaaaaaaa-1111-4111-8111-111111111111"


def _read(got: Any, *, deleted: bool = False) -> Conversation:
    conversation = Conversation()
    conversation.create(_LETTERS)
    conversation.send(conversation.call(GET, roleAssignmentId=_LETTERS), answer(200, assignment(_LETTERS)))
    if deleted:
        conversation.create(_LETTERS, answer(500))
    conversation.send(conversation.call(GET, roleAssignmentId=_LETTERS.upper()), got)
    return conversation


def test_guid_is_compared_without_case() -> None:
    """What was written is found by its id in another letter case."""
    found = [_read(got).verdict(_GUID) for got in (answer(200, assignment(_LETTERS)), answer(404, azure_error()))]

    assert [Verdict.PASS, Verdict.FAIL] == found
    assert {_GUID} == _read(answer(404, azure_error("RoleAssignmentNotFound"))).findings()


def test_lost_write_proves_nothing() -> None:
    """What may have been changed since it was read need not be there in any letter case."""
    assert set() == _read(answer(404, azure_error()), deleted=True).outcomes(_GUID)


@pytest.mark.parametrize(
    ("status", "expected"),
    [(200, Verdict.PASS), (404, Verdict.FAIL), (400, Verdict.INCONCLUSIVE), (409, Verdict.INCONCLUSIVE)],
)
def test_state_may_be_the_reason(status: int, expected: Verdict) -> None:
    """Where an operation needs a state, only a refusal as missing shows that the letter case is the reason."""
    conversation = Conversation()
    conversation.arrange(FABRIC, "mirroring-running")
    conversation.send(STOP, answer(200))
    workspace = catalogue().apis[FABRIC].resources["fabric-workspace"].values[0].upper()
    conversation.send(
        conversation.call(STOP, workspaceId=workspace), answer(status, fabric_error() if status > 200 else None)
    )

    assert expected == conversation.verdict(f"{STOP}/case-insensitive/workspaceId")


_TYPE, _OWN_ID = (f"{RUNTIME}/case-insensitive/field/{each}" for each in ("type", "id"))
_RESOURCE = (
    "/subscriptions/12345678-1234-1234-1234-12345678abc/resourceGroups/exampleResourceGroup/providers/Microsoft.Synapse"
    "/workspaces/exampleWorkspace/integrationRuntimes/exampleIntegrationRuntime"
)


def _runtime(**fields: str) -> Conversation:
    conversation = Conversation()
    conversation.send(RUNTIME, answer(200, {"properties": {"type": "SelfHosted"}, **fields}))
    return conversation


@pytest.mark.parametrize(
    ("requirement", "fields", "expected"),
    [
        pytest.param(
            _TYPE, {"type": "Microsoft.Synapse/workspaces/integrationRuntimes"}, Verdict.PASS, id="as in the path"
        ),
        pytest.param(
            _TYPE, {"type": "Microsoft.Synapse/workspaces/integrationruntimes"}, Verdict.PASS, id="lower case"
        ),
        pytest.param(_TYPE, {"type": "Microsoft.Synapse/workspaces"}, Verdict.FAIL, id="another type"),
        pytest.param(_TYPE, {}, Verdict.NOT_OBSERVED, id="no type"),
        pytest.param(_OWN_ID, {"id": _RESOURCE}, Verdict.PASS, id="the path"),
        pytest.param(_OWN_ID, {"id": _RESOURCE.upper()}, Verdict.PASS, id="the path in upper case"),
        pytest.param(_OWN_ID, {"id": f"{_RESOURCE}2"}, Verdict.FAIL, id="another id"),
        pytest.param(_OWN_ID, {}, Verdict.NOT_OBSERVED, id="no id"),
    ],
)
def test_field_is_compared_without_case(requirement: str, fields: dict[str, str], expected: Verdict) -> None:
    """The id and the type of an answer are those of the request, in some letter case."""
    assert expected == _runtime(**fields).verdict(requirement)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("integrationRuntimes", {"as-in-the-path"}),
        ("integrationruntimes", {"lower-case"}),
        ("INTEGRATIONRUNTIMES", set()),
    ],
)
def test_letter_case_of_type_is_reading(last: str, expected: set[str]) -> None:
    """In which letter case a type comes is a reading of the register."""
    conversation = _runtime(type=f"Microsoft.Synapse/workspaces/{last}")

    assert expected == {each.reading for each in conversation.judgement().seen if each.ambiguity == "A9"}
