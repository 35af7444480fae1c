"""Derive how requests with a fault are answered: documented errors, refusals, and what must never come."""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.contracts.grounds import Basis, Evidence, Level
from asdocumented.contracts.model import Api, Operation
from asdocumented.requirement import (
    NO_SERVER_ERROR,
    NO_STACK_TRACE,
    Requirement,
    Stage,
    error,
    make,
)

_RFC = {
    "missing": "RFC 9110 15.5.5",
    "server-error": "RFC 9110 15.6",
    "stack-trace": "OWASP API8:2023",
}


def claimed_states(operation: Operation) -> set[str]:
    """Return the causes of errors that behaviours judge: states of `exclusive`, and who may call."""
    states = {each.parameters["while"] for each in operation.behaviour("exclusive")}
    return states | {"unauthenticated", "permission-missing"}


def error_requirements(api: Api, operation: Operation) -> Iterator[Requirement]:
    """Yield the documented answer to each cause, and a refusal for each missing resource that no documented error covers."""
    covered: set[str] = set()
    for rule in operation.responses.values():
        for each in rule.errors:
            for cause in each.when:
                covered.add(cause)
                if cause not in claimed_states(operation):
                    yield make(
                        operation,
                        error(cause, "status"),
                        f"'{cause}' is answered with {each.status}.",
                        family="error",
                        stage=Stage.SEMANTICS,
                        basis=each.basis,
                        opens=rule.key,
                    )
                    yield make(
                        operation,
                        error(cause, "code"),
                        f"'{cause}' is the error {each.error}.",
                        family="error",
                        stage=Stage.SEMANTICS,
                        basis=each.basis,
                    )
    basis = Basis(Evidence.CONVENTION, (), "", _RFC["missing"])
    for pool in missable(operation):
        if f"{pool}-missing" not in covered:
            text = f"A request for a {pool} that does not exist is refused with a 4xx."
            yield make(
                operation,
                error(f"{pool}-missing", "refused"),
                text,
                family="error",
                stage=Stage.SEMANTICS,
                basis=basis,
                level=Level.SHOULD,
            )


def missable(operation: Operation) -> tuple[str, ...]:
    """Return the pools of path parameters whose absence a request can show (a PUT creates, a DELETE may be idempotent)."""
    if operation.method in ("PUT", "DELETE"):
        return ()
    return tuple(each.resource for each in operation.parameters if each.location == "path" and each.resource)


def robustness_requirements(operation: Operation) -> Iterator[Requirement]:
    """Yield what no request may bring about."""
    text = "No request is answered with a server error that the page does not document."
    basis = Basis(Evidence.CONVENTION, (), "", _RFC["server-error"])
    yield make(operation, NO_SERVER_ERROR, text, family="convention", stage=Stage.SEMANTICS, basis=basis)
    basis = Basis(Evidence.CONVENTION, (), "", _RFC["stack-trace"])
    yield make(
        operation,
        NO_STACK_TRACE,
        "No answer shows a stack trace.",
        family="convention",
        stage=Stage.SEMANTICS,
        basis=basis,
    )
