"""Holding bodies against the definitions of a contract."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    CREATE,
    GET,
    ID,
    LIST,
    PROVIDER,
    STATUS,
    STOP,
    SYNC,
    VCENTER,
    Conversation,
    answer,
    assignment,
    fabric_error,
    listing,
    provider_info,
)

_DETAILS = f"{CREATE}/response/200/schema/RoleAssignmentDetails"
_LISTED = f"{LIST}/response/200/schema"
_PROVIDER = f"{PROVIDER}/response/200/schema"


def _created(body: Any) -> Conversation:
    conversation = Conversation()
    conversation.create(ID, answer(200, body))
    return conversation


def _listed(body: Any) -> Conversation:
    conversation = Conversation()
    conversation.list(answer(200, body))
    return conversation


def _provided(**changes: Any) -> Conversation:
    body = provider_info("WAITING")
    body["value"] |= changes
    conversation = Conversation()
    conversation.send(PROVIDER, answer(200, body))
    return conversation


@pytest.mark.parametrize("name", ["id", "principalId", "principalType", "roleDefinitionId", "scope"])
def test_each_field_must_be_present(name: str) -> None:
    """A documented field that is missing fails its presence, whichever it is."""
    body = {key: value for key, value in assignment().items() if key != name}
    expected = {f"{_DETAILS}/{name}/presence"}

    found = _created(body).findings()

    assert expected == {each for each in found if "/schema/" in each}


def test_empty_object_lacks_everything() -> None:
    """An empty object fails the presence of every field, and what is said of the fields is blocked."""
    conversation = _created({})
    expected = (5, {"response/200/schema/RoleAssignmentDetails/roleDefinitionId/presence"})

    absent = [each for each in conversation.findings() if each.endswith("/presence")]

    assert expected == (len(absent), conversation.blockers(f"{_DETAILS}/roleDefinitionId/format"))


@pytest.mark.parametrize("body", [[], None, "text", 3, True], ids=["array", "null", "string", "number", "boolean"])
def test_wrong_type_blocks_below(body: Any) -> None:
    """A body of another type fails the type alone, and everything below names it as its blocker."""
    conversation = _created(b"null" if body is None else body)
    expected = ({f"{_DETAILS}/type"}, {"response/200/schema/RoleAssignmentDetails/type"})

    found = {each for each in conversation.findings() if "/schema/" in each}

    assert expected == (found, conversation.blockers(f"{_DETAILS}/id/presence"))


@pytest.mark.parametrize(
    ("value", "aspect"),
    [
        pytest.param("no-uuid", "format", id="word"),
        pytest.param("6e4bf58ab8e14cc3bbf9d73143322b78", "format", id="without dashes"),
        pytest.param("{6e4bf58a-b8e1-4cc3-bbf9-d73143322b78}", "format", id="in braces"),
        pytest.param("urn:uuid:6e4bf58a-b8e1-4cc3-bbf9-d73143322b78", "format", id="URN"),
        pytest.param("", "format", id="empty"),
        pytest.param(None, "type", id="null"),
        pytest.param(7, "type", id="number"),
    ],
)
def test_uuid_format_is_asserted(value: Any, aspect: str) -> None:
    """What is no UUID breaks the format of a field, and what is no string breaks its type."""
    conversation = _created({**assignment(), "roleDefinitionId": value})
    expected = {f"{_DETAILS}/roleDefinitionId/{aspect}"}

    assert expected == {each for each in conversation.findings() if "/schema/" in each}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("2026-11-21T00:00:00Z", {"met"}, id="date and time"),
        pytest.param("2026-11-21T00:00:00.123+05:30", {"met"}, id="fraction and offset"),
        pytest.param("2026-11-21", {"finding"}, id="date"),
        pytest.param("2026-02-30T00:00:00Z", {"finding"}, id="no such day"),
        pytest.param("2026-11-21T00:00:00", {"finding"}, id="no offset"),
    ],
)
def test_date_format_is_asserted(value: str, expected: set[str]) -> None:
    """What is no date and time breaks the format of a field."""
    conversation = _provided(last_sync_time=value)

    assert expected == conversation.outcomes(f"{_PROVIDER}/ProvidersInfo/last_sync_time/format")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(2, {"met"}, id="integer"),
        pytest.param(2.0, {"met"}, id="float without a fraction"),
        pytest.param(2.5, {"finding"}, id="fraction"),
        pytest.param(True, {"finding"}, id="boolean"),
        pytest.param("2", {"finding"}, id="string"),
    ],
)
def test_integers_are_told_apart(value: Any, expected: set[str]) -> None:
    """An integer is a number without a fraction, and a boolean is none."""
    conversation = _listed(listing(assignment(), assignment(), count=value))

    assert expected == conversation.outcomes(f"{_LISTED}/RoleAssignmentDetailsList/count/type")


def test_enum_value_is_asserted() -> None:
    """A value outside the documented ones breaks the enumeration of its field."""
    conversation = _provided(status="PERHAPS")
    expected = {f"{_PROVIDER}/ProvidersInfo/status/enum"}

    assert expected == conversation.findings()


def test_items_are_judged_together() -> None:
    """One wrong item among good ones fails the requirement once, at its place."""
    body = listing(assignment(), {**assignment(), "scope": 3}, assignment())
    expected = [("finding", "$.value[1].scope")]

    marks = _listed(body).marks(f"{_LISTED}/RoleAssignmentDetails/scope/type")

    assert expected == [(mark.outcome, mark.finding.where) for mark in marks if mark.finding]


def test_many_findings_are_few() -> None:
    """The same fault in many items gives no more than three findings."""
    body = listing(*({**assignment(), "scope": 3} for _ in range(50)))
    expected = 3

    assert expected == len(_listed(body).marks(f"{_LISTED}/RoleAssignmentDetails/scope/type"))


def test_empty_list_proves_no_item() -> None:
    """A list without items says nothing about items."""
    conversation = _listed(listing())
    expected = Verdict.INCONCLUSIVE

    assert expected == conversation.verdict(f"{_LISTED}/RoleAssignmentDetails/scope/type")


def test_inline_objects_are_walked() -> None:
    """A fault inside an object that has no definition of its own is found at its path."""
    runtime = "azure-synapse-management/get-integration-runtime-status"
    conversation = Conversation()
    properties = {"type": "SelfHosted", "typeProperties": {"createTime": 3, "serviceUrls": ["a", None, 5]}}
    conversation.send(runtime, answer(200, {"name": "x", "properties": properties}))
    base = f"{runtime}/response/200/schema/IntegrationRuntimeStatus/typeProperties"
    expected = {f"{base}/createTime/type", f"{base}/serviceUrls/items/type"}

    assert expected == conversation.findings()


def test_nested_errors_are_walked() -> None:
    """A fault deep inside nested details belongs to the definition, not to the path."""
    inner: dict[str, Any] = {"code": 3, "message": "x"}
    for _ in range(5):
        inner = {"code": "x", "message": "x", "details": [inner]}
    conversation = Conversation()
    conversation.send(SYNC, answer(404, {"error": inner}), credential="Bearer somebody")
    expected = {f"{SYNC}/response/other/schema/ErrorDetail/code/type"}

    assert expected == conversation.findings()


@pytest.mark.parametrize("details", [[{"code": "X"}], [{"message": "It is X."}], [{}], [{"details": [{}]}]])
def test_nested_error_may_have_less(details: Any) -> None:
    """What the sample of an error shows of the outermost is not asked of what stands inside it."""
    conversation = Conversation()
    error = {"code": "NotFound", "message": "It is not there.", "details": details}
    conversation.send(LIST, answer(404, {"error": error}), credential="Bearer somebody")
    expected: set[str] = set()

    assert expected == conversation.findings()


def test_optional_error_fields_are_free() -> None:
    """An error may leave out what the page does not show, and break nothing."""
    conversation = Conversation()
    conversation.send(STOP, answer(404, fabric_error()), credential="Bearer somebody")
    expected: set[str] = set()

    assert expected == conversation.findings()


def test_null_is_no_value() -> None:
    """A field that is null is present, and not of the documented type."""
    conversation = _created({**assignment(), "scope": None})
    expected = ({"met"}, {"finding"})

    presence = conversation.outcomes(f"{_DETAILS}/scope/presence")

    assert expected == (presence, conversation.outcomes(f"{_DETAILS}/scope/type"))


def test_absent_optional_field_is_unobserved() -> None:
    """What is said of a field that may be absent is not observed, and breaks nothing, where it is absent."""
    conversation = Conversation()
    conversation.send(STATUS, answer(200, {"status": "Running"}))
    expected = Verdict.NOT_OBSERVED

    assert expected == conversation.verdict(f"{STATUS}/response/200/schema/ErrorResponse/errorCode/type")


def test_present_optional_field_is_judged() -> None:
    """An optional field that is there is judged as it is documented."""
    conversation = Conversation()
    conversation.send(STATUS, answer(200, {"status": "Running", "error": {"errorCode": 3, "message": "x"}}))
    expected = {f"{STATUS}/response/200/schema/ErrorResponse/errorCode/type"}

    assert expected == conversation.findings()


def test_field_names_keep_case() -> None:
    """A field in another letter case is not the documented one."""
    body = {key: value for key, value in assignment().items() if key != "scope"} | {"Scope": "x"}
    expected = {f"{_DETAILS}/scope/presence"}

    assert expected == {each for each in _created(body).findings() if "/schema/" in each}


def test_finding_shows_its_place() -> None:
    """A finding says what was expected, what came and where."""
    body = listing({**assignment(), "principalId": "nobody"})
    expected = ("format uuid", "'nobody'", "$.value[0].principalId")

    finding = _listed(body).marks(f"{_LISTED}/RoleAssignmentDetails/principalId/format")[0].finding

    assert expected == (finding.expected, finding.got, finding.where)


def test_long_values_are_cut() -> None:
    """A finding shows no more than the beginning of a long value."""
    body = {**assignment(), "principalId": "x" * 100_000}
    expected = True

    finding = _created(body).marks(f"{_DETAILS}/principalId/format")[0].finding

    assert expected == (len(finding.got) < 200)


def test_wide_body_is_judged_quickly() -> None:
    """A body with many items and unknown fields gives few marks."""
    body = listing(*({**assignment(), f"x{number}": 1} for number in range(2000)))
    expected = True

    assert expected == (len(_listed(body).judgement().marks) < 200)


def test_vcenter_error_is_documented() -> None:
    """VCenter's error body, with every documented field, breaks nothing."""
    conversation = Conversation()
    conversation.arrange(VCENTER, "sync-idle")
    message = {"id": "i", "default_message": "m", "args": ["a"], "params": [], "localized": "l"}
    body = {
        "type": "com.vmware.vapi.std.errors.not_found",
        "value": {"messages": [message], "data": {}, "error_type": "NOT_FOUND"},
    }
    conversation.send(conversation.call(PROVIDER, provider="99999999-9999-4999-8999-999999999999"), answer(404, body))
    expected: set[str] = set()

    assert expected == conversation.findings()


def test_messages_may_be_none() -> None:
    """An error without any message leaves what is said of messages unobserved."""
    conversation = Conversation()
    body = {"type": "com.vmware.vapi.std.errors.error", "value": {"messages": []}}
    conversation.send(PROVIDER, answer(500, body))
    expected = Verdict.NOT_OBSERVED

    assert expected == conversation.verdict(f"{PROVIDER}/response/500/schema/LocalizableMessage/id/presence")


def test_read_bodies_are_judged_alike() -> None:
    """The same definition is judged for each operation that answers with it."""
    conversation = Conversation()
    conversation.create()
    conversation.send(conversation.call(GET, roleAssignmentId=ID), answer(200, {**assignment(), "scope": 1}))
    expected = {f"{GET}/response/200/schema/RoleAssignmentDetails/scope/type"}

    assert expected == conversation.findings()
