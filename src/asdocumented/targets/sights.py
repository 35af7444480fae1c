"""How a contract tells that a state holds: a read operation that shows it, and what it shows then.

A state's name means what the contract makes of it: what an operation is refused in (`exclusive`), or what an operation needs
and another one, which takes it back, comes to its end in (`transition`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from asdocumented.contracts.model import Api, Operation
from asdocumented.reads.classify import at
from asdocumented.reads.machines import Machine
from asdocumented.reads.strict_json import parse
from asdocumented.traces import Exchange

__all__ = ["Sight", "sight_of"]


@dataclass(frozen=True, slots=True)
class Sight:
    """The operation that shows a state, where, and the values that it has then; with `others` every value but these."""

    operation: Operation
    pointer: str
    values: frozenset[str]
    others: bool = False
    absent: bool = False  # no value at all says that it holds

    def shown(self, exchange: Exchange) -> str | None:
        """Return what an answer shows: a value, the empty string for none, or None when it tells nothing."""
        response = exchange.response
        if response is None or not 200 <= response.status < 300:
            return None
        parsed = parse(response.body)
        if not parsed.usable:
            return None
        value = at(parsed.value, self.pointer)
        return value if isinstance(value, str) else ""

    def holds(self, exchange: Exchange) -> bool:
        """Tell whether an answer shows that the state holds."""
        shown = self.shown(exchange)
        if not shown:
            return shown is not None and self.absent
        return (shown in self.values) is not self.others


def sight_of(api: Api, state: str) -> Sight | None:
    """Return how a state of an API is seen, or None where the contract does not tell."""
    return next(chain(_busy(api, state), _moved(api, state)), None) if state else None


def _busy(api: Api, state: str) -> Iterator[Sight]:
    """Yield how it is seen that what an operation is refused in goes on, or has ended."""
    for operation in api.operations.values():
        for declaration in operation.behaviour("exclusive"):
            watch = declaration.parameters.get("watch")
            if watch is None or state not in (declaration.parameters["while"], operation.state):
                continue
            goes_on = state == declaration.parameters["while"]
            look = api.operations[watch["operation"]]
            yield Sight(look, watch["pointer"], frozenset(watch["ended"]), others=goes_on, absent=not goes_on)


def _moved(api: Api, state: str) -> Iterator[Sight]:
    """Yield where a command ends that another one, which needs the state, takes back."""
    for look in api.operations.values():
        for declaration in look.behaviour("transition"):
            machine = Machine.of(declaration)
            for name in machine.commands:
                taken_back = machine.commands.get(api.operations[name].undo)
                if taken_back is not None and api.operations[name].state == state:
                    yield Sight(look, machine.shows, taken_back.reaches)
