"""What the judge says about one requirement on the ground of one exchange or of several."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

CHANGED = "environment: the target changed while"
"""How a reason begins when somebody else changed what was looked at."""


class Outcome(StrEnum):
    """What a mark says: the requirement was met, was broken, could not be judged here, or our own check broke."""

    MET = "met"
    FINDING = "finding"
    BLOCKED = "blocked"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: what was expected, what came, and where (`status`, `header NAME`, a JSON path)."""

    expected: str
    got: str
    where: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One statement of the judge about one requirement.

    `exchanges` are the ids that bore on it, the decisive one first. A blocked mark says why; `blocker` is the id of the
    requirement whose finding blocks it, where there is one. `reading` is set on a finding that holds only in profiles that
    do not accept that reading of the register.
    """

    requirement: str
    outcome: Outcome
    exchanges: tuple[int, ...] = ()
    finding: Finding | None = None
    reason: str = ""
    blocker: str = ""
    reading: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A reading of the register that an exchange follows. `operation` is the id `<api>/<operation>`."""

    operation: str
    ambiguity: str
    reading: str
    exchange: int


@dataclass(frozen=True, slots=True)
class Observation:
    """Something worth telling that breaks no requirement, such as a response field that no definition has."""

    operation: str
    text: str
    exchange: int


def met(requirement: str, *exchanges: int) -> Mark:
    """Say that the requirement was met."""
    return Mark(requirement, Outcome.MET, exchanges)


def broken(
    requirement: str, *exchanges: int, expected: str, got: str, where: str, reading: tuple[str, str] | None = None
) -> Mark:
    """Say that the requirement was broken."""
    return Mark(requirement, Outcome.FINDING, exchanges, Finding(expected, got, where), reading=reading)


def without_luck(marks: Iterable[Mark | Seen]) -> list[Mark | Seen]:
    """Return marks without those that say that a requirement was met where another says that the target changed meanwhile.

    What is seen once and not again says nothing for a target either.
    """
    marks = list(marks)
    changed = {each.requirement for each in marks if isinstance(each, Mark) and each.reason.startswith(CHANGED)}
    return [
        each
        for each in marks
        if not (isinstance(each, Mark) and each.outcome is Outcome.MET and each.requirement in changed)
    ]


def crashed(requirement: str, reason: str) -> Mark:
    """Say that a check of ours broke, so that nothing is known about the requirement."""
    return Mark(requirement, Outcome.ERROR, reason=reason)


def blocked(requirement: str, *exchanges: int, reason: str = "", blocker: str = "") -> Mark:
    """Say that the requirement could not be judged here, and why."""
    return Mark(requirement, Outcome.BLOCKED, exchanges, reason=reason or f"blocked by {blocker}", blocker=blocker)
