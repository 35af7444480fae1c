"""What a behaviour is to the rest of the harness: requirements, plans, judgements and mutants from one declaration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from asdocumented.contracts.grounds import Level
from asdocumented.contracts.model import Api, BehaviourDeclaration, Operation
from asdocumented.mutant import Mutant
from asdocumented.planning.context import Context
from asdocumented.plans import Scenario
from asdocumented.reads.case import Case
from asdocumented.reads.marks import Mark, Observation, Seen
from asdocumented.requirement import Requirement, Stage, make


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
