"""Derive the broken emulators and the permitted ones from the contracts: nothing in the lists is written by hand.

Each module has a function from an API and an operation to mutants of one class; behaviours and families yield their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.contracts.model import Api, Operation
from asdocumented.mutant import Variant
from asdocumented.mutants.deriving import derive_mutants

__all__ = ["derive_mutants", "derive_variants"]


def derive_variants(api: Api, operation: Operation) -> Iterator[Variant]:
    """Yield every permitted difference of an operation."""
    yield from ()
