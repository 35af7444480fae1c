"""The ledger leaves nothing out, and the package keeps to its neighbours."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import asdocumented.emulator
from asdocumented.contracts import load_catalogue
from asdocumented.emulator.fidelity import ledger
from asdocumented.emulator.handlers import handler
from asdocumented.emulator.pipeline import STEPS

CATALOGUE = load_catalogue()
SUBJECTS = {entry.subject for entry in ledger()}
MODULES = sorted(Path(asdocumented.emulator.__path__[0]).rglob("*.py"))


def test_every_handler_has_entry() -> None:
    """Every operation with a handler has an entry, and no entry names another operation."""
    handled = {each.id for each in CATALOGUE.operations if handler(each.api, each.name)}

    assert handled == {each for each in SUBJECTS if each.partition("/")[0] in CATALOGUE.apis}


def test_every_behaviour_has_entry() -> None:
    """Every behaviour that a contract declares has an entry."""
    declared = {f"behaviour/{each.name}" for operation in CATALOGUE.operations for each in operation.behaviours}

    assert set() == declared - SUBJECTS


def test_every_step_has_entry() -> None:
    """Every step of the pipeline has an entry."""
    assert set() == {f"step/{step.__name__}" for step in STEPS} - SUBJECTS


def test_entries_are_complete() -> None:
    """Every entry says what is done and where that is from, once."""
    assert all(all(entry) for entry in ledger())
    assert len(ledger()) == len({entry[:2] for entry in ledger()})


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_imports_keep_to_contracts(path: Path) -> None:
    """The emulator imports of the harness the contracts, the errors and the version alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = [each.module or "" for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
    own = [each for each in imported if each.partition(".")[0] == "asdocumented"]
    allowed = ("asdocumented.contracts", "asdocumented.emulator", "asdocumented.errors")

    assert [] == [each for each in own if each != "asdocumented" and not each.startswith(allowed)]
