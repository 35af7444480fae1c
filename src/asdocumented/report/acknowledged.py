"""Say in words what is known of the failures of a record, for every rendering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asdocumented.report.escaping import shortened, visible
from asdocumented.report.stream import Recorded

__all__ = ["Told", "known_until", "told"]


@dataclass(frozen=True, slots=True)
class Told:
    """A known deviation as a reader is told of it: the glob, what the run says, why it is known, and whether it has to go."""

    requirement: str
    said: str
    reason: str
    remove: bool


def known_until(record: Mapping[str, Any]) -> str:
    """Return until when a requirement's failure is known, and why; nothing for one that is not."""
    known = record.get("known")
    return visible(f"known deviation until {known['expires']}: {known['reason']}") if known else ""


def told(recorded: Recorded) -> list[Told]:
    """Return the known deviations of a record, those that have to go first."""
    found = [
        Told(visible(each["requirement"]), visible(each["text"]), _why(each), each["remove"])
        for each in recorded.of("known-deviation")
    ]
    return sorted(found, key=lambda each: not each.remove)


def _why(record: Mapping[str, Any]) -> str:
    source = f" ({record['reference']})" if "reference" in record else ""
    return f"got {shortened(record['observed'])}: {visible(record['reason'] + source)}"
