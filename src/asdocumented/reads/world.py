"""What is known, at a point of a trace, of the things that requests refer to and of the state an API is in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from asdocumented.contracts.model import Operation, Parameter
from asdocumented.traces import Arrangement, Facts, Trace


@dataclass(slots=True)
class World:
    """Follows a trace event by event. Ids are known to exist, known to be absent, or unknown."""

    facts: Facts
    existing: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    written: set[tuple[str, str, str]] = field(default_factory=set)
    removed: set[tuple[str, str, str]] = field(default_factory=set)  # of what existed
    arranged: dict[str, Arrangement] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    ended: set[tuple[str, str]] = field(default_factory=set)  # APIs and identities whose session was ended

    @classmethod
    def of(cls, trace: Trace) -> World:
        """Return the world before the first event of a trace."""
        world = cls(trace.facts)
        for api, pools in trace.facts.existing.items():
            for pool, ids in pools.items():
                world.existing[api, pool] = set(ids)
        return world

    def arrange(self, arrangement: Arrangement) -> None:
        """Take note of a state that was arranged outside the API."""
        self.arranged[arrangement.api] = arrangement
        for pool, ids in arrangement.resources.items():
            self.existing[arrangement.api, pool] = set(ids)
            self.written = {each for each in self.written if each[:2] != (arrangement.api, pool)}

    def knows(self, operation: Operation, parameter: Parameter, value: str) -> bool | None:
        """Tell whether a referenced id exists: True, False, or None when it should but the target alone can say.

        What was only written or deleted in this run, and what is named in another letter case, is for the behaviours to judge.
        """
        api, pool = operation.api, parameter.resource
        known = self.existing.get((api, pool), set())
        if value in known:
            return True
        item = (api, pool, value)
        if item in self.written or item in self.removed:
            return None
        if parameter.ignores_case and value.casefold() in {each.casefold() for each in known}:
            return None
        return False if value in self.facts.absent else None

    def has_written(self, operation: Operation, parameter: Parameter, value: str) -> bool:
        """Tell whether this run wrote what a parameter names, so that it is there but for a delay of the target."""
        return (operation.api, parameter.resource, value) in self.written

    def in_other_case(self, api: str, parameter: Parameter, value: str) -> bool:
        """Tell whether a value is that of something known, in another letter case alone."""
        known = self.existing.get((api, parameter.resource), set())
        return bool(value) and value not in known and value.casefold() in {each.casefold() for each in known}

    def succeed(self, operation: Operation, path: Iterable[tuple[Parameter, str]]) -> None:
        """Take note that an operation succeeded: what it created, removed, or may have moved on."""
        last = list(path)[-1:] if operation.method in ("PUT", "DELETE") else []
        for parameter, value in last:
            item = (operation.api, parameter.resource, value)
            if operation.method == "PUT":
                self.written.add(item)
                self.removed.discard(item)
            elif item in self.written or value in self.existing.get(item[:2], ()):
                self.existing.get(item[:2], set()).discard(value)
                self.written.discard(item)
                self.removed.add(item)
        if operation.state:
            self.arranged.pop(operation.api, None)

    def state(self, api: str, values: Iterable[str]) -> str:
        """Return the arranged state of an API for a request that refers to these ids, or the empty string."""
        arrangement = self.arranged.get(api)
        if arrangement is None:
            return ""
        bound = {each for ids in arrangement.resources.values() for each in ids}
        if bound and not bound & set(values):
            return ""
        return arrangement.state
