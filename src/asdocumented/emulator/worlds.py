"""What exists in one emulated API: pools of things by id, each with what is stored of it, and the sessions it handed out."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from asdocumented.contracts.model import JSON, Api

Pool = dict[str, dict[str, JSON]]


@dataclass(slots=True)
class World:
    """The state of one API. An empty `{}` is stored of things of which only the existence is known."""

    pools: dict[str, Pool]
    sessions: dict[str, str] = field(default_factory=dict, repr=False)  # session id -> identity

    @classmethod
    def initial(cls, api: Api) -> World:
        """Return the world that the contract describes: the values of each resource, and nothing else."""
        return cls({name: {value: {} for value in resource.values} for name, resource in api.resources.items()})

    def copy(self) -> World:
        """Return a world that changes independently of this one."""
        return World(copy.deepcopy(self.pools), dict(self.sessions))

    def find(self, pool: str, identifier: str, *, ignores_case: bool = False) -> str | None:
        """Return the id under which something exists, or None."""
        things = self.pools.get(pool, {})
        if identifier in things:
            return identifier
        if ignores_case:
            wanted = identifier.casefold()
            return next((each for each in things if each.casefold() == wanted), None)
        return None

    def ids(self) -> Mapping[str, tuple[str, ...]]:
        """Return the ids that exist now, by pool."""
        return {name: tuple(things) for name, things in self.pools.items()}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a function that arranges a state works on: a fresh world, its own source of randomness, and the time."""

    world: World
    random: Random
    now: float


def new_uuid(random: Random) -> str:
    """Return a version 4 UUID from a seeded source."""
    return str(uuid.UUID(int=random.getrandbits(128), version=4))
