"""What a behaviour is to the rest of the harness: requirements, plans, judgements and mutants from one declaration.

A module may have `variants` beside `mutants`: what a declaration leaves to the target, such as the readings of the register.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from asdocumented.contracts.grounds import Level
from asdocumented.contracts.model import Api, BehaviourDeclaration, Operation
from asdocumented.mutant import Line, Mutant, Variant, reading_name
from asdocumented.planning.context import Context
from asdocumented.plans import Scenario
from asdocumented.reads.case import Case
from asdocumented.reads.marks import Mark, Observation, Seen
from asdocumented.requirement import PROFILES, Requirement, Stage, accepts, make

_LAGS = (
    1,
    25,
)  # seconds: a replica that is a little behind, and one that is nearly as late as the emulator's patience allows


class Behaviour(Protocol):
    """A module of this package. Its file name, with dashes, is the behaviour's name in contracts."""

    def requirements(self, api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
        """Yield what the declaration requires of a target."""

    def plan(self, context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
        """Yield the scenarios that bear on these requirements; raises UnplannableError when the target lacks something."""

    def judge(
        self, case: Case, operation: Operation, declaration: BehaviourDeclaration
    ) -> Iterator[Mark | Seen | Observation]:
        """Yield what a trace says about these requirements. Pure."""

    def mutants(self, api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
        """Yield the emulator's deviations from the declaration."""


@runtime_checkable
class Varying(Protocol):
    """A behaviour that leaves something to the target."""

    def variants(self, api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Variant]:
        """Yield the permitted differences of the emulator that the declaration leaves room for."""


def following(api: Api, operation: Operation, ambiguity: str, reading: str, *lines: Line) -> Iterator[Variant]:
    """Yield the variant that follows a reading of a register entry, in the profiles that accept the reading."""
    entry = operation.ambiguities.get(ambiguity) or api.ambiguities.get(ambiguity)
    found = next((each for each in entry.readings if each.name == reading), None) if entry else None
    profiles = tuple(each for each in PROFILES if entry is not None and accepts(each, entry, reading))
    if entry is not None and found is not None and profiles:
        source = found.reference or found.evidence or f"the page is {entry.page}"
        because = f"register entry {ambiguity}, {entry.about}: {source}"
        yield Variant(reading_name(ambiguity, reading), operation.id, lines, because, profiles)


def lagging(operation: Operation, write: str) -> Iterator[Variant]:
    """Yield the variants of which readers see a write (of an operation, by its id) only after a while."""
    for seconds in _LAGS:
        line = Line("read-after-write.lag", write, {"seconds": seconds})
        name = f"lag/{write.partition('/')[2]}/{seconds}"
        yield Variant(name, operation.id, (line,), "no source says how soon what was written shows")


def semantic(
    operation: Operation, declaration: BehaviourDeclaration, what: str, text: str, *, opens: str = ""
) -> Requirement:
    """Return a requirement at the stage of semantics with the declaration's basis and level."""
    level = Level(declaration.parameters.get("level", "MUST"))
    return make(
        operation,
        what,
        text,
        family="behaviour",
        stage=Stage.SEMANTICS,
        basis=declaration.basis,
        level=level,
        opens=opens,
    )
