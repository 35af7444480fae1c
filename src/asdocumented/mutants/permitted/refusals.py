"""Errors in other words: another code where no source lists codes, another message, and another status among those allowed."""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.contracts.model import Api, Operation
from asdocumented.families.parameters import UNDECLARED
from asdocumented.mutant import Line, Variant

_MESSAGES = {
    "japanese": "\u8981\u6c42\u3092\u51e6\u7406\u3067\u304d\u307e\u305b\u3093\u3002",
    "hebrew": "\u05d4\u05d1\u05e7\u05e9\u05d4 \u05e0\u05d3\u05d7\u05ea\u05d4 \u200f(\u05e9\u05d2\u05d9\u05d0\u05d4 7)",
    "empty": "",
    "long": 'It cannot be done. \U0001f6ab <b>"quoted"</b> \\ {0} %s\n' * 200,
}
_OTHER_CODE = "CodeOfNoPage"
_STATUSES = (
    ("invalid-body", 422),
    ("unsupported-media-type", 400),
    ("invalid-parameter", 404),
    ("invalid-parameter", 422),
    ("invalid-api-version", 404),
)
"""Other statuses with which servers refuse what is wrong with a request: any 4xx is allowed where no page names one."""


def refusal_variants(api: Api, operation: Operation) -> Iterator[Variant]:
    """Yield errors with other messages, other codes, other statuses, and every cause with one code."""
    for name, text in _MESSAGES.items():
        line = Line("error.message", operation.id, {"text": text})
        yield Variant(f"message/{name}", operation.id, (line,), "no source says which words a message has")
    yield from _codes(api, operation)
    yield from _statuses(api, operation)
    line = Line("request.refuse", operation.id, {"parameter": UNDECLARED[0]})
    yield Variant("undeclared-parameter-refused", operation.id, (line,), "no page speaks of what it does not list")


def _codes(api: Api, operation: Operation) -> Iterator[Variant]:
    """Yield another code for each cause for which no source names one."""
    if any(rule.errors for rule in operation.responses.values()) and "other" not in operation.responses:
        return  # every error is listed
    causes = [cause for cause in api.error_model.codes if cause not in _named(operation)]
    lines = tuple(
        Line("error.code", operation.id, {"cause": each, "code": f"{_OTHER_CODE}{number}"})
        for number, each in enumerate(causes)
    )
    if lines:
        yield Variant("other-codes", operation.id, lines, "no source lists the codes")


def _named(operation: Operation) -> set[str]:
    """Return the causes for which the contract names an error."""
    return {cause for rule in operation.responses.values() for each in rule.errors for cause in each.when}


def _statuses(api: Api, operation: Operation) -> Iterator[Variant]:
    """Yield another status for each fault that a request of the operation can have."""
    for cause, status in _STATUSES:
        usual = int(api.error_model.codes.get(cause, {}).get("status", 0))
        open_to = cause not in _named(operation) and status != usual and _is_allowed(api, operation, status)
        if open_to and _can_have(operation, cause):
            line = Line("error.status", operation.id, {"cause": cause, "status": status})
            because = "no source says with which 4xx it is refused"
            yield Variant(f"status/{cause}/{status}", operation.id, (line,), because)


def _can_have(operation: Operation, cause: str) -> bool:
    if cause in ("invalid-body", "unsupported-media-type"):
        return operation.body is not None
    if cause == "invalid-api-version":
        return operation.parameter("query", "api-version") is not None
    return any("format" in each.schema for each in operation.parameters)


def _is_allowed(api: Api, operation: Operation, status: int) -> bool:
    """Tell whether a page, what it says of other statuses, or the API's framework has a status."""
    statuses = {each.status for each in api.framework}
    return "other" in operation.responses or str(status) in operation.responses or status in statuses
