"""What takes a change back, as the contract says it: a deletion, or a command that puts a state machine back."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from asdocumented.changes.fence import is_creation, is_fresh
from asdocumented.changes.rights import Rights, last_named
from asdocumented.contracts.model import JSON, Api, Operation
from asdocumented.plans import Call
from asdocumented.reads.machines import Command, Machine

WHO = "admin"
"""The identity that takes changes back."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A thing of the run's own is taken back by a call that removes it."""

    call: Call


@dataclass(frozen=True, slots=True)
class Return:
    """A state machine is put back by a command, once it shows one of `after`; it is back when it shows one of `until`.

    `look` is the call that shows the machine's state at `shows`, `was` what it showed before the change, and `home` are the
    states from which it comes to `until` by itself.
    """

    look: Call
    shows: str
    was: str
    call: Call
    after: tuple[str, ...]
    until: tuple[str, ...]
    home: tuple[str, ...]


Undo = Removal | Return


@dataclass(frozen=True, slots=True)
class Watch:
    """A state machine that a command is about to move: how it is looked at, and what moves it."""

    machine: Machine
    look: Call
    commands: Mapping[str, Call]

    def back_to(self, was: str) -> Return | None:
        """Return what puts the machine back to a state that it showed, or None where no command does."""
        own = self._bringing(was)
        others = [each for each in self.machine.commands.values() if each is not own]
        if own is None or not others:
            return None
        away = frozenset[str]().union(*(each.reaches for each in others))
        home = (self.machine.commanded(own) - self._ways_away(others)) | own.enters | own.reaches
        return Return(
            self.look,
            self.machine.shows,
            was,
            self.commands[own.name],
            tuple(sorted(away)),
            tuple(sorted(own.reaches)),
            tuple(sorted(home)),
        )

    def _ways_away(self, others: list[Command]) -> frozenset[str]:
        return frozenset[str]().union(*(self.machine.commanded(each) for each in others))

    def _bringing(self, state: str) -> Command | None:
        """Return the command that brings the machine into a state, the surest first."""
        commands = list(self.machine.commands.values())
        sure = [each for each in commands if state in each.enters | each.reaches]
        return next(iter([*sure, *(each for each in commands if state in self.machine.commanded(each))]), None)


def removal_of(api: Api, call: Call, rights: Rights, absent: Container[str]) -> Removal | None:
    """Return what removes the thing of the run's own that a call creates, or None where nothing does."""
    if not is_creation(call.operation) or not is_fresh(call, absent) or call.operation.undo not in rights.operations:
        return None
    made = _plain(api.operations[call.operation.undo], call, rights)
    return Removal(made) if made is not None else None


def watch_of(api: Api, call: Call, rights: Rights, absent: Container[str]) -> Watch | None:
    """Return the state machine that a call moves and that the target can show and put back, or None."""
    if is_fresh(call, absent) or call.operation.undo not in rights.operations:
        return None
    for look, machine in _machines(api, rights):
        commands = {name: _plain(api.operations[name], call, rights) for name in machine.commands}
        shown = _plain(look, call, rights)
        if call.operation.name in commands and shown is not None and commands.keys() <= rights.operations:
            usable = {name: each for name, each in commands.items() if each is not None}
            if len(usable) == len(commands):
                return Watch(machine, shown, usable)
    return None


def _machines(api: Api, rights: Rights) -> Iterator[tuple[Operation, Machine]]:
    for name in sorted(rights.operations & api.operations.keys()):
        for declaration in api.operations[name].behaviour("transition"):
            yield api.operations[name], Machine.of(declaration)


def _plain(operation: Operation, like: Call, rights: Rights) -> Call | None:
    """Return a valid call of an operation about the same thing as another call, whatever is wrong with that one."""
    if operation.body is not None and operation.body.required:
        return None
    arguments: dict[tuple[str, str], str] = {}
    for each in operation.parameters:
        place = (each.location, each.name)
        value = str(each.schema["const"]) if "const" in each.schema else _named(like, place, rights)
        if each.required and not value:
            return None
        if each.required:
            arguments[place] = value
    return Call(operation, WHO, arguments)


def _named(like: Call, place: tuple[str, str], rights: Rights) -> str:
    """Return what a call names at a place: its own thing as it is written, and around it what the target is known to have."""
    value = like.arguments.get(place, "")
    own, parameter = last_named(like.operation), like.operation.parameter(*place)
    if parameter is None or not parameter.resource:
        return value
    known = [*rights.resources.get(parameter.resource, ()), *rights.owned.get(parameter.resource, ())]
    same = [each for each in known if each.casefold() == value.casefold() and each != value]
    if value in known or parameter is own:
        return same[0] if same and parameter.ignores_case and value not in known else value
    return next(iter([*same, *known]), value)


def to_record(undo: Undo) -> dict[str, JSON]:
    """Return an undo as the JSON object that a journal keeps."""
    if isinstance(undo, Removal):
        return {"call": _call_record(undo.call)}
    return {
        "call": _call_record(undo.call),
        "look": _call_record(undo.look),
        "shows": undo.shows,
        "was": undo.was,
        "after": list(undo.after),
        "until": list(undo.until),
        "home": list(undo.home),
    }


def from_record(api: Api, record: Mapping[str, JSON]) -> Undo:
    """Return the undo that `to_record` wrote; KeyError for an operation that the contracts no longer have."""
    call = _call_from(api, record["call"])
    if "look" not in record:
        return Removal(call)
    after, until, home = (tuple(record[key]) for key in ("after", "until", "home"))
    return Return(_call_from(api, record["look"]), record["shows"], record["was"], call, after, until, home)


def _call_record(call: Call) -> dict[str, JSON]:
    return {
        "operation": call.operation.name,
        "identity": call.identity,
        "arguments": [[location, name, value] for (location, name), value in call.arguments.items()],
    }


def _call_from(api: Api, record: Mapping[str, JSON]) -> Call:
    arguments = {(location, name): value for location, name, value in record["arguments"]}
    return Call(api.operations[record["operation"]], record["identity"], arguments)
