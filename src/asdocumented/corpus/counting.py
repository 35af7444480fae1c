"""Count which exchanges of a run came of which stored case, and tell why the others were not sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asdocumented.contracts.model import Tier
from asdocumented.corpus.cases import Case
from asdocumented.corpus.machines import Walk
from asdocumented.corpus.replaying import Replay
from asdocumented.plans import Scenario
from asdocumented.traces import Exchange

if TYPE_CHECKING:
    from asdocumented.executing import Execution


@dataclass(frozen=True, slots=True)
class Replayed:
    """A stored case, the numbers of the exchanges that came of it, and which of them is the case's own request."""

    case: Case | Walk
    exchanges: tuple[int, ...]
    own: int = 0


@dataclass(slots=True)
class Count:
    """Takes note of which exchanges came of which stored case, as one scenario after the other is done."""

    cases: Mapping[str, Case | Walk]
    execution: Execution
    tell: Callable[[Scenario], None]
    replayed: list[Replayed] = field(default_factory=list)
    seen: int = 0

    def advanced(self, scenario: Scenario) -> None:
        """Count the events since the scenario before."""
        new = self.execution.events[self.seen :]
        self.seen = len(self.execution.events)
        if scenario.id in self.cases:
            numbers = tuple(event.id for event in new if isinstance(event, Exchange) and not event.again)
            case = self.cases[scenario.id]
            steps = [step.call.operation.id for step in scenario.steps]
            own = steps.index(case.operation) if case.operation in steps else len(steps)
            self.replayed.append(Replayed(case, numbers, numbers[own] if own < len(numbers) else 0))
        self.tell(scenario)


def left_out(replay: Replay, count: Count, reach: Tier) -> dict[str, str]:
    """Return why each stored case of a replay that was not sent was not, by id."""
    done = {each.case.id for each in count.replayed}
    reason = (
        f"it needs more than the tier '{reach}' or than the targets file lets a run change, repeats what the plan sends anyway,"
        " or the run ended early"
    )
    known = (case for operation in replay.operations for case in replay.corpora.all_of(operation))
    return {case.id: replay.left_out.get(case.id, reason) for case in known if case.id not in done}
