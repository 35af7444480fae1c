"""The requests of a preflight: one valid read of each operation that reads, and of each further resource that a read shows.

For an operation that changes something there is a request to what does not exist, where a source tells how the API names an
operation that it does not have: elsewhere nothing would follow from its answer.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from asdocumented.contracts.access import lacking
from asdocumented.contracts.model import Api, Catalogue, Operation, Parameter, Tier
from asdocumented.planning.context import Context
from asdocumented.planning.needing import subject_of
from asdocumented.plans import Call, Step, UnplannableError
from asdocumented.reads.classify import creates
from asdocumented.targets.remote import RemoteTarget

__all__ = ["Probe", "probes_of", "sourced_code"]

_ROUTE = "route-missing"
_PURPOSE = "preflight"


@dataclass(frozen=True, slots=True)
class Probe:
    """One request of a preflight. `reads`: it asks for what exists, so that it should succeed."""

    step: Step
    reads: bool = True

    @property
    def operation(self) -> Operation:
        """Return the operation that is asked for."""
        return self.step.call.operation


def probes_of(catalogue: Catalogue, target: RemoteTarget, reach: Tier = Tier.READ) -> tuple[Probe, ...]:
    """Return the requests of a preflight that are within a tier, API by API; sends nothing and looks at no secret."""
    probes = (each for api in target.description.apis for each in _api(catalogue.apis[api], target))
    return tuple(each for each in probes if each.step.tier.rank <= reach.rank)


def _api(api: Api, target: RemoteTarget) -> Iterator[Probe]:
    scope = frozenset(name.partition("/")[2] for name in target.operations if name.startswith(f"{api.name}/"))
    context = Context(api, target.pools[api.name], scope, random.Random(f"preflight/{api.name}"), keeps_changes=True)
    known = frozenset(target.description.apis[api.name].credentials)
    for name in sorted(scope):
        operation = api.operations[name]
        who = _caller(api, operation, known)
        if not who:
            continue
        if operation.tier.rank <= Tier.READ.rank:
            yield from _reads(context, operation, who, target)
        elif sourced_code(api):
            yield from _absent(context, operation, who)


def _caller(api: Api, operation: Operation, known: frozenset[str]) -> str:
    """Return an identity with a credential that may call an operation, or the empty string."""
    may = (who for who, each in api.identities.items() if each.refused is None and lacking(operation, each) is None)
    return next((who for who in may if who in known), "")


def sourced_code(api: Api) -> str:
    """Return how an API calls the error of an operation that it does not have, where a source says so."""
    entry = api.error_model.codes.get(_ROUTE, {})
    return str(entry.get("code", "")) if entry.get("reference") else ""


def _reads(context: Context, operation: Operation, who: str, target: RemoteTarget) -> Iterator[Probe]:
    try:
        call = context.valid(operation, identity=who)
    except UnplannableError:
        return
    if context.makes(call) is not None:
        return  # what it refers to is made only later
    yield _probe(call)
    last = subject_of(operation)
    if last is not None:
        others = [each for each in _further(target, operation.api, last) if each != call.arguments["path", last.name]]
        yield from (_probe(call.with_argument("path", last.name, each)) for each in others)


def _further(target: RemoteTarget, api: str, parameter: Parameter) -> list[str]:
    """Return the ids of a pool, those of states included."""
    states = target.states.get(api, {}).values()
    ids = [*target.pools[api].get(parameter.resource, ())]
    ids += [one for each in states for one in each.get(parameter.resource, ())]
    return list(dict.fromkeys(ids))


def _absent(context: Context, operation: Operation, who: str) -> Iterator[Probe]:
    """Yield a request that can only hit what does not exist; without a body, since it may hold no secret of anybody's."""
    last = subject_of(operation)
    if last is None or creates(operation, last):
        return
    try:
        arguments = {
            (each.location, each.name): context.fresh(each.resource)
            if each.location == "path" and each.resource
            else context.value(operation, each)
            for each in operation.parameters
            if each.required
        }
    except UnplannableError:
        return
    call = Call(operation, who, arguments)
    if context.tier(call) is Tier.PROBE:
        yield Probe(Step(call, f"{_PURPOSE}: is the operation there?", Tier.PROBE), reads=False)


def _probe(call: Call) -> Probe:
    return Probe(Step(call, f"{_PURPOSE}: are the operation and what it asks for there?", Tier.READ))
