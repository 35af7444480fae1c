"""The emulator's switches: each turns on one deviation or one legal variant. A mutant is a line of data that names one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from asdocumented.contracts.model import Operation
from asdocumented.errors import UsageError, suggest

SWITCHES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "response.drop": ("a field of successes is left out", ("pointer",)),
    "response.set": ("a field of successes has another value", ("pointer", "value")),
    "response.status": ("successes have another status", ("status",)),
    "response.header": ("answers have a header with this value, or have it no more", ("name", "value")),
    "response.media-type": ("successes with a body have another media type", ("value",)),
    "response.body": ("successes have this text as their body", ("text",)),
    "response.empty": ("successes have no body", ()),
    "error.flat": ("errors are flat: code and message without what is around them", ()),
    "error.empty-object": ("the body of errors is {}", ()),
    "error.html": ("the body of errors is a page of HTML", ()),
    "error.text": ("the body of errors is plain text", ()),
    "error.empty": ("errors have no body", ()),
    "error.other-api": ("errors have the body of another API", ("api",)),
    "error.status": ("the errors of one cause have another status", ("cause", "status")),
    "error.code": ("the errors of one cause have another code", ("cause", "code")),
    "error.stack-trace": ("the message of errors is a stack trace", ()),
    "request.refuse": ("requests with this parameter or field of the body are refused", ("parameter",)),
    "resource.never-missing": ("what does not exist is treated as if it did", ("resource",)),
    "page.size": ("a page holds so many items (legal)", ("size",)),
    "page.last-empty": ("the last page has an empty continuation (legal)", ()),
    "page.count-all": ("count counts the items of all pages (legal)", ()),
    "page.item-lost": ("an item between two pages is on neither", ()),
    "page.item-repeated": ("the last item of a page is the first of the next", ()),
    "page.token-ignored": ("every continuation leads to the first page", ()),
    "page.token-on-last": ("the last page names a continuation, to a page without items", ()),
    "page.count-wrong": ("count is one too many", ()),
    "filter.ignored": ("a filter selects everything", ("parameter",)),
    "filter.combination-ignored": ("of several filters only the first selects", ()),
    "filter.item-lost": ("a filtered list lacks its first item", ("parameter",)),
    "filter.ancestors": ("a filter selects what is at ancestors too (legal)", ()),
    "read-after-write.not-persisted": ("a write is answered, and forgotten", ()),
    "echo.wrong": ("a field of the answer has another value than the request", ("pointer",)),
    "upsert.ignored": ("a second write to the same id changes nothing", ()),
    "upsert.conflict": ("a second write to the same id is a conflict (legal)", ()),
    "exclusive.never-busy": ("a start is never refused", ()),
    "exclusive.wrong-type": ("the refusal of a second start has another type", ()),
    "exclusive.wrong-status": ("the refusal of a second start has another status", ("status",)),
    "secret.echoed": ("secrets of a request come back: in a header, the body or an error", ("where",)),
    "identity.accepted": ("an identity that must be refused may do everything", ("identity",)),
    "identity.refused": ("an identity is refused with this status", ("identity", "status")),
    "empty-body.filled": ("an empty body is this text instead", ("text",)),
    "case-insensitive.sensitive": ("names are compared letter by letter", ()),
}


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch that is on, for the operations whose id matches the glob."""

    name: str
    operation: str = "*"
    arguments: Mapping[str, Any] = field(default_factory=dict)


def make_switch(name: str, operation: str = "*", arguments: Mapping[str, Any] | None = None) -> Switch:
    """Return a switch; raises UsageError for an unknown name, or for arguments that are unknown or missing."""
    if name not in SWITCHES:
        raise UsageError("unknown-switch", f"No switch is named {name!r}.", remedy=suggest(name, SWITCHES))
    wanted = set(SWITCHES[name][1])
    given = set(arguments or {})
    if given != wanted:
        listed = ", ".join(sorted(wanted)) or "none"
        raise UsageError(
            "switch-arguments",
            f"The switch {name!r} has the arguments {', '.join(sorted(given)) or 'none'}.",
            remedy=f"It takes: {listed}.",
        )
    return Switch(name, operation, dict(arguments or {}))


@dataclass(slots=True)
class Switchboard:
    """The switches that are on in one emulator."""

    on: list[Switch] = field(default_factory=list)

    def get(self, name: str, operation: Operation | None) -> Switch | None:
        """Return the switch of that name for an operation, or None when it is off."""
        return next(iter(self.all(name, operation)), None)

    def all(self, name: str, operation: Operation | None) -> list[Switch]:
        """Return every switch of that name that is on for an operation."""
        if not self.on:
            return []
        identifier = operation.id if operation is not None else ""
        return [each for each in self.on if each.name == name and fnmatchcase(identifier, each.operation)]
