"""Name a credential in a curl line: a shell expression that gives it to whoever may have it, never the secret itself."""

from __future__ import annotations

import shlex

from asdocumented.targets.description import (
    AzureCredential,
    Credential,
    FromCommand,
    FromEnvironment,
    FromFile,
    LoginCredential,
    Secret,
    StaticCredential,
)

_UNSAFE = set('"\\`')  # a curl line puts the expression between double quotes


def expression(identity: str, credential: Credential | None, scope: str, *, basic: bool) -> str:
    """Return the shell expression for the credential of an identity; `basic`: for user name and password."""
    fallback = f"${{TOKEN_{identity.upper().replace('-', '_')}}}"
    match credential:
        case StaticCredential(secret):
            shown = of_secret(secret)
        case AzureCredential(way="default"):
            shown = f"$(az account get-access-token --scope {shlex.quote(scope)} --query accessToken --output tsv)"
        case LoginCredential(user, secret) if basic and "$" not in user:
            shown = f"{user}:{of_secret(secret)}"
        case _:
            shown = fallback
    return fallback if _UNSAFE & set(shown) else shown


def of_secret(secret: Secret) -> str:
    """Return the shell expression for a secret."""
    match secret:
        case FromEnvironment(name):
            return f"${name}"
        case FromFile(path):
            return f"$(cat {shlex.quote(str(path))})"
        case FromCommand(command):
            return f"$({shlex.join(command)})"
