"""The vocabulary of behaviours as a whole."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest

from asdocumented.behaviours import behaviour, behaviour_names
from asdocumented.contracts import Operation, load_catalogue
from asdocumented.contracts.model import BehaviourDeclaration
from asdocumented.requirements import derive

_DECLARED = [
    pytest.param(operation, declaration, id=f"{operation.name}-{index}-{declaration.name}")
    for operation in load_catalogue().operations
    for index, declaration in enumerate(operation.behaviours)
]


def _published() -> dict[str, Any]:
    folder = resources.files("asdocumented.contracts") / "schemas"
    schema = json.loads((folder / "contract.schema.json").read_text(encoding="utf-8"))
    return schema["$defs"]["behaviour"]["properties"]


def test_modules_are_the_published() -> None:
    """There is a module for each behaviour of the published schema, and no other."""
    assert sorted(_published()) == list(behaviour_names())


@pytest.mark.parametrize("name", behaviour_names())
def test_module_has_whole_protocol(name: str) -> None:
    """A behaviour's module has its four functions, each with a docstring."""
    module = behaviour(name)
    expected = [True] * 4

    assert expected == [bool(getattr(module, each).__doc__) for each in ("requirements", "plan", "judge", "mutants")]


def test_every_declared_behaviour_is_known() -> None:
    """Every behaviour that a contract declares has a module."""
    declared = {each.name for operation in load_catalogue().operations for each in operation.behaviours}
    expected: set[str] = set()

    assert expected == declared - set(behaviour_names())


def test_every_behaviour_is_declared() -> None:
    """Every behaviour of the vocabulary is used by some contract."""
    declared = {each.name for operation in load_catalogue().operations for each in operation.behaviours}

    assert sorted(declared) == list(behaviour_names())


@pytest.mark.parametrize(("operation", "declaration"), _DECLARED)
def test_mutants_break_derived_requirements(operation: Operation, declaration: BehaviourDeclaration) -> None:
    """Each mutant of a behaviour names a requirement that is derived."""
    api = load_catalogue().apis[operation.api]
    known = derive(load_catalogue())
    expected: list[str] = []

    mutants = behaviour(declaration.name).mutants(api, operation, declaration)

    assert expected == [each.breaks for each in mutants if each.breaks not in known]


@pytest.mark.parametrize(("operation", "declaration"), _DECLARED)
def test_declaration_gives_requirements(operation: Operation, declaration: BehaviourDeclaration) -> None:
    """Each declaration gives at least one requirement, all of them derived under their ids."""
    api = load_catalogue().apis[operation.api]
    known = derive(load_catalogue())
    expected = (True, True)

    own = [each.id for each in behaviour(declaration.name).requirements(api, operation, declaration)]

    assert expected == (bool(own), set(own) <= set(known))


@pytest.mark.parametrize("name", sorted(_published()))
def test_each_entry_is_described(name: str) -> None:
    """Each behaviour of the published schema says in one line what it means, and takes no unknown parameter."""
    entry = _published()[name]
    expected = (True, False)

    assert expected == (bool(entry["description"]), entry["unevaluatedProperties"])
