"""Compare what was sent with what a plan said: the planned requests, and beyond them named follow-ups alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from asdocumented.traces import Exchange

_MARKER = re.compile(r"«(?:token|basic):([a-z0-9-]+)»")


class Sent(NamedTuple):
    """One request as it went out, or as it was planned."""

    api: str
    method: str
    target: str
    identity: str


def recorded(exchanges: Iterable[Exchange]) -> Counter[Sent]:
    """Return what was sent to the APIs, by the markers that stand for credentials in a record."""
    return Counter(
        Sent(each.api, each.request.method, each.request.target, _identity(each.request.headers)) for each in exchanges
    )


def _identity(headers: Iterable[tuple[str, str]]) -> str:
    found = [match[1] for _, value in headers for match in [_MARKER.search(value)] if match]
    return found[0] if found else "anonymous"


def planned(plan: Mapping[str, Any]) -> Counter[Sent]:
    """Return the requests of a plan, those of its preflight included."""
    counts: Counter[Sent] = Counter()
    for row in (*plan["preflight"], *plan["requests"]):
        counts[_of(row)] += row["count"]
    return counts


def conditional(plan: Mapping[str, Any]) -> Counter[Sent]:
    """Return the planned requests that are sent only on a condition that the plan names."""
    return Counter({_of(row): row["count"] for row in plan["requests"] if row["condition"]})


def _of(row: Mapping[str, Any]) -> Sent:
    return Sent(row["api"], row["method"], row["target"], row["identity"])


def unnamed(plan: Mapping[str, Any], beyond: Counter[Sent]) -> Counter[Sent]:
    """Return those requests beyond a plan that it does not name as what may follow, as often as it names them."""
    room: Counter[Sent] = Counter()
    for row in plan["requests"]:
        for follow in row["followUps"]:
            room[_of(row)] += follow["atMost"] - sum(one["atMost"] for one in follow["requests"])
            for one in follow["requests"]:
                room[Sent(row["api"], one["method"], one["target"], one["identity"])] += one["atMost"]
    left = beyond - room
    return Counter({sent: count for sent, count in left.items() if not any(_is(sent, each) for each in plan["beside"])})


def _is(sent: Sent, beside: Mapping[str, Any]) -> bool:
    """Tell whether a request is one of an operation that may be sent beside the plan."""
    return (sent.api, sent.identity) == (beside["api"], beside["identity"]) and fits(sent.method, sent.target, beside)


def fits(method: str, target: str, beside: Mapping[str, Any]) -> bool:
    """Tell whether a method and a path are those of an operation that may be sent beside the plan."""
    path = re.sub(r"\\{[^}]*\\}", "[^/?]+", re.escape(beside["path"]))
    return method == beside["method"] and bool(re.fullmatch(path + r"(\?.*)?", target))
