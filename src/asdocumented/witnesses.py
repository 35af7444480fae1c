"""Say what the exchanges were that caught a mutant, so that one can tell of any run whether it would have caught it too.

A witness is in words that the judge of any run knows: what was called, as whom, with which reason for refusal, in which
arranged state. Pure: no answer of a target and no value is in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from asdocumented.contracts.model import Catalogue
from asdocumented.reads.classify import Read, classify
from asdocumented.reads.marks import Mark, Outcome
from asdocumented.traces import Arrangement, Trace

Kinds: TypeAlias = tuple[str, ...]
"""The kinds of the exchanges of one mark: that of the decisive one, then the others in order of their text."""

_TELLING = (Outcome.MET, Outcome.FINDING)


class Rule(StrEnum):
    """What a run must have shown to have caught a mutant: the strictest under which a run on a right server counts."""

    MARK = "mark"  # one mark on the requirement rests on all these exchanges
    BESIDE = "beside"  # a mark rests on the decisive one, and the others were answered
    ALL = "all"  # a broken server alone leads to what catches it: as `beside`, each mark of a right one
    SENT = "sent"  # all were answered; a right target never shows what the requirement is about
    NONE = "none"  # a run on a right server shows nothing of it


@dataclass(frozen=True, slots=True)
class Witness:
    """The exchanges that catch a mutant, and by which rule a run is held against them: any of them is enough but for ALL."""

    rule: Rule = Rule.NONE
    marks: tuple[Kinds, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a run showed: the kinds of what each telling mark on a requirement rests on, and of what was answered."""

    marks: Mapping[str, frozenset[Kinds]] = field(default_factory=dict)
    sent: frozenset[str] = frozenset()
    unhindered: Collection[str] = frozenset()  # requirements that nothing kept from being judged


def kinds_of(catalogue: Catalogue, trace: Trace) -> dict[int, str]:
    """Return the kind of each exchange that was answered beyond doubt, by its number."""
    return kinds_of_reads(classify(catalogue, trace), trace)


def kinds_of_reads(reads: Iterable[Read], trace: Trace) -> dict[int, str]:
    """Return the same of exchanges that are understood already."""
    states, ids = dict(_states(trace)), _ids(trace)
    return {
        each.id: _kind(each, states.get((each.api.name, each.epoch), ""), ids)
        for each in reads
        if each.exchange.response is not None and each.doubt is None
    }


def _states(trace: Trace) -> Iterator[tuple[tuple[str, int], str]]:
    """Yield the state that each arrangement of an API makes, by the number of arrangements up to it."""
    counts: Counter[str] = Counter()
    for event in trace.events:
        if isinstance(event, Arrangement):
            counts[event.api] += 1
            yield (event.api, counts[event.api]), event.state


def _ids(trace: Trace) -> dict[str, set[str]]:
    """Return the ids that are known to exist at some time, each by how it reads without letter case."""
    found: dict[str, set[str]] = defaultdict(set)
    resources = [each.resources for each in trace.events if isinstance(each, Arrangement)]
    for pools in (*trace.facts.existing.values(), *resources):
        for one in (each for ids in pools.values() for each in ids):
            found[one.casefold()].add(one)
    return found


def _kind(read: Read, state: str, ids: Mapping[str, set[str]]) -> str:
    """Return what a request is, as a sentence: `list-orders as reader with status: identity/expired`.

    The state is left out where something else is a reason to refuse the request: it is refused in any.
    """
    matters = not read.causes or state in read.causes
    what = read.operation.name if read.operation else f"{read.exchange.request.method} beside an operation"
    options = ", ".join((*_options(read), *_in_other_case(read, ids)))
    return "".join(
        (
            f"{what} as {read.identity}",
            f" in {state}" if state and matters else "",
            f" with {options}" if options else "",
            f": {', '.join(sorted(read.causes))}" if read.causes else "",
            f" ({', '.join(sorted(read.oddities))})" if read.oddities else "",
        )
    )


def _options(read: Read) -> Iterator[str]:
    """Yield what a request has that its operation lets it leave out: parameters, and the fields of its body."""
    if read.operation is None:
        return
    for each in read.operation.parameters:
        if not each.required and each.location in ("query", "header"):
            name = each.name.lower() if each.location == "header" else each.name
            if (each.location, name) in read.arguments:
                yield each.name
    if isinstance(read.body, dict):
        yield from (f"/{name}" for name in sorted(read.body))


def _in_other_case(read: Read, ids: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield which parameters name something known in another letter case."""
    for (location, name), values in read.arguments.items() if read.operation else ():
        known = ids.get(values[0].casefold(), ())
        if location in ("path", "query") and known and values[0] not in known:
            yield f"{name} in another letter case"


def shown(marks: Iterable[Mark], kinds: Mapping[int, str], unhindered: Collection[str] = frozenset()) -> Shown:
    """Return what a run showed by its marks. `unhindered` are the requirements that nothing kept from being judged."""
    found: dict[str, set[Kinds]] = defaultdict(set)
    for mark in marks:
        own = _kinds(mark, kinds) if mark.outcome in _TELLING else ()
        if own:
            found[mark.requirement].add(own)
    return Shown({name: frozenset(each) for name, each in found.items()}, frozenset(kinds.values()), unhindered)


def _kinds(mark: Mark, kinds: Mapping[int, str]) -> Kinds:
    """Return the kinds of what a mark rests on; nothing where the answer to one of them is in doubt."""
    if not mark.exchanges or any(each not in kinds for each in mark.exchanges):
        return ()
    first, *rest = (kinds[each] for each in mark.exchanges)
    return (first, *sorted(rest))


def witness_of(requirement: str, marks: Iterable[Mark], kinds: Mapping[int, str], clean: Shown) -> Witness:
    """Return the witness of a mutant from the marks that caught it.

    Kept is what a run on a right server shows as well (`clean`), by the strictest rule by which it shows any of it: what only
    a broken server leads to says nothing of another run.
    """
    found = {own for own in (_kinds(each, kinds) for each in marks) if own}
    usual = clean.marks.get(requirement, frozenset())
    for rule in (Rule.MARK, Rule.BESIDE) if usual else (Rule.SENT,):
        own = [each for each in found if _is_shown(rule, each, requirement, clean)]
        if own:
            return Witness(rule, tuple(sorted(_least(own))))
    return Witness(Rule.ALL, tuple(sorted(usual))) if usual else Witness()


def _least(found: list[Kinds]) -> list[Kinds]:
    """Return what asks for no more than another with the same decisive exchange."""
    return [
        each for each in found if not any(one != each and one[0] == each[0] and _is_within(one, each) for one in found)
    ]


def _is_within(less: Kinds, more: Kinds) -> bool:
    return Counter(less) <= Counter(more)


def _is_shown(rule: Rule, wanted: Kinds, requirement: str, run: Shown) -> bool:
    own = run.marks.get(requirement, ())
    match rule:
        case Rule.MARK:
            return any(each[0] == wanted[0] and _is_within(wanted, each) for each in own)
        case Rule.BESIDE | Rule.ALL:
            return any(each[0] == wanted[0] and run.sent.union(each).issuperset(wanted) for each in own)
        case Rule.SENT:
            return requirement in run.unhindered and run.sent.issuperset(wanted)
        case Rule.NONE:
            return False


def would_catch(witness: Witness, requirement: str, run: Shown) -> bool:
    """Tell whether a run showed what it takes to catch a mutant of a requirement (an id)."""
    found = [_is_shown(witness.rule, each, requirement, run) for each in witness.marks]
    return bool(found) and (all(found) if witness.rule is Rule.ALL else any(found))
