"""Make a description out of one entry of a targets file that has no mistakes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asdocumented.contracts.model import Tier
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
from asdocumented.targets.urls import plain


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
        plain(entry["base-url"]),
        credentials={identity: credential_of(each, folder) for identity, each in entry.get("credentials", {}).items()},
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
        proxy=plain(entry.get("proxy", "")),
        hosts=tuple(entry.get("hosts", ())),
        audiences=tuple(entry.get("audiences", ())),
    )


def credential_of(entry: Mapping[str, Any], folder: Path) -> Credential:
    """Return the credential of an entry without mistakes."""
    if "azure" in entry:
        secret = secret_of(entry["secret"], folder) if "secret" in entry else None
        named = _given(entry, tenant="tenant", client="client", scope="scope", authority="authority")
        ca_file = folder / entry["ca-file"] if "ca-file" in entry else None
        return AzureCredential(entry["azure"], secret=secret, ca_file=ca_file, **named)
    if "user" in entry:
        return LoginCredential(entry["user"], secret_of(entry["password"], folder))
    return StaticCredential(secret_of(entry, folder), entry.get("header", ""))


def secret_of(entry: Mapping[str, Any], folder: Path) -> Secret:
    """Return where the secret of an entry is, which has one of the three ways."""
    if "env" in entry:
        return FromEnvironment(entry["env"])
    if "file" in entry:
        return FromFile(folder / os.path.expanduser(entry["file"]))  # noqa: PTH111 - a user who is not there is no error
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
    timeout = _given(entry, timeout="timeout")
    if "command" in entry:
        return ByCommand(tuple(entry["command"]), folder, **timeout)
    call = entry["http"]
    headers = {
        name: each if isinstance(each, str) else secret_of(each, folder)
        for name, each in call.get("headers", {}).items()
    }
    return ByHttp(call["method"], plain(call["url"]), headers, call.get("body", ""), **timeout)


def pools_of(entry: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return pools as they are written in a file, as a target has them."""
    return {pool: tuple(ids) for pool, ids in entry.items()}
