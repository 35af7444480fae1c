"""Collect the marks of one judgement: by requirement, with the blockers and flaws of each exchange."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from asdocumented.reads.marks import Mark, Observation, Outcome, Seen, blocked
from asdocumented.reads.resending import Doubt
from asdocumented.requirement import Requirement, Stage


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judge says about a trace. Marks are in the order in which they were made."""

    marks: tuple[Mark, ...]
    seen: tuple[Seen, ...]
    observations: tuple[Observation, ...]


@dataclass(slots=True)
class Ledger:
    """Marks as they are made. A mark for a requirement that is not derived is dropped: there is nothing it could speak to."""

    requirements: Mapping[str, Requirement]
    marks: list[Mark] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    blockers: dict[int, str] = field(default_factory=dict)
    flaws: dict[int, tuple[str, ...]] = field(default_factory=dict)
    doubts: Mapping[int, Doubt] = field(default_factory=dict)

    def add(self, marks: Iterable[Mark | Seen | Observation]) -> None:
        """Take marks, seen readings and observations."""
        for each in marks:
            if isinstance(each, Seen):
                self.seen.append(each)
            elif isinstance(each, Observation):
                self.observations.append(each)
            elif each.requirement in self.requirements:
                self._take(self._doubted(each))

    def _doubted(self, mark: Mark) -> Mark:
        """Return a mark as it is, or what is left of it where the answer that it rests on is in doubt."""
        doubt = self.doubts.get(mark.exchanges[0]) if mark.exchanges else None
        if doubt is None or not (
            mark.outcome is Outcome.MET or (doubt.about_findings and mark.outcome is Outcome.FINDING)
        ):
            return mark
        return blocked(mark.requirement, *mark.exchanges, reason=f"environment: {doubt.reason}")

    def _take(self, mark: Mark) -> None:
        self.marks.append(mark)
        if mark.outcome is not Outcome.FINDING or not mark.exchanges:
            return
        stage, exchange = self.requirements[mark.requirement].stage, mark.exchanges[0]
        if stage <= Stage.PARSE:
            self.blockers.setdefault(exchange, mark.requirement)
        elif stage is Stage.SCHEMA:
            self.flaws[exchange] = (*self.flaws.get(exchange, ()), mark.requirement)

    def judgement(self, wanted: Container[str]) -> Judgement:
        """Return what was collected, without the marks on requirements that nobody asked for."""
        marks = tuple(mark for mark in self.marks if mark.requirement in wanted)
        return Judgement(marks, tuple(self.seen), tuple(self.observations))
