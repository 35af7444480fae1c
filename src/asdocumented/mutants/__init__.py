"""Derive the broken emulators and the permitted ones from the contracts: nothing in the lists is written by hand.

Each module has a function from an API and an operation to mutants of one class; behaviours and families yield their own. What is
permitted stands in `permitted`, module by module likewise.
"""

from asdocumented.mutants.deriving import derive_mutants
from asdocumented.mutants.variants import derive_variants

__all__ = ["derive_mutants", "derive_variants"]
