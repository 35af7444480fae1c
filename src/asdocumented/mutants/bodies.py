"""The broken emulators of structure: each constraint of a documented body is violated, everywhere and in the last item alone."""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.model import JSON, Api, Operation
from asdocumented.mutant import Kind, Mutant
from asdocumented.mutants.answers import Answer, answers
from asdocumented.mutants.violations import violations
from asdocumented.reads.validating import validators
from asdocumented.requirements import PRESENCE, Constraint

_SWITCH = "response.field"
_ENVELOPE = "asdocumented"  # a field that no page has


def body_mutants(api: Api, operation: Operation) -> Iterator[Mutant]:
    """Yield every violation of every constraint of every documented body, and an envelope around each body."""
    for answer in answers(api, operation):
        outside = _outside_arrays(answer)
        for each in answer.constraints:
            edits = list(_edits(api, each))[: 1 if answer.is_brief else None]
            yield from (_mutant(answer, each, edit) for edit in edits)
            if edits and not answer.is_brief and ("items" in each.path or each.definition not in outside):
                yield _mutant(answer, each, {**edits[0], "of": "last"})
        if not answer.is_brief:
            yield from _enveloped(answer)


def _mutant(answer: Answer, of: Constraint, edit: dict[str, JSON]) -> Mutant:
    place = {"definition": of.definition, "path": list(of.path)}
    return answer.broken(Kind.STRUCTURE, _SWITCH, of.what(answer.rule), {**place, **edit})


def _edits(api: Api, of: Constraint) -> Iterator[dict[str, JSON]]:
    """Yield what can be done to a place so that it violates a constraint; the first is the plainest."""
    if of.keyword == PRESENCE:
        yield {}
        yield {"rename": of.path[0].swapcase()}
        yield {"rename": f"{of.path[0]}_"}
    else:
        yield from ({"value": each} for each in violations(of.keyword, of.of, validators(api).valid))


def _enveloped(answer: Answer) -> Iterator[Mutant]:
    """Yield one more object around the whole body, where that lacks what the body must have."""
    edit = {"definition": answer.root, "path": [], "wrap": _ENVELOPE}
    for each in answer.constraints:
        if not each.path and each.definition == answer.root and each.keyword == "type" and each.of["type"] != "object":
            yield answer.broken(Kind.STRUCTURE, _SWITCH, each.what(answer.rule), edit)
            return
    for each in answer.expected():
        yield answer.broken(Kind.STRUCTURE, _SWITCH, each.what(answer.rule), edit)
        return


def _outside_arrays(answer: Answer) -> set[str]:
    """Return the definitions that a body can have outside any array."""
    found: set[str] = set()
    waiting: list[tuple[str, JSON]] = [(answer.root, answer.rule.schema or {})]
    while waiting:
        name, of = waiting.pop()
        definition = referenced(of)
        name, of = (definition, answer.api.definitions[definition]) if definition else (name, of)
        if name not in found or not definition:
            found |= {name} if name else set()
            waiting += [("", each) for each in of.get("properties", {}).values()]
    return found
