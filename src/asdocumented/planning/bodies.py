"""Draw the bodies of requests for one API: each field from its pool of the target, no combination twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.model import JSON, Api, Operation
from asdocumented.plans import UnplannableError

NOBODY = "nobody-of-asdocumented"
"""The account whose password may be wrong, since nobody has it."""
SECRET = "secret"  # noqa: S105 - the pool whose values are made up


@dataclass(slots=True)
class Bodies:
    """The bodies of an API's requests on a target, and what was drawn before.

    `pools` are ids by kind of resource, `expendable` those that may be changed for good. `secret` makes up a value for the
    field that a pointer names, `uuid` one that names nothing.
    """

    api: Api
    pools: Mapping[str, tuple[str, ...]]
    expendable: Mapping[str, tuple[str, ...]]
    keeps_changes: bool
    secret: Callable[[str], str]
    uuid: Callable[[], str]
    _drawn: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)

    def draw(self, operation: Operation, *, full: bool = False) -> JSON:
        """Return a valid body: required fields (all with `full`), each from its pool, in a combination not drawn before.

        Raises UnplannableError when a pool is empty or all combinations are used up.
        """
        contract = operation.body
        if contract is None:
            return None
        combination = {} if not contract.draws else self._combination(operation)
        return self._fill(contract.schema, "", combination, full=full)

    def _combination(self, operation: Operation, unlike: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the next combination of the pools that has none of the `unlike` values."""
        draws = operation.body.draws if operation.body else {}
        pools = [self._drawable(draws, pointer) for pointer in draws]
        taken = self._drawn.setdefault(operation.name, set())
        for values in itertools.product(*pools):
            named = dict(zip(draws, values, strict=True))
            if values not in taken and not any(named[key] == value for key, value in (unlike or {}).items()):
                taken.add(values)
                return named
        raise UnplannableError("the target's pools hold no further combination of " + ", ".join(draws.values()))

    def _drawable(self, draws: Mapping[str, str], pointer: str) -> tuple[str, ...]:
        """Return the values for a field of a body: those of its pool, but for accounts that may not be locked nobody's."""
        if self.is_account(draws, pointer):
            return self.accounts(draws[pointer])
        return self._pool(pointer, draws[pointer])

    def is_account(self, draws: Mapping[str, str], pointer: str) -> bool:
        """Tell whether a field of a body names whose secret stands beside it."""
        beside = (each for each, pool in draws.items() if pool == SECRET)
        return draws.get(pointer, SECRET) != SECRET and pointer.rpartition("/")[0] in {
            each.rpartition("/")[0] for each in beside
        }

    def accounts(self, pool: str) -> tuple[str, ...]:
        """Return the accounts that a made-up secret may be sent for.

        On a real target a few wrong passwords lock an account: only those that may be changed for good are taken, else one that
        nobody has.
        """
        known = self._pool("", pool)
        if not self.keeps_changes:
            return known
        given = self.expendable.get(pool, ())
        return tuple(each for each in known if each in given or "*" in given) or (f"{NOBODY}-{self.uuid()}",)

    def _pool(self, pointer: str, pool: str) -> tuple[str, ...]:
        if pool == SECRET:
            return (self.secret(pointer),)
        known = self.pools.get(pool)
        if not known:
            raise UnplannableError(f"the target names no {pool} (resources.{pool})")
        return known

    def _fill(self, schema: JSON, pointer: str, values: Mapping[str, str], *, full: bool) -> JSON:
        name = referenced(schema)
        schema = self.api.definitions[name] if name else schema
        if pointer in values:
            return values[pointer]
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return schema["enum"][0]
        if schema.get("type") == "object" or "properties" in schema:
            required = schema.get("required", ())
            return {
                field_name: self._fill(inner, f"{pointer}/{field_name}", values, full=full)
                for field_name, inner in schema.get("properties", {}).items()
                if full or field_name in required
            }
        examples: Mapping[str, JSON] = {"integer": 1, "number": 1, "boolean": True, "array": [], "string": "example"}
        return examples.get(schema.get("type", "string"))

    def other(self, operation: Operation, taken: Mapping[str, str]) -> JSON:
        """Return a valid body that differs from another in every field that is drawn from a pool of two or more."""
        contract = operation.body
        if contract is None:
            return None
        unlike = {
            pointer: taken[pointer.removeprefix("/")]
            for pointer, pool in contract.draws.items()
            if pointer.removeprefix("/") in taken and len(self.pools.get(pool, ())) > 1
        }
        return self._fill(contract.schema, "", self._combination(operation, unlike), full=False)

    def changing(self, operation: Operation, name: str) -> tuple[JSON, JSON]:
        """Return two valid bodies that differ in one field alone.

        Raises UnplannableError when the pools hold no two such bodies that were not drawn before.
        """
        draws = operation.body.draws if operation.body else {}
        pools = [self._drawable(draws, pointer) for pointer in draws]
        place = list(draws).index(f"/{name}") if f"/{name}" in draws else -1
        for values in itertools.product(*pools):
            for other in pools[place] if place >= 0 else ():
                changed = (*values[:place], other, *values[place + 1 :])
                if other != values[place] and not {values, changed} & self._drawn.setdefault(operation.name, set()):
                    return self._drawn_body(operation, draws, values), self._drawn_body(operation, draws, changed)
        raise UnplannableError(f"the target's pools hold no two bodies that differ in {name} alone")

    def _drawn_body(self, operation: Operation, draws: Mapping[str, str], values: tuple[str, ...]) -> JSON:
        self._drawn.setdefault(operation.name, set()).add(values)
        schema = operation.body.schema if operation.body else {}
        return self._fill(schema, "", dict(zip(draws, values, strict=True)), full=False)
