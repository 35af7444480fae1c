"""Servers that do what a standard allows are blamed for nothing, and what looks like a refusal and is none counts for none."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from asdocumented.contracts import Tier
from asdocumented.planning.building import Aim, build
from asdocumented.plans import Plan
from asdocumented.traces import Exchange
from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    ABSENT,
    CREATE,
    LIST,
    START,
    Conversation,
    answer,
    azure_error,
    catalogue,
    grant,
    requirements,
    vcenter_error,
)

OK = {"count": 0, "value": []}
PAGE = b"<!DOCTYPE html><html><body><h1>Bad Request</h1></body></html>"
HTML = {"content-type": "text/html"}
WIRE = ("wire-dot-segments", "wire-content-length")


@cache
def plan_of_everything() -> Plan:
    """Return the plan for a target that may get every request and has what the contracts name."""
    pools = {api.name: {name: each.values for name, each in api.resources.items()} for api in catalogue().apis.values()}
    everything = frozenset(each.id for each in catalogue().operations)
    aim = Aim(pools, everything, Tier.DISRUPTIVE, keeps_changes=False, intrusive=True)
    return build(catalogue(), requirements(), aim)


def requested(conversation: Conversation, **changes: Any) -> None:
    """Change the request of the latest exchange."""
    sent = conversation.events[-1]
    assert isinstance(sent, Exchange)
    conversation.events[-1] = replace(sent, request=replace(sent.request, **changes))


def verdict(conversation: Conversation, requirement: str) -> Verdict:
    """Return the verdict in the profile that looks at conventions."""
    return conversation.verdict(requirement, "conventions")


@pytest.mark.parametrize(
    "got",
    [
        pytest.param(answer(400, PAGE, headers=HTML), id="a page"),
        pytest.param(answer(414, None, headers={}), id="nothing"),
        pytest.param(answer(404, {"message": "no Route matched"}), id="another JSON"),
        pytest.param(answer(308, None, headers={"location": "/roleAssignments"}), id="a redirect"),
    ],
)
def test_odd_request_may_be_refused_in_front(got: Any) -> None:
    """What stands before an API may refuse what no page speaks of, in words of its own."""
    conversation = Conversation()
    conversation.send(LIST, answer(200, OK))
    conversation.send(LIST, got)
    sent = conversation.events[-1]
    assert isinstance(sent, Exchange)
    client = (("x-ms-client-request-id", ABSENT), ("x-ms-return-client-request-id", "true"))
    target = f"/roleAssignments?api-version=2020-12-01&scope={'a' * 2048}"
    requested(conversation, target=target, headers=(*sent.request.headers, *client))

    assert set() == conversation.findings()
    assert Verdict.PASS == verdict(conversation, f"{LIST}/robustness/query/scope/over-long")


def test_odd_id_may_lead_nowhere() -> None:
    """A server that decodes a path before it looks for an operation finds none for an encoded slash."""
    conversation = Conversation()
    conversation.arrange("vmware-vcenter-hvc", "sync-idle")
    conversation.send(START, answer(200, None))
    conversation.arrange("vmware-vcenter-hvc", "sync-idle")
    conversation.send(START, answer(404, vcenter_error("operation_not_found")))
    requested(conversation, target="/rest/hvc/links/any%2F../sync/providers/provider-2c9d04e8?action=start")

    assert set() == conversation.findings()


def test_odd_request_must_not_break() -> None:
    """What stands before an API may not answer an odd request with a server error."""
    conversation = Conversation()
    conversation.send(LIST, answer(200, OK))
    conversation.send(LIST, answer(502, PAGE, headers=HTML))
    requested(conversation, target=f"/roleAssignments?api-version=2020-12-01&scope={'a' * 2048}")

    assert f"{LIST}/robustness/query/scope/over-long" in conversation.findings()


def test_unknown_method_may_be_not_implemented() -> None:
    """A server that knows a method nowhere answers 501 (RFC 9110 section 15.6.2)."""
    conversation = Conversation()
    conversation.send(LIST, answer(200, OK))
    conversation.send(replace(conversation.call(LIST), method="PATCH"), answer(501, None))

    assert Verdict.PASS == verdict(conversation, f"{LIST}/refusal/method")


def test_conflict_is_no_refusal_of_a_fault() -> None:
    """A 409 is about the state of the target, so that it does not show that a missing parameter was seen."""
    conversation = Conversation()
    conversation.create("one")
    conversation.send(conversation.call(CREATE, roleAssignmentId="two"), answer(409, azure_error()), body=grant())
    requested(conversation, target="/roleAssignments/two")

    assert Verdict.INCONCLUSIVE == verdict(conversation, f"{CREATE}/refusal/query/api-version/missing")


@pytest.mark.parametrize(
    ("status", "location", "expected"),
    [(301, "/roleAssignments", Verdict.PASS), (308, "/roleAssignments", Verdict.PASS), (200, "", Verdict.FAIL)],
)
def test_dots_may_be_redirected(status: int, location: str, expected: Verdict) -> None:
    """A redirect to the path without dot segments leads nobody past the check of credentials."""
    conversation = Conversation()
    conversation.send(LIST, answer(200, OK))
    call = conversation.call(LIST, identity="anonymous")
    conversation.send(call, answer(status, None if location else OK, headers={"location": location}))
    requested(conversation, target="/roleAssignments/../roleAssignments?api-version=2020-12-01")

    assert expected == verdict(conversation, f"{LIST}/wire/dot-segments")


@pytest.mark.parametrize("operation", [CREATE, LIST, START])
@pytest.mark.parametrize("what", WIRE)
def test_wire_requests_could_succeed(operation: str, what: str) -> None:
    """A request with a wire fault is complete but for it: a server that overlooks the fault answers with a success."""
    plan = plan_of_everything()
    name = f"{operation.split('/')[1]}/{what}"
    [call] = [step.call for each in plan.scenarios if each.id == name for step in each.steps]
    body = call.operation.body

    assert not set(call.arguments.values()) & plan.absent or call.operation.method == "PUT"
    assert bool(call.body) == bool(body and body.required)


def test_odd_ids_share_no_grant() -> None:
    """What an odd id creates is not what the faulty requests ask for, so that a 409 does not hide what they show."""
    plan = plan_of_everything()
    mine = [each for each in plan.scenarios if each.id.startswith("create-role-assignment/")]
    odd = {step.call.body for each in mine if "robustness-path" in each.id for step in each.steps}
    faulty = {step.call.body for each in mine if "refusal-" in each.id for step in each.steps}

    assert odd
    assert set() == odd & faulty


def test_refused_credential_is_not_blamed_on_the_case() -> None:
    """A 401 to a scheme in lower case says nothing where no credential was ever accepted."""
    conversation = Conversation()
    challenge = {"www-authenticate": "Bearer"}
    for credential in ("Bearer «token:admin»", "bearer «token:admin»"):
        conversation.send(LIST, answer(401, azure_error(), headers=challenge), credential=credential)

    assert set() == conversation.findings()


def test_refused_credential_is_not_blamed_on_the_target() -> None:
    """A credential that is refused everywhere is the user's mistake: no documented error is missing because of it."""
    conversation = Conversation()
    refusal = answer(401, vcenter_error("unauthenticated"), headers={"www-authenticate": "Basic"})
    conversation.send(conversation.call(START, link=ABSENT), refusal)
    conversation.arrange("vmware-vcenter-hvc", "sync-running")
    conversation.send(START, refusal)

    assert set() == conversation.findings()


@pytest.mark.parametrize("allow", ["GET, , HEAD", ", GET", "GET,"])
def test_allow_may_have_empty_elements(allow: str) -> None:
    """An element of a list that is empty does not count (RFC 9110 section 5.6.1)."""
    conversation = Conversation()
    refusal = answer(405, azure_error(), headers={"allow": allow})
    conversation.send(replace(conversation.call(LIST), method="PATCH"), refusal)

    assert Verdict.PASS == verdict(conversation, f"{LIST}/method/allow")


@pytest.mark.parametrize("status", [429, 503])
def test_busy_answer_need_not_be_listed(status: int) -> None:
    """A busy target has not answered the request, so that a page does not have to list that status."""
    conversation = Conversation()
    conversation.arrange("vmware-vcenter-hvc", "sync-idle")
    conversation.send(START, answer(status, vcenter_error("service_unavailable")))

    assert set() == conversation.findings()


def test_allow_may_be_several_fields() -> None:
    """A list may come in several header fields (RFC 9110 section 5.3)."""
    conversation = Conversation()
    refusal = answer(405, azure_error())
    refusal = replace(refusal, headers=(*refusal.headers, ("allow", "HEAD"), ("Allow", "GET")))
    conversation.send(replace(conversation.call(LIST), method="PATCH"), refusal)

    assert Verdict.PASS == verdict(conversation, f"{LIST}/method/allow")
