"""Judging whether valid requests are accepted, and what a refusal is blamed on."""

from __future__ import annotations

from typing import Any

import pytest

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
