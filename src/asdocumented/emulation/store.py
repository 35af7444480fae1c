"""What the emulator knows of one API: what exists, what is going on, and who has a session. It belongs to one instance."""

from __future__ import annotations

import copy
import random
import uuid
from dataclasses import dataclass, field
from typing import Any

from asdocumented.contracts.model import Api
from asdocumented.emulation.clocks import Clock

FOR_EVER = float("inf")


@dataclass(slots=True)
class Store:
    """The state of one API.

    `resources` are the ids that exist, by pool; `items` are stored things by pool and id; `running` says until when an
    operation on a path is going on; `facts` is for the handlers.
    """

    api: Api
    clock: Clock
    random: random.Random
    resources: dict[str, list[str]] = field(default_factory=dict)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    running: dict[str, tuple[float, float]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    continuations: dict[str, int] = field(default_factory=dict)

    def reset(self) -> None:
        """Go back to what the contract says exists at the start; sessions stay."""
        self.resources = {name: list(resource.values) for name, resource in self.api.resources.items()}
        self.items = {}
        self.running = {}
        self.facts = {}
        self.continuations = {}

    def collection(self, pool: str) -> dict[str, Any]:
        """Return the stored items of a pool, by id."""
        return self.items.setdefault(pool, {})

    def new_id(self) -> str:
        """Return a new random UUID, the same ones in the same order for the same seed."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def exists(self, pool: str, value: str, *, ignoring_case: bool) -> bool:
        """Tell whether an id of a pool exists."""
        known = [*self.resources.get(pool, ()), *self.items.get(pool, {})]
        return value in known or (ignoring_case and value.casefold() in {each.casefold() for each in known})

    def snapshot(self) -> dict[str, dict[str, Any]]:
        """Return a copy of the stored items."""
        return copy.deepcopy(self.items)
