"""Choose a target from what a user typed: the emulator, a URL, or a name of the targets file."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from asdocumented.changes.rights import ALL
from asdocumented.contracts.model import Catalogue, Tier
from asdocumented.errors import UsageError, suggest
from asdocumented.selection import Selection
from asdocumented.targets.description import ApiDescription, Description, FromEnvironment, StaticCredential
from asdocumented.targets.emulated import EmulatorTarget
from asdocumented.targets.file import DEFAULT, read_target, read_targets
from asdocumented.targets.model import Pools, Target
from asdocumented.targets.remote import RemoteTarget
from asdocumented.targets.urls import URL_REMEDY, is_loopback, is_url, plain, shown, url_mistake


def choose_target(
    catalogue: Catalogue,
    name: str,
    targets_file: Path | None,
    token_env: str | None,
    selection: Selection,
    seed: int,
    *,
    with_secrets: bool = True,
) -> Target:
    """Return the target that was typed; raises UsageError with the closest name when there is none.

    `targets_file` is None where no file was typed: then it is the default one. A file or a token that the target has no use for
    is a UsageError too. Without secrets no environment variable is read, for a target that nothing is sent to.
    """
    file = targets_file or DEFAULT
    target: Target
    if name == "emulator":
        target = EmulatorTarget(catalogue, seed=seed)
    elif is_url(name):
        name = plain(name)
        target = _at_url(catalogue, name, token_env, selection)
    else:
        target = _named(catalogue, name, file, with_secrets=with_secrets)
    _check_use(target, name, targets_file, token_env)
    if target.is_emulator and _names_emulator(file):
        raise UsageError(
            "name-taken",
            f"{str(file)!r} has [targets.emulator], and 'emulator' always means the emulator in this process.",
            remedy="Give that target another name.",
        )
    return target


def _named(catalogue: Catalogue, name: str, file: Path, *, with_secrets: bool) -> Target:
    if "://" in name or re.fullmatch(r"[\w.-]+:\d+", name):
        raise UsageError(
            "bad-url",
            f"{shown(name)!r} is no URL of a target.",
            remedy="A URL begins with http:// or https:// and names a host.",
        )
    known = ["emulator", *read_targets(file)]
    if name not in known:
        raise UsageError(
            "unknown-target",
            f"No target is named {shown(name)!r}.",
            remedy=f"{suggest(name, known)} A URL begins with http:// or https://.",
        )
    target = RemoteTarget(catalogue, read_target(catalogue, name, file), with_secrets=with_secrets)
    target.origin = {"targets": str(file.resolve())}
    return target


def _check_use(target: Target, name: str, targets_file: Path | None, token_env: str | None) -> None:
    """Raise UsageError for a token or a file that nobody reads."""
    idle, remedy = "", ""
    if token_env is not None and "://" not in name:
        idle, remedy = "--token-env", "It is for a target that is given as a URL."
    elif targets_file is not None and (target.is_emulator or "://" in name):
        idle, remedy = f"--targets {str(targets_file)!r}", "Name a target of the file with --target."
    if idle:
        message = f"{idle} does nothing with the target {shown(name)!r}."
        raise UsageError("options-contradict", message, remedy=remedy)


def _names_emulator(file: Path) -> bool:
    """Tell whether the file has such a target; one that cannot be read is no matter for a run on the emulator."""
    try:
        targets = tomllib.loads(file.read_text(encoding="utf-8")).get("targets")
    except (OSError, ValueError):
        return False
    return isinstance(targets, dict) and "emulator" in targets


def _at_url(catalogue: Catalogue, url: str, token_env: str | None, selection: Selection) -> Target:
    for api in selection.apis:
        if api not in catalogue.apis:
            raise UsageError("unknown-api", f"No API is named {api!r}.", remedy=suggest(api, catalogue.apis))
    if mistake := url_mistake(url):
        raise UsageError("bad-url", mistake, remedy=URL_REMEDY)
    credentials = {"admin": StaticCredential(FromEnvironment(token_env))} if token_env else {}
    names = selection.apis or tuple(catalogue.apis)
    apis = {
        name: ApiDescription(url.rstrip("/"), credentials, irreversible=_for_good(catalogue, name, url))
        for name in names
    }
    # --allow alone is enough for this machine; of any other, a file has to say that it may be changed.
    allow = Tier.DISRUPTIVE if is_loopback(url) else Tier.READ
    target = RemoteTarget(catalogue, Description(url, apis, implementation=url, allow=allow))
    target.origin = {"token-env": token_env} if token_env else {}
    return target


def _for_good(catalogue: Catalogue, api: str, url: str) -> Pools:
    """Return what a run may change behind a URL: everything on this machine, and nothing anywhere else."""
    if not is_loopback(url):
        return {}
    known = catalogue.apis[api]
    return dict.fromkeys([*known.resources, *known.operations], (ALL,))
