"""`echo`: the response repeats what the request sent."""

from __future__ import annotations

import pytest

from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    CREATE,
    ID,
    OTHER_PRINCIPAL,
    OTHER_ROLE,
    POOL_SCOPE,
    ROLE,
    Conversation,
    answer,
    assignment,
    azure_error,
    grant,
)

_FIELDS = {
    "id": "22222222-2222-4222-8222-222222222222",
    "roleDefinitionId": OTHER_ROLE,
    "principalId": OTHER_PRINCIPAL,
    "scope": POOL_SCOPE,
    "principalType": "Group",
}


def _echoed(**changes: str) -> Conversation:
    conversation = Conversation()
    conversation.create(ID, answer(200, assignment(**changes) if "id" not in changes else {**assignment(), **changes}))
    return conversation


@pytest.mark.parametrize("field", _FIELDS)
def test_repeated_field_passes(field: str) -> None:
    """A field that comes back as it was sent passes."""
    expected = Verdict.PASS

    assert expected == _echoed().verdict(f"{CREATE}/echo/{field}")


@pytest.mark.parametrize(("field", "value"), _FIELDS.items(), ids=list(_FIELDS))
def test_other_field_is_finding(field: str, value: str) -> None:
    """A field that comes back with another value breaks the echo of that field alone."""
    expected = {f"{CREATE}/echo/{field}"}

    assert expected == _echoed(**{field: value}).findings()


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        pytest.param("id", ID.upper(), "pass", id="id"),
        pytest.param("roleDefinitionId", ROLE.upper(), "pass", id="role"),
        pytest.param("principalId", "3F0F3A5C-6D0E-4E0B-9A51-0C7D5F7F1A01", "pass", id="principal"),
        pytest.param("scope", "WORKSPACES/exampleWorkspace", "fail", id="scope"),
        pytest.param("principalType", "user", "fail", id="type"),
    ],
)
def test_case_matters_where_declared(field: str, value: str, expected: str) -> None:
    """GUIDs are compared without case, and nothing else is."""
    assert expected == _echoed(**{field: value}).verdict(f"{CREATE}/echo/{field}")


def test_absent_field_is_blocked() -> None:
    """A field that does not come back at all is blocked by its presence."""
    conversation = Conversation()
    conversation.create(ID, answer(200, {key: value for key, value in assignment().items() if key != "scope"}))
    expected = {"response/200/schema/RoleAssignmentDetails/scope/presence"}

    assert expected == conversation.blockers(f"{CREATE}/echo/scope")


def test_unsent_field_proves_nothing() -> None:
    """A field that the request did not send has nothing to be compared with."""
    conversation = Conversation()
    body = {key: value for key, value in grant().items() if key != "principalType"}
    conversation.send(CREATE, answer(200, assignment(principalType="Group")), body=body)
    expected = Verdict.INCONCLUSIVE

    assert expected == conversation.verdict(f"{CREATE}/echo/principalType")


def test_wrong_type_is_no_echo() -> None:
    """A value of another type is not what was sent."""
    conversation = Conversation()
    conversation.create(ID, answer(200, {**assignment(), "scope": [assignment()["scope"]]}))
    expected = True

    assert expected == (f"{CREATE}/echo/scope" in conversation.findings())


def test_refusal_proves_no_echo() -> None:
    """A refusal leaves the echo unjudged."""
    conversation = Conversation()
    conversation.create(ID, answer(400, azure_error()))
    expected = {"blocked"}

    assert expected == conversation.outcomes(f"{CREATE}/echo/id")


def test_broken_text_blocks_echo() -> None:
    """An answer that is no JSON text blocks the echo, with the text named."""
    conversation = Conversation()
    conversation.create(ID, answer(200, b"{"))
    expected = {"response/200/json"}

    assert expected == conversation.blockers(f"{CREATE}/echo/id")
