"""What a shell completes: names read from the folders and golden lists of the contracts, so that a key press waits for little."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem

__all__ = ["complete_api", "complete_operation", "complete_requirement"]

_CONTRACT, _GOLDEN = "contract.yaml", "requirements.json"

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _operations() -> Iterator[Path]:
    """Yield the folders of the operations, also where the golden lists are not there."""
    from asdocumented.contracts.locating import bundled

    return (file.parent for file in sorted(bundled("contracts").glob(f"*/*/{_CONTRACT}")))


def complete_api(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the APIs that begin with what was typed."""
    return [
        CompletionItem(name) for name in sorted({each.parent.name for each in _operations()}) if name.startswith(typed)
    ]


def complete_operation(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the operations that begin with what was typed, by their name or with their API."""
    known = list(_operations())
    names = [each.name for each in known] + [f"{each.parent.name}/{each.name}" for each in known]
    return [CompletionItem(name) for name in sorted(set(names)) if name.startswith(typed)]


def complete_requirement(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the requirements that begin with what was typed; before an operation is typed, the operations."""
    found: list[str] = []
    for folder in _operations():
        prefix = f"{folder.parent.name}/{folder.name}/"
        if typed.startswith(prefix):
            listed = json.loads((folder / _GOLDEN).read_text(encoding="utf-8")) if (folder / _GOLDEN).is_file() else {}
            found += [each["id"] for each in listed.get("requirements", ())]
        else:
            found.append(prefix)
    return [CompletionItem(name) for name in found if name.startswith(typed)]
