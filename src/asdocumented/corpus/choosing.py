"""Choose the cases of an operation's corpus: few, unlike each other, and unlike what every run sends anyway."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from asdocumented.contracts.grounds import Evidence
from asdocumented.contracts.model import Api, Catalogue, Operation, Tier
from asdocumented.corpus.cases import Case, Kind
from asdocumented.corpus.digests import request_digest
from asdocumented.corpus.drafting import case_of
from asdocumented.corpus.generating import GENERATOR, Draft, Generator
from asdocumented.corpus.references import resolve, shape
from asdocumented.corpus.store import Corpus
from asdocumented.planning.building import Aim, build
from asdocumented.planning.context import Context
from asdocumented.plans import Call, UnplannableError
from asdocumented.requirements import derive

MOST = 24
"""So many cases an operation that has a page of its own gets at most; one known from a specification alone gets `FEWER`."""
FEWER = 12
_COVERED = 2 / 3  # of the cases are of the coverage phase, where it has so many
_DRAWS = 120


def generate(catalogue: Catalogue, operation: Operation, seed: int, examples: tuple[Case, ...] = ()) -> Corpus:
    """Return a new corpus for an operation, always the same for a contract, a version of the generator and a seed."""
    api = catalogue.apis[operation.api]
    most = MOST if operation.evidence is Evidence.DOCUMENTED else FEWER
    fresh = _Fresh(catalogue, api, operation)
    generator = Generator(api)
    cases = list(itertools.islice(fresh.take(operation, _turns(generator.covering(operation))), round(most * _COVERED)))
    kinds = [generator.drawn(operation, kind, seed, _DRAWS) for kind in (Kind.NEGATIVE, Kind.POSITIVE)]
    drawn = [draft for pair in itertools.zip_longest(*kinds) for draft in pair if draft is not None]
    cases += itertools.islice(fresh.take(operation, drawn), most - len(cases))
    ordered = tuple(sorted(cases, key=lambda case: case.id))
    return Corpus(operation.id, request_digest(api, operation), GENERATOR, seed, ordered, examples)


def _turns(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Yield the first draft of each group, then the second of each, and so on."""
    groups: dict[tuple[str, ...], list[Draft]] = defaultdict(list)
    for draft in drafts:
        groups[draft.group].append(draft)
    for turn in itertools.zip_longest(*groups.values()):
        yield from (draft for draft in turn if draft is not None)


class _Fresh:
    """Lets only those cases through that differ on the wire from the plan of a run and from those before."""

    def __init__(self, catalogue: Catalogue, api: Api, operation: Operation) -> None:
        pools = {name: each.values for name, each in api.resources.items() if each.values}
        scope = frozenset(each.id for each in api.operations.values())
        plan = build(catalogue, derive(catalogue), Aim({api.name: pools}, scope, Tier.DISRUPTIVE, keeps_changes=False))
        self._api, self._scope = api, frozenset(api.operations)
        self._pools = pools
        calls = [step.call for scenario in plan.scenarios for step in scenario.steps if scenario.api == api.name]
        names = self._names(plan.absent, plan.secrets)
        self._known: set[object] = {shape(call, names) for call in calls if call.operation is operation}

    def take(self, operation: Operation, drafts: Iterable[Draft]) -> Iterator[Case]:
        """Yield the cases of drafts that are new."""
        for number, draft in enumerate(drafts):
            case = case_of(self._api, operation, draft, number)
            wire = self._wire(case) if case is not None else None
            if case is not None and wire is not None and not {wire, case.id} & self._known:
                self._known |= {wire, case.id}
                yield case

    def _wire(self, case: Case) -> tuple[object, ...] | None:
        context = Context(self._api, self._pools, self._scope, random.Random(0), keeps_changes=False)
        try:
            call: Call = resolve(case, context)
        except UnplannableError:
            return None
        return shape(call, self._names(context.absent, context.secrets))

    def _names(self, absent: Iterable[str], secrets: Mapping[str, str]) -> dict[str, str]:
        pooled = {value: f"<{pool}>" for pool, values in self._pools.items() for value in values}
        return {**pooled, **dict.fromkeys(absent, "<fresh>"), **dict.fromkeys(secrets, "<secret>")}
