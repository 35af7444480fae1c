"""The families of conventions: what standards expect of every operation, where its page is silent. One module each."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import cast

from asdocumented.families.vocabulary import (
    Family,
    Oddness,
    Probe,
    is_documented_error,
    judge_refusal,
    make_mutants,
    make_requirements,
    make_scenarios,
)

__all__ = [
    "Family",
    "Oddness",
    "Probe",
    "families",
    "is_documented_error",
    "judge_refusal",
    "make_mutants",
    "make_requirements",
    "make_scenarios",
]


@cache
def families() -> tuple[Family, ...]:
    """Return the modules of all families, in the order of their names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "vocabulary")
    return tuple(cast("Family", importlib.import_module(f"{__name__}.{name}")) for name in names)
