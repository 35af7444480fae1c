"""Build the catalogue of contracts from a folder, or raise one error that lists every mistake in it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from asdocumented.contracts import building, checking, meaning
from asdocumented.contracts.locating import bundled
from asdocumented.contracts.model import JSON, Catalogue
from asdocumented.contracts.reading import read_json, read_yaml
from asdocumented.errors import ContractError, Mistake, UsageError
from asdocumented.garbage import uncollected


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """Return the catalogue of the contracts in `folder` (by default those that come with the harness).

    Raises ContractError with every mistake at once, and UsageError when the folder holds no API.
    """
    with uncollected():
        return _load(folder or bundled("contracts"))


@lru_cache(maxsize=8)
def _load(folder: Path) -> Catalogue:
    mistakes: list[Mistake] = []
    documents = _read_all(folder, mistakes)
    if not documents and not mistakes:
        raise UsageError("no-contracts", f"No API in {folder}.", remedy="Each API is a folder with an api.yaml.")
    formal, usable = checking.check(documents)
    mistakes.extend(formal)
    apis = {name: building.build_api(document) for name, document in sorted(usable.items())}
    catalogue = Catalogue(apis=apis, folder=folder)
    mistakes.extend(meaning.check_meaning(catalogue, {name: set(each.operations) for name, each in documents.items()}))
    if mistakes:
        raise ContractError(mistakes)
    return catalogue


def _read_all(folder: Path, mistakes: list[Mistake]) -> dict[str, checking.ApiDocument]:
    documents = {}
    for file in sorted(folder.glob("*/api.yaml")):
        document = _read_api(file.parent, mistakes)
        if document is not None:
            documents[file.parent.name] = document
    return documents


def _read_api(folder: Path, mistakes: list[Mistake]) -> checking.ApiDocument | None:
    shown = folder.name
    api = read_yaml(folder / "api.yaml", f"{shown}/api.yaml", mistakes)
    definitions = {
        file.stem: read_json(file, f"{shown}/schemas/{file.name}", mistakes)
        for file in sorted(folder.glob("schemas/*.json"))
    }
    operations: dict[str, JSON] = {}
    samples: dict[str, Mapping[str, JSON]] = {}
    for file in sorted(folder.glob("*/contract.yaml")):
        name = file.parent.name
        contract = read_yaml(file, f"{shown}/{name}/contract.yaml", mistakes)
        operations[name] = _with_references(contract, api)
        samples[name] = {
            f"examples/{sample.name}": read_json(sample, f"{shown}/{name}/examples/{sample.name}", mistakes)
            for sample in sorted(file.parent.glob("examples/*.json"))
        }
    if any(mistake.file.startswith(f"{shown}/") for mistake in mistakes):
        return None  # a file that cannot be read leaves nothing to check the others against
    return checking.ApiDocument(shown, folder, api, definitions, operations, samples)


def _with_references(contract: JSON, api: JSON) -> JSON:
    """Return the contract with `../api.yaml#/parameters/NAME` replaced; what does not resolve is left for the check."""
    if not isinstance(contract, dict) or not isinstance(api, dict):
        return contract
    shared = api.get("parameters")
    resolved = copy.deepcopy(contract)
    parameters = resolved.get("parameters")
    if not isinstance(shared, dict) or not isinstance(parameters, list):
        return resolved
    for index, parameter in enumerate(parameters):
        reference = parameter.get("$ref") if isinstance(parameter, dict) else None
        name = reference.rsplit("/", 1)[-1] if isinstance(reference, str) else ""
        if name in shared and isinstance(shared[name], dict):
            own = {key: value for key, value in parameter.items() if key != "$ref"}
            parameters[index] = {**shared[name], **own}
    return resolved
