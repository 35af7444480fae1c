"""`case-insensitive`: a path parameter names the same resource in any letter case."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.verdicts import Verdict
from tests.judge.traces import RUNTIME, SYNC, Conversation, answer, azure_error

_SAME = f"{SYNC}/case-insensitive/resourceGroupName"
_USUAL, _OTHER = "exampleResourceGroup", "EXAMPLErESOURCEgROUP"


def _called(*calls: tuple[str, Any], operation: str = SYNC) -> Conversation:
    conversation = Conversation()
    for name, got in calls:
        conversation.send(conversation.call(operation, resourceGroupName=name), got)
    return conversation


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(answer(200), Verdict.PASS, id="success"),
        pytest.param(answer(404, azure_error()), Verdict.FAIL, id="not found"),
        pytest.param(answer(400, azure_error()), Verdict.FAIL, id="refused"),
        pytest.param(answer(500, azure_error()), Verdict.INCONCLUSIVE, id="server error"),
        pytest.param(answer(429, azure_error()), Verdict.INCONCLUSIVE, id="throttled"),
        pytest.param(answer(202), Verdict.INCONCLUSIVE, id="undocumented success"),
    ],
)
def test_other_case_is_judged(got: Any, expected: Verdict) -> None:
    """A request that succeeds in the usual letter case succeeds in another."""
    assert expected == _called((_USUAL, answer(200)), (_OTHER, got)).verdict(_SAME)


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param([(_OTHER, answer(200))], id="other case alone"),
        pytest.param([(_USUAL, answer(200)), (_USUAL, answer(200))], id="usual case twice"),
        pytest.param(
            [(_USUAL, answer(404, azure_error())), (_OTHER, answer(404, azure_error()))], id="refused in both"
        ),
        pytest.param([(_USUAL, answer(200)), ("anotherGroup", answer(404, azure_error()))], id="another name"),
    ],
)
def test_comparison_needs_both(calls: list[tuple[str, Any]]) -> None:
    """Nothing is proved without a success in the usual letter case and a request in another."""
    expected = Verdict.INCONCLUSIVE

    assert expected == _called(*calls).verdict(_SAME)


def test_order_makes_no_difference() -> None:
    """The request in the other letter case may come first."""
    expected = Verdict.FAIL

    assert expected == _called((_OTHER, answer(404, azure_error())), (_USUAL, answer(200))).verdict(_SAME)


def test_operations_are_judged_apart() -> None:
    """A success of one operation is no control for another."""
    conversation = _called((_USUAL, answer(200)))
    conversation.send(conversation.call(RUNTIME, resourceGroupName=_OTHER), answer(404, azure_error()))
    expected: set[str] = set()

    assert expected == conversation.outcomes(f"{RUNTIME}/case-insensitive/resourceGroupName")


def test_refusal_is_one_finding() -> None:
    """A refusal of the other letter case breaks this requirement alone."""
    conversation = _called((_USUAL, answer(200)), (_OTHER, answer(404, azure_error())))
    expected = {_SAME}

    assert expected == conversation.findings()
