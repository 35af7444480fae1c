"""The broken emulators of error bodies: flat, empty, a page or a text, and as another API writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from asdocumented.contracts.model import JSON, Api, Operation
from asdocumented.mutant import Kind, Mutant
from asdocumented.mutants.answers import Answer, answers
from asdocumented.requirement import response

_TEXTS = {"error.html": "media-type", "error.text": "media-type", "error.empty": "json"}
_FLAT = ("code", "message")
_FORMS: tuple[Mapping[str, JSON], ...] = (
    {"type": "about:blank", "title": "$message", "detail": "$code"},  # RFC 9457
    {"error": {"code": "$code", "message": "$message"}},
    {"requestId": "$request-id", "errorCode": "$code", "message": "$message"},
    {"error_type": "$code", "messages": [{"id": "$code", "default_message": "$message", "args": []}]},
    {"errors": [{"code": "$code", "message": "$message"}]},
    {"odata.error": {"code": "$code", "message": {"lang": "en", "value": "$message"}}},
)
"""How services write their errors."""


def error_mutants(api: Api, operation: Operation) -> Iterator[Mutant]:
    """Yield every wrong form of the error bodies of each rule."""
    for answer in answers(api, operation):
        if answer.rule.is_error and answer.rule.media_types:
            yield from islice(_objects(answer), 1 if answer.is_brief else None)
            if not answer.may_be_a_gateways:
                yield from islice(_texts(answer), 1 if answer.is_brief else None)


def _objects(answer: Answer) -> Iterator[Mutant]:
    """Yield bodies that are objects and lack what an error has."""
    forms: list[tuple[str, Mapping[str, JSON], tuple[str, ...]]] = [
        ("error.empty-object", {}, ()),
        ("error.flat", {}, _FLAT),
    ]
    forms += [("error.form", {"template": dict(each)}, tuple(each)) for each in _FORMS]
    for switch, arguments, fields in forms:
        lacking = next((each for each in answer.expected() if each.path[0] not in fields), None)
        if lacking is not None:
            yield answer.broken(Kind.ERROR_BODY, switch, lacking.what(answer.rule), arguments)


def _texts(answer: Answer) -> Iterator[Mutant]:
    """Yield bodies that are none, or no JSON."""
    for switch, aspect in _TEXTS.items():
        yield answer.broken(Kind.ERROR_BODY, switch, response(answer.rule.key, aspect), {})
