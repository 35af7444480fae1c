"""Find every mistake in the documents of the contracts: form first, then what refers to what.

Nothing is raised here: each function returns mistakes, so that a user sees all of them at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match
from referencing import Registry, Resource

from asdocumented.contracts.definitions import all_references, definition_name, reachable, validator
from asdocumented.contracts.matching import path_names
from asdocumented.contracts.model import JSON, Ambiguity, Api, BehaviourDeclaration, Catalogue, Operation
from asdocumented.errors import Mistake, suggest


@dataclass(frozen=True, slots=True)
class ApiDocument:
    """The files of one API folder as they were read: `api.yaml`, definitions, contracts and samples."""

    name: str
    folder: Path
    api: JSON
    definitions: Mapping[str, JSON]
    operations: Mapping[str, JSON]
    samples: Mapping[str, Mapping[str, JSON]]


@cache
def published_schema(name: str) -> JSON:
    """Return one of the JSON Schemas that describe the contracts' files: `api` or `contract`."""
    text = (
        resources.files("asdocumented.contracts").joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8")
    )
    return json.loads(text)


@cache
def _validator(name: str) -> Draft202012Validator:
    loaded = [published_schema("api"), published_schema("contract")]
    registry: Registry[JSON] = Registry().with_resources((each["$id"], Resource.from_contents(each)) for each in loaded)
    return Draft202012Validator(published_schema(name), registry=registry)


def check(documents: Mapping[str, ApiDocument]) -> list[Mistake]:
    """Return the mistakes of form: against the published schemas, and references that lead nowhere."""
    mistakes: list[Mistake] = []
    for document in documents.values():
        mistakes.extend(_against_schema("api", document.api, f"{document.name}/api.yaml"))
        for name, contract in document.operations.items():
            shown = f"{document.name}/{name}/contract.yaml"
            formal = list(_against_schema("contract", contract, shown))
            mistakes.extend(formal)
            if not formal:
                mistakes.extend(_references(document, name, contract, shown))
        for name, schema in document.definitions.items():
            mistakes.extend(_definition_mistakes(document, name, schema))
    return mistakes


def _against_schema(kind: str, value: JSON, shown: str) -> Iterator[Mistake]:
    for error in _validator(kind).iter_errors(value):
        yield _explain(error, shown)


def _explain(error: ValidationError, shown: str) -> Mistake:
    """Turn a schema error into a mistake whose remedy names the closest valid word."""
    if error.validator == "oneOf" and "seen-in" in str(error.validator_value):
        return Mistake(
            shown,
            "".join(f"/{part}" for part in error.absolute_path),
            "exactly one of 'seen-in' and 'unseen' is needed",
            "Say where the readings show, or why they do not.",
        )
    inner = best_match(error.context) if error.context else None
    cause = inner if inner is not None and error.validator in ("anyOf", "oneOf", "allOf") else error
    pointer = "".join(f"/{part}" for part in cause.absolute_path)
    if cause.validator in ("additionalProperties", "unevaluatedProperties") and isinstance(cause.instance, dict):
        known = set(_schema_of(cause).get("properties", {}))
        unknown = sorted(set(cause.instance) - known)
        if unknown and known:
            what = "behaviour" if known >= {"echo", "page"} else "key"
            return Mistake(shown, pointer, f"unknown {what} {unknown[0]!r}", suggest(unknown[0], known))
    if cause.validator == "enum":
        return Mistake(
            shown,
            pointer,
            f"{cause.instance!r} is not allowed",
            suggest(str(cause.instance), [str(each) for each in _schema_of(cause)["enum"]]),
        )
    if cause.validator == "required":
        return Mistake(shown, pointer, cause.message, "Add it.")
    return Mistake(shown, pointer, cause.message, "See the published schema of this file.")


def _schema_of(error: ValidationError) -> Mapping[str, JSON]:
    return error.schema if isinstance(error.schema, Mapping) else {}


def _definition_mistakes(document: ApiDocument, name: str, schema: JSON) -> Iterator[Mistake]:
    shown = f"{document.name}/schemas/{name}.json"
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        pointer = "".join(f"/{part}" for part in error.absolute_path)
        yield Mistake(shown, pointer, f"not a JSON Schema: {error.message}", "Use JSON Schema 2020-12.")
        return
    for reference, pointer in all_references(schema):
        if not _resolves(document, reference):
            yield Mistake(shown, pointer, f"{reference!r} leads nowhere", suggest(reference, _files(document)))


def _files(document: ApiDocument) -> list[str]:
    return [f"../schemas/{name}.json" for name in document.definitions]


def _resolves(document: ApiDocument, reference: str) -> bool:
    return reference.endswith(".json") and definition_name(reference) in document.definitions


def _references(document: ApiDocument, name: str, contract: JSON, shown: str) -> Iterator[Mistake]:
    for reference, pointer in all_references(contract):
        if pointer.startswith("/parameters/") and "api.yaml" in reference:
            known = [f"../api.yaml#/parameters/{each}" for each in document.api.get("parameters", {})]
            yield Mistake(shown, pointer, f"{reference!r} leads nowhere", suggest(reference, known))
        elif not _resolves(document, reference):
            yield Mistake(shown, pointer, f"{reference!r} leads nowhere", suggest(reference, _files(document)))
    for index, sample in enumerate(contract.get("samples", [])):
        if sample["file"] not in document.samples[name]:
            yield Mistake(
                shown,
                f"/samples/{index}/file",
                f"{sample['file']!r} is not there",
                suggest(sample["file"], document.samples[name]),
            )
        elif document.samples[name][sample["file"]] is not None:
            yield from _sample_mistakes(document, contract, sample, f"{document.name}/{name}/{sample['file']}")


def _sample_schema(contract: JSON, part: str) -> JSON:
    holder = contract.get("requestBody") if part == "request" else contract["responses"].get(part)
    content = holder.get("content") if holder else None
    return next(iter(content.values()))["schema"] if content else None


def _sample_mistakes(document: ApiDocument, contract: JSON, sample: JSON, shown: str) -> Iterator[Mistake]:
    schema = _sample_schema(contract, str(sample["of"]))
    if schema is None:
        yield Mistake(shown, "", f"a sample of {sample['of']!r}, which has no documented body", "Correct `of`.")
        return
    if any(not _resolves(document, reference) for reference, _ in all_references(schema)):
        return
    value = document.samples[shown.split("/")[1]][sample["file"]]
    for error in validator(document.definitions, schema).iter_errors(value):
        pointer = "".join(f"/{part}" for part in error.absolute_path)
        if pointer not in sample.get("defects", {}):
            yield Mistake(
                shown,
                pointer,
                f"the sample does not fit its schema: {error.message}",
                "Correct it, or record a known defect of the page.",
            )


def check_catalogue(catalogue: Catalogue) -> list[Mistake]:
    """Return the mistakes of meaning: names of one part of a contract that another part does not have."""
    return [
        mistake
        for api in catalogue.apis.values()
        for operation in api.operations.values()
        for mistake in _meaning(api, operation)
    ]


def _meaning(api: Api, operation: Operation) -> Iterator[Mistake]:
    shown = f"{operation.id}/contract.yaml"
    yield from _names(shown, operation, api)
    yield from _causes(shown, operation, api)
    for index, declaration in enumerate(operation.behaviours):
        yield from _behaviour(shown, f"/behaviours/{index}/{declaration.name}", declaration, operation, api)
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


def _names(shown: str, operation: Operation, api: Api) -> Iterator[Mistake]:
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
    if operation.undo and operation.undo != "none" and operation.undo not in api.operations:
        yield Mistake(shown, "/undo", f"unknown operation {operation.undo!r}", suggest(operation.undo, api.operations))
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


def _behaviour(
    shown: str, pointer: str, declaration: BehaviourDeclaration, operation: Operation, api: Api
) -> Iterator[Mistake]:
    parameters = declaration.parameters
    for key in ("ambiguity", "counts", "last", "ancestors"):
        if key in parameters:
            yield from _known_ambiguity(shown, f"{pointer}/{key}", parameters[key], operation, api)
    for key in ("while", "state"):
        if key in parameters and parameters[key] not in api.states:
            yield Mistake(
                shown, f"{pointer}/{key}", f"unknown state {parameters[key]!r}", suggest(parameters[key], api.states)
            )
    siblings = [parameters["write"]] if "write" in parameters else []
    siblings += [parameters["watch"]["operation"]] if "watch" in parameters else []
    for sibling in siblings:
        if sibling not in api.operations:
            yield Mistake(shown, pointer, f"unknown operation {sibling!r}", suggest(sibling, api.operations))
    if "parameter" in parameters and parameters["parameter"] not in {each.name for each in operation.parameters}:
        yield Mistake(
            shown,
            f"{pointer}/parameter",
            f"unknown parameter {parameters['parameter']!r}",
            suggest(parameters["parameter"], [each.name for each in operation.parameters]),
        )
    if declaration.name == "empty-body" and parameters["status"] not in operation.responses:
        yield Mistake(
            shown,
            f"{pointer}/status",
            f"no response {parameters['status']!r}",
            suggest(parameters["status"], operation.responses),
        )
    if declaration.name == "exclusive":
        errors = {error.error for response in operation.responses.values() for error in response.errors}
        if parameters["error"] not in errors:
            yield Mistake(
                shown,
                f"{pointer}/error",
                f"no documented error {parameters['error']!r}",
                suggest(parameters["error"], errors),
            )
