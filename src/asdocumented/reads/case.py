"""What behaviours judge from: the reads of one API, and which of their responses are sound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from asdocumented.contracts.model import JSON, Api, Operation
from asdocumented.reads.classify import Read, at
from asdocumented.reads.marks import Mark, blocked
from asdocumented.traces import Arrangement

T = TypeVar("T")


class Index:
    """Reads by what they are looked up by, so that looking at every operation does not go through every read for each."""

    def __init__(self, reads: Sequence[Read]) -> None:
        self.places: dict[int, int] = {}
        self.named: dict[str, list[Read]] = defaultdict(list)
        self.on_path: dict[str, list[Read]] = defaultdict(list)
        self.about: dict[str, list[Read]] = defaultdict(list)  # by the id of the operation, or of those at the path
        self.accepted: set[str] = set()  # the identities that got a success
        self.controls: dict[str, Read] = {}  # the first success without a cause of each operation, by its name
        self.by_pool: dict[tuple[str, str], Read] = {}  # the same by identity and pool
        self.deletes = False
        for place, read in enumerate(reads):
            self._take(place, read)

    def _take(self, place: int, read: Read) -> None:
        self.places[read.id] = place
        operation = read.operation
        if 200 <= read.status < 300:
            self.accepted.add(read.identity)
        for name in {each.id for each in (operation, *read.others) if each is not None}:
            self.about[name].append(read)
        if operation is None:
            return
        self.deletes = self.deletes or operation.method == "DELETE"
        self.named[operation.name].append(read)
        self.on_path[operation.path].append(read)
        if read.succeeded and not read.causes:
            self.controls.setdefault(operation.name, read)
            for pool in _pools(operation):
                self.by_pool.setdefault((read.identity, pool), read)


@dataclass(frozen=True, slots=True)
class Case:
    """The reads of one API in order.

    `blockers` name, by exchange, the requirement whose finding makes the body unusable (status, media type, parse);
    `flaws` name the requirements of schema findings.
    """

    api: Api
    reads: tuple[Read, ...]
    blockers: Mapping[int, str] = field(default_factory=dict)
    flaws: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    arrangements: Mapping[int, Arrangement] = field(default_factory=dict)  # by epoch
    index: Index = field(init=False, repr=False, compare=False)
    _made: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look at every read once."""
        object.__setattr__(self, "index", Index(self.reads))

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made for a key before, unless another answer was found to be unusable since."""
        key = (len(self.blockers), key)
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    def of(self, operation: str) -> Iterator[Read]:
        """Yield the reads of one operation, by its name."""
        return iter(self.index.named.get(operation, ()))

    def on_path(self, operation: Operation) -> Iterator[Read]:
        """Yield the reads of all operations on the path of one."""
        return iter(self.index.on_path.get(operation.path, ()))

    def place(self, read: Read) -> int:
        """Return where a read stands among the reads; to compare them all by what they hold would take long."""
        return self.index.places[read.id]

    def about(self, operation: Operation, *, answered: bool = True) -> Iterator[Read]:
        """Yield the reads of an operation, and those about its path that are of no operation; by default the answered ones."""
        found = self.index.about.get(operation.id, ())
        return (read for read in found if read.exchange.response is not None or not answered)

    def accepts(self, identity: str) -> bool:
        """Tell whether the credential of an identity was accepted anywhere in the run."""
        return identity in self.index.accepted

    @property
    def has_deletes(self) -> bool:
        """Tell whether the run asked for anything to be deleted."""
        return self.index.deletes

    def arranged_ids(self, read: Read) -> tuple[str, ...]:
        """Return every id that the state before a read left behind."""
        arrangement = self.arrangements.get(read.epoch)
        return tuple(each for ids in arrangement.resources.values() for each in ids) if arrangement else ()

    def blocker(self, read: Read) -> str:
        """Return the requirement that blocks the use of this response, or the empty string."""
        return self.blockers.get(read.id, "")

    def sound(self, read: Read) -> bool:
        """Tell whether the response is a documented success whose body can be used."""
        return read.succeeded and not self.blocker(read)

    def unusable(self, requirement: str, read: Read, pointer: str) -> Mark:
        """Say that a field which the requirement needs is not there, naming the schema finding if there is one."""
        flaws = self.flaws.get(read.id, ())
        last = pointer.rsplit("/", 1)[-1]
        blocker = next((flaw for flaw in flaws if f"/{last}/" in flaw), flaws[0] if flaws else "")
        return blocked(requirement, read.id, reason="" if blocker else f"the answer has no {pointer}", blocker=blocker)

    def uncontrolled(self, requirement: str, read: Read) -> Mark:
        """Say that a refusal proves nothing, since nothing like it succeeded; name what keeps it from succeeding."""
        tried = (other for operation in _operations(read) for other in self.of(operation.name) if not other.causes)
        blocker = next((self.blockers[other.id] for other in tried if other.id in self.blockers), "")
        reason = "no control: no request like it without its fault succeeded in this run"
        return blocked(
            requirement, read.id, reason=f"{reason}, because of {blocker}" if blocker else reason, blocker=blocker
        )

    def is_locked_out(self, read: Read) -> bool:
        """Tell whether a 401 says no more than that this identity's credential was never accepted in the run."""
        return read.status == 401 and not self.accepts(read.identity)

    def control(self, read: Read) -> Read | None:
        """Return a read that shows that the target does not refuse everything.

        It is a success of the same operation without any cause for refusal; else one of a sibling by the same identity on
        a resource of the same kind.
        """
        operations = _operations(read)
        own = [self.index.controls[each.name] for each in operations if each.name in self.index.controls]
        pools = {pool for operation in operations for pool in _pools(operation)}
        alike = [
            self.index.by_pool[key] for key in ((read.identity, pool) for pool in pools) if key in self.index.by_pool
        ]
        return own[0] if own else min(alike, key=self.place, default=None)


def _operations(read: Read) -> tuple[Operation, ...]:
    """Return the operation of a request, or those at its path where it is a request of none."""
    return (read.operation,) if read.operation is not None else read.others


def _pools(operation: Operation) -> set[str]:
    return {each.resource for each in operation.parameters if each.location == "path" and each.resource}


def same(expected: JSON, got: JSON, *, ignoring_case: bool = False) -> bool:
    """Compare two JSON values; strings without case where the contract says so."""
    if ignoring_case and isinstance(expected, str) and isinstance(got, str):
        return expected.casefold() == got.casefold()
    return type(expected) is type(got) and bool(expected == got)


def shown(value: JSON) -> str:
    """Return a JSON value for a message, cut where it is long."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


def field_of(read: Read, pointer: str) -> JSON:
    """Return a field of the response body, or None."""
    return at(read.value, pointer)
