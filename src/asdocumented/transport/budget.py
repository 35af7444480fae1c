"""How much a run may take of a target."""

from __future__ import annotations

from asdocumented.errors import AsdocError
from asdocumented.targets.description import Budget
from asdocumented.transport.manners import Clock


class BudgetError(AsdocError):
    """The run has taken all that it may; the text says of what."""

    exit_code = 4

    def __init__(self, message: str) -> None:
        super().__init__(
            "budget-used-up", message, remedy="Raise it in the targets file, or look at fewer requirements at a time."
        )


class Purse:
    """Counts what a run has taken. A repetition counts like any request, and so does a login: the target had to answer it."""

    def __init__(self, budget: Budget, clock: Clock) -> None:
        self._budget = budget
        self._clock = clock
        self._begun = clock.now()
        self._requests = 0

    @property
    def left(self) -> float | None:
        """Return the seconds that are left; None where there is no limit."""
        minutes = self._budget.minutes
        return self._begun + minutes * 60 - self._clock.now() if minutes else None

    def owe(self) -> None:
        """Take one request that has to be sent whatever is left: it takes a change back, or ends a session."""
        self._requests += 1

    def spend(self) -> None:
        """Take one request; raises BudgetError when there is none left, or no time."""
        most, minutes = self._budget.requests, self._budget.minutes
        if most and self._requests >= most:
            raise BudgetError(f"The budget of {most} requests is used up.")
        if minutes and self._clock.now() - self._begun >= minutes * 60:
            raise BudgetError(f"The budget of {minutes:g} minutes is used up.")
        self._requests += 1
