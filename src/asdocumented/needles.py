"""Find which of many strings a text may hold, at a cost that follows the text and not how many strings there are.

Every needle is known by the pieces of its last characters, at every offset; a text is cut into pieces of that size once. A
needle that lies in a text covers one of the cuts, so that none is missed. What is found only may be there: whoever asks looks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
Rank = tuple[int, int]
_SIZES = (8, 4, 2)

SHORTEST = 2 * _SIZES[-1] - 1
"""A needle of fewer characters may lie between two cuts."""


class Needles(Generic[T]):
    """Strings to look for, each with a value and its place in the order."""

    def __init__(self) -> None:
        self._pieces: dict[int, dict[str, list[tuple[Rank, T]]]] = {}

    def add(self, needle: str, value: T, rank: Rank) -> None:
        """Take a needle with what stands for it; each needs a rank of its own. Raises ValueError for one that is too short."""
        if len(needle) < SHORTEST:
            raise ValueError(f"a needle of fewer than {SHORTEST} characters may be missed")
        size = next(each for each in _SIZES if len(needle) >= 2 * each - 1)
        tail = needle[1 - 2 * size :]  # the end tells more apart than the beginning, which tokens share
        pieces = self._pieces.setdefault(size, {})
        for piece in {tail[start : start + size] for start in range(size)}:
            pieces.setdefault(piece, []).append((rank, value))

    def possible(self, text: str) -> list[tuple[Rank, T]]:
        """Return everything whose needle may lie in the text, by rank."""
        found: dict[Rank, T] = {}
        for size, pieces in self._pieces.items():
            cuts = {text[start : start + size] for start in range(0, len(text) - size + 1, size)}
            for piece in pieces.keys() & cuts:
                found.update(pieces[piece])
        return sorted(found.items(), key=lambda each: each[0])

    def apply(self, text: str, change: Callable[[str, T], str], fold: Callable[[str], str] = str) -> str:
        """Return the text after `change` for every value in order, as though all were tried.

        A change can bring about what was not there before, so that what comes after it is looked for anew. `fold` gives the
        text in the form that the needles have.
        """
        possible = self.possible(fold(text))
        place = 0
        while place < len(possible):
            rank, value = possible[place]
            place += 1
            changed = change(text, value)
            if changed != text:
                text, place = changed, 0
                possible = [each for each in self.possible(fold(text)) if each[0] > rank]
        return text
