"""The judge: from contracts, requirements and a trace to marks. Pure: it sends nothing and reads nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from asdocumented.behaviours import behaviour
from asdocumented.contracts.model import Catalogue, Operation
from asdocumented.families import families, make_requirements
from asdocumented.judge.acceptance import judge_acceptance
from asdocumented.judge.answers import judge_answer
from asdocumented.judge.ledger import Judgement, Ledger
from asdocumented.judge.refusals import judge_refusals
from asdocumented.reads.case import Case
from asdocumented.reads.classify import Read, classify
from asdocumented.reads.marks import Mark, Observation, Outcome, Seen, blocked, broken, crashed, met
from asdocumented.requirement import STATUS, Requirement
from asdocumented.requirements import derive
from asdocumented.traces import Arrangement, Trace

Said = Mark | Seen | Observation
_REFUSALS = ("error/",)


def judge(catalogue: Catalogue, requirements: Mapping[str, Requirement], trace: Trace) -> Judgement:
    """Return what a trace shows about the requirements that are asked for.

    All others are judged too, since what blocks one may be the finding of another: a requirement that is asked for alone
    gets the verdict that it gets among all.

    The same trace gives the same judgement, whether it was recorded a moment or a year ago. A response can cause findings
    but never an exception.
    """
    wanted, requirements = requirements, {**derive(catalogue), **requirements}
    ledger = Ledger(requirements)
    by_operation = _by_operation(requirements)
    by_api: dict[str, list[Read]] = defaultdict(list)
    reads = classify(catalogue, trace)
    ledger.doubts = {read.id: read.doubt for read in reads if read.doubt is not None}
    for read in reads:
        by_api[read.api.name].append(read)
        asked = by_operation.get(read.operation.id, {}) if read.operation is not None else {}
        answered = partial(_answered, read, asked)
        ledger.add(_guarded(answered, partial(judge_answer, read.api, read, asked)))
    arrangements = _by_epoch(trace)
    for name, reads in by_api.items():
        case = Case(catalogue.apis[name], tuple(reads), ledger.blockers, ledger.flaws, arrangements[name])
        for operation in case.api.operations.values():
            ledger.add(_guarded(partial(_status, operation), partial(judge_acceptance, case, operation)))
            for family in families():
                own = partial(make_requirements, family, case.api, operation)
                ledger.add(_guarded(partial(_ids, own), partial(family.judge, case, operation)))
            for declaration in operation.behaviours:
                module = behaviour(declaration.name)
                own = partial(module.requirements, case.api, operation, declaration)
                ledger.add(_guarded(partial(_ids, own), partial(module.judge, case, operation, declaration)))
        ledger.add(_guarded(partial(_refusals, name, requirements), partial(judge_refusals, case)))
    ledger.add(_readings(catalogue, ledger.seen))
    ledger.add(_unopened(requirements, by_operation, ledger.marks))
    return ledger.judgement(wanted)


def _by_operation(requirements: Mapping[str, Requirement]) -> dict[str, dict[str, Requirement]]:
    """Return the requirements of each operation, by its id."""
    found: dict[str, dict[str, Requirement]] = defaultdict(dict)
    for identifier, each in requirements.items():
        found[f"{each.api}/{each.operation}"][identifier] = each
    return found


def _unopened(
    requirements: Mapping[str, Requirement],
    by_operation: Mapping[str, Mapping[str, Requirement]],
    marks: list[Mark],
) -> list[Mark]:
    """Return, for each error that did not come although it was due, what its answer would have shown."""
    found = []
    for mark in marks:
        cause = requirements[mark.requirement]
        if mark.outcome is Outcome.FINDING and cause.opens:
            operation = f"{cause.api}/{cause.operation}"
            prefix = f"{operation}/response/{cause.opens}/"
            found += [
                # Under the reading that excuses what came instead, nothing of this answer was due.
                replace(blocked(each, *mark.exchanges, blocker=cause.id), reading=mark.reading)
                for each in by_operation[operation]
                if each.startswith(prefix)
            ]
    return found


def _answered(read: Read, requirements: Mapping[str, Requirement]) -> list[str]:
    """Return the requirements that an answer by itself can speak to."""
    if read.operation is None:
        return []
    prefix = f"{read.operation.id}/response/"
    return [each for each in requirements if each.startswith(prefix)]


def _status(operation: Operation) -> list[str]:
    return [f"{operation.id}/{STATUS}"]


def _ids(requirements: Callable[[], Iterable[Requirement]]) -> list[str]:
    return [each.id for each in requirements()]


def _refusals(api: str, requirements: Mapping[str, Requirement]) -> list[str]:
    return [each.id for each in requirements.values() if each.api == api and each.what.startswith(_REFUSALS)]


def _guarded(names: Callable[[], Iterable[str]], check: Callable[[], Iterable[Said]]) -> list[Said]:
    """Return what a check says; one that breaks gives the verdict `error` to what it looks at, and to nothing else.

    `names` are asked for only then.
    """
    try:
        return list(check())
    except Exception as error:  # noqa: BLE001 - whatever broke in a check is ours, and must not pass for a verdict
        reason = f"the check broke: {type(error).__name__}: {error}"
        return [crashed(name, reason) for name in names()]


def _by_epoch(trace: Trace) -> dict[str, dict[int, Arrangement]]:
    """Return the arrangements of each API by the number of arrangements up to and including them."""
    found: dict[str, dict[int, Arrangement]] = defaultdict(dict)
    for event in trace.events:
        if isinstance(event, Arrangement):
            found[event.api][len(found[event.api]) + 1] = event
    return found


def _readings(catalogue: Catalogue, seen: list[Seen]) -> Iterator[Mark]:
    """Yield whether a target keeps to one reading of each register entry that it shows."""
    grouped: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for each in seen:
        grouped[each.operation, each.ambiguity].setdefault(each.reading, each.exchange)
    for (operation, ambiguity), readings in grouped.items():
        requirement = f"{operation}/ambiguity/{ambiguity}"
        exchanges = tuple(readings.values())
        if len(readings) == 1:
            yield met(requirement, *exchanges)
        else:
            got = ", ".join(f"'{name}' in exchange {exchange}" for name, exchange in readings.items())
            yield broken(
                requirement, *exchanges, expected="one reading throughout", got=got, where=f"{len(readings)} readings"
            )
