"""Write a commented targets.toml: every key from the published schema, every name from the contracts.

A line that begins with '#' and a space is a remark; one that begins with '#' alone is a setting, which counts without it.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from asdocumented.changes.rights import last_named
from asdocumented.contracts.model import Api, Catalogue, Operation, Tier
from asdocumented.contracts.service import Identity
from asdocumented.requirements import derive
from asdocumented.targets.sights import sight_of
from asdocumented.targets.wording import schema

__all__ = ["template"]

_TARGET = "targets.mine"
_HEAD = """\
The targets of asdoc: the implementations that can be judged, by name.
A line that begins with '#' and no space is a setting: take its '#' away to use it, and leave out what you do not need.
What is not named is out of scope. A secret never stands here, only where it is. `asdoc targets check` finds every mistake,
`asdoc targets show mine` tells what would stay unjudged, and `asdoc run --target mine` judges it."""
_CREDENTIALS = """\
Who calls. Each is one of { env = "NAME" }, { file = "PATH" }, { command = ["PROGRAM", "ARGUMENT"] },
{ azure = "default" } and { user = "NAME", password = { env = "NAME" } }. Who is not named is not tried."""
_RESOURCES = "What exists there, by pool. The ids are examples: put your own in their place."
_OWNED = "What of it a run may change, if it changes it back; '*' for all of a pool."
_IRREVERSIBLE = "What of it a run may change for good; '*' for all of a pool."
_STATES = """\
States that hold or can be brought about: each without `arrange` is given. `arrange` and `clean-up` are one of
{ operations = ["OPERATION"] }, { command = ["PROGRAM"] } and { http = { method = "POST", url = "URL" } }; what operations
change is taken back like all that a run changes, and needs no clean-up. An operation that only reads is a look until it holds."""


def template(catalogue: Catalogue) -> str:
    """Return a targets.toml for the APIs of a catalogue, with every setting commented out."""
    lines = [*_remark(_HEAD), "", f"#[{_TARGET}]", *_target(catalogue)]
    for number, api in enumerate(catalogue.apis.values()):
        lines += ["", "", *_api(api, explained=number == 0)]
    return "\n".join(lines) + "\n"


def _remark(text: str) -> list[str]:
    return [f"# {line}" for line in text.splitlines()]


def _wrapped(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, 118)]


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _set(key: str, value: Any) -> str:
    return f"#{key} = {_value(value)}"


def _keys(of: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from schema()["$defs"][of]["properties"].items()


def _plain(of: str, given: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Yield the keys of one kind of table that have a simple value, each with what it means."""
    for key, said in _keys(of):
        value = (given or {}).get(key, said.get("default", *said.get("examples", [])[:1] or [None]))
        if value is not None:
            yield from _wrapped(said["description"])
            yield _set(key, value)


def _target(catalogue: Catalogue) -> Iterator[str]:
    yield from _plain("target")
    yield from _wrapped(schema()["$defs"]["target"]["properties"]["operations"]["description"])
    yield "#operations = ["
    yield from (f'#"{each.id}",' for each in catalogue.operations)
    yield "#]"
    yield from ["", f"#[{_TARGET}.budget]", *_plain("budget")]
    known = list(derive(catalogue))
    glob = schema()["$defs"]["unsupported"]["properties"]["requirement"]["examples"][0]
    some = glob if any(fnmatchcase(each, glob) for each in known) else known[0]
    for key in ("unsupported", "known-deviation"):
        plural = key if key in schema()["$defs"]["target"]["properties"] else f"{key}s"
        yield from ["", *_wrapped(schema()["$defs"]["target"]["properties"][plural]["description"])]
        yield f"#[[{_TARGET}.{plural}]]"
        yield from _plain(key, {"requirement": some})
        if "expires" in schema()["$defs"][key]["properties"]:
            yield from [
                *_wrapped(schema()["$defs"][key]["properties"]["expires"]["description"]),
                "#expires = 2027-01-31",
            ]


def _api(api: Api, *, explained: bool) -> Iterator[str]:
    place = f"{_TARGET}.apis.{api.name}"
    yield f"# {api.title}: {', '.join(api.operations)}"
    yield f"#[{place}]"
    url = re.sub("[{}]", "", api.server)
    yield from _plain("api", {"base-url": url}) if explained else [_set("base-url", url)]
    yield from _table(f"{place}.credentials", _CREDENTIALS, _credentials(api), explained=explained)
    yield from _table(f"{place}.resources", _RESOURCES, _resources(api), explained=explained)
    yield from _table(f"{place}.owned", _OWNED, _changed(api, undone=True), explained=explained)
    yield from _table(f"{place}.irreversible", _IRREVERSIBLE, _changed(api, undone=False), explained=explained)
    yield from ["", *_remark(_STATES)] if explained else []
    for state, meaning in api.states.items():
        yield from ["", f"# {meaning}", f"#[{place}.states.{state}]", *_arranging(api, state)]


def _table(name: str, remark: str, rows: Iterable[str], *, explained: bool) -> Iterator[str]:
    lines = list(rows)
    if lines:
        yield from ["", *(_remark(remark) if explained else []), f"#[{name}]", *lines]


def _credentials(api: Api) -> Iterator[str]:
    logs_in = any(each.security == "basic" for each in api.operations.values())
    for identity in api.identities.values():
        if identity.kind == "none":
            continue
        variable = f"{api.name}_{identity.name}".upper().replace("-", "_")
        yield f"# {_who(identity)}"
        if logs_in and identity.refused is None:
            yield f'#{identity.name} = {{ user = "{identity.name}", password = {{ env = "{variable}" }} }}'
        else:
            yield f'#{identity.name} = {{ env = "{variable}" }}'


def _who(identity: Identity) -> str:
    if identity.refused is not None:
        return f"a credential that is refused with {identity.refused}: {identity.name}"
    have = [*identity.roles, *identity.scopes] or [f"may {' and '.join(identity.permissions)}"]
    return f"{identity.kind}: {', '.join(have)}"


def _resources(api: Api) -> Iterator[str]:
    for pool in api.resources.values():
        if pool.values:
            yield from _wrapped(f"asked for by {', '.join(_users(api, pool.name))}")
            yield _set(pool.name, list(pool.values))


def _users(api: Api, pool: str) -> list[str]:
    return [each.name for each in api.operations.values() if pool in _pools(each)]


def _pools(operation: Operation) -> set[str]:
    return {each.resource for each in operation.parameters} | set(
        operation.body.draws.values() if operation.body else ()
    )


def _changed(api: Api, *, undone: bool) -> Iterator[str]:
    """Yield the pools that operations are about which change something, for good or not."""
    by: dict[str, list[str]] = {}
    for operation in api.operations.values():
        about = last_named(operation)
        if operation.tier.rank > Tier.READ.rank and (operation.undo != "none") is undone and about is not None:
            by.setdefault(about.resource, []).append(operation.name)
    for pool, names in by.items():
        yield from _wrapped(f"changed by {', '.join(names)}")
        yield _set(pool, list(api.resources[pool].values[:1]) or ["*"])


def _arranging(api: Api, state: str) -> Iterator[str]:
    """Yield how a state is brought about by operations of the contract, where it says so, else by a command."""
    sight = sight_of(api, state)
    starts = [
        each.name
        for each in api.operations.values()
        if any(one.parameters["while"] == state for one in each.behaviour("exclusive"))
    ]
    undoes = [each.undo for each in api.operations.values() if each.state == state and each.undo in api.operations]
    looks = [sight.operation.name] if sight is not None else []
    names = next(filter(None, (starts, undoes, looks)), [])
    if names:
        yield f"#arrange = {{ operations = {_value(names[:1])} }}"
        return
    command = schema()["$defs"]["way"]["properties"]["command"]["examples"][0][0]
    yield f"#arrange = {{ command = {_value([command, state])}, timeout = 60 }}"
    yield f"#clean-up = {{ command = {_value([command, 'end', state])} }}"
