"""What proves the suite, as data: mutants (one deviation each) and legal variants (one permitted difference each).

Both are lines for the switchboard of the emulator. What derives them stands in `mutants`, what runs them in `sweeping`; the
emulator knows neither.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from asdocumented.contracts.model import JSON

_SHOWN = 40  # characters of a value in an id; a longer one is named by its digest


class Kind(StrEnum):
    """The classes of deviations, in the order in which scores are shown."""

    STRUCTURE = "structure"  # a constraint of a documented body
    STATUS = "status"
    ERROR_BODY = "error-body"
    HEADER = "header"
    MEDIA_TYPE = "media-type"
    EMPTINESS = "emptiness"
    SEMANTIC = "semantic"  # a behaviour of the state, which no single answer shows
    IDENTITY = "identity"
    PARAMETER = "parameter"  # what a request may hold, and what is to be refused
    WIRE = "wire"  # the bytes on the connection


class Ending(StrEnum):
    """What a mutant must do to the requirement that it breaks, where the suite is right."""

    FAIL = "fail"
    OPEN = "open"  # nothing says that it is wrong, but it must not pass either


@dataclass(frozen=True, slots=True)
class Line:
    """One switch of the emulator: its name, a glob on operation ids and its arguments."""

    switch: str
    operation: str
    arguments: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def needs_socket(self) -> bool:
        """Tell whether the switch bends bytes on a connection, which an application without one cannot."""
        return self.switch.startswith(("wire.", "connection."))


@dataclass(frozen=True, slots=True)
class Mutant:
    """The emulator with one deviation: a switch, its arguments, and the requirement (an id) that it breaks.

    `also` has what else must be so for the deviation to show, such as the error whose body is wrong. Those who derive mutants
    leave `kind` to `mutants.derive_mutants`, which knows where each comes from.
    """

    switch: str
    operation: str
    breaks: str
    arguments: Mapping[str, JSON] = field(default_factory=dict)
    also: tuple[Line, ...] = ()
    kind: Kind = Kind.SEMANTIC
    ends: Ending = Ending.FAIL

    @property
    def id(self) -> str:
        """Return what is broken, by which switch, and its arguments: `<requirement>:<switch>:<value>`."""
        return f"{self.breaks}:{_named(self.switch, self.arguments)}"

    @property
    def lines(self) -> tuple[Line, ...]:
        """Return every line that is put on, what must also be so first."""
        return (*self.also, Line(self.switch, self.operation, self.arguments))


@dataclass(frozen=True, slots=True)
class Variant:
    """The emulator with one permitted difference of one operation (an id).

    `because` says what permits it: a page's silence, a section of a standard, or a reading of the register. It is left alone
    in `profiles`; a reading that only observed traffic supports is a deviation from the page. `hides` are requirements (ids) that
    no exchange can show then, so that they are inconclusive: a list on one page shows no second one.
    """

    name: str
    operation: str
    lines: tuple[Line, ...]
    because: str
    profiles: tuple[str, ...] = ("documented", "interoperable", "conventions")
    hides: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return `<operation>:<name>`."""
        return f"{self.operation}:{self.name}"


def reading_name(ambiguity: str, reading: str) -> str:
    """Return the name of the variant that follows a reading of a register entry."""
    return f"reading/{ambiguity}/{reading}"


def _named(switch: str, arguments: Mapping[str, JSON]) -> str:
    return ":".join([switch, *(_word(value) for value in arguments.values())])


def _word(value: JSON) -> str:
    """Return a value as a part of an id, without what a shell or a glob reads otherwise."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    plain = re.sub(r"[^A-Za-z0-9._/-]+", "_", text).strip("_/")
    if len(plain) > _SHOWN or (not plain and text):
        return hashlib.sha256(text.encode()).hexdigest()[:8]
    return plain or "empty"
