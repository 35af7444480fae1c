"""What an ended session does to the requests after it."""

from __future__ import annotations

from asdocumented.verdicts import Verdict
from tests.judge.traces import PROVIDER, Conversation, answer, provider_info, vcenter_error

_END = "vmware-vcenter-hvc/delete-session"


def test_ended_session_blames_nobody() -> None:
    """A refusal of the identity that ended its own session breaks nothing."""
    conversation = Conversation()
    conversation.send(PROVIDER, answer(200, provider_info("WAITING")))
    conversation.send(_END, answer(200))
    conversation.send(PROVIDER, answer(401, vcenter_error("unauthenticated")))

    assert Verdict.PASS == conversation.verdict(f"{PROVIDER}/response/status")


def test_refusal_with_session_is_blamed() -> None:
    """The same refusal without an ended session breaks the operation's status."""
    conversation = Conversation()
    conversation.send(PROVIDER, answer(200, provider_info("WAITING")))
    conversation.send(PROVIDER, answer(401, vcenter_error("unauthenticated")))

    assert Verdict.FAIL == conversation.verdict(f"{PROVIDER}/response/status")
