"""Imports point one way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import asdocumented

_SOURCE = Path(asdocumented.__file__).parent
_RANKS = {
    "console": 0,
    "errors": 0,
    "forms": 0,
    "garbage": 0,
    "needles": 0,
    "packing": 0,
    "contracts": 1,
    "emulator": 2,
    "mutant": 2,
    "requirement": 2,
    "traces": 2,
    "secrets": 2,
    "discretion": 3,
    "pseudonyms": 3,
    "leaks": 3,
    "changes.rights": 2,
    "plans": 3,
    "wire": 3,
    "reads": 4,
    "changes.fence": 5,
    "planning.bodies": 4,
    "planning.context": 5,
    "planning.needing": 5,
    "planning.combining": 6,
    "planning.covering": 6,
    "behaviours": 7,
    "families": 8,
    "requirements": 9,
    "mutants": 10,
    "openapi": 9,
    "coverage": 9,
    "selection": 9,
    "planning.building": 10,
    "judge": 10,
    "known": 10,
    "verdicts": 11,
    "witnesses": 11,
    "measured": 12,
    "corpus": 11,
    "corpus.sending": 16,
    "corpus.exploring": 17,
    "corpus.showing": 17,
    "targets.model": 4,
    "targets.urls": 4,
    "targets.description": 5,
    "credentials": 7,
    "transport": 6,
    "excuses": 12,
    "targets": 12,
    "planning.outlook": 13,
    "planning.following": 13,
    "planning.showing": 15,
    "planning.recording": 16,
    "exchanges": 13,
    "changes": 14,
    "preflight": 14,
    "executing": 14,
    "running": 15,
    "report": 16,
    "explaining": 17,
    "sweeping": 17,
    "suite": 17,
    "plugin": 17,
    "cli": 18,
    "goldens": 19,
}
"""What a module may import: itself, and what has a lower rank. The bare package has only its version."""
_JUDGING = {"judge", "behaviours", "families", "reads", "verdicts"}
_SENDING = {"emulator", "credentials", "targets", "exchanges", "executing"}
_SIDEWAYS = {("plugin", "suite"), ("suite", "plugin")}


def _layer(name: str) -> str:
    """Return the layer of a module by its name below `asdocumented`."""
    return next((each for each in sorted(_RANKS, key=len, reverse=True) if f"{name}.".startswith(f"{each}.")), name)


def _modules() -> Iterator[tuple[str, Path]]:
    for file in sorted(_SOURCE.rglob("*.py")):
        name = ".".join(file.relative_to(_SOURCE).with_suffix("").parts).removesuffix("__init__").removesuffix(".")
        if name and name != "planning" and not name.startswith(("_bundled", "suites")):
            yield name, file


def _imports(tree: ast.AST) -> Iterator[str]:
    """Yield what a module imports of ours, by its name below the package; imports for annotations alone are left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                yield from _below(f"{node.module}.{alias.name}")
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield from _below(alias.name)
        elif isinstance(node, ast.ImportFrom):
            yield f"relative import of {node.module}"
        yield from _imports(node)


def _below(name: str) -> Iterator[str]:
    package, _, rest = name.partition(".")
    if package == "asdocumented" and not rest.startswith("__"):
        yield rest


_MODULES = dict(_modules())


def _imported(name: str) -> set[str]:
    tree = ast.parse(_MODULES[name].read_text(encoding="utf-8"))
    return {_layer(each) for each in _imports(tree)}


@pytest.mark.parametrize("name", _MODULES)
def test_imports_point_down(name: str) -> None:
    """A module imports its own layer and lower ones alone."""
    own = _layer(name)
    expected: set[str] = set()

    allowed = {own, *(each for each, rank in _RANKS.items() if rank < _RANKS[own])}
    allowed |= {two for one, two in _SIDEWAYS if one == own}

    assert expected == _imported(name) - allowed


def test_every_layer_exists() -> None:
    """The table of layers names modules that exist, and every module is in it."""
    assert set(_RANKS) == {_layer(name) for name in _MODULES}


@pytest.mark.parametrize("name", [each for each in _MODULES if _layer(each) in _JUDGING])
def test_judging_knows_no_emulator(name: str) -> None:
    """Nothing that judges imports the emulator or a target."""
    expected: set[str] = set()

    assert expected == {each.partition(".")[0] for each in _imported(name)} & _SENDING


@pytest.mark.parametrize("name", [each for each in _MODULES if _layer(each) == "emulator"])
def test_emulator_knows_only_contracts(name: str) -> None:
    """The emulator imports contracts and errors alone."""
    expected: set[str] = set()

    assert expected == _imported(name) - {"emulator", "contracts", "errors"}


@pytest.mark.parametrize("name", [each for each in _MODULES if _layer(each) in {*_JUDGING, "contracts"}])
def test_judging_sends_nothing(name: str) -> None:
    """Nothing that judges imports a way to send, to wait or to draw at random."""
    tree = ast.parse(_MODULES[name].read_text(encoding="utf-8"))
    forbidden = {
        "httpx",
        "requests",
        "socket",
        "asyncio",
        "time",
        "random",
        "datetime",
        "subprocess",
        "pytest",
        "schemathesis",
    }
    expected: set[str] = set()

    names = {
        alias.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    names |= {(node.module or "").partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert expected == names & forbidden
