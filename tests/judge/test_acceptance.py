"""Judging whether valid requests are accepted, and what a refusal is blamed on."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.reads.marks import Outcome
from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    CREATE,
    FABRIC,
    ID,
    LIST,
    OTHER_ID,
    RUNTIME,
    START,
    STOP,
    SYNC,
    VCENTER,
    Conversation,
    answer,
    assignment,
    azure_error,
    catalogue,
    fabric_error,
    grant,
    listing,
    vcenter_error,
)

_REFUSED = answer(400, azure_error())


def test_success_accepts_what_was_sent() -> None:
    """A success meets the requirement of each parameter and field that was sent, and of no other."""
    conversation = Conversation()
    conversation.list(answer(200, listing()), scope="workspaces/exampleWorkspace")
    expected = {"request/query/api-version", "request/query/scope"}

    marks = conversation.judgement().marks

    assert expected == {each.requirement.removeprefix(f"{LIST}/") for each in marks if "/request/" in each.requirement}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("abc", {"request/query/api-version", "request/header/x-ms-continuation"}, id="sent"),
        pytest.param("", {"request/query/api-version"}, id="empty, which is none"),
    ],
)
def test_success_accepts_header(value: str, expected: set[str]) -> None:
    """A success meets the requirement of each header that was sent; an empty one is as good as none."""
    conversation = Conversation()
    call = conversation.call(LIST).with_argument("header", "x-ms-continuation", value)
    conversation.send(call, answer(200, listing()))

    assert expected == _accepted_by(conversation, LIST)


def test_success_accepts_empty_parameter() -> None:
    """A query parameter without a value was sent all the same."""
    conversation = Conversation()
    conversation.send(conversation.call(LIST).with_argument("query", "scope", ""), answer(200, listing()))

    assert {"request/query/api-version", "request/query/scope"} == _accepted_by(conversation, LIST)


_BODY = {
    "request/path/roleAssignmentId",
    "request/query/api-version",
    "request/body",
    "request/body/principalId",
    "request/body/principalType",
    "request/body/roleId",
    "request/body/scope",
}


@pytest.mark.parametrize(
    ("media_type", "more"),
    [
        pytest.param("application/json", set(), id="usual"),
        pytest.param("text/json", {"request/media-type/text_json"}, id="another that the page names"),
        pytest.param("application/json; charset=utf-8", {"request/charset"}, id="charset"),
    ],
)
def test_success_accepts_body(media_type: str, more: set[str]) -> None:
    """A success meets the requirements of the body, of each field, and of what is special about its media type."""
    conversation = Conversation()
    conversation.send(CREATE, answer(200, assignment()), body=grant(), media_type=media_type)

    assert _BODY | more == _accepted_by(conversation, CREATE)


def _accepted_by(conversation: Conversation, operation: str) -> set[str]:
    met = [each for each in conversation.judgement().marks if each.outcome is Outcome.MET and each.exchanges == (1,)]
    return {each.requirement.removeprefix(f"{operation}/") for each in met if "/request/" in each.requirement}


@pytest.mark.parametrize("operation", [each.id for each in catalogue().operations])
def test_refused_valid_request_fails(operation: str) -> None:
    """A valid, authorised request that is refused although everything is known fails the status."""
    conversation = Conversation()
    found = catalogue().operation(operation)
    body = grant() if operation == CREATE else None
    if found.state:
        conversation.arrange(found.api, found.state)
    if "{roleAssignmentId}" in found.path and operation != CREATE:
        conversation.arrange(found.api, "no-role-assignments", role_assignment=(ID,))
    credential = "Basic «basic:admin»" if found.security == "basic" else ""
    conversation.send(operation, answer(403, azure_error()), body=body, credential=credential)
    expected = Verdict.FAIL

    assert expected == conversation.verdict(f"{operation}/response/status")


def test_refusal_blocks_its_features() -> None:
    """What a refused valid request sent is left unjudged, with the status named."""
    conversation = Conversation()
    conversation.list(_REFUSED)
    expected = {"response/status"}

    assert expected == conversation.blockers(f"{LIST}/request/query/api-version")


def test_single_parameter_is_blamed() -> None:
    """A refusal that comes with one optional parameter alone is blamed on that parameter, not on the status."""
    conversation = Conversation()
    conversation.list(answer(200, listing()))
    conversation.list(_REFUSED, scope="workspaces/exampleWorkspace")
    expected = ({f"{LIST}/request/query/scope"}, Verdict.PASS)

    assert expected == (conversation.findings(), conversation.verdict(f"{LIST}/response/status"))


def test_single_field_is_blamed() -> None:
    """A refusal that comes with one optional field of the body alone is blamed on that field."""
    conversation = Conversation()
    body = {key: value for key, value in grant().items() if key != "principalType"}
    stored = {"roleDefinitionId": body["roleId"], "principalId": body["principalId"], "scope": body["scope"]}
    conversation.send(CREATE, answer(200, {"id": ID, "principalType": "User", **stored}), body=body)
    conversation.create(OTHER_ID, _REFUSED)
    expected = True

    assert expected == (f"{CREATE}/request/body/principalType" in conversation.findings())


def test_other_value_is_blamed() -> None:
    """A refusal that differs from a success in one value alone is blamed on the parameter of that value."""
    conversation = Conversation()
    conversation.list(answer(200, listing()), scope="workspaces/exampleWorkspace")
    conversation.list(_REFUSED, scope="workspaces/exampleWorkspace/linkedServices/exampleService")
    expected = {f"{LIST}/request/query/scope"}

    assert expected == conversation.findings()


def test_body_is_blamed_whole() -> None:
    """A refusal that comes with a body, where requests without one succeed, is blamed on the body."""
    conversation = Conversation()
    conversation.arrange(VCENTER, "sync-idle")
    conversation.send(START, answer(200))
    conversation.arrange(VCENTER, "sync-idle")
    full = {"credentials": {"user_name": "administrator@vsphere.local", "password": "«secret:/credentials/password»"}}
    conversation.send(START, answer(400, vcenter_error("invalid_argument")), body=full)
    expected = {f"{START}/request/body"}

    assert expected == {
        each for each in conversation.findings() if "/request/" in each or each.endswith("response/status")
    }


def test_two_differences_blame_status() -> None:
    """A refusal that differs from every success in two parameters is blamed on none of them."""
    conversation = Conversation()
    conversation.list(answer(200, listing()))
    conversation.list(_REFUSED, scope="workspaces/exampleWorkspace", roleId="6e4bf58a-b8e1-4cc3-bbf9-d73143322b78")
    expected = {f"{LIST}/response/status"}

    assert expected == conversation.findings()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(429, azure_error("TooManyRequests"), id="throttled"),
        pytest.param(503, azure_error("Unavailable"), id="unavailable"),
        pytest.param(409, azure_error("Conflict"), id="conflict"),
    ],
)
def test_busy_target_is_excused(status: int, body: Any) -> None:
    """A target that is busy or reports a conflict has not refused the request itself."""
    conversation = Conversation()
    conversation.list(answer(status, body))
    expected = Verdict.INCONCLUSIVE

    assert expected == conversation.verdict(f"{LIST}/response/status")


@pytest.mark.parametrize(
    ("operation", "api", "state"),
    [pytest.param(STOP, FABRIC, "mirroring-running", id="stop"), pytest.param(START, VCENTER, "sync-idle", id="start")],
)
def test_state_decides_refusal(operation: str, api: str, state: str) -> None:
    """A refusal fails the status where the needed state was arranged, and shows nothing where it was not."""
    body = fabric_error() if api == FABRIC else vcenter_error("not_allowed_in_current_state")
    unknown, arranged = Conversation(), Conversation()
    arranged.arrange(api, state)
    for each in (unknown, arranged):
        each.send(operation, answer(400, body))
    expected = [Verdict.INCONCLUSIVE, Verdict.FAIL]

    assert expected == [each.verdict(f"{operation}/response/status") for each in (unknown, arranged)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"resourceGroupName": "unknownGroup"}, id="unknown id"),
        pytest.param({"resourceGroupName": "EXAMPLERESOURCEGROUP"}, id="other case"),
    ],
)
def test_unknown_reference_is_excused(change: dict[str, str]) -> None:
    """A refusal of a request for something that nobody knows to exist shows nothing."""
    conversation = Conversation()
    conversation.send(conversation.call(RUNTIME, **change), answer(404, azure_error()))
    expected = Verdict.INCONCLUSIVE

    assert expected == conversation.verdict(f"{RUNTIME}/response/status")


def test_server_error_fails_valid_request() -> None:
    """A valid request that is answered with an undocumented 500 fails the status."""
    conversation = Conversation()
    conversation.send(SYNC, answer(500, azure_error("InternalServerError")))
    expected = Verdict.FAIL

    assert expected == conversation.verdict(f"{SYNC}/response/status")


def test_faulty_request_judges_no_acceptance() -> None:
    """The answer to a faulty request says nothing of acceptance, even when it is a success."""
    conversation = Conversation()
    conversation.send(conversation.call(LIST).without("query", "api-version"), answer(200, listing()))
    expected: set[str] = set()

    assert expected == conversation.outcomes(f"{LIST}/response/status")


def test_one_success_hides_no_refusal() -> None:
    """A valid request that is refused fails the status although the same request succeeded before."""
    conversation = Conversation()
    conversation.list(answer(200, listing()))
    conversation.list(_REFUSED)
    expected = Verdict.FAIL

    assert expected == conversation.verdict(f"{LIST}/response/status")


def test_unknown_caller_is_excused() -> None:
    """A refusal of somebody whose permissions nobody knows shows nothing."""
    conversation = Conversation()
    conversation.send(LIST, answer(403, azure_error()), credential="Bearer somebody")
    expected = Verdict.INCONCLUSIVE

    assert expected == conversation.verdict(f"{LIST}/response/status")


def told(text: str, status: int = 400) -> Any:
    """Return a refusal with a text."""
    return answer(status, {"error": {"code": "InvalidParameter", "message": text}})


@pytest.mark.parametrize(
    ("text", "guilty"),
    [
        pytest.param("The value of 'Api-Version' is not supported.", "request/query/api-version", id="named"),
        pytest.param("The request is not valid.", "response/status", id="nothing named"),
        pytest.param("Neither scope nor api-version is valid.", "response/status", id="two named"),
    ],
)
def test_named_parameter_is_blamed(text: str, guilty: str) -> None:
    """Where every valid request is refused, the one thing that the answers name is to blame, else the status."""
    conversation = Conversation()
    conversation.list(told(text), scope="workspaces/exampleWorkspace")

    assert {f"{LIST}/{guilty}"} == conversation.findings()


def test_inmost_named_field_is_blamed() -> None:
    """An answer that names a field and what it stands in is about the field."""
    conversation = Conversation()
    conversation.create(got=told("The field 'principalId' of the body is wrong."))

    assert {f"{CREATE}/request/body/principalId"} == conversation.findings()


def test_named_parameter_needs_fault_of_request() -> None:
    """A word of an answer that is not about the request, such as a server error, blames no parameter."""
    conversation = Conversation()
    conversation.list(told("The scope was lost.", status=500), scope="workspaces/exampleWorkspace")

    assert {f"{LIST}/response/status"} == conversation.findings()


def test_lacking_parameter_is_not_blamed() -> None:
    """A refusal of a request without an optional parameter is not one of a value of it."""
    conversation = Conversation()
    conversation.list(answer(200, listing()), scope="workspaces/exampleWorkspace")
    conversation.list(_REFUSED)

    assert {f"{LIST}/response/status"} == conversation.findings()


GET = f"{LIST.partition('/')[0]}/get-role-assignment"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param(400, Verdict.FAIL, id="bad request"),
        pytest.param(500, Verdict.FAIL, id="server error"),
        pytest.param(404, Verdict.INCONCLUSIVE, id="not there yet"),
    ],
)
def test_refused_read_of_written_item_fails(status: int, expected: Verdict) -> None:
    """What the run wrote may show late, and no delay is a reason for another refusal."""
    conversation = Conversation()
    conversation.create()
    conversation.send(conversation.call(GET, roleAssignmentId=ID), answer(status, azure_error()))

    assert expected == conversation.verdict(f"{GET}/response/status")


def test_refused_read_of_unwritten_item_is_excused() -> None:
    """A refusal of a read of what nobody knows to exist shows nothing."""
    conversation = Conversation()
    conversation.send(conversation.call(GET, roleAssignmentId=OTHER_ID), answer(400, azure_error()))

    assert Verdict.INCONCLUSIVE == conversation.verdict(f"{GET}/response/status")
