"""Find what a target's description does not name although its operations ask for it, and what that leaves unjudged.

Nothing here is a list: a pool is missing when the plan of a run has gaps without it that it has not with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from asdocumented.contracts.model import Api, Catalogue, Operation
from asdocumented.planning.building import Aim, build
from asdocumented.plans import Plan, Scenario
from asdocumented.requirements import derive
from asdocumented.targets.remote import RemoteTarget

__all__ = ["Lack", "Needs"]

_MADE_UP = {"anonymous", "malformed"}  # identities that need no credential
_ENOUGH = 6  # ids of a pool, for every combination that a plan may need


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a description does not name for an API, and the requirements that stay unjudged for it.

    `kind` is `pool`, `identity`, `state`, or `reason` for anything else, whose `name` is then a sentence.
    """

    api: str
    kind: str
    name: str
    unjudged: tuple[str, ...]


class Needs:
    """What the operations of one target ask for, as far as its description allows a run to reach."""

    def __init__(self, catalogue: Catalogue, target: RemoteTarget) -> None:
        self._catalogue = catalogue
        self._target = target
        self._requirements = {
            key: each
            for key, each in derive(catalogue).items()
            if f"{each.api}/{each.operation}" in target.operations
            and not any(fnmatchcase(key, glob) for glob in target.unsupported)
        }

    def pools(self, api: str) -> list[str]:
        """Return the pools that the operations of an API draw from, but for secrets, which are made up."""
        found: set[str] = set()
        for operation in self._operations(self._catalogue.apis[api]):
            found |= {each.resource for each in operation.parameters if each.resource}
            found |= set(operation.body.draws.values()) if operation.body else set()
        return sorted(found - {"secret"})

    def lacking(self) -> Iterator[Lack]:
        """Yield what is missing: pools, then identities and states, then what else keeps a plan from something."""
        missing = {
            api: [pool for pool in self.pools(api) if not self._target.pools[api].get(pool)]
            for api in self._target.description.apis
        }
        whole = self._plan(missing)
        known = _unserved(whole)
        for api, pools in missing.items():
            for pool in pools:
                without = _unserved(self._plan({**missing, api: [each for each in pools if each != pool]})) - known
                if without:
                    yield Lack(api, "pool", pool, tuple(sorted(without)))
        for api in missing:
            own = [each for each in whole.scenarios if each.api == api]
            yield from self._identities(api, own)
            yield from self._states(api, own)
        yield from _reasons(whole)

    def _operations(self, api: Api) -> list[Operation]:
        return [each for each in api.operations.values() if each.id in self._target.operations]

    def _plan(self, filled: Mapping[str, Iterable[str]]) -> Plan:
        """Return the plan of a run on the target, if it named these pools too."""
        pools = {
            api: {**self._target.pools[api], **{pool: _some(self._catalogue.apis[api], pool) for pool in own}}
            for api, own in filled.items()
        }
        aim = Aim(
            pools,
            self._target.operations,
            self._target.description.allow,
            keeps_changes=True,
            intrusive=self._target.takes_intrusive,
            states=self._target.states,
            arranging=self._target.arranging,
            expendable=self._target.expendable,
            rights=self._target.rights,
        )
        plan = build(self._catalogue, self._requirements, aim)
        asked = (
            replace(gap, serves=tuple(each for each in gap.serves if each in self._requirements)) for gap in plan.gaps
        )
        return replace(plan, gaps=tuple(asked))

    def _identities(self, api: str, scenarios: list[Scenario]) -> Iterator[Lack]:
        """Yield the identities without a credential, with what only they can show."""
        given = {*self._target.description.apis[api].credentials, *_MADE_UP}
        by: dict[str, set[str]] = defaultdict(set)
        for scenario in scenarios:
            for who in {step.call.identity for step in scenario.steps} - given:
                by[who] |= set(scenario.serves)
        others = {one for each in scenarios if _is_by(each, given) and not self._is_plain(each) for one in each.serves}
        for who, served in sorted(by.items()):
            if served - others:
                yield Lack(api, "identity", who, tuple(sorted(served - others)))

    def _is_plain(self, scenario: Scenario) -> bool:
        """Tell whether a scenario is a valid request, which names all requirements of its operation."""
        operation = scenario.steps[-1].call.operation
        own = (
            each
            for each in self._requirements.values()
            if (each.api, each.operation) == (operation.api, operation.name)
        )
        return len(scenario.serves) == sum(1 for _ in own)

    def _states(self, api: str, scenarios: list[Scenario]) -> Iterator[Lack]:
        """Yield the states that are neither given nor arranged, with what can be shown in them alone."""
        given = self._target.description.apis[api].states
        by: dict[str, set[str]] = defaultdict(set)
        for scenario in scenarios:
            if scenario.state and scenario.state not in given:
                by[scenario.state] |= set(scenario.serves if scenario.must_arrange else ())
        yield from (Lack(api, "state", state, tuple(sorted(served))) for state, served in sorted(by.items()))


def _is_by(scenario: Scenario, identities: set[str]) -> bool:
    return all(step.call.identity in identities for step in scenario.steps)


def _unserved(plan: Plan) -> set[str]:
    """Return what a plan cannot serve, but for what it may not."""
    return {each for gap in plan.gaps if not gap.skipped for each in gap.serves}


def _reasons(plan: Plan) -> Iterator[Lack]:
    """Yield why a plan leaves something out, by API and reason."""
    by: dict[tuple[str, str], set[str]] = defaultdict(set)
    for gap in plan.gaps:
        for each in gap.serves:
            by[each.partition("/")[0], gap.reason] |= {each}
    yield from (Lack(api, "reason", reason, tuple(sorted(served))) for (api, reason), served in sorted(by.items()))


def _some(api: Api, pool: str) -> tuple[str, ...]:
    """Return ids that a pool may have: those of the contract, and more like them."""
    known = api.resources[pool]
    more = (known.fresh.replace("{uuid}", f"abcdef00-0000-4000-8000-{number:012}") for number in range(_ENOUGH))
    return (*known.values, *more)[:_ENOUGH]
