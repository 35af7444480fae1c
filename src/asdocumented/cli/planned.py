"""Print a plan for a terminal, as wide as it is."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.text import Text

from asdocumented.console import PipeConsole
from asdocumented.contracts.model import Tier
from asdocumented.planning.needing import Need, Touched
from asdocumented.planning.showing import Left, Planned, Shown
from asdocumented.report.escaping import LONGEST, shortened, visible

__all__ = ["print_plan"]

_LONGEST = 200  # characters of an id; --format json has all of them
_LEAST = 40  # characters of a line, however narrow the terminal is
_MOST = 8  # lines of one kind; --format json has all of them
_NEAR = 12  # characters that are given up for a whole step of a path
_FEW = 3  # operations from which on they are only counted
Line = tuple[int, Text]


def print_plan(shown: Shown, *, target: str, allow: str, profile: str, own_ids: bool = False) -> None:
    """Print a plan to stdout; `own_ids` says that a run makes its new ids up anew."""
    console = PipeConsole(file=sys.stdout, markup=False, emoji=False, highlight=False)
    for indent, text in _lines(shown, target, allow, profile, console.width, own_ids=own_ids):
        for line in text.wrap(console, max(console.width - indent, _LEAST)) or [text]:
            line.rstrip()
            console.print(Text(" " * indent if line else "").append_text(line), soft_wrap=True)


def _lines(shown: Shown, target: str, allow: str, profile: str, width: int, *, own_ids: bool) -> Iterator[Line]:
    yield 0, Text(f"Plan for {shortened(target)}, up to the tier {allow}, in the profile {profile}", "bold")
    yield 2, Text(_count(shown))
    yield 2, Text(_time(shown))
    yield 2, Text("Nothing was sent. Follow-ups depend on answers and are named below as such.", "dim")
    if own_ids:
        yield 2, Text("New ids are made up anew in each run, so that a run has others than those shown here.", "dim")
    if shown.preflight:
        yield from _heading(f"preflight: {_requests(shown.preflight)} before all others, never judged")
        yield from _operations(shown.preflight, width)
    for tier, rows in groupby(shown.requests, key=lambda each: each.tier):
        own = list(rows)
        yield from _heading(f"{tier}: {_requests(own)}")
        yield from _operations(own, width)
    yield from _beside(shown)
    yield from _touched(shown.touched, width)
    yield from _irreversible(shown)
    yield from _needs(shown.needs)
    yield from _left(shown.left, width)


def _heading(text: str) -> Iterator[Line]:
    yield 0, Text()
    yield 0, Text(text, "bold cyan")


def _requests(rows: Iterable[Planned]) -> str:
    return _some(sum(each.count for each in rows), "request")


def _some(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _count(shown: Shown) -> str:
    by_tier = Counter[Tier]()
    for each in shown.requests:
        by_tier[each.tier] += each.count
    parts = ", ".join(f"{count:,} {tier}" for tier, count in by_tier.items())
    return f"{_some(shown.count, 'request')} ({parts or 'none'}); follow-ups add at most {shown.most:,}"


def _time(shown: Shown) -> str:
    pace = shown.outlook.pace
    rate = f", {pace.rate:g} a second" if pace.rate else ""
    waiting = f"; follow-ups wait {_minutes(shown.waiting)} more at most" if shown.waiting else ""
    assumed = f"{pace.concurrency} at a time{rate}, {shown.outlook.seconds:g} s for each assumed"
    return f"about {_minutes(shown.seconds)} ({assumed}){waiting}"


def _minutes(seconds: float) -> str:
    return f"{max(seconds, 1):.0f} s" if seconds < 90 else f"{seconds / 60:.1f} minutes"


def _operations(rows: Iterable[Planned], width: int) -> Iterator[Line]:
    for (api, operation), own in groupby(rows, key=lambda each: (each.api, each.operation)):
        yield 2, Text(f"{api}/{operation}", "bold")
        for row in own:
            yield 4, _request(row, width - 4)
            yield 8, Text(f"as {row.identity}: ", "green").append(_why(row), "dim")
            if row.condition:
                yield 8, Text(f"↳ {row.condition}", "yellow")
            for text in dict.fromkeys(each.text for each in row.follows):
                yield 8, Text(f"↳ {text}", "yellow")


def _request(row: Planned, width: int) -> Text:
    """Return a request in one line."""
    before = f"{row.count}× {row.method} " if row.count > 1 else f"{row.method} "
    after = "  (no proper HTTP)" if row.intrusive else ""
    target = _fitting(row.target, max(width - len(before) - len(after), _LEAST))
    return Text(f"{before}{target}").append(after, "yellow")


def _fitting(target: str, width: int) -> str:
    """Return a target in so many characters: where it is longer its end, since others begin with the same steps."""
    shown = visible(target)
    if len(shown) <= width:
        return shown
    more = f" ({len(target):,} characters)" if len(target) > LONGEST else ""
    end = shown[len(more) + 1 - width :]
    return f"…{end[max(end.find('/', 0, _NEAR), 0) :]}{more}"


def _packed(words: Iterable[str], width: int) -> Iterator[Text]:
    """Yield lines of words with commas in between, none of which is broken where a line has room for it."""
    line = ""
    for word in words:
        if line and len(f"{line}, {word}") >= width:
            yield Text(f"{line},", "dim")
            line = word
        else:
            line = f"{line}, {word}" if line else word
    if line:
        yield Text(line, "dim")


def _why(row: Planned) -> str:
    """Return the purposes, with the states that they need."""
    state = f" (in the state {', '.join(row.states)})" if row.states else ""
    first, *others = row.purposes
    more = f"; and {_some(len(others), 'further purpose')}" if len(others) > 1 else ""
    return shortened("; ".join([first, *(() if more else others)])) + more + state


def _beside(shown: Shown) -> Iterator[Line]:
    if shown.around:
        yield from _heading("beside these, as it turns out")
    for each in shown.around:
        yield (
            2,
            Text(f"{each.method} {each.path}").append(f"  as {each.identity}", "green").append(f": {each.why}", "dim"),
        )


def _touched(touched: tuple[Touched, ...], width: int) -> Iterator[Line]:
    if touched:
        yield from _heading("resources")
    created = Counter((each.api, each.pool) for each in touched if each.created)
    for (api, pool), count in created.items():
        yield 2, Text(f"may create {count} × {pool} of {api}, under ids made up for the run")
    for each in touched:
        if each.changed and not each.created:
            yield (
                2,
                Text(f"may change {each.pool} {shortened(each.id, _LONGEST)} of {each.api}: {', '.join(each.changed)}"),
            )
    read: dict[tuple[str, str], list[str]] = {}
    for each in touched:
        if not each.changed:
            read.setdefault((each.api, each.pool), []).append(shortened(each.id, _LONGEST))
    for (api, pool), ids in read.items():
        yield 2, Text(f"refers to {len(ids)} × {pool} of {api}:")
        yield from ((4, line) for line in _packed(ids, width - 4))


def _irreversible(shown: Shown) -> Iterator[Line]:
    if shown.irreversible:
        yield from _heading("cannot be undone")
    for each in shown.irreversible:
        yield 2, Text(f"{each.api}/{each.operation} of {shortened(each.resource)}: {each.effect}", "red")


def _needs(needs: tuple[Need, ...]) -> Iterator[Line]:
    """Yield what each identity needs; those of which the same is said stand together."""
    if needs:
        yield from _heading("permissions")
    for api, own in groupby(needs, key=lambda each: each.api):
        yield 2, Text(api, "bold")
        same: dict[str, list[str]] = {}
        for need in own:
            kind = f" ({need.kind})" if need.kind not in ("user", "none", need.identity) else ""
            same.setdefault("; ".join(_said(need)), []).append(f"{need.identity}{kind}")
        for said, names in same.items():
            yield 4, Text(", ".join(names), "green").append(f": {said}")


def _said(need: Need) -> Iterator[str]:
    for title, names in (
        ("may", need.permissions),
        ("the role", need.roles),
        ("a token with one of the scopes", need.scopes),
        ("to call", need.operations),
        ("must be refused by", need.refused if need.operations or len(need.refused) < _FEW else ()),
    ):
        if names:
            yield f"{title} {', '.join(names)}"
    if not need.operations and len(need.refused) >= _FEW:
        yield f"must be refused by the {len(need.refused)} operations that it calls"


def _left(left: tuple[Left, ...], width: int) -> Iterator[Line]:
    for skipped, title in ((True, "skipped"), (False, "not possible")):
        own = [each for each in left if each.skipped is skipped]
        if own:
            total = sum(len(each.requirements) for each in own)
            yield from _heading(f"{title}: {_some(total, 'requirement')}")
        for each in own:
            yield 2, Text(f"{len(each.requirements):,} since ").append(each.reason)
            by = Counter("/".join(one.split("/")[:2]) for one in each.requirements)
            shown = [f"{count} of {operation}" for operation, count in by.most_common(_MOST)]
            yield from ((4, line) for line in _packed([*shown, *(["…"] if len(by) > _MOST else [])], width - 4))
