"""A state machine that a read operation shows: its silent moves, the commands that move it, and what a trace shows of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from asdocumented.contracts.model import JSON, BehaviourDeclaration, Operation, Tier
from asdocumented.reads.case import Case, field_of
from asdocumented.reads.classify import Read

_UNSURE = (408, 409)  # refusals after which a command may have been carried out all the same


@dataclass(frozen=True, slots=True)
class Command:
    """An operation that moves the machine: the states that it may enter, and those in which it has come to its end."""

    name: str
    enters: frozenset[str]
    reaches: frozenset[str]
    parameters: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Machine:
    """A declared machine. `moves` are silent: they may happen at any time, and any number of them between two looks."""

    shows: str
    session: str
    error: str
    moves: Mapping[str, tuple[str, ...]]
    commands: Mapping[str, Command]

    @classmethod
    def of(cls, declaration: BehaviourDeclaration) -> Machine:
        """Return the machine of a declaration."""
        given = declaration.parameters
        commands = {
            name: Command(name, frozenset(each["enters"]), frozenset(each["reaches"]), each)
            for name, each in given["commands"].items()
        }
        moves = {state: tuple(following) for state, following in given["moves"].items()}
        return cls(given["shows"], given.get("session", ""), given.get("error", ""), moves, commands)

    def after(self, states: Iterable[str]) -> frozenset[str]:
        """Return the states in which the machine may be shown once it was in one of these, without any command."""
        found: set[str] = set()
        waiting = list(states)
        while waiting:
            state = waiting.pop()
            if state not in found:
                found.add(state)
                waiting.extend(self.moves.get(state, ()))
        return frozenset(found)

    def commanded(self, command: Command) -> frozenset[str]:
        """Return the states in which the machine may be shown once a command has been carried out."""
        return self.after(command.enters | command.reaches)


@dataclass(frozen=True, slots=True)
class Look:
    """A state that was shown, and which pass of the machine it belongs to where the target says so."""

    read: Read
    state: str
    session: JSON
    failed: bool  # the target says why a command came to nothing


@dataclass(frozen=True, slots=True)
class Order:
    """A command that was carried out, or may have been (`sure` is false)."""

    read: Read
    command: Command
    sure: bool


@dataclass(slots=True)
class Track:
    """What happened to one machine in one epoch, in order. None stands for something that may have moved it anywhere."""

    events: list[Look | Order | None] = field(default_factory=list)

    def groups(self) -> Iterator[tuple[Look | None, Order, list[Look]]]:
        """Yield each command that was surely carried out, with the last look before it and the looks until the next."""
        before: Look | None = None
        for place, event in enumerate(self.events):
            if isinstance(event, Order) and event.sure:
                yield before, event, list(self._looks(place + 1))
            before = event if isinstance(event, Look) else before if isinstance(event, Order) else None

    def _looks(self, place: int) -> Iterator[Look]:
        for event in self.events[place:]:
            if not isinstance(event, Look):
                return
            yield event


def tracks(case: Case, operation: Operation, machine: Machine) -> Iterator[Track]:
    """Yield what a trace shows of each machine: the same path parameters, in the same epoch."""
    found: dict[tuple[int, tuple[str, ...]], Track] = {}
    names = [each.name for each in operation.parameters if each.location == "path"]
    for read in case.reads:
        subject = tuple((read.argument("path", name) or "").casefold() for name in names)
        if read.operation is None or "" in subject:
            continue
        track = found.setdefault((read.epoch, subject), Track())
        if read.operation is operation:
            track.events.extend(_look(case, machine, read))
        elif read.operation.tier.rank > Tier.READ.rank and _may_have_effect(read):
            command = machine.commands.get(read.operation.name)
            sure = read.succeeded and not read.causes
            track.events.append(Order(read, command, sure) if command else None)
    yield from found.values()


def _look(case: Case, machine: Machine, read: Read) -> Iterator[Look]:
    state = field_of(read, machine.shows)
    if case.sound(read) and not read.causes and isinstance(state, str):
        session = field_of(read, machine.session) if machine.session else None
        failed = bool(machine.error) and field_of(read, machine.error) is not None
        yield Look(read, state, session, failed)


def _may_have_effect(read: Read) -> bool:
    return not 300 <= read.status < 500 or read.status in _UNSURE
