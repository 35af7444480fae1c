"""Say why a check of Schemathesis raises an alarm where the contract does not; what has no such reason deserves a look."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from asdocumented.corpus.generating import Alarm
from asdocumented.families import is_documented_error
from asdocumented.reads.classify import Read


def _documented(read: Read) -> str:
    return "the contract names this error" if is_documented_error(read) else ""


def _framework(read: Read) -> str:
    return "the API's framework has this status whatever the operation" if read.key == "framework" else ""


def _nothing_wrong(read: Read) -> str:
    return "nothing that the page states is wrong with the request as it was sent" if not read.causes else ""


def _convention(read: Read) -> str:
    return "that a server refuses it is a convention, which has a requirement of its own" if read.causes else ""


def _right(read: Read) -> str:
    return (
        "what the request refers to, or sends beside the contract, is not known to be right" if not read.certain else ""
    )


def _caused(read: Read) -> str:
    return f"it may be refused: {', '.join(read.causes)}" if read.causes else ""


_REASONS: Mapping[str, tuple[Callable[[Read], str], ...]] = {
    "ServerError": (_documented,),
    "UndefinedStatusCode": (_framework, _documented),
    "AcceptedNegativeData": (_nothing_wrong, _convention),
    "RejectedPositiveData": (_caused, _right),
}
"""What may explain an alarm, by the name of the failure."""


def explained(alarm: Alarm, read: Read) -> str:
    """Return why an alarm is none by the contract, or the empty string."""
    return next((words for reason in _REASONS.get(alarm.check, ()) if (words := reason(read))), "")
