"""Judge each answer by itself: transport, status, media type, JSON text, headers, body, in that order.

What an earlier stage finds blocks the later ones on the same answer, so that one fault gives one finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from asdocumented.contracts.model import JSON, Api, Operation, Response
from asdocumented.families import is_documented_error
from asdocumented.judge.bodies import BodyWalk
from asdocumented.reads.case import shown
from asdocumented.reads.classify import Read
from asdocumented.reads.codes import BUSY, IN_FRONT, accepted_codes, code_of, is_in_front
from asdocumented.reads.faults import media_type, names_charset
from asdocumented.reads.marks import Mark, Observation, Outcome, Seen, blocked, broken, met
from asdocumented.reads.validating import coerce, validators
from asdocumented.requirement import (
    LISTED_STATUS,
    NO_SERVER_ERROR,
    NO_STACK_TRACE,
    RECEIVED,
    STATUS,
    Requirement,
    Stage,
    header,
    response,
)
from asdocumented.requirements import framework_rule

Said = Mark | Seen | Observation

_TRACE = re.compile(
    rb"Traceback \(most recent call last\)|^\s*at [\w.$<>]+\([\w]+\.(?:java|kt|cs|js|ts|go):\d+\)"
    rb"|\bat [\w.$]+\([\w]+\.java:\d+\)|\bat [\w.]+\.[\w<>]+\(.*\) in .*:line \d+"
    rb"|File \"[^\"]+\", line \d+, in |goroutine \d+ \[running\]",
    re.MULTILINE,
)


def judge_answer(api: Api, read: Read, requirements: Mapping[str, Requirement]) -> Iterator[Said]:
    """Yield what one answer shows by itself. Whether a refused valid request is at fault is left to `acceptance`."""
    operation = read.operation
    if operation is None:
        return
    answer = read.exchange.response
    if answer is None:
        yield from _no_answer(operation, read, requirements)
        return
    yield met(f"{operation.id}/{RECEIVED}", read.id)
    if read.oddities and 300 <= answer.status < 500:
        # No page speaks of such a request, and what stands before the operation may refuse it in its own words.
        yield from _robustness(api, operation, read)
        return
    status = list(_status(api, operation, read))
    yield from status
    finding = next((each for each in status if isinstance(each, Mark) and each.outcome is Outcome.FINDING), None)
    if finding is not None:
        yield from _blocked_successes(operation, read, finding.requirement, requirements)
    else:
        yield from _content(api, operation, read, requirements)
    yield from _robustness(api, operation, read)


def _no_answer(operation: Operation, read: Read, requirements: Mapping[str, Requirement]) -> Iterator[Said]:
    requirement = f"{operation.id}/{RECEIVED}"
    if read.exchange.environmental:
        for each in _left_open(operation, read, requirements):
            yield blocked(each, read.id, reason=f"environment: {read.exchange.failure}")
    else:
        yield broken(requirement, read.id, expected="a complete response", got=read.exchange.failure, where="transport")


def _left_open(operation: Operation, read: Read, requirements: Mapping[str, Requirement]) -> Iterator[str]:
    """Yield what an answer that the environment kept away would have shown."""
    received = f"{operation.id}/{RECEIVED}"
    due = [STATUS, "request/", *(f"response/{rule.key}/" for rule in operation.successes)]
    kinds = [f"{prefix}{cause}" for cause in read.causes for prefix in ("", "error/")] or due
    prefixes = tuple(f"{operation.id}/{kind}" for kind in kinds)
    yield received
    yield from (each for each in requirements if each.startswith(prefixes) and each != received)


def _status(api: Api, operation: Operation, read: Read) -> Iterator[Said]:
    valid, listed = f"{operation.id}/{STATUS}", f"{operation.id}/{LISTED_STATUS}"
    if read.succeeded:
        yield met(listed, read.id)
        if not read.causes:
            yield met(valid, read.id)
            yield from _status_readings(operation, read)
    elif not read.causes and read.status < 400:
        expected = " or ".join(rule.key for rule in operation.successes)
        yield broken(valid, read.id, expected=expected, got=str(read.status), where="status")
    elif not read.key and (read.status in BUSY or _is_due(operation, read) or _may_be_framework(read)):
        return  # the requirement of the documented error that was due says what is wrong with it; a busy target says nothing
    elif not read.key:
        expected = f"one of {', '.join(operation.responses)}"
        yield broken(listed, read.id, expected=expected, got=str(read.status), where="status")
    else:
        yield met(listed, read.id)


def _is_due(operation: Operation, read: Read) -> bool:
    """Tell whether the page names an error for a cause of this request."""
    return any(
        cause in each.when for rule in operation.responses.values() for each in rule.errors for cause in read.causes
    )


def _may_be_framework(read: Read) -> bool:
    """Tell whether what is in front of the operation may have refused the request with a 4xx of its own.

    A charset that is refused is the finding of the requirement on charsets, and no status that the page lacks.
    """
    if not 400 <= read.status < 500:
        return False
    refused = any(cause.startswith("refusal/") for cause in read.causes)
    return refused or names_charset(read.exchange.request.header("content-type"))


def _status_readings(operation: Operation, read: Read) -> Iterator[Seen]:
    for entry in operation.ambiguities.values():
        if entry.seen_in == "response/status" and str(read.status) in {each.name for each in entry.readings}:
            yield Seen(operation.id, entry.id, str(read.status), read.id)


def _blocked_successes(
    operation: Operation, read: Read, blocker: str, requirements: Mapping[str, Requirement]
) -> Iterator[Mark]:
    prefixes = tuple(f"{operation.id}/response/{rule.key}/" for rule in operation.successes)
    for requirement in requirements.values():
        if requirement.stage >= Stage.MEDIA_TYPE and requirement.id.startswith(prefixes):
            yield blocked(requirement.id, read.id, blocker=blocker)


def _rule(api: Api, read: Read) -> Response | None:
    return framework_rule(api) if read.key == "framework" else read.rule


def _content(api: Api, operation: Operation, read: Read, requirements: Mapping[str, Requirement]) -> Iterator[Said]:
    rule, answer = _rule(api, read), read.exchange.response
    if rule is None or answer is None:
        return
    if is_in_front(read):
        prefix = f"{operation.id}/{response(rule.key, '')}"
        yield from (blocked(each, read.id, reason=IN_FRONT) for each in requirements if each.startswith(prefix))
        return
    yield from _headers(api, operation, read, rule)
    if not rule.media_types:
        return
    what_type, what_json = (f"{operation.id}/{response(rule.key, each)}" for each in ("media-type", "json"))
    blocker = ""
    if not answer.body:
        yield broken(what_json, read.id, expected="a JSON text", got="an empty body", where="body")
        blocker = what_json
    else:
        wrong = _media_type_fault(answer.header("content-type"), rule)
        if wrong:
            yield broken(
                what_type, read.id, expected=" or ".join(rule.media_types), got=wrong, where="header content-type"
            )
            blocker = what_type
        else:
            yield met(what_type, read.id)
            problems = read.parsed.problems if read.parsed else ()
            for problem in problems:
                yield broken(what_json, read.id, expected="one JSON text (RFC 8259)", got=problem, where="body")
            blocker = what_json if problems else ""
            if not problems:
                yield met(what_json, read.id)
    if blocker:
        yield from _blocked_body(operation, rule, read, blocker, requirements)
    else:
        strict = f"{operation.id}/{response(rule.key, 'unknown-fields')}" in requirements
        yield from _body(api, operation, rule, read, strict=strict)


def _media_type_fault(value: str | None, rule: Response) -> str:
    """Return what is wrong with a Content-Type for this rule, or the empty string."""
    if value is None:
        return "no Content-Type"
    if media_type(value) not in rule.media_types:
        return value or "an empty Content-Type"
    charset = re.search(r";\s*charset\s*=\s*\"?([^\";\s]+)", value, re.IGNORECASE)
    if charset and charset.group(1).lower() not in ("utf-8", "utf8"):
        return f"{value}: JSON is UTF-8 (RFC 8259 section 8.1)"
    return ""


def _blocked_body(
    operation: Operation, rule: Response, read: Read, blocker: str, requirements: Mapping[str, Requirement]
) -> Iterator[Mark]:
    stage = requirements[blocker].stage if blocker in requirements else Stage.PARSE
    prefix = f"{operation.id}/response/{rule.key}/"
    for requirement in requirements.values():
        if requirement.id.startswith(prefix) and requirement.stage > stage and "/header/" not in requirement.id:
            yield blocked(requirement.id, read.id, blocker=blocker)


def _body(api: Api, operation: Operation, rule: Response, read: Read, *, strict: bool) -> Iterator[Said]:
    said: list[Said] = list(BodyWalk(api, operation, rule, read.id, strict).judge(read.value))
    open_to = [each for each in rule.alternatives if read.status in each.statuses]
    alternative = next((each for each in open_to if validators(api).valid(each.schema, read.value)), None)
    if alternative is not None:
        reading = (alternative.ambiguity, alternative.reading)
        yield Seen(operation.id, *reading, read.id)
        said = [each for one in said for each in _under_reading(one, reading)]
    elif open_to and not any(isinstance(each, Mark) and each.outcome is Outcome.FINDING for each in said):
        for entry in {each.ambiguity for each in open_to}:
            yield from _documented_reading(operation, api, entry, read)
    yield from said
    if rule.errors:
        yield from _code(api, operation, rule, read, said)


def _under_reading(said: Said, reading: tuple[str, str]) -> Iterator[Said]:
    """Tie findings to a reading: in a profile that accepts it, what they speak of is met or not observed."""
    if isinstance(said, Mark) and said.outcome is not Outcome.MET:
        yield replace(said, reading=reading)
        if said.outcome is Outcome.FINDING:
            yield met(said.requirement, *said.exchanges)
    else:
        yield said


def _documented_reading(operation: Operation, api: Api, identifier: str, read: Read) -> Iterator[Seen]:
    entry = operation.ambiguities.get(identifier) or api.ambiguities.get(identifier)
    own = next((each.name for each in entry.readings if each.evidence == "documented"), None) if entry else None
    if own:
        yield Seen(operation.id, identifier, own, read.id)


def _code(api: Api, operation: Operation, rule: Response, read: Read, said: Sequence[Said]) -> Iterator[Mark]:
    requirement = f"{operation.id}/{response(rule.key, 'code')}"
    code = code_of(api, read)
    flaw = next((each.requirement for each in said if isinstance(each, Mark) and each.outcome is Outcome.FINDING), "")
    if code is None:
        yield blocked(requirement, read.id, reason="" if flaw else "the body names no error", blocker=flaw)
    elif any(code in accepted_codes(api, each) for each in rule.errors):
        yield met(requirement, read.id)
    elif not _is_other_error(operation, rule, read):
        expected = " or ".join(dict.fromkeys(each.error for each in rule.errors))
        yield broken(
            requirement, read.id, expected=expected, got=code, where="$" + api.error_model.code.replace("/", ".")
        )


def _is_other_error(operation: Operation, rule: Response, read: Read) -> bool:
    """Tell whether an error is one of the others that the page allows: that of a fault which no named error is for."""
    named = {cause for each in rule.errors for cause in each.when}
    faults = [each for each in read.causes if each.startswith("refusal/")]
    return "other" in operation.responses and bool(faults) and not named.intersection(read.causes)


def _headers(api: Api, operation: Operation, read: Read, rule: Response) -> Iterator[Mark]:
    answer = read.exchange.response
    for declared in rule.headers:
        values = answer.values(declared.name) if answer else ()
        value = values[0] if values else None
        presence, form = (f"{operation.id}/{header(rule.key, declared.name, each)}" for each in ("presence", "value"))
        where = f"header {declared.name}"
        if value is None:
            if declared.required:
                yield broken(presence, read.id, expected="the header", got="none", where=where)
        elif len(values) > 1 and declared.schema.get("type") != "array":  # RFC 9110 section 5.3
            yield broken(form, read.id, expected="one value", got=f"{len(values)} of them", where=where)
        elif validators(api).valid(declared.schema, coerce(declared.schema, value)):
            yield met(form, read.id)
            if declared.required:
                yield met(presence, read.id)
        else:
            yield broken(form, read.id, expected=str(dict(declared.schema)), got=shown(value), where=where)


def _robustness(api: Api, operation: Operation, read: Read) -> Iterator[Mark]:
    answer = read.exchange.response
    if answer is None:
        return
    trace = _TRACE.search(answer.body) or next(filter(None, map(_TRACE.search, _texts(read.value))), None)
    requirement = f"{operation.id}/{NO_STACK_TRACE}"
    if trace:
        got = trace.group().decode("utf-8", errors="replace").strip()
        yield broken(requirement, read.id, expected="no stack trace", got=shown(got), where="body")
    else:
        yield met(requirement, read.id)
    if _client_fault(read) and answer.status not in BUSY:
        requirement = f"{operation.id}/{NO_SERVER_ERROR}"
        if answer.status < 500 or is_documented_error(read):
            yield met(requirement, read.id)
        else:
            yield broken(
                requirement,
                read.id,
                expected="no server error for a client's fault",
                got=str(answer.status),
                where="status",
            )


def _texts(value: JSON) -> Iterator[bytes]:
    """Yield every string of a parsed body, in which line breaks are no longer escaped."""
    if isinstance(value, str):
        yield value.encode("utf-8", errors="replace")
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _client_fault(read: Read) -> bool:
    """Tell whether the request itself is at fault; a state that the target is in is no fault of the client."""
    return any(cause.startswith(("refusal/", "identity/")) or cause.endswith("-missing") for cause in read.causes)
