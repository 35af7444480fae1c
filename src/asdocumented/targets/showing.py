"""Show what a description says, fit for JSON and for the eye: where each secret is, and never the secret."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

from asdocumented.targets.description import (
    AzureCredential,
    ByCommand,
    ByHttp,
    ByOperations,
    Credential,
    FromCommand,
    FromEnvironment,
    FromFile,
    LoginCredential,
    Secret,
    StaticCredential,
    Way,
)
from asdocumented.targets.urls import shown

__all__ = ["plain", "source_of", "told", "way_of"]


def source_of(secret: Secret) -> str:
    """Return where a secret is. What may be the secret itself, written in the wrong place, is left out."""
    match secret:
        case FromEnvironment(name):
            is_set = bool(os.environ.get(name))
            # A name in capitals is a name; any other word is told only where such a variable is there.
            known = name if is_set or re.fullmatch("[A-Z][A-Z0-9_]*", name) else "that the file names"
            return f"the environment variable {known}{'' if is_set else ' (not set)'}"
        case FromFile(path):
            return f"the file {path}{'' if path.is_file() else ' (not there)'}"
        case FromCommand(command):
            return f"what the command {command[0]!r} prints"


def told(credential: Credential) -> str:
    """Return where a credential comes from."""
    match credential:
        case StaticCredential(secret, header):
            return source_of(secret) + (f", sent as {header}" if header else "")
        case AzureCredential():
            given = [
                f"{key} {getattr(credential, key)}" for key in ("tenant", "client", "scope") if getattr(credential, key)
            ]
            given += [f"secret from {source_of(credential.secret)}"] if credential.secret else []
            return ", ".join([f"a token by azure-identity ({credential.way})", *given])
    return f"a login as {credential.user}, password from {source_of(credential.password)}"


def way_of(way: Way | None) -> str:
    """Return how a state is brought about."""
    match way:
        case ByOperations(names):
            return f"by {', then '.join(names)}"
        case ByCommand(command):
            return f"by the command {command[0]!r}"
        case ByHttp():
            return f"by {way.method} {shown(way.url)}"
    return "given"


def plain(value: Any) -> Any:
    """Return a description as what JSON has; a secret, a credential and a way become the sentence that tells of them."""
    match value:
        case FromEnvironment() | FromFile() | FromCommand():
            return source_of(value)
        case StaticCredential() | AzureCredential() | LoginCredential():
            return told(value)
        case ByOperations() | ByCommand() | ByHttp():
            return way_of(value)
        case Enum() | Path() | date():
            return str(value)
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case tuple() | list() | frozenset():
            return [plain(inner) for inner in (sorted(value) if isinstance(value, frozenset) else value)]
    if is_dataclass(value):
        return {each.name.replace("_", "-"): plain(getattr(value, each.name)) for each in fields(value)}
    return value
