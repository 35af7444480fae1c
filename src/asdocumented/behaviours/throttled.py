"""`throttled`: a request that is refused with 429 is told when it may be sent again, and is then no longer refused so.

Nobody can make a target throttle, so this is judged where a 429 is seen. Whether somebody waited as they were told is
seen in the Date of the answers (RFC 9110 section 6.6.1), since a trace has no times of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from asdocumented.contracts.grounds import Basis, Evidence, Level
from asdocumented.contracts.model import Api, BehaviourDeclaration, Operation
from asdocumented.mutant import Line, Mutant, Variant
from asdocumented.planning.context import Context
from asdocumented.plans import Retry, Scenario, Step, UnplannableError
from asdocumented.reads.case import Case, shown
from asdocumented.reads.classify import Read
from asdocumented.reads.codes import code_of, is_in_front
from asdocumented.reads.marks import Mark, blocked, broken, met
from asdocumented.reads.retrying import delay, http_date, is_retry_after
from asdocumented.requirement import Requirement, Stage, make

_STATUS = 429
_STATE = "throttled"
_HEADER = "Retry-After"
_PRESENCE, _VALUE = "throttled/retry-after/presence", "throttled/retry-after/value"
_CODE, _RELEASED = "throttled/code", "throttled/released"
_SEEN = "the target decides whether it throttles"
_FORM = Basis(Evidence.CONVENTION, reference="RFC 9110 10.2.3")


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield that a 429 says when to come back, in a valid form, with a code that fits, and that it means it."""
    if "says-when" in declaration.parameters:
        level = Level(declaration.parameters["says-when"])
        yield _make(operation, _PRESENCE, f"A {_STATUS} has the header {_HEADER}.", declaration.basis, level)
    text = f"The {_HEADER} of a {_STATUS} is a number of seconds or an HTTP-date."
    yield _make(operation, _VALUE, text, _FORM, Level.MUST)
    text = f"The error of a {_STATUS} has a code, and not that of another cause."
    yield _make(operation, _CODE, text, declaration.basis, Level.SHOULD)
    text = f"A request that was refused with {_STATUS} is no longer, once its {_HEADER} is over."
    yield _make(operation, _RELEASED, text, _FORM, Level.SHOULD)


def _make(operation: Operation, what: str, text: str, basis: Basis, level: Level) -> Requirement:
    return make(
        operation, what, text, family="behaviour", stage=Stage.SEMANTICS, basis=basis, level=level, conditional=_SEEN
    )


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield a request while the API is throttled, and the request again as its answer says."""
    if _STATE not in context.api.states or (context.keeps_changes and _STATE not in context.states):
        raise UnplannableError(f"the target's file says nothing of the state '{_STATE}' (states.{_STATE})")
    # A write that is planned anyway, so that it uses up nothing of the pools.
    draws = operation.body is not None and operation.body.draws and operation.body.required
    call = context.pair(operation)[0] if draws else context.valid(operation)
    if context.makes(call) is not None:  # nothing can be made while the API is throttled
        last = [each for each in operation.parameters if each.location == "path" and each.resource][-1]
        call = call.with_argument("path", last.name, context.fresh(last.resource))
    step = Step(
        call,
        "a request while the API is throttled",
        context.tier(call),
        again=True,
        follow=Retry(_STATUS, _HEADER.lower()),
    )
    serves = tuple(each.id for each in requirements(context.api, operation, declaration))
    yield Scenario(
        f"{operation.name}/throttled", operation.api, (step,), state=_STATE, serves=serves, must_arrange=True
    )


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark]:
    """Look at every 429, and at what became of the request."""
    for read in case.of(operation.name):
        if read.status == _STATUS and not is_in_front(read):
            yield from _when(operation, read)
            yield from _code(case, operation, read)
    for chain in _chains(case, operation):
        yield from _released(operation, chain)


def _when(operation: Operation, read: Read) -> Iterator[Mark]:
    text = read.exchange.response.header(_HEADER) if read.exchange.response else None
    presence, value = f"{operation.id}/{_PRESENCE}", f"{operation.id}/{_VALUE}"
    where = f"header {_HEADER}"
    if text is None:
        yield broken(presence, read.id, expected="the header", got="none", where=where)
        yield blocked(value, read.id, reason=f"the answer has no {_HEADER}")
        return
    yield met(presence, read.id)
    if is_retry_after(text):
        yield met(value, read.id)
    else:
        yield broken(value, read.id, expected="seconds, or an HTTP-date (IMF-fixdate)", got=shown(text), where=where)


def _code(case: Case, operation: Operation, read: Read) -> Iterator[Mark]:
    requirement, got = f"{operation.id}/{_CODE}", code_of(case.api, read)
    where = "$" + case.api.error_model.code.replace("/", ".")
    flawed = case.blocker(read) or (case.flaws[read.id][0] if got is None and case.flaws.get(read.id) else "")
    if flawed:
        yield blocked(requirement, read.id, blocker=flawed)
    elif not got or got in _foreign(case.api):
        yield broken(
            requirement, read.id, expected=f"a code for {_STATE}", got=shown(got) if got else "none", where=where
        )
    else:
        yield met(requirement, read.id)


def _foreign(api: Api) -> set[str]:
    """Return the codes of client errors that the contract knows for other causes, with and without the API's prefix."""
    codes = {
        each["code"] for cause, each in api.error_model.codes.items() if cause != _STATE and int(each["status"]) < 500
    }
    codes -= {str(api.error_model.codes.get(_STATE, {}).get("code", ""))}
    return codes | {f"{api.error_model.prefix}{code}" for code in codes}


def _chains(case: Case, operation: Operation) -> Iterator[list[Read]]:
    """Yield the sendings of each request that was throttled, from the first 429 to the first answer that is none."""
    open_chains: dict[object, list[Read]] = {}
    for read in case.of(operation.name):
        request = read.exchange.request
        key = (read.epoch, read.identity, request.method, request.target, request.body)
        chain = open_chains.get(key)
        if chain is not None:
            chain.append(read)
        elif read.status == _STATUS:
            open_chains[key] = chain = [read]
        if chain is not None and read.status not in (_STATUS, 0):
            yield open_chains.pop(key)
    yield from open_chains.values()


def _released(operation: Operation, chain: list[Read]) -> Iterator[Mark]:
    requirement, last = f"{operation.id}/{_RELEASED}", chain[-1]
    if last.status not in (_STATUS, 0):
        yield met(requirement, last.id, chain[0].id)
        return
    waits = [_waited(one, other) for one, other in itertools.pairwise(chain)]
    if len(waits) > 1 and all(waits):
        expected = f"no {_STATUS} after the time in {_HEADER}"
        got = f"{_STATUS} after each of {len(waits)} waits"
        yield broken(requirement, last.id, chain[0].id, expected=expected, got=got, where="status")
    else:
        yield blocked(requirement, last.id, reason="the request was not sent again after the time that it was told")


def _waited(one: Read, other: Read) -> bool:
    """Tell whether the second answer is surely later than the first one asked to wait; times are in whole seconds."""
    first, second = one.exchange.response, other.exchange.response
    if first is None or second is None:
        return False
    begun, ended = (http_date(each.header("date") or "") for each in (first, second))
    wait = delay(first)
    return begun is not None and ended is not None and wait is not None and ended - begun >= wait + 1


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield a 429 that does not say when, one that says it in no valid form, one with another code, and one without end."""
    if _STATE not in api.states:
        return
    header = {"name": _HEADER, "on": "error"}
    if "says-when" in declaration.parameters:
        absent = {**header, "value": None}
        yield Mutant("response.header", operation.id, f"{operation.id}/{_PRESENCE}", absent)
    for value in ("soon", "", "-1", "1.5", "2026-11-21T00:00:00Z"):
        yield Mutant("response.header", operation.id, f"{operation.id}/{_VALUE}", {**header, "value": value})
    other = str(api.error_model.codes["unauthenticated"]["code"])
    yield Mutant("error.code", operation.id, f"{operation.id}/{_CODE}", {"cause": _STATE, "code": other})
    yield Mutant("throttled.never-released", operation.id, f"{operation.id}/{_RELEASED}")


def variants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Variant]:
    """Yield a 429 that tells a time instead of a number of seconds."""
    if _STATE in api.states:
        line = Line("throttled.http-date", operation.id)
        yield Variant("retry-after-date", operation.id, (line,), "RFC 9110 10.2.3 has both forms")
