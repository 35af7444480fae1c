"""What a statement of a contract rests on: how binding it is, its evidence, its place, and how an unclear page is read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How binding a requirement is (RFC 2119)."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Evidence(StrEnum):
    """What a requirement or a reading rests on."""

    DOCUMENTED = "documented"
    SPECIFIED = "specified"
    OBSERVED = "observed"
    CONVENTION = "convention"


@dataclass(frozen=True, slots=True)
class Basis:
    """Why a statement may be made: its evidence, and where it is found.

    `lines` are inclusive ranges of lines of the page's text; `place` is the heading and row that a reader of the web page
    sees; `reference` names a source other than the page (a specification, an RFC section, a recording).
    """

    evidence: Evidence = Evidence.DOCUMENTED
    lines: tuple[tuple[int, int], ...] = ()
    place: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class NotNormative:
    """Lines of a page that state no requirement, with a reason from the closed list."""

    lines: tuple[tuple[int, int], ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """The page (or, for a sibling operation, the official specification) that an operation's contract is taken from."""

    page: str
    url: str
    locale: str
    retrieved: str
    sha256: str = ""
    not_normative: tuple[NotNormative, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read an ambiguous page. Without evidence it is accepted only where the page is silent."""

    name: str
    evidence: Evidence | None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A register entry: where a page is silent, contradicts itself or is contradicted, and how it can be read."""

    id: str
    about: str
    page: str  # silent, unclear, contradicted, defect
    readings: tuple[Reading, ...]
    seen_in: str
    unseen: str
    level: Level
    basis: Basis


@dataclass(frozen=True, slots=True)
class Equivalent:
    """Broken emulators (a glob on their ids) that no exchange can tell from a right one, and the argument for it."""

    mutant: str
    because: str
