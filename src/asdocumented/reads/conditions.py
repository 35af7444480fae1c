"""Tell whether answers fulfil what a follow-up waits for."""

from __future__ import annotations

from collections.abc import Sequence

from asdocumented.contracts.model import JSON
from asdocumented.plans import Answers, Condition, Field, Lists, Renews, Shows
from asdocumented.reads.case import same
from asdocumented.reads.classify import at
from asdocumented.reads.strict_json import parse
from asdocumented.traces import Exchange


def fulfilled(condition: Condition, pages: Sequence[Exchange], before: Exchange | None) -> bool:
    """Tell whether a condition holds for an answer and the pages that continue it.

    `before` is the answer to the same call from earlier in the scenario, if there was one.
    """
    match condition:
        case Answers(statuses):
            response = pages[-1].response
            return response is not None and response.status in statuses
        case Shows(fields):
            return _has(body_of(pages[-1]), fields)
        case Lists(items, fields, absent):
            return absent is not any(_has(item, fields) for page in pages for item in _items(page, items))
        case Renews(pointer):
            return before is None or at(body_of(pages[-1]), pointer) != at(body_of(before), pointer)


def body_of(exchange: Exchange) -> JSON:
    """Return the parsed body of a response, or None where there is none that can be used."""
    parsed = parse(exchange.response.body) if exchange.response is not None and exchange.response.body else None
    return parsed.value if parsed is not None and parsed.usable else None


def _items(page: Exchange, pointer: str) -> list[JSON]:
    found = at(body_of(page), pointer)
    return found if isinstance(found, list) else []


def _has(value: JSON, fields: Sequence[Field]) -> bool:
    return all(
        any(same(wanted, at(value, field.pointer), ignoring_case=field.ignores_case) for wanted in field.values)
        for field in fields
    )
