"""One checkable statement about a target, and the names of the statements that follow from a contract's structure.

An id is `<api>/<operation>/<what>`. The functions here are the only place where `<what>` is put together, so that what is
derived and what is judged cannot drift apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from asdocumented.contracts.grounds import Ambiguity, Basis, Evidence, Level
from asdocumented.contracts.model import Operation

EDITION = "2026.1"
"""The edition of the derived lists; a claim of conformance names it."""


class Stage(IntEnum):
    """How deep a requirement looks. A finding at one stage blocks the later ones on the same response."""

    TRANSPORT = 0
    STATUS = 1
    MEDIA_TYPE = 2
    PARSE = 3
    SCHEMA = 4
    SEMANTICS = 5


PROFILES: Mapping[str, frozenset[Evidence]] = {
    "documented": frozenset({Evidence.DOCUMENTED}),
    "interoperable": frozenset({Evidence.DOCUMENTED, Evidence.SPECIFIED, Evidence.OBSERVED}),
    "conventions": frozenset(Evidence),
}
"""Each profile and the evidence that it counts and whose readings it accepts, narrowest first."""

FAMILIES = ("request", "response", "error", "identity", "behaviour", "convention", "ambiguity")
"""The families of requirements, in the order in which reports show them."""


def accepts(profile: str, entry: Ambiguity, reading: str) -> bool:
    """Tell whether a profile accepts a reading: by its evidence, or without any where the page is silent or unclear."""
    found = next((each for each in entry.readings if each.name == reading), None)
    if found is None:
        return False
    if found.evidence is None or entry.page in ("silent", "unclear"):
        return entry.page in ("silent", "unclear")
    return Evidence(found.evidence) in PROFILES[profile]


@dataclass(frozen=True, slots=True)
class Requirement:
    """A statement with a stable id, a level and a basis.

    `conditional` says what only the target decides (a 500, an optional field); such a requirement is judged when it is
    seen and is else `not-observed`. It is empty for all others. `opens` is the key of a response that shows only when the
    requirement is met: a busy error that never comes leaves nothing to judge its body by.
    """

    api: str
    operation: str
    what: str
    family: str
    text: str
    level: Level
    basis: Basis
    stage: Stage
    conditional: str = ""
    opens: str = ""

    @property
    def id(self) -> str:
        """Return `<api>/<operation>/<what>`."""
        return f"{self.api}/{self.operation}/{self.what}"

    def counts_in(self, profile: str) -> bool:
        """Tell whether the profile looks at this requirement."""
        return self.basis.evidence in PROFILES[profile]


def make(  # noqa: PLR0913 - the fields of a requirement, by keyword
    operation: Operation,
    what: str,
    text: str,
    *,
    family: str,
    stage: Stage,
    basis: Basis,
    level: Level = Level.MUST,
    conditional: str = "",
    opens: str = "",
) -> Requirement:
    """Return a requirement of an operation."""
    return Requirement(operation.api, operation.name, what, family, text, level, basis, stage, conditional, opens)


@lru_cache(maxsize=4096)
def safe(name: str) -> str:
    """Return a name with the characters of an id alone: letters, digits, `.`, `_`, `-`."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name) or "_"


def accepted(location: str, name: str) -> str:
    """Name the acceptance of a parameter's valid values; a field of the body is named by its pointer."""
    return (
        f"request/{location}/{'/'.join(safe(part) for part in name.strip('/').split('/'))}"
        if name
        else f"request/{location}"
    )


def accepted_type(media_type: str) -> str:
    """Name the acceptance of a request body of a documented media type."""
    return f"request/media-type/{safe(media_type)}"


def response(key: str, aspect: str) -> str:
    """Name an aspect of the response with a documented status: `media-type`, `json`, `code`, `empty-body`."""
    return f"response/{key}/{aspect}"


def header(key: str, name: str, aspect: str) -> str:
    """Name an aspect of a declared response header."""
    return f"response/{key}/header/{safe(name.lower())}/{aspect}"


def schema(key: str, definition: str, path: tuple[str, ...], aspect: str) -> str:
    """Name one keyword (or the presence) of one field of a definition, by definition and not by path in the body."""
    return "/".join(
        [f"response/{key}/schema", safe(definition or "body"), *(safe(part) for part in path), safe(aspect)]
    )


def error(cause: str, aspect: str) -> str:
    """Name an aspect (`status`, `code`) of the documented answer to a cause."""
    return f"error/{safe(cause)}/{aspect}"


CHARSET = "request/charset"
CHALLENGE = "credential/challenge"
RECEIVED = "response/received"
STATUS = "response/status"
LISTED_STATUS = "response/listed-status"
NO_SERVER_ERROR = "robustness/no-server-error"
NO_STACK_TRACE = "robustness/no-stack-trace"
