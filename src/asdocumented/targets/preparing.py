"""Put together what arranging a state takes: calls of the contract's operations on resources that the target names."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from asdocumented.changes.rights import ALL, last_named
from asdocumented.contracts.model import Api, Operation, Tier
from asdocumented.planning.context import Context
from asdocumented.plans import Call, Step, UnplannableError
from asdocumented.reads.classify import creates
from asdocumented.targets.description import ApiDescription, ByOperations, StateDescription, Way
from asdocumented.targets.model import Pools
from asdocumented.targets.sights import Sight, sight_of

__all__ = ["Preparation", "prepare"]


@dataclass(frozen=True, slots=True)
class Preparation:
    """Everything about one state of one API that is known before the first request.

    `bound` are the resources for which it holds, `made` the new ids under which steps create something; `lacking` says what the
    target would have to name, where it cannot be arranged.
    """

    bound: Pools = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    clean_up: tuple[Step, ...] = ()
    look: Step | None = None
    sight: Sight | None = None
    tier: Tier = Tier.PROBE
    lacking: str = ""
    made: frozenset[str] = frozenset()


def prepare(api: Api, described: ApiDescription, state: str, scope: frozenset[str], salt: str = "") -> Preparation:
    """Return what it takes to arrange a state that an API's description names, in the scope of a target's operations.

    `salt` makes the ids of what is created the run's own.
    """
    said = described.states[state]
    sight = sight_of(api, state)
    tier = max((_tier(api, way) for way in (said.arrange, said.clean_up)), key=lambda each: each.rank)
    if said.arrange is None:
        return Preparation(said.resources)
    maker = _Maker(_context(api, described, said, state, scope, salt), state)
    try:
        steps = tuple(maker.steps(said.arrange, f"arranges the state {state}"))
        clean_up = tuple(maker.steps(said.clean_up, f"takes back the state {state}"))
        if sight is not None and sight.operation.name not in scope:
            missing = f"only {sight.operation.name} shows whether it holds, and the target does not have that operation"
            told = not isinstance(said.arrange, ByOperations)  # who arranges it otherwise says that it holds
            return Preparation(
                {**maker.bound, **said.resources},
                steps,
                clean_up,
                tier=tier,
                lacking="" if told else missing,
                made=maker.made,
            )
        look = maker.look(sight) if sight is not None else None
    except UnplannableError as reason:
        return Preparation(said.resources, tier=tier, lacking=str(reason))
    return Preparation({**maker.bound, **said.resources}, steps, clean_up, look, sight, tier, made=maker.made)


def _tier(api: Api, way: Way | None) -> Tier:
    """Return how far a way reaches; nobody knows what a command or a call of the user's does, but that it changes something."""
    if way is None:
        return Tier.PROBE
    if not isinstance(way, ByOperations):
        return Tier.WRITE
    return max((api.operations[name].tier for name in way.names), key=lambda each: each.rank)


def _context(
    api: Api, described: ApiDescription, said: StateDescription, state: str, scope: frozenset[str], salt: str
) -> Context:
    """Return a context that takes what the state names, else what a run may change, else what exists."""
    owned = {pool: tuple(each for each in ids if each != ALL) for pool, ids in described.owned.items()}
    pools = {**described.resources, **{pool: ids for pool, ids in owned.items() if ids}}
    draw = random.Random(f"{api.name}/states/{state}")
    return Context(api, pools, scope, draw, keeps_changes=True, states={state: said.resources}, salt=salt)


@dataclass(slots=True)
class _Maker:
    """Makes the steps of one state, all about the same things: what one step creates, the later ones refer to."""

    context: Context
    state: str
    bound: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _made: dict[str, list[str]] = field(default_factory=dict)  # pool -> ids that were created, the newest last
    _created: frozenset[str] = frozenset()

    def steps(self, way: Way | None, purpose: str) -> Iterator[Step]:
        """Yield the steps of a way by operations; any other has none."""
        for name in way.names if isinstance(way, ByOperations) else ():
            operation = self.context.sibling(name)
            call = self._call(operation)
            if operation.tier.rank > Tier.READ.rank:
                self._bind(operation, call)
            yield self.context.step(call, purpose, again=True)

    def look(self, sight: Sight) -> Step:
        """Return the step that shows whether the state holds."""
        return self.context.step(
            self._call(sight.operation), f"a look whether the state {self.state} holds", again=True
        )

    @property
    def made(self) -> frozenset[str]:
        """Return the ids under which steps create something, that were made up for it."""
        return self._created & frozenset(self.context.absent)

    def _call(self, operation: Operation) -> Call:
        own = [each for each in operation.parameters if each.location == "path" and self._made.get(each.resource)]
        fixed = {each.name: self._made[each.resource][-1] for each in own if not creates(operation, each)}
        if (
            operation.method == "DELETE"
            and (last := last_named(operation)) is not None
            and self._made.get(last.resource)
        ):
            self._made[last.resource].pop()
        return self.context.valid(operation, state=self.state, **fixed)

    def _bind(self, operation: Operation, call: Call) -> None:
        parameter = last_named(operation)
        if parameter is None or operation.method == "DELETE":
            return
        value = call.arguments["path", parameter.name]
        self.bound[parameter.resource] = _with(self.bound.get(parameter.resource, ()), value)
        if creates(operation, parameter):
            self._made.setdefault(parameter.resource, []).append(value)
            self._created |= {value}


def _with(ids: Sequence[str], value: str) -> tuple[str, ...]:
    return (*ids, value) if value not in ids else tuple(ids)
