"""Find what is wrong with a target of the file beyond its schema: unknown names, contradictions, secrets in the open.

What breaks the schema may be missing here, so that all mistakes are told at once. No value that may be a secret is told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Any

from asdocumented.changes.rights import last_named
from asdocumented.contracts.model import Api, Catalogue
from asdocumented.errors import suggest
from asdocumented.known import readings, too_wide
from asdocumented.requirements import derive
from asdocumented.targets.urls import URL_REMEDY, address_mistake, origin, url_mistake
from asdocumented.targets.wording import NEVER, place

__all__ = ["SECURING", "is_sound", "mistakes_of", "own_keys"]

Entry = Mapping[str, Any]
Path = tuple[str | int, ...]

_KINDS = ("env", "file", "command", "azure", "user")
_BELONGING = {
    "header": ("env", "file", "command"),
    "password": ("user",),
    **dict.fromkeys(("tenant", "client", "secret", "scope", "authority"), ("azure",)),
}
"""What a key of a credential goes with."""
_OF_HTTP = (
    *(
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
    ),
    *(
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "range",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ),
)
"""Headers that say how a message is sent, or what is asked for: a credential in one of them breaks each request."""
_WAYS = ("operations", "command", "http")
SECURING = ("ca-file", "client-certificate", "client-key", "server-name", "verify")
"""The keys of an API that say how connections over TLS are made."""
_SECRET_HEADER = re.compile(r"authorization|cookie|token|secret|password|key|session", re.IGNORECASE)


def mistakes_of(catalogue: Catalogue, name: str, entry: Entry) -> Iterator[str]:
    """Yield a sentence for each mistake of one target that the schema cannot find."""
    here: Path = ("targets", name)
    if name == "emulator":
        yield f"{place(here, table=True)}: 'emulator' always means the emulator in this process; give it another name."
    yield from _numbers(here, entry)
    apis = entry.get("apis", {})
    yield from _strangers((*here, "apis"), "API", apis, catalogue.apis)
    scope = _scope(catalogue, entry)
    yield from _strangers((*here, "operations"), "operation", entry.get("operations", ()), own_keys(catalogue))
    for operation in sorted(set(entry.get("operations", ())) & own_keys(catalogue)):
        api = operation.partition("/")[0]
        if api not in apis:
            yield f"{place((*here, 'operations'))} names {operation!r}, and the target does not have the API {api}."
    yield from _requirements(catalogue, here, entry, scope)
    yield from _shared(here, apis)
    yield from _together(here, apis)
    for api, described in apis.items():
        yield from _api(catalogue.apis.get(api), (*here, "apis", api), described, scope)


def own_keys(catalogue: Catalogue) -> frozenset[str]:
    """Return the ids of all operations."""
    return frozenset(each.id for each in catalogue.operations)


def _scope(catalogue: Catalogue, entry: Entry) -> frozenset[str]:
    named = frozenset(each.id for each in catalogue.operations if each.api in entry.get("apis", {}))
    return named & frozenset(entry["operations"]) if "operations" in entry else named


def _strangers(at: Path, kind: str, names: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    for name in sorted(set(names) - set(known)):
        yield f"{place(at)} names the unknown {kind} {name!r}. {suggest(name, known)}"


def _numbers(at: Path, value: Any) -> Iterator[str]:
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{place(at)} must be a finite number."
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _numbers((*at, key), inner)


def _requirements(catalogue: Catalogue, here: Path, entry: Entry, scope: frozenset[str]) -> Iterator[str]:
    """Yield globs that match no requirement in scope, and days that are none."""
    lists = ("unsupported", "known-deviations")
    listed = [(key, number, each) for key in lists for number, each in enumerate(entry.get(key, ()))]
    derived = derive(catalogue) if listed else {}
    known = [key for key, each in derived.items() if f"{each.api}/{each.operation}" in scope]
    for key, number, each in listed:
        glob, at = each.get("requirement", "*"), (*here, key, number)
        if known and not any(fnmatchcase(requirement, glob) for requirement in known):
            yield f"{place((*at, 'requirement'))}: no requirement in scope matches it. `asdoc requirements` lists them all."
        if key == "known-deviations":
            yield from _deviation(catalogue, at, each, derived)
        expires = each.get("expires", date.min)
        if not isinstance(expires, date) or isinstance(expires, datetime):
            yield f"{place((*at, 'expires'))} must be a TOML date without quotation marks, such as 2027-01-31."


def _deviation(catalogue: Catalogue, at: Path, entry: Entry, known: Iterable[str]) -> Iterator[str]:
    """Yield why a known deviation would excuse too much, or nothing ever."""
    if {"requirement", "observed"} <= entry.keys():
        for said in too_wide(entry["requirement"], entry["observed"], known):
            yield f"{place(at, table=True)} is too wide: {said}."
    reading, register = entry.get("reading"), readings(catalogue, catalogue.apis)
    if reading is not None and reading not in register:
        yield f"{place((*at, 'reading'))} names the unknown reading {reading!r}. {suggest(reading, register, most=3)}"


def _shared(here: Path, apis: Entry) -> Iterator[str]:
    """Yield credentials that two identities have in common: nobody could tell whose a recorded request is."""
    seen: dict[str, tuple[str, str]] = {}
    for api, described in apis.items():
        for identity, credential in described.get("credentials", {}).items():
            where = repr({key: credential[key] for key in ("env", "file", "command") if key in credential})
            first, owner = seen.setdefault(where, (api, identity))
            if where != "{}" and owner != identity:
                own, other = (*here, "apis", api, "credentials", identity), (*here, "apis", first, "credentials", owner)
                yield f"{place(own)} is the credential of {place(other)} too; each identity needs its own."


def _together(here: Path, apis: Entry) -> Iterator[str]:
    """Yield APIs at one server that connect to it in different ways: they share its connections."""
    seen: dict[tuple[str, str, int | None], tuple[str, Entry]] = {}
    for api, described in apis.items():
        if "base-url" not in described or url_mistake(described["base-url"]):
            continue
        first, other = seen.setdefault(origin(described["base-url"]), (api, described))
        keys = (*(SECURING if described["base-url"].lower().startswith("https") else ()), "proxy")
        default = {"verify": True}
        differing = [key for key in keys if {**default, **described}.get(key) != {**default, **other}.get(key)]
        if differing:
            own, theirs = (place((*here, "apis", each), table=True) for each in (api, first))
            yield f"{own} is at the server of {theirs}, and must be like it in {', '.join(differing)}: they share connections."


def _api(api: Api | None, at: Path, described: Entry, scope: frozenset[str]) -> Iterator[str]:
    for key in ("base-url", "proxy"):
        mistake = url_mistake(described[key]) if key in described else ""
        if mistake:
            yield f"{place((*at, key))} cannot be used: {mistake} {URL_REMEDY}"
    for number, host in enumerate(described.get("hosts", ())):
        if re.search(r"[/@\s]", host):
            yield f"{place((*at, 'hosts', number))} must be the name of a host, without a scheme and a path."
    for number, audience in enumerate(described.get("audiences", ())):
        if re.search(r"[*\s]", audience):
            yield f"{place((*at, 'audiences', number))} must be one audience as tokens name it, without wildcards."
    if "client-key" in described and "client-certificate" not in described:
        yield f"{place((*at, 'client-key'))} does nothing without client-certificate."
    for identity, credential in described.get("credentials", {}).items():
        yield from _credential((*at, "credentials", identity), credential)
    for state, said in described.get("states", {}).items():
        yield from _state((*at, "states", state), said)
    if api is not None:
        yield from _unknown(api, at, described, scope)


def is_sound(credential: Entry) -> bool:
    """Tell whether a credential of the file has no mistakes, so that it is known what it means."""
    return not any(_credential((), credential))


def _credential(at: Path, credential: Entry) -> Iterator[str]:
    kinds = [key for key in _KINDS if key in credential]
    if len(kinds) != 1:
        yield f"{place(at, table=True)} must have exactly one of {', '.join(_KINDS)}."
    for key, owners in _BELONGING.items():
        if key in credential and kinds and not set(owners) & set(kinds):
            yield f"{place((*at, key))} goes with {' or '.join(owners)}, not with {kinds[0]}."
    if "user" in credential and "password" not in credential:
        yield f"{place(at, table=True)} needs the key 'password', which says where the password is."
    if credential.get("azure") == "client-secret":
        for key in ("tenant", "client", "secret"):
            if key not in credential:
                yield f'{place(at, table=True)} needs the key {key!r} for azure = "client-secret".'
    yield from _sent_to(at, credential)
    yield from _secret(at, credential, kinds)
    for key in ("secret", "password"):
        inner = credential.get(key)
        if inner is not None:
            found = [each for each in _KINDS[:3] if each in inner]
            if len(found) != 1:
                yield f"{place((*at, key), table=True)} must have exactly one of env, file, command."
            yield from _secret((*at, key), inner, found)


def _sent_to(at: Path, credential: Entry) -> Iterator[str]:
    """Yield a header that can carry no credential, and a token service that is none."""
    if credential.get("header", "").lower() in _OF_HTTP:
        yield f"{place((*at, 'header'))} must be a header that can carry a credential, which {credential['header']} cannot."
    mistake = address_mistake(credential["authority"]) if "authority" in credential else ""
    if mistake:
        yield f"{place((*at, 'authority'))} cannot be used: {mistake}"


def _secret(at: Path, secret: Entry, kinds: list[str]) -> Iterator[str]:
    name = secret.get("env")
    if kinds == ["env"] and isinstance(name, str) and _looks_secret(name):
        yield f"{place((*at, 'env'))} looks like a secret; write the name of an environment variable, {NEVER}."


def _looks_secret(name: str) -> bool:
    """Tell whether nobody would name a variable so: letters of both cases and digits, in one long word."""
    longest = max(re.split("_", name), key=len)
    return len(longest) >= 12 and all(re.search(each, longest) for each in ("[a-z]", "[A-Z0-9]", "[0-9]"))


def _state(at: Path, said: Entry) -> Iterator[str]:
    if "clean-up" in said and "arrange" not in said:
        yield f"{place((*at, 'clean-up'))} does nothing without arrange, since the state is given."
    for key in ("arrange", "clean-up"):
        way = said.get(key)
        if way is None:
            continue
        if sum(each in way for each in _WAYS) != 1:
            yield f"{place((*at, key), table=True)} must have exactly one of {', '.join(_WAYS)}."
        if "timeout" in way and "operations" in way:
            yield f"{place((*at, key, 'timeout'))} does nothing with operations, which have the target's timeout."
        yield from _call((*at, key, "http"), way.get("http", {}))


def _call(at: Path, call: Entry) -> Iterator[str]:
    mistake = address_mistake(call["url"]) if "url" in call else ""
    if mistake:
        yield f"{place((*at, 'url'))} cannot be used: {mistake}"
    for name, value in call.get("headers", {}).items():
        if isinstance(value, str) and _SECRET_HEADER.search(name):
            yield f'{place((*at, "headers", name))} must be where the secret is, such as {{ env = "NAME" }}, {NEVER}.'
        elif not isinstance(value, str) and len(value) != 1:
            yield f"{place((*at, 'headers', name), table=True)} must have exactly one of env, file, command."


def _unknown(api: Api, at: Path, described: Entry, scope: frozenset[str]) -> Iterator[str]:
    """Yield the names that the contract does not have, and what is of no use for it."""
    yield from _strangers((*at, "credentials"), "identity", described.get("credentials", ()), api.identities)
    for identity in described.get("credentials", ()):
        if identity in api.identities and api.identities[identity].kind == "none":
            yield f"{place((*at, 'credentials', identity))} is of no use: nobody gives {identity!r} a credential."
    for key in ("resources", "owned"):
        yield from _strangers((*at, key), "resource", described.get(key, ()), api.resources)
    unnamed = {name for name, each in api.operations.items() if last_named(each) is None}
    yield from _strangers(
        (*at, "irreversible"), "resource", described.get("irreversible", ()), api.resources.keys() | unnamed
    )
    yield from _strangers((*at, "states"), "state", described.get("states", ()), api.states)
    for state, said in described.get("states", {}).items():
        own: Path = (*at, "states", state)
        yield from _strangers((*own, "resources"), "resource", said.get("resources", ()), api.resources)
        for key in ("arrange", "clean-up"):
            names = said.get(key, {}).get("operations", ())
            yield from _strangers((*own, key, "operations"), "operation", names, api.operations)
            for name in sorted(set(names) & set(api.operations)):
                if f"{api.name}/{name}" not in scope:
                    yield f"{place((*own, key, 'operations'))} names {name!r}, which is not among the target's operations."
