"""`secret`: a secret of the request never comes back."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.verdicts import Verdict
from tests.judge.traces import ABSENT, LIST, PROVIDER, START, Conversation, answer, listing, vcenter_error

_MARKER = "«secret:/credentials/password»"
_BODY = {"credentials": {"user_name": "administrator@vsphere.local", "password": _MARKER}}
_NEVER = f"{START}/secret/credentials/password"


def _start(got: Any, *, body: Any = _BODY, provider: str = "provider-2c9d04e8") -> Conversation:
    conversation = Conversation()
    conversation.send(conversation.call(START, provider=provider), got, body=body)
    return conversation


@pytest.mark.parametrize(
    "got",
    [
        pytest.param(answer(200), id="success"),
        pytest.param(answer(404, vcenter_error("not_found")), id="error"),
        pytest.param(answer(200, b"\xff\xfe"), id="odd bytes"),
    ],
)
def test_silent_answer_passes(got: Any) -> None:
    """An answer that does not have the secret passes."""
    expected = Verdict.PASS

    assert expected == _start(got).verdict(_NEVER)


@pytest.mark.parametrize(
    "got",
    [
        pytest.param(answer(200, headers={"x-echo": f"got {_MARKER}"}), id="header"),
        pytest.param(answer(200, _MARKER.encode()), id="plain body"),
        pytest.param(answer(404, f'{{"message": "no {_MARKER}"}}'.encode()), id="error"),
        pytest.param(answer(500, b"\xff" + _MARKER.encode()), id="among odd bytes"),
    ],
)
def test_echoed_secret_is_finding(got: Any) -> None:
    """A secret that comes back anywhere in the answer is a finding."""
    expected = Verdict.FAIL

    assert expected == _start(got).verdict(_NEVER)


def test_later_echo_is_finding() -> None:
    """A secret that comes back in a later answer of another operation is a finding."""
    conversation = _start(answer(200))
    conversation.send(PROVIDER, answer(200, f'{{"value": "{_MARKER}"}}'.encode()))
    expected = Verdict.FAIL

    assert expected == conversation.verdict(_NEVER)


def test_unsent_secret_proves_nothing() -> None:
    """A request without the secret proves nothing."""
    conversation = _start(answer(200), body=None)
    expected = Verdict.INCONCLUSIVE

    assert expected == conversation.verdict(_NEVER)


def test_refused_request_leaks_too() -> None:
    """A secret that comes back in the refusal of a request is a finding as well."""
    body = f'{{"type": "x", "value": "{_MARKER}"}}'.encode()
    expected = True

    assert expected == (_NEVER in _start(answer(404, body), provider=ABSENT).findings())


def test_other_api_stays_apart() -> None:
    """What another API answers is no echo of this one's secret."""
    conversation = _start(answer(200))
    conversation.list(answer(200, listing(x=_MARKER)))
    expected = ({"met"}, True)

    outcomes = conversation.outcomes(_NEVER)

    assert expected == (outcomes, LIST in {f"{each.api.name}/{each.operation.name}" for each in conversation.reads()})


def test_unanswered_request_proves_nothing() -> None:
    """A request with the secret and without an answer proves nothing."""
    conversation = Conversation()
    conversation.send(START, None, body=_BODY, failure="cut short")
    expected = Verdict.INCONCLUSIVE

    assert expected == conversation.verdict(_NEVER)
