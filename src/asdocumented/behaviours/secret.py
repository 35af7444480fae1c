"""`secret`: a secret of the request never comes back, in no header and no body, then or later.

The run sends a canary; recording replaces it with a marker wherever it stands, so an echo is still seen in a recorded run.
"""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.behaviours.vocabulary import semantic
from asdocumented.contracts.model import Api, BehaviourDeclaration, Operation
from asdocumented.mutant import Mutant
from asdocumented.planning.context import Context
from asdocumented.plans import VALID, Scenario, UnplannableError
from asdocumented.reads.case import Case
from asdocumented.reads.classify import Read
from asdocumented.reads.marks import Mark, broken, met
from asdocumented.requirement import Requirement, safe


def _what(declaration: BehaviourDeclaration) -> str:
    return "secret/" + "/".join(safe(part) for part in declaration.parameters["field"].strip("/").split("/"))


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield the requirement that the field is never echoed."""
    field = declaration.parameters["field"]
    yield semantic(operation, declaration, _what(declaration), f"The request's {field} never comes back from the API.")


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield a call with the secret that succeeds, and one that is refused, since errors leak most often."""
    serves = (f"{operation.id}/{_what(declaration)}",)
    missing = [each for each in operation.parameters if each.location == "path" and each.resource]
    if missing:
        call = context.valid(operation, body=context.bodies.draw(operation, full=True))
        refused = call.with_argument("path", missing[-1].name, context.fresh(missing[-1].resource))
        purpose = "a request with a secret for something that does not exist"
        step = context.step(refused, purpose, shows=f"{missing[-1].resource}-missing")
        name = f"{operation.name}/secret-refused"
        yield Scenario(name, operation.api, (step,), state=operation.state, serves=serves)
    try:
        call = context.valid(operation, body=context.bodies.draw(operation, full=True))
    except UnplannableError:
        return
    step = context.step(call, "a valid request with a secret", again=True, shows=VALID)
    yield Scenario(f"{operation.name}/secret", operation.api, (step,), state=operation.state, serves=serves)


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark]:
    """Look for the marker in the answers to requests that had it, and in every later answer of the API."""
    requirement = f"{operation.id}/{_what(declaration)}"
    marker = f"«secret:{declaration.parameters['field']}»"
    sent_before = False
    for read in case.reads:
        sends = marker.encode() in read.exchange.request.body
        sent_before = sent_before or (sends and read.operation is operation)
        where = _leak(read, marker) if sent_before else ""
        if where:
            yield broken(
                requirement,
                read.id,
                expected="the secret nowhere in the answer",
                got=f"the secret in {where}",
                where=where,
            )
        elif sends and read.exchange.response is not None:
            yield met(requirement, read.id)


def _leak(read: Read, marker: str) -> str:
    answer = read.exchange.response
    if answer is None:
        return ""
    for name, value in answer.headers:
        if marker in value:
            return f"header {name}"
    return "body" if marker.encode() in answer.body else ""


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield a mutant for each place in which a secret can come back, in each form."""
    for where in ("header", "body", "error"):
        for form in ({}, {"coding": "percent"}, {"coding": "base64"}):
            arguments = {"where": where, **form}
            yield Mutant("secret.echoed", operation.id, f"{operation.id}/{_what(declaration)}", arguments)
