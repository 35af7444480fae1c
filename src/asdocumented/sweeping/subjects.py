"""Choose which emulators a sweep judges, and over which operations each run goes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from random import Random
from typing import TypeVar

from asdocumented.contracts.grounds import Equivalent
from asdocumented.contracts.model import Catalogue
from asdocumented.errors import HarnessError, UsageError, suggest
from asdocumented.mutant import Ending, Line, Mutant, Variant
from asdocumented.mutants import derive_mutants, derive_variants
from asdocumented.selection import Selection, select_operations

_CLOSE = 3  # of so many ids, how many are named to who mistyped one

Named = TypeVar("Named", Mutant, Variant)


@dataclass(frozen=True, slots=True)
class Subject:
    """One emulator to judge: the lines that bend it, and the operations (ids) that the run goes over.

    `breaks` is the requirement that has to fail; it is empty for a variant. One that `is_silent` may never answer.
    """

    id: str
    lines: tuple[Line, ...]
    operations: tuple[str, ...]
    breaks: str = ""
    is_silent: bool = False

    @property
    def needs_socket(self) -> bool:
        """Tell whether one of the lines bends bytes on a connection."""
        return any(line.needs_socket for line in self.lines)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a sweep is about: operations (ids), their mutants and variants, and whether those are all that there are."""

    operations: frozenset[str]
    mutants: tuple[Mutant, ...]
    variants: tuple[Variant, ...]
    everything: bool


def choose(catalogue: Catalogue, apis: tuple[str, ...], operations: tuple[str, ...], glob: str = "") -> Chosen:
    """Return the mutants and variants of what was asked for; `glob` is on their ids, and empty for all.

    Raises UsageError for a name that nothing has and for a glob that fits nothing, and HarnessError where two have one id.
    """
    wanted = select_operations(catalogue, Selection(apis, operations))
    mutants: list[Mutant] = []
    variants: list[Variant] = []
    for operation in (each for each in catalogue.operations if each.id in wanted):
        mutants += derive_mutants(catalogue.apis[operation.api], operation)
        variants += derive_variants(catalogue.apis[operation.api], operation)
    ids = [*(each.id for each in mutants), *(each.id for each in variants)]
    _check_ids(ids)
    if not glob:
        return Chosen(wanted, tuple(mutants), tuple(variants), everything=True)
    fitting = Chosen(wanted, _fitting(mutants, glob), _fitting(variants, glob), everything=False)
    if not fitting.mutants and not fitting.variants:
        raise UsageError(
            "unknown-mutant", f"No mutant or variant in scope fits {glob!r}.", remedy=suggest(glob, ids, most=_CLOSE)
        )
    return fitting


def _fitting(each_of: Iterable[Named], glob: str) -> tuple[Named, ...]:
    return tuple(each for each in each_of if glob == each.id or fnmatchcase(each.id, glob))


def _check_ids(ids: list[str]) -> None:
    twice = sorted(name for name, count in Counter(ids).items() if count > 1)
    if twice:
        more = f" and {len(twice) - 1} more ids" if len(twice) > 1 else ""
        raise HarnessError("mutant-id-twice", f"Two mutants or variants are named {twice[0]!r}{more}.")


def operation_of(requirement: str) -> str:
    """Return the operation (an id) of a requirement (an id)."""
    return "/".join(requirement.split("/")[:2])


def of_mutant(mutant: Mutant) -> Subject:
    """Return what a mutant is judged by: a run over the operation whose requirement it breaks."""
    return Subject(mutant.id, mutant.lines, (operation_of(mutant.breaks),), mutant.breaks, mutant.ends is Ending.OPEN)


def of_variant(variant: Variant) -> Subject:
    """Return what a variant is judged by: a run over the operation that differs."""
    return Subject(variant.id, variant.lines, (variant.operation,))


def sample(catalogue: Catalogue, chosen: Chosen, seed: int) -> list[Subject]:
    """Return what is judged by a full run too: one mutant and one variant of each operation.

    The seed draws them. What other operations would be blamed for shows there.
    """
    strata: dict[tuple[str, str], list[Subject]] = defaultdict(list)
    for mutant in chosen.mutants:
        strata[operation_of(mutant.breaks), "mutant"].append(of_mutant(mutant))
    for variant in chosen.variants:
        strata[variant.operation, "variant"].append(of_variant(variant))
    random = Random(f"{seed}/sample")
    everything = tuple(each.id for each in catalogue.operations)
    return [replace(random.choice(strata[key]), operations=everything) for key in sorted(strata)]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a contract says of equivalent mutants, and the ids in scope that it is about: the API's or the operation's."""

    owner: str
    equivalent: Equivalent

    def is_about(self, mutant: Mutant) -> bool:
        """Tell whether a mutant is one of those that are meant."""
        return mutant.breaks.startswith(f"{self.owner}/") and fnmatchcase(mutant.id, self.equivalent.mutant)


def claims(catalogue: Catalogue, operations: Iterable[str]) -> list[Claim]:
    """Return what contracts say of the equivalent mutants of some operations (ids)."""
    found: dict[Claim, None] = {}
    for operation in (each for each in catalogue.operations if each.id in set(operations)):
        found |= dict.fromkeys(Claim(operation.id, each) for each in operation.equivalents)
        api = catalogue.apis[operation.api]
        found |= dict.fromkeys(Claim(api.name, each) for each in api.equivalents)
    return list(found)


def unfit(catalogue: Catalogue, said: Sequence[Claim]) -> list[Claim]:
    """Return the claims that are about no mutant that there is."""
    owners = {each.owner for each in said}
    mutants = [
        mutant
        for operation in catalogue.operations
        if operation.id in owners or operation.api in owners
        for mutant in derive_mutants(catalogue.apis[operation.api], operation)
    ]
    return [claim for claim in said if not any(claim.is_about(mutant) for mutant in mutants)]
