"""The broken emulators of status and of errors' names: each has its neighbours, and what is missing is treated as there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from asdocumented.contracts.model import Api, DocumentedError, Operation
from asdocumented.mutant import Kind, Mutant
from asdocumented.mutants.answers import Answer, answers
from asdocumented.requirement import LISTED_STATUS, STATUS, error, response
from asdocumented.requirements import claimed_states, missable

_SUCCESSES = (200, 201, 202, 203, 204, 206)
_FAILURES = (400, 422, 500)  # what a valid request is never answered with
_MISSING = 404
_NEIGHBOURS: Mapping[int, tuple[int, ...]] = {
    400: (404, 422, 500),
    401: (403, 400),
    403: (401, 404),
    404: (400, 410, 500),
    409: (412, 400),
    410: (404, 400),
    412: (409, 428),
    500: (502, 400),
    503: (500, 400),
}
_REDIRECT = 302
_UNKNOWN = "AsdocumentedUnknown"


def status_mutants(api: Api, operation: Operation) -> Iterator[Mutant]:
    """Yield every neighbour of every documented status, a wrong name of every error, and nothing ever missing."""
    yield from _successes(api, operation)
    refused = {"status": _FAILURES[0]}
    yield Mutant("service.failing", operation.id, f"{operation.id}/{STATUS}", refused, kind=Kind.STATUS)
    to_nowhere = {"status": _REDIRECT, "on": "error"}
    listed = f"{operation.id}/{LISTED_STATUS}"
    yield Mutant("response.status", operation.id, listed, to_nowhere, kind=Kind.STATUS)
    for rule in operation.responses.values():
        for each in rule.errors:
            yield from _causes(operation, each)
    for answer in answers(api, operation):
        yield from _codes(answer)
    for pool in missable(operation):
        yield from _never_missing(operation, pool)


def _successes(api: Api, operation: Operation) -> Iterator[Mutant]:
    failures = (*_FAILURES, _MISSING) if _needs_no_write(api, operation) else _FAILURES
    for answer in answers(api, operation):
        for status in chain(_SUCCESSES, failures) if not answer.rule.is_error else ():
            if str(status) not in {each.key for each in operation.successes}:
                arguments = {"from": int(answer.rule.key), "status": status}
                breaks = f"{operation.id}/{STATUS}"
                yield Mutant("response.status", operation.id, breaks, arguments, answer.also, Kind.STATUS)


def _needs_no_write(api: Api, operation: Operation) -> bool:
    """Tell whether all that a request names is there without a write, which may show late: then a 404 is wrong for certain."""
    named = (api.resources[each.resource] for each in operation.parameters if each.location == "path" and each.resource)
    return all(each.values for each in named)


def _causes(operation: Operation, documented: DocumentedError) -> Iterator[Mutant]:
    for cause in documented.when:
        if cause in claimed_states(operation):
            continue  # behaviours have the mutants
        for status in _NEIGHBOURS.get(documented.status, (documented.status + 1, 500)):
            breaks = f"{operation.id}/{error(cause, 'status')}"
            arguments = {"cause": cause, "status": status}
            yield Mutant("error.status", operation.id, breaks, arguments, kind=Kind.STATUS)
        breaks = f"{operation.id}/{error(cause, 'code')}"
        yield Mutant("error.code", operation.id, breaks, {"cause": cause, "code": _UNKNOWN}, kind=Kind.STATUS)


def _codes(answer: Answer) -> Iterator[Mutant]:
    """Yield another name of each error that a page names for a status."""
    causes = ["injected"] if answer.also else [cause for each in answer.rule.errors for cause in each.when]
    for cause in causes if answer.rule.errors else ():
        what = response(answer.rule.key, "code")
        breaks, arguments = f"{answer.operation.id}/{what}", {"cause": cause, "code": _UNKNOWN}
        yield Mutant("error.code", answer.operation.id, breaks, arguments, answer.also, Kind.STATUS)


def _never_missing(operation: Operation, pool: str) -> Iterator[Mutant]:
    cause = f"{pool}-missing"
    documented = any(cause in each.when for rule in operation.responses.values() for each in rule.errors)
    breaks = f"{operation.id}/{error(cause, 'status' if documented else 'refused')}"
    yield Mutant("resource.never-missing", operation.id, breaks, {"resource": pool}, kind=Kind.STATUS)
