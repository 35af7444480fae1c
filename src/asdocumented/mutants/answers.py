"""The answers of an operation that mutants break, by the rules of its contract, and what makes the emulator show each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from asdocumented.contracts.grounds import Level
from asdocumented.contracts.model import JSON, Api, Operation, Response
from asdocumented.mutant import Kind, Line, Mutant
from asdocumented.reads.codes import BUSY, IN_FRONT_OF
from asdocumented.requirements import PRESENCE, Constraint, constraints, framework_rule, response_condition

FRAMEWORK = "framework"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answers that fall under one rule; `also` has the switches without which the emulator may not show them.

    `is_brief`: each requirement is broken in one way. That goes for answers that have to be brought about, with every request
    of the operation failing, and for a body whose definition an earlier answer has too: all are judged by the same rules, and
    the other ways are tried where they come by themselves.
    """

    api: Api
    operation: Operation
    rule: Response
    also: tuple[Line, ...]
    is_brief: bool = False

    def broken(self, kind: Kind, switch: str, what: str, arguments: Mapping[str, JSON]) -> Mutant:
        """Return the mutant that bends these answers alone and breaks the requirement named `what`."""
        of_rule = {"key": self.rule.key, **arguments}
        return Mutant(switch, self.operation.id, f"{self.operation.id}/{what}", of_rule, self.also, kind)

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """Return what the definitions ask of the body; nothing where none is documented."""
        return tuple(constraints(self.api, self.operation, self.rule)) if self.rule.media_types else ()

    @property
    def may_be_a_gateways(self) -> bool:
        """Tell whether the answers are a gateway's, and held against nobody, once they are not in JSON."""
        return self.rule.key.isdigit() and int(self.rule.key) in IN_FRONT_OF

    @property
    def root(self) -> str:
        """Return the name of the definition of the whole body."""
        return self.rule.definition or "body"

    def expected(self) -> Iterator[Constraint]:
        """Yield the fields of the whole body that are expected, those first that must be there."""
        fields = [each for each in self.constraints if each.keyword == PRESENCE and each.definition == self.root]
        must = {each.name for each in self.rule.presences if each.definition == self.root and each.level is Level.MUST}
        yield from sorted(fields, key=lambda each: each.path[0] not in must)


def answers(api: Api, operation: Operation) -> Iterator[Answer]:
    """Yield the answers of an operation rule by rule, those of the API's framework last."""
    tried: set[str] = set()
    for rule in operation.responses.values():
        also = _showing(operation, rule) if response_condition(api, operation, rule) else ()
        yield Answer(api, operation, rule, also, is_brief=bool(also) or rule.definition in tried)
        tried |= {rule.definition} if rule.definition and not also else set()
    rule_of_all = framework_rule(api)
    if rule_of_all is not None:
        status = next(each.status for each in api.framework if each.status not in BUSY)
        failing = Line("service.failing", operation.id, {"status": status})
        yield Answer(api, operation, rule_of_all, (failing,), is_brief=True)


def _showing(operation: Operation, rule: Response) -> tuple[Line, ...]:
    """Return the switches that bring an answer about."""
    if not rule.is_error:
        return (Line("response.status", operation.id, {"status": int(rule.key)}),) if not rule.media_types else ()
    if rule.errors:
        return (Line("error.injected", operation.id, {"error": rule.errors[0].error}),)
    status = int(rule.key) if rule.key.isdigit() else 400
    return (Line("service.failing", operation.id, {"status": status}),)
