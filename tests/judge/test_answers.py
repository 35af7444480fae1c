"""Judging each answer by itself: transport, status, media type, JSON text, headers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from asdocumented.judge.answers import judge_answer
from asdocumented.reads.marks import Mark
from asdocumented.traces import Response
from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    ABSENT,
    CREATE,
    DELETE,
    FABRIC,
    GET,
    ID,
    LIST,
    PROVIDER,
    RUNTIME,
    START,
    STOP,
    SYNC,
    VCENTER,
    Conversation,
    answer,
    assignment,
    azure_error,
    fabric_error,
    grant,
    listing,
    requirements,
    vcenter_error,
)

_GOOD = b'{"count": 0, "value": []}'


def _list(got: Response | None, **options: Any) -> Conversation:
    """Return a conversation with one valid request for a list of role assignments."""
    conversation = Conversation()
    conversation.send(LIST, got, **options)
    return conversation


@pytest.mark.parametrize(
    ("body", "requirement"),
    [
        pytest.param(b"\xef\xbb\xbf" + _GOOD, "json", id="byte order mark"),
        pytest.param(b'{"count": 0, "count": 0, "value": []}', "json", id="duplicate key"),
        pytest.param(b'{"count": NaN, "value": []}', "json", id="NaN"),
        pytest.param(_GOOD[:-4], "json", id="truncated"),
        pytest.param(_GOOD + b"x", "json", id="trailing"),
        pytest.param(b'{"count": 0, "value": [], "x": "\xff"}', "json", id="not UTF-8"),
        pytest.param(b'{"count": 0, "value": [], "x": "\\ud800"}', "json", id="lone surrogate"),
        pytest.param(b"[" * 10_000, "json", id="depth bomb"),
        pytest.param(b'{"count": ' + b"1" * 5000 + b"}", "json", id="huge number"),
        pytest.param(b'{"count": 1e999, "value": []}', "json", id="number beyond a float"),
        pytest.param(b"<html>it works</html>", "json", id="HTML as JSON"),
        pytest.param(b" ", "json", id="blank"),
    ],
)
def test_broken_text_blocks_body(body: bytes, requirement: str) -> None:
    """What is no JSON text is one finding on the text, and what is said of the body is blocked by it."""
    conversation = _list(answer(200, body))
    expected = ({f"{LIST}/response/200/{requirement}"}, {"response/200/json"})

    blockers = conversation.blockers(f"{LIST}/response/200/schema/RoleAssignmentDetailsList/count/type")

    assert expected == (conversation.findings(), blockers)


def test_empty_body_is_no_text() -> None:
    """A body that is documented and not there is a finding on the text, and blocks the body."""
    conversation = _list(answer(200))
    expected = ({f"{LIST}/response/200/json"}, {"response/200/json"})

    blockers = conversation.blockers(f"{LIST}/response/200/schema/RoleAssignmentDetailsList/type")

    assert expected == (conversation.findings(), blockers)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("text/plain", id="another type"),
        pytest.param("text/html; charset=utf-8", id="HTML"),
        pytest.param("application/problem+json", id="suffix"),
        pytest.param("", id="empty"),
        pytest.param("application/json; charset=iso-8859-1", id="charset"),
        pytest.param('application/json;charset="utf-16"', id="quoted charset"),
        pytest.param("json", id="half"),
    ],
)
def test_wrong_media_type_blocks_body(value: str) -> None:
    """A media type or charset that is not documented is one finding, and blocks text and body."""
    conversation = _list(answer(200, _GOOD, headers={"content-type": value}))
    expected = ({f"{LIST}/response/200/media-type"}, {"response/200/media-type"}, {"response/200/media-type"})

    text = conversation.blockers(f"{LIST}/response/200/json")
    body = conversation.blockers(f"{LIST}/response/200/schema/RoleAssignmentDetailsList/value/type")

    assert expected == (conversation.findings(), text, body)


@pytest.mark.parametrize(
    "value",
    [
        "application/json",
        "text/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json;charset=utf8",
        'application/json; charset="utf-8"',
        "application/json; odata=minimal",
    ],
)
def test_documented_media_types_pass(value: str) -> None:
    """A documented media type passes in any letter case and with harmless parameters."""
    conversation = _list(answer(200, _GOOD, headers={"content-type": value}))
    expected = {"met"}

    assert expected == conversation.outcomes(f"{LIST}/response/200/media-type")


def test_absent_media_type_is_finding() -> None:
    """A body without a Content-Type is a finding on the media type."""
    conversation = _list(Response(200, (), _GOOD))
    expected = {f"{LIST}/response/200/media-type"}

    assert expected == conversation.findings()


@pytest.mark.parametrize(
    ("operation", "status", "requirement"),
    [
        pytest.param(CREATE, 201, "response/status", id="201 for a PUT"),
        pytest.param(LIST, 204, "response/status", id="204 for a list"),
        pytest.param(SYNC, 202, "response/status", id="202 for a sync"),
        pytest.param(LIST, 302, "response/status", id="redirect"),
        pytest.param(LIST, 199, "response/status", id="interim"),
        pytest.param(START, 418, "response/listed-status", id="status of nobody"),
        pytest.param(LIST, 600, "response/listed-status", id="beyond all"),
    ],
)
def test_unlisted_status_is_one_finding(operation: str, status: int, requirement: str) -> None:
    """A status that the page does not list breaks exactly one requirement by itself."""
    conversation = Conversation()
    if operation == CREATE:
        conversation.create(ID, answer(status, assignment()))
    else:
        conversation.send(operation, answer(status, _GOOD))
    expected = {f"{operation}/{requirement}"}

    found = {each for each in conversation.findings() if "/response/" in each and not each.endswith(f"{requirement}/x")}

    assert expected == (found if requirement == "response/status" else found - {f"{operation}/response/status"})


def test_created_blocks_its_body() -> None:
    """A 201 for a PUT fails the status alone, and what a 200 would have shown names the status as its blocker."""
    conversation = Conversation()
    conversation.create(ID, answer(201, assignment()))
    expected = ({f"{CREATE}/response/status"}, {"response/status"})

    assert expected == (conversation.findings(), conversation.blockers(f"{CREATE}/response/200/media-type"))


def test_created_blocks_what_follows() -> None:
    """A 201 for a PUT leaves its echo unjudged, with the status named."""
    conversation = Conversation()
    conversation.create(ID, answer(201, assignment()))
    expected = {"response/status"}

    assert expected == conversation.blockers(f"{CREATE}/echo/id")


@pytest.mark.parametrize(
    ("environmental", "verdict"),
    [pytest.param(True, Verdict.INCONCLUSIVE, id="no connection"), pytest.param(False, Verdict.FAIL, id="cut short")],
)
def test_missing_answer_is_judged(environmental: object, verdict: Verdict) -> None:
    """An answer that the target cut short breaks the transport, and one that the environment kept away does not."""
    conversation = _list(None, failure="it broke", environmental=environmental)

    assert verdict == conversation.verdict(f"{LIST}/response/received")


def test_superseded_answer_is_not_judged() -> None:
    """An answer after which the same request was sent again breaks nothing and shows nothing."""
    conversation = _list(answer(200, {"count": "none"}), again="a 429 was obeyed")

    assert not conversation.judgement().marks


def test_answer_of_a_gateway_is_not_judged() -> None:
    """An answer that is not the target's own leaves everything open, and is never a server error of the target."""
    conversation = _list(Response(502, (), b"<html>"), failure="a gateway answered 502", environmental=True)

    assert Verdict.INCONCLUSIVE == conversation.verdict(f"{LIST}/response/received")
    assert Verdict.FAIL not in {each.profiles["conventions"] for each in conversation.results().values()}


@pytest.mark.parametrize(
    ("operation", "status", "body"),
    [
        pytest.param(SYNC, 404, azure_error(), id="Azure 404"),
        pytest.param(SYNC, 500, azure_error(), id="Azure 500"),
        pytest.param(STOP, 404, fabric_error(), id="Fabric 404"),
        pytest.param(START, 400, vcenter_error("invalid_argument"), id="vCenter 400"),
        pytest.param(START, 401, vcenter_error("unauthenticated"), id="vCenter 401"),
        pytest.param(START, 405, vcenter_error("operation_not_found"), id="vCenter 405"),
        pytest.param(START, 503, vcenter_error("service_unavailable"), id="vCenter 503"),
        pytest.param(START, 500, vcenter_error("error"), id="vCenter documented 500"),
        pytest.param(PROVIDER, 500, vcenter_error("error"), id="vCenter documented 500 of a read"),
    ],
)
def test_documented_error_breaks_nothing(operation: str, status: int, body: Any) -> None:
    """An error with a covered status and the documented body breaks nothing by itself."""
    conversation = Conversation()
    headers = {"www-authenticate": "Basic realm=vcenter", "allow": "GET"}
    conversation.send(operation, answer(status, body, headers=headers), credential="Bearer somebody")
    expected: set[str] = set()

    assert expected == conversation.findings()


def test_documented_500_passes() -> None:
    """A documented 500 with its type meets status, body and type, and is no refusal of a valid request."""
    conversation = Conversation()
    conversation.arrange(VCENTER, "sync-idle")
    conversation.send(START, answer(500, vcenter_error("error")))
    expected = [Verdict.PASS] * 3 + [Verdict.INCONCLUSIVE]

    results = conversation.results()

    assert expected == [
        results[f"{START}/response/{each}"].profiles["documented"]
        for each in ("listed-status", "500/media-type", "500/code", "status")
    ]


def test_foreign_500_fails_code() -> None:
    """A 500 whose type the page does not name for it fails the type."""
    conversation = Conversation()
    conversation.send(START, answer(500, vcenter_error("internal_server_error")))
    expected = True

    assert expected == (f"{START}/response/500/code" in conversation.findings())


@pytest.mark.parametrize(
    ("operation", "key", "status", "body"),
    [
        pytest.param(SYNC, "other", 404, {}, id="Azure, empty object"),
        pytest.param(SYNC, "other", 404, [], id="Azure, array"),
        pytest.param(SYNC, "other", 404, None, id="Azure, nothing"),
        pytest.param(SYNC, "other", 404, b"<html></html>", id="Azure, HTML"),
        pytest.param(SYNC, "other", 404, fabric_error(), id="Azure, as Fabric"),
        pytest.param(SYNC, "other", 404, vcenter_error("not_found"), id="Azure, as vCenter"),
        pytest.param(CREATE, "other", 400, {}, id="access control, empty object"),
        pytest.param(CREATE, "other", 400, {"error": {}}, id="access control, empty error"),
        pytest.param(STOP, "other", 404, {}, id="Fabric, empty object"),
        pytest.param(STOP, "other", 404, azure_error(), id="Fabric, as Azure"),
        pytest.param(START, "404", 404, {}, id="vCenter, empty object"),
        pytest.param(START, "404", 404, fabric_error(), id="vCenter, as Fabric"),
        pytest.param(START, "404", 404, b"<html></html>", id="vCenter, HTML"),
    ],
)
def test_foreign_error_body_fails(operation: str, key: str, status: int, body: Any) -> None:
    """An error body that is not the documented one breaks a requirement on that body."""
    conversation = Conversation()
    conversation.send(conversation.call(operation), answer(status, body), credential="Bearer somebody")
    expected = True

    assert expected == any(each.startswith(f"{operation}/response/{key}/") for each in conversation.findings())


_PAGE = {"content-type": "text/html"}


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        pytest.param(b"<html></html>", _PAGE, False, id="HTML"),
        pytest.param(b"no healthy upstream", {"content-type": "text/plain"}, False, id="text"),
        pytest.param(b"", {}, False, id="nothing"),
        pytest.param(b"{}", {"content-type": "application/json"}, True, id="JSON"),
        pytest.param(b"<html></html>", {"content-type": "application/json"}, True, id="HTML as JSON"),
    ],
)
def test_answer_of_gateway_says_nothing(status: int, body: bytes, headers: dict[str, str], *, expected: bool) -> None:
    """What a gateway answers in its own words is no error body of the API; what claims to be one is."""
    conversation = Conversation()
    conversation.send(conversation.call(SYNC), Response(status, tuple(headers.items()), body))
    marks = conversation.marks(f"{SYNC}/response/other/media-type")

    assert expected == any(each.startswith(f"{SYNC}/response/other/") for each in conversation.findings())
    assert expected == (not any(each.reason.startswith("environment") for each in marks))


@pytest.mark.parametrize("status", [400, 404, 500])
def test_page_in_place_of_error_fails(status: int) -> None:
    """With any other status a page in place of an error is a finding: the API has to write its own errors."""
    conversation = Conversation()
    conversation.send(conversation.call(SYNC), Response(status, tuple(_PAGE.items()), b"<html></html>"))

    assert f"{SYNC}/response/other/media-type" in conversation.findings()


def test_framework_body_is_a_warning() -> None:
    """A framework's answer without the API's error body breaks nothing that must be."""
    conversation = Conversation()
    conversation.send(conversation.call(START, identity="anonymous"), answer(401, b"<html></html>"))
    expected = {"SHOULD"}

    found = {each for each in conversation.findings() if "/response/" in each}

    assert expected == {requirements()[each].level for each in found}


def _optional_header(value: str) -> set[str]:
    headers = {"x-ms-continuation": value}
    return _list(answer(200, _GOOD, headers=headers)).outcomes(f"{LIST}/response/200/header/x-ms-continuation/value")


def test_declared_header_is_judged() -> None:
    """An optional header that the page declares is judged when it is there."""
    expected = {"met"}

    assert expected == _optional_header("anything")


def test_single_header_comes_once() -> None:
    """A header whose value is one text, and that comes twice, has not the documented form (RFC 9110 section 5.3)."""
    once = answer(200, _GOOD, headers={"x-ms-continuation": "a"})
    twice = replace(once, headers=(*once.headers, ("X-MS-Continuation", "b")))

    assert {"finding"} == _list(twice).outcomes(f"{LIST}/response/200/header/x-ms-continuation/value")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('Traceback (most recent call last):\n  File "a.py", line 3, in f', id="Python"),
        pytest.param("java.lang.NullPointerException\n\tat com.vmware.Main.run(Main.java:12)", id="Java"),
        pytest.param("   at Contoso.Api.Get(String id) in C:\\src\\Api.cs:line 42", id="C#"),
        pytest.param("goroutine 1 [running]:\nmain.main()", id="Go"),
    ],
)
def test_stack_trace_is_finding(text: str) -> None:
    """A stack trace in an error is a finding, whatever the language."""
    conversation = _list(answer(500, {"error": {"code": "x", "message": text}}))
    expected = True

    assert expected == (f"{LIST}/robustness/no-stack-trace" in conversation.findings())


@pytest.mark.parametrize("text", ["It went wrong at the last moment (see line 3).", "at 10:00 (UTC)", "File not found"])
def test_plain_words_are_no_trace(text: str) -> None:
    """An ordinary message is no stack trace."""
    conversation = _list(answer(400, azure_error(text)))
    expected = {"met"}

    assert expected == conversation.outcomes(f"{LIST}/robustness/no-stack-trace")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param(500, {"finding"}, id="500"),
        pytest.param(502, {"finding"}, id="502"),
        pytest.param(400, {"met"}, id="400"),
        pytest.param(429, set(), id="throttled"),
        pytest.param(503, set(), id="unavailable"),
    ],
)
def test_client_fault_crashes_nothing(status: int, expected: set[str]) -> None:
    """A client's fault must not be answered with a server error, and a busy target says nothing of it."""
    conversation = Conversation()
    conversation.send(CREATE, answer(status, azure_error()), body=b'{"')

    assert expected == conversation.outcomes(f"{CREATE}/robustness/no-server-error")


def test_documented_500_is_no_crash() -> None:
    """A server error that the page names is no breach of robustness."""
    conversation = Conversation()
    conversation.send(conversation.call(START, link=ABSENT), answer(500, vcenter_error("error")))
    expected = {"met"}

    assert expected == conversation.outcomes(f"{START}/robustness/no-server-error")


@pytest.mark.parametrize(
    ("operation", "status"), [pytest.param(DELETE, 200, id="200"), pytest.param(DELETE, 204, id="204")]
)
def test_either_documented_success_passes(operation: str, status: int) -> None:
    """Where two successes are documented, either is one."""
    conversation = Conversation()
    conversation.create()
    conversation.send(conversation.call(operation, roleAssignmentId=ID), answer(status))
    expected = Verdict.PASS

    assert expected == conversation.verdict(f"{operation}/response/status")


def test_304_needs_no_body() -> None:
    """A documented answer without a body is judged without one."""
    conversation = Conversation()
    conversation.send(conversation.call(RUNTIME).with_argument("header", "If-None-Match", '"x"'), answer(304))
    expected: set[str] = set()

    assert expected == conversation.findings()


def test_other_method_is_not_judged() -> None:
    """An answer to a method that no operation has is no answer of an operation on that path."""
    conversation = Conversation()
    call = replace(conversation.call(GET, roleAssignmentId=ID), method="PATCH")
    conversation.send(call, answer(405, b"<html></html>"))
    expected: set[str] = set()

    assert expected == conversation.outcomes(f"{GET}/response/received")


def test_state_must_hold_for_status() -> None:
    """A refused request whose state was not arranged does not fail the status."""
    conversation = Conversation()
    conversation.send(STOP, answer(400, fabric_error()))
    conversation.arrange(FABRIC, "mirroring-running")
    expected = Verdict.INCONCLUSIVE

    assert expected == conversation.verdict(f"{STOP}/response/status")


def test_unknown_fields_are_observed() -> None:
    """A field that no definition has is an observation and no finding."""
    conversation = _list(answer(200, listing(assignment(extra="x"), more=1)))
    expected = (
        set(),
        {
            "field RoleAssignmentDetails.extra of a 200 is in no definition",
            "field RoleAssignmentDetailsList.more of a 200 is in no definition",
        },
    )

    assert expected == (conversation.findings(), {each.text for each in conversation.judgement().observations})


def test_strict_fields_are_findings() -> None:
    """With strict fields a field that no definition has is a finding."""
    conversation = Conversation()
    conversation.create(ID, answer(200, assignment(extra="x")), roleId=grant()["roleId"])
    expected = {"finding"}

    assert expected == conversation.outcomes(f"{CREATE}/response/200/unknown-fields", strict_fields=True)


def test_strict_fields_accept_documented() -> None:
    """With strict fields a body of documented fields passes."""
    conversation = Conversation()
    conversation.create()
    expected = {"met"}

    assert expected == conversation.outcomes(f"{CREATE}/response/200/unknown-fields", strict_fields=True)


def test_strict_fields_are_blocked_too() -> None:
    """With strict fields a body that is no JSON text leaves its fields unjudged, with the text named."""
    conversation = Conversation()
    conversation.create(ID, answer(200, b"{"))
    expected = {"blocked"}

    assert expected == conversation.outcomes(f"{CREATE}/response/200/unknown-fields", strict_fields=True)


@pytest.mark.parametrize(
    ("operation", "absent", "expected"),
    [
        pytest.param(GET, False, set(), id="a fault of another kind"),
        pytest.param(
            GET, True, {f"{GET}/response/404/code", f"{GET}/error/role-assignment-missing/code"}, id="its cause"
        ),
    ],
)
def test_named_error_is_for_its_cause(operation: str, absent: bool, expected: set[str]) -> None:  # noqa: FBT001 - a case
    """Where a page allows other errors, a fault that it names none for may have another code with the same status."""
    conversation = Conversation()
    conversation.create()
    conversation.send(conversation.call(operation, roleAssignmentId=ID), answer(200, assignment()))
    faulty = conversation.call(operation, roleAssignmentId=ABSENT if absent else ID)
    faulty = faulty if absent else faulty.with_argument("query", "api-version", "1999-12-31")
    conversation.send(faulty, answer(404, azure_error("UnsupportedApiVersion")))

    assert expected == conversation.findings()


_NUMBER = {"type": "integer", "minimum": 1}


def _with_age(*values: str, required: bool) -> set[tuple[str, str, tuple[int, ...], str, str, str]]:
    """Return what is said of a header `age` that the page of a list would have, with its values in the answer."""
    got = answer(200, _GOOD)
    conversation = Conversation()
    conversation.list(replace(got, headers=(*got.headers, *(("Age", each) for each in values))))
    (read,) = conversation.reads()
    assert read.operation is not None
    rule = read.operation.responses["200"]
    declared = replace(rule.headers[0], name="age", required=required, schema=_NUMBER)
    operation = replace(
        read.operation, responses={**read.operation.responses, "200": replace(rule, headers=(declared,))}
    )
    said = judge_answer(read.api, replace(read, operation=operation), requirements())
    return {
        (
            each.requirement.rpartition("/")[2],
            str(each.outcome),
            each.exchanges,
            *((each.finding.expected, each.finding.got, each.finding.where) if each.finding else ("", "", "")),
        )
        for each in said
        if isinstance(each, Mark) and "/header/" in each.requirement
    }


@pytest.mark.parametrize("required", [False, True])
def test_header_is_told(*, required: bool) -> None:
    """A header is met by one good value; a bad value, a second one, and none where one is required are findings."""
    finding = ("finding", (1,))
    missing = {("presence", *finding, "the header", "none", "header age")}

    assert (missing if required else set()) == _with_age(required=required)
    assert {("value", *finding, str(_NUMBER), "'0'", "header age")} == _with_age("0", required=required)
    assert {("value", *finding, "one value", "2 of them", "header age")} == _with_age("1", "2", required=required)
    assert {(aspect, "met", (1,), "", "", "") for aspect in ("presence", "value")[0 if required else 1 :]} == _with_age(
        "7", required=required
    )
