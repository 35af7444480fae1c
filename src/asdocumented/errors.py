"""The exceptions of the harness, each with a stable code, a place, a cause and a remedy.

AsdocError              anything that the harness reports as one sentence
├── UsageError          exit 2: what the user typed cannot be done
│   └── ContractError   exit 2: contracts with mistakes, all of them at once
├── HarnessError        exit 3: we broke
└── UnreachableError    exit 5: the target does not answer
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "AsdocError",
    "ContractError",
    "HarnessError",
    "Mistake",
    "UnreachableError",
    "UsageError",
    "ended",
    "suggest",
]


class AsdocError(Exception):
    """A failure that is told to the user in one clear sentence.

    `code` is stable and kebab-case; `exit_code` is what `asdoc` ends with.
    """

    exit_code = 3

    def __init__(self, code: str, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        """Return the sentence, its remedy and its code."""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.message}{remedy} [{self.code}]"


class UsageError(AsdocError):
    """What the user asked for cannot be done as it was typed."""

    exit_code = 2


class HarnessError(AsdocError):
    """The harness itself broke; no verdict about the target follows from it."""

    exit_code = 3


class UnreachableError(AsdocError):
    """The target does not answer."""

    exit_code = 5


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake in a contract: the file, a JSON pointer into it, what is wrong and what to do."""

    file: str
    pointer: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        """Return `file#pointer: message. remedy`."""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.file}#{self.pointer}: {ended(self.message)}{remedy}"


class ContractError(UsageError):
    """Contracts that cannot be used, with every mistake that was found."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        count = len(self.mistakes)
        heading = "1 mistake in the contracts:" if count == 1 else f"{count} mistakes in the contracts:"
        super().__init__("contract-mistakes", "\n".join([heading, *(f"  {mistake}" for mistake in self.mistakes)]))

    def __str__(self) -> str:
        """Return one line a mistake."""
        return self.message


def ended(sentence: str) -> str:
    """Return a sentence with one mark at its end: its own, or else a full stop."""
    bare = sentence.rstrip(" .")
    return bare if bare.endswith(("?", "!")) else f"{bare}."


def suggest(typed: str, known: Iterable[str], *, most: int | None = None) -> str:
    """Return a sentence that names the closest known word, or else all of them; of more than `most`, the closest."""
    names = sorted(known)
    close = difflib.get_close_matches(typed, names, n=1, cutoff=0.5)
    if close:
        return f"Did you mean {close[0]!r}?"
    if most is not None and len(names) > most:
        return f"The closest are {', '.join(difflib.get_close_matches(typed, names, n=most, cutoff=0))}."
    return f"Known: {', '.join(names)}." if names else ""
