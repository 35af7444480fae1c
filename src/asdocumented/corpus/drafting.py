"""Turn a generated draft into a case: whatever stands for something that a target holds becomes a reference to it.

A value that fits its parameter stands for an id of the parameter's pool; one that does not fit is what the draft is about,
and stays as it is.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.model import JSON, Api, Operation, Parameter, Tier
from asdocumented.corpus.cases import Argument, Body, Case, Kind, Means, Reference, Value, put
from asdocumented.reads.classify import at, creates
from asdocumented.reads.validating import coerce, validators

if TYPE_CHECKING:
    from asdocumented.corpus.generating import Draft

_LONGEST = 200  # characters of a value
_LARGEST = 800  # bytes of a body
_MADE_UP = "secret"  # the pool that holds nothing: its values are made up and never recorded


def case_of(api: Api, operation: Operation, draft: Draft, number: int = 0) -> Case | None:
    """Return the case that a draft is, or None for one that no client can send or that is about another operation.

    `number` chooses among the ids of a pool, and whether a negative request of a writing operation is about something
    that does not exist: one of two is, so that a target that allows no writing gets some of them too.
    """
    if any(str(draft.query.get(name)) != value for name, value in operation.query.items()):
        return None  # the constant is part of the route
    absent = draft.kind is Kind.NEGATIVE and operation.tier.rank > Tier.READ.rank and number % 2 == 1
    found: list[Argument] = []
    for location, values in (("path", draft.path), ("query", draft.query), ("header", draft.headers)):
        for name, value in values.items():
            text = _text(value)
            if text is None or not _is_sendable(location, name, text):
                return None
            parameter = operation.parameter(location, name)
            if location == "header" and text == "":
                continue  # an empty field is a field that is not there
            found.append((location, name, _value(api, operation, parameter, text, number=number, absent=absent)))
    if any(len(value) > _LONGEST for _, _, value in found if isinstance(value, str)):
        return None
    body = _body(api, operation, draft, number)
    if draft.has_body and operation.body is not None and body is None:
        return None
    return Case(operation.id, draft.kind, draft.why, tuple(sorted(found, key=lambda each: each[:2])), body)


def _text(value: JSON) -> str | None:
    """Return a scalar as it stands in a URL or a header, or None for anything else."""
    if isinstance(value, bool | None):
        return json.dumps(value)
    if isinstance(value, int | float | str):
        return str(value)
    return None


def _is_sendable(location: str, name: str, text: str) -> bool:
    """Tell whether an HTTP client sends a value as it is; what none sends is for other families."""
    if not _is_text(name) or not _is_text(text):
        return False
    if location == "path":
        return text not in ("", ".", "..") and "/" not in text
    if location == "header":
        return all("\x20" <= each <= "\x7e" for each in text) and text == text.strip() and name.isascii()
    return True


def _is_text(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _value(
    api: Api, operation: Operation, parameter: Parameter | None, text: str, *, number: int, absent: bool
) -> Value:
    if parameter is None or not parameter.resource or "const" in parameter.schema:
        return text
    if not validators(api).valid(parameter.schema, coerce(parameter.schema, text)):
        return text
    if parameter.location != "path":
        return Reference(Means.POOL, parameter.resource, number % 3)
    if creates(operation, parameter):
        return Reference(Means.FRESH, parameter.resource)
    return Reference(Means.ABSENT if absent and parameter.name == operation.own else Means.POOL, parameter.resource)


def _body(api: Api, operation: Operation, draft: Draft, number: int) -> Body | None:
    contract = operation.body
    if contract is None or not draft.has_body:
        return None
    if isinstance(draft.body, bytes):
        return Body(raw=draft.body, content_type=draft.media_type) if len(draft.body) <= _LARGEST else None
    if not _is_json(draft.body):
        return None
    references = dict(_references(api, contract.schema, draft.body, contract.draws, number))
    value = copy.deepcopy(draft.body)
    for pointer in references:
        put(value, pointer, "")  # whatever stood here says nothing, and would make alike cases look unlike
    return Body(value, references, content_type=draft.media_type)


def _is_json(value: JSON) -> bool:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (TypeError, ValueError):
        return False
    return len(text) <= _LARGEST


def _references(
    api: Api, schema: JSON, body: JSON, draws: Mapping[str, str], number: int
) -> Iterator[tuple[str, Reference]]:
    for pointer, pool in draws.items():
        value, own = at(body, pointer), _schema_at(api, schema, pointer)
        if isinstance(value, str) and own is not None and validators(api).valid(own, value):
            yield (
                pointer,
                Reference(
                    Means.SECRET if pool == _MADE_UP else Means.POOL, pool, 0 if pool == _MADE_UP else number % 3
                ),
            )


def _schema_at(api: Api, schema: JSON, pointer: str) -> JSON:
    for part in pointer.strip("/").split("/"):
        name = referenced(schema)
        schema = (api.definitions[name] if name else schema).get("properties", {}).get(part)
        if schema is None:
            return None
    return schema
