"""The fence around what is not ours: whether a request may be sent to a target, or which line of its file is missing.

It is asked twice: when a plan is made, so that the plan shows the reason, and again directly before a request is sent.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from asdocumented.changes.rights import ALL, Rights, Thing, last_named
from asdocumented.contracts.model import Operation, Tier
from asdocumented.errors import HarnessError
from asdocumented.plans import Call, Scenario, Step
from asdocumented.reads.case import shown
from asdocumented.reads.classify import at, creates
from asdocumented.reads.strict_json import parse

_MADE_UP = "secret"  # the pool whose values are passwords that nobody has


class OutsideError(HarnessError):
    """A request that the fence forbids was about to be sent; it was not."""

    def __init__(self, message: str) -> None:
        super().__init__("outside-the-fence", message)


def is_change(step: Step) -> bool:
    """Tell whether a step's own request may change something on a target that obeys it, or breaks and obeys a wrong one."""
    reads = step.call.operation.tier.rank <= Tier.READ.rank and not step.call.method
    return step.tier.rank > Tier.READ.rank and not reads


def thing_of(call: Call) -> Thing:
    """Return what a call is about."""
    parameter = last_named(call.operation)
    if parameter is None:
        return Thing(call.operation.name, ALL)
    return Thing(parameter.resource, call.arguments.get(("path", parameter.name), ""), parameter.ignores_case)


def is_fresh(call: Call, absent: Container[str]) -> bool:
    """Tell whether a call is about an id that was made up for this run, so that whatever is there is the run's own."""
    return last_named(call.operation) is not None and thing_of(call).value in absent


def is_creation(operation: Operation) -> bool:
    """Tell whether an operation brings what it is about into being under an id of the client's."""
    parameter = last_named(operation)
    return parameter is not None and creates(operation, parameter)


def fenced_scenario(scenario: Scenario, rights: Rights, absent: Container[str]) -> str:
    """Return why a scenario may not be sent as it is, or the empty string."""
    for step in scenario.steps:
        reason = fenced(step, rights, absent)
        if reason:
            return reason
    return ""


def fenced(step: Step, rights: Rights, absent: Container[str]) -> str:
    """Return why a step, or a follow-up that it names, may not be sent; the empty string where it may.

    `absent` are the ids that the plan made up: what is under them is the run's own.
    """
    more = [each for each in getattr(step.follow, "calls", ()) if each.operation.tier.rank > Tier.READ.rank]
    reasons = [next(_locked_out(step.call, rights), "")]
    if is_change(step):
        reasons.append(next(_missing(step.call, rights, absent), ""))
    reasons += (next(_missing(each, rights, absent), "") for each in more)
    return next(filter(None, reasons), "")


def _missing(call: Call, rights: Rights, absent: Container[str]) -> Iterator[str]:
    thing, operation, fresh = thing_of(call), call.operation, is_fresh(call, absent)
    alone = last_named(operation) is None
    if is_creation(operation) or (operation.method == "DELETE" and not alone):
        yield from _created(call, thing, rights, absent)
    elif call.method and not fresh:
        yield from _irreversible(thing, rights, f"no source says what {call.method} does to it")
    elif alone:
        yield from _alone(call, thing, rights)
    elif not fresh:
        yield from _changed(operation, thing, rights)


def _created(call: Call, thing: Thing, rights: Rights, absent: Container[str]) -> Iterator[str]:
    """Yield why something may not be created or deleted: it is not the run's own, or would stay."""
    if not is_fresh(call, absent):
        if _is_listed(thing, rights):
            yield (
                f"would send {call.operation.name} to the {thing.pool} {thing.value!r}, which exists and is not the run's own;"
                " nothing allows that"
            )
        yield from _irreversible(thing, rights, "the id was not made up for this run, so something may be there")
    if is_creation(call.operation):
        yield from _foreign(call, rights, absent)
        if call.operation.undo not in rights.operations:
            yield from _irreversible(Thing(thing.pool, ALL), rights, "the target has nothing that deletes it again")


def _is_listed(thing: Thing, rights: Rights) -> bool:
    """Tell whether an id itself is among what exists; a star says of none that it does."""
    named = {*rights.resources.get(thing.pool, ()), *rights.owned.get(thing.pool, ())} - {ALL}
    return thing.is_among(tuple(named))


def _foreign(call: Call, rights: Rights, absent: Container[str]) -> Iterator[str]:
    """Yield what a creation refers to that the target's file does not name: whom it gives what, and where."""
    for pool, value in _drawn(call):
        known = Thing(pool, value, ignores_case=True).is_among(rights.resources.get(pool, ()))
        if pool != _MADE_UP and value and value not in absent and not known:
            why = f"{call.operation.name} would use {shown(value)}, which is not among the resources"
            yield from _irreversible(Thing(pool, ALL), rights, why)


def _locked_out(call: Call, rights: Rights) -> Iterator[str]:
    """Yield the account that a made-up password would be sent for: enough of them lock it."""
    drawn = list(_drawn(call))
    if any(pool == _MADE_UP for pool, _ in drawn):
        for pool, value in drawn:
            account = Thing(pool, value)
            if pool != _MADE_UP and account.is_among(rights.resources.get(pool, ())):
                yield from _irreversible(
                    account, rights, "a made-up password is sent for it, and enough of them lock it"
                )


def _drawn(call: Call) -> Iterator[tuple[str, str]]:
    """Yield the pool and the text of each field of a body that refers to something."""
    draws = call.operation.body.draws if call.operation.body else {}
    value = parse(call.body).value if draws and call.body else None
    for pointer, pool in draws.items():
        given = at(value, pointer)
        if isinstance(given, str):
            yield pool, given


def _alone(call: Call, thing: Thing, rights: Rights) -> Iterator[str]:
    """Yield why something may not be done that is about no named resource: a session that begins or ends."""
    operation = call.operation
    own = operation.ends_session and call.identity in rights.sessions
    if operation.undo not in rights.operations and not own:
        why = operation.irreversible or f"the target has nothing that undoes {operation.name}"
        yield from _irreversible(thing, rights, why)


def _changed(operation: Operation, thing: Thing, rights: Rights) -> Iterator[str]:
    """Yield why an existing resource may not be changed."""
    if operation.irreversible:
        yield from _irreversible(thing, rights, operation.irreversible)
    elif operation.undo not in rights.operations:
        yield from _irreversible(thing, rights, f"the target has nothing that undoes {operation.name}")
    elif not rights.may_change(thing):
        yield _line("owned", thing, rights, f"{operation.name} would change it")


def _irreversible(thing: Thing, rights: Rights, why: str) -> Iterator[str]:
    if not rights.may_spoil(thing):
        yield _line("irreversible", thing, rights, why)


def _line(key: str, thing: Thing, rights: Rights, why: str) -> str:
    """Return the line of the file that is missing, where it belongs, and why it is needed."""
    line = f'{key}.{thing.pool} = ["{thing.value}"]'
    if rights.table:
        return f"needs the line {line} in [{rights.table}] of the targets file: {why}"
    return f"needs a targets file with the line {line} for the API: {why}"
