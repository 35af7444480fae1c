"""Read `targets.toml`: who a target is, where its APIs are, where its credentials are found, what exists, what is allowed.

Secrets are never in the file: a credential is a reference. The published schema is `targets.schema.json` beside this module.
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asdocumented.contracts.model import Catalogue
from asdocumented.errors import UsageError, suggest
from asdocumented.targets.checking import mistakes_of
from asdocumented.targets.describing import describe
from asdocumented.targets.description import Description
from asdocumented.targets.referred import idle, missing, unset
from asdocumented.targets.wording import found_by_schema

DEFAULT = Path("targets.toml")


def read_targets(path: Path) -> dict[str, Any]:
    """Return the targets of a file by name, as the schema has them; an absent default file holds none.

    Raises UsageError with every mistake that the schema finds at once.
    """
    if not path.exists() and path == DEFAULT:
        return {}
    document = _document(path)
    _refuse(path, sorted(each.sentence for each in found_by_schema(document)))
    return dict(document.get("targets", {}))


def read_target(catalogue: Catalogue, name: str, path: Path) -> Description:
    """Return what the file says of the target with that name.

    Raises UsageError with a suggestion when there is none, and with every mistake of it at once.
    """
    known = read_targets(path)
    if name not in known:
        raise UsageError(
            "unknown-target",
            f"No target is named {name!r}.",
            remedy=f"{suggest(name, ['emulator', *known])} A URL begins with http:// or https://.",
        )
    _refuse(path, sorted(mistakes_of(catalogue, name, known[name])))
    return describe(name, known[name], path.parent)


def check_targets(catalogue: Catalogue, path: Path, *, here: bool = False) -> dict[str, Description]:
    """Return what a file says of each of its targets; raises UsageError with every mistake of all of them at once.

    `here` says whether what the file refers to must be on this machine.
    """
    document = _document(path)
    found = list(found_by_schema(document))
    sound = copy.deepcopy(document)
    for each in found:
        if each.unusable:
            _forget(sound, each.path)
    targets = sound.get("targets", {})
    mistakes = {each.sentence for each in found}
    for name, entry in targets.items():
        mistakes |= set(mistakes_of(catalogue, name, entry))
        mistakes |= set(missing(catalogue, name, entry, path.parent)) if here else set()
    _refuse(path, sorted(mistakes))
    return {name: describe(name, entry, path.parent) for name, entry in targets.items()}


def unset_variables(path: Path) -> list[str]:
    """Return a sentence for each environment variable that a file without mistakes refers to and that is not set here."""
    return [said for name, entry in read_targets(path).items() for said in unset(name, entry, path.parent)]


def idle_settings(path: Path) -> list[str]:
    """Return a sentence for each setting of a file without mistakes that is never looked at, as it stands."""
    return [said for name, entry in read_targets(path).items() for said in idle(name, entry)]


def _document(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            "targets-missing",
            f"The targets file {str(path)!r} cannot be read: {error.strerror or error}.",
            remedy="Name another file, or let `asdoc init` write one.",
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            "targets-unreadable", f"{str(path)!r} is not UTF-8 at byte {error.start}.", remedy="Correct the file."
        ) from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            "targets-unreadable", f"{str(path)!r} cannot be read as TOML: {error}.", remedy="Correct the file."
        ) from error
    except RecursionError as error:
        raise UsageError(
            "targets-unreadable", f"{str(path)!r} nests too deeply.", remedy="Correct the file."
        ) from error


def _refuse(path: Path, mistakes: Sequence[str]) -> None:
    """Raise UsageError with all mistakes, where there are any."""
    if mistakes:
        heading = f"{len(mistakes)} mistake{'s' * (len(mistakes) > 1)} in the targets file:"
        raise UsageError("targets-mistakes", "\n".join([heading, *(f"  {path}: {mistake}" for mistake in mistakes)]))


def _forget(document: Any, at: tuple[str | int, ...]) -> None:
    """Take what cannot be used out of a document, with the list that it is in, so that the rest can be looked at."""
    while at and isinstance(at[-1], int):
        at = at[:-1]
    for part in at[:-1]:
        if isinstance(document, dict) and part not in document:
            return  # it is gone already
        document = document[part]
    if at:
        document.pop(at[-1], None)
