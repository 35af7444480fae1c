"""The behaviours that contracts declare, run generically around the handlers: exclusive, upsert, filter, page.

Each has switches that make it deviate; without any it does what the contract says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from asdocumented.contracts.model import BehaviourDeclaration, Operation
from asdocumented.emulation.messages import Answer, Incoming, RefusalError
from asdocumented.emulation.store import FOR_EVER, Store
from asdocumented.emulation.switches import Switchboard

PAGE_SIZE = 50
SYNC_SECONDS = 30.0


def before(incoming: Incoming, store: Store, switches: Switchboard) -> None:
    """Refuse what must not start now; take note of what does."""
    operation = incoming.operation
    for declaration in operation.behaviour("exclusive"):
        place = running_key(declaration, incoming.path)
        now = store.clock.now()
        busy = store.running.get(place, (0.0, 0.0))[1] > now
        if busy and switches.get("exclusive.never-busy", operation) is None:
            raise RefusalError(declaration.parameters["while"], "It is already running.")
        store.running[place] = (now, now + SYNC_SECONDS)
    existing = stored(incoming, store)
    if operation.behaviour("upsert") and existing is not None and switches.get("upsert.conflict", operation):
        raise RefusalError("conflict", "It exists already.")


def running_key(declaration: BehaviourDeclaration, path: Mapping[str, str]) -> str:
    """Return the name under which the store keeps that something is going on, for the ids of a path."""
    return f"{declaration.parameters['while']} {json.dumps(dict(sorted(path.items())))}"


def hold(operation: Operation, path: Mapping[str, str], store: Store) -> None:
    """Make what an operation starts go on for ever, for the ids of a path."""
    for declaration in operation.behaviour("exclusive"):
        store.running[running_key(declaration, path)] = (store.clock.now(), FOR_EVER)


def stored(incoming: Incoming, store: Store) -> Any:
    """Return the stored item that a request addresses, or None."""
    pool, identifier = own_resource(incoming)
    return store.items.get(pool, {}).get(identifier)


def own_resource(incoming: Incoming) -> tuple[str, str]:
    """Return the pool and the id of the last path parameter with a resource."""
    named = [each for each in incoming.operation.parameters if each.location == "path" and each.resource]
    last = max(named, key=lambda each: incoming.operation.path.index("{" + each.name + "}"), default=None)
    return (last.resource, incoming.path[last.name]) if last is not None else ("", "")


def after(incoming: Incoming, answer: Answer, store: Store, switches: Switchboard) -> None:
    """Narrow and page what a handler lists."""
    for index, declaration in enumerate(incoming.operation.behaviour("filter")):
        _filter(incoming, answer, declaration, switches, first=index == 0)
    for declaration in incoming.operation.behaviour("page"):
        _page(incoming, answer, declaration, store, switches)


def _at(body: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        body = body.get(part) if isinstance(body, dict) else None
    return body


def _filter(
    incoming: Incoming, answer: Answer, declaration: BehaviourDeclaration, switches: Switchboard, *, first: bool
) -> None:
    name, key = declaration.parameters["parameter"], declaration.parameters["items"].strip("/")
    wanted = incoming.argument(name).casefold()
    if not wanted or _off(incoming, name, switches, first=first):
        return
    ancestors = (
        "ancestors" in declaration.parameters and switches.get("filter.ancestors", incoming.operation) is not None
    )
    fitting = [
        each
        for each in answer.body[key]
        if _fits(_at(each, declaration.parameters["field"]), wanted, ancestors=ancestors)
    ]
    lossy = any(each.arguments["parameter"] == name for each in switches.all("filter.item-lost", incoming.operation))
    answer.body[key] = fitting[1:] if lossy else fitting


def _off(incoming: Incoming, name: str, switches: Switchboard, *, first: bool) -> bool:
    operation = incoming.operation
    if any(each.arguments["parameter"] == name for each in switches.all("filter.ignored", operation)):
        return True
    filters = [each.parameters["parameter"] for each in operation.behaviour("filter")]
    given = [each for each in filters if incoming.argument(each)]
    return switches.get("filter.combination-ignored", operation) is not None and len(given) > 1 and name != given[0]


def _fits(value: Any, wanted: str, *, ancestors: bool) -> bool:
    own = str(value).casefold()
    return own == wanted or (ancestors and wanted.startswith(f"{own}/"))


def _page(
    incoming: Incoming, answer: Answer, declaration: BehaviourDeclaration, store: Store, switches: Switchboard
) -> None:
    operation = incoming.operation
    key = declaration.parameters["items"].strip("/")
    items = answer.body[key]
    start = _start(incoming, declaration, store, switches)
    sized = switches.get("page.size", operation)
    size = int(sized.arguments["size"]) if sized else PAGE_SIZE
    end = start + size
    shown = items[start:end]
    if start and switches.get("page.item-lost", operation):
        shown = shown[1:]
    if start and switches.get("page.item-repeated", operation):
        shown = [items[start - 1], *shown]
    answer.body[key] = shown
    _count(answer, declaration, operation, switches, total=len(items), shown=len(shown))
    _continue(incoming, answer, declaration, store, switches, end=end, more=end < len(items), paged=bool(start))


def _start(incoming: Incoming, declaration: BehaviourDeclaration, store: Store, switches: Switchboard) -> int:
    token = incoming.header(declaration.parameters["request"].removeprefix("header "))
    if not token:
        return 0
    if token not in store.continuations:
        raise RefusalError("invalid-parameter", "The continuation is not one that this server gave.")
    return 0 if switches.get("page.token-ignored", incoming.operation) else store.continuations[token]


def _count(
    answer: Answer,
    declaration: BehaviourDeclaration,
    operation: Operation,
    switches: Switchboard,
    *,
    total: int,
    shown: int,
) -> None:
    if "count" not in declaration.parameters:
        return
    count = total if switches.get("page.count-all", operation) else shown
    answer.body[declaration.parameters["count"].strip("/")] = count + (
        1 if switches.get("page.count-wrong", operation) else 0
    )


def _continue(  # noqa: PLR0913 - all keyword arguments
    incoming: Incoming,
    answer: Answer,
    declaration: BehaviourDeclaration,
    store: Store,
    switches: Switchboard,
    *,
    end: int,
    more: bool,
    paged: bool,
) -> None:
    header = declaration.parameters["response"].removeprefix("header ")
    beyond = paged and not more and switches.get("page.token-on-last", incoming.operation) is not None
    if more or (beyond and answer.body[declaration.parameters["items"].strip("/")]):
        text = f"{incoming.target} {end}"
        token = hashlib.sha256(text.encode()).hexdigest()[:32]
        store.continuations[token] = end
        answer.headers[header] = token
    elif switches.get("page.last-empty", incoming.operation):
        answer.headers[header] = ""
