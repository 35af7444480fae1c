"""The error matrix: how requests with a reason for refusal were answered, beside what the page or a standard says.

Pure: it is made from the exchanges as the judge understands them, and says nothing that the judge does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.grounds import Evidence
from asdocumented.contracts.model import JSON, Api, Operation, Response
from asdocumented.reads.classify import Read
from asdocumented.reads.codes import code_of
from asdocumented.reads.validating import validators
from asdocumented.requirement import Requirement
from asdocumented.requirements import framework_rule

__all__ = ["Answer", "answers"]

_IDENTITY, _PERMISSION, _REFUSAL = "identity/", "permission-missing", "refusal/"
_UNAUTHENTICATED = "unauthenticated"


@dataclass(frozen=True, slots=True)
class Answer:
    """One row: the same answer to the same causes of one operation. `status` is 0 where no response came.

    `expected` has what each cause calls for, and `evidence` what that rests on. `breaks` are the requirements that these
    exchanges broke.
    """

    operation: str
    causes: tuple[str, ...]
    expected: str
    evidence: str
    status: int
    code: str
    body: str
    exchanges: tuple[int, ...]
    breaks: tuple[str, ...]


def answers(
    reads: Iterable[Read], broken: Mapping[int, Iterable[str]], requirements: Mapping[str, Requirement]
) -> list[Answer]:
    """Return the matrix in the order of operations and causes; `broken` are the broken requirements by exchange."""
    grouped: dict[tuple[str, tuple[str, ...], int, str, str], list[Read]] = defaultdict(list)
    for read in reads:
        operation = _addressed(read)
        if read.causes and operation is not None:
            grouped[operation.id, read.causes, read.status, code_of(read.api, read) or "", _form(read)].append(read)
    return [
        _answer(key, found, broken, requirements) for key, found in sorted(grouped.items(), key=lambda each: each[0])
    ]


def _answer(
    key: tuple[str, tuple[str, ...], int, str, str],
    reads: list[Read],
    broken: Mapping[int, Iterable[str]],
    requirements: Mapping[str, Requirement],
) -> Answer:
    operation, causes, status, code, body = key
    due = [_due(reads[0], cause, requirements.get(f"{operation}/{cause}")) for cause in causes]
    return Answer(
        operation,
        causes,
        " or ".join(dict.fromkeys(expected for expected, _ in due)),
        " or ".join(dict.fromkeys(str(evidence) for _, evidence in due)),
        status,
        code,
        body,
        tuple(read.id for read in reads),
        tuple(sorted({each for read in reads for each in broken.get(read.id, ())})),
    )


def _addressed(read: Read) -> Operation | None:
    """Return the operation; for a method that no operation has, the first on the same path."""
    return read.operation or (read.others[0] if read.others else None)


def _due(read: Read, cause: str, own: Requirement | None) -> tuple[str, Evidence]:
    """Return what a cause calls for, and what that rests on; `own` is the requirement that is named after the cause."""
    operation = _addressed(read)
    identity = read.api.identities.get(read.identity)
    named = {_UNAUTHENTICATED, cause} if cause.startswith(_IDENTITY) else {cause}
    for rule in operation.responses.values() if operation else ():
        for error in rule.errors:
            if named & set(error.when):
                return f"{error.status} {error.error}", error.basis.evidence
    if cause.startswith(_IDENTITY) and identity is not None and identity.refused is not None:
        return str(identity.refused), identity.basis.evidence
    if cause == _PERMISSION:
        return "403", Evidence.CONVENTION
    if own is not None and not cause.startswith(_REFUSAL):
        return own.text.rstrip("."), own.basis.evidence
    return ("a 4xx" if cause.startswith(_REFUSAL) or "/" not in cause else "no server error"), Evidence.CONVENTION


def _form(read: Read) -> str:
    """Return the form of an answer's body in words, the documented one first."""
    answer = read.exchange.response
    if answer is None:
        return "no answer"
    if not answer.body:
        return "empty"
    if read.parsed is None or not read.parsed.usable:
        return "not JSON"
    return next(_forms(read), "other JSON")


def _forms(read: Read) -> Iterator[str]:
    """Yield what the body fits: a reading of the register, the definition of its status, the API's error anyway."""
    check = validators(read.api)
    for rule, prefix in _rules(read):
        for each in rule.alternatives:
            if read.status in each.statuses and check.valid(each.schema, read.value):
                yield f"{each.reading} ({each.ambiguity})"
        if rule.schema is not None and _fits(read.api, rule.schema, read.value):
            yield f"{prefix}{rule.definition or rule.key}"
    if _fits(read.api, {"$ref": f"{read.api.error_model.definition}.json"}, read.value):
        yield read.api.error_model.definition


def _fits(api: Api, schema: Mapping[str, JSON], value: JSON) -> bool:
    """Tell whether a body has the form of a schema: it is valid, and an object has some field that the definition has."""
    name = referenced(schema)
    fields = (api.definitions[name] if name else schema).get("properties", {})
    known = not fields or (isinstance(value, dict) and bool(set(fields) & set(value)))
    return known and validators(api).valid(schema, value)


def _rules(read: Read) -> Iterator[tuple[Response, str]]:
    framework = framework_rule(read.api)
    if read.rule is not None:
        yield read.rule, ""
    elif framework is not None and read.key == framework.key:
        yield framework, "framework: "
