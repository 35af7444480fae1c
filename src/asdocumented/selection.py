"""Choose which operations and requirements a run is about, from what a user typed."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from asdocumented.contracts.model import Catalogue
from asdocumented.errors import UsageError, suggest
from asdocumented.requirement import Requirement


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked for: names of APIs, of operations (`name` or `<api>/<name>`), globs of requirement ids."""

    apis: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    strict_fields: bool = False

    @property
    def is_narrow(self) -> bool:
        """Tell whether only some requirements are looked at; such a run never says `conformant`."""
        return bool(self.requirements)


def select_operations(catalogue: Catalogue, selection: Selection) -> frozenset[str]:
    """Return the ids of the selected operations; raises UsageError for a name that nothing has."""
    for api in selection.apis:
        if api not in catalogue.apis:
            raise UsageError("unknown-api", f"No API is named {api!r}.", remedy=suggest(api, catalogue.apis))
    known = {operation.id for operation in catalogue.operations} | {
        operation.name for operation in catalogue.operations
    }
    for name in selection.operations:
        if name not in known:
            raise UsageError("unknown-operation", f"No operation is named {name!r}.", remedy=suggest(name, known))
    chosen = frozenset(
        operation.id
        for operation in catalogue.operations
        if (not selection.apis or operation.api in selection.apis)
        and (not selection.operations or operation.id in selection.operations or operation.name in selection.operations)
    )
    if not chosen:
        raise UsageError(
            "nothing-selected",
            f"None of {', '.join(selection.apis)} has an operation named {', '.join(selection.operations)}.",
            remedy="`asdoc contracts list` shows which API has which.",
        )
    return chosen


def select_requirements(
    requirements: Mapping[str, Requirement], selection: Selection, operations: frozenset[str]
) -> dict[str, Requirement]:
    """Return the selected requirements of the operations in scope; raises UsageError when a glob matches none."""
    in_scope = {key: each for key, each in requirements.items() if f"{each.api}/{each.operation}" in operations}
    for glob in selection.requirements:
        if not any(fnmatchcase(key, glob) for key in in_scope):
            raise UsageError(
                "unknown-requirement",
                f"No requirement in scope matches {glob!r}.",
                remedy=_closest(glob, in_scope),
            )
    if not selection.requirements:
        return in_scope
    return {
        key: each for key, each in in_scope.items() if any(fnmatchcase(key, glob) for glob in selection.requirements)
    }


def _closest(glob: str, known: Mapping[str, Requirement]) -> str:
    """Return a sentence with the id whose end is closest to what was typed."""
    ends = {each.what: key for key, each in known.items()}
    typed = glob.replace("*", "").strip("/")
    found = difflib.get_close_matches(typed, [*ends, *known], n=1, cutoff=0.6)
    return f"Did you mean {ends.get(found[0], found[0])!r}?" if found else "`asdoc requirements` lists them."
