"""What the owner of a target lets a run change there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from asdocumented.contracts.model import Operation, Parameter

ALL = "*"
"""Among the ids of a pool: every one of them."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What a run may change of one API: pools of ids, as the target's file lists them.

    `resources` are what exists, `owned` those that may be changed and changed back, `irreversible` those that may be changed for
    good; an operation whose path names nothing stands among the pools under its own name. `operations` are the names of the
    operations that the target has, `sessions` the identities that the run itself logs in. `table` is the place in the file that
    grants more; it is empty for a target without a file.
    """

    resources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    owned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    irreversible: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    operations: frozenset[str] = frozenset()
    sessions: frozenset[str] = frozenset()
    table: str = ""

    def may_change(self, thing: Thing) -> bool:
        """Tell whether a thing may be changed, and changed back."""
        return thing.is_among(self.owned.get(thing.pool, ())) or self.may_spoil(thing)

    def may_spoil(self, thing: Thing) -> bool:
        """Tell whether a thing may be changed for good."""
        return thing.is_among(self.irreversible.get(thing.pool, ()))


@dataclass(frozen=True, slots=True)
class Thing:
    """What a request is about: the last thing that its path names, or (without any) the operation itself."""

    pool: str
    value: str
    ignores_case: bool = False

    def is_among(self, ids: tuple[str, ...]) -> bool:
        """Tell whether some ids hold the thing's, in any letter case where that is the same id."""
        if ALL in ids or self.value in ids:
            return True
        return self.ignores_case and self.value.casefold() in {each.casefold() for each in ids}


def last_named(operation: Operation) -> Parameter | None:
    """Return the last parameter of a path that names a resource: what a request of the operation is about."""
    named = [each for each in operation.parameters if each.location == "path" and each.resource]
    return max(named, key=lambda each: operation.path.find("{" + each.name + "}"), default=None)
