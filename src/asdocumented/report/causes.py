"""Say why a requirement stands where it does, and which failures have one cause.

Every rendering asks here, so that all of them show the same finding, the same source and the same groups.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from asdocumented.report.acknowledged import known_until
from asdocumented.report.escaping import shortened, visible
from asdocumented.report.records import Record
from asdocumented.report.stream import Recorded

__all__ = [
    "Cause",
    "Standing",
    "causes",
    "contested",
    "decisive",
    "failed_elsewhere",
    "sentence",
    "source",
    "standing",
    "what",
]

# Ids, and numbers that count something ("byte 171"); a number that stands alone is a status, and matters.
_VARIES = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{12,}\b|\b\d{4,}\b|(?<=[a-z] )\d+", re.IGNORECASE)
_ENGLISH = {"URI 参数": "URI Parameters", "响应": "Responses", "定义": "Definitions", "请求头": "Request Headers"}
"""The headings of pages that are pinned in Chinese, as the English pages of the same vendor have them."""
_PATH = re.compile(r"^\$.*[.\]]")
_ERROR_KEY = re.compile(r"^response/(?:[45]\d\d|[45]XX|other|framework)/")


class Standing(StrEnum):
    """What a requirement comes to in formats that know passed, failed, broken and skipped tests alone."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Cause:
    """Failed requirements that look like one mistake of the target, the first by id leading.

    `finding` is the decisive one of the first; `blocks` counts the requirements that wait for any of them.
    """

    records: tuple[Record, ...]
    finding: Record
    blocks: int

    @property
    def first(self) -> Record:
        """Return the requirement that stands for all."""
        return self.records[0]

    @property
    def is_must(self) -> bool:
        """Tell whether the target is nonconformant for it, or only warned."""
        return bool(self.first["level"] == "MUST")

    @property
    def others(self) -> Mapping[str, int]:
        """Return how many more requirements are alike, by operation."""
        return Counter(each["operation"] for each in self.records[1:])

    @property
    def reach(self) -> str:
        """Return in how many of the exchanges that bore on the first requirement the target broke it."""
        bearing, failing = self.first["bearing"], self.first.get("failing", 0)
        if not failing or bearing == 1:
            return ""
        return f"in all {bearing} exchanges" if failing == bearing else f"in {failing} of {bearing} exchanges"


def what(record: Record) -> str:
    """Return the part of a requirement's id after its API and its operation."""
    return str(record["id"]).split("/", 2)[2]


def decisive(recorded: Recorded, record: Record) -> Record:
    """Return the finding to show: the first that no accepted reading excuses in the run's profile."""
    profile = recorded.header["profile"]
    accepted = {
        (each["operation"], each["ambiguity"], each["reading"])
        for each in recorded.of("reading")
        if profile in each["acceptedIn"]
    }
    operation = f"{record['api']}/{record['operation']}"
    findings: list[Record] = record.get("findings", [])
    for finding in findings:
        reading = finding.get("reading")
        if reading is None or (operation, reading["ambiguity"], reading["reading"]) not in accepted:
            return finding
    return findings[0] if findings else {"exchanges": []}


def sentence(finding: Record) -> str:
    """Return `expected X, got Y at Z`, fit to be shown."""
    expected, got, where = (shortened(finding.get(key, "")) for key in ("expected", "got", "where"))
    return f"expected {expected}, got {got}" + (f" at {where}" if where else "")


def contested(finding: Record) -> str:
    """Return the reading under which alone the target would be right, where the finding depends on one."""
    reading = finding.get("reading")
    return visible(f"follows reading '{reading['reading']}' of {reading['ambiguity']}") if reading else ""


def source(record: Record) -> str:
    """Return what a requirement rests on: the page with place and lines, or the other source with its evidence."""
    basis = record["basis"]
    ranges = [f"{first}-{last}" if first != last else f"{first}" for first, last in basis["lines"]]
    single = len(ranges) == 1 and "-" not in ranges[0]
    lines = f"{'line' if single else 'lines'} {', '.join(ranges)}" if ranges else ""
    place = "; ".join(map(_with_english, basis["place"].split("; ")))
    if basis["evidence"] != "documented":
        parts = [f"{basis['evidence']}: {basis['reference']}", place, lines]
        return visible(", ".join(part for part in parts if part))
    place = ", ".join(part for part in (place, lines) if part)
    return visible(": ".join(part for part in (record["page"], place) if part))


def _with_english(place: str) -> str:
    """Return a place with the English name beside a heading that is not in English."""
    name, comma, rest = place.partition(", ")
    return f"{name} ({_ENGLISH[name]}){comma}{rest}" if name in _ENGLISH else place


def standing(recorded: Recorded, record: Record) -> tuple[Standing, str]:
    """Return what a requirement comes to and, unless it passed, a message that says why.

    A failed SHOULD, or what the run's profile does not count, is a skipped test with a warning: it changes no outcome.
    """
    verdict = record["verdict"]
    if verdict == "pass":
        return Standing.PASSED, ""
    if verdict == "error":
        return Standing.BROKEN, visible(record.get("reason", "the harness broke"))
    if verdict != "fail":
        reason = record.get("reason", "no reason is recorded")
        return Standing.SKIPPED, visible(f"{verdict.replace('-', ' ')}: {reason}")
    said = sentence(decisive(recorded, record))
    known = known_until(record)
    said = f"{known}; {said}" if known else said
    if record["counts"] and record["level"] == "MUST":
        return Standing.FAILED, said
    why = record["level"] if record["counts"] else f"does not count in {recorded.header['profile']}"
    return Standing.SKIPPED, f"warning: {said} ({why})"


def causes(recorded: Recorded) -> list[Cause]:
    """Return the failures that count in the run's profile by cause: MUST first, then by what they block, then by id."""
    waiting = _blocked_by(recorded)
    grouped: dict[tuple[str, ...], list[tuple[Record, Record]]] = defaultdict(list)
    for record in recorded.of("requirement"):
        if record["counts"] and record["verdict"] == "fail":
            finding = decisive(recorded, record)
            grouped[_shape(record, finding)].append((record, finding))
    found = [
        Cause(tuple(record for record, _ in pairs), pairs[0][1], sum(waiting[record["id"]] for record, _ in pairs))
        for pairs in grouped.values()
    ]
    return sorted(found, key=lambda each: (not each.is_must, -each.blocks, -len(each.records), each.first["id"]))


def failed_elsewhere(recorded: Recorded) -> dict[tuple[str, ...], list[Record]]:
    """Return what does not fail in the run's profile but in others, by these profiles."""
    found: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for record in recorded.of("requirement"):
        profiles = tuple(name for name, verdict in record["profiles"].items() if verdict == "fail")
        if profiles and not (record["counts"] and record["verdict"] == "fail"):
            found[profiles].append(record)
    return found


def _blocked_by(recorded: Recorded) -> Counter[str]:
    """Count, by the id of the blocker, the requirements of the run's profile that could not be judged because of it."""
    return Counter(
        each["blocker"]
        for each in recorded.of("requirement")
        if each["counts"] and each["verdict"] == "inconclusive" and each.get("blocker")
    )


def _shape(record: Record, finding: Record) -> tuple[str, ...]:
    """Return what failures of one cause have in common, whatever the ids, error statuses and places in the body."""
    aspect = _ERROR_KEY.sub("response/error/", what(record))
    expected, got = (_VARIES.sub("…", finding.get(key, "")) for key in ("expected", "got"))
    return record["level"], aspect, expected, got, _PATH.sub("", finding.get("where", "")), known_until(record)
