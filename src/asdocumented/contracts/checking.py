"""Find every mistake of form in the documents of the contracts, and every reference that leads nowhere.

Nothing is raised here: each function returns mistakes, so that a user sees all of them at once.
"""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema_rs

from asdocumented.contracts.definitions import all_references, definition_name, reachable, validator
from asdocumented.contracts.model import JSON
from asdocumented.errors import Mistake, suggest

if TYPE_CHECKING:  # the library that explains is slow to import, and is needed only where there is a mistake
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError, ValidationError

_CLOSED = ("additionalProperties", "unevaluatedProperties")


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
    """Return one of the JSON Schemas that describe the contracts' files: `api`, `contract` or `known-deviations`."""
    text = (
        resources.files("asdocumented.contracts").joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8")
    )
    return json.loads(text)


@cache
def _validator(name: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    loaded = [published_schema("api"), published_schema("contract")]
    registry: Registry[JSON] = Registry().with_resources(
        (each["$id"], DRAFT202012.create_resource(each)) for each in loaded
    )
    return Draft202012Validator(published_schema(name), registry=registry)


@cache
def _compiled(name: str) -> jsonschema_rs.Draft202012Validator:
    """Return a validator that only says yes or no, a hundred times faster than the one that explains."""
    loaded = [published_schema("api"), published_schema("contract")]
    registry = jsonschema_rs.Registry([(each["$id"], each) for each in loaded])
    return jsonschema_rs.Draft202012Validator(published_schema(name), registry=registry)


def check(documents: Mapping[str, ApiDocument]) -> tuple[list[Mistake], dict[str, ApiDocument]]:
    """Return the mistakes of form (against the published schemas, and references that lead nowhere).

    The documents come back with what is wrong of it taken out or set right, as far as that can be, so that mistakes of
    meaning can be looked for too and a user is told of all of them at once. What cannot be set right is left out.
    """
    mistakes: list[Mistake] = []
    usable: dict[str, ApiDocument] = {}
    for name, document in documents.items():
        api = _set_right("api", document.api, f"{name}/api.yaml", mistakes)
        sound = {}
        for key, schema in document.definitions.items():
            error = _schema_error(schema)
            mistakes.extend(_definition(document, key, schema, error))
            if error is None and isinstance(schema, Mapping):
                sound[key] = schema
        checked = replace(document, definitions=sound)
        operations = {}
        for key, contract in document.operations.items():
            shown = f"{name}/{key}/contract.yaml"
            right = _set_right("contract", contract, shown, mistakes)
            if right is not None and isinstance(document.api, Mapping):
                dead_ends = list(_references(checked, key, right, shown))
                mistakes.extend(dead_ends)
                operations[key] = _without_dead_ends(checked, right) if dead_ends else right
        if api is not None:
            usable[name] = replace(checked, api=api, operations=operations)
    return mistakes, usable


def _set_right(kind: str, value: JSON, shown: str, mistakes: list[Mistake]) -> JSON:
    """Add the mistakes of a file, and return it without unknown keys and with a known word for each unknown one.

    Returns None where a mistake is of another kind, so that nothing sensible can be said about the rest.
    """
    if _is_right(kind, value):
        return value
    errors = [_cause(error) for error in _validator(kind).iter_errors(value)]
    errors = [error for error in errors if not _is_misspelt(error, errors)]
    mistakes.extend(each for error in errors for each in _explain(error, shown))
    right = copy.deepcopy(value)
    for error in errors:
        *path, last = [None, *error.absolute_path]
        holder = right
        for part in path[1:]:
            holder = holder[part]
        if error.validator == "enum" and last is not None:
            holder[last] = _schema_of(error)["enum"][0]
        elif error.validator in _CLOSED and isinstance(error.instance, dict):
            target = holder if last is None else holder[last]
            for key in set(error.instance) - _known_keys(error):
                target.pop(key, None)
    return right if not list(_validator(kind).iter_errors(right)) else None


def check_form(kind: str, value: JSON, shown: str) -> list[Mistake]:
    """Return the mistakes of one file against the published schema of its kind."""
    mistakes: list[Mistake] = []
    _set_right(kind, value, shown, mistakes)
    return mistakes


def _is_right(kind: str, value: JSON) -> bool:
    try:
        return _compiled(kind).is_valid(value)
    except ValueError:  # a value that JSON does not have
        return False


def _cause(error: ValidationError) -> ValidationError:
    """Return the error below an alternative that tells most, or the error itself."""
    if "seen-in" in str(error.validator_value):
        return error
    from jsonschema.exceptions import best_match

    inner = best_match(error.context) if error.context else None
    return inner if inner is not None and error.validator in ("anyOf", "oneOf", "allOf") else error


def _is_misspelt(missing: ValidationError, errors: list[ValidationError]) -> bool:
    """Tell whether a missing key is there under another name, so that one slip is one mistake."""
    if missing.validator != "required" or not isinstance(missing.instance, Mapping):
        return False
    unknown = {
        key
        for error in errors
        if error.validator in _CLOSED
        and error.absolute_path == missing.absolute_path
        and isinstance(error.instance, dict)
        for key in set(error.instance) - _known_keys(error)
    }
    wanted = {key for key in _schema_of(missing)["required"] if key not in missing.instance}
    name = missing.message.partition("'")[2].partition("'")[0]
    return name in wanted and any(difflib.get_close_matches(key, [name], cutoff=0.7) for key in unknown)


def _without_dead_ends(document: ApiDocument, contract: JSON) -> JSON:
    """Return a contract without the bodies whose schema leads nowhere."""
    right = copy.deepcopy(contract)
    for holder in (right.get("requestBody"), *right["responses"].values()):
        if holder is not None and any(not _resolves(document, each) for each, _ in all_references(holder)):
            holder["content"] = {}
            holder.pop("alternatives", None)
    if right.get("requestBody", {}).get("content") == {}:
        del right["requestBody"]
    right["parameters"] = [each for each in right.get("parameters", []) if "$ref" not in each]
    right.pop("samples", None)
    return right


def _explain(cause: ValidationError, shown: str) -> Iterator[Mistake]:
    """Turn a schema error into mistakes whose remedy names the closest valid word."""
    pointer = "".join(f"/{part}" for part in cause.absolute_path)
    if cause.validator == "oneOf" and "seen-in" in str(cause.validator_value):
        remedy = "Say where the readings show, or why they do not."
        yield Mistake(shown, pointer, "exactly one of 'seen-in' and 'unseen' is needed", remedy)
        return
    known = _known_keys(cause)
    if cause.validator in _CLOSED and isinstance(cause.instance, dict) and known:
        what = "behaviour" if known >= {"echo", "page"} else "key"
        for unknown in sorted(set(cause.instance) - known):
            yield Mistake(shown, pointer, f"unknown {what} {unknown!r}", suggest(unknown, known))
    elif cause.validator == "enum":
        words = [str(each) for each in _schema_of(cause)["enum"]]
        yield Mistake(shown, pointer, f"{cause.instance!r} is not allowed", suggest(str(cause.instance), words))
    elif cause.validator == "required":
        yield Mistake(shown, pointer, cause.message, "Add it.")
    else:
        yield Mistake(shown, pointer, cause.message, "See the published schema of this file.")


def _schema_of(error: ValidationError) -> Mapping[str, JSON]:
    return error.schema if isinstance(error.schema, Mapping) else {}


def _known_keys(error: ValidationError) -> set[str]:
    """Return the keys that a closed object may have; a behaviour also has those that every behaviour has."""
    known = set(_schema_of(error).get("properties", {}))
    return (
        known | set(published_schema("contract")["$defs"]["stated"]["properties"])
        if "allOf" in _schema_of(error)
        else known
    )


def _is_schema(schema: JSON) -> bool:
    """Tell by the compiled metaschema, whatever draft a definition may claim to be of."""
    return jsonschema_rs.meta.is_valid({**schema, "$schema": "https://json-schema.org/draft/2020-12/schema"})


def _schema_error(schema: JSON) -> SchemaError | None:
    """Return what keeps a definition from being a JSON Schema, or None."""
    if isinstance(schema, Mapping) and _is_schema(schema):
        return None
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return error
    return None


def _definition(document: ApiDocument, name: str, schema: JSON, error: SchemaError | None) -> Iterator[Mistake]:
    shown = f"{document.name}/schemas/{name}.json"
    if not isinstance(schema, Mapping):
        yield Mistake(shown, "", "a definition is a JSON object", "Use JSON Schema 2020-12.")
        return
    if error is not None:
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
    needed = [schema, *(document.definitions[name] for name in reachable(document.definitions, schema))]
    if any(not _resolves(document, reference) for each in needed for reference, _ in all_references(each)):
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
