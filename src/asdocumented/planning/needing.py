"""What requests touch of a target, and which permissions they need of whom, as the contracts say it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from asdocumented.contracts.access import USER, lacking
from asdocumented.contracts.model import Catalogue, Operation, Parameter, Tier
from asdocumented.contracts.service import Identity
from asdocumented.plans import Call, Step
from asdocumented.reads.classify import at, creates
from asdocumented.reads.strict_json import parse

__all__ = ["Need", "Touched", "named_in", "needs_of", "subject_of", "touched_by"]

_SECRETS = "secret"  # the pool whose values are made up


@dataclass(frozen=True, slots=True)
class Touched:
    """A resource that requests name, and the operations that change it or only read it. `created`: by the run itself."""

    api: str
    pool: str
    id: str
    created: bool
    changed: tuple[str, ...]
    read: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """What an identity of an API has to be: a permission, one of some roles, one of some scopes for each operation that it calls.

    `refused` are operations that must refuse it, for what it lacks; `basis` says where the page asks for roles and scopes.
    """

    api: str
    identity: str
    kind: str
    permissions: tuple[str, ...]
    roles: tuple[str, ...]
    scopes: tuple[str, ...]
    operations: tuple[str, ...]
    refused: tuple[str, ...]
    basis: tuple[str, ...]


def named_in(call: Call) -> Iterator[tuple[str, str]]:
    """Yield each pool and id that a call names, in its path, its query or its body."""
    for parameter in call.operation.parameters:
        value = call.arguments.get((parameter.location, parameter.name), "")
        if parameter.resource and value:
            yield parameter.resource, value
    draws = call.operation.body.draws if call.operation.body else {}
    body = parse(call.body).value if draws and call.body else None
    for pointer, pool in draws.items():
        value = at(body, pointer)
        if isinstance(value, str) and value and pool != _SECRETS:
            yield pool, value


def subject_of(operation: Operation) -> Parameter | None:
    """Return the path parameter that names what an operation is about: the last one of a resource."""
    named = [each for each in operation.parameters if each.location == "path" and each.resource]
    return max(named, key=lambda each: operation.path.find("{" + each.name + "}"), default=None)


def _subject(call: Call) -> tuple[str, str] | None:
    """Return what a call is about: a pool and an id."""
    last = subject_of(call.operation)
    return (last.resource, call.arguments.get(("path", last.name), "")) if last is not None else None


Existing = Mapping[str, Mapping[str, Collection[str]]]
"""What is known to exist: API -> pool -> ids."""


def touched_by(steps: Iterable[Step], existing: Existing) -> tuple[Touched, ...]:
    """Return what steps touch: what exists, in whatever letter case they name it, and what they may change or create."""
    changed: dict[tuple[str, str, str], dict[str, None]] = {}
    read: dict[tuple[str, str, str], dict[str, None]] = {}
    created = set()
    for step in steps:
        operation, own = step.call.operation, _subject(step.call)
        for pool, value in named_in(step.call):
            known = _known(existing, operation.api, pool, value)
            key = (operation.api, pool, known or value)
            if (pool, value) == own and step.tier.rank > Tier.READ.rank:
                changed.setdefault(key, {})[operation.name] = None
                if not known and any(creates(operation, each) for each in operation.parameters):
                    created.add(key)
            elif known:
                read.setdefault(key, {})[operation.name] = None
    touched = dict.fromkeys((*changed, *read))
    return tuple(
        Touched(*key, key in created, tuple(changed.get(key, ())), tuple(read.get(key, ()))) for key in touched
    )


def _known(existing: Existing, api: str, pool: str, value: str) -> str:
    """Return an id that exists as it is known, or the empty string."""
    ids = existing.get(api, {}).get(pool, ())
    return value if value in ids else next((each for each in ids if each.casefold() == value.casefold()), "")


def needs_of(catalogue: Catalogue, calls: Iterable[Call]) -> tuple[Need, ...]:
    """Return what each identity needs for its calls."""
    by: dict[tuple[str, str], dict[str, Operation]] = {}
    for call in calls:
        by.setdefault((call.operation.api, call.identity), {})[call.operation.name] = call.operation
    return tuple(
        _need(catalogue.apis[api].identities[who], api, list(operations.values()))
        for (api, who), operations in by.items()
        if who in catalogue.apis[api].identities
    )


def _need(identity: Identity, api: str, operations: list[Operation]) -> Need:
    may = [each for each in operations if identity.refused is None and lacking(each, identity) is None]
    roles = {role for each in may for role in each.access.roles}
    scopes = {scope for each in may for scope in each.access.scopes if identity.kind == USER}
    permissions = {each.permission for each in may if each.permission != "none"}
    return Need(
        api,
        identity.name,
        identity.kind,
        tuple(sorted(permissions)),
        tuple(each for each in identity.roles if each in roles),
        tuple(each for each in identity.scopes if each in scopes),
        tuple(each.name for each in may),
        tuple(each.name for each in operations if each not in may),
        tuple(dict.fromkeys(line for each in may for line in _basis(each))),
    )


def _basis(operation: Operation) -> Iterator[str]:
    """Yield what a page asks for, with the place where it does."""
    access = operation.access
    for what, names, basis in (
        ("roles", access.roles, access.roles_basis),
        ("scopes", access.scopes, access.scopes_basis),
    ):
        if names:
            place = basis.place or basis.reference or f"lines {basis.lines}"
            yield f"{operation.name} asks for one of the {what} {', '.join(names)} ({operation.source.page}: {place})"
