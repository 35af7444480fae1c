"""What a look at a target found, and what a plan keeps of it: what rests on something that is missing is not sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from asdocumented.planning.needing import named_in
from asdocumented.plans import Call, Gap, Plan, Scenario

__all__ = ["Check", "Kind", "State", "gaps_of", "sifted"]


class Kind(StrEnum):
    """What was looked at."""

    CONNECTION = "connection"
    CREDENTIAL = "credential"
    CLOCK = "clock"
    OPERATION = "operation"
    RESOURCE = "resource"


class State(StrEnum):
    """What was found. A doubt is told and keeps nothing from being sent."""

    GOOD = "ok"
    DOUBT = "doubt"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, by API: a base URL, an identity, a server's clock, an operation, an id of a pool."""

    kind: Kind
    api: str
    name: str
    state: State
    text: str
    remedy: str = ""
    pool: str = ""

    def stops(self, scenario: Scenario) -> bool:
        """Tell whether a scenario rests on what is missing."""
        if self.state is not State.MISSING or scenario.api != self.api:
            return False
        return self.kind is Kind.CONNECTION or any(self._concerns(call) for call in _calls(scenario))

    def _concerns(self, call: Call) -> bool:
        match self.kind:
            case Kind.CREDENTIAL:
                return call.identity == self.name
            case Kind.OPERATION:
                return call.operation.name == self.name
            case Kind.RESOURCE:
                return any(pool == self.pool and _same(value, self.name) for pool, value in named_in(call))
        return False


def _same(value: str, known: str) -> bool:
    """Tell whether a value is an id, also in the other letter case: whether that matters is what some requests show."""
    return value.casefold() == known.casefold()


def _calls(scenario: Scenario) -> Iterator[Call]:
    for step in scenario.steps:
        yield step.call
        yield from getattr(step.follow, "calls", ())


def sifted(plan: Plan, checks: Iterable[Check]) -> tuple[Plan, list[Gap]]:
    """Return a plan without the scenarios that rest on something missing, and what each of them would have served."""
    missing = [each for each in checks if each.state is State.MISSING]
    gaps: list[Gap] = []
    kept = tuple(_kept(plan.scenarios, missing, gaps))
    return replace(plan, scenarios=kept), gaps


def _kept(scenarios: Iterable[Scenario], missing: list[Check], gaps: list[Gap]) -> Iterator[Scenario]:
    """Yield what can be sent; of several that would go together those that can, one by one."""
    for scenario in scenarios:
        stopping = next((each for each in missing if each.stops(scenario)), None)
        if stopping is None:
            yield scenario
        elif scenario.apart:
            yield from _kept(scenario.apart, missing, gaps)
        elif scenario.serves:
            gaps.append(Gap(scenario.serves, f"environment: {stopping.text}"))


def gaps_of(checks: Iterable[Check], requirements: Iterable[str]) -> list[Gap]:
    """Return the requirements (ids) that cannot be judged, since an API cannot be reached or an operation is not there."""
    known = list(requirements)
    beginnings = {
        f"{each.api}/" if each.kind is Kind.CONNECTION else f"{each.api}/{each.name}/": each
        for each in checks
        if each.state is State.MISSING and each.kind in (Kind.CONNECTION, Kind.OPERATION)
    }
    return [
        Gap(served, f"environment: {each.text}")
        for beginning, each in beginnings.items()
        if (served := tuple(one for one in known if one.startswith(beginning)))
    ]
