"""What came of a plan, in the order of a run that sends one request after the other.

Scenarios may run side by side. What each of them saw is written down together, in the order of the plan, so that whoever reads
it, the judge above all, needs to know nothing of that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from asdocumented.plans import Gap, Scenario
from asdocumented.traces import Arrangement, Exchange, Facts, Housekeeping, Leftover, Trace

Event = Exchange | Arrangement
Beside = Housekeeping | Leftover
"""What a record tells of beside the plan, and a judge never sees."""


@dataclass(slots=True)
class Execution:
    """What came of a plan: the trace, and the requirements that could not be served after all."""

    facts: Facts
    events: list[Event] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    interrupted: str = ""
    leftovers: list[str] = field(default_factory=list)  # what could not be taken back, in sentences
    housekeeping: list[Housekeeping] = field(default_factory=list)  # what was sent beside the plan, in order

    @property
    def trace(self) -> Trace:
        """Return what happened so far as a trace."""
        return Trace(tuple(self.events), self.facts)


@dataclass(slots=True)
class Part:
    """What one scenario saw so far, and whether it came to its end."""

    scenario: Scenario
    events: list[Event] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    done: bool = False
    number: int = 0  # in the order of the plan, from 1, where others go on beside it


@dataclass(slots=True)
class Recorder:
    """Writes events down and numbers the exchanges from 1. `record` is told of each event, `progress` of each scenario's end.

    `record` is told as soon as something has come, so that a kill loses nothing of it. Where scenarios run side by side each
    event says which one it is of, for whoever puts them in the order of the plan; the execution has them in that order.
    """

    execution: Execution
    record: Callable[[Event | Beside], None]
    progress: Callable[[Scenario], None]
    _count: int = 0
    _came: int = 0
    _parts: int = 0

    def begin(self, scenario: Scenario, *, alone: bool) -> Part:
        """Return what a scenario is to see; `alone` says that no other goes on beside it."""
        self._parts += not alone
        return Part(scenario, number=0 if alone else self._parts)

    def take(self, part: Part, event: Event) -> None:
        """Take note of what a scenario saw, and tell of it at once."""
        part.events.append(event)
        if isinstance(event, Exchange):
            self._came += 1
            self.record(replace(event, id=self._came, part=part.number))
        else:
            self.record(replace(event, part=part.number))

    def beside(self, event: Beside) -> None:
        """Take note of a request beside the plan, or of something that could not be put back."""
        if isinstance(event, Housekeeping):
            kept = self.execution.housekeeping
            event = replace(event, exchange=replace(event.exchange, id=len(kept) + 1))
            kept.append(event)
        self.record(event)

    def write(self, part: Part) -> None:
        """Write down what a scenario saw since the last time."""
        for event in part.events:
            if isinstance(event, Exchange):
                self._count += 1
                event = replace(event, id=self._count)  # noqa: PLW2901 - the same exchange, with its number
            self.execution.events.append(event)
        self.execution.gaps += part.gaps
        part.events.clear()
        part.gaps.clear()

    def end(self, part: Part) -> None:
        """Write down the rest of what a scenario saw, and say that it is over where it is."""
        self.write(part)
        if part.done:
            self.progress(part.scenario)
