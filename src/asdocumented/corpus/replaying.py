"""Make scenarios of stored cases, to be run after everything that a plan has of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from asdocumented.corpus.cases import Case
from asdocumented.corpus.machines import Walk, scenario_of_walk
from asdocumented.corpus.references import resolve
from asdocumented.corpus.store import Corpora
from asdocumented.planning.context import Context
from asdocumented.plans import Call, Scenario, Step, UnplannableError


@dataclass(slots=True)
class Replay:
    """The scenarios of the cases of some operations. `left_out` says, by id, why a case could not be planned."""

    corpora: Corpora
    operations: Collection[str]
    cases: dict[str, Case | Walk] = field(default_factory=dict)  # scenario id -> case
    left_out: dict[str, str] = field(default_factory=dict)

    def scenarios(self, context: Context) -> Iterator[Scenario]:
        """Yield a scenario for each case of an API's operations."""
        for name in sorted(context.scope):
            operation = context.api.operations[name]
            if operation.id not in self.operations:
                continue
            for case in self.corpora.all_of(operation.id):
                try:
                    scenario = scenario_of(case, context)
                except UnplannableError as reason:
                    self.left_out[case.id] = str(reason)
                else:
                    self.cases[scenario.id] = case
                    yield scenario


def scenario_of(case: Case | Walk, context: Context) -> Scenario:
    """Return a case or a walk as a scenario in the state that it needs; raises UnplannableError."""
    if isinstance(case, Walk):
        return scenario_of_walk(case, context)
    call = resolve(case, context)
    operation = call.operation
    step = context.step(call, f"a generated {case.kind} request: {case.why}")
    undo = _undo(call, context)
    return Scenario(f"{operation.name}/corpus/{case.id}", operation.api, (step,), state=operation.state, undo=undo)


def _undo(call: Call, context: Context) -> tuple[Step, ...]:
    """Return what takes a request back, where an operation on the same thing does."""
    if not context.has(call.operation.undo):
        return ()
    undoing = context.api.operations[call.operation.undo]
    if undoing.body is not None:
        return ()  # what was removed cannot be put back as it was
    named = {name: value for (location, name), value in call.arguments.items() if location == "path"}
    try:
        taken_back = context.valid(undoing, **named)
    except UnplannableError:
        return ()
    return (context.step(taken_back, "what takes the request before back", again=True),)
