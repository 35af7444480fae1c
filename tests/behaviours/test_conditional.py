"""`conditional`: a read with the entity tag that the client has already is answered without content."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.verdicts import Verdict
from tests.judge.traces import RUNTIME, SYNC, Conversation, answer, azure_error
from tests.support import clean_run

_MATCH, _ANY, _NO_MATCH, _CONTENT, _STABLE = (
    f"{RUNTIME}/conditional/{each}" for each in ("match", "any", "no-match", "no-content", "stable")
)
_TAG, _QUOTED = "abc", '"abc"'


def _shown(etag: str | None = _TAG, *, description: str = "x", header: str = "") -> Any:
    body = {"properties": {"type": "SelfHosted", "description": description}}
    usual = {"content-type": "application/json", **({"etag": header} if header else {})}
    return answer(200, body if etag is None else {**body, "etag": etag}, headers=usual)


_FOUND, _UNCHANGED = _shown(), answer(304)


def _reads(*calls: tuple[str, Any], first: Any = _FOUND) -> Conversation:
    """Return a read, and then reads that name entity tags."""
    conversation = Conversation()
    conversation.send(RUNTIME, first)
    for tag, got in calls:
        conversation.send(RUNTIME, got, headers={"if-none-match": tag} if tag else {})
    return conversation


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        pytest.param([(_TAG, _UNCHANGED)], Verdict.PASS, id="as it stands"),
        pytest.param([(_TAG, _FOUND), (_QUOTED, _UNCHANGED)], Verdict.PASS, id="quoted alone"),
        pytest.param([(f'"no", W/{_QUOTED}', _UNCHANGED)], Verdict.PASS, id="in a list, weak"),
        pytest.param([(_TAG, _FOUND), (_QUOTED, _FOUND)], Verdict.FAIL, id="never"),
        pytest.param([(_TAG, _FOUND)], Verdict.NOT_OBSERVED, id="one form alone"),
        pytest.param([(_TAG, _shown("new")), (_QUOTED, _shown("new"))], Verdict.NOT_OBSERVED, id="changed meanwhile"),
        pytest.param([(_TAG, answer(500, azure_error()))], Verdict.INCONCLUSIVE, id="server error"),
        pytest.param([], Verdict.NOT_OBSERVED, id="not asked"),
    ],
)
def test_current_tag_is_judged(calls: list[tuple[str, Any]], expected: Verdict) -> None:
    """A read with the current entity tag, in whichever form, is answered with 304."""
    assert expected == _reads(*calls).verdict(_MATCH)


def test_header_has_one_form() -> None:
    """Where the answer has an ETag header, the tag in that form alone must be taken."""
    first = _shown(header=_QUOTED)

    assert Verdict.FAIL is _reads((_QUOTED, first), first=first).verdict(_MATCH)


@pytest.mark.parametrize(("got", "expected"), [(_UNCHANGED, Verdict.PASS), (_FOUND, Verdict.FAIL)])
def test_any_tag_is_judged(got: Any, expected: Verdict) -> None:
    """A read unless there is anything is answered with 304."""
    assert expected == _reads(("*", got)).verdict(_ANY)


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        pytest.param([('"another"', _FOUND)], Verdict.PASS, id="content"),
        pytest.param([('"another"', _UNCHANGED)], Verdict.FAIL, id="304 to another tag"),
        pytest.param([("", _UNCHANGED)], Verdict.FAIL, id="304 without a condition"),
        pytest.param([("", _FOUND)], Verdict.INCONCLUSIVE, id="no condition"),
        pytest.param([('"another"', answer(500, azure_error()))], Verdict.INCONCLUSIVE, id="server error"),
    ],
)
def test_other_tag_is_judged(calls: list[tuple[str, Any]], expected: Verdict) -> None:
    """A read with another tag, or without one, gets content."""
    assert expected == _reads(*calls).verdict(_NO_MATCH)


def test_unknown_tag_proves_nothing() -> None:
    """Without a tag to compare with, a 304 may be right."""
    assert set() == _reads(('"another"', _UNCHANGED), first=_shown(None)).outcomes(_NO_MATCH)


def test_content_without_tag_is_no_match() -> None:
    """A target that names no tag does not answer a tag with 304."""
    untagged = _shown(None)

    assert Verdict.PASS is _reads(('"another"', untagged), first=untagged).verdict(_NO_MATCH)


@pytest.mark.parametrize(("body", "expected"), [(None, Verdict.PASS), ({}, Verdict.FAIL)])
def test_unchanged_has_no_content(body: Any, expected: Verdict) -> None:
    """A 304 has no content."""
    assert expected == _reads(("*", answer(304, body))).verdict(_CONTENT)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param(_FOUND, Verdict.PASS, id="the same"),
        pytest.param(_shown("new"), Verdict.FAIL, id="another for the same"),
        pytest.param(_shown("new", description="y"), Verdict.NOT_OBSERVED, id="another for something else"),
        pytest.param(_shown(None), Verdict.NOT_OBSERVED, id="none"),
    ],
)
def test_tag_stays_the_same(second: Any, expected: Verdict) -> None:
    """An entity tag stays as long as the rest of the answer does."""
    assert expected == _reads(("", second)).verdict(_STABLE)


def test_write_between_proves_nothing() -> None:
    """After a write the old tag may be current no more, and another one may be."""
    conversation = _reads()
    conversation.send(SYNC, answer(200))
    for tag, got in ((_TAG, _FOUND), (_QUOTED, _FOUND)):
        conversation.send(RUNTIME, got, headers={"if-none-match": tag})

    assert {"blocked"} >= conversation.outcomes(_MATCH)


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        pytest.param([(_TAG, _UNCHANGED)], {"as-it-stands"}, id="as it stands"),
        pytest.param([(_TAG, _FOUND), (_QUOTED, _UNCHANGED)], {"quoted-alone"}, id="quoted alone"),
        pytest.param([(_QUOTED, _UNCHANGED)], set(), id="one form alone"),
        pytest.param([(_TAG, _UNCHANGED), (_TAG, _UNCHANGED)], {"as-it-stands"}, id="twice as it stands"),
        pytest.param(
            [(_TAG, _UNCHANGED), (_TAG, _FOUND), (_QUOTED, _UNCHANGED)], {"as-it-stands", "quoted-alone"}, id="both"
        ),
        pytest.param(
            [(_TAG, _UNCHANGED), (_TAG, _shown("new")), (_QUOTED, _UNCHANGED)], {"as-it-stands"}, id="new meanwhile"
        ),
    ],
)
def test_form_of_tag_is_reading(calls: list[tuple[str, Any]], expected: set[str]) -> None:
    """In which form a tag of a body is taken is a reading of the register."""
    assert expected == {each.reading for each in _reads(*calls).judgement().seen if each.ambiguity == "A13"}


def test_run_sends_tag_back() -> None:
    """A run sends the tag that it was shown, twice, and no other form of it once it was answered with 304."""
    sent = [
        (each.request.header("if-none-match"), each.response.status if each.response else 0)
        for each in clean_run().execution.trace.exchanges
        if each.request.header("if-none-match")
    ]

    assert [('"never-an-etag"', 200), (None, 304), ("*", 304), (None, 304)] == [
        (tag if tag in ('"never-an-etag"', "*") else None, status) for tag, status in sent
    ]
