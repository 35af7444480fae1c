"""Judging refusals: each needs a control, and counts for one cause alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from asdocumented.traces import Response
from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    ABSENT,
    CREATE,
    GET,
    LIST,
    PROVIDER,
    ROLE,
    START,
    SYNC,
    VCENTER,
    Conversation,
    answer,
    azure_error,
    catalogue,
    grant,
    listing,
    provider_info,
    requirements,
    vcenter_error,
)

_NOT_FOUND = answer(404, vcenter_error("not_found"))
_LINK_STATUS, _LINK_CODE = f"{PROVIDER}/error/link-missing/status", f"{PROVIDER}/error/link-missing/code"
_MISSING = f"{LIST}/refusal/query/api-version/missing"


def _absent_link(got: Response, *, control: Response | None) -> Conversation:
    """Return a request for a link that does not exist, after one for a link that does."""
    conversation = Conversation()
    if control is not None:
        conversation.send(PROVIDER, control)
    conversation.send(conversation.call(PROVIDER, link=ABSENT), got)
    return conversation


def _no_version(got: Response, *, control: object = True) -> Conversation:
    conversation = Conversation()
    if control:
        conversation.list(answer(200, listing()))
    conversation.send(conversation.call(LIST).without("query", "api-version"), got)
    return conversation


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(_NOT_FOUND, [Verdict.PASS, Verdict.PASS], id="as documented"),
        pytest.param(answer(404, vcenter_error("error")), [Verdict.PASS, Verdict.FAIL], id="another type"),
        pytest.param(
            answer(400, vcenter_error("not_found")), [Verdict.FAIL, Verdict.INCONCLUSIVE], id="another status"
        ),
        pytest.param(answer(200, provider_info("WAITING")), [Verdict.FAIL, Verdict.INCONCLUSIVE], id="success"),
        pytest.param(answer(500, vcenter_error("error")), [Verdict.FAIL, Verdict.INCONCLUSIVE], id="server error"),
        pytest.param(answer(503, vcenter_error("x")), [Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE], id="unavailable"),
        pytest.param(answer(404, b"<html></html>"), [Verdict.PASS, Verdict.INCONCLUSIVE], id="HTML"),
        pytest.param(answer(404, {}), [Verdict.PASS, Verdict.INCONCLUSIVE], id="empty object"),
        pytest.param(answer(404, {"type": "not_found"}), [Verdict.PASS, Verdict.PASS], id="name without prefix"),
    ],
)
def test_documented_error_is_judged(got: Response, expected: list[Verdict]) -> None:
    """The answer to a documented cause has the documented status and the documented error."""
    conversation = _absent_link(got, control=answer(200, provider_info("WAITING")))

    assert expected == [conversation.verdict(each) for each in (_LINK_STATUS, _LINK_CODE)]


@pytest.mark.parametrize(
    "control",
    [
        pytest.param(None, id="none"),
        pytest.param(_NOT_FOUND, id="refused too"),
        pytest.param(answer(500, vcenter_error("error")), id="in trouble"),
    ],
)
def test_refusal_needs_its_control(control: Response | None) -> None:
    """A documented refusal without a success of a request like it is inconclusive."""
    conversation = _absent_link(_NOT_FOUND, control=control)
    expected = [Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE]

    assert expected == [conversation.verdict(each) for each in (_LINK_STATUS, _LINK_CODE)]


def test_sibling_is_a_control() -> None:
    """A success of a sibling on the same kind of resource, by the same identity, is a control."""
    conversation = Conversation()
    conversation.send(PROVIDER, answer(200, provider_info("WAITING")))
    conversation.send(conversation.call(START, provider=ABSENT), _NOT_FOUND)
    expected = Verdict.PASS

    assert expected == conversation.verdict(f"{START}/error/provider-missing/status")


def test_foreign_success_controls_nothing() -> None:
    """A success on another kind of resource, or by another identity, is no control."""
    conversation = Conversation()
    conversation.send(f"{VCENTER}/list-links", answer(200, {"value": []}))
    conversation.send(conversation.call(PROVIDER, identity="reader"), answer(200, provider_info("WAITING")))
    conversation.send(conversation.call(START, provider=ABSENT), _NOT_FOUND)
    expected = Verdict.INCONCLUSIVE

    assert expected == conversation.verdict(f"{START}/error/provider-missing/status")


def test_later_success_is_a_control() -> None:
    """A success after the refusal is a control as well."""
    conversation = Conversation()
    conversation.send(conversation.call(PROVIDER, link=ABSENT), _NOT_FOUND)
    conversation.send(PROVIDER, answer(200, provider_info("WAITING")))
    expected = Verdict.PASS

    assert expected == conversation.verdict(_LINK_STATUS)


@pytest.mark.parametrize("status", [401, 403, 404, 400])
def test_refusing_everything_passes_nothing(status: int) -> None:
    """A server that answers every request with one error passes no requirement on errors or identities."""
    conversation = Conversation()
    for operation in catalogue().operations:
        body = grant() if operation.id == CREATE else None
        error = vcenter_error("not_found") if operation.api == VCENTER else azure_error()
        for identity in ("admin", "reader", "anonymous", "expired"):
            call = conversation.call(operation.id, identity=identity)
            credential = f"Basic «basic:{identity}»" if operation.security == "basic" else ""
            conversation.send(call, answer(status, error), body=body, credential=credential)
            for each in operation.parameters:
                if each.resource and each.location == "path":
                    conversation.send(call.with_argument("path", each.name, ABSENT), answer(status, error), body=body)
                elif each.required:
                    conversation.send(call.without(each.location, each.name), answer(status, error), body=body)
            conversation.send(replace(call, method="PATCH"), answer(status, error), body=body)
    families = ("error", "identity", "refusal")
    expected: list[str] = []

    results = conversation.results()

    assert expected == [
        key
        for key, result in results.items()
        if key.split("/")[2] in families and Verdict.PASS in result.profiles.values()
    ]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_two_causes_accept_either(status: int) -> None:
    """A request with two causes is held to neither: any answer to either of them breaks nothing."""
    conversation = Conversation()
    conversation.send(PROVIDER, answer(200, provider_info("WAITING")))
    conversation.send(
        conversation.call(PROVIDER, identity="anonymous", link=ABSENT), answer(status, vcenter_error("x"))
    )
    expected: list[str] = []

    found = [each for each in conversation.findings() if "/error/" in each or "/identity/" in each]

    assert expected == found


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(_NOT_FOUND, [Verdict.INCONCLUSIVE] * 2, id="answer to one"),
        pytest.param(answer(200, provider_info("WAITING")), [Verdict.INCONCLUSIVE] * 2, id="success"),
    ],
)
def test_two_causes_prove_neither(got: Response, expected: list[Verdict]) -> None:
    """The answer to a request with two causes proves neither of them."""
    conversation = Conversation()
    conversation.send(PROVIDER, answer(200, provider_info("WAITING")))
    conversation.send(conversation.call(PROVIDER, identity="anonymous", link=ABSENT), got)

    assert expected == [
        conversation.verdict(f"{PROVIDER}/{each}")
        for each in ("error/link-missing/status", "identity/anonymous/refused")
    ]


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(answer(400, azure_error()), Verdict.PASS, id="400"),
        pytest.param(answer(418, azure_error()), Verdict.PASS, id="any 4xx"),
        pytest.param(answer(200, listing()), Verdict.FAIL, id="success"),
        pytest.param(answer(302), Verdict.FAIL, id="redirect"),
        pytest.param(answer(500, azure_error()), Verdict.INCONCLUSIVE, id="server error"),
        pytest.param(answer(429, azure_error()), Verdict.INCONCLUSIVE, id="throttled"),
        pytest.param(answer(503, azure_error()), Verdict.INCONCLUSIVE, id="unavailable"),
    ],
)
def test_conventional_refusal_is_judged(got: Response, expected: Verdict) -> None:
    """A request with one fault is refused with any 4xx."""
    assert expected == _no_version(got).verdict(_MISSING)


def test_conventional_refusal_needs_control() -> None:
    """A refusal of a faulty request without a success of a valid one is inconclusive."""
    conversation = _no_version(answer(400, azure_error()), control=False)
    expected = Verdict.INCONCLUSIVE

    assert expected == conversation.verdict(_MISSING)


def test_accepted_fault_counts_in_conventions() -> None:
    """A fault that is accepted is a finding of conventions alone, and no breach of the page."""
    profiles = _no_version(answer(200, listing())).results()[_MISSING].profiles
    expected = {"conventions": Verdict.FAIL}

    assert expected == profiles


def _malformed(conversation: Conversation) -> str:
    conversation.send(CREATE, answer(400, azure_error()), body=b'{"')
    return "refusal/body/malformed"


def _no_field(conversation: Conversation) -> str:
    conversation.send(CREATE, answer(400, azure_error()), body={key: grant()[key] for key in ("roleId", "scope")})
    return "refusal/body/principalId/missing"


def _method(conversation: Conversation) -> str:
    conversation.send(replace(conversation.call(CREATE), method="PATCH"), answer(405, azure_error()))
    return "refusal/method"


@pytest.mark.parametrize("send", [_malformed, _no_field, _method])
def test_each_fault_has_requirement(send: Any) -> None:
    """Each kind of fault is judged by the requirement of its own."""
    conversation = Conversation()
    conversation.create()
    expected = Verdict.PASS

    what = send(conversation)

    assert expected == conversation.verdict(f"{CREATE}/{what}")


def test_missing_resource_is_conventional() -> None:
    """Where a page names no error for a missing resource, any 4xx refuses it."""
    conversation = Conversation()
    conversation.send(SYNC, answer(200))
    conversation.send(conversation.call(SYNC, workspaceName=ABSENT), answer(404, azure_error()))
    expected = Verdict.PASS

    assert expected == conversation.verdict(f"{SYNC}/error/workspace-missing/refused")


def test_absent_error_names_its_cause() -> None:
    """Where a due error does not come, what its body would have shown is blocked by the cause."""
    conversation = Conversation()
    conversation.create()
    conversation.send(conversation.call(GET, roleAssignmentId=ABSENT), answer(200, {}))
    expected = {"error/role-assignment-missing/status"}

    assert expected == conversation.blockers(f"{GET}/response/404/media-type")


def test_control_is_named() -> None:
    """A passed refusal names its control beside the refusal."""
    conversation = _absent_link(_NOT_FOUND, control=answer(200, provider_info("WAITING")))
    expected = (2, 1)

    assert expected == conversation.marks(_LINK_STATUS)[0].exchanges


def test_broken_control_is_named() -> None:
    """A refusal whose control failed names what keeps the control from succeeding."""
    conversation = Conversation()
    conversation.list(answer(204), roleId=ROLE)
    conversation.send(conversation.call(LIST).without("query", "api-version"), answer(400, azure_error()))
    expected = {"response/status"}

    assert expected == conversation.blockers(_MISSING)


def test_server_crash_is_one_requirement() -> None:
    """A crash on a client's fault is for robustness to say, and not said twice."""
    conversation = _no_version(answer(500, azure_error()))
    expected = {f"{LIST}/robustness/no-server-error"}

    assert expected == conversation.findings()


def test_faults_have_requirements() -> None:
    """Every conventional refusal that can be judged is derived, so that no mark is lost."""
    conversation = _no_version(answer(200, listing()))
    expected = {_MISSING}

    assert expected == conversation.findings() & set(requirements())
