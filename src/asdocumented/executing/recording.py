"""What came of a plan, in the order of a run that sends one request after the other.

Scenarios may run side by side. What each of them saw is written down together, in the order of the plan, so that whoever reads
it, the judge above all, needs to know nothing of that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from asdocumented.plans import Gap, Scenario
from asdocumented.traces import Arrangement, Exchange, Facts, Trace

Event = Exchange | Arrangement


@dataclass(slots=True)
class Execution:
    """What came of a plan: the trace, and the requirements that could not be served after all."""

    facts: Facts
    events: list[Event] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    interrupted: str = ""
    leftovers: list[str] = field(default_factory=list)  # what could not be taken back, in sentences

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


@dataclass(slots=True)
class Recorder:
    """Writes events down and numbers the exchanges from 1. `record` is told of each event, `progress` of each scenario's end."""

    execution: Execution
    record: Callable[[Event], None]
    progress: Callable[[Scenario], None]
    _count: int = 0

    def write(self, part: Part) -> None:
        """Write down what a scenario saw since the last time."""
        for event in part.events:
            if isinstance(event, Exchange):
                self._count += 1
                event = replace(event, id=self._count)  # noqa: PLW2901 - the same exchange, with its number
            self.execution.events.append(event)
            self.record(event)
        self.execution.gaps += part.gaps
        part.events.clear()
        part.gaps.clear()

    def end(self, part: Part) -> None:
        """Write down the rest of what a scenario saw, and say that it is over where it is."""
        self.write(part)
        if part.done:
            self.progress(part.scenario)
