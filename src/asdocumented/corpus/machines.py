"""State machines that follow from contracts: which commands an API has on one thing, and a small model of what they do.

A machine is the operations that share a thing: what creates it, reads it, lists it and removes it, or what starts, stops
and shows it. The model knows no more than the contracts say; where they are silent it expects nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from asdocumented.contracts.model import JSON, Api, Operation, Tier
from asdocumented.corpus.cases import Kind
from asdocumented.corpus.digests import request_digest
from asdocumented.planning.context import Context
from asdocumented.plans import Call, Scenario, Step
from asdocumented.reads.classify import at, creates
from asdocumented.reads.strict_json import parse
from asdocumented.traces import Exchange

SLOTS = ("a", "b")
Command = tuple[str, str]
"""The name of an operation and the slot that it is about: which of the machine's things."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The commands of an API on one kind of thing. `name` is the operation that all others turn around."""

    api: str
    name: str
    commands: tuple[Command, ...]

    @property
    def operations(self) -> tuple[str, ...]:
        """Return the names of the operations, each once."""
        return tuple(dict.fromkeys(name for name, _ in self.commands))


@dataclass(frozen=True, slots=True)
class Walk:
    """A list of commands on a machine, and the requirement that it once broke, if any."""

    machine: Machine
    commands: tuple[Command, ...]
    requirement: str = ""
    kind: Kind = Kind.POSITIVE

    @property
    def operation(self) -> str:
        """Return the id of the operation that the machine turns around."""
        return f"{self.machine.api}/{self.machine.name}"

    @property
    def id(self) -> str:
        """Return the machine's name and the beginning of the digest of the commands."""
        text = json.dumps([self.operation, self.commands])
        return f"{self.machine.name}-walk-{hashlib.sha256(text.encode()).hexdigest()[:8]}"

    @property
    def why(self) -> str:
        """Return the commands as a sentence."""
        return ", then ".join(f"{name} {slot}".strip() for name, slot in self.commands)


def machines(api: Api) -> Iterator[Machine]:
    """Yield the machines of an API: one for each operation that creates things, one for each thing that has states."""
    for operation in api.operations.values():
        if any(creates(operation, each) for each in operation.parameters):
            others = [
                each for each in api.operations.values() if _reads_back(each, operation) or _removes(each, operation)
            ]
            if others:
                members = [operation, *sorted(others, key=lambda each: each.name)]
                yield Machine(api.name, operation.name, tuple(_commands(members)))
    yield from _stateful(api)


def _commands(operations: list[Operation]) -> Iterator[Command]:
    for operation in operations:
        yield from ((operation.name, slot) for slot in (SLOTS if _is_about_one(operation) else ("",)))


def _reads_back(operation: Operation, write: Operation) -> bool:
    return any(each.parameters["write"] == write.name for each in operation.behaviour("read-after-write"))


def _removes(operation: Operation, write: Operation) -> bool:
    return operation.method == "DELETE" and operation.path == write.path


def _stateful(api: Api) -> Iterator[Machine]:
    groups: dict[tuple[str, ...], list[Operation]] = {}
    for operation in api.operations.values():
        groups.setdefault(_things(operation), []).append(operation)
    for members in groups.values():
        moving = sorted(each.name for each in members if each.state)
        watching = sorted(each.name for each in members if not each.state and each.tier is Tier.READ)
        if moving and watching:
            yield Machine(api.name, moving[0], tuple((name, "") for name in (*moving, *watching)))


def _things(operation: Operation) -> tuple[str, ...]:
    return tuple(sorted(each.resource for each in operation.parameters if each.location == "path" and each.resource))


def machine_digest(api: Api, machine: Machine) -> str:
    """Return the digest of the requests of a machine's operations."""
    digests = [request_digest(api, api.operations[name]) for name in machine.operations]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def scenario_of_walk(walk: Walk, context: Context) -> Scenario:
    """Return a walk as a scenario in the state that its first moving command needs; raises UnplannableError."""
    named: dict[str, Call] = {}
    steps = tuple(_step(context, walk, command, named) for command in walk.commands)
    state = next((step.call.operation.state for step in steps if step.call.operation.state), "")
    return Scenario(f"{walk.machine.name}/corpus/{walk.id}", walk.machine.api, steps, state=state)


def _step(context: Context, walk: Walk, command: Command, named: dict[str, Call]) -> Step:
    name, slot = command
    operation = context.sibling(name)
    if slot and slot not in named:
        named[slot] = context.valid(context.sibling(walk.machine.name))
    call = (
        named[slot]
        if slot and name == walk.machine.name
        else context.valid(operation, **_path(operation, named.get(slot)))
    )
    return context.step(call, f"the command '{name} {slot}'".replace(" '", "'"), again=True)


def _path(operation: Operation, maker: Call | None) -> dict[str, str]:
    if maker is None:
        return {}
    names = {each.name for each in operation.parameters if each.location == "path"}
    return {name: value for (location, name), value in maker.arguments.items() if location == "path" and name in names}


@dataclass(frozen=True, slots=True)
class Surprise:
    """A command that did what the model does not expect."""

    index: int
    expected: str
    got: str


@dataclass(slots=True)
class Model:
    """What a machine should be like after some commands: which slots hold a thing, and which state it is in."""

    api: Api
    machine: Machine
    state: str
    held: dict[str, bool] = field(default_factory=dict)  # slot -> whether the thing is there

    def expected(self, command: Command) -> bool | None:
        """Tell whether a command has to succeed (True) or to be refused (False); None where the contracts do not say."""
        operation, slot = self.api.operations[command[0]], command[1]
        if operation.state:
            return True if operation.state == self.state else None
        if operation.name == self.machine.name or not slot or not _is_about_one(operation):
            return True
        if operation.method == "DELETE":
            return True if self.held.get(slot, False) else None
        return self.held.get(slot, False)

    def follow(self, command: Command, *, succeeded: bool) -> None:
        """Take note of what a command did."""
        operation, slot = self.api.operations[command[0]], command[1]
        if not succeeded:
            return
        if operation.state:
            after = self.api.operations.get(operation.undo)
            self.state = after.state if after else ""
        elif operation.name == self.machine.name:
            self.held[slot] = True
        elif operation.method == "DELETE":
            self.held[slot] = False


def _is_about_one(operation: Operation) -> bool:
    return "{" in operation.path.rsplit("/", 1)[-1]


def surprises(api: Api, walk: Walk, state: str, exchanges: Sequence[Exchange]) -> Iterator[Surprise]:
    """Yield what a machine did against its model; `state` is that which was arranged, or the empty string.

    A server that is busy, and an answer that did not come, say nothing.
    """
    model = Model(api, walk.machine, state)
    ids: dict[str, str] = {}
    for index, (command, exchange) in enumerate(zip(walk.commands, exchanges, strict=False)):
        status = exchange.response.status if exchange.response else 0
        if status in (0, 409, 429, 503):
            return
        succeeded, expected = 200 <= status < 300, model.expected(command)
        if expected is not None and expected != succeeded:
            yield Surprise(index, "a success" if expected else "a refusal", str(status))
            return
        model.follow(command, succeeded=succeeded)
        operation = api.operations[command[0]]
        if command[1] and _is_about_one(operation):
            ids[command[1]] = exchange.request.target.partition("?")[0].rsplit("/", 1)[-1]
        yield from _unseen(operation, model, ids, exchange, index)


def _unseen(
    operation: Operation, model: Model, ids: Mapping[str, str], exchange: Exchange, index: int
) -> Iterator[Surprise]:
    """Yield what a list shows although it was removed, and what it does not show although it is there."""
    for declaration in operation.behaviour("read-after-write"):
        if "items" not in declaration.parameters or exchange.response is None or _goes_on(operation, exchange):
            continue
        items: JSON = at(parse(exchange.response.body).value, declaration.parameters["items"])
        shown = (
            {str(at(each, declaration.parameters["id"])).casefold() for each in items}
            if isinstance(items, list)
            else set()
        )
        for slot, identifier in ids.items():
            if model.held.get(slot) is not None and model.held[slot] != (identifier.casefold() in shown):
                words = ("in the list", "absent from the list")
                yield Surprise(
                    index, *(f"{identifier} {each}" for each in (words if model.held[slot] else words[::-1]))
                )


def _goes_on(operation: Operation, exchange: Exchange) -> bool:
    """Tell whether a list has more pages than this one."""
    names = [each.parameters["response"].removeprefix("header ") for each in operation.behaviour("page")]
    return any(exchange.response is not None and exchange.response.header(name) for name in names)
