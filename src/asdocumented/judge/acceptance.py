"""Judge whether valid requests are accepted, and find what a refusal is to be blamed on.

A valid request that is refused breaks the status requirement of its operation, unless successful ones show that a single
parameter or field makes the difference: then it breaks the requirement of that parameter or field.
"""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.behaviours.identity import acceptance_of
from asdocumented.contracts.model import JSON, Operation
from asdocumented.reads.case import Case
from asdocumented.reads.classify import Read, at
from asdocumented.reads.codes import BUSY, accepted_codes, code_of
from asdocumented.reads.faults import media_type, names_charset
from asdocumented.reads.marks import Mark, blocked, broken, met
from asdocumented.requirement import CHARSET, STATUS, accepted, accepted_type
from asdocumented.requirements import body_fields


def judge_acceptance(case: Case, operation: Operation) -> Iterator[Mark]:
    """Yield the marks on `response/status` for refusals, and on `request/...` for everything that was sent."""
    valid = [read for read in case.of(operation.name) if not read.causes and read.exchange.response is not None]
    successes = [read for read in valid if read.succeeded]
    features = {read.id: _features(case, operation, read) for read in valid}
    for read in successes:
        for name in features[read.id]:
            yield met(f"{operation.id}/{name}", read.id)
    for read in valid:
        if not read.succeeded:
            yield from _refused(case, operation, read, features, successes)


def _refused(
    case: Case, operation: Operation, read: Read, features: dict[int, dict[str, JSON]], successes: list[Read]
) -> Iterator[Mark]:
    status = f"{operation.id}/{STATUS}"
    identity = acceptance_of(case.api, operation, read.identity)
    if identity and read.status in (401, 403):  # whether this identity is refused rightly is said there
        yield blocked(status, read.id, blocker=identity)
        return
    excuse = _excuse(case, read)
    if excuse:
        yield blocked(status, read.id, reason=excuse)
        return
    if read.status < 400:  # an undocumented success: `answers` has the finding
        for name in features[read.id]:
            yield blocked(f"{operation.id}/{name}", read.id, blocker=status)
        return
    guilty = _blame(features[read.id], [features[each.id] for each in successes])
    expected = " or ".join(rule.key for rule in operation.successes)
    if guilty:
        requirement = f"{operation.id}/{guilty}"
        value = features[read.id].get(guilty)
        why = f"{read.status} with it, {successes[0].status} without or with another value"
        yield broken(requirement, read.id, successes[0].id, expected=expected, got=f"{why} ({value!r})", where="status")
        yield blocked(status, read.id, blocker=requirement)
    else:
        yield broken(
            status,
            read.id,
            expected=f"{expected}, since the request is valid and authorised",
            got=str(read.status),
            where="status",
        )
        for name in features[read.id]:
            yield blocked(f"{operation.id}/{name}", read.id, blocker=status)


def _excuse(case: Case, read: Read) -> str:
    """Return why a refusal of a valid request may be right all the same, or the empty string."""
    if read.status in BUSY:
        return f"the target was busy ({read.status})"
    if case.is_locked_out(read):
        return f"the credential of '{read.identity}' was never accepted in this run (401)"
    if read.status == 409:
        return "the target reports a conflict with its own state (409), which it alone can know"
    unconditional = [each for each in (read.rule.errors if read.rule else ()) if not each.when]
    if any(code_of(case.api, read) in accepted_codes(case.api, each) for each in unconditional):
        return f"{read.status} is documented for it, and nothing says when"
    if not read.certain and read.status >= 400:
        return "not everything that the request refers to is known to exist, or the state is not known"
    return ""


def _features(case: Case, operation: Operation, read: Read) -> dict[str, JSON]:
    """Return what a request sent, by the name of its acceptance requirement."""
    found: dict[str, JSON] = {}
    for parameter in operation.parameters:
        value = read.argument(parameter.location, parameter.name)
        if value is not None and not (parameter.location == "header" and value == ""):
            found[accepted(parameter.location, parameter.name)] = value
    if operation.body is not None and read.exchange.request.body:
        found[accepted("body", "")] = "a body"
        given = read.exchange.request.header("content-type") or ""
        if media_type(given) in operation.body.media_types[1:]:
            found[accepted_type(media_type(given))] = given
        if names_charset(given):
            found[CHARSET] = given
        for pointer, _ in body_fields(case.api, operation):
            value = at(read.body, pointer)
            if value is not None:
                found[accepted("body", pointer)] = value if isinstance(value, str | int | bool) else "present"
    return found


def _blame(refused: dict[str, JSON], successes: list[dict[str, JSON]]) -> str:
    """Return the one feature that tells a refused request from the successful ones, or the empty string."""
    if not successes:
        return ""
    only_here = [name for name in refused if all(name not in each for each in successes)]
    if len(only_here) == 1:
        return only_here[0]
    if only_here and all(name.startswith("request/body") for name in only_here):
        return accepted("body", "")
    nearest = min(
        ({name for name in {*refused, *each} if refused.get(name) != each.get(name)} for each in successes), key=len
    )
    if len(nearest) == 1:
        return next(iter(nearest))
    if nearest and all(name.startswith("request/body") for name in nearest):
        return accepted("body", "")
    return ""
