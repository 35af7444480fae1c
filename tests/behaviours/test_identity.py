"""`identity`: who may call."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    ABSENT,
    CREATE,
    LIST,
    PROVIDER,
    SESSION,
    START,
    SYNC,
    VCENTER,
    Conversation,
    answer,
    azure_error,
    grant,
    listing,
    provider_info,
    requirements,
    vcenter_error,
)

_REFUSED, _STATUS = f"{LIST}/identity/anonymous/refused", f"{LIST}/identity/anonymous/status"
_UNAUTHORIZED = answer(403, vcenter_error("unauthorized"))


_LISTED = answer(200, listing())


def _anonymous(got: Any, *, control: Any = _LISTED) -> Conversation:
    conversation = Conversation()
    if control is not None:
        conversation.list(control)
    conversation.send(conversation.call(LIST, identity="anonymous"), got)
    return conversation


def _reader(got: Any) -> Conversation:
    """Return a start by the reader, after one by the administrator."""
    conversation = Conversation()
    conversation.arrange(VCENTER, "sync-idle")
    conversation.send(START, answer(200))
    conversation.arrange(VCENTER, "sync-idle")
    conversation.send(conversation.call(START, identity="reader"), got)
    return conversation


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(answer(401, azure_error()), ["pass", "pass"], id="401"),
        pytest.param(answer(403, azure_error()), ["pass", "fail"], id="403"),
        pytest.param(answer(200, listing()), ["fail", "inconclusive"], id="success"),
        pytest.param(answer(204), ["fail", "inconclusive"], id="other success"),
        pytest.param(answer(302), ["inconclusive", "inconclusive"], id="redirect"),
        pytest.param(answer(429, azure_error()), ["inconclusive", "inconclusive"], id="throttled"),
        pytest.param(answer(500, azure_error()), ["inconclusive", "inconclusive"], id="server error"),
    ],
)
def test_stranger_is_refused(got: Any, expected: list[str]) -> None:
    """Who has no valid credential is refused, with 401."""
    conversation = _anonymous(got)

    assert expected == [conversation.verdict(each) for each in (_REFUSED, _STATUS)]


@pytest.mark.parametrize(
    "control",
    [pytest.param(None, id="none"), pytest.param(answer(401, azure_error()), id="refused too")],
)
def test_refusal_needs_a_control(control: Any) -> None:
    """A target that refuses everybody, or that nobody else called, passes nothing."""
    conversation = _anonymous(answer(401, azure_error()), control=control)
    expected = [Verdict.INCONCLUSIVE] * 2

    assert expected == [conversation.verdict(each) for each in (_REFUSED, _STATUS)]


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(_UNAUTHORIZED, ["pass", "pass", "pass"], id="as documented"),
        pytest.param(answer(403, vcenter_error("error")), ["pass", "pass", "fail"], id="another type"),
        pytest.param(answer(404, vcenter_error("unauthorized")), ["pass", "fail", "pass"], id="another status"),
        pytest.param(answer(403, b"<html></html>"), ["pass", "pass", "inconclusive"], id="HTML"),
        pytest.param(answer(200), ["fail", "inconclusive", "inconclusive"], id="let in"),
    ],
)
def test_missing_permission_is_refused(got: Any, expected: list[str]) -> None:
    """Who lacks the permission is refused, with the documented status and error."""
    conversation = _reader(got)

    assert expected == [
        conversation.verdict(f"{START}/identity/reader/{each}") for each in ("refused", "status", "code")
    ]


def test_second_fault_proves_nothing() -> None:
    """A stranger's request with another fault may be refused for that one."""
    conversation = Conversation()
    conversation.send(PROVIDER, answer(200, provider_info("WAITING")))
    conversation.send(conversation.call(PROVIDER, identity="anonymous", link=ABSENT), answer(401, vcenter_error("x")))
    expected: set[str] = set()

    assert expected == conversation.outcomes(f"{PROVIDER}/identity/anonymous/refused")


def test_each_identity_is_judged_alone() -> None:
    """The refusal of one stranger says nothing of another."""
    expected: set[str] = set()

    assert expected == _anonymous(answer(401, azure_error())).outcomes(f"{LIST}/identity/expired/refused")


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        pytest.param(f"{LIST}/identity/reader/refused", False, id="reader may read"),
        pytest.param(f"{CREATE}/identity/reader/refused", True, id="reader may not write"),
        pytest.param(f"{SESSION}/identity/expired/refused", False, id="excepted"),
        pytest.param(f"{SESSION}/identity/reader/refused", False, id="no permission needed"),
        pytest.param(f"{SYNC}/identity/wrong-audience/refused", True, id="wrong audience"),
        pytest.param(f"{LIST}/identity/admin/refused", False, id="administrator"),
    ],
)
def test_requirements_follow_permissions(requirement: str, *, expected: object) -> None:
    """There is a requirement for each identity that may not call, and for no other."""
    assert expected == (requirement in requirements())


def test_anonymous_session_is_refused() -> None:
    """Where a name and a password make the session, nobody gets one without."""
    conversation = Conversation()
    conversation.send(SESSION, answer(200, {"value": "s"}), credential="Basic «basic:admin»")
    conversation.send(conversation.call(SESSION, identity="anonymous"), answer(401, vcenter_error("unauthenticated")))
    expected = ["pass", "pass", "pass"]

    assert expected == [
        conversation.verdict(f"{SESSION}/identity/anonymous/{each}") for each in ("refused", "status", "code")
    ]


def test_write_by_reader_is_finding() -> None:
    """A reader's write that succeeds is a finding."""
    conversation = Conversation()
    conversation.create()
    call = conversation.call(CREATE, identity="reader")
    conversation.send(call, answer(200, {"id": "x"}), body=grant())
    expected = Verdict.FAIL

    assert expected == conversation.verdict(f"{CREATE}/identity/reader/refused")
