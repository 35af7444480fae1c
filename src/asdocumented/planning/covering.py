"""Leave out scenarios that are there for one call alone, where another scenario sends such a call anyway.

Two calls are alike by what they are meant to show, and not by their bytes: the same operation, identity and state, and for
a valid call the same parameters and fields. Only a scenario that really is in the plan, after what the target does not
allow was taken out of it, stands in for another.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace

from asdocumented.contracts.model import JSON
from asdocumented.plans import VALID, Scenario, Step


def without_covered(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Return the scenarios without those that yield to others; what these serve, the others serve."""
    covering: dict[Hashable, int] = {}
    for place, scenario in enumerate(scenarios):
        if not (scenario.yields or scenario.must_arrange or scenario.intrusive):
            for step in scenario.steps:
                if step.shows:
                    covering.setdefault(_intent(scenario, step), place)
    kept: dict[int, Scenario] = dict(enumerate(scenarios))
    for place, scenario in enumerate(scenarios):
        found = covering.get(_intent(scenario, scenario.steps[-1])) if scenario.yields else None
        if found is not None:
            other = kept[found]
            kept[found] = replace(other, serves=tuple(dict.fromkeys((*other.serves, *scenario.serves))))
            del kept[place]
    return list(kept.values())


def _intent(scenario: Scenario, step: Step) -> Hashable:
    """Return what a step is meant to show, so that two steps with the same may stand in for each other."""
    call = step.call
    intent = (call.operation.id, call.identity, scenario.state, step.shows, frozenset(call.arguments))
    return (*intent, call.content_type, _form(call.body)) if step.shows == VALID else intent


def _form(body: bytes) -> frozenset[str] | None:
    """Return the pointers to everything in a body, or None where there is none."""
    return frozenset(_pointers(json.loads(body), "")) if body else None


def _pointers(value: JSON, pointer: str) -> Iterator[str]:
    yield pointer
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _pointers(inner, f"{pointer}/{name}")
