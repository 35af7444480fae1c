"""`identity`: who may call. Callers without a valid credential, or without the permission, are refused.

A refusal counts only with a control: the operation succeeds for somebody in the same run, else a target that refuses
everybody would pass.
"""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.behaviours.vocabulary import Mutant
from asdocumented.contracts.model import Api, Basis, BehaviourDeclaration, DocumentedError, Identity, Level, Operation
from asdocumented.planning.context import Context
from asdocumented.plans import Scenario
from asdocumented.reads.case import Case, shown
from asdocumented.reads.classify import Read
from asdocumented.reads.codes import accepted_codes, code_of
from asdocumented.reads.marks import Mark, blocked, broken, met
from asdocumented.requirement import Requirement, Stage, make


def refused(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Identity]:
    """Yield the identities that may not call the operation."""
    for identity in api.identities.values():
        if identity.name in declaration.parameters.get("except", ()):
            continue
        lacks = operation.permission != "none" and operation.permission not in identity.permissions
        if identity.refused is not None or lacks:
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


def _basis(operation: Operation, identity: Identity) -> Basis:
    return identity.basis if identity.refused is not None else operation.permission_basis


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
        yield Scenario(
            f"{operation.name}/identity-{identity.name}", operation.api, (step,), state=operation.state, serves=serves
        )


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark]:
    """Look at every request whose only fault is its identity."""
    for identity in refused(case.api, operation, declaration):
        cause = f"identity/{identity.name}" if identity.refused is not None else "permission-missing"
        for read in case.of(operation.name):
            if read.identity == identity.name and read.causes == (cause,) and read.exchange.response is not None:
                yield from _judge_one(case, operation, identity, read)


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
    """Yield, for each such identity, the mutants that let it in, refuse it with another status, and name another error."""
    for identity in refused(api, operation, declaration):
        base = f"{operation.id}/identity/{identity.name}"
        yield Mutant("identity.accepted", operation.id, f"{base}/refused", {"identity": identity.name})
        other = 403 if _status(operation, identity) == 401 else 401
        yield Mutant("identity.refused", operation.id, f"{base}/status", {"identity": identity.name, "status": other})
        if _documented(operation, identity) is not None:
            cause = "unauthenticated" if identity.refused is not None else "permission-missing"
            code = "invalid_argument" if api.error_model.prefix else "SomethingElse"
            yield Mutant("error.code", operation.id, f"{base}/code", {"cause": cause, "code": code})
