"""What a benchmark gives: one table, the bounds it is held to, and notes that say how to read it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Limit(StrEnum):
    """On which side of its limit a measured value has to be."""

    AT_MOST = "at most"
    AT_LEAST = "at least"
    UNDER = "under"


@dataclass(frozen=True, slots=True)
class Bound:
    """One promise: what is measured, the value that was got, and the limit that it must keep."""

    about: str
    measured: float
    limit: float
    side: Limit = Limit.AT_MOST

    @property
    def met(self) -> bool:
        """Tell whether the measured value keeps the limit."""
        if self.side is Limit.AT_LEAST:
            return self.measured >= self.limit
        return self.measured < self.limit if self.side is Limit.UNDER else self.measured <= self.limit


@dataclass(frozen=True, slots=True)
class Table:
    """A header and rows of the same length; the first column names the row."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """The result of one benchmark. `failure` says why it could not be measured; the rest is then empty."""

    title: str
    tables: tuple[Table, ...] = ()
    bounds: tuple[Bound, ...] = ()
    notes: tuple[str, ...] = ()
    failure: str = ""
