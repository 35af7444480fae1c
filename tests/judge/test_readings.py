"""Judging which reading of the register a target follows."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    ABSENT,
    CREATE,
    DELETE,
    ID,
    LIST,
    OTHER_ID,
    POOL_SCOPE,
    SYNC,
    Conversation,
    answer,
    azure_error,
    listing,
)

_FLAT: dict[str, Any] = {"code": "AuthenticationFailed", "message": "It is refused."}
_ENVELOPE = f"{LIST}/response/other/schema/ErrorContract/error/presence"


def _unauthenticated(status: int, body: Any) -> Conversation:
    conversation = Conversation()
    conversation.list(answer(200, listing()))
    conversation.send(conversation.call(LIST, identity="expired"), answer(status, body))
    return conversation


def _seen(conversation: Conversation) -> set[tuple[str, str]]:
    return {(each.ambiguity, each.reading) for each in conversation.judgement().seen if each.ambiguity != "B11"}


@pytest.mark.parametrize(
    ("profile", "expected"),
    [("documented", Verdict.FAIL), ("interoperable", Verdict.PASS), ("conventions", Verdict.PASS)],
)
def test_observed_reading_needs_profile(profile: str, expected: Verdict) -> None:
    """A flat 401, which contradicts the page and is observed, fails as documented and is accepted wider."""
    assert expected == _unauthenticated(401, _FLAT).verdict(_ENVELOPE, profile)


@pytest.mark.parametrize("profile", ["documented", "interoperable", "conventions"])
def test_reading_holds_for_its_status(profile: str) -> None:
    """A flat body with a status of which the reading does not speak fails everywhere."""
    expected = Verdict.FAIL

    assert expected == _unauthenticated(403, _FLAT).verdict(_ENVELOPE, profile)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"code": "x"}, id="half flat"),
        pytest.param({}, id="empty"),
        pytest.param({"errorCode": "x", "message": "y"}, id="of another API"),
        pytest.param({**_FLAT, "error": {}}, id="flat and enveloped"),
    ],
)
@pytest.mark.parametrize("profile", ["documented", "interoperable"])
def test_body_outside_readings_fails(profile: str, body: Any) -> None:
    """A body that follows no reading of the register fails in every profile."""
    conversation = _unauthenticated(401, body)
    expected = True

    failed = [key for key, each in conversation.results().items() if each.profiles.get(profile) is Verdict.FAIL]

    assert expected == any(each.startswith(f"{LIST}/response/other/") for each in failed)


@pytest.mark.parametrize(
    ("body", "reading"),
    [pytest.param(_FLAT, "flat", id="flat"), pytest.param(azure_error(), "enveloped", id="enveloped")],
)
def test_followed_reading_is_seen(body: Any, reading: str) -> None:
    """A run says which reading the target follows."""
    expected = {("B19", reading)}

    assert expected == _seen(_unauthenticated(401, body))


def test_one_reading_throughout_passes() -> None:
    """A target that keeps to one reading passes the register's requirement."""
    conversation = _unauthenticated(401, _FLAT)
    conversation.send(conversation.call(LIST, identity="anonymous"), answer(401, _FLAT))
    expected = Verdict.PASS

    assert expected == conversation.verdict(f"{LIST}/ambiguity/B19")


def test_two_readings_are_finding() -> None:
    """A target that follows two readings in one run fails the register's requirement."""
    conversation = _unauthenticated(401, _FLAT)
    conversation.send(conversation.call(LIST, identity="anonymous"), answer(401, azure_error()))
    expected = ({"finding"}, (2, 3))

    marks = conversation.marks(f"{LIST}/ambiguity/B19")

    assert expected == ({str(mark.outcome) for mark in marks}, marks[0].exchanges)


def test_unseen_reading_is_unobserved() -> None:
    """A register entry that no exchange tells apart is not observed."""
    conversation = Conversation()
    conversation.list(answer(200, listing()))
    expected = Verdict.NOT_OBSERVED

    assert expected == conversation.verdict(f"{LIST}/ambiguity/B19")


@pytest.mark.parametrize(
    ("second", "reading"),
    [
        pytest.param(answer(409, azure_error()), "conflict", id="conflict"),
        pytest.param(None, "replaced", id="replaced"),
    ],
)
@pytest.mark.parametrize("profile", ["documented", "conventions"])
def test_silent_page_accepts_either(profile: str, second: Any, reading: str) -> None:
    """Where the page is silent any reading of the register is accepted in every profile."""
    conversation = Conversation()
    conversation.create()
    conversation.create(ID, second, scope=POOL_SCOPE)
    expected: tuple[set[str], bool] = (set(), True)

    failed = {key for key, each in conversation.results().items() if each.profiles.get(profile) is Verdict.FAIL}

    assert expected == (failed, ("B7", reading) in _seen(conversation))


@pytest.mark.parametrize(("status", "reading"), [(200, "200"), (204, "204")])
def test_success_status_is_a_reading(status: int, reading: str) -> None:
    """Which of two documented successes a target answers is a reading."""
    conversation = Conversation()
    conversation.create()
    conversation.send(conversation.call(DELETE, roleAssignmentId=ID), answer(status))
    expected = {("B16", reading)}

    assert expected == _seen(conversation)


def test_mixed_success_statuses_are_finding() -> None:
    """A target that answers one success now and another then follows two readings."""
    conversation = Conversation()
    for identifier, status in ((ID, 200), (OTHER_ID, 204)):
        conversation.create(identifier)
        conversation.send(conversation.call(DELETE, roleAssignmentId=identifier), answer(status))
    expected = {f"{DELETE}/ambiguity/B16"}

    assert expected == conversation.findings()


def test_flat_404_is_observed_reading() -> None:
    """The flat 404 of the service behind the front door is accepted where observed evidence counts."""
    conversation = Conversation()
    conversation.send(SYNC, answer(200))
    body = {"code": "NotFound", "message": "x", "target": None, "details": None, "error": None}
    conversation.send(conversation.call(SYNC, workspaceName=ABSENT), answer(404, body))
    requirement = f"{SYNC}/response/other/schema/ErrorDetail/type"
    expected = [Verdict.FAIL, Verdict.PASS]

    assert expected == [conversation.verdict(requirement, profile) for profile in ("documented", "interoperable")]


def test_excused_marks_are_unobserved() -> None:
    """What the other reading's body cannot show is not observed where that reading is accepted."""
    conversation = _unauthenticated(401, _FLAT)
    requirement = f"{LIST}/response/other/schema/ErrorResponse/message/type"
    expected = [Verdict.INCONCLUSIVE, Verdict.NOT_OBSERVED]

    assert expected == [conversation.verdict(requirement, profile) for profile in ("documented", "interoperable")]


def test_readings_stay_with_operations() -> None:
    """Two operations that follow different readings break nothing of either."""
    conversation = _unauthenticated(401, _FLAT)
    conversation.send(conversation.call(CREATE, identity="expired"), answer(401, azure_error()), body={})
    expected: set[str] = set()

    assert expected == {each for each in conversation.findings() if "/ambiguity/" in each}
