"""Understand one exchange: which operation it addresses, what is wrong with the request, which rule its response falls under.

The judge needs no label from whoever sent a request: everything here is found in the recorded request itself and in what
the trace says of the world before it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from asdocumented.contracts.access import USER, is_unsupported, lacking
from asdocumented.contracts.matching import fitting, literals_in_other_case, match, split_target
from asdocumented.contracts.model import JSON, Api, Catalogue, Operation, Parameter
from asdocumented.contracts.model import Response as Rule
from asdocumented.reads import faults
from asdocumented.reads.resending import Doubt, doubt_of
from asdocumented.reads.strict_json import Parsed, parse
from asdocumented.reads.world import World
from asdocumented.traces import Arrangement, Exchange, Request, Trace

ANONYMOUS = "anonymous"
UNKNOWN = "unknown"
_MARKER = re.compile(r"«(?:token|basic):([a-z0-9-]+)»")


@dataclass(frozen=True, slots=True)
class Read:
    """An exchange as the judge understands it.

    `causes` are the reasons for which a target may refuse the request (`identity/expired`, `permission-missing`,
    `link-missing`, `sync-running`, `refusal/query/api-version/missing`). `certain` says that nothing about the request is
    unknown: without causes it must succeed. With `awaits` nothing is but whether what this run wrote shows already. A request
    that is about the path and not about an operation (another method, a request line that no client sends) has no `operation`
    but `others`. `key` is the response rule, empty when no rule covers the status.
    """

    exchange: Exchange
    api: Api
    operation: Operation | None
    others: tuple[Operation, ...]  # operations on the same path, when the method fits none
    arguments: Mapping[tuple[str, str], tuple[str, ...]]
    body: JSON
    identity: str
    causes: tuple[str, ...]
    certain: bool
    key: str
    parsed: Parsed | None
    epoch: int  # how many arrangements of this API came before
    oddities: tuple[str, ...] = ()  # what no page speaks of, so that neither a success nor a refusal breaks anything
    doubt: Doubt | None = None
    awaits: bool = False

    @property
    def id(self) -> int:
        """Return the exchange's number."""
        return self.exchange.id

    @property
    def status(self) -> int:
        """Return the status code, or 0 without a response."""
        return self.exchange.response.status if self.exchange.response else 0

    @property
    def is_plain(self) -> bool:
        """Tell whether nothing is wrong with the request, and nothing about it is odd."""
        return not self.causes and not self.oddities

    @property
    def rule(self) -> Rule | None:
        """Return the response rule of the contract that the status falls under."""
        return self.operation.responses.get(self.key) if self.operation else None

    @property
    def succeeded(self) -> bool:
        """Tell whether the answer is a documented success."""
        rule = self.rule
        return rule is not None and not rule.is_error

    @property
    def value(self) -> JSON:
        """Return the response's parsed body, or None."""
        return self.parsed.value if self.parsed and self.parsed.usable else None

    def argument(self, location: str, name: str) -> str | None:
        """Return the first value of a parameter, or None when the request has none."""
        values = self.arguments.get((location, name.lower() if location == "header" else name))
        return values[0] if values else None


def classify(catalogue: Catalogue, trace: Trace) -> list[Read]:
    """Return every exchange of a trace as a Read, in order, without those after which the same request was sent again.

    The answer of somebody else, such as a gateway's, is no answer of the target.
    """
    world = World.of(trace)
    reads = []
    epochs: dict[str, int] = {}
    before: list[Exchange] = []
    for event in trace.events:
        if isinstance(event, Arrangement):
            world.arrange(event)
            epochs[event.api] = epochs.get(event.api, 0) + 1
            continue
        if event.again:
            before.append(event)
            continue
        exchange = replace(event, response=None) if event.environmental else event
        read = _read(catalogue.apis[event.api], exchange, world, epochs.get(event.api, 0))
        _learn(world, read)
        reads.append(replace(read, doubt=doubt_of(event, before)) if before else read)
        before = []
    return reads


def _learn(world: World, read: Read) -> None:
    if read.operation is None or read.exchange.response is None:
        return
    world.tokens.update(value for _, value in read.exchange.response.headers)
    if 200 <= read.status < 300:
        world.succeed(read.operation, _path_values(read.operation, read.arguments))
        if read.operation.ends_session:
            world.ended.add((read.api.name, read.identity))


def _read(api: Api, exchange: Exchange, world: World, epoch: int) -> Read:
    aside = _aside(api, exchange.request)
    found = None if aside.causes else match(api, exchange.request.method, exchange.request.target)
    operation = found.operation if found else None
    arguments = _arguments(exchange, found.path if found else {})
    identity = _identity(api, operation, exchange)
    causes, oddities, body, awaits = list(aside.causes), tuple[str, ...](), None, False
    certain = operation is not None and _is_understood(api, identity) and (api.name, identity) not in world.ended
    if operation is not None:
        own = faults.find(api, operation, exchange.request, arguments, partial(_holds, world, api.name))
        references, known, awaits = _reference_causes(operation, arguments, own.body, world)
        states, in_state = _state_causes(operation, arguments, world)
        causes += [*_identity_causes(api, operation, identity), *own.causes, *references, *states]
        certain = certain and known and in_state and not own.oddities
        certain = certain and not literals_in_other_case(operation.path, split_target(exchange.request.target)[0])
        oddities, body = own.oddities, own.body
    response = exchange.response
    parsed = parse(response.body) if response is not None and response.body else None
    return Read(
        exchange=exchange,
        api=api,
        operation=operation,
        others=aside.operations,
        arguments=arguments,
        body=body,
        identity=identity,
        causes=tuple(causes),
        certain=certain and not awaits,
        key=response_key(api, operation, response.status) if response and operation else "",
        parsed=parsed,
        epoch=epoch,
        oddities=oddities,
        awaits=certain and awaits,
    )


@dataclass(frozen=True, slots=True)
class _Aside:
    """The operations at the path of a request that is a request of none of them, and why."""

    causes: tuple[str, ...] = ()
    operations: tuple[Operation, ...] = ()


def _aside(api: Api, request: Request) -> _Aside:
    """Tell whether a request is about a path alone: by a method without an operation, or by what no client sends."""
    path, query = request.target.partition("?")[::2]
    tidy = posixpath.normpath(path)
    dotted = tidy != path and any(each in (".", "..") for each in path.split("/"))
    at_path = fitting(api, f"{tidy}?{query}" if dotted else request.target)
    operations = tuple(each.operation for each in at_path)
    same_method = tuple(each for each in operations if each.method == request.method)
    length = request.header("content-length")
    if dotted:
        return _Aside(("wire/dot-segments",), same_method)
    if length is not None and not (length.isascii() and length.isdigit()):
        return _Aside(("wire/content-length",), same_method)
    if same_method or not operations:
        return _Aside()
    if request.method == "HEAD" and any(each.method == "GET" for each in operations):
        return _Aside(("method/head",), tuple(each for each in operations if each.method == "GET"))
    causes = {"OPTIONS": "method/options", "TRACE": "wire/trace"}
    return _Aside((causes.get(request.method, "refusal/method"),), operations)


def _holds(world: World, api: str, pool: str, value: str) -> bool:
    return value in world.existing.get((api, pool), ())


def response_key(api: Api, operation: Operation, status: int) -> str:
    """Return the key of the response rule for a status: its own, `other`, `framework`, or the empty string."""
    if str(status) in operation.responses:
        return str(status)
    if "other" in operation.responses and 400 <= status <= 599:
        return "other"
    if any(framework.status == status for framework in api.framework):
        return "framework"
    return ""


def _arguments(exchange: Exchange, path: Mapping[str, str]) -> dict[tuple[str, str], tuple[str, ...]]:
    arguments: dict[tuple[str, str], tuple[str, ...]] = {("path", name): (value,) for name, value in path.items()}
    for name, value in split_target(exchange.request.target)[1]:
        arguments["query", name] = (*arguments.get(("query", name), ()), value)
    for name, value in exchange.request.headers:
        key = ("header", name.lower())
        arguments[key] = (*arguments.get(key, ()), value)
    return arguments


def _identity(api: Api, operation: Operation | None, exchange: Exchange) -> str:
    basic = operation is not None and operation.security == "basic"
    value = exchange.request.header("authorization" if basic else api.credential["header"])
    if value is None:  # a target may have a header of its own for credentials
        others = (_MARKER.fullmatch(each) for _, each in exchange.request.headers)
        return next((each.group(1) for each in others if each), ANONYMOUS)
    found = _MARKER.search(value)
    return found.group(1) if found else UNKNOWN


def _identity_causes(api: Api, operation: Operation, identity: str) -> Iterator[str]:
    known = api.identities.get(identity)
    if identity == ANONYMOUS or (known is not None and known.refused is not None):
        yield f"identity/{identity}"
    elif known is not None and lacking(operation, known) is not None:
        yield "permission-missing"
    elif known is not None and is_unsupported(operation, known):
        yield f"identity/{identity}"


def _is_understood(api: Api, identity: str) -> bool:
    """Tell whether contracts say whose credential it is, and whether its kind may call."""
    known = api.identities.get(identity)
    return identity == ANONYMOUS or (known is not None and known.kind in (USER, "none"))


def _path_values(
    operation: Operation, arguments: Mapping[tuple[str, str], tuple[str, ...]]
) -> list[tuple[Parameter, str]]:
    found = []
    for parameter in operation.parameters:
        values = arguments.get((parameter.location, parameter.name))
        if parameter.location == "path" and parameter.resource and values:
            found.append((parameter, values[0]))
    return sorted(found, key=lambda each: operation.path.index("{" + each[0].name + "}"))


def creates(operation: Operation, parameter: Parameter) -> bool:
    """Tell whether the operation itself brings the resource of this path parameter into being (a PUT to its own path)."""
    return operation.method == "PUT" and operation.path.endswith("{" + parameter.name + "}")


def _reference_causes(
    operation: Operation, arguments: Mapping[tuple[str, str], tuple[str, ...]], body: JSON, world: World
) -> tuple[list[str], bool, bool]:
    """Return the causes that references give, whether all that is referred to is known, and whether this run wrote some of it."""
    causes, known, awaits = [], True, False
    for parameter, value in _path_values(operation, arguments):
        if creates(operation, parameter):
            # What a second PUT to an id does is for the upsert behaviour to judge.
            known = known and (operation.api, parameter.resource, value) not in world.written
            continue
        exists = world.knows(operation, parameter, value)
        if exists is False:
            causes.append(f"{parameter.resource}-missing")
        is_written = exists is None and world.has_written(operation, parameter, value)
        known, awaits = known and (exists is not None or is_written), awaits or is_written
    for pointer, pool in (operation.body.draws if operation.body and body else {}).items():
        value = at(body, pointer)
        pooled = world.existing.get((operation.api, pool))
        if isinstance(value, str) and pooled and value not in pooled and not value.startswith("«secret:"):
            known = False
    for parameter in operation.parameters:
        value = arguments.get((parameter.location, parameter.name), ("",))[0]
        known = known and not (parameter.location == "query" and world.in_other_case(operation.api, parameter, value))
    for declaration in operation.behaviour("page"):
        token = arguments.get(("header", declaration.parameters["request"].removeprefix("header ").lower()), ("",))[0]
        known = known and (not token or token in world.tokens)
    return causes, known, awaits


def _state_causes(
    operation: Operation, arguments: Mapping[tuple[str, str], tuple[str, ...]], world: World
) -> tuple[list[str], bool]:
    """Return the states that forbid the operation now, and whether its own precondition is known to hold."""
    values = [value for _, value in _path_values(operation, arguments)]
    state = world.state(operation.api, values)
    named = {cause for rule in operation.responses.values() for each in rule.errors for cause in each.when}
    causes = [state] if state and state in named else []
    return causes, not operation.state or state == operation.state or bool(causes)


def at(value: JSON, pointer: str) -> JSON:
    """Return what a JSON pointer (RFC 6901, object members and array indexes) leads to, or None."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isascii() and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value
