"""Make contracts of many operations out of those that there are: whole APIs copied, or operations within their API.

A copied API gets a name and path prefix of its own; a copied operation a name and path of its own. The emulator finds handlers by
these names, so `lend_handlers` gives each copy those of its original; it is for a process that ends after one measurement.
"""

from __future__ import annotations

import importlib
import itertools
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from asdocumented.contracts.locating import bundled
from asdocumented.contracts.reading import read_yaml

_HANDLERS = "asdocumented.emulator.handlers"
_COPY = re.compile(r"-copy\d+$")


def originals() -> int:
    """Return how many operations come with asdoc."""
    return len(list(bundled("contracts").glob("*/*/contract.yaml")))


def sets_for(operations: int) -> int:
    """Return how many whole sets of copies have at least that many operations."""
    return -(-operations // originals())


def copy_apis(folder: Path, sets: int) -> None:
    """Write `sets` copies of every API into a folder; each copy has path prefixes of its own."""
    for original, number in itertools.product(_apis(), range(sets)):
        copy = folder / f"{original.name}-copy{number}"
        shutil.copytree(original, copy)
        _rewrite(copy / "api.yaml", partial(_api_apart, number))
        for file in copy.glob("*/contract.yaml"):
            _rewrite(file, partial(_path_apart, number))


def copy_operations(folder: Path, sets: int) -> None:
    """Write every API once into a folder, with `sets` copies of each of its operations."""
    for original in _apis():
        api = folder / original.name
        shutil.copytree(original, api)
        prefixes = _read(api / "api.yaml")["prefixes"]
        names = [file.parent.name for file in sorted(api.glob("*/contract.yaml"))]
        for name, number in itertools.product(names, range(sets)):
            copy = api / f"{name}-copy{number}"
            shutil.copytree(api / name, copy)
            _rewrite(copy / "contract.yaml", partial(_operation_apart, number, names, prefixes))
        for name in names:
            shutil.rmtree(api / name)


def lend_handlers() -> None:
    """Make the emulator's handlers of the originals known under the names of all copies that are asked for."""
    package = vars(importlib.import_module(_HANDLERS))
    find = package["_named"]  # the one place where names become handlers
    package["_named"] = lambda api, name: find(_COPY.sub("", api), _COPY.sub("", name))


def _apis() -> Iterator[Path]:
    return (file.parent for file in sorted(bundled("contracts").glob("*/api.yaml")))


def _read(file: Path) -> Any:
    return read_yaml(file, file.name, [])


def _rewrite(file: Path, change: Callable[[Any], Any]) -> None:
    file.write_text(yaml.safe_dump(change(_read(file)), sort_keys=False, allow_unicode=True), encoding="utf-8")


def _api_apart(number: int, api: Mapping[str, Any]) -> dict[str, Any]:
    return {**api, "prefixes": [f"/copy{number}{prefix}" for prefix in api["prefixes"]]}


def _path_apart(number: int, contract: Mapping[str, Any]) -> dict[str, Any]:
    return {**contract, "path": f"/copy{number}{contract['path']}"}


def _operation_apart(number: int, names: list[str], prefixes: list[str], contract: Mapping[str, Any]) -> dict[str, Any]:
    """Return a contract with another path below the API's prefix, which names the copies where it named its siblings."""
    prefix = max((each for each in prefixes if contract["path"].startswith(each)), key=len)
    path = f"{prefix}/copy{number}{contract['path'].removeprefix(prefix)}"
    renamed = {name: f"{name}-copy{number}" for name in names}
    return {**_renamed(contract, renamed), "path": path, "operationId": f"{contract['operationId']}_Copy{number}"}


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Return a JSON value in which each string that is one of the names is another."""
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value
