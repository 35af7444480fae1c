"""How a target is to be treated: how connections are made, how fast requests go out, how much may come back, how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from asdocumented.targets.description import Budget, Limits, Pace
from asdocumented.transport.routes import Route


@dataclass(frozen=True, slots=True)
class Manners:
    """What a target's description says for every request; `routes` are by API."""

    pace: Pace = field(default_factory=Pace)
    limits: Limits = field(default_factory=Limits)
    budget: Budget = field(default_factory=Budget)
    routes: Mapping[str, Route] = field(default_factory=dict)


class Clock(Protocol):
    """A clock that can be waited for; a target has one."""

    def now(self) -> float:
        """Return the time in seconds."""

    async def wait(self, seconds: float) -> None:
        """Let so many seconds pass."""
