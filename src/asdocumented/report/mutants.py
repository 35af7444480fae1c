"""Put into words how many known mutants a run would have caught."""

from __future__ import annotations

from asdocumented.report import digest
from asdocumented.report.catching import caught
from asdocumented.report.escaping import visible
from asdocumented.report.records import Record
from asdocumented.report.stream import Recorded

__all__ = ["NOTE", "of_requirement", "told"]

NOTE = "tried on the bundled emulator: it says that checks tell right from wrong, not that a contract is true of the service"
"""What stands wherever the figure is shown."""


def told(recorded: Recorded) -> list[str]:
    """Return how many mutants of what counts the run would have caught, as parts of one sentence."""
    own = digest.counted(recorded)
    found = caught(own)
    if not own:
        return []
    if not found.counted:
        return ["known mutants: not measured for these contracts"]
    must = caught(each for each in own if each["level"] == "MUST")
    operations = {(each["api"], each["operation"]) for each in own}
    lacking = len(operations - {(each["api"], each["operation"]) for each in own if "mutation" in each})
    stale = {each["mutation"]["stale"]: None for each in own if "stale" in each.get("mutation", {})}
    return [
        f"known mutants that this run would have caught: {found}",
        f"a full run on the emulator: {found.killed:,}",
        f"of MUST: {must}",
        *([f"not measured: {digest.amount(lacking, 'operation')}"] if lacking else []),
        *(f"measured with {visible(each)}" for each in stale),
    ]


def of_requirement(record: Record) -> list[str]:
    """Return in sentences what a verdict rests on: exchanges by kind, and the mutants that would have been caught."""
    said = []
    if any(record.get("strength", {}).values()):
        strong = record["strength"]
        number = digest.amount(strong["positive"] + strong["negative"], "exchange")
        said.append(
            f"Rests on {number}: {strong['positive']} valid, {strong['negative']} to be refused, {strong['stateful']} of these in"
            " an arranged state or a sequence."
        )
    if "mutation" in record:
        known = record["mutation"]
        said.append(
            f"Known mutants that this run would have caught: {known['asRun']['killed']} of {known['counted']} ({NOTE})."
        )
    return said
