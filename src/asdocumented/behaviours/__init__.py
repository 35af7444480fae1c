"""The vocabulary of behaviours: one module each, found by its name in the contracts."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import cast

from asdocumented.behaviours.vocabulary import Behaviour, Varying

__all__ = ["Behaviour", "Varying", "behaviour", "behaviour_names"]


@cache
def behaviour_names() -> tuple[str, ...]:
    """Return the names of all behaviours that the code knows."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name.replace("_", "-") for name in found if name != "vocabulary"))


@cache
def behaviour(name: str) -> Behaviour:
    """Return the module of a behaviour by its name in contracts."""
    return cast("Behaviour", importlib.import_module(f"{__name__}.{name.replace('-', '_')}"))
