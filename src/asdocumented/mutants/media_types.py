"""The broken emulators of media types: none, another, another charset, and a body that is not what its type says."""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.contracts.model import JSON, Api, Operation
from asdocumented.mutant import Kind, Mutant
from asdocumented.mutants.answers import Answer, answers
from asdocumented.requirement import response

_TYPES = (
    None,
    "text/plain",
    "text/html; charset=utf-8",
    "application/octet-stream",
    "application/problem+json",
    "json",
)
_CHARSETS = ("utf-16", "iso-8859-1")
_NO_JSON = ("asdocumented", "{", "{'single': 'quotes'}", '{"trailing": "comma",}', '{} {"second": "text"}')


def media_type_mutants(api: Api, operation: Operation) -> Iterator[Mutant]:
    """Yield wrong types of each documented body, and bodies of the right type that are no JSON text or another one."""
    for answer in answers(api, operation):
        if answer.rule.media_types:
            yield from _types(answer)
            yield from _texts(answer)


def _types(answer: Answer) -> Iterator[Mutant]:
    documented = answer.rule.media_types
    wrong = [*(f"{documented[0]}; charset={each}" for each in _CHARSETS)]
    for value in (*wrong, *(() if answer.may_be_a_gateways else _TYPES))[: 1 if answer.is_brief else None]:
        if value is None or value.partition(";")[0] not in documented or "charset" in value:
            arguments = {"value": value, "on": "any"}
            what = response(answer.rule.key, "media-type")
            yield answer.broken(Kind.MEDIA_TYPE, "response.media-type", what, arguments)


def _texts(answer: Answer) -> Iterator[Mutant]:
    """Yield bodies that are no JSON text, and one that is another than what is documented."""
    for text in _NO_JSON[: 1 if answer.is_brief else None]:
        arguments: dict[str, JSON] = {"text": text, "on": "any"}
        yield answer.broken(Kind.MEDIA_TYPE, "response.body", response(answer.rule.key, "json"), arguments)
    for each in answer.expected():
        arguments = {"text": '{"asdocumented": true}', "on": "any"}
        yield answer.broken(Kind.MEDIA_TYPE, "response.body", each.what(answer.rule), arguments)
        return
