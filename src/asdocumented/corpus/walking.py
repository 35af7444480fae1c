"""Draw walks on a state machine with Hypothesis, and find the smallest that fails."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from hypothesis import given, seed
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy, lists, sampled_from

from asdocumented.corpus.generating import drawing, unaware_of_source
from asdocumented.corpus.machines import Command, Machine, Walk

STORED = 2
"""So many walks of each machine are stored."""
_LONGEST = 5
_DRAWS = 60


def _strategy(machine: Machine, longest: int) -> SearchStrategy[tuple[Command, ...]]:
    return lists(sampled_from(machine.commands), min_size=2, max_size=longest).map(tuple)


def drawn_walks(machine: Machine, number: int, count: int, longest: int) -> list[Walk]:
    """Return different walks of a machine, always the same for a seed (`number`)."""
    found: dict[str, Walk] = {}

    @seed(number)
    @drawing(count)
    @given(_strategy(machine, longest))
    def collect(commands: tuple[Command, ...]) -> None:
        walk = Walk(machine, commands)
        found.setdefault(walk.id, walk)

    with unaware_of_source():
        collect()
    return list(found.values())


def stored_walks(machine: Machine, number: int) -> tuple[Walk, ...]:
    """Return the walks that are worth storing: those of the most different commands."""
    drawn = drawn_walks(machine, number, _DRAWS, _LONGEST)
    return tuple(sorted(drawn, key=_worth)[:STORED])


def _worth(walk: Walk) -> tuple[int, int, str]:
    return (-len({name for name, _ in walk.commands}), -len(set(walk.commands)), walk.id)


def smallest_walk(
    machine: Machine, number: int, count: int, longest: int, fails: Callable[[Walk], bool]
) -> Walk | None:
    """Return the smallest walk for which `fails` holds, or None; the walks are those of `drawn_walks` for the same seed."""
    smallest: list[Walk] = []

    @seed(number)
    @drawing(count, shrinking=True)
    @given(_strategy(machine, longest))
    def search(commands: tuple[Command, ...]) -> None:
        walk = Walk(machine, commands)
        if fails(walk):
            smallest.append(walk)
            raise _FailsError

    with unaware_of_source(), contextlib.suppress(_FailsError, HypothesisException, ExceptionGroup):
        search()
    return smallest[-1] if smallest else None


class _FailsError(Exception):
    """A walk fails, as Hypothesis wants to be told."""
