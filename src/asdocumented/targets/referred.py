"""Look whether what a targets file refers to is on this machine: PEM files, files with secrets, commands, variables.

Nothing is connected to, no command is run, and no secret is read.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from asdocumented.contracts.model import Catalogue
from asdocumented.credentials.reading import SecretError, look_at
from asdocumented.credentials.sources import mistakes
from asdocumented.errors import UsageError
from asdocumented.targets.checking import SECURING, is_sound
from asdocumented.targets.describing import credential_of, secret_of
from asdocumented.targets.description import ApiDescription, Description, FromEnvironment, Tls
from asdocumented.targets.wording import place
from asdocumented.transport.tls import context_of

__all__ = ["idle", "missing", "unset"]

Entry = Mapping[str, Any]
Place = tuple[str | int, ...]
_SOURCES = ("env", "file", "command")
_TLS: tuple[tuple[str, ...], ...] = (("ca-file",), ("client-certificate", "client-key"))


def missing(catalogue: Catalogue, name: str, entry: Entry, folder: Path) -> Iterator[str]:
    """Yield a sentence for each thing that a target of the file refers to and that cannot be used here.

    What has mistakes of its own is left out, since nobody knows what it means.
    """
    for api, described in entry.get("apis", {}).items():
        at: Place = ("targets", name, "apis", api)
        yield from _pem(at, api, described, folder)
        credentials = {who: each for who, each in described.get("credentials", {}).items() if is_sound(each)}
        for who, each in credentials.items():
            yield from _pem((*at, "credentials", who), api, each, folder)
        if api in catalogue.apis:
            found = {who: credential_of(each, folder) for who, each in credentials.items()}
            yield from mistakes(catalogue, Description(name, {api: ApiDescription("", found)}))
        for where, secret in _secrets(at, described):
            try:
                look_at(secret_of(secret, folder))
            except SecretError as error:
                yield f"{place(where)} cannot be used: {error}"
        yield from _commands(at, described, folder)


def unset(name: str, entry: Entry, folder: Path) -> Iterator[str]:
    """Yield a sentence for each environment variable that a target refers to and that is not set here."""
    for api, described in entry.get("apis", {}).items():
        for where, secret in _secrets(("targets", name, "apis", api), described):
            variable = secret_of(secret, folder)
            if isinstance(variable, FromEnvironment) and not os.environ.get(variable.name, "").strip():
                yield f"{place(where)}: the environment variable {variable.name!r} is not set here, and a run needs it."


def idle(name: str, entry: Entry) -> Iterator[str]:
    """Yield a sentence for what secures connections, of APIs that are asked without TLS: nobody ever reads it."""
    for api, described in entry.get("apis", {}).items():
        secures = described["base-url"].lower().startswith("https:")
        for key in () if secures else (each for each in SECURING if each in described):
            where = place(("targets", name, "apis", api, key))
            yield f"{where} does nothing for base-url, which is http://; name it with https:// where it is to be used."


def _pem(at: Place, api: str, entry: Entry, folder: Path) -> Iterator[str]:
    for keys in _TLS:
        if keys[0] in entry:
            files = {key.replace("-", "_"): folder / entry[key] for key in keys if key in entry}
            try:
                context_of(api, Tls(**files))
            except UsageError as error:
                yield f"{place((*at, keys[0]))}: {error.message} {error.remedy}"


def _secrets(at: Place, described: Entry) -> Iterator[tuple[Place, Entry]]:
    """Yield every place of an API's table that says where a secret is."""
    found: list[tuple[Place, Any]] = []
    for who, credential in described.get("credentials", {}).items():
        own: Place = (*at, "credentials", who)
        found += [(own, credential), *(((*own, key), credential.get(key)) for key in ("secret", "password"))]
    for state, said in described.get("states", {}).items():
        for key in ("arrange", "clean-up"):
            headers = said.get(key, {}).get("http", {}).get("headers", {})
            found += (((*at, "states", state, key, "http", "headers", one), each) for one, each in headers.items())
    yield from ((where, each) for where, each in found if _is_secret(each))


def _is_secret(entry: Any) -> bool:
    return isinstance(entry, Mapping) and sum(each in entry for each in _SOURCES) == 1


def _commands(at: Place, described: Entry, folder: Path) -> Iterator[str]:
    """Yield the commands of states that are not there; each is run in the folder of the file."""
    for state, said in described.get("states", {}).items():
        for key in ("arrange", "clean-up"):
            program = said.get(key, {}).get("command", [""])[0]
            named = folder / program if os.path.dirname(program) else program  # noqa: PTH120 - only whether it is a path
            if program and shutil.which(named) is None:
                where = place((*at, "states", state, key, "command"))
                yield f"{where} cannot be used: there is no program {program!r} that can be run."
