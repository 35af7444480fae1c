"""Read `targets.toml`: who a target is, where its APIs are, which environment variables hold its credentials, what exists.

Secrets are never in the file: a credential is the name of an environment variable. The published schema is
`targets.schema.json` beside this module.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from asdocumented.contracts.model import Catalogue
from asdocumented.errors import UsageError, suggest
from asdocumented.targets.model import Patience
from asdocumented.targets.remote import URL_REMEDY, RemoteApi, RemoteTarget, url_mistake

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


def open_target(catalogue: Catalogue, name: str, path: Path, *, with_secrets: bool = True) -> RemoteTarget:
    """Return the target with that name in the file, without secrets if nothing is to be sent to it.

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
    mistakes = sorted(_unknown(catalogue, entry))
    _refuse([f"{path}: the target {name!r} names {mistake}" for mistake in mistakes])
    apis = {api: _api(described) for api, described in entry["apis"].items()}
    return RemoteTarget(
        catalogue,
        name,
        apis,
        implementation=entry.get("implementation", name),
        version=entry.get("version", ""),
        operations=frozenset(entry["operations"]) if "operations" in entry else None,
        intrusive=bool(entry.get("intrusive", False)),
        timeout=float(entry.get("timeout", 30)),
        with_secrets=with_secrets,
    )


def _unknown(catalogue: Catalogue, entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a target names that no contract has, and the base URLs that are none."""
    yield from _strangers("operation", entry.get("operations", ()), {each.id for each in catalogue.operations})
    yield from _strangers("API", entry["apis"], catalogue.apis)
    for api, described in entry["apis"].items():
        mistake = url_mistake(described["base-url"])
        if mistake:
            yield f"a base URL for {api} that cannot be used: {mistake} {URL_REMEDY}"
        if api in catalogue.apis:
            known = catalogue.apis[api]
            yield from _strangers("identity", described.get("credentials", ()), known.identities, f" of {api}")
            yield from _strangers("resource", described.get("resources", ()), known.resources, f" of {api}")
            yield from _strangers("state", described.get("states", ()), known.states, f" of {api}")


def _strangers(kind: str, names: Iterable[str], known: Iterable[str], where: str = "") -> Iterator[str]:
    for name in sorted(set(names) - set(known)):
        yield f"the unknown {kind} {name!r}{where}. {suggest(name, known)}"


def _api(entry: Mapping[str, Any]) -> RemoteApi:
    return RemoteApi(
        base_url=entry["base-url"],
        credentials={identity: described["env"] for identity, described in entry.get("credentials", {}).items()},
        pools=_pools(entry.get("resources", {})),
        states={state: _pools(pools) for state, pools in entry.get("states", {}).items()},
        patience=Patience(**{key: float(entry[key]) for key in ("deadline", "interval") if key in entry}),
    )


def _pools(entry: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {pool: tuple(ids) for pool, ids in entry.items()}
