"""What findings and blocked marks say, word for word: the exchange, what was expected, what came, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from asdocumented.reads.marks import Mark, Outcome
from asdocumented.traces import Response
from tests.judge.traces import (
    ABSENT,
    ACCESS,
    CREATE,
    DELETE,
    ID,
    LIST,
    OTHER_ID,
    OTHER_ROLE,
    PROVIDER,
    START,
    VCENTER,
    Conversation,
    answer,
    assignment,
    azure_error,
    catalogue,
    listing,
    provider_info,
    vcenter_error,
)

Told = tuple[str, tuple[int, ...], str, str, str]


def _told(marks: Iterable[Mark]) -> set[Told]:
    """Return what the findings among marks say."""
    return {
        (each.requirement, each.exchanges, each.finding.expected, each.finding.got, each.finding.where)
        for each in marks
        if each.finding is not None
    }


def _listed(got: Response | None, **options: Any) -> Conversation:
    """Return a list of role assignments as the second exchange, after one that nothing is wrong with."""
    conversation = Conversation()
    conversation.list(answer(200, listing()))
    conversation.send(LIST, got, **options)
    return conversation


def _absent(got: Response) -> Conversation:
    """Return the read of a link that does not exist as the second exchange, after one that succeeds."""
    conversation = Conversation()
    conversation.send(PROVIDER, answer(200, provider_info("WAITING")))
    conversation.send(conversation.call(PROVIDER, link=ABSENT), got)
    return conversation


def _refused() -> Conversation:
    """Return a write that is refused as the second exchange, after one that succeeds with another id."""
    conversation = Conversation()
    conversation.create()
    conversation.create(OTHER_ID, answer(403, azure_error()))
    return conversation


def _started(status: int, media_type: str = "") -> Conversation:
    """Return a start with a body that is refused, after one without a body, or with the usual media type, that succeeds."""
    conversation = Conversation()
    for kind, got in (("", answer(200)), (media_type or "application/json", answer(status, vcenter_error("error")))):
        conversation.arrange(VCENTER, "sync-idle")
        usual = "application/json" if media_type else ""
        conversation.send(START, got, body={} if kind or usual else None, media_type=kind or usual)
    return conversation


def _refused_kind() -> Conversation:
    """Return a write whose refusal names one of the two things in which it differs from one that succeeds."""
    conversation = Conversation()
    conversation.create()
    told = {"error": {"code": "Refused", "message": "The roleId is none that is taken."}}
    conversation.create(OTHER_ID, answer(400, told), roleId=OTHER_ROLE)
    return conversation


def _either_way() -> Conversation:
    """Return two refusals of which each follows another reading of the register."""
    conversation = Conversation()
    conversation.list(answer(200, listing()))
    for body in ({"code": "x", "message": "y"}, azure_error()):
        conversation.send(conversation.call(LIST, identity="anonymous"), answer(401, body, headers=_CHALLENGE))
    return conversation


def _sent(operation: str, got: Response | None, *, arranged: bool = False, **options: Any) -> Conversation:
    """Return one request and its answer; `arranged` where it needs a role assignment that is there."""
    conversation = Conversation()
    if arranged:
        conversation.arrange(ACCESS, "no-role-assignments", role_assignment=(ID,))
    conversation.send(operation, got, **options)
    return conversation


_JSON = (("content-type", "application/json"),)
_EMPTY = b'{"count": 0, "value": []}'
_LINK = f"{PROVIDER}/error/link-missing"
_CHALLENGE = {"www-authenticate": "Bearer"}
_VALID = "200, since the request is valid and authorised"
_STATUSES = catalogue().operation(PROVIDER).responses
FINDINGS: Mapping[str, tuple[Callable[[], Conversation], set[Told]]] = {
    "no answer": (
        lambda: _listed(None, failure="cut short"),
        {(f"{LIST}/response/received", (2,), "a complete response", "cut short", "transport")},
    ),
    "undocumented success": (
        lambda: _listed(answer(202, listing())),
        {(f"{LIST}/response/status", (2,), "200", "202", "status")},
    ),
    "empty body": (
        lambda: _listed(answer(200)),
        {(f"{LIST}/response/200/json", (2,), "a JSON text", "an empty body", "body")},
    ),
    "no media type": (
        lambda: _listed(Response(200, (), b"{}")),
        {
            (
                f"{LIST}/response/200/media-type",
                (2,),
                "application/json or text/json",
                "no Content-Type",
                "header content-type",
            )
        },
    ),
    "empty media type": (
        lambda: _listed(answer(200, b"{}", headers={"content-type": ""})),
        {
            (
                f"{LIST}/response/200/media-type",
                (2,),
                "application/json or text/json",
                "an empty Content-Type",
                "header content-type",
            )
        },
    ),
    "field of another type": (
        lambda: _listed(answer(200, {"count": "one", "value": []})),
        {
            (
                f"{LIST}/response/200/schema/RoleAssignmentDetailsList/count/type",
                (2,),
                "type integer",
                "'one'",
                "$.count",
            )
        },
    ),
    "item of another type": (
        lambda: _listed(answer(200, listing(assignment(), {**assignment(), "scope": 1}))),  # type: ignore[dict-item]
        {
            (
                f"{LIST}/response/200/schema/RoleAssignmentDetails/scope/type",
                (2,),
                "type string",
                "1",
                "$.value[1].scope",
            )
        },
    ),
    "another status for a cause": (
        lambda: _absent(answer(400, vcenter_error("not_found"))),
        {(f"{_LINK}/status", (2,), "404 not_found", "400", "status")},
    ),
    "busy in a status that the page lacks": (lambda: _sent(PROVIDER, answer(429, vcenter_error("x"))), set()),
    "undocumented status": (
        lambda: _sent(PROVIDER, answer(418, vcenter_error("error"))),
        {
            (f"{PROVIDER}/response/listed-status", (1,), f"one of {', '.join(_STATUSES)}", "418", "status"),
            (f"{PROVIDER}/response/status", (1,), _VALID, "418", "status"),
        },
    ),
    "undocumented status for a documented cause": (
        lambda: _absent(answer(410, vcenter_error("not_found"))),
        {(f"{_LINK}/status", (2,), "404 not_found", "410", "status")},
    ),
    "two readings": (
        _either_way,
        {
            (
                f"{LIST}/ambiguity/B19",
                (2, 3),
                "one reading throughout",
                "'flat' in exchange 2, 'enveloped' in exchange 3",
                "2 readings",
            ),
            (
                f"{LIST}/response/other/schema/ErrorContract/error/presence",
                (2,),
                "the field error",
                "nothing",
                "$.error",
            ),
        },
    ),
    "redirect": (
        lambda: _sent(PROVIDER, answer(302)),
        {(f"{PROVIDER}/response/status", (1,), "200", "302", "status")},
    ),
    "another type for a cause": (
        lambda: _absent(answer(404, vcenter_error("already_exists"))),
        {
            (f"{_LINK}/code", (2,), "not_found", "'com.vmware.vapi.std.errors.already_exists'", "$.type"),
            (
                f"{PROVIDER}/response/404/code",
                (2,),
                "not_found",
                "com.vmware.vapi.std.errors.already_exists",
                "$.type",
            ),
        },
    ),
    "refused valid request": (
        lambda: _listed(answer(403, azure_error())),
        {(f"{LIST}/response/status", (2,), _VALID, "403", "status")},
    ),
    "refused request with two successes": (
        lambda: _sent(DELETE, answer(403, azure_error()), arranged=True),
        {(f"{DELETE}/response/status", (1,), "200 or 204, since the request is valid and authorised", "403", "status")},
    ),
    "refused parameter": (
        _refused,
        {
            (
                f"{CREATE}/request/path/roleAssignmentId",
                (2, 1),
                "200",
                f"403 with it, 200 without or with another value ('{OTHER_ID}')",
                "status",
            )
        },
    ),
    "refused optional body": (
        lambda: _started(400),
        {
            (
                f"{START}/request/body",
                (2, 1),
                "200",
                "400 with it, 200 without or with another value ('a body')",
                "status",
            )
        },
    ),
    "refused charset": (
        lambda: _started(415, "application/json; charset=utf-8"),
        {
            (
                f"{START}/request/charset",
                (2, 1),
                "200",
                "415 with it, 200 without or with another value ('application/json; charset=utf-8')",
                "status",
            )
        },
    ),
    "refused value of a field": (
        _refused_kind,
        {
            (
                f"{CREATE}/request/body/roleId",
                (2, 1),
                "200",
                f"400 with it, 200 without or with another value ('{OTHER_ROLE}')",
                "status",
            )
        },
    ),
    "missing field": (
        lambda: _listed(answer(200, {"count": 0})),
        {
            (
                f"{LIST}/response/200/schema/RoleAssignmentDetailsList/value/presence",
                (2,),
                "the field value",
                "nothing",
                "$.value",
            )
        },
    ),
    "code that is no text": (
        lambda: _absent(answer(404, {**vcenter_error("not_found"), "type": 404})),
        {(f"{PROVIDER}/response/404/schema/VapiError/type/type", (2,), "type string", "404", "$.type")},
    ),
    "code of a page's own error": (
        lambda: _sent(START, answer(500, vcenter_error("internal_server_error"))),
        {
            (
                f"{START}/response/500/code",
                (1,),
                "error or resource_busy",
                "com.vmware.vapi.std.errors.internal_server_error",
                "$.type",
            )
        },
    ),
    "error without its name": (
        lambda: _absent(answer(404, {"value": {"messages": []}})),
        {
            (f"{PROVIDER}/response/404/schema/VapiError/type/presence", (2,), "the field type", "nothing", "$.type"),
        },
    ),
    "stack trace": (
        lambda: _listed(answer(200, listing(more="goroutine 1 [running]"))),
        {(f"{LIST}/robustness/no-stack-trace", (2,), "no stack trace", "'goroutine 1 [running]'", "body")},
    ),
    "server error for a client's fault": (
        lambda: _sent(CREATE, answer(502, azure_error()), body=b'{"'),
        {
            (
                f"{CREATE}/robustness/no-server-error",
                (1,),
                "no server error for a client's fault",
                "502",
                "status",
            )
        },
    ),
    "header twice": (
        lambda: _listed(Response(200, (*_JSON, ("x-ms-continuation", "a"), ("X-MS-Continuation", "b")), _EMPTY)),
        {
            (
                f"{LIST}/response/200/header/x-ms-continuation/value",
                (2,),
                "one value",
                "2 of them",
                "header x-ms-continuation",
            )
        },
    ),
}


@pytest.mark.parametrize("name", FINDINGS)
def test_finding_is_told(name: str) -> None:
    """A deviation gives these findings, in these words, and no other."""
    converse, expected = FINDINGS[name]

    assert expected == _told(converse().judgement().marks)


def _blocked(conversation: Conversation) -> set[tuple[str, tuple[int, ...], str, str]]:
    """Return what could not be judged, with its exchange, its reason and what blocks it."""
    return {
        (each.requirement, each.exchanges, each.reason, each.blocker)
        for each in conversation.judgement().marks
        if each.outcome is Outcome.BLOCKED
    }


def _by(blocker: str, requirement: str, exchange: int = 2) -> tuple[str, tuple[int, ...], str, str]:
    return requirement, (exchange,), f"blocked by {blocker}", blocker


@pytest.mark.parametrize(
    ("converse", "blocker", "blocked"),
    [
        pytest.param(
            lambda: _absent(answer(400, vcenter_error("not_found"))), f"{_LINK}/status", f"{_LINK}/code", id="status"
        ),
        pytest.param(
            lambda: _absent(answer(404, {"value": {"messages": []}})),
            f"{PROVIDER}/response/404/schema/VapiError/type/presence",
            f"{_LINK}/code",
            id="field of an error",
        ),
        pytest.param(
            lambda: _absent(answer(404, b"{")), f"{PROVIDER}/response/404/json", f"{_LINK}/code", id="text of an error"
        ),
        pytest.param(
            lambda: _listed(answer(403, azure_error())),
            f"{LIST}/response/status",
            f"{LIST}/request/query/api-version",
            id="refusal",
        ),
        pytest.param(
            lambda: _listed(answer(202, listing())),
            f"{LIST}/response/status",
            f"{LIST}/request/query/api-version",
            id="undocumented success",
        ),
        pytest.param(
            _refused, f"{CREATE}/request/path/roleAssignmentId", f"{CREATE}/response/status", id="blamed parameter"
        ),
    ],
)
def test_blocker_is_told(converse: Callable[[], Conversation], blocker: str, blocked: str) -> None:
    """What a finding keeps from being judged names the exchange and that finding."""
    assert _by(blocker, blocked) in _blocked(converse())


@pytest.mark.parametrize(
    ("got", "reason"),
    [
        pytest.param(answer(429, azure_error()), "the target was busy (429)", id="busy"),
        pytest.param(
            answer(409, azure_error()),
            "the target reports a conflict with its own state (409), which it alone can know",
            id="conflict",
        ),
        pytest.param(
            answer(401, azure_error()),
            "the credential of 'admin' was never accepted in this run (401)",
            id="locked out",
        ),
    ],
)
def test_excuse_is_told(got: Response, reason: str) -> None:
    """A refusal of a valid request that may be right says why it is not held against the target."""
    assert (f"{LIST}/response/status", (1,), reason, "") in _blocked(_sent(LIST, got))


def test_answer_kept_away_leaves_all_open() -> None:
    """What the environment kept away leaves open what it would have shown, and nothing of other operations."""
    conversation = _sent(LIST, None, failure="no route", environmental=True)
    found = _blocked(conversation)

    assert {((1,), "environment: no route", "")} == {each[1:] for each in found}
    assert {
        f"{LIST}/response/received",
        f"{LIST}/response/status",
        f"{LIST}/response/200/media-type",
        f"{LIST}/request/query/api-version",
    } <= {each[0] for each in found}
    assert all(each[0].startswith(f"{LIST}/") for each in found)
    assert not [each[0] for each in found if "/response/other/" in each[0]]
    assert len(found) == len([each for each in conversation.judgement().marks if each.outcome is Outcome.BLOCKED])


def test_undocumented_success_blocks_its_own() -> None:
    """A wrong success leaves open what the right one and the request would have shown, and nothing of errors."""
    found = _blocked(_sent(LIST, answer(202, listing())))
    by_status = {each[0].removeprefix(f"{LIST}/") for each in found if each[3] == f"{LIST}/response/status"}

    assert {"response/200/media-type", "response/200/json", "request/query/api-version"} <= by_status
    assert not [each for each in by_status if each.startswith(("response/other/", "robustness/", "response/listed"))]


def test_locked_out_identity_shows_no_error() -> None:
    """A 401 to an identity that was never accepted shows nothing of the error that its request was to provoke."""
    conversation = Conversation()
    conversation.send(conversation.call(PROVIDER, link=ABSENT), answer(401, vcenter_error("unauthenticated")))
    reason = "no control: no request like it without its fault succeeded in this run"

    assert {(f"{_LINK}/status", (1,), reason, ""), (f"{_LINK}/code", (1,), reason, "")} <= _blocked(conversation)


def test_error_kept_away_stays_open() -> None:
    """What the environment kept away of a documented error leaves that error open, with the reason."""
    conversation = Conversation()
    conversation.send(conversation.call(PROVIDER, link=ABSENT), None, failure="no route", environmental=True)

    assert {(f"{_LINK}/{each}", (1,), "environment: no route", "") for each in ("status", "code")} <= _blocked(
        conversation
    )
