"""Read `targets.toml`: who a target is, where its APIs are, where its credentials are found, what exists, what is allowed.

Secrets are never in the file: a credential is a reference. The published schema is
`targets.schema.json` beside this module.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from asdocumented.contracts.model import Catalogue
from asdocumented.errors import UsageError, suggest
from asdocumented.targets.describing import describe, mistakes_of
from asdocumented.targets.description import Description

DEFAULT = Path("targets.toml")


def read_targets(path: Path) -> dict[str, Any]:
    """Return the targets of a file by name; an absent default file holds none.

    Raises UsageError with every mistake of the file at once.
    """
    if not path.exists() and path == DEFAULT:
        return {}
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            "targets-missing",
            f"The targets file {str(path)!r} cannot be read: {error.strerror or error}.",
            remedy="Name another with --targets.",
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError("targets-unreadable", f"{str(path)!r} is not UTF-8: {error}.") from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            "targets-unreadable", f"{str(path)!r} cannot be read as TOML: {error}.", remedy="Correct the file."
        ) from error
    schema = json.loads(
        resources.files("asdocumented.targets").joinpath("targets.schema.json").read_text(encoding="utf-8")
    )
    errors = Draft202012Validator(schema).iter_errors(document)
    mistakes = sorted(f"{path}: {said}" for error in errors for said in _mistakes(error))
    _refuse(mistakes)
    return dict(document.get("targets", {}))


def _refuse(mistakes: Sequence[str]) -> None:
    """Raise UsageError with all mistakes, where there are any."""
    if mistakes:
        heading = f"{len(mistakes)} mistake{'s' * (len(mistakes) > 1)} in the targets file:"
        raise UsageError("targets-mistakes", "\n".join([heading, *(f"  {mistake}" for mistake in mistakes)]))


def _mistakes(error: ValidationError) -> Iterator[str]:
    """Yield what one error of the schema means, in the words of TOML; no value is told, since it may be a secret."""
    table = ".".join(map(str, error.absolute_path))
    place = (f"[{table}]" if isinstance(error.instance, dict) else table) if table else "the top level"
    rule: Any = error.validator_value
    schema: Any = error.schema
    instance: Any = error.instance
    match error.validator:
        case "additionalProperties":
            known = schema.get("properties", {})
            for key in sorted(set(instance) - set(known)):
                yield f"{place} has no key {key!r}. {suggest(key, known)}"
        case "required":
            for key in rule:
                if key not in instance:
                    yield f"{place} needs the key {key!r}."
        case "type":
            yield f"{place} must be of the type {rule}."
        case "pattern" if rule.startswith("^https"):
            yield f"{place} must be a URL that begins with http:// or https://."
        case "pattern":
            yield f"{place} must be the name of an environment variable, never the secret itself."
        case _:
            yield f"{place} breaks the rule '{error.validator}: {rule}'."


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
    entry = known[name]
    mistakes = sorted(mistakes_of(catalogue, entry))
    _refuse([f"{path}: the target {name!r} names {mistake}" for mistake in mistakes])
    return describe(name, entry, path.parent)
