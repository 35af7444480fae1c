"""A case: one request in the words of a contract, with references to a target's resources instead of their ids.

A case is plain data, so that it can be stored, compared and replayed on any target. Its id follows from its request alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from asdocumented.contracts.model import JSON


class Kind(StrEnum):
    """Whether the generator meant the request to fit the contract; the judge finds out by itself."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


class Means(StrEnum):
    """How a reference becomes a value on a target."""

    POOL = "pool"  # an id that exists
    FRESH = "fresh"  # a new id, which the request itself brings into being
    ABSENT = "absent"  # a new id, which nothing brings into being
    SECRET = "secret"  # noqa: S105 - a new secret, recorded as a marker


@dataclass(frozen=True, slots=True)
class Reference:
    """What stands for a value that only a target can give: a kind of resource, and which of its ids."""

    means: Means
    name: str
    index: int = 0


Value: TypeAlias = str | Reference
Argument: TypeAlias = tuple[str, str, Value]
"""Location, name and value of a parameter."""


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: a JSON value with references by pointer, or `raw` bytes that are no such value."""

    value: JSON = None
    references: Mapping[str, Reference] = field(default_factory=dict)
    raw: bytes | None = None
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One request of an operation (`<api>/<operation>`), why it was generated, and what it once broke, if anything."""

    operation: str
    kind: Kind
    why: str
    arguments: tuple[Argument, ...]
    body: Body | None = None
    identity: str = "admin"
    requirement: str = ""

    @property
    def id(self) -> str:
        """Return the operation's name and the beginning of the digest of the request."""
        record = {key: value for key, value in record_of(self).items() if key not in ("id", "why", "requirement")}
        text = json.dumps([self.operation, record], sort_keys=True, ensure_ascii=True)
        return f"{self.operation.partition('/')[2]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def put(value: JSON, pointer: str, new: str) -> None:
    """Replace the value at a pointer, which must lead somewhere."""
    *parents, last = pointer.strip("/").split("/")
    for part in parents:
        value = value[part]
    value[last] = new


def record_of(case: Case) -> dict[str, Any]:
    """Return a case as JSON, without its id and without what is as usual."""
    record: dict[str, Any] = {
        "kind": str(case.kind),
        "why": case.why,
        "arguments": [[location, name, _value_record(value)] for location, name, value in case.arguments],
    }
    if case.identity != "admin":
        record["identity"] = case.identity
    if case.body is not None:
        record["body"] = _body_record(case.body)
    if case.requirement:
        record["requirement"] = case.requirement
    return record


def case_from(operation: str, record: Mapping[str, Any]) -> Case:
    """Return the case that `record_of` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    arguments = tuple((str(place), str(name), _value_from(value)) for place, name, value in record["arguments"])
    body = _body_from(record["body"]) if "body" in record else None
    identity, requirement = record.get("identity", "admin"), record.get("requirement", "")
    return Case(operation, Kind(record["kind"]), str(record["why"]), arguments, body, identity, requirement)


def _value_record(value: Value) -> JSON:
    if isinstance(value, str):
        return value
    record: dict[str, JSON] = {str(value.means): value.name}
    return {**record, "index": value.index} if value.index else record


def _value_from(record: JSON) -> Value:
    if isinstance(record, str):
        return record
    means = next(each for each in Means if each in record)
    return Reference(means, record[means], record.get("index", 0))


def _body_record(body: Body) -> dict[str, JSON]:
    typed: dict[str, JSON] = {"contentType": body.content_type}
    if body.raw is None:
        if body.references:
            typed["references"] = {key: _value_record(each) for key, each in sorted(body.references.items())}
        return {"json": body.value, **typed}
    try:
        return {"text": body.raw.decode("utf-8"), **typed}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body.raw).decode("ascii"), **typed}


def _body_from(record: Mapping[str, JSON]) -> Body:
    kind = str(record["contentType"])
    if "base64" in record:
        return Body(raw=base64.b64decode(record["base64"]), content_type=kind)
    if "text" in record:
        return Body(raw=str(record["text"]).encode("utf-8"), content_type=kind)
    references: dict[str, Reference] = {}
    for pointer, each in record.get("references", {}).items():
        value = _value_from(each)
        if isinstance(value, Reference):
            references[pointer] = value
    return Body(record["json"], references, content_type=kind)
