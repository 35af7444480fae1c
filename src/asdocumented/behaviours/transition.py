"""`transition`: a read operation shows a state machine, and commands move it.

Silent moves are data; any number of them may happen between two looks, so they break nothing. A look may lag behind a
command: of looks that were repeated the last counts. That a command comes to its end within the target's deadline is a
SHOULD, since no source says how long it may take; that it does something at all is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asdocumented.behaviours.vocabulary import following, lagging, semantic
from asdocumented.contracts.grounds import Basis, Evidence, Level
from asdocumented.contracts.model import JSON, Api, BehaviourDeclaration, Operation
from asdocumented.mutant import Line, Mutant, Variant
from asdocumented.planning.context import Context
from asdocumented.plans import Call, Condition, Field, Renews, Scenario, Shows, Step, UnplannableError, Until
from asdocumented.reads.case import Case
from asdocumented.reads.machines import Command, Look, Machine, Order, Track, tracks
from asdocumented.reads.marks import Mark, Seen, blocked, broken, met
from asdocumented.reads.retrying import http_date
from asdocumented.reads.settling import ONCE
from asdocumented.requirement import Requirement, Stage, make

_MOVES = "transition/moves"
_PATIENCE = 20  # seconds after which what a command does is shown, if ever


def _what(command: str, aspect: str) -> str:
    return f"transition/{command}/{aspect}"


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield that each command is obeyed and comes to its end, and that states follow each other as declared."""
    for command in Machine.of(declaration).commands.values():
        title, ends = api.operations[command.name].title, _names(command.reaches)
        basis = _basis(declaration, command.parameters)
        for aspect, text, level in (
            ("obeyed", f"What '{title}' starts shows.", Level.MUST),
            ("reached", f"After '{title}' the state becomes {ends}, within the target's deadline.", Level.SHOULD),
        ):
            yield make(
                operation,
                _what(command.name, aspect),
                text,
                family="behaviour",
                stage=Stage.SEMANTICS,
                basis=basis,
                level=level,
            )
    yield semantic(operation, declaration, _MOVES, "Each state that is shown can follow from the one before.")


def _basis(declaration: BehaviourDeclaration, given: Mapping[str, JSON]) -> Basis:
    evidence = Evidence(given["evidence"]) if "evidence" in given else declaration.basis.evidence
    return Basis(evidence, (), given.get("place", ""), given.get("reference", declaration.basis.reference))


def _names(states: frozenset[str]) -> str:
    return " or ".join(sorted(states))


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield, for each command: a look, the command in its state, looks until it has come to its end, and a look after that."""
    machine = Machine.of(declaration)
    lacking = [name for name in machine.commands if not context.has(name)]
    for command in machine.commands.values():
        if command.name not in lacking:
            yield _commanded(context, operation, machine, command)
    if lacking:
        raise UnplannableError(f"the target does not have the operation {' or '.join(lacking)}")


def _commanded(context: Context, operation: Operation, machine: Machine, command: Command) -> Scenario:
    sibling = context.api.operations[command.name]
    order = context.valid(sibling)
    look = context.valid(operation, state=sibling.state)
    shown = Shows((Field(machine.shows, tuple(sorted(command.reaches))),))
    renewed: tuple[Condition, ...] = (Renews(machine.session),) if machine.session else ()
    steps = (
        context.step(look, f"a look before {command.name}", again=True),
        context.step(order, "a valid command", again=True),
        _look(context, look, f"looks until {command.name} has come to its end", shown, *renewed),
        _look(context, look, "a look after the end", shown),
    )
    serves = (_what(command.name, "obeyed"), _what(command.name, "reached"), _MOVES)
    return Scenario(
        f"{operation.name}/transition-{command.name}",
        operation.api,
        steps,
        state=sibling.state,
        serves=tuple(f"{operation.id}/{each}" for each in serves),
    )


def _look(context: Context, call: Call, purpose: str, *conditions: Condition) -> Step:
    return Step(call, purpose, context.tier(call), again=True, follow=Until(conditions))


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark | Seen]:
    """Follow each machine through its looks and commands."""
    machine = Machine.of(declaration)
    shown: dict[str, Seen] = {}
    for track in tracks(case, operation, machine):
        for before, order, looks in track.groups():
            yield from _order(operation, machine, before, order, looks)
            _reading(operation, order, looks, shown)
        yield from _moves(operation, machine, track)
    yield from shown.values()


def _order(
    operation: Operation, machine: Machine, before: Look | None, order: Order, looks: list[Look]
) -> Iterator[Mark]:
    """Say whether a command was obeyed, and whether it came to its end."""
    obeyed, reached = (f"{operation.id}/{_what(order.command.name, each)}" for each in ("obeyed", "reached"))
    if not looks:
        return
    last, number = looks[-1], order.read.id
    fresh = [look for look in looks if _is_fresh(machine, order.command, before, look)]
    excuse = _excuse(machine, before, looks) or _haste(order, last)
    if fresh:
        yield met(obeyed, fresh[0].read.id, number)
    elif excuse:
        yield blocked(obeyed, last.read.id, reason=excuse)
    else:
        yield broken(
            obeyed,
            last.read.id,
            number,
            expected=_expected(machine, order.command),
            got=f"{_told(machine, last)}, as before",
            where=_where(machine),
        )
    ended = next((look for look in fresh if look.state in order.command.reaches), None)
    if ended is not None:
        yield met(reached, ended.read.id, number)
    elif excuse or not fresh:
        yield blocked(reached, last.read.id, reason=excuse, blocker="" if excuse else obeyed)
    else:
        expected = f"{_names(order.command.reaches)} after exchange {number}"
        yield broken(reached, last.read.id, number, expected=expected, got=last.state, where=_where(machine))


def _is_fresh(machine: Machine, command: Command, before: Look | None, look: Look) -> bool:
    """Tell whether a look shows what a command did, and not what was there before it."""
    if machine.session:
        return before is not None and look.session is not None and look.session != before.session
    if look.state in command.enters | command.reaches:
        return True
    return look.state in machine.commanded(command) and before is not None and look.state != before.state


def _excuse(machine: Machine, before: Look | None, looks: list[Look]) -> str:
    """Return why looks at a command prove nothing, or the empty string."""
    last = looks[-1]
    if last.failed:
        return "the target says that the command came to nothing"
    if last.state not in machine.moves:
        return f"no source says what follows from {last.state!r}"
    if len(looks) < 2:
        return ONCE
    if machine.session and (before is None or last.session is None):
        return "nothing tells what is shown now from what was shown before"
    return ""


def _haste(order: Order, last: Look) -> str:
    """Return that nobody waited for a command to show, as far as the Dates of the answers tell, or the empty string."""
    begun, ended = (
        http_date((each.exchange.response.header("date") if each.exchange.response else "") or "")
        for each in (order.read, last.read)
    )
    if begun is None or ended is None:
        return "the answers have no Date that would show how long was waited"
    waited = ended - begun
    return "" if waited >= _PATIENCE else f"it was looked at for {waited} s, and what is shown may need {_PATIENCE} s"


def _expected(machine: Machine, command: Command) -> str:
    if machine.session:
        return f"another {machine.session.rsplit('/', 1)[-1]} than before {command.name}"
    return f"{_names(command.enters | command.reaches)} after {command.name}"


def _told(machine: Machine, look: Look) -> str:
    return str(look.session) if machine.session else look.state


def _where(machine: Machine) -> str:
    return "$" + machine.shows.replace("/", ".")


def _reading(operation: Operation, order: Order, looks: list[Look], shown: dict[str, Seen]) -> None:
    """Take note of how far a command had come when it was first looked at: on the way once is on the way for the run.

    Whether a look comes before or after a short way is a matter of time, so the two never contradict each other.
    """
    ambiguity = order.command.parameters.get("ambiguity", "")
    entry = operation.ambiguities.get(ambiguity)
    first = next((look for look in looks if look.state in order.command.enters | order.command.reaches), None)
    if entry is None or first is None or first.state not in {each.name for each in entry.readings}:
        return
    if ambiguity not in shown or first.state in order.command.enters - order.command.reaches:
        shown[ambiguity] = Seen(operation.id, ambiguity, first.state, first.read.id)


def _moves(operation: Operation, machine: Machine, track: Track) -> Iterator[Mark]:
    """Say of each state whether it can follow from the one before; one that cannot counts when it stays."""
    requirement = f"{operation.id}/{_MOVES}"
    last: Look | None = None
    owed: list[Command] = []  # carried out, and not shown yet
    strays: list[Look] = []
    for event in [*track.events, None]:
        if not isinstance(event, Look):
            if len(strays) > 1 and last is not None:
                yield _strayed(requirement, machine, last, strays[-1])
            strays = []
            last = last if event is not None else None
            # A command begins another session where there are sessions, so that it explains nothing within one.
            owed = [] if event is None or machine.session else [*owed, event.command]
        elif last is None or event.state not in machine.moves or _is_another(machine, last, event):
            last, owed, strays = (event, owed, []) if event.state in machine.moves else (None, [], [])
        elif event.state in machine.after([last.state]).union(*(machine.commanded(each) for each in owed)):
            yield met(requirement, event.read.id, last.read.id)
            owed = _still_owed(machine, owed, last, event)
            last, strays = event, []
        else:
            strays.append(event)


def _is_another(machine: Machine, last: Look, look: Look) -> bool:
    return bool(machine.session) and (look.session is None or look.session != last.session)


def _still_owed(machine: Machine, owed: list[Command], last: Look, look: Look) -> list[Command]:
    """Return the commands whose effect a look need not have shown yet: what may come by itself may come before them."""
    for place in range(len(owed) - 1, -1, -1):
        if look.state in machine.commanded(owed[place]) - machine.after([last.state]):
            return owed[place + 1 :]
    return owed


def _strayed(requirement: str, machine: Machine, last: Look, stray: Look) -> Mark:
    expected = f"{_names(machine.after([last.state]))} after {last.state}"
    return broken(requirement, stray.read.id, last.read.id, expected=expected, got=stray.state, where=_where(machine))


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield commands that do nothing or never end, a machine that goes back, and one that jumps where it cannot go."""
    machine = Machine.of(declaration)
    for command in machine.commands.values():
        sibling = api.operations[command.name]
        obeyed, reached = (f"{operation.id}/{_what(command.name, each)}" for each in ("obeyed", "reached"))
        yield Mutant("read-after-write.not-persisted", sibling.id, obeyed)
        end = min(command.reaches)
        for state in sorted(command.enters):
            yield Mutant("transition.shown-as", operation.id, reached, _instead(machine, end, state))
        for state in sorted(machine.moves.keys() - _possible(machine, command)):
            arguments = _instead(machine, end, state)
            yield Mutant("transition.shown-as", operation.id, f"{operation.id}/{_MOVES}", arguments)
    yield Mutant("transition.goes-back", operation.id, f"{operation.id}/{_MOVES}")


def _instead(machine: Machine, state: str, instead: str) -> dict[str, JSON]:
    return {"pointer": machine.shows, "state": state, "instead": instead}


def _possible(machine: Machine, command: Command) -> frozenset[str]:
    """Return what may be shown around a command, whatever the end of another one that came before it."""
    others = [each.reaches for each in machine.commands.values() if each is not command]
    return machine.commanded(command) | machine.after(state for reaches in others for state in reaches)


def variants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Variant]:
    """Yield commands that show late or at once, and states that the machine may be shown in on its way."""
    machine = Machine.of(declaration)
    for command in machine.commands.values():
        yield from lagging(operation, f"{operation.api}/{command.name}")
        entry = command.parameters.get("ambiguity", "")
        for state in sorted(command.reaches | _first(machine, command)):
            lines = tuple(
                Line("transition.shown-as", operation.id, _instead(machine, each, state))
                for each in sorted(command.enters - {state})
            )
            if entry:
                yield from following(api, operation, entry, state, *lines)
            else:
                because = f"no source says which states show after '{api.operations[command.name].title}'"
                yield Variant(f"shown/{command.name}/{state}", operation.id, lines, because)


def _first(machine: Machine, command: Command) -> frozenset[str]:
    """Return the first of the states that a command enters, where it enters several one after the other."""
    order = [each for each in machine.moves if each in command.enters]
    return frozenset(order[:1] if len(order) > 1 else ())
