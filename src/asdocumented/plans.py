"""What a run intends to send, as data: calls in the words of a contract, steps, scenarios and gaps.

A plan is fixed before the first request goes out. What depends on an answer is named as a follow-up (`Pages`, `Fill`,
`Until`, `Retry`, `Revalidate`, `Insist`), so that a plan can be shown without sending anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import quote, urlencode

from asdocumented.contracts.model import JSON, Operation, Tier
from asdocumented.traces import Headers


class Disguise(StrEnum):
    """What is done to a credential before it is sent, for requests that show how a target reads one."""

    NONE = ""
    SCHEME = "scheme"  # behind a scheme that nobody registered
    TWICE = "twice"  # in two header fields
    LOWER = "lower"  # with the name of the scheme in the other letter case


@lru_cache(4096)
def _quoted(text: str, safe: str = "/", encoding: str | None = None, errors: str | None = None) -> str:
    """Return a text as it stands in a URL; the calls of a plan share most of theirs."""
    return quote(text, safe, encoding, errors)


_LONG = 1000  # characters: longer than any id that a person or a service made


@dataclass(frozen=True, slots=True)
class Call:
    """One request in the words of its contract. `method` overrides the operation's, for requests that are meant to be refused.

    `more_query` and `more_headers` come after those of the arguments. `raw_path` replaces the path and is sent as it is,
    without a client that would tidy it; so is a call with a `content-length` among its headers.
    """

    operation: Operation
    identity: str
    arguments: Mapping[tuple[str, str], str]
    body: bytes = b""
    content_type: str = ""
    method: str = ""
    more_query: Headers = ()
    more_headers: Headers = ()
    disguise: Disguise = Disguise.NONE
    raw_path: str = ""

    def without(self, location: str, name: str) -> Call:
        """Return the call without one of its parameters."""
        return replace(self, arguments={key: value for key, value in self.arguments.items() if key != (location, name)})

    def with_argument(self, location: str, name: str, value: str) -> Call:
        """Return the call with one parameter set."""
        return replace(self, arguments={**self.arguments, (location, name): value})

    def also(self, *, query: Headers = (), headers: Headers = ()) -> Call:
        """Return the call with more query parameters and header fields, after those that it has."""
        return replace(self, more_query=(*self.more_query, *query), more_headers=(*self.more_headers, *headers))

    def as_identity(self, identity: str) -> Call:
        """Return the same call by somebody else."""
        return replace(self, identity=identity)

    def about(self, value: str) -> Call:
        """Return the call with another value for the last parameter of its path."""
        return self.with_argument("path", self.operation.path.rpartition("{")[2].partition("}")[0], value)

    @property
    def target(self) -> str:
        """Return the raw path and query."""
        path = self.raw_path or self.operation.path
        for (location, name), value in self.arguments.items():
            if location == "path":
                path = path.replace("{" + name + "}", _quoted(value, ""))
        query = [(name, value) for (location, name), value in self.arguments.items() if location == "query"]
        query += self.more_query
        return f"{path}?{urlencode(query, quote_via=_quoted)}" if query else path

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Return the headers that the contract's parameters and the body give; credentials come later."""
        own = [(name, value) for (location, name), value in self.arguments.items() if location == "header"]
        typed = (("content-type", self.content_type),) if self.content_type else ()
        return (*own, *typed, *self.more_headers)

    @property
    def is_raw(self) -> bool:
        """Tell whether no HTTP client would send the call as it is."""
        return bool(self.raw_path) or any(name == "content-length" for name, _ in self.more_headers)

    @property
    def is_unusual(self) -> bool:
        """Tell whether what stands in front of an API may well refuse the call in its own words: no client means it so."""
        other = self.method not in ("", self.operation.method)
        added = bool(self.more_query or self.more_headers) or self.disguise is not Disguise.NONE
        return other or added or self.is_raw or any(map(_is_odd, self.arguments.values()))

    @property
    def key(self) -> tuple[str, str, Disguise, str, Headers, bytes]:
        """Return what makes two calls the same on the wire."""
        method = self.method or self.operation.method
        return (method, self.identity, self.disguise, self.target, self.headers, self.body)


def _is_odd(value: str) -> bool:
    return len(value) > _LONG or not value.isascii() or "/" in value.strip("/")


@dataclass(frozen=True, slots=True)
class Pages:
    """A follow-up: repeat the call with the continuation of each answer until there is none, at most `limit` times.

    Where the pages do not fit together, which another client may have caused, all are read again. That is seen from the list at
    `items`, the `id` of an item, and the number at `count` where there is one. `item` reads one item; its last path parameter
    stands for the id of an item that is missing from the pages.
    """

    request: str
    response: str
    items: str = ""
    id: str = ""
    count: str = ""
    item: Call | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Fill:
    """A follow-up: while the step's answer has no `response` header, send the next of `calls` and the step again."""

    response: str
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is waited for: where it stands, and the values of which it has one."""

    pointer: str
    values: tuple[JSON, ...]
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """A condition: the answer has one of these statuses."""

    statuses: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shows:
    """A condition: the answer's body has every one of these fields."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Lists:
    """A condition: the list at `items`, on whichever page, has an item with all of these fields, or with `absent` has none."""

    items: str
    fields: tuple[Field, ...]
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Renews:
    """A condition: the value at `pointer` is another than what the same call was answered before in its scenario."""

    pointer: str


Condition: TypeAlias = Answers | Shows | Lists | Renews


@dataclass(frozen=True, slots=True)
class Until:
    """A follow-up: repeat the call (each time with all its `pages`) until its answer fulfils every condition.

    How often and for how long is for the target to say (`Patience`): a read shortly after a write may lag. Where that time
    passes in vain, `after` is read too: it tells whether what is missed is still there.
    """

    conditions: tuple[Condition, ...]
    pages: Pages | None = None
    after: Call | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """A follow-up: while the answer has `status`, wait as long as its `header` says and send the call again, `limit` times."""

    status: int
    header: str
    limit: int = 3


@dataclass(frozen=True, slots=True)
class Revalidate:
    """A follow-up: repeat the call with the entity tag of its answer in the header `request`, until a 304 comes.

    The tag is that of the ETag header; else the one at `pointer` in the body, as it stands and then in quotation marks.
    """

    request: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Insist:
    """A follow-up: send a call that should be refused once more when it succeeds, since what forbade it may have ended."""


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a scenario. `again` keeps it although the same call was planned before.

    `shows` says what a step shows of its operation whatever else it is for: `VALID`, a valid call in the state that the
    operation needs, or the one cause for which it has to be refused. Another scenario that is there for no more may go.
    """

    call: Call
    purpose: str
    tier: Tier
    again: bool = False
    follow: Pages | Fill | Until | Retry | Revalidate | Insist | None = None
    shows: str = ""

    @property
    def reads(self) -> bool:
        """Tell whether the step does no more than read, whatever its answer is."""
        return max(self.tier.rank, self.call.operation.tier.rank) <= Tier.READ.rank

    @property
    def changes(self) -> bool:
        """Tell whether the step may change something: it does more than read, and not only to what does not exist."""
        return self.call.operation.ends_session or not (self.reads or self.tier is Tier.PROBE)


VALID = "valid"


@dataclass(frozen=True, slots=True)
class Ride:
    """What lets the last call of a scenario go together with others in one request, since a target is likely to take it.

    `base` is the valid call that it is made from, and `change` does to any valid call of the operation what makes it unusual.
    Two that touch the same do not go together. `taken` is how an answer shows that nothing in the request was refused;
    where that is an error, `about` is what it has to be about.
    """

    base: Call
    change: Callable[[Call], Call]
    touches: frozenset[str]
    taken: tuple[Condition, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps that belong together, the state that they start from, and what takes them back.

    `serves` are ids of requirements that stay unjudged when the scenario cannot run. `must_arrange` says that it is
    pointless without its state. `intrusive` requests are no proper HTTP: they need a target that says it may get them.
    One with a `ride` may be sent together with others; those then are `apart`, and are sent one by one unless the answer
    to them all fulfils `taken`. One that `yields` is left out where another shows the same.
    """

    id: str
    api: str
    steps: tuple[Step, ...]
    state: str = ""
    serves: tuple[str, ...] = ()
    must_arrange: bool = False
    intrusive: bool = False
    undo: tuple[Step, ...] = ()
    ride: Ride | None = None
    apart: tuple[Scenario, ...] = ()
    taken: tuple[Condition, ...] = ()
    yields: bool = False

    @property
    def changes(self) -> bool:
        """Tell whether a step may change something, so that another scenario of the API could see it or be disturbed by it."""
        return any(step.changes for step in self.steps) or any(each.changes for each in self.apart)

    @property
    def may_end_state(self) -> bool:
        """Tell whether the state of the scenario may be over after it: it is all about that, or does more than read in it."""
        return bool(self.state) and (self.must_arrange or not all(step.reads for step in self.steps))


@dataclass(frozen=True, slots=True)
class Gap:
    """Requirements that a run cannot judge, and why. `skipped`: not allowed or not in scope, as opposed to not possible.

    `declared` ones are not supported, as the target's description says: whatever is seen of them, they stay skipped.
    """

    serves: tuple[str, ...]
    reason: str
    skipped: bool = False
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a run will do, and everything that it knows it cannot do."""

    scenarios: tuple[Scenario, ...]
    gaps: tuple[Gap, ...]
    absent: frozenset[str] = frozenset()  # the ids that were made up
    secrets: Mapping[str, str] = field(default_factory=dict)  # secret value -> marker


class UnplannableError(Exception):
    """A call that cannot be put together for this target; the text says what the target would have to name."""
