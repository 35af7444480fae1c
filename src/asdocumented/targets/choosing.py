"""Choose a target from what a user typed: the emulator, a URL, or a name of the targets file."""

from __future__ import annotations

import re
from pathlib import Path

from asdocumented.contracts.model import Catalogue, Tier
from asdocumented.errors import UsageError, suggest
from asdocumented.selection import Selection
from asdocumented.targets.description import ApiDescription, Description, FromEnvironment, StaticCredential
from asdocumented.targets.emulated import EmulatorTarget
from asdocumented.targets.file import read_target, read_targets
from asdocumented.targets.model import Target
from asdocumented.targets.remote import RemoteTarget
from asdocumented.targets.urls import shown


def choose_target(
    catalogue: Catalogue,
    name: str,
    targets_file: Path,
    token_env: str | None,
    selection: Selection,
    seed: int,
    *,
    with_secrets: bool = True,
) -> Target:
    """Return the target that was typed; raises UsageError with the closest name when there is none.

    Without secrets no environment variable is read, for a target that nothing is sent to.
    """
    if name == "emulator":
        return EmulatorTarget(catalogue, seed=seed)
    if re.match(r"^https?://[^/]+", name):
        return _at_url(catalogue, name, token_env, selection)
    if "://" in name or re.fullmatch(r"[\w.-]+:\d+", name):
        raise UsageError(
            "bad-url",
            f"{shown(name)!r} is no URL of a target.",
            remedy="A URL begins with http:// or https:// and names a host.",
        )
    known = ["emulator", *read_targets(targets_file)]
    if name not in known:
        raise UsageError(
            "unknown-target",
            f"No target is named {shown(name)!r}.",
            remedy=f"{suggest(name, known)} A URL begins with http:// or https://.",
        )
    return RemoteTarget(catalogue, read_target(catalogue, name, targets_file), with_secrets=with_secrets)


def _at_url(catalogue: Catalogue, url: str, token_env: str | None, selection: Selection) -> Target:
    for api in selection.apis:
        if api not in catalogue.apis:
            raise UsageError("unknown-api", f"No API is named {api!r}.", remedy=suggest(api, catalogue.apis))
    credentials = {"admin": StaticCredential(FromEnvironment(token_env))} if token_env else {}
    names = selection.apis or tuple(catalogue.apis)
    apis = {name: ApiDescription(url.rstrip("/"), credentials) for name in names}
    # Nothing but the command line says how far a run may reach.
    return RemoteTarget(catalogue, Description(url, apis, implementation=url, allow=Tier.DISRUPTIVE))
