"""Judge whether valid requests are accepted, and find what a refusal is to be blamed on.

A valid request that is refused breaks the status requirement of its operation, unless successful ones show that a single
parameter or field makes the difference: then it breaks the requirement of that parameter or field.
"""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.behaviours.identity import acceptance_of
from asdocumented.contracts.model import JSON, Operation
from asdocumented.judge.blame import blamed, suspected, told_of
from asdocumented.reads.case import Case
from asdocumented.reads.classify import Read, at
from asdocumented.reads.codes import BUSY, accepted_codes, code_of
from asdocumented.reads.faults import media_type, names_charset
from asdocumented.reads.marks import Mark, blocked, broken, met
from asdocumented.requirement import CHARSET, STATUS, accepted, accepted_type
from asdocumented.requirements import body_fields

_GONE = (404, 410)  # what says that something written does not show; `read-after-write` judges that
_OF_THE_REQUEST = (400, 422)  # statuses of a fault of the request, whose answer may name it


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
    others = [features[each.id] for each in successes]
    suspects = suspected(features[read.id], others)
    guilty = blamed(suspects, told_of(read) if read.status in _OF_THE_REQUEST else frozenset(), compared=bool(others))
    expected = " or ".join(rule.key for rule in operation.successes)
    if guilty:
        requirement = f"{operation.id}/{guilty}"
        value = features[read.id].get(guilty)
        why = f"{successes[0].status} without or with another value" if successes else "and the answer names it"
        got = f"{read.status} with it, {why} ({value!r})"
        yield broken(
            requirement, read.id, *(each.id for each in successes[:1]), expected=expected, got=got, where="status"
        )
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
    if not read.certain and read.status >= 400 and not (read.awaits and read.status not in _GONE):
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
