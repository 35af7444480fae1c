"""Put the pages of a list back together: which reads continue which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from asdocumented.contracts.model import JSON, Operation
from asdocumented.plans import Pages
from asdocumented.reads.case import Case, field_of
from asdocumented.reads.classify import Read, at


@dataclass(frozen=True, slots=True)
class Walk:
    """A first page and the pages that continue it, in order. `complete`: the last one names no continuation."""

    pages: tuple[Read, ...]
    complete: bool

    def items(self, pointer: str) -> list[JSON]:
        """Return the items of all pages in order."""
        found: list[JSON] = []
        for page in self.pages:
            value = field_of(page, pointer)
            found.extend(value if isinstance(value, list) else [])
        return found

    def shows(self, items: str, identifier: str, count: str) -> list[tuple[list[str], JSON]]:
        """Return what each page shows: the ids of its items, in lower case, and its count where there is one."""
        found = []
        for page in self.pages:
            value = field_of(page, items)
            listed = value if isinstance(value, list) else []
            ids = [str(at(item, identifier)).casefold() for item in listed]
            found.append((ids, field_of(page, count) if count else None))
        return found

    @property
    def ids(self) -> tuple[int, ...]:
        """Return the numbers of the exchanges, the last first."""
        return tuple(page.id for page in reversed(self.pages))


def continuation_names(operation: Operation) -> tuple[str, str] | None:
    """Return the request and the response header that link the pages of an operation, or None when it has no pages."""
    for declaration in operation.behaviour("page"):
        parameters = declaration.parameters
        return parameters["request"].removeprefix("header "), parameters["response"].removeprefix("header ")
    return None


def pages_of(operation: Operation) -> Pages | None:
    """Return how the pages of an operation are followed, or None when it has no pages."""
    names = continuation_names(operation)
    for declaration in operation.behaviour("page"):
        given = declaration.parameters
        return Pages(*names, given["items"], given["id"], given.get("count", "")) if names else None
    return None


def continuation(read: Read, header: str) -> str:
    """Return the continuation that an answer names, or the empty string."""
    return (read.exchange.response.header(header) or "") if read.exchange.response else ""


def walks(case: Case, operation: Operation) -> Iterator[Walk]:
    """Yield the walks of a list operation; without declared pages each answer is a walk of one."""
    return iter(case.once(("walks", operation.id), lambda: tuple(_walks(case, operation))))


def _walks(case: Case, operation: Operation) -> Iterator[Walk]:
    names = continuation_names(operation)
    waiting: list[list[Read]] = []
    for read in case.of(operation.name):
        if read.causes:
            continue
        token = (read.argument("header", names[0]) or "") if names else ""
        found = next(
            (walk for walk in reversed(waiting) if token and names and _continues(walk[-1], read, names, token)), None
        )
        if found is not None:
            found.append(read)
        elif not token:
            waiting.append([read])
    for walk in waiting:
        complete = case.sound(walk[-1]) and not (names and continuation(walk[-1], names[1]))
        yield Walk(tuple(walk), complete)


def _continues(last: Read, read: Read, names: tuple[str, str], token: str) -> bool:
    return last.epoch == read.epoch and continuation(last, names[1]) == token and query(last) == query(read)


def query(read: Read) -> Mapping[str, tuple[str, ...]]:
    """Return the query parameters of a request."""
    return {name: values for (location, name), values in read.arguments.items() if location == "query"}


def filters(read: Read) -> Mapping[str, str]:
    """Return the optional query parameters of a request, which narrow a list."""
    if read.operation is None:
        return {}
    optional = {each.name for each in read.operation.parameters if each.location == "query" and not each.required}
    return {name: values[0] for name, values in query(read).items() if name in optional}
