"""Put a follow-up into words: what is sent again, when, how often at most, and how long that may take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from asdocumented.plans import (
    Answers,
    Call,
    Condition,
    Field,
    Fill,
    Lists,
    Pages,
    Renews,
    Retry,
    Revalidate,
    Shows,
    Step,
    Until,
)
from asdocumented.targets.model import Patience

__all__ = ["Follow", "follow_of"]

_TAGS = 2  # forms of one entity tag


@dataclass(frozen=True, slots=True)
class Follow:
    """What may be sent after a step, depending on its answer: `most` further requests, over `seconds` of waiting at most.

    `calls` are requests of their own among these; the others are the step's request again.
    """

    kind: str
    text: str
    most: int
    seconds: float = 0.0
    calls: tuple[Call, ...] = ()


def follow_of(step: Step, patience: Patience) -> Follow | None:
    """Return the follow-up of a step in words, or None."""
    match step.follow:
        case Pages(request, _, limit):
            text = f"may be repeated up to {limit} times, with the continuation of each answer as {request}"
            return Follow("pages", text, limit)
        case Fill(response, calls):
            text = f"while the answer has no {response}, up to {len(calls)} further writes, and after each this request again"
            return Follow("fill", text, 2 * len(calls), calls=calls)
        case Until():
            return _until(step.follow, patience)
        case Retry(status, header, limit):
            text = f"may be repeated up to {limit} times while the answer is {status}, after as long as {header} says"
            return Follow("retry", text, limit, limit * patience.deadline)
        case Revalidate(request, _):
            text = f"may be repeated up to {_TAGS} times, with the answer's entity tag as {request}"
            return Follow("revalidate", text, _TAGS)
    return None


def _until(until: Until, patience: Patience) -> Follow:
    """Return the words for a read that is repeated; the looks are those that the executor takes at most."""
    most = int(patience.deadline / patience.interval) + 1
    pages = until.pages.limit if until.pages else 0
    each = f" (each time with up to {pages} pages)" if pages else ""
    wanted = " and ".join(text for condition in until.conditions for text in _wanted(condition))
    text = f"may be repeated up to {most} times, every {patience.interval:g} s, until {wanted}{each}"
    return Follow("until", text, most + pages * (most + 1), most * patience.interval)


def _wanted(condition: Condition) -> Iterator[str]:
    match condition:
        case Answers(statuses):
            yield f"the answer is {' or '.join(map(str, statuses))}"
        case Shows(fields):
            yield from (f"it shows {_field(each)}" for each in fields)
        case Lists(items, fields, absent):
            which = " and ".join(map(_field, fields))
            yield f"{items} has {'no' if absent else 'an'} item with {which}"
        case Renews(pointer):
            yield f"{pointer} is another than before"


def _field(field: Field) -> str:
    return f"{field.pointer} = {' or '.join(map(str, field.values))}"
