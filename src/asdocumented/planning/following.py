"""Put a follow-up into words: what is sent again, when, how often at most, and how long that may take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from asdocumented.plans import (
    Answers,
    Condition,
    Field,
    Fill,
    Lists,
    Pages,
    Renews,
    Retry,
    Revalidate,
    Scenario,
    Shows,
    Step,
    Until,
)
from asdocumented.targets.model import Patience

__all__ = ["Follow", "Further", "apart_of", "follow_of"]

_TAGS = 2  # forms of one entity tag


@dataclass(frozen=True, slots=True)
class Further:
    """A request of its own among what may follow, and how often it goes out at most, with what may follow it in turn."""

    step: Step
    most: int = 1


@dataclass(frozen=True, slots=True)
class Follow:
    """What may be sent after a step, depending on its answer, over `seconds` of waiting at most.

    `again` is how often the step's own request may be sent once more, and `further` are requests of their own.
    """

    kind: str
    text: str
    again: int = 0
    seconds: float = 0.0
    further: tuple[Further, ...] = ()

    @property
    def most(self) -> int:
        """Return how many requests that are at most."""
        return self.again + sum(each.most for each in self.further)


def follow_of(step: Step, patience: Patience) -> Follow | None:
    """Return the follow-up of a step in words, or None."""
    match step.follow:
        case Pages(request=request, limit=limit):
            text = f"may be repeated up to {limit} times, with the continuation of each answer as {request}"
            return Follow("pages", text, limit)
        case Fill(response, calls):
            text = f"while the answer has no {response}, up to {len(calls)} further writes, and after each this request again"
            further = tuple(Further(replace(step, call=call, tier=call.operation.tier, follow=None)) for call in calls)
            return Follow("fill", text, len(calls), further=further)
        case Until():
            return _until(step.follow, patience)
        case Retry(status, header, limit):
            text = f"may be repeated up to {limit} times while the answer is {status}, after as long as {header} says"
            return Follow("retry", text, limit, limit * patience.deadline)
        case Revalidate(request, _):
            text = f"may be repeated up to {_TAGS} times, with the answer's entity tag as {request}"
            return Follow("revalidate", text, _TAGS)
    return None


def apart_of(scenario: Scenario, patience: Patience) -> Follow | None:
    """Return what is sent one by one where a target does not take several together in one request."""
    further, seconds = [], 0.0
    for step in (step for each in scenario.apart for step in each.steps):
        follow = follow_of(step, patience)
        further.append(Further(step, 1 + (follow.most if follow is not None else 0)))
        seconds += follow.seconds if follow is not None else 0.0
    for each in scenario.apart:
        nested = apart_of(each, patience)
        further += nested.further if nested is not None else ()
    if not further:
        return None
    text = f"if the target does not take all of it together, up to {len(further)} requests one by one"
    return Follow("apart", text, seconds=seconds, further=tuple(further))


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
