"""`exclusive`: a start while the previous one still goes is the documented error."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.verdicts import Verdict
from tests.judge.traces import PROVIDER, START, VCENTER, Conversation, answer, provider_info, vcenter_error

_STATUS, _CODE = f"{START}/exclusive/sync-running/status", f"{START}/exclusive/sync-running/code"
_BUSY = answer(500, vcenter_error("resource_busy"))


def _while_running(got: Any) -> Conversation:
    """Return a start in the arranged state, with a look at the provider as a control."""
    conversation = Conversation()
    conversation.arrange(VCENTER, "sync-running")
    conversation.send(PROVIDER, answer(200, provider_info("WAITING")))
    conversation.send(START, got)
    return conversation


def _twice(second: Any, look: Any) -> Conversation:
    """Return two starts in a row and a look at what goes on."""
    conversation = Conversation()
    conversation.send(START, answer(200))
    conversation.send(START, second)
    conversation.send(PROVIDER, look)
    return conversation


def _verdicts(conversation: Conversation, profile: str = "conventions") -> list[str]:
    return [str(conversation.verdict(each, profile)) for each in (_STATUS, _CODE)]


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(_BUSY, ["pass", "pass"], id="busy"),
        pytest.param(answer(200), ["fail", "inconclusive"], id="never busy"),
        pytest.param(answer(500, vcenter_error("error")), ["pass", "fail"], id="another type"),
        pytest.param(answer(409, vcenter_error("resource_busy")), ["fail", "inconclusive"], id="another status"),
        pytest.param(answer(400, vcenter_error("error")), ["fail", "inconclusive"], id="400 of another type"),
        pytest.param(answer(500, b"<html></html>"), ["pass", "inconclusive"], id="HTML"),
        pytest.param(answer(500, {}), ["pass", "inconclusive"], id="empty object"),
    ],
)
def test_start_while_running_is_judged(got: Any, expected: list[str]) -> None:
    """In the state in which one is going a start is the documented error."""
    assert expected == _verdicts(_while_running(got))


@pytest.mark.parametrize(
    ("profile", "expected"), [("documented", ["fail", "pass"]), ("interoperable", ["pass", "pass"])]
)
def test_specified_status_is_reading(profile: str, expected: list[str]) -> None:
    """The status that the specification has is accepted where its evidence counts."""
    conversation = _while_running(answer(400, vcenter_error("resource_busy")))

    assert expected == _verdicts(conversation, profile)


def test_followed_status_is_seen() -> None:
    """A run says which status of the busy error the target follows."""
    conversation = _while_running(answer(400, vcenter_error("resource_busy")))
    expected = [("C5", "400")]

    assert expected == [(each.ambiguity, each.reading) for each in conversation.judgement().seen]


@pytest.mark.parametrize("got", [_BUSY, answer(400, vcenter_error("resource_busy"))], ids=["500", "400"])
def test_busy_needs_a_control(got: Any) -> None:
    """A busy error without any success proves nothing."""
    conversation = Conversation()
    conversation.arrange(VCENTER, "sync-running")
    conversation.send(START, got)
    expected = ["inconclusive", "inconclusive"]

    assert expected == _verdicts(conversation)


@pytest.mark.parametrize(
    ("second", "look", "expected"),
    [
        pytest.param(_BUSY, provider_info("CHANGE_DETECTION"), ["pass", "pass"], id="refused while going"),
        pytest.param(
            answer(200), provider_info("CHANGE_DETECTION"), ["fail", "inconclusive"], id="accepted while going"
        ),
        pytest.param(answer(200), provider_info("COMPLETED"), ["inconclusive", "inconclusive"], id="ended before"),
        pytest.param(answer(200), provider_info("FAILED"), ["inconclusive", "inconclusive"], id="failed before"),
        pytest.param(answer(200), {"value": {"status": "SUCCEEDED"}}, ["inconclusive", "inconclusive"], id="not shown"),
        pytest.param(answer(200), b"{", ["inconclusive", "inconclusive"], id="look is no JSON"),
    ],
)
def test_second_start_is_bracketed(second: Any, look: Any, expected: list[str]) -> None:
    """A second start is judged where a look right after it shows that the first was still going."""
    assert expected == _verdicts(_twice(second, answer(200, look)))


def test_failed_first_start_proves_nothing() -> None:
    """A second start after one that was refused proves nothing."""
    conversation = Conversation()
    conversation.send(START, answer(403, vcenter_error("unauthorized")))
    conversation.send(START, answer(200))
    conversation.send(PROVIDER, answer(200, provider_info("WAITING")))
    expected: set[str] = set()

    assert expected == conversation.outcomes(_STATUS)


def test_other_provider_proves_nothing() -> None:
    """A start of another provider is not held to the state of the first."""
    conversation = Conversation()
    conversation.send(START, answer(200))
    conversation.send(conversation.call(START, provider="provider-other"), answer(200))
    conversation.send(PROVIDER, answer(200, provider_info("WAITING")))
    expected: set[str] = set()

    assert expected == conversation.outcomes(_STATUS)


def test_second_fault_proves_nothing() -> None:
    """A start with another fault may be refused for that one."""
    conversation = Conversation()
    conversation.arrange(VCENTER, "sync-running")
    conversation.send(conversation.call(START, identity="reader"), answer(403, vcenter_error("unauthorized")))
    expected: set[str] = set()

    assert expected == conversation.outcomes(_STATUS)


def test_throttled_start_proves_nothing() -> None:
    """A start that the target is too busy to take says nothing of the sync."""
    expected = [Verdict.INCONCLUSIVE] * 2

    assert expected == _verdicts(_while_running(answer(503, vcenter_error("service_unavailable"))))


def test_idle_start_proves_nothing() -> None:
    """A start while none is going says nothing of the busy error."""
    conversation = Conversation()
    conversation.arrange(VCENTER, "sync-idle")
    conversation.send(START, answer(200))
    expected: set[str] = set()

    assert expected == conversation.outcomes(_STATUS)


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        pytest.param(_BUSY, ["inconclusive", "inconclusive"], id="busy by the first"),
        pytest.param(answer(200), ["fail", "inconclusive"], id="never busy"),
        pytest.param(answer(500, vcenter_error("error")), ["fail", "inconclusive"], id="refused for something else"),
    ],
)
def test_state_may_end_by_itself(again: Any, expected: list[str]) -> None:
    """A start that succeeded in a busy state proves nothing where the next one is refused as busy: the state had ended."""
    conversation = _while_running(answer(200))
    conversation.send(START, again)

    assert expected == _verdicts(conversation)


def test_ended_state_is_said() -> None:
    """The reason names the environment, and nothing else in the run makes up for it."""
    conversation = _while_running(answer(200))
    conversation.send(START, _BUSY)
    conversation.send(PROVIDER, answer(200, provider_info("CHANGE_DETECTION")))
    result = conversation.results()[_STATUS]

    assert result.reason.startswith("environment: the target changed while")
    assert Verdict.INCONCLUSIVE is result.profiles["conventions"]


_RELEASED = f"{START}/exclusive/sync-running/released"
_ENDED, _GOING = (answer(200, provider_info(each)) for each in ("COMPLETED", "CHANGE_DETECTION"))


def _after_end(*starts: Any, before: Any = _ENDED, after: Any = _ENDED) -> str:
    """Return the verdict on starts after a look, with another look behind them."""
    conversation = Conversation()
    conversation.send(START, answer(200))
    conversation.send(PROVIDER, before)
    for each in starts:
        conversation.send(START, each)
    conversation.send(PROVIDER, after)
    return str(conversation.verdict(_RELEASED))


def test_start_after_end_is_judged() -> None:
    """Once it has ended a start is possible again, perhaps not at once."""
    assert ["pass", "pass", "fail"] == [
        _after_end(answer(200), after=_GOING),
        _after_end(_BUSY, answer(200), after=_GOING),
        _after_end(_BUSY, _BUSY),
    ]


def test_start_after_end_proves_little() -> None:
    """A refusal says nothing where it came once, something goes on before or after it, or it has another reason."""
    assert {"not-observed"} == {
        _after_end(_BUSY),
        _after_end(_BUSY, _BUSY, after=_GOING),
        _after_end(_BUSY, _BUSY, before=_GOING),
        _after_end(*[answer(403, vcenter_error("unauthorized"))] * 2),
        _after_end(*[answer(503, vcenter_error("service_unavailable"))] * 2),
    }


@pytest.mark.parametrize(
    ("profile", "expected"), [("documented", Verdict.INCONCLUSIVE), ("interoperable", Verdict.NOT_OBSERVED)]
)
def test_reading_makes_no_answer_due(profile: str, expected: Verdict) -> None:
    """Where another status is accepted, nothing is left open of the one that did not come."""
    conversation = _while_running(answer(400, vcenter_error("resource_busy")))

    assert expected == conversation.verdict(f"{START}/response/500/json", profile)
