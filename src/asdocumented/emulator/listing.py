"""Filters and pages of a list, run from the contract's `filter` and `page` behaviours over all that a handler lists.

A continuation is opaque and unforgeable: it names a position and is bound to the operation and to the filters of the list
that it continues. No state is kept for it.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from asdocumented.contracts.model import JSON, Api, BehaviourDeclaration, Operation
from asdocumented.emulator import pointers
from asdocumented.emulator.messages import Headers, RequestRefusedError
from asdocumented.emulator.switches import Active, argument, is_sensitive, names

Query: TypeAlias = Mapping[str, tuple[str, ...]]

DEFAULT_SIZE = 50
_AGAIN = "again-"
_MAC = 12  # bytes; enough that nobody guesses one, short enough for a header


@dataclass(frozen=True, slots=True)
class Filter:
    """One query parameter that selects items by a field."""

    parameter: str
    field: str
    ignores_case: bool  # the field is compared without case where the write's echo is (UUIDs)
    has_ancestors: bool

    def fits(self, item: JSON, wanted: str, active: Active) -> bool:
        """Tell whether an item is selected; by a switch those at a scope above the wanted one are too."""
        value = pointers.get(item, self.field)
        if not isinstance(value, str):
            return False
        if names(active, "filter.prefix", "parameter", self.parameter) and value.startswith(wanted):
            return True
        ancestors = "filter.ancestors" in active
        if self.ignores_case and not is_sensitive(active, self.parameter):
            return value.casefold() == wanted.casefold()
        return value == wanted or (ancestors and self.has_ancestors and wanted.startswith(f"{value}/"))


@dataclass(frozen=True, slots=True)
class Pages:
    """How the pages of a list are linked: header names in lower case, and the pointer of the count, if there is one."""

    request: str
    response: str
    count: str


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a list that one page shows, and where the next one starts (None: it is the last)."""

    start: int
    end: int
    following: int | None
    comes_again: bool = False  # by a switch, the next page is this one


@dataclass(frozen=True, slots=True)
class Listing:
    """How one operation lists; `items` is empty for one that does not."""

    operation: str
    key: bytes
    items: str
    filters: tuple[Filter, ...]
    pages: Pages | None

    @classmethod
    def of(cls, api: Api, operation: Operation, key: bytes) -> Listing:
        """Return the listing that the operation's behaviours declare."""
        declared = [*operation.behaviour("page"), *operation.behaviour("filter")]
        items = declared[0].parameters["items"] if declared else ""
        filters = tuple(_filter(api, each) for each in operation.behaviour("filter"))
        return cls(operation.id, key, items, filters, next(map(_pages, operation.behaviour("page")), None))

    def apply(self, body: JSON, query: Query, token: str, active: Active) -> tuple[JSON, Headers]:
        """Return the body with the items that the query selects, of one page, and the headers that link it.

        `body` is the handler's, with every item. Raises RequestRefusedError for a continuation that was not issued for this list.
        """
        items = self._selected(pointers.get(body, self.items, []), query, active)
        if "page.backwards" in active:
            items = items[::-1]
        if self.pages is None:
            pointers.put(body, self.items, items)
            return body, ()
        start = self._position(token.removeprefix(_AGAIN), query, self.pages.request) if token else 0
        start = 0 if "page.token-ignored" in active else min(start, len(items))
        repeats = "page.repeated" in active
        window = _window(start, len(items), active, is_again=repeats and token.startswith(_AGAIN))
        shown = items[window.start : window.end]
        pointers.put(body, self.items, _lost(shown, window, active))
        self._count(body, len(pointers.get(body, self.items)), len(items), active)
        return body, self._link(self.pages.response, window, query, active)

    def _selected(self, items: list[JSON], query: Query, active: Active) -> list[JSON]:
        asked = [each for each in self.filters if each.parameter in query]
        if "filter.combination-ignored" in active and len(asked) > 1:
            ignored = argument(active, "filter.combination-ignored", "parameter")
            asked = [each for each in asked if each.parameter != ignored] if ignored else asked[:1]
        if "filter.any" in active and asked:
            return [item for item in items if any(each.fits(item, query[each.parameter][0], active) for each in asked)]
        for each in asked:
            items = list(_select(each, items, query[each.parameter][0], active))
        return items

    def _count(self, body: JSON, on_page: int, in_all: int, active: Active) -> None:
        if self.pages is not None and self.pages.count:
            count = in_all if "page.count-all" in active else on_page
            off = argument(active, "page.count-wrong", "by") or 1 if "page.count-wrong" in active else 0
            pointers.put(body, self.pages.count, count + off)

    def _link(self, header: str, window: Window, query: Query, active: Active) -> Headers:
        following = window.following
        if following is None and "page.token-on-last" in active:
            following = window.end
        if following is None and "page.endless" in active and window.start:
            following = 0
        if following is not None:
            again = _AGAIN if window.comes_again else ""
            return ((header, f"{again}{self._token(following, query)}"),)
        return ((header, ""),) if "page.last-empty" in active else ()

    def _token(self, position: int, query: Query) -> str:
        raw = position.to_bytes(4, "big")
        return base64.urlsafe_b64encode(raw + self._mac(raw, query)).decode()

    def _mac(self, raw: bytes, query: Query) -> bytes:
        bound_to = f"{self.operation}?{sorted(query.items())}".encode()
        return hmac.digest(self.key, raw + bound_to, "sha256")[:_MAC]

    def _position(self, token: str, query: Query, header: str) -> int:
        try:
            raw = base64.b64decode(token, altchars=b"-_", validate=True)
        except ValueError:
            raw = b""
        if not hmac.compare_digest(raw[4:], self._mac(raw[:4], query)):
            message = f"The header {header!r} is no continuation of this list."
            raise RequestRefusedError("invalid-parameter", f"parameter/header/{header}/unknown", message)
        return int.from_bytes(raw[:4], "big")


def _filter(api: Api, declaration: BehaviourDeclaration) -> Filter:
    parameters = declaration.parameters
    write = api.operations[parameters["write"]]
    ignoring = {pointer for echo in write.behaviour("echo") for pointer in echo.parameters.get("ignore-case", ())}
    return Filter(
        parameters["parameter"], parameters["field"], parameters["field"] in ignoring, "ancestors" in parameters
    )


def _pages(declaration: BehaviourDeclaration) -> Pages:
    parameters = declaration.parameters
    request, response = (parameters[key].removeprefix("header ").lower() for key in ("request", "response"))
    return Pages(request, response, parameters.get("count", ""))


def _select(by: Filter, items: list[JSON], wanted: str, active: Active) -> Iterator[JSON]:
    if names(active, "filter.ignored", "parameter", by.parameter):
        yield from items
        return
    negated = names(active, "filter.negated", "parameter", by.parameter)
    fitting = [item for item in items if by.fits(item, wanted, active) != negated]
    if names(active, "filter.empty", "parameter", by.parameter):
        fitting = []
    if names(active, "filter.item-lost", "parameter", by.parameter):
        fitting = fitting[:-1]
    yield from fitting


def _window(start: int, total: int, active: Active, *, is_again: bool) -> Window:
    size = argument(active, "page.size", "size") or DEFAULT_SIZE
    end = min(start + size, total)
    following = end if end < total else None
    if "page.repeated" in active and following is not None and not is_again:
        return Window(start, end, start, comes_again=True)
    if start and "page.item-repeated" in active:
        start -= 1
    return Window(start, end, following)


def _lost(shown: list[JSON], window: Window, active: Active) -> list[JSON]:
    """Return the items of a page, without one where a switch loses it: on the first of several pages or, `end`, on the last."""
    is_first, is_last = window.start == 0 and window.following is not None, window.start and window.following is None
    place = argument(active, "page.item-lost", "at")
    if "page.item-lost" not in active or not (is_last if place == "end" else is_first):
        return shown
    lost = {"start": 0, "middle": len(shown) // 2}.get(place, len(shown) - 1)
    return [item for number, item in enumerate(shown) if number != lost]
