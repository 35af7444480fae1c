"""Send together, in one request, what a target is likely to take, and apart only what it then does not take.

Where the answer shows that everything was taken, it shows that nothing in it broke anything. Where it does not, each is sent
alone, so that what is to blame stays exact.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from asdocumented.contracts.model import Operation
from asdocumented.planning.context import Context
from asdocumented.plans import Answers, Call, Condition, Ride, Scenario, Step
from asdocumented.reads.oddities import ODDITIES, Oddity

MEDIA_TYPE = "media type"
"""What is touched by whatever has to be accepted of a media type: what a refusal is to be blamed on must stay one thing."""
_LONGEST = 8000  # octets that every server should take as a request line (RFC 9110 section 4.1)
_TEXT = "odd"
_COMMON = "a request with "


def success_of(operation: Operation) -> tuple[Condition, ...]:
    """Return how an answer shows that an operation took a request: with a documented success."""
    return (Answers(tuple(int(rule.key) for rule in operation.successes if rule.key.isdigit())),)


def touched(place: str, kind: Oddity | None = None) -> frozenset[str]:
    """Return what an odd value at a place touches: the whole value (without `kind` too), or what its kind adds to it."""
    if kind is not None and kind.make(_TEXT).startswith(_TEXT):
        return frozenset({f"{place} {kind.name}"})
    return frozenset(f"{place} {each.name}" for each in ODDITIES)


def odd_text(value: object) -> str:
    """Return the text that an odd value is made of: a plain one, or what another kind made of it already."""
    return value if isinstance(value, str) and value.startswith(_TEXT) else _TEXT


@dataclass(slots=True)
class _Group:
    """Scenarios that go together."""

    members: list[Scenario] = field(default_factory=list)
    rides: list[Ride] = field(default_factory=list)

    def takes(self, context: Context, ride: Ride) -> bool:
        """Tell whether another ride fits in: it touches nothing that is touched, and the request line stays short enough."""
        touches = frozenset[str]().union(*(each.touches for each in self.rides))
        return not touches & ride.touches and len(_call(context, [*self.rides, ride]).target) <= _LONGEST


def combine(context: Context, scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Return the scenarios of one operation, with those that may go together as one each, after all that are usual."""
    usual: list[Scenario] = []
    groups: dict[Hashable, list[_Group]] = {}
    for scenario in scenarios:
        if scenario.ride is None:
            usual.append(scenario)
            continue
        alike = groups.setdefault(_kind(scenario, scenario.ride), [])
        group = next((each for each in alike if each.takes(context, scenario.ride)), None)
        if group is None:
            group = _Group()
            alike.append(group)
        group.members.append(scenario)
        group.rides.append(scenario.ride)
    found = [each for alike in groups.values() for each in alike]
    alone = [replace(each.members[0], ride=None) for each in found if len(each.members) == 1]
    many = [each for each in found if len(each.members) > 1]
    return [*usual, *alone, *(_together(context, each, number) for number, each in enumerate(many))]


def _kind(scenario: Scenario, ride: Ride) -> Hashable:
    step = scenario.steps[-1]
    return (
        step.call.identity,
        scenario.state,
        step.tier,
        scenario.must_arrange,
        scenario.intrusive,
        ride.taken,
        ride.about,
    )


def _call(context: Context, rides: Sequence[Ride]) -> Call:
    """Return one call with all changes, of the valid call that has the most fields and that no other requests share."""
    base = max((each.base for each in rides), key=lambda call: (_fields(call), not context.is_shared(call)))
    return reduce(lambda call, ride: ride.change(call), rides, base)


def _together(context: Context, group: _Group, number: int) -> Scenario:
    """Return one scenario for a group, with its members for the case that not all of it is taken."""
    first, last = group.members[0], [each.steps[-1] for each in group.members]
    before = tuple(step for each in group.members for step in each.steps[:-1])
    purpose = " and ".join((last[0].purpose, *(each.purpose.removeprefix(_COMMON) for each in last[1:])))
    step = Step(_call(context, group.rides), purpose, last[0].tier, any(each.again for each in last))
    operation = first.id.partition("/")[0]
    return replace(
        first,
        id=f"{operation}/together-{number}",
        steps=(*before, step),
        serves=tuple(dict.fromkeys(name for each in group.members for name in each.serves)),
        ride=None,
        apart=tuple(replace(each, ride=None) for each in group.members),
        taken=group.rides[0].taken,
        yields=False,
    )


def _fields(call: Call) -> int:
    return len(json.loads(call.body)) if call.body else -1
