"""What behaviours judge from: the reads of one API, and which of their responses are sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from asdocumented.contracts.model import JSON, Api, Operation
from asdocumented.reads.classify import Read, at
from asdocumented.reads.marks import Mark, blocked
from asdocumented.traces import Arrangement


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
    _places: dict[int, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def of(self, operation: str) -> Iterator[Read]:
        """Yield the reads of one operation, by its name."""
        return (read for read in self.reads if read.operation is not None and read.operation.name == operation)

    def place(self, read: Read) -> int:
        """Return where a read stands among the reads; to compare them all by what they hold would take long."""
        if not self._places:
            self._places.update((each.id, place) for place, each in enumerate(self.reads))
        return self._places[read.id]

    def about(self, operation: Operation) -> Iterator[Read]:
        """Yield the answered reads of an operation, and those about its path that are of no operation."""
        for read in self.reads:
            if (read.operation is operation or operation in read.others) and read.exchange.response is not None:
                yield read

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
        return read.status == 401 and not any(
            200 <= other.status < 300 and other.identity == read.identity for other in self.reads
        )

    def control(self, read: Read) -> Read | None:
        """Return a read that shows that the target does not refuse everything.

        It is a success of the same operation without any cause for refusal; else one of a sibling by the same identity on
        a resource of the same kind.
        """
        operations = _operations(read)
        for operation in operations:
            for other in self.of(operation.name):
                if other.succeeded and not other.causes:
                    return other
        pools = {pool for operation in operations for pool in _pools(operation)}
        successes = (
            other for other in self.reads if other.operation is not None and other.succeeded and not other.causes
        )
        return next((each for each in successes if each.identity == read.identity and pools & _of(each)), None)


def _operations(read: Read) -> tuple[Operation, ...]:
    """Return the operation of a request, or those at its path where it is a request of none."""
    return (read.operation,) if read.operation is not None else read.others


def _of(read: Read) -> set[str]:
    return _pools(read.operation) if read.operation is not None else set()


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
