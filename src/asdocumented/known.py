"""Known deviations: which findings they are about, which of them excuse too much, and those that ship with the contracts.

What they do to a run is in `excuses`. Contracts keep those of public services in `<api>/known-deviations.yaml`, each with the
hosts that it is known of, so that no other server is ever excused by them.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from asdocumented.contracts.checking import check_form
from asdocumented.contracts.locating import bundled
from asdocumented.contracts.model import JSON, Catalogue
from asdocumented.contracts.reading import read_yaml
from asdocumented.errors import ContractError, Mistake, UsageError, suggest
from asdocumented.reads.marks import Mark
from asdocumented.requirement import Requirement
from asdocumented.requirements import derive
from asdocumented.targets.description import KnownDeviation

__all__ = ["FILE", "KnownDeviation", "Terms", "concerning", "fits", "names", "readings", "shipped", "today", "too_wide"]

FILE = "known-deviations.yaml"
TODAY = "ASDOC_TODAY"
"""The environment variable with the day to go by instead of the system's."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is known of a target before a run, the day that expiries go by, and whether the exit code accepts it."""

    deviations: tuple[KnownDeviation, ...]
    today: date
    accept: bool = False


def names(deviation: KnownDeviation, identifier: str) -> bool:
    """Tell whether a deviation is about a requirement."""
    return fnmatchcase(identifier, deviation.requirement)


def fits(deviation: KnownDeviation, mark: Mark) -> bool:
    """Tell whether a finding shows what a deviation says; of its signs `*` and `?` alone are wildcards."""
    if mark.finding is None:
        return False
    if deviation.reading and deviation.reading != "/".join(mark.reading or ()):
        return False
    return fnmatchcase(mark.finding.got, deviation.observed.replace("[", "[[]"))


def too_wide(requirement: str, observed: str, known: Iterable[str]) -> Iterator[str]:
    """Yield why a deviation would excuse too much; `known` are the ids of all requirements.

    A glob must not match all requirements of an operation, and what is observed must say something.
    """
    by_operation: dict[str, list[str]] = defaultdict(list)
    for each in known:
        by_operation["/".join(each.split("/", 2)[:2])].append(each)
    whole = [name for name, ids in by_operation.items() if all(fnmatchcase(each, requirement) for each in ids)]
    if whole:
        what = "every requirement" if len(whole) == len(by_operation) else f"every requirement of {whole[0]}"
        yield f"the requirement {requirement!r} would excuse {what}: name what fails"
    if not observed.strip("*? \t\n"):
        yield f"the observed {observed!r} would excuse every finding: write what a finding of the report shows as got"


def shipped(catalogue: Catalogue, folder: Path | None = None) -> tuple[KnownDeviation, ...]:
    """Return the known deviations that come with the contracts of a folder (by default the bundled ones).

    Raises ContractError with every mistake in them at once.
    """
    mistakes: list[Mistake] = []
    found: list[KnownDeviation] = []
    known: Mapping[str, Requirement] = {}
    for file in sorted((folder or bundled("contracts")).glob(f"*/{FILE}")):
        known = known or derive(catalogue, strict_fields=True)
        found += _read(catalogue, file, known, mistakes)
    if mistakes:
        raise ContractError(mistakes)
    return tuple(found)


def _read(catalogue: Catalogue, file: Path, known: Iterable[str], mistakes: list[Mistake]) -> Iterator[KnownDeviation]:
    api, shown = file.parent.name, f"{file.parent.name}/{FILE}"
    before = len(mistakes)
    document = read_yaml(file, shown, mistakes)
    if len(mistakes) > before:
        return
    mistakes += check_form("known-deviations", document, shown)
    if api not in catalogue.apis:
        mistakes.append(Mistake(shown, "", f"no API is named {api!r}", suggest(api, catalogue.apis)))
    if len(mistakes) > before:
        return
    own = [each for each in known if each.startswith(f"{api}/")]
    for place, service in enumerate(document["services"]):
        for number, entry in enumerate(service["deviations"]):
            pointer = f"/services/{place}/deviations/{number}"
            wrong = [Mistake(shown, f"{pointer}/{key}", said) for key, said in _wrong(catalogue, api, entry, own)]
            mistakes += wrong
            if not wrong:
                said = {**entry, "expires": date.fromisoformat(entry["expires"])}
                yield KnownDeviation(**said, hosts=tuple(service["hosts"]))


def _wrong(catalogue: Catalogue, api: str, entry: JSON, own: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the mistakes of one entry with the keys that they are of; `own` are the ids of the API's requirements."""
    requirement = entry["requirement"]
    if not any(fnmatchcase(each, requirement) for each in own):
        closest = suggest(requirement, own, most=1)
        yield "requirement", f"no requirement of {api} matches {requirement!r}. {closest}"
    elif not requirement.startswith(f"{api}/"):
        yield "requirement", f"{requirement!r} does not begin with {api}/, so that it is about other APIs too"
    for said in too_wide(requirement, entry["observed"], own):
        yield "observed" if said.startswith("the observed") else "requirement", said
    try:
        date.fromisoformat(entry["expires"])
    except ValueError:
        yield "expires", f"{entry['expires']!r} is no day of the calendar"
    if "reading" in entry and entry["reading"] not in readings(catalogue, [api]):
        yield "reading", f"the register has no reading {entry['reading']!r}"


def readings(catalogue: Catalogue, apis: Iterable[str]) -> set[str]:
    """Return the readings in the registers of some APIs, as `<ambiguity>/<reading>`."""
    known = [catalogue.apis[name] for name in apis]
    registers = [each.ambiguities for each in known]
    registers += [operation.ambiguities for each in known for operation in each.operations.values()]
    return {
        f"{entry.id}/{each.name}" for register in registers for entry in register.values() for each in entry.readings
    }


def concerning(deviations: Iterable[KnownDeviation], urls: Mapping[str, str]) -> tuple[KnownDeviation, ...]:
    """Return the deviations that are known of a target; `urls` are the base URLs of its APIs."""
    hosts = {api: (urlsplit(url).hostname or "").rstrip(".") for api, url in urls.items()}
    return tuple(
        each
        for each in deviations
        if any(_is_at(hosts.get(each.requirement.partition("/")[0], ""), pattern) for pattern in each.hosts)
    )


def _is_at(host: str, pattern: str) -> bool:
    """Tell whether a host is the one of a pattern, or below the domain of one that begins with `*.`."""
    return host.endswith(pattern[1:]) and host != pattern[2:] if pattern.startswith("*.") else host == pattern


def today() -> date:
    """Return the day (UTC) that expiries go by: that of ASDOC_TODAY where it is set, else the system's.

    Raises UsageError for a day that is none.
    """
    said = os.environ.get(TODAY)
    if not said:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(said)
    except ValueError as error:
        raise UsageError(
            "bad-day", f"{TODAY} is {said!r}, which is no day.", remedy="Write it as 2027-01-31."
        ) from error
