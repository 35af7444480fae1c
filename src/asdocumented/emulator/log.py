"""Remember what the emulator was asked and how it decided: no credential, no body, and no more than fits."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

MAX_RECORDS = 10_000
"""Older records are dropped, so that a long run does not fill the memory."""


class Record(NamedTuple):
    """One request. `rule` is the rule that refused it, or empty; `notes` say what was accepted although no source has it."""

    method: str
    target: str
    api: str
    operation: str
    identity: str
    status: int
    rule: str
    notes: tuple[str, ...]


class Log:
    """The latest records, the oldest first."""

    def __init__(self) -> None:
        self._records: deque[Record] = deque(maxlen=MAX_RECORDS)

    def add(self, record: Record) -> None:
        """Append a record."""
        self._records.append(record)

    def records(self) -> list[Record]:
        """Return a copy of what is remembered."""
        return list(self._records)

    def clear(self) -> None:
        """Forget everything."""
        self._records.clear()
