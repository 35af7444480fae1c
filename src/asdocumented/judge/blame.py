"""Find the one thing of a valid request that its refusal is to be blamed on: by what succeeded, and by what the answer says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from asdocumented.contracts.model import JSON
from asdocumented.reads.classify import Read
from asdocumented.requirement import accepted

_BODY = "request/body"
_WORD = re.compile(r"[A-Za-z0-9_-]+")


def suspected(refused: Mapping[str, JSON], successes: Sequence[Mapping[str, JSON]]) -> list[str]:
    """Return what of a refused request may make the difference to those that succeeded; all of it where none did.

    What the refused request lacks is not to blame: a value of it cannot have been refused.
    """
    if not successes:
        return list(refused)
    only_here = [name for name in refused if all(name not in each for each in successes)]
    if only_here:
        return only_here
    differences = (
        [
            name
            for name in (*refused, *(other for other in each if other not in refused))
            if refused.get(name) != each.get(name)
        ]
        for each in successes
    )
    nearest = min(differences, key=len)
    return nearest if all(name in refused for name in nearest) else []


def blamed(suspects: Sequence[str], told: frozenset[str], *, compared: bool) -> str:
    """Return the one suspect that is to blame, or the empty string.

    It is the only one that a comparison left, else the only one that the answer names, else the body that several are parts of.
    """
    if compared and len(suspects) == 1:
        return suspects[0]
    named = [each for each in suspects if each.rpartition("/")[2].lower() in told]
    inmost = [each for each in named if not any(other.startswith(f"{each}/") for other in named)]
    if len(inmost) == 1:
        return inmost[0]
    return accepted("body", "") if compared and suspects and all(each.startswith(_BODY) for each in suspects) else ""


def told_of(read: Read) -> frozenset[str]:
    """Return the words of every text in an answer, in lower case, among which a service names what it refused."""
    return frozenset(word.lower() for text in _texts(read.value) for word in _WORD.findall(text))


def _texts(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
