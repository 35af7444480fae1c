"""Show, for every line of a vendor's page, which requirement cites it or why it states none.

A page is found among the files of a folder by the SHA-256 of its text; the text itself is never part of the harness.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from asdocumented.contracts.model import Catalogue, Operation
from asdocumented.errors import UsageError
from asdocumented.requirement import Requirement


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page: the requirements that cite it, or the reason why none does, or neither."""

    number: int
    requirements: tuple[str, ...]
    reason: str

    @property
    def is_covered(self) -> bool:
        """Tell whether the line is accounted for, in exactly one way."""
        return bool(self.requirements) != bool(self.reason)


@dataclass(frozen=True, slots=True)
class PageCoverage:
    """The lines of one operation's page. `file` is empty when no file of the folder has the page's text."""

    operation: str
    page: str
    file: str
    lines: tuple[Line, ...]
    beyond: tuple[str, ...]  # requirements that cite lines which the page does not have

    @property
    def covered(self) -> int:
        """Return how many lines are accounted for."""
        return sum(1 for line in self.lines if line.is_covered)

    @property
    def is_complete(self) -> bool:
        """Tell whether the page was found, every line is accounted for, and nothing cites beyond its end."""
        return bool(self.file) and not self.beyond and self.covered == len(self.lines)


def cover(catalogue: Catalogue, requirements: Mapping[str, Requirement], folder: Path) -> list[PageCoverage]:
    """Return the coverage of every page that a contract pins by its text.

    Raises UsageError when the folder is not there or holds none of the pages.
    """
    if not folder.is_dir():
        raise UsageError(
            "no-pages", f"There is no folder {str(folder)!r}.", remedy="Name the folder with the pages' texts."
        )
    files = {hashlib.sha256(file.read_bytes()).hexdigest(): file for file in sorted(folder.iterdir()) if file.is_file()}
    pages = [
        _page(operation, requirements.values(), files) for operation in catalogue.operations if operation.source.sha256
    ]
    if not any(page.file for page in pages):
        raise UsageError(
            "no-pages",
            f"No file in {str(folder)!r} is the text of a page.",
            remedy="The texts are known by their SHA-256; see `source` in the contracts.",
        )
    return pages


def _page(operation: Operation, requirements: Iterable[Requirement], files: Mapping[str, Path]) -> PageCoverage:
    source = operation.source
    file = files.get(source.sha256)
    texts = file.read_text(encoding="utf-8").splitlines() if file else []
    cited: dict[int, list[str]] = defaultdict(list)
    for requirement in requirements:
        if requirement.api == operation.api and requirement.operation == operation.name:
            for first, last in requirement.basis.lines:
                for number in range(first, last + 1):
                    cited[number].append(requirement.id)
    reasons: dict[int, str] = {number: "blank" for number, text in enumerate(texts, start=1) if not text.strip()}
    for each in source.not_normative:
        for first, last in each.lines:
            reasons |= {number: reasons.get(number, each.reason) for number in range(first, last + 1)}
    lines = tuple(_line(number, cited, reasons) for number in range(1, len(texts) + 1))
    beyond = tuple(sorted({each for number, ids in cited.items() if texts and number > len(texts) for each in ids}))
    return PageCoverage(operation.id, source.page, file.name if file else "", lines, beyond)


def _line(number: int, cited: Mapping[int, list[str]], reasons: Mapping[int, str]) -> Line:
    """Return one line; a blank one inside a cited range needs no reason of its own."""
    reason = reasons.get(number, "")
    ids = tuple(cited.get(number, ()))
    return Line(number, ids, "" if ids and reason == "blank" else reason)
