"""The broken emulators of emptiness: a body where none is documented, and none where one is."""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.contracts.model import Api, Operation
from asdocumented.mutant import Kind, Mutant
from asdocumented.mutants.answers import Answer, answers
from asdocumented.requirement import response

_FILLED = ("{}", "null", "OK", " ")


def emptiness_mutants(api: Api, operation: Operation) -> Iterator[Mutant]:
    """Yield each success without the body that it has, and with one that it does not have."""
    empty = {each.parameters["status"] for each in operation.behaviour("empty-body")}
    for answer in answers(api, operation):
        if answer.rule.key in empty:
            yield from _filled(answer)
        elif answer.rule.media_types and not answer.rule.is_error:
            yield answer.broken(Kind.EMPTINESS, "response.empty", response(answer.rule.key, "json"), {"on": "any"})


def _filled(answer: Answer) -> Iterator[Mutant]:
    for text in _FILLED:
        what = response(answer.rule.key, "empty-body")
        yield answer.broken(Kind.EMPTINESS, "response.body", what, {"text": text, "on": "success"})
