"""Build the plan of a run: from requirements and a target's resources to scenarios, before anything is sent.

Structure gives the valid calls, the missing resources and the faulty requests; behaviours add theirs. A call that is
already planned in the same state is not planned again, since the judge lets one exchange serve everything it bears on.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from asdocumented.behaviours import behaviour
from asdocumented.changes.fence import fenced_scenario
from asdocumented.changes.rights import Rights
from asdocumented.contracts.model import Catalogue, Operation, Tier
from asdocumented.families import Family, families, make_scenarios
from asdocumented.planning.combining import MEDIA_TYPE, combine, success_of
from asdocumented.planning.context import Context
from asdocumented.planning.covering import without_covered
from asdocumented.plans import VALID, Call, Gap, Plan, Ride, Scenario, Step, UnplannableError
from asdocumented.requirement import STATUS, Requirement, error
from asdocumented.requirements import missable

Source = Callable[[], Iterator[Scenario]]
Extra = Callable[[Context], Iterator[Scenario]]
"""Gives scenarios that no requirement asked for, such as stored cases; they come after all others of an API."""


def nothing_extra(context: Context) -> Iterator[Scenario]:
    """Yield no scenario."""
    yield from ()


@dataclass(frozen=True, slots=True)
class Aim:
    """What a plan is for: the target's pools by API, its operations, the tier allowed, and the seed.

    `keeps_changes` is true for a target that is not reset: what is created there must be deleted again. `states` are pools
    that the target names for a state that holds there (API -> state -> pool -> ids), `expendable` are ids that may be changed
    for good (API -> pool -> ids). `intrusive` requests are for a target that may get what no client sends. `rights` say by API
    what may be changed (None: everything), `limits` what sets the tier. `arranging` is how far it reaches to bring about a
    state that does not hold anyway. `salt` makes the new ids those of one run.
    """

    pools: Mapping[str, Mapping[str, tuple[str, ...]]]
    operations: frozenset[str]
    allowed: Tier
    keeps_changes: bool
    intrusive: bool = False
    seed: int = 0
    states: Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]] = field(default_factory=dict)
    expendable: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    rights: Mapping[str, Rights] | None = None
    limits: tuple[str, ...] = ()
    arranging: Mapping[str, Mapping[str, Tier]] = field(default_factory=dict)
    salt: str = ""


def build(
    catalogue: Catalogue, requirements: Mapping[str, Requirement], aim: Aim, extra: Extra = nothing_extra
) -> Plan:
    """Return the plan for the requirements that are asked for; the plan leaves out what serves none of them."""
    scenarios: list[Scenario] = []
    gaps: list[Gap] = []
    absent: set[str] = set()
    secrets: dict[str, str] = {}
    own = _by_operation(requirements)
    for api in catalogue.apis.values():
        scope = frozenset(name.partition("/")[2] for name in aim.operations if name.startswith(f"{api.name}/"))
        if not scope:
            continue
        context = Context(
            api,
            aim.pools.get(api.name, {}),
            scope,
            random.Random(f"{aim.seed}/{api.name}"),
            aim.keeps_changes,
            aim.states.get(api.name, {}),
            aim.expendable.get(api.name, {}),
            salt=aim.salt,
        )
        planned = _ordered(list(_api(context, own, requirements, gaps)))
        planned += _ordered([_with_makers(context, each) for each in extra(context)])
        allowed = list(_allowed(sorted(planned, key=_ends_session), aim, gaps, context.absent))
        scenarios.extend(_without_repeats(without_covered(allowed)))
        absent |= context.absent
        secrets |= context.secrets
    gaps += _unfilled(catalogue, aim.operations, own, gaps)
    lost = tuple(gap for gap in gaps if gap.serves)  # a stored case that may not be sent leaves nothing unjudged
    return Plan(tuple(scenarios), lost, frozenset(absent), secrets)


def _unfilled(
    catalogue: Catalogue, scope: frozenset[str], own: Mapping[str, tuple[str, ...]], gaps: Iterable[Gap]
) -> Iterator[Gap]:
    """Yield why the operation that fills what another one shows is not sent, for what then depends on what is there anyway."""
    why = {each: gap.reason for gap in gaps for each in gap.serves}
    for operation in catalogue.operations:
        writes = {each.parameters["write"] for each in operation.behaviours if "write" in each.parameters}
        for name in sorted(writes) if operation.id in own else ():
            write = f"{operation.api}/{name}"
            lacking = why.get(f"{write}/{STATUS}") if write in scope else "it is none of the target's operations"
            if lacking:
                reason = f"nothing that it shows was there, and {name}, which stores it, was not sent: {lacking}"
                yield Gap(tuple(each for each in own[operation.id] if each not in why), reason)


def _by_operation(requirements: Mapping[str, Requirement]) -> dict[str, tuple[str, ...]]:
    """Return the ids of the requirements of each operation."""
    own: dict[str, list[str]] = {}
    for key, each in requirements.items():
        own.setdefault(f"{each.api}/{each.operation}", []).append(key)
    return {operation: tuple(keys) for operation, keys in own.items()}


def _api(
    context: Context, own: Mapping[str, tuple[str, ...]], requirements: Container[str], gaps: list[Gap]
) -> Iterator[Scenario]:
    for name in sorted(context.scope):
        operation = context.api.operations[name]
        mine = own.get(operation.id, ())
        if not mine:
            continue
        planned: list[Scenario] = []
        for served, source in _sources(context, operation, mine, gaps):
            try:
                planned += source()
            except UnplannableError as reason:
                gaps.append(Gap(served, str(reason)))
        for scenario in combine(context, list(_asked_for(planned, mine, requirements))):
            yield _with_makers(context, scenario)


def _asked_for(planned: list[Scenario], mine: tuple[str, ...], requirements: Container[str]) -> Iterator[Scenario]:
    """Yield the scenarios of an operation that serve what is asked for.

    Valid calls name all that is `mine`. A requirement that no other scenario names is judged from any answer (the body of an
    error, say), so that all are needed.
    """
    named = {each for scenario in planned if scenario.serves is not mine for each in scenario.serves}
    anything = any(each not in named for each in mine)
    for scenario in planned:
        if anything or not scenario.serves or any(each in requirements for each in scenario.serves):
            yield scenario


def _sources(
    context: Context, operation: Operation, mine: tuple[str, ...], gaps: list[Gap]
) -> Iterator[tuple[tuple[str, ...], Source]]:
    """Yield what makes scenarios for an operation, each with the requirements that are lost when it cannot."""
    yield mine, partial(_valid, context, operation, mine)
    yield mine, partial(_missing, context, operation)
    for family in families():
        yield (), partial(_conventions, family, context, operation, gaps)
    for declaration in operation.behaviours:
        module = behaviour(declaration.name)
        served = tuple(each.id for each in module.requirements(context.api, operation, declaration))
        yield served, partial(module.plan, context, operation, declaration)


def _with_makers(context: Context, scenario: Scenario) -> Scenario:
    """Put before each step the one that creates what it refers to, where the scenario does not do so already."""
    steps: list[Step] = []
    for step in scenario.steps:
        maker = context.makes(step.call)
        if maker is not None and all(each.call.key != maker.key for each in steps):
            steps.append(context.step(maker, "a valid write, to have something to refer to"))
        steps.append(step)
    apart = tuple(_with_makers(context, each) for each in scenario.apart)
    return replace(scenario, steps=tuple(steps), apart=apart)


def _valid(context: Context, operation: Operation, mine: tuple[str, ...]) -> Iterator[Scenario]:
    """Yield the valid calls: with what is required, with each optional parameter, with each form of the body."""
    calls: list[tuple[Call, str, Ride | None]] = [(context.valid(operation), "a valid request", None)]
    for parameter in operation.parameters:
        if parameter.required or parameter.location == "path":
            continue
        try:
            value = context.value(operation, parameter)
        except UnplannableError:
            continue
        call = context.valid(operation).with_argument(parameter.location, parameter.name, value)
        calls.append((call, f"a valid request with {parameter.name}", None))
    if operation.body is not None:
        if not operation.body.required:
            calls.append(
                (context.with_body(context.valid(operation), {}), "a valid request with an empty object", None)
            )
        try:
            body = context.bodies.draw(operation, full=True)
            calls.append((context.valid(operation, body=body), "a valid request with every field", None))
            for other in operation.body.media_types[1:]:
                call = context.valid(operation, body=context.bodies.draw(operation, full=True))
                change = partial(_of_type, other)
                own = Ride(call, change, frozenset({MEDIA_TYPE}), success_of(operation))
                calls.append((change(call), f"a valid request as {other}", own))
        except UnplannableError:
            pass  # the gap is noted where a requirement needs the field
    for index, (call, purpose, ride) in enumerate(calls):
        step = context.step(call, purpose, shows=VALID)
        name = f"{operation.name}/valid-{index}"
        yield Scenario(name, operation.api, (step,), state=operation.state, serves=mine, ride=ride, yields=True)


def _of_type(media_type: str, call: Call) -> Call:
    return replace(call, content_type=media_type)


def _missing(context: Context, operation: Operation) -> Iterator[Scenario]:
    """Yield a request for each missing resource."""
    for pool in missable(operation):
        parameter = next(each for each in operation.parameters if each.resource == pool and each.location == "path")
        call = context.base(operation).with_argument("path", parameter.name, context.fresh(pool))
        what = f"{operation.id}/{error(f'{pool}-missing', '')}"
        serves = tuple(f"{what}{aspect}" for aspect in ("status", "code", "refused"))
        step = context.step(call, f"a request for a {pool} that does not exist", shows=f"{pool}-missing")
        name = f"{operation.name}/{pool}-missing"
        yield Scenario(name, operation.api, (step,), state=operation.state, serves=serves, yields=True)


def _conventions(family: Family, context: Context, operation: Operation, gaps: list[Gap]) -> Iterator[Scenario]:
    for each in make_scenarios(family, context, operation):
        if isinstance(each, Gap):
            gaps.append(each)
        else:
            yield each


def _ordered(scenarios: list[Scenario]) -> list[Scenario]:
    """Put scenarios that need no state first, since an arranged one replaces what was made, and those that log out last."""
    return sorted(scenarios, key=lambda each: (_ends_session(each), each.state != "", each.must_arrange))


def _ends_session(scenario: Scenario) -> bool:
    return any(step.call.operation.ends_session for step in scenario.steps)


def _without_repeats(scenarios: Iterable[Scenario]) -> Iterator[Scenario]:
    """Drop steps that were planned before in a scenario without state; a scenario with a state starts afresh."""
    sent: set[object] = set()
    for scenario in scenarios:
        kept: list[Step] = []
        for step in scenario.steps:
            key = step.call.key
            if scenario.state == "" and not step.again and key in sent:
                continue
            sent.add(key)
            kept.append(step)
        if kept:
            yield replace(scenario, steps=tuple(kept))


def _allowed(scenarios: Iterable[Scenario], aim: Aim, gaps: list[Gap], absent: Container[str]) -> Iterator[Scenario]:
    """Keep what the tier and the target's description allow; say of the rest what it needs.

    Where several may not go together, each is looked at by itself: one of them alone may need more than the others.
    """
    for scenario in scenarios:
        reason = _refused(scenario, aim, absent)
        if not reason:
            yield from _arrangeable(scenario, aim, gaps)
        elif scenario.apart:
            yield from _allowed(scenario.apart, aim, gaps, absent)
        else:
            gaps.append(Gap(scenario.serves, reason, skipped=True))


def _refused(scenario: Scenario, aim: Aim, absent: Container[str]) -> str:
    """Return why a scenario may not be sent; the empty string where it may."""
    highest = max((step.tier for step in scenario.steps), key=lambda tier: tier.rank)
    if highest.rank > aim.allowed.rank:
        return f"needs requests of the tier '{highest}', and {_limit(aim)}"
    if scenario.intrusive and not aim.intrusive:
        return "needs requests that no client sends, and the target's description does not allow intrusive ones"
    return fenced_scenario(scenario, aim.rights[scenario.api], absent) if aim.rights is not None else ""


def _arrangeable(scenario: Scenario, aim: Aim, gaps: list[Gap]) -> Iterator[Scenario]:
    """Yield a scenario without its state where arranging that would reach too far; not at all where it needs the state."""
    tier = aim.arranging.get(scenario.api, {}).get(scenario.state, Tier.PROBE)
    if tier.rank <= aim.allowed.rank:
        yield scenario
        return
    if not scenario.must_arrange:
        yield replace(scenario, state="")
        return
    reason = f"the state '{scenario.state}' is arranged in the tier '{tier}', and {_limit(aim)}"
    gaps.append(Gap(scenario.serves, reason, skipped=True))


def _limit(aim: Aim) -> str:
    return ", and ".join(aim.limits) or f"this run may send up to '{aim.allowed}'"
