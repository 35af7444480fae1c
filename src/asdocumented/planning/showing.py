"""Show a plan: every request that a run would send, what it touches and needs, what is left out, how long it may take.

Pure: a plan, the contracts and what is known of the target (`Outlook`) go in, plain data comes out, and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from asdocumented.changes.fence import is_change
from asdocumented.changes.undoing import WHO, removal_of, watch_of
from asdocumented.contracts.model import Catalogue, Tier
from asdocumented.planning.following import Follow, apart_of, follow_of
from asdocumented.planning.needing import Need, Touched, needs_of, touched_by
from asdocumented.planning.outlook import Extra, Outlook, extra_of
from asdocumented.plans import Gap, Plan, Scenario, Step
from asdocumented.secrets import Redactor
from asdocumented.targets.model import Patience

__all__ = ["Irreversible", "Left", "Planned", "Shown", "sent_steps", "show"]


@dataclass(frozen=True, slots=True)
class Planned:
    """Requests that go to one target of one operation as one identity: why, how many, and what may come after them.

    They differ in headers and bodies alone. `intrusive` ones are no proper HTTP. Those with a `condition` are left out where it
    does not hold.
    """

    tier: Tier
    api: str
    operation: str
    method: str
    target: str
    identity: str
    purposes: tuple[str, ...]
    count: int
    states: tuple[str, ...] = ()
    follows: tuple[Follow, ...] = ()
    intrusive: bool = False
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Irreversible:
    """Something that a run does to a resource and that nothing undoes."""

    api: str
    operation: str
    resource: str
    effect: str


@dataclass(frozen=True, slots=True)
class Left:
    """Requirements that a run leaves open for one reason. `skipped`: not allowed or not in scope; else not possible."""

    reason: str
    skipped: bool
    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A plan, as it is shown.

    `preflight` are sent before everything else. `seconds` is what the planned requests take with the pace of `outlook`,
    `waiting` what follow-ups may wait at most beside that.
    """

    requests: tuple[Planned, ...]
    preflight: tuple[Planned, ...]
    around: tuple[Extra, ...]
    touched: tuple[Touched, ...]
    irreversible: tuple[Irreversible, ...]
    needs: tuple[Need, ...]
    left: tuple[Left, ...]
    outlook: Outlook
    seconds: float
    waiting: float

    @property
    def count(self) -> int:
        """Return how many requests are sent, without follow-ups and what is sent around the plan."""
        return sum(each.count for each in (*self.preflight, *self.requests))

    @property
    def most(self) -> int:
        """Return how many requests follow-ups may add at most."""
        return sum(follow.most for each in self.requests for follow in each.follows)


@dataclass(slots=True)
class _Row:
    first: Step
    target: str
    condition: str = ""
    intrusive: bool = False
    count: int = 0
    purposes: dict[str, None] = field(default_factory=dict)
    states: dict[str, None] = field(default_factory=dict)
    follows: list[Follow] = field(default_factory=list)


def show(catalogue: Catalogue, plan: Plan, outlook: Outlook, preflight: Iterable[Step] = ()) -> Shown:
    """Return a plan as it is shown, with what is sent before it."""
    sent, lost = sent_steps(plan, outlook)
    steps = [step for _, step in sent]
    possible = [*steps, *(each.step for one in sent for follow in _follows(*one, outlook) for each in follow.further)]
    before = [step for step in preflight if not outlook.lacks(step)]
    return Shown(
        _rows(catalogue, plan, sent, outlook),
        _rows(catalogue, plan, [(None, step) for step in before], outlook),
        tuple(dict.fromkeys((*outlook.around, *_undoing(catalogue, possible, outlook, plan.absent)))),
        touched_by(possible, outlook.existing),
        tuple(dict.fromkeys(_irreversible(possible))),
        needs_of(catalogue, (step.call for step in (*before, *possible))),
        _left([*plan.gaps, *lost]),
        outlook,
        _seconds(sent, len(before), outlook),
        sum(follow.seconds for one in sent for follow in _follows(*one, outlook)),
    )


def sent_steps(plan: Plan, outlook: Outlook) -> tuple[list[tuple[Scenario, Step]], list[Gap]]:
    """Return the steps that are sent, and gaps for the scenarios that end early since the target lacks something."""
    sent: list[tuple[Scenario, Step]] = []
    lost = []
    for scenario in plan.scenarios:
        reason = outlook.cannot_start(scenario)
        for step in () if reason else scenario.steps:
            reason = outlook.lacks(step)
            if reason:
                break
            sent.append((scenario, step))
        if reason:
            lost.append(Gap(scenario.serves, reason))
    return sent, lost


def _follows(scenario: Scenario | None, step: Step, outlook: Outlook) -> Iterator[Follow]:
    """Yield what may follow a step; the last one of a scenario that holds several together, also these one by one."""
    patience = outlook.patience.get(step.call.operation.api, Patience())
    apart = apart_of(scenario, patience) if scenario is not None and step is scenario.steps[-1] else None
    yield from (each for each in (follow_of(step, patience), apart) if each is not None)


def _rows(
    catalogue: Catalogue, plan: Plan, sent: Iterable[tuple[Scenario | None, Step]], outlook: Outlook
) -> tuple[Planned, ...]:
    """Group steps by tier, API, operation, request line and identity, in this order and else in that of the plan."""
    hidden = Redactor(plan.secrets)
    rows: dict[tuple[object, ...], _Row] = {}
    for scenario, step in sent:
        call = step.call
        key = (step.tier, call.operation.id, call.method or call.operation.method, call.target, call.identity)
        row = rows.setdefault(key, _Row(step, hidden.text(call.target), _condition(catalogue, plan, step, outlook)))
        row.count += 1
        row.purposes[step.purpose] = None
        row.follows += _follows(scenario, step, outlook)
        if scenario is not None:
            row.intrusive |= scenario.intrusive
            row.states.update({scenario.state: None} if scenario.state else {})
    ordered = sorted(rows.values(), key=lambda row: (row.first.tier.rank, row.first.call.operation.id))
    return tuple(_planned(row) for row in ordered)


def _condition(catalogue: Catalogue, plan: Plan, step: Step, outlook: Outlook) -> str:
    """Return on which condition a step is sent: what can be put back is looked at before it is moved."""
    operation = step.call.operation
    rights = (outlook.rights or {}).get(operation.api)
    watch = (
        watch_of(catalogue.apis[operation.api], step.call, rights, plan.absent)
        if rights is not None and is_change(step)
        else None
    )
    return f"only if {watch.look.operation.name} shows a state that can be brought back" if watch is not None else ""


def _planned(row: _Row) -> Planned:
    call = row.first.call
    return Planned(
        row.first.tier,
        call.operation.api,
        call.operation.name,
        call.method or call.operation.method,
        row.target,
        call.identity,
        tuple(row.purposes),
        row.count,
        tuple(row.states),
        tuple(row.follows),
        row.intrusive,
        row.condition,
    )


def _undoing(catalogue: Catalogue, steps: Iterable[Step], outlook: Outlook, absent: Container[str]) -> Iterator[Extra]:
    """Yield what takes changes back, and what is looked at before, on a target whose changes are kept account of."""
    for step in steps if outlook.rights is not None else ():
        operation, api = step.call.operation, catalogue.apis[step.call.operation.api]
        rights = (outlook.rights or {}).get(api.name)
        undo = api.operations.get(operation.undo)
        if undo is not None and undo.ends_session:
            yield extra_of(undo, step.call.identity, f"closes at the end what {operation.name} opened")
        elif rights is not None and is_change(step):
            removal = removal_of(api, step.call, rights, absent)
            watch = watch_of(api, step.call, rights, absent)
            if removal is not None:
                yield extra_of(
                    removal.call.operation, WHO, f"undoes {operation.name} at the end, where it is not undone"
                )
            if watch is not None:
                yield extra_of(
                    watch.look.operation, WHO, f"looks before {operation.name} and after it what there is to undo"
                )
                for each in watch.commands.values():
                    yield extra_of(each.operation, WHO, "puts back at the end what commands have moved")


def _irreversible(steps: Iterable[Step]) -> Iterator[Irreversible]:
    for step in steps:
        operation = step.call.operation
        effect = operation.irreversible or ("nothing undoes it" if operation.undo == "none" else "")
        if effect and step.tier.rank > Tier.READ.rank:
            own = touched_by([step], {})
            named = [each for each in own if each.changed]
            shown = ", ".join(f"{each.pool} {each.id}" for each in named) or "the caller's session"
            yield Irreversible(operation.api, operation.name, shown, effect)


def _left(gaps: Iterable[Gap]) -> tuple[Left, ...]:
    """Group what is left open by reason, what leaves the most open first; each requirement has its first reason alone."""
    groups: dict[tuple[str, bool], list[str]] = {}
    told: set[str] = set()
    for gap in gaps:
        new = [each for each in gap.serves if each not in told]
        told.update(new)
        if new:
            groups.setdefault((gap.reason, gap.skipped), []).extend(new)
    left = [Left(reason, skipped, tuple(served)) for (reason, skipped), served in groups.items()]
    return tuple(sorted(left, key=lambda each: (not each.skipped, -len(each.requirements), each.reason)))


def _seconds(sent: list[tuple[Scenario, Step]], before: int, outlook: Outlook) -> float:
    """Return how long the planned requests take: as many at a time as allowed, but each API's changes one after the other."""
    alone = _alone(sent)
    chain = max(alone.values(), default=0)
    rest = len(sent) - sum(alone.values())
    side_by_side = (chain + rest / outlook.pace.concurrency) * outlook.seconds + before * outlook.seconds
    paced = (len(sent) + before) / outlook.pace.rate if outlook.pace.rate else 0.0
    return max(side_by_side, paced)


def _alone(sent: list[tuple[Scenario, Step]]) -> Mapping[str, int]:
    """Return how many requests of each API belong to scenarios that change something or need a state, and so run alone."""
    changing = {id(scenario) for scenario, step in sent if scenario.state or step.tier.rank > Tier.READ.rank}
    counts: dict[str, int] = {}
    for scenario, _ in sent:
        if id(scenario) in changing:
            counts[scenario.api] = counts.get(scenario.api, 0) + 1
    return counts
