"""What a family of conventions is: probes, each of which is a requirement, a request and a broken emulator at once.

A family differs from a behaviour in that no contract declares it: its probes follow from an operation's structure. Whether
a probe's requirement is met is judged from any request that shows its fault, whoever sent it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from asdocumented.contracts.grounds import Basis, Evidence, Level
from asdocumented.contracts.model import JSON, Api, Operation, Tier
from asdocumented.mutant import Mutant
from asdocumented.planning.combining import success_of
from asdocumented.planning.context import Context
from asdocumented.plans import Call, Field, Gap, Ride, Scenario, Shows, Step, UnplannableError
from asdocumented.reads.case import Case
from asdocumented.reads.classify import Read
from asdocumented.reads.codes import BUSY, accepted_codes, code_of
from asdocumented.reads.marks import Mark, blocked, broken, met
from asdocumented.requirement import Requirement, Stage, make

Change = Callable[[Context, Call], Call]
ACCEPTED = "fault.accepted"
CRASH = "fault.crash"
CONFLICT = 409
NOT_IMPLEMENTED = 501


@dataclass(frozen=True, slots=True)
class Oddness:
    """What a probe does to a valid call that a target is likely to take all the same, so that several may go together.

    `touches` is what it changes. `lacks` is the pool whose missing resource it names: the error for that shows that the whole
    value was read. Without it only a success does. One that is `alone` a target may well refuse, so it is sent alone.
    """

    change: Change
    touches: frozenset[str]
    lacks: str = ""
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """One convention and the request that shows whether a target keeps it.

    `what` names the requirement, and the fault or oddity of the request. `call` makes the request (with an `oddness`: the
    valid one that it changes); None where every run shows it anyway. `tier` overrules the tier of the call, for one that can
    hit nothing. `switch` and `arguments` break it, and so do those of `otherwise`.
    """

    what: str
    text: str
    reference: str
    call: Callable[[Context], Call] | None
    level: Level = Level.SHOULD
    basis: Basis | None = None
    conditional: str = ""
    tier: Tier | None = None
    intrusive: bool = False
    oddness: Oddness | None = None
    switch: str = ""
    arguments: Mapping[str, JSON] = field(default_factory=dict)
    otherwise: tuple[Mapping[str, JSON], ...] = ()  # arguments with which the switch breaks it in other ways
    shows: tuple[str, ...] = ()  # names of requirements that have no request of their own and may be judged by this one


class Family(Protocol):
    """A module of this package."""

    def probes(self, api: Api, operation: Operation) -> Iterator[Probe]:
        """Yield the probes of one operation."""

    def judge(self, case: Case, operation: Operation) -> Iterator[Mark]:
        """Yield what a trace says about the requirements of this family. Pure."""


def make_requirements(family: Family, api: Api, operation: Operation) -> Iterator[Requirement]:
    """Yield the requirement of each probe of an operation."""
    for probe in family.probes(api, operation):
        basis = probe.basis or Basis(Evidence.CONVENTION, (), "", probe.reference)
        yield make(
            operation,
            probe.what,
            probe.text,
            family="convention",
            stage=Stage.SEMANTICS,
            basis=basis,
            level=probe.level,
            conditional=probe.conditional,
        )


def make_scenarios(family: Family, context: Context, operation: Operation) -> Iterator[Scenario | Gap]:
    """Yield a scenario of one request for each probe, or why there is none."""
    for probe in family.probes(context.api, operation):
        if probe.call is None:
            continue
        serves = tuple(f"{operation.id}/{each}" for each in (probe.what, *probe.shows))
        try:
            call = base = probe.call(context)
            if probe.oddness is not None:
                call = probe.oddness.change(context, base)
        except UnplannableError as reason:
            yield Gap(serves, str(reason))
            continue
        step = context.step(call, f"a request with {probe.what.replace('/', ' ')}")
        if probe.tier is not None:
            step = Step(step.call, step.purpose, probe.tier)
        yield Scenario(
            f"{operation.name}/{probe.what.replace('/', '-')}",
            operation.api,
            (step,),
            state=operation.state,
            serves=serves,
            intrusive=probe.intrusive,
            ride=_ride(context, operation, base, probe.oddness),
        )


def _ride(context: Context, operation: Operation, base: Call, oddness: Oddness | None) -> Ride | None:
    """Return what lets an odd call go together with others, or None where no answer could show that they were all taken."""
    if oddness is None or oddness.alone:
        return None
    taken = success_of(operation)
    if oddness.lacks:
        codes = missing_codes(context.api, operation, oddness.lacks)
        taken = (Shows((Field(context.api.error_model.code, codes),)),)
        if not codes:
            return None
    return Ride(base, partial(oddness.change, context), oddness.touches, taken, oddness.lacks)


def missing_codes(api: Api, operation: Operation, pool: str) -> tuple[str, ...]:
    """Return the codes that tell that a resource of a pool is missing: of the page, or else of the API."""
    cause = f"{pool}-missing"
    errors = (each for rule in operation.responses.values() for each in rule.errors if cause in each.when)
    found = tuple(code for each in errors for code in accepted_codes(api, each))
    known = api.error_model.codes.get(cause, {})
    return found or ((str(known["code"]),) if "code" in known else ())


def make_mutants(family: Family, api: Api, operation: Operation) -> Iterator[Mutant]:
    """Yield the broken emulators of each probe that has some."""
    for probe in family.probes(api, operation):
        if probe.switch:
            arguments = {"fault": probe.what} if probe.switch in (ACCEPTED, CRASH) else probe.arguments
            for each in (arguments, *probe.otherwise):
                yield Mutant(probe.switch, operation.id, f"{operation.id}/{probe.what}", each)


def refused_for(case: Case, operation: Operation, *prefixes: str) -> Iterator[tuple[str, Read]]:
    """Yield each answered request with exactly one fault and nothing odd, where the fault begins so, with its requirement."""
    for read in case.about(operation):
        if len(read.causes) == 1 and not read.oddities and read.causes[0].startswith(prefixes):
            yield f"{operation.id}/{read.causes[0]}", read


def odd_for(case: Case, operation: Operation, *prefixes: str) -> Iterator[tuple[str, Read]]:
    """Yield each oddity of each answered request, where it begins so and no fault is beside it.

    Of several in one request each counts where the answer shows that all were taken; what another answer is to be blamed on
    nobody could say.
    """
    for read in case.about(operation):
        missing = all(cause.endswith("-missing") and "/" not in cause for cause in read.causes)
        if missing and (len(read.oddities) == 1 or _is_taken(case.api, operation, read)):
            for oddity in read.oddities:
                if oddity.startswith(prefixes):
                    yield f"{operation.id}/{oddity}", read


def _is_taken(api: Api, operation: Operation, read: Read) -> bool:
    """Tell whether an answer shows that the whole request was read: a success, or the error for what the odd value names."""
    if not read.causes:
        return read.succeeded
    pool = read.causes[0].removesuffix("-missing")
    places = tuple(f"robustness/path/{each.name}/" for each in operation.parameters if each.resource == pool)
    return (
        len(read.causes) == 1
        and 400 <= read.status < 500
        and all(each.startswith(places) for each in read.oddities)
        and code_of(api, read) in missing_codes(api, operation, pool)
    )


def judge_refusal(case: Case, requirement: str, read: Read) -> Mark:
    """Judge an answer that has to be a refusal: a 4xx, and something like it must succeed in the same run.

    A 409 tells of the target's own state (RFC 9110 section 15.5.10), which hides whether it saw the fault of the request.
    """
    if read.status == CONFLICT and read.causes[0].startswith("refusal/"):
        return blocked(requirement, read.id, reason="409 tells of the target's own state, and not of this fault")
    if read.status in BUSY or read.status >= 500:
        return blocked(requirement, read.id, reason=f"{read.status} is no refusal of this fault")
    if read.status < 400:
        return broken(requirement, read.id, expected="a 4xx", got=str(read.status), where="status")
    control = case.control(read)
    return met(requirement, read.id, control.id) if control else case.uncontrolled(requirement, read)


def judge_survival(case: Case, requirement: str, read: Read) -> Mark:
    """Judge an answer that may be anything but a server error that no page documents."""
    if read.status in BUSY:
        return blocked(requirement, read.id, reason=f"the target was busy ({read.status})")
    if read.status >= 500 and not is_documented_error(read):
        expected = "a success or a 4xx: no server error for what a client sends"
        return broken(requirement, read.id, expected=expected, got=str(read.status), where="status")
    control = case.control(read)
    return met(requirement, read.id, control.id) if control else case.uncontrolled(requirement, read)


def is_documented_error(read: Read) -> bool:
    """Tell whether an answer is an error that the page names for exactly this status."""
    rule = read.rule
    code = code_of(read.api, read)
    return rule is not None and any(code in accepted_codes(read.api, each) for each in rule.errors)
