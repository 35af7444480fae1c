"""`identity`: who may call. Callers without a valid credential, permission, role or scope are refused; the others are not.

A refusal counts only with a control: the operation succeeds for somebody in the same run, else a target that refuses
everybody would pass. A kind of identity that the page calls not supported may be refused or not: either is a reading of
the register and never a finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.behaviours.vocabulary import following
from asdocumented.contracts.access import is_asked_for, is_unsupported, lacking
from asdocumented.contracts.grounds import Basis, Level
from asdocumented.contracts.model import Api, BehaviourDeclaration, DocumentedError, Operation
from asdocumented.contracts.service import Identity
from asdocumented.mutant import Line, Mutant, Variant
from asdocumented.planning.context import Context
from asdocumented.plans import Scenario
from asdocumented.reads.case import Case, shown
from asdocumented.reads.classify import Read
from asdocumented.reads.codes import accepted_codes, code_of
from asdocumented.reads.marks import Mark, Observation, Seen, blocked, broken, met
from asdocumented.requirement import CHALLENGE, Requirement, Stage, make

USUAL = "admin"
"""The identity of every request that is not about identities; `response/status` says that it is accepted."""


def refused(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Identity]:
    """Yield the identities that may not call the operation."""
    for identity in api.identities.values():
        if identity.name in declaration.parameters.get("except", ()):
            continue
        if identity.refused is not None or lacking(operation, identity) is not None:
            yield identity


def accepted(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Identity]:
    """Yield the identities that have what the page states of roles and scopes, other than the usual caller."""
    for identity in api.identities.values():
        if identity.name not in (USUAL, *declaration.parameters.get("except", ())) and is_asked_for(
            operation, identity
        ):
            yield identity


def unsupported(api: Api, operation: Operation) -> Iterator[Identity]:
    """Yield the identities of the kinds that the page calls not supported, with all else that a caller must have."""
    for identity in api.identities.values():
        if identity.refused is None and lacking(operation, identity) is None and is_unsupported(operation, identity):
            yield identity


def _documented(operation: Operation, identity: Identity) -> DocumentedError | None:
    cause = "unauthenticated" if identity.refused is not None else "permission-missing"
    errors = (each for rule in operation.responses.values() for each in rule.errors)
    return next((each for each in errors if cause in each.when), None)


def _status(operation: Operation, identity: Identity) -> int:
    documented = _documented(operation, identity)
    return documented.status if documented else identity.refused or 403


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield, for each such identity, that it is refused, with which status and with which documented error."""
    for identity in refused(api, operation, declaration):
        documented = _documented(operation, identity)
        basis = documented.basis if documented else _basis(operation, identity)
        who = f"identity/{identity.name}"
        opens = str(documented.status) if documented else ""
        yield _make(
            operation, f"{who}/refused", f"The identity '{identity.name}' is refused.", basis, identity.level, opens
        )
        status = _status(operation, identity)
        level = Level.MUST if documented else Level.SHOULD
        status_basis = documented.basis if documented else _convention(identity)
        yield _make(
            operation, f"{who}/status", f"The refusal of '{identity.name}' is {status}.", status_basis, level, opens
        )
        if documented is not None:
            text = f"The refusal of '{identity.name}' is the error {documented.error}."
            yield _make(operation, f"{who}/code", text, documented.basis, Level.MUST)
    for identity in accepted(api, operation, declaration):
        text = f"The identity '{identity.name}' is accepted: {_has(operation, identity)}."
        yield _make(operation, _accepted(identity.name), text, _stated(operation), identity.level)


def acceptance_of(api: Api, operation: Operation, name: str) -> str:
    """Return the requirement that an identity is accepted, or the empty string where there is none."""
    for declaration in operation.behaviour("identity"):
        if any(each.name == name for each in accepted(api, operation, declaration)):
            return f"{operation.id}/{_accepted(name)}"
    return ""


def _accepted(identity: str) -> str:
    return f"identity/{identity}/accepted"


def _has(operation: Operation, identity: Identity) -> str:
    """Say what an identity has of what the page asks."""
    roles, scopes = ([each for each in have if each in wanted] for have, wanted in _asked(operation, identity))
    return " and ".join(
        [
            *(f"it has the role {each}" for each in roles[:1]),
            *(f"its token has the scope {each}" for each in scopes[:1]),
        ]
    )


def _asked(operation: Operation, identity: Identity) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    access = operation.access
    return (identity.roles, access.roles), (identity.scopes, access.scopes)


def _stated(operation: Operation) -> Basis:
    """Return where the page states the roles and the scopes that are enough."""
    access = operation.access
    bases = [*([access.roles_basis] if access.roles else []), *([access.scopes_basis] if access.scopes else [])]
    lines = tuple(each for basis in bases for each in basis.lines)
    place = "; ".join(dict.fromkeys(basis.place for basis in bases if basis.place))
    return Basis(bases[0].evidence, lines, place, bases[0].reference)


def _basis(operation: Operation, identity: Identity) -> Basis:
    return (
        identity.basis if identity.refused is not None else lacking(operation, identity) or operation.permission_basis
    )


def _convention(identity: Identity) -> Basis:
    return (
        identity.basis
        if identity.refused is not None
        else Basis(evidence=identity.basis.evidence, reference="RFC 9110 15.5.4")
    )


def _make(operation: Operation, what: str, text: str, basis: Basis, level: Level, opens: str = "") -> Requirement:
    return make(operation, what, text, family="identity", stage=Stage.SEMANTICS, basis=basis, level=level, opens=opens)


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield the valid call by each such identity, and once by one that may."""
    mine = list(requirements(context.api, operation, declaration))
    for identity in refused(context.api, operation, declaration):
        call = context.valid(operation, identity=identity.name)
        step = context.step(call, f"a valid request by '{identity.name}'")
        serves = tuple(each.id for each in mine if f"/identity/{identity.name}/" in each.id)
        if identity.refused == 401:
            serves = (*serves, f"{operation.id}/{CHALLENGE}")
        yield Scenario(
            f"{operation.name}/identity-{identity.name}", operation.api, (step,), state=operation.state, serves=serves
        )
    for identity in accepted(context.api, operation, declaration):
        serves = (f"{operation.id}/{_accepted(identity.name)}",)
        yield _allowed(context, operation, identity, serves)
    for identity in unsupported(context.api, operation):
        yield _allowed(context, operation, identity, (f"{operation.id}/ambiguity/{operation.access.ambiguity}",))


def _allowed(context: Context, operation: Operation, identity: Identity, serves: tuple[str, ...]) -> Scenario:
    call = context.valid(operation, identity=identity.name)
    step = context.step(call, f"a valid request by '{identity.name}'")
    name = f"{operation.name}/identity-{identity.name}"
    return Scenario(name, operation.api, (step,), state=operation.state, serves=serves)


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark | Seen | Observation]:
    """Look at every request whose only fault is its identity, and at those of identities that have what is asked for."""
    for identity in refused(case.api, operation, declaration):
        cause = f"identity/{identity.name}" if identity.refused is not None else "permission-missing"
        for read in case.of(operation.name):
            if (
                read.identity == identity.name
                and read.causes == (cause,)
                and not read.oddities
                and read.exchange.response is not None
            ):
                yield from _judge_one(case, operation, identity, read)
    for identity in accepted(case.api, operation, declaration):
        for read in case.of(operation.name):
            if read.identity == identity.name and read.is_plain and read.exchange.response is not None:
                yield _judge_accepted(case, operation, identity, read)
    yield from _judge_kinds(case, operation)


def _judge_accepted(case: Case, operation: Operation, identity: Identity, read: Read) -> Mark:
    requirement = f"{operation.id}/{_accepted(identity.name)}"
    control = case.control(read)
    if read.succeeded:
        return met(requirement, read.id)
    if case.blocker(read) or read.status not in (401, 403):
        return blocked(requirement, read.id, reason=f"{read.status} says nothing about the identity")
    if control is None or (read.status == 401 and not _known(case, read)):
        return case.uncontrolled(requirement, read)
    expected = f"success, since {_has(operation, identity)}"
    return broken(requirement, read.id, control.id, expected=expected, got=str(read.status), where="status")


def _known(case: Case, read: Read) -> bool:
    """Tell whether the credential was accepted anywhere: a 401 to one that never was may be right."""
    return case.accepts(read.identity)


def _judge_kinds(case: Case, operation: Operation) -> Iterator[Seen | Observation]:
    """Tell which reading a target follows on the kinds of identity that the page calls not supported."""
    found: dict[str, dict[bool, int]] = {}
    for identity in unsupported(case.api, operation):
        for read in case.of(operation.name):
            told = read.succeeded or (read.status in (401, 403) and case.control(read) is not None)
            alone = read.causes == (f"identity/{identity.name}",) and not read.oddities
            if read.identity == identity.name and alone and told:
                found.setdefault(identity.kind, {}).setdefault(read.succeeded, read.id)
    ways = {way for each in found.values() for way in each}
    exchange = max((number for each in found.values() for number in each.values()), default=0)
    if len(ways) > 1 and all(len(each) == 1 for each in found.values()):
        takes = ", ".join(f"{kind} is {'accepted' if True in each else 'refused'}" for kind, each in found.items())
        yield Observation(operation.id, f"{takes}: neither reading of {operation.access.ambiguity}", exchange)
        return
    for way in sorted(ways):
        yield Seen(operation.id, operation.access.ambiguity, "all-three" if way else "users-alone", exchange)


def _judge_one(case: Case, operation: Operation, identity: Identity, read: Read) -> Iterator[Mark]:
    base = f"{operation.id}/identity/{identity.name}"
    documented = _documented(operation, identity)
    aspects = ["refused", "status", *(["code"] if documented else [])]
    status = _status(operation, identity)
    control = case.control(read)
    if 200 <= read.status < 300:
        yield broken(
            f"{base}/refused",
            read.id,
            expected=f"{status}, since '{identity.name}' may not call",
            got=f"{read.status}",
            where="status",
        )
        for aspect in aspects[1:]:
            yield blocked(f"{base}/{aspect}", read.id, blocker=f"{base}/refused")
    elif not 400 <= read.status < 500 or read.status == 429:
        for aspect in aspects:
            yield blocked(f"{base}/{aspect}", read.id, reason=f"{read.status} is no refusal of an identity")
    elif control is None:
        for aspect in aspects:
            yield case.uncontrolled(f"{base}/{aspect}", read)
    else:
        yield met(f"{base}/refused", read.id, control.id)
        yield from _form(case, base, documented, read, status, control)


def _form(
    case: Case, base: str, documented: DocumentedError | None, read: Read, status: int, control: Read
) -> Iterator[Mark]:
    if read.status == status:
        yield met(f"{base}/status", read.id, control.id)
    else:
        yield broken(f"{base}/status", read.id, expected=str(status), got=str(read.status), where="status")
    if documented is None:
        return
    got = code_of(case.api, read)
    if got in accepted_codes(case.api, documented):
        yield met(f"{base}/code", read.id, control.id)
    elif case.blocker(read) or (got is None and case.flaws.get(read.id)):
        yield blocked(f"{base}/code", read.id, blocker=case.blocker(read) or case.flaws[read.id][0])
    else:
        where = "$" + case.api.error_model.code.replace("/", ".")
        yield broken(f"{base}/code", read.id, expected=documented.error, got=shown(got) if got else "none", where=where)


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield the mutants that let such an identity in, refuse it with another status or error, or refuse one that may call."""
    for identity in accepted(api, operation, declaration):
        arguments = {"identity": identity.name, "status": 403}
        yield Mutant("identity.refused", operation.id, f"{operation.id}/{_accepted(identity.name)}", arguments)
    for identity in refused(api, operation, declaration):
        base = f"{operation.id}/identity/{identity.name}"
        yield Mutant("identity.accepted", operation.id, f"{base}/refused", {"identity": identity.name})
        other = 403 if _status(operation, identity) == 401 else 401
        yield Mutant("identity.refused", operation.id, f"{base}/status", {"identity": identity.name, "status": other})
        if _documented(operation, identity) is not None:
            cause = "unauthenticated" if identity.refused is not None else "permission-missing"
            code = "invalid_argument" if api.error_model.prefix else "SomethingElse"
            yield Mutant("error.code", operation.id, f"{base}/code", {"cause": cause, "code": code})


def variants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Variant]:
    """Yield the reading in which every kind of identity is supported, and one kind alone that is."""
    entry = operation.access.ambiguity
    yield from following(api, operation, entry, "all-three", Line("identity.any-kind", operation.id))
    for identity in unsupported(api, operation):
        line = Line("identity.accepted", operation.id, {"identity": identity.name})
        because = f"a kind that is called not supported may be accepted (register entry {entry})"
        yield Variant(f"supported/{identity.name}", operation.id, (line,), because)
