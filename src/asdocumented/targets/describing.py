"""Make a description out of one entry of a targets file that follows the schema; find what the schema cannot say is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from asdocumented.changes.rights import last_named
from asdocumented.contracts.model import Catalogue, Tier
from asdocumented.errors import suggest
from asdocumented.targets.description import (
    ApiDescription,
    AzureCredential,
    Budget,
    ByCommand,
    ByHttp,
    ByOperations,
    Credential,
    Description,
    FromCommand,
    FromEnvironment,
    FromFile,
    KnownDeviation,
    Limits,
    LoginCredential,
    Pace,
    Secret,
    StateDescription,
    StaticCredential,
    Tls,
    Unsupported,
    Way,
)
from asdocumented.targets.model import Patience
from asdocumented.targets.urls import URL_REMEDY, url_mistake


def mistakes_of(catalogue: Catalogue, entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a target names that no contract has, and what contradicts itself; no value that may be a secret is told."""
    yield from _strangers("operation", entry.get("operations", ()), {each.id for each in catalogue.operations})
    yield from _strangers("API", entry["apis"], catalogue.apis)
    for deviation in entry.get("known-deviations", ()):
        if not isinstance(deviation["expires"], date) or isinstance(deviation["expires"], datetime):
            yield f"a known deviation from {deviation['requirement']!r} whose 'expires' is no TOML date such as 2027-01-31"
    for api, described in entry["apis"].items():
        mistake = url_mistake(described["base-url"])
        if mistake:
            yield f"a base URL for {api} that cannot be used: {mistake} {URL_REMEDY}"
        for identity, credential in described.get("credentials", {}).items():
            if sum(key in credential for key in ("env", "file", "command", "azure", "user")) != 1:
                yield (
                    f"a credential of '{identity}' for {api} that is not exactly one of env, file, command, azure,"
                    " or user with password"
                )
        if api in catalogue.apis:
            yield from _unknown(catalogue, api, described)


def _unknown(catalogue: Catalogue, api: str, described: Mapping[str, Any]) -> Iterator[str]:
    known, where = catalogue.apis[api], f" of {api}"
    yield from _strangers("identity", described.get("credentials", ()), known.identities, where)
    for key in ("resources", "owned"):
        yield from _strangers("resource", described.get(key, ()), known.resources, where)
    unnamed = {name for name, each in known.operations.items() if last_named(each) is None}
    yield from _strangers("resource", described.get("irreversible", ()), known.resources.keys() | unnamed, where)
    yield from _strangers("state", described.get("states", ()), known.states, where)
    for state in described.get("states", {}).values():
        yield from _strangers("resource", state.get("resources", ()), known.resources, where)
        for way in ("arrange", "clean-up"):
            yield from _strangers("operation", state.get(way, {}).get("operations", ()), known.operations, where)


def _strangers(kind: str, names: Iterable[str], known: Iterable[str], where: str = "") -> Iterator[str]:
    for name in sorted(set(names) - set(known)):
        yield f"the unknown {kind} {name!r}{where}. {suggest(name, known)}"


def describe(name: str, entry: Mapping[str, Any], folder: Path) -> Description:
    """Return the description in an entry without mistakes; files that it names are relative to the targets file's folder."""
    return Description(
        name,
        {api: _api(each, folder) for api, each in entry["apis"].items()},
        implementation=entry.get("implementation", ""),
        version=entry.get("version", ""),
        contact=entry.get("contact", ""),
        operations=frozenset(entry["operations"]) if "operations" in entry else None,
        allow=Tier(entry.get("allow", Tier.READ)),
        intrusive=entry.get("intrusive", False),
        pace=Pace(**_given(entry, rate="rate", concurrency="concurrency")),
        limits=Limits(**_given(entry, connect="connect-timeout", answer="timeout", largest="largest-answer")),
        budget=Budget(**entry.get("budget", {})),
        unsupported=tuple(Unsupported(**each) for each in entry.get("unsupported", ())),
        known_deviations=tuple(KnownDeviation(**each) for each in entry.get("known-deviations", ())),
    )


def _given(entry: Mapping[str, Any], **keys: str) -> dict[str, Any]:
    """Return those of an entry's values that are there, by the names of fields."""
    return {field: entry[key] for field, key in keys.items() if key in entry}


def _api(entry: Mapping[str, Any], folder: Path) -> ApiDescription:
    return ApiDescription(
        entry["base-url"],
        credentials={identity: _credential(each, folder) for identity, each in entry.get("credentials", {}).items()},
        resources=pools_of(entry.get("resources", {})),
        owned=pools_of(entry.get("owned", {})),
        irreversible=pools_of(entry.get("irreversible", {})),
        states={state: _state(each, folder) for state, each in entry.get("states", {}).items()},
        patience=Patience(**_given(entry, deadline="deadline", interval="interval")),
        tls=Tls(
            **{
                field: folder / entry[key]
                for field, key in (
                    ("ca_file", "ca-file"),
                    ("client_certificate", "client-certificate"),
                    ("client_key", "client-key"),
                )
                if key in entry
            },
            **_given(entry, server_name="server-name", verify="verify"),
        ),
        proxy=entry.get("proxy", ""),
        hosts=tuple(entry.get("hosts", ())),
    )


def _credential(entry: Mapping[str, Any], folder: Path) -> Credential:
    if "azure" in entry:
        secret = _secret(entry["secret"], folder) if "secret" in entry else None
        named = _given(entry, tenant="tenant", client="client", scope="scope", authority="authority")
        ca_file = folder / entry["ca-file"] if "ca-file" in entry else None
        return AzureCredential(entry["azure"], secret=secret, ca_file=ca_file, **named)
    if "user" in entry:
        return LoginCredential(entry["user"], _secret(entry["password"], folder))
    return StaticCredential(_secret(entry, folder), entry.get("header", ""))


def _secret(entry: Mapping[str, Any], folder: Path) -> Secret:
    if "env" in entry:
        return FromEnvironment(entry["env"])
    if "file" in entry:
        return FromFile(folder / Path(entry["file"]).expanduser())
    return FromCommand(tuple(entry["command"]))


def _state(entry: Mapping[str, Any], folder: Path) -> StateDescription:
    ways = {
        field: _way(entry[key], folder)
        for field, key in (("arrange", "arrange"), ("clean_up", "clean-up"))
        if key in entry
    }
    return StateDescription(pools_of(entry.get("resources", {})), **ways)


def _way(entry: Mapping[str, Any], folder: Path) -> Way:
    if "operations" in entry:
        return ByOperations(tuple(entry["operations"]))
    if "command" in entry:
        return ByCommand(tuple(entry["command"]))
    call = entry["http"]
    headers = {
        name: each if isinstance(each, str) else _secret(each, folder) for name, each in call.get("headers", {}).items()
    }
    return ByHttp(call["method"], call["url"], headers, call.get("body", ""))


def pools_of(entry: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return pools as they are written in a file, as a target has them."""
    return {pool: tuple(ids) for pool, ids in entry.items()}
