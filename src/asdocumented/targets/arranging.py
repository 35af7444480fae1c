"""Bring the APIs of a target into states, as its description says, and take that back.

A state is given, or arranged by operations of the same contract (whose requests are recorded and judged like any other), by a
command, or by an HTTP call. What is arranged is taken back before the next state of the same API, and at the end.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from asdocumented.changes.fence import fenced
from asdocumented.changes.rights import Rights
from asdocumented.contracts.model import Catalogue, Tier
from asdocumented.errors import AsdocError, HarnessError
from asdocumented.planning.context import new_salt
from asdocumented.plans import Step
from asdocumented.targets.description import ByOperations, Description, StateDescription, Way
from asdocumented.targets.model import Ledger, Patience, Pools, Send, UnavailableError
from asdocumented.targets.outside import Outside
from asdocumented.targets.preparing import Preparation, prepare
from asdocumented.targets.sights import Sight
from asdocumented.traces import Arrangement, Exchange

__all__ = ["Arranger"]


@dataclass(slots=True)
class Arranger:
    """Arranges what the states of a description need. `wait` and `now` are the clock of the target."""

    catalogue: Catalogue
    description: Description
    operations: frozenset[str]
    outside: Outside
    wait: Callable[[float], Awaitable[None]]
    now: Callable[[], float]
    salt: str = field(default_factory=new_salt)  # what is created has ids of its own in each run
    ledger: Ledger | None = None
    rights: Mapping[str, Rights] = field(default_factory=dict)  # API -> what may be changed; without, everything
    _prepared: dict[tuple[str, str], Preparation] = field(default_factory=dict)
    _leftovers: dict[str, list[str]] = field(default_factory=dict)  # API -> what could not be taken back, in sentences
    _pending: dict[str, str] = field(default_factory=dict)  # API -> the state that has to be taken back
    _failed: dict[tuple[str, str], str] = field(default_factory=dict)  # why a state cannot be had, once that is known

    def prepared(self, api: str, state: str) -> Preparation:
        """Return what arranging a state of the description takes: its steps and those that take it back, before any is sent."""
        key = (api, state)
        if key not in self._prepared:
            known = self.catalogue.apis[api]
            scope = frozenset(name for name in known.operations if f"{api}/{name}" in self.operations)
            self._prepared[key] = prepare(known, self.description.apis[api], state, scope, self.salt)
        return self._prepared[key]

    def forbidden(self, api: str, state: str) -> str:
        """Return why a state is not arranged: the description does not allow a step, or one that takes the state back."""
        prepared, rights = self.prepared(api, state), self.rights.get(api)
        if rights is None:
            return ""
        reasons = (
            f"{each.call.operation.name} {why}"
            for each in (*prepared.steps, *prepared.clean_up)
            if (why := fenced(each, rights, frozenset()))
        )
        return next(reasons, "")

    def tiers(self, api: str) -> dict[str, Tier]:
        """Return, for each state of an API that is not just given, how far arranging it reaches."""
        states = self.description.apis[api].states
        return {state: self.prepared(api, state).tier for state, said in states.items() if said.arrange is not None}

    def bound(self, api: str) -> dict[str, Pools]:
        """Return the resources for which each state of an API holds."""
        return {state: self.prepared(api, state).bound for state in self.description.apis[api].states}

    @property
    def made_up(self) -> frozenset[str]:
        """Return the ids under which the steps of all states create something."""
        found = (self.prepared(api, state) for api, said in self.description.apis.items() for state in said.states)
        return frozenset(each for prepared in found for each in prepared.made)

    async def arrange(self, api: str, state: str, send: Send) -> Arrangement:
        """Bring an API into a state; raises UnavailableError with the reason when that cannot be done."""
        said = self.description.apis[api].states.get(state)
        if said is None:
            raise UnavailableError(f"the target's file says nothing of the state '{state}' (states.{state})")
        if (api, state) in self._failed:
            raise UnavailableError(self._failed[api, state])
        await self._take_back(api, send)
        if said.arrange is not None:
            try:
                await self._bring(api, state, said.arrange, send)
            except UnavailableError as error:
                self._failed[api, state] = f"the state '{state}' could not be arranged: {error}"
                await self._take_back(api, send)
                raise UnavailableError(self._failed[api, state]) from error
        return Arrangement(api, state, self.prepared(api, state).bound)

    async def clean_up(self, api: str, send: Send) -> list[str]:
        """Take back whatever is arranged of an API; return a sentence for each thing that could not be since the last time."""
        state = self._pending.get(api, "")
        try:
            await self._take_back(api, send)
        except HarnessError:
            raise
        except AsdocError as error:
            self._leave(api, state, error.message)
        return self._leftovers.pop(api, [])

    async def restore(self, api: str, state: str, send: Send) -> bool:
        """Take back a state that another run had arranged, and tell whether the description says how.

        Raises UnavailableError with the reason when that does not work.
        """
        said = self.description.apis[api].states.get(state)
        if said is None or said.clean_up is None:
            return False
        await self._go(api, state, said.clean_up, self.prepared(api, state).clean_up, send)
        return True

    async def _bring(self, api: str, state: str, way: Way, send: Send) -> None:
        prepared = self.prepared(api, state)
        if prepared.lacking:
            raise UnavailableError(prepared.lacking)
        if isinstance(way, ByOperations) and prepared.sight is not None and await self._look(prepared, send) == "":
            return  # nothing to do, and nothing to take back
        if forbidden := self.forbidden(api, state):
            raise UnavailableError(forbidden)
        if self.ledger is not None and not isinstance(way, ByOperations):  # what operations change, the guard keeps
            self.ledger.arranged(api, state)
        self._pending[api] = state
        await self._go(api, state, way, prepared.steps, send)
        if prepared.sight is not None:
            await self._wait_for(prepared, self.description.apis[api].patience, send)

    async def _go(self, api: str, state: str, way: Way, steps: tuple[Step, ...], send: Send) -> None:
        if not isinstance(way, ByOperations):
            names = {"TARGET": self.description.name, "API": api, "STATE": state}
            about = {f"ASDOC_{name}": value for name, value in names.items()}
            await self.outside.run(way, about, self.description.apis[api])
        for step in steps:
            exchange = await send(step)
            if exchange.response is None or not 200 <= exchange.response.status < 300:
                raise UnavailableError(f"{step.call.operation.name} {_answer(exchange)}")

    async def _wait_for(self, prepared: Preparation, patience: Patience, send: Send) -> None:
        """Look until the state shows, at the target's pace, twice at least; raises UnavailableError when it does not."""
        begun, most = self.now(), max(1, int(patience.deadline / patience.interval))
        seen = await self._look(prepared, send)
        for looks in range(most):
            if seen == "" or (looks and self.now() - begun >= patience.deadline):
                break
            await self.wait(patience.interval)
            seen = await self._look(prepared, send)
        if seen != "":
            raise UnavailableError(f"within {patience.deadline:g} s (deadline) {seen}")

    async def _look(self, prepared: Preparation, send: Send) -> str:
        """Return the empty string where a look shows the state, else what it shows."""
        if prepared.look is None or prepared.sight is None:
            return ""
        exchange = await send(prepared.look)
        return "" if prepared.sight.holds(exchange) else _told(prepared.sight, exchange)

    async def _take_back(self, api: str, send: Send) -> None:
        """Take back what is arranged; where a run ends over that, it stays to be taken back, since the rest may not be done."""
        state = self._pending.get(api, "")
        said: StateDescription | None = self.description.apis[api].states.get(state)
        if said is not None and said.clean_up is not None:
            try:
                await self._go(api, state, said.clean_up, self.prepared(api, state).clean_up, send)
            except UnavailableError as error:
                self._leave(api, state, str(error))
                self._pending.pop(api, None)
                return
        self._pending.pop(api, None)
        if self.ledger is not None and state:
            self.ledger.taken_back(api, state)

    def _leave(self, api: str, state: str, reason: str) -> None:
        self._leftovers.setdefault(api, []).append(f"{api}: the state '{state}' could not be cleaned up: {reason}")


def _answer(exchange: Exchange) -> str:
    if exchange.response is None:
        return f"got no answer ({exchange.failure})"
    return f"was answered {exchange.response.status}"


def _told(sight: Sight, exchange: Exchange) -> str:
    shown = sight.shown(exchange)
    name = sight.operation.name
    return (
        f"{name} {_answer(exchange)}"
        if shown is None
        else f"{name} showed {shown[:40]!r}"
        if shown
        else f"{name} showed no {sight.pointer}"
    )
