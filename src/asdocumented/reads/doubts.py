"""Tell whether the pages of a walk fit together: where they do not, another client may have changed the list meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from asdocumented.contracts.model import JSON
from asdocumented.plans import Pages
from asdocumented.reads.classify import at
from asdocumented.reads.conditions import body_of
from asdocumented.traces import Exchange

_OK = 200


def shown(walk: Sequence[Exchange], pages: Pages) -> list[tuple[list[str], JSON]]:
    """Return what each page shows: the ids of its items, in lower case, and its count."""
    bodies = [body_of(each) for each in walk]
    return [(_ids(body, pages), at(body, pages.count) if pages.count else None) for body in bodies]


def is_doubtful(walk: Sequence[Exchange], pages: Pages, known: Collection[str]) -> bool:
    """Tell whether a walk repeats an item, misses one that is `known`, or counts other than what it shows."""
    if not pages.items or any(each.response is None or each.response.status != _OK for each in walk):
        return False
    seen = shown(walk, pages)
    ids = [each for page, _ in seen for each in page]
    miscounted = any(isinstance(count, int) and count not in (len(page), len(ids)) for page, count in seen)
    return miscounted or len(ids) != len(set(ids)) or not set(known) <= set(ids)


def _ids(body: JSON, pages: Pages) -> list[str]:
    items = at(body, pages.items)
    return [str(at(item, pages.id)).casefold() for item in items] if isinstance(items, list) else []
