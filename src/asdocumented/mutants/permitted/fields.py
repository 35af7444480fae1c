"""The fields that the bodies of an operation may have: where each stands, and what the contract says of its presence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from asdocumented.contracts.definitions import reachable, referenced
from asdocumented.contracts.grounds import Level
from asdocumented.contracts.model import JSON, Api, Operation, Response
from asdocumented.emulator.defaults import instance
from asdocumented.requirement import PROFILES, Requirement, schema
from asdocumented.requirements import framework_rule
from asdocumented.requirements.shapes import body_requirements


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a body: a pointer to it (`*` for every item), its schema, and the definition that has it."""

    pointer: str
    of: JSON
    definition: str
    name: str


def fields(api: Api, of: JSON, pointer: str = "", inside: tuple[str, ...] = ()) -> Iterator[Field]:
    """Yield every field of a schema, the outermost first; none of a definition within itself."""
    name = referenced(of)
    if name in inside:
        return
    body = api.definitions[name] if name else of
    nested = (*inside, name) if name else inside
    for field, inner in body.get("properties", {}).items():
        yield Field(f"{pointer}/{field}", inner, name, field)
    for field, inner in body.get("properties", {}).items():
        yield from fields(api, inner, f"{pointer}/{field}", nested)
    if isinstance(body.get("items"), Mapping):
        yield from fields(api, body["items"], f"{pointer}/*", nested)


def rules(api: Api, operation: Operation, *, errors: bool) -> tuple[Response, ...]:
    """Return the rules with a body: of the successes, or of the errors with those of the framework."""
    found = [each for each in operation.responses.values() if each.is_error is errors and each.media_types]
    framework = framework_rule(api) if errors else None
    return tuple([*found, framework] if framework is not None else found)


def is_open(api: Api, rule: Response) -> bool:
    """Tell whether every definition of a body may have fields that it does not list."""
    closing = ("additionalProperties", "unevaluatedProperties", "propertyNames", "maxProperties")
    found = [api.definitions[name] for name in reachable(api.definitions, rule.schema)]
    return not any(key in each for each in (rule.schema or {}, *found) for key in closing)


def spared(api: Api, operation: Operation, over: Iterable[Response], field: Field) -> tuple[str, ...]:
    """Return the profiles in which a field may be absent from every body of these rules."""
    stated = [each for rule in over for each in _presence(api, operation, rule, field)]
    if any(each.level is Level.MUST for each in stated):
        return ()
    return tuple(name for name in PROFILES if not any(each.counts_in(name) for each in stated))


def _presence(api: Api, operation: Operation, rule: Response, field: Field) -> Iterator[Requirement]:
    what = schema(rule.key, field.definition or rule.definition or "body", (field.name,), "presence")
    yield from (each for each in body_requirements(api, operation, rule, "") if each.what == what)


def sample(api: Api, of: JSON, inside: tuple[str, ...] = ()) -> JSON:
    """Return a value of a schema with every field, one item in every array, and no definition within itself."""
    name = referenced(of)
    body = api.definitions[name] if name else of
    nested = (*inside, name) if name else inside
    if "properties" in body:
        inner = {key: each for key, each in body["properties"].items() if not _is_within(each, nested)}
        return {key: sample(api, each, nested) for key, each in inner.items()}
    if isinstance(body.get("items"), Mapping) and not _is_within(body, nested):
        return [sample(api, body["items"], nested)]
    return instance(api, body)


def _is_within(of: JSON, inside: tuple[str, ...]) -> bool:
    return bool({referenced(of), referenced(of.get("items", {}))} & set(inside))
