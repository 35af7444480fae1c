"""`empty-body`: where the page documents an empty body, not a byte comes."""

from __future__ import annotations

import pytest

from asdocumented.verdicts import Verdict
from tests.judge.traces import DELETE, FABRIC, ID, START, STOP, SYNC, Conversation, answer, azure_error

_OPERATIONS = [SYNC, START, STOP]


@pytest.mark.parametrize("operation", _OPERATIONS)
def test_no_byte_passes(operation: str) -> None:
    """A success without a byte passes."""
    conversation = Conversation()
    conversation.send(operation, answer(200))
    expected = Verdict.PASS

    assert expected == conversation.verdict(f"{operation}/response/200/empty-body", "documented")


@pytest.mark.parametrize("body", [b"{}", b"null", b" ", b"\n", b"\x00", b"\xff", b'""'], ids=repr)
@pytest.mark.parametrize("operation", _OPERATIONS)
def test_any_byte_is_finding(operation: str, body: bytes) -> None:
    """A success with any byte at all is one finding."""
    conversation = Conversation()
    conversation.send(operation, answer(200, body))
    expected = {f"{operation}/response/200/empty-body"}

    assert expected == conversation.findings()


@pytest.mark.parametrize("status", [201, 202, 204, 400, 500])
def test_other_status_proves_nothing(status: int) -> None:
    """An answer with another status says nothing of the body of a 200."""
    conversation = Conversation()
    conversation.send(SYNC, answer(status, azure_error() if status >= 400 else None))
    expected: set[str] = set()

    assert expected == conversation.outcomes(f"{SYNC}/response/200/empty-body") - {"blocked"}


def test_undocumented_success_blocks() -> None:
    """A success that the page does not name blocks the empty body, with the status named."""
    conversation = Conversation()
    conversation.send(SYNC, answer(202))
    expected = {"response/status"}

    assert expected == conversation.blockers(f"{SYNC}/response/200/empty-body")


def test_unseen_success_is_unobserved() -> None:
    """Where the target chooses among two successes, the one that it never showed is not observed."""
    conversation = Conversation()
    conversation.create()
    conversation.send(conversation.call(DELETE, roleAssignmentId=ID), answer(204))
    expected = [Verdict.NOT_OBSERVED, Verdict.PASS]

    assert expected == [conversation.verdict(f"{DELETE}/response/{key}/empty-body") for key in (200, 204)]


def test_unanswered_request_proves_nothing() -> None:
    """A request without an answer says nothing of its body."""
    conversation = Conversation()
    conversation.arrange(FABRIC, "mirroring-running")
    conversation.send(STOP, None, failure="cut short")
    expected: set[str] = set()

    assert expected == conversation.outcomes(f"{STOP}/response/200/empty-body")
