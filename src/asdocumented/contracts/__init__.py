"""Contracts: what vendors' reference pages promise, as checked and typed data."""

from asdocumented.contracts.grounds import Basis, Evidence, Level
from asdocumented.contracts.loading import load_catalogue
from asdocumented.contracts.model import Api, Catalogue, Operation, Tier

__all__ = ["Api", "Basis", "Catalogue", "Evidence", "Level", "Operation", "Tier", "load_catalogue"]
