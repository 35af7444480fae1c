"""Build what the statements of a contract rest on: ranges of lines, sources, registers of ambiguities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from asdocumented.contracts.grounds import Ambiguity, Basis, Equivalent, Evidence, Level, NotNormative, Reading, Source
from asdocumented.contracts.model import JSON


def parse_lines(lines: Iterable[int | str] | None) -> tuple[tuple[int, int], ...]:
    """Return inclusive ranges from a contract's `lines`: `[3, '10-16']` becomes `((3, 3), (10, 16))`."""
    ranges = []
    for entry in lines or ():
        first, _, last = str(entry).partition("-")
        ranges.append((int(first), int(last or first)))
    return tuple(ranges)


def stated(entry: Mapping[str, JSON], evidence: str = "convention") -> Basis:
    """Return the basis of a part of an API that no page of an operation states; `evidence` is what it is by default."""
    return Basis(evidence=Evidence(entry.get("evidence", evidence)), reference=entry.get("reference", ""))


def ambiguities(entries: Mapping[str, JSON]) -> dict[str, Ambiguity]:
    """Return the register of ambiguities of an API or an operation, by id."""
    return {
        key: Ambiguity(
            id=key,
            about=entry["about"],
            page=entry["page"],
            readings=tuple(
                Reading(
                    name, Evidence(reading["evidence"]) if "evidence" in reading else None, reading.get("reference", "")
                )
                for name, reading in entry["readings"].items()
            ),
            seen_in=entry.get("seen-in", ""),
            unseen=entry.get("unseen", ""),
            level=Level(entry.get("level", "SHOULD")),
            basis=Basis(lines=parse_lines(entry.get("lines")), place=entry.get("place", "")),
        )
        for key, entry in entries.items()
    }


def equivalents(entries: Iterable[Mapping[str, JSON]]) -> tuple[Equivalent, ...]:
    """Return what a contract says of broken emulators that nothing can tell."""
    return tuple(Equivalent(entry["mutant"], entry["because"]) for entry in entries)


def source(entry: Mapping[str, JSON]) -> Source:
    """Return the page that a contract is taken from."""
    return Source(
        page=entry["page"],
        url=entry["url"],
        locale=entry["locale"],
        retrieved=entry["retrieved"],
        sha256=entry.get("sha256", ""),
        not_normative=tuple(
            NotNormative(parse_lines(each["lines"]), each["reason"]) for each in entry.get("not-normative", [])
        ),
    )
