"""Find every mistake of meaning in contracts: names of one part that another part does not have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from asdocumented.contracts.definitions import reachable, referenced
from asdocumented.contracts.grounds import Ambiguity
from asdocumented.contracts.matching import path_names
from asdocumented.contracts.model import JSON, Api, BehaviourDeclaration, Catalogue, Operation
from asdocumented.errors import Mistake, suggest


def check_meaning(catalogue: Catalogue, operations: Mapping[str, Collection[str]]) -> list[Mistake]:
    """Return the mistakes of meaning: names of one part of a contract that another part does not have.

    `operations` are the names of all operations by API, also of those whose contract is too broken to be in the catalogue.
    """
    found = [
        mistake
        for api in catalogue.apis.values()
        for operation in api.operations.values()
        for mistake in _meaning(api, operation, operations[api.name])
    ]
    return [*found, *(mistake for api in catalogue.apis.values() for mistake in _counted(api))]


def _counted(api: Api) -> Iterator[Mistake]:
    """Yield the headers that count down from a rate limit that the API does not have."""
    for header in api.headers:
        kind = header.value.removeprefix("$remaining-")
        if kind != header.value and kind not in api.rate_limits:
            message, remedy = f"there is no limit of {kind!r}", "Name it under rateLimits."
            yield Mistake(f"{api.name}/api.yaml", f"/headers/{header.name}/value", message, remedy)


def _meaning(api: Api, operation: Operation, siblings: Collection[str]) -> Iterator[Mistake]:
    shown = f"{operation.id}/contract.yaml"
    yield from _names(shown, operation, api, siblings)
    yield from _causes(shown, operation, api)
    yield from _register(shown, operation)
    yield from _kinds(shown, operation, api)
    for index, declaration in enumerate(operation.behaviours):
        yield from _behaviour(shown, f"/behaviours/{index}/{declaration.name}", declaration, operation, api, siblings)
    for response in operation.responses.values():
        for name in sorted(reachable(api.definitions, response.schema)):
            if "required" in api.definitions[name]:
                yield Mistake(
                    f"{api.name}/schemas/{name}.json",
                    "/required",
                    "a definition of a response uses 'required'",
                    "Presence is a requirement of its own: use `presence`.",
                )
        for presence in response.presences:
            if presence.name not in api.definitions.get(presence.definition, {}).get("properties", {}):
                yield Mistake(
                    shown,
                    f"/responses/{response.key}/presence/{presence.definition}/{presence.name}",
                    "no such field",
                    suggest(presence.name, api.definitions.get(presence.definition, {}).get("properties", {})),
                )
        for alternative in response.alternatives:
            yield from _known_reading(
                shown,
                f"/responses/{response.key}/alternatives",
                alternative.ambiguity,
                alternative.reading,
                operation,
                api,
            )
    for row in operation.rows:
        definition, _, field = row.partition("/")
        properties = api.definitions.get(definition, {}).get("properties", {})
        if field not in properties:
            yield Mistake(shown, f"/definitions/{row}", f"no such field {row!r}", suggest(field, properties))


def _names(shown: str, operation: Operation, api: Api, siblings: Collection[str]) -> Iterator[Mistake]:
    in_path = {parameter.name for parameter in operation.parameters if parameter.location == "path"}
    for name in sorted(set(path_names(operation.path)) ^ in_path):
        yield Mistake(shown, "/path", f"the path and the path parameters disagree about {name!r}", "Name it in both.")
    for parameter in operation.parameters:
        if parameter.resource and parameter.resource not in api.resources:
            yield Mistake(
                shown,
                f"/parameters/{parameter.name}/resource",
                f"unknown resource {parameter.resource!r}",
                suggest(parameter.resource, api.resources),
            )
    for pointer, pool in (operation.body.draws if operation.body else {}).items():
        if pool not in api.resources:
            yield Mistake(
                shown, f"/requestBody/draws/{pointer}", f"unknown resource {pool!r}", suggest(pool, api.resources)
            )
    if operation.undo and operation.undo != "none" and operation.undo not in siblings:
        yield Mistake(shown, "/undo", f"unknown operation {operation.undo!r}", suggest(operation.undo, siblings))
    if operation.undo == "none" and not operation.irreversible:
        yield Mistake(shown, "/irreversible", "nothing undoes the operation, and nobody is told what stays", "Say it.")
    if operation.state and operation.state not in api.states:
        yield Mistake(shown, "/state", f"unknown state {operation.state!r}", suggest(operation.state, api.states))
    if not operation.successes:
        yield Mistake(shown, "/responses", "no success is documented", "Add the success response.")


def causes(api: Api) -> tuple[str, ...]:
    """Return the causes of errors that contracts of this API may name."""
    missing = tuple(f"{name}-missing" for name in api.resources)
    return ("unauthenticated", "permission-missing", *missing, *api.states)


def _causes(shown: str, operation: Operation, api: Api) -> Iterator[Mistake]:
    for response in operation.responses.values():
        for index, error in enumerate(response.errors):
            pointer = f"/responses/{response.key}/errors/{index}"
            for cause in error.when:
                if cause not in causes(api):
                    yield Mistake(shown, f"{pointer}/when", f"unknown cause {cause!r}", suggest(cause, causes(api)))
            if error.ambiguity:
                yield from _known_ambiguity(shown, f"{pointer}/ambiguity", error.ambiguity, operation, api)


def ambiguity(operation: Operation, api: Api, identifier: str) -> Ambiguity | None:
    """Return the register entry with that id: the operation's own, or the API's."""
    return operation.ambiguities.get(identifier) or api.ambiguities.get(identifier)


def _known_ambiguity(shown: str, pointer: str, identifier: str, operation: Operation, api: Api) -> Iterator[Mistake]:
    if ambiguity(operation, api, identifier) is None:
        known: Iterable[str] = {*operation.ambiguities, *api.ambiguities}
        yield Mistake(shown, pointer, f"no ambiguity {identifier!r} in the register", suggest(identifier, known))


def _known_reading(
    shown: str, pointer: str, identifier: str, reading: str, operation: Operation, api: Api
) -> Iterator[Mistake]:
    found = ambiguity(operation, api, identifier)
    if found is None:
        yield from _known_ambiguity(shown, pointer, identifier, operation, api)
    elif reading not in {each.name for each in found.readings}:
        yield Mistake(
            shown,
            pointer,
            f"{identifier} has no reading {reading!r}",
            suggest(reading, [each.name for each in found.readings]),
        )


def _known_readings(
    shown: str, pointer: str, identifier: str, readings: Iterable[str], operation: Operation, api: Api
) -> Iterator[Mistake]:
    """Yield the readings that a register entry lacks, or once that there is no such entry."""
    if ambiguity(operation, api, identifier) is None:
        yield from _known_ambiguity(shown, pointer, identifier, operation, api)
        return
    for reading in readings:
        yield from _known_reading(shown, pointer, identifier, reading, operation, api)


def _behaviour(
    shown: str,
    pointer: str,
    declaration: BehaviourDeclaration,
    operation: Operation,
    api: Api,
    siblings: Collection[str],
) -> Iterator[Mistake]:
    parameters = declaration.parameters
    for key in ("ambiguity", "counts", "last", "ancestors"):
        if key in parameters:
            yield from _known_ambiguity(shown, f"{pointer}/{key}", parameters[key], operation, api)
    for key, what, known in _named(declaration, operation, api, siblings):
        value = parameters.get(key)
        value = value.get("operation") if isinstance(value, Mapping) else value
        if isinstance(value, str) and value.removeprefix("header ") not in known:
            name = value.removeprefix("header ")
            yield Mistake(shown, f"{pointer}/{key}", f"unknown {what} {name!r}", suggest(name, known))
    named = (*parameters.get("forms", ()), *parameters.get("readings", {}).values())
    if named and ambiguity(operation, api, parameters["ambiguity"]) is not None:
        yield from _known_readings(shown, pointer, parameters["ambiguity"], named, operation, api)
    if declaration.name == "echo":
        yield from _echo(shown, pointer, parameters["fields"], operation)
    if declaration.name == "transition":
        yield from _transition(shown, pointer, parameters, operation, api, siblings)


def _named(
    declaration: BehaviourDeclaration, operation: Operation, api: Api, siblings: Collection[str]
) -> Iterator[tuple[str, str, Collection[str]]]:
    """Yield, for each key of a behaviour that names something, what it names and the names that there are."""
    names = {each.name for each in operation.parameters}
    yield "while", "state", api.states
    yield "state", "state", api.states
    yield "write", "operation", siblings
    yield "watch", "operation", siblings
    yield "read", "operation", siblings
    yield "list", "operation", siblings
    yield "parameter", "parameter", names
    yield "request", "parameter", names
    yield "header", "parameter", {each.name for each in operation.parameters if each.location == "header"}
    yield "query", "parameter", {each.name for each in operation.parameters if each.location == "query"}
    yield "segment", "segment of the path", [part for part in operation.path.split("/") if part and "{" not in part]
    if declaration.name == "upsert":
        yield "id", "parameter", names
    if declaration.name == "filter":
        yield "with", "filter", {each.parameters["parameter"] for each in operation.behaviour("filter")}
    if declaration.name == "empty-body":
        yield "status", "response", operation.responses
    if declaration.name == "exclusive":
        yield "error", "documented error", {each.error for rule in operation.responses.values() for each in rule.errors}
    if declaration.name == "secret" and operation.body is not None:
        yield "field", "field of the request body", set(_pointers(api, operation.body.schema))


def _pointers(api: Api, schema: JSON, pointer: str = "") -> Iterator[str]:
    name = referenced(schema)
    for field, inner in (api.definitions[name] if name else schema).get("properties", {}).items():
        yield f"{pointer}/{field}"
        yield from _pointers(api, inner, f"{pointer}/{field}")


def _echo(shown: str, pointer: str, fields: Mapping[str, str], operation: Operation) -> Iterator[Mistake]:
    in_path = path_names(operation.path)
    for field, source in fields.items():
        name = source.removeprefix("path ")
        if source.startswith("path ") and name not in in_path:
            yield Mistake(shown, f"{pointer}/fields{field}", f"unknown path parameter {name!r}", suggest(name, in_path))


def _transition(
    shown: str,
    pointer: str,
    parameters: Mapping[str, JSON],
    operation: Operation,
    api: Api,
    siblings: Collection[str],
) -> Iterator[Mistake]:
    """Yield the commands, states and register entries of a state machine that there are not."""
    states = parameters["moves"]
    named = [(f"/moves/{state}", each) for state, following in states.items() for each in following]
    for name, command in parameters["commands"].items():
        if name not in siblings:
            message = f"unknown operation {name!r}"
            yield Mistake(shown, f"{pointer}/commands/{name}", message, suggest(name, siblings))
        if "ambiguity" in command:
            place = f"{pointer}/commands/{name}/ambiguity"
            yield from _known_ambiguity(shown, place, command["ambiguity"], operation, api)
        named += [(f"/commands/{name}/{key}", each) for key in ("enters", "reaches") for each in command[key]]
    for place, state in named:
        if state not in states:
            yield Mistake(shown, f"{pointer}{place}", f"no moves of {state!r} are given", suggest(state, states))


def _kinds(shown: str, operation: Operation, api: Api) -> Iterator[Mistake]:
    """Yield what the register lacks of the readings on kinds of identity that the page calls not supported."""
    if operation.access.unsupported:
        readings = ("users-alone", "all-three")
        yield from _known_readings(
            shown, "/permission/kinds/ambiguity", operation.access.ambiguity, readings, operation, api
        )


def _register(shown: str, operation: Operation) -> Iterator[Mistake]:
    """Yield the register entries that are said to be seen where nothing looks."""
    known = {each.name for each in operation.behaviours} | {"response/status"}
    known |= {f"response/{key}" for key in operation.responses}
    for entry in operation.ambiguities.values():
        if entry.seen_in and entry.seen_in not in known:
            message = f"nothing is named {entry.seen_in!r} where its readings could be seen"
            yield Mistake(shown, f"/ambiguities/{entry.id}/seen-in", message, suggest(entry.seen_in, known))
