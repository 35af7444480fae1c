"""Errors in other words: another code where no source lists codes, another message, and another status among those allowed."""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.contracts.model import Api, Operation
from asdocumented.mutant import Line, Variant

_MESSAGES = {
    "japanese": "\u8981\u6c42\u3092\u51e6\u7406\u3067\u304d\u307e\u305b\u3093\u3002",
    "hebrew": "\u05d4\u05d1\u05e7\u05e9\u05d4 \u05e0\u05d3\u05d7\u05ea\u05d4 \u200f(\u05e9\u05d2\u05d9\u05d0\u05d4 7)",
    "empty": "",
    "long": 'It cannot be done. \U0001f6ab <b>"quoted"</b> \\ {0} %s\n' * 200,
}
_OTHER_CODE = "CodeOfNoPage"
_STATUSES = {
    "unread-body": ("invalid-body", 422),
    "unread-parameter": ("invalid-parameter", 422),
    "missing-for-malformed": ("invalid-parameter", 404),
    "unknown-version": ("invalid-api-version", 404),
    "media-type": ("unsupported-media-type", 400),
}


def refusal_variants(api: Api, operation: Operation) -> Iterator[Variant]:
    """Yield errors with other messages, other codes, other statuses, and every cause with one code."""
    for name, text in _MESSAGES.items():
        line = Line("error.message", operation.id, {"text": text})
        yield Variant(f"message/{name}", operation.id, (line,), "no source says which words a message has")
    yield from _codes(api, operation)


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
