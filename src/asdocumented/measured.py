"""The mutation score of an operation as it was measured and travels with its contract: `mutation.json` beside `contract.yaml`.

`asdoc mutate --write-scores` writes it, nobody edits it. It says with what it was measured, so that one that is stale is told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from asdocumented import __version__
from asdocumented.contracts.model import Catalogue
from asdocumented.errors import UsageError
from asdocumented.requirement import EDITION
from asdocumented.witnesses import Rule, Witness

NAME = "mutation.json"
"""The name of the file in an operation's folder."""

FORMAT = 1

SAYS = (
    "A score says how well the checks tell a right server from a wrong one, tried on the bundled emulator."
    " It does not say that a contract is true of the real service."
)
"""What stands wherever a score is shown."""


@dataclass(frozen=True, slots=True)
class Scored:
    """The mutants of one requirement: how many were killed of how many that can be, and by what, with how many each."""

    killed: int
    counted: int
    equivalent: int = 0
    witnesses: Mapping[Witness, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """The score of one operation. `contracts` is the digest of its API's contracts, `mutants` that of the ids of its mutants."""

    contracts: str
    mutants: str
    seed: int
    scored: Mapping[str, Scored]  # requirement (an id) -> its mutants
    harness: str = __version__
    edition: str = EDITION

    def stale(self, contracts: str) -> str:
        """Return with what it was measured where that is not what there is now, else nothing."""
        said = {
            f"asdoc {self.harness}": self.harness == __version__,
            f"edition {self.edition}": self.edition == EDITION,
            "other contracts": self.contracts == contracts,
        }
        return ", ".join(name for name, holds in said.items() if not holds)


@dataclass(frozen=True, slots=True)
class Score:
    """What is known of a requirement's mutants, and with what it was measured where that is not what there is now."""

    scored: Scored
    stale: str = ""


def scores_of(catalogue: Catalogue) -> Mapping[str, Score]:
    """Return what is known of each requirement (an id) of a catalogue; nothing of one without mutants or without a file.

    Raises UsageError for a file that cannot be read.
    """
    return _load(catalogue.folder) if catalogue.folder is not None else {}


@lru_cache(maxsize=4)
def _load(folder: Path) -> Mapping[str, Score]:
    found: dict[str, Score] = {}
    for file in sorted(folder.glob(f"*/*/{NAME}")):
        measured = read(file)
        stale = measured.stale(api_digest(file.parent.parent))
        found |= {key: Score(each, stale) for key, each in measured.scored.items()}
    return found


def api_digest(folder: Path) -> str:
    """Return the SHA-256 of the contracts of the API in a folder: what its requirements and mutants are derived from."""
    digest = hashlib.sha256()
    for file in sorted((folder / "api.yaml", *folder.glob("schemas/*.json"), *folder.glob("*/contract.yaml"))):
        digest.update(file.relative_to(folder).as_posix().encode())
        digest.update(file.read_bytes() if file.is_file() else b"")
    return digest.hexdigest()


def ids_digest(ids: Iterable[str]) -> str:
    """Return the SHA-256 of the ids of mutants, in whatever order."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()


def read(file: Path) -> Measured:
    """Return what a file says. Raises UsageError where it is none of ours."""
    try:
        return _read(json.loads(file.read_text(encoding="utf-8")), "/".join(file.parts[-3:-1]))
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        message = f"{'/'.join(file.parts[-3:])} is no mutation score that asdoc wrote: {type(error).__name__}: {error}."
        remedy = "Write it again with asdoc mutate --write-scores, or remove it."
        raise UsageError("unreadable-score", message, remedy=remedy) from error


def _read(document: dict[str, Any], operation: str) -> Measured:
    if document["format"] != FORMAT:
        raise ValueError(f"its format is {document['format']}, not {FORMAT}")
    kinds, with_ = document["kinds"], document["measured"]
    witnesses = [
        Witness(Rule(each["rule"]), tuple(tuple(kinds[number] for number in mark) for mark in each["marks"]))
        for each in document["witnesses"]
    ]
    scored = {
        f"{operation}/{what}": Scored(
            each["killed"],
            each["counted"],
            each["equivalent"],
            {witnesses[number]: count for number, count in each["witnesses"]},
        )
        for what, each in document["requirements"].items()
    }
    return Measured(with_["contracts"], with_["mutants"], with_["seed"], scored, with_["harness"], with_["edition"])


def text(measured: Measured) -> str:
    """Return the file of a score: kinds, witnesses and requirements a line each, so that a review sees what changed."""
    kinds, witnesses = Numbers(), Numbers()
    requirements = {
        key.split("/", 2)[2]: {
            "killed": each.killed,
            "counted": each.counted,
            "equivalent": each.equivalent,
            "witnesses": sorted([witnesses[one], count] for one, count in each.witnesses.items()),
        }
        for key, each in measured.scored.items()
    }
    told = [
        {"rule": str(each.rule), "marks": [[kinds[kind] for kind in mark] for mark in each.marks]} for each in witnesses
    ]
    with_ = {
        "harness": measured.harness,
        "edition": measured.edition,
        "seed": measured.seed,
        "contracts": measured.contracts,
        "mutants": measured.mutants,
    }
    parts = {
        "format": str(FORMAT),
        "says": _json(SAYS),
        "measured": _json(with_),
        "kinds": _lines(kinds, _json, "[]"),
        "witnesses": _lines(told, _json, "[]"),
        "requirements": _lines(requirements.items(), lambda each: f"{_json(each[0])}: {_json(each[1])}", "{}"),
    }
    return "{\n" + ",\n".join(f'  "{name}": {value}' for name, value in parts.items()) + "\n}\n"


class Numbers(dict[Any, int]):
    """Numbers things in the order in which they are asked for."""

    def __missing__(self, key: Any) -> int:
        self[key] = len(self)
        return self[key]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _lines(each_of: Iterable[Any], shown: Callable[[Any], str], brackets: str) -> str:
    def indented() -> Iterator[str]:
        yield from (f"    {shown(each)}" for each in each_of)

    return f"{brackets[0]}\n" + ",\n".join(indented()) + f"\n  {brackets[1]}"
