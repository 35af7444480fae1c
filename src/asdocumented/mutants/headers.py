"""The broken emulators of declared response headers: missing, empty, malformed, and there twice."""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.contracts.model import Api, Operation, ResponseHeader
from asdocumented.mutant import Kind, Mutant
from asdocumented.mutants.answers import Answer, answers
from asdocumented.reads.validating import coerce, validators
from asdocumented.requirement import header

_MALFORMED = ("", "asdocumented", "-7.5", "{}", " ")


def header_mutants(api: Api, operation: Operation) -> Iterator[Mutant]:
    """Yield every declared header missing where it is required, and in every wrong form."""
    for answer in answers(api, operation):
        for declared in answer.rule.headers:
            if declared.required:
                yield _mutant(answer, declared, "presence", None)
            for text in _MALFORMED:
                if not validators(api).valid(declared.schema, coerce(declared.schema, text)):
                    yield _mutant(answer, declared, "value", text)
            if declared.schema.get("type") != "array":
                yield _mutant(answer, declared, "value", ["asdocumented-1", "asdocumented-2"])


def _mutant(answer: Answer, declared: ResponseHeader, aspect: str, value: str | list[str] | None) -> Mutant:
    arguments = {"name": declared.name, "value": value, "on": "any"}
    return answer.broken(Kind.HEADER, "response.header", header(answer.rule.key, declared.name, aspect), arguments)
