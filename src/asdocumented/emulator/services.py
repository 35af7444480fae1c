"""Make each API of the contracts ready to serve: validators, documented errors and handlers, looked up once.

A `Service` is one API with its state; an `Endpoint` is one operation with everything that the pipeline asks of it.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import jsonschema_rs

from asdocumented.contracts.definitions import rooted, rooted_definitions
from asdocumented.contracts.matching import Match, fitting, match_path, path_names, split_target
from asdocumented.contracts.model import JSON, Api, Operation, Parameter, Tier
from asdocumented.emulator import handlers
from asdocumented.emulator.handlers import Handler, Predicate
from asdocumented.emulator.headers import AnswerHeaders
from asdocumented.emulator.listing import Listing
from asdocumented.emulator.tokens import Verifier, signing_key
from asdocumented.emulator.worlds import Draws, RateUse, World
from asdocumented.errors import HarnessError

Valid = Callable[[JSON], bool]
_ROUTES_REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter with its compiled schema; `key` is its name as requests are searched for it."""

    parameter: Parameter
    key: str
    valid: Valid


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation, ready to serve."""

    operation: Operation
    fields: tuple[Field, ...]
    query_names: frozenset[str]
    references: tuple[Parameter, ...]  # path parameters that name things, in the order of the path
    own: Parameter | None  # the thing that a PUT creates and an idempotent DELETE may miss
    body_valid: Valid | None
    errors: Mapping[str, tuple[int, str]]  # cause -> documented status and error
    excluding: Mapping[str, Predicate]  # states in which the operation is refused
    secrets: tuple[str, ...]  # pointers of the request's secrets
    listing: Listing
    handler: Handler | None
    writes: bool  # the operation changes something


@dataclass(frozen=True, slots=True)
class Route:
    """What a request target addresses: matches of any method, and its query parameters with every value."""

    matches: tuple[Match, ...]
    query: Mapping[str, tuple[str, ...]]


class Kept(NamedTuple):
    """What a request changes of a service: the fields of the same names, and how often ids were drawn."""

    world: World
    lagging: World | None
    lags_until: float
    drawn: int
    used: RateUse


@dataclass(slots=True)
class Service:
    """One API: its contract, its endpoints, and the state that its requests change."""

    api: Api
    endpoints: Mapping[str, Endpoint]
    verifier: Verifier
    seed: int
    world: World
    random: Draws
    headers: AnswerHeaders
    used: RateUse = field(default_factory=RateUse)
    lagging: World | None = None  # what a reader sees while a switch makes reads stale
    lags_until: float = math.inf  # when readers see everything again by themselves
    route: Callable[[str], Route] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Remember routes a service, since most requests repeat a target."""
        self.route = lru_cache(maxsize=_ROUTES_REMEMBERED)(self._find)

    def _find(self, target: str) -> Route:
        query: dict[str, tuple[str, ...]] = {}
        for name, value in split_target(target)[1]:
            query[name] = (*query.get(name, ()), value)
        return Route(tuple(fitting(self.api, target)), query)

    def seen(self, now: float, *, writes: bool) -> World:
        """Return the world that a request works on: the real one for a write, for a read what a switch lets it see."""
        return self.lagging if self.lagging is not None and not writes and now < self.lags_until else self.world

    def kept(self) -> Kept:
        """Return a copy of everything that a request changes."""
        lagging = self.lagging.copy() if self.lagging is not None else None
        return Kept(self.world.copy(), lagging, self.lags_until, self.random.drawn, copy.deepcopy(self.used))

    def restore(self, kept: Kept) -> None:
        """Go back to a copy, which belongs to the service from then on."""
        self.world, self.lagging, self.lags_until, self.random.drawn, self.used = kept

    def has_method(self, method: str, path: str) -> bool:
        """Tell whether some operation has this method on this path, whatever its constant query parameters."""
        operations = self.api.operations.values()
        return any(each.method == method and match_path(each.path, path) is not None for each in operations)

    def reset(self) -> None:
        """Go back to how the API started."""
        self.world = World.initial(self.api)
        self.random = Draws(f"{self.seed}/{self.api.name}")
        self.used = RateUse()
        self.lagging = None


def build(api: Api, seed: int) -> Service:
    """Return an API's service in its first state; raises HarnessError when code for a declared state is missing."""
    registry = jsonschema_rs.Registry(rooted_definitions(api.definitions))
    endpoints = {name: _endpoint(api, operation, registry, seed) for name, operation in api.operations.items()}
    for state in api.states:
        if handlers.arranger(api.name, state) is None:
            raise _missing(api, f"arrange-{state}")
    draws = Draws(f"{seed}/{api.name}")
    return Service(api, endpoints, Verifier(api, seed), seed, World.initial(api), draws, AnswerHeaders(api))


def _endpoint(api: Api, operation: Operation, registry: jsonschema_rs.Registry, seed: int) -> Endpoint:
    body = operation.body
    references = _references(operation)
    return Endpoint(
        operation=operation,
        fields=tuple(
            Field(
                each, each.name.lower() if each.location == "header" else each.name, _validator(each.schema, registry)
            )
            for each in operation.parameters
        ),
        query_names=frozenset(each.name for each in operation.parameters if each.location == "query")
        | operation.query.keys(),
        references=references,
        own=_own(operation, references),
        body_valid=_validator(body.schema, registry) if body else None,
        errors=_documented(api, operation),
        excluding=_excluding(api, operation),
        secrets=tuple(each.parameters["field"] for each in operation.behaviour("secret")),
        listing=Listing.of(api, operation, signing_key(seed)),
        handler=handlers.handler(api.name, operation.name),
        writes=operation.tier.rank > Tier.READ.rank,
    )


def _validator(schema: Mapping[str, JSON], registry: jsonschema_rs.Registry) -> Valid:
    return jsonschema_rs.Draft202012Validator(rooted(schema), validate_formats=True, registry=registry).is_valid


def _references(operation: Operation) -> tuple[Parameter, ...]:
    in_path = [operation.parameter("path", name) for name in path_names(operation.path)]
    return tuple(each for each in in_path if each is not None and each.resource)


def _own(operation: Operation, references: tuple[Parameter, ...]) -> Parameter | None:
    """Return the parameter of the thing itself, where its absence is no error.

    A PUT to its own path creates it. A DELETE that documents 204 beside 200 answers 204 when there is nothing to delete.
    """
    idempotent = operation.method == "PUT" or (operation.method == "DELETE" and "204" in operation.responses)
    if idempotent and references and operation.path.endswith("{" + references[-1].name + "}"):
        return references[-1]
    return None


def _documented(api: Api, operation: Operation) -> dict[str, tuple[int, str]]:
    """Return the error that the operation documents for each cause; the first one wins."""
    found: dict[str, tuple[int, str]] = {}
    for response in operation.responses.values():
        for error in response.errors:
            for cause in error.when:
                found.setdefault(cause, (error.status, f"{api.error_model.prefix}{error.error}"))
    return found


def _excluding(api: Api, operation: Operation) -> dict[str, Predicate]:
    """Return the states that refuse the operation, by its `exclusive` behaviours and its documented errors."""
    states = [each.parameters["while"] for each in operation.behaviour("exclusive")]
    states += [cause for response in operation.responses.values() for error in response.errors for cause in error.when]
    found: dict[str, Predicate] = {}
    for state in states:
        if state in api.states:
            holds = handlers.predicate(api.name, state)
            if holds is None:
                raise _missing(api, f"holds-{state}")
            found[state] = holds
    return found


def _missing(api: Api, function: str) -> HarnessError:
    name = function.replace("-", "_")
    module = f"emulator/handlers/{api.name.replace('-', '_')}.py"
    return HarnessError(
        "handler-missing",
        f"The contract of {api.name} needs {name}, and {module} has no such function.",
        remedy="Write it.",
    )
