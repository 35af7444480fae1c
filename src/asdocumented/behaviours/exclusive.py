"""`exclusive`: a start while the previous one still goes is the documented error.

Two things show that it still goes: a state that was arranged, or a sibling operation that says so right after a second
start (the bracket). Without either, a second success proves nothing, since the first may have ended. So may an arranged
state: a start that succeeds in it is sent again, and when that is refused as busy, the state had ended before the first.
Once the sibling says that it has ended, a start must be possible again; it is repeated, since the end may show too early,
and the sibling is asked again, since somebody else may have started.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from asdocumented.behaviours.vocabulary import following, semantic
from asdocumented.contracts.grounds import Level
from asdocumented.contracts.model import JSON, Api, BehaviourDeclaration, DocumentedError, Operation
from asdocumented.mutant import Line, Mutant, Variant
from asdocumented.planning.combining import success_of
from asdocumented.planning.context import Context
from asdocumented.plans import VALID, Field, Insist, Scenario, Shows, Until
from asdocumented.reads.case import Case, field_of, shown
from asdocumented.reads.classify import Read
from asdocumented.reads.codes import BUSY, accepted_codes, code_of
from asdocumented.reads.marks import CHANGED, Mark, Seen, blocked, broken, met, without_luck
from asdocumented.reads.settling import is_repeated, is_same, is_settled
from asdocumented.requirement import STATUS, Requirement

_ONCE = "it was asked for only once after the end, and the end may show too early"


def _error(operation: Operation, declaration: BehaviourDeclaration) -> DocumentedError:
    wanted = declaration.parameters["error"]
    return next(each for rule in operation.responses.values() for each in rule.errors if each.error == wanted)


def _what(declaration: BehaviourDeclaration, aspect: str) -> str:
    return f"exclusive/{declaration.parameters['while']}/{aspect}"


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield the status and the type of the documented error."""
    error = _error(operation, declaration)
    state = declaration.parameters["while"]
    text = f"In the state {state} the answer is {error.status}."
    yield semantic(operation, declaration, _what(declaration, "status"), text, opens=str(error.status))
    yield semantic(
        operation, declaration, _what(declaration, "code"), f"In the state {state} the error is {error.error}."
    )
    if "watch" in declaration.parameters:
        text = f"Once the state {state} has ended, {operation.title} is not refused with {error.error} any more."
        found = semantic(operation, declaration, _what(declaration, "released"), text)
        yield replace(found, level=Level.SHOULD, conditional="another operation must show that the state has ended")


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield a start in the arranged state; and two starts in a row with a look at what goes on."""
    serves = tuple(each.id for each in requirements(context.api, operation, declaration))
    call = context.valid(operation, state=declaration.parameters["while"])
    busy = replace(context.step(call, "a start while one is going", again=True), follow=Insist())
    yield Scenario(
        f"{operation.name}/exclusive",
        operation.api,
        (busy,),
        state=declaration.parameters["while"],
        serves=serves[:2],  # of the end it says nothing
        must_arrange=True,
    )
    call = context.valid(operation)
    watch = declaration.parameters.get("watch")
    if watch and context.has(watch["operation"]):
        look = context.step(
            context.valid(context.api.operations[watch["operation"]]), "a look at what goes on", again=True
        )
        ended = Until((Shows((Field(watch["pointer"], tuple(watch["ended"])),)),))
        steps = (
            context.step(call, "a start", again=True, shows=VALID),
            context.step(call, "a second start", again=True),
            look,
            replace(look, purpose="looks until it has ended", follow=ended),
            replace(context.step(call, "a start after the end", again=True), follow=Until(success_of(operation))),
            look,
        )
        yield Scenario(f"{operation.name}/exclusive-twice", operation.api, steps, state=operation.state, serves=serves)


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark | Seen]:
    """Look at every start in the state, arranged or seen to hold."""
    state = declaration.parameters["while"]
    found: list[Mark | Seen] = []
    for read in case.of(operation.name):
        others = [cause for cause in read.causes if cause != state]
        if others or read.exchange.response is None:
            continue
        if state in read.causes or _bracketed(case, operation, declaration, read):
            found += _busy(case, operation, declaration, read)
        found += _released(case, operation, declaration, read)
    yield from without_luck(found)


def _bracketed(case: Case, operation: Operation, declaration: BehaviourDeclaration, read: Read) -> bool:
    """Tell whether a start succeeded just before and was still going just after this read."""
    watch = declaration.parameters.get("watch")
    if not watch:
        return False
    around = [each for each in case.reads if each.epoch == read.epoch and each.operation is not None]
    place = around.index(read)
    before = around[place - 1] if place else None
    after = around[place + 1] if place + 1 < len(around) else None
    if before is None or after is None or before.operation is not operation or not before.succeeded:
        return False
    if after.operation is None or after.operation.name != watch["operation"] or not case.sound(after):
        return False
    if not _ids(before) == _ids(read) == _ids(after):
        return False
    stage = field_of(after, watch["pointer"])
    return stage is not None and stage not in watch["ended"]


def _released(case: Case, operation: Operation, declaration: BehaviourDeclaration, read: Read) -> Iterator[Mark]:
    """Judge a start after the sibling said that the one before has ended, of starts in a row the last."""
    requirement = f"{operation.id}/{_what(declaration, 'released')}"
    watch = declaration.parameters.get("watch")
    earlier = [each for each in case.reads[: case.place(read)] if each.epoch == read.epoch and not is_same(each, read)]
    if not watch or not earlier or not is_settled(case, read) or not _says_ended(case, watch, earlier[-1], read):
        return
    if any(is_same(each, read) and each.succeeded for each in case.reads[case.place(earlier[-1]) : case.place(read)]):
        return
    error = _error(operation, declaration)
    later = case.reads[case.place(read) + 1 :]
    if read.succeeded:
        yield met(requirement, read.id, earlier[-1].id)
    elif code_of(case.api, read) not in accepted_codes(case.api, error) or case.blocker(read):
        yield blocked(requirement, read.id, reason=f"{read.status} does not say that it is excluded")
    elif not is_repeated(case, read):
        yield blocked(requirement, read.id, reason=_ONCE)
    elif not any(_says_ended(case, watch, each, read) for each in later[:1]):
        yield blocked(requirement, read.id, reason="nothing shows that nobody else had started meanwhile")
    else:
        expected = f"a success, since exchange {earlier[-1].id} showed the end"
        yield broken(requirement, read.id, earlier[-1].id, expected=expected, got=error.error, where="status")


def _says_ended(case: Case, watch: Mapping[str, JSON], look: Read, read: Read) -> bool:
    """Tell whether a look at the same thing shows that nothing goes on."""
    if look.operation is None or look.operation.name != watch["operation"] or not case.sound(look):
        return False
    return _ids(look) == _ids(read) and field_of(look, watch["pointer"]) in watch["ended"]


def _is_over(case: Case, operation: Operation, declaration: BehaviourDeclaration, read: Read) -> bool:
    """Tell whether the same start was refused as busy right after this one succeeded: what went on before had ended."""
    place = case.place(read) + 1
    after = case.reads[place] if place < len(case.reads) else None
    if after is None or after.operation is not operation or (after.epoch, _ids(after)) != (read.epoch, _ids(read)):
        return False
    error = _error(operation, declaration)
    statuses = {error.status, *_readings(case, operation, error)}
    return after.status in statuses and code_of(case.api, after) in accepted_codes(case.api, error)


def _ids(read: Read) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the path parameters of a request: what it is about."""
    return {key: values for key, values in read.arguments.items() if key[0] == "path"}


def _busy(case: Case, operation: Operation, declaration: BehaviourDeclaration, read: Read) -> Iterator[Mark | Seen]:
    error = _error(operation, declaration)
    status, code = (f"{operation.id}/{_what(declaration, aspect)}" for aspect in ("status", "code"))
    readings = _readings(case, operation, error)
    got = code_of(case.api, read)
    control = case.control(read)
    if read.status in BUSY:
        for each in (status, code):
            yield blocked(each, read.id, reason=f"the target was busy ({read.status})")
        return
    if case.is_locked_out(read):
        for each in (status, code):
            yield case.uncontrolled(each, read)
        return
    if read.succeeded and _is_over(case, operation, declaration, read):
        for each in (status, code):
            yield blocked(each, read.id, reason=f"{CHANGED} it was to be busy: the state ended before the start")
        return
    if read.status != error.status and not (read.status in readings and got in accepted_codes(case.api, error)):
        yield broken(status, read.id, expected=f"{error.status} {error.error}", got=str(read.status), where="status")
        yield blocked(code, read.id, blocker=status)
        return
    if control is None:
        for each in (status, code):
            yield case.uncontrolled(each, read)
        return
    if error.ambiguity:
        yield Seen(operation.id, error.ambiguity, str(read.status), read.id)
    if read.status == error.status:
        yield met(status, read.id, control.id)
    else:
        reading = (error.ambiguity, str(read.status))
        yield broken(
            status,
            read.id,
            expected=f"{error.status} {error.error}",
            got=str(read.status),
            where="status",
            reading=reading,
        )
        yield met(status, read.id, control.id)
    yield from _code(case, code, error, read, got)


def _code(case: Case, requirement: str, error: DocumentedError, read: Read, got: str | None) -> Iterator[Mark]:
    where = "$" + case.api.error_model.code.replace("/", ".")
    if case.blocker(read) or (got is None and case.flaws.get(read.id)):
        yield blocked(requirement, read.id, blocker=case.blocker(read) or case.flaws[read.id][0])
    elif got in accepted_codes(case.api, error):
        yield met(requirement, read.id)
    else:
        yield broken(requirement, read.id, expected=error.error, got=shown(got) if got else "none", where=where)


def _readings(case: Case, operation: Operation, error: DocumentedError) -> set[int]:
    entry = operation.ambiguities.get(error.ambiguity) or case.api.ambiguities.get(error.ambiguity)
    return {int(reading.name) for reading in entry.readings if reading.name.isdigit()} if entry else set()


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield a start that is never refused, always refused, refused with another type, and with another status."""
    yield Mutant("exclusive.never-busy", operation.id, f"{operation.id}/{_what(declaration, 'status')}")
    yield Mutant("exclusive.wrong-type", operation.id, f"{operation.id}/{_what(declaration, 'code')}")
    yield Mutant(
        "exclusive.wrong-status", operation.id, f"{operation.id}/{_what(declaration, 'status')}", {"status": 409}
    )
    yield Mutant("exclusive.always-busy", operation.id, f"{operation.id}/{STATUS}")
    if "watch" in declaration.parameters:
        yield Mutant("exclusive.never-released", operation.id, f"{operation.id}/{_what(declaration, 'released')}")


def variants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Variant]:
    """Yield the readings of the status with which a start is refused as busy."""
    error = _error(operation, declaration)
    entry = operation.ambiguities.get(error.ambiguity) or api.ambiguities.get(error.ambiguity)
    for reading in entry.readings if entry else ():
        if reading.name.isdigit() and int(reading.name) != error.status:
            line = Line("exclusive.wrong-status", operation.id, {"status": int(reading.name)})
            yield from following(api, operation, error.ambiguity, reading.name, line)
