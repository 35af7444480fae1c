"""Mirroring of databases: running, stopping, stopped, starting."""

from __future__ import annotations

from asdocumented.emulation.messages import Answer, Incoming
from asdocumented.emulation.store import Store

_SECONDS = 5.0
_SETTLED = {"Stopping": "Stopped", "Starting": "Running"}


def stop_mirroring(call: Incoming, store: Store) -> Answer:
    """Stop: Running goes through Stopping to Stopped. A stop of what has stopped changes nothing."""
    if _status(call, store) not in ("Stopped", "Stopping"):
        store.facts[_key(call)] = ("Stopping", store.clock.now())
    return Answer(200)


def start_mirroring(call: Incoming, store: Store) -> Answer:
    """Start: Stopped goes through Starting to Running. A start of what runs changes nothing."""
    if _status(call, store) not in ("Running", "Starting"):
        store.facts[_key(call)] = ("Starting", store.clock.now())
    return Answer(200)


def get_mirroring_status(call: Incoming, store: Store) -> Answer:
    """Return the status."""
    return Answer(200, {"status": _status(call, store)})


def _key(call: Incoming) -> str:
    return call.path["mirroredDatabaseId"].casefold()


def _status(call: Incoming, store: Store) -> str:
    status, since = store.facts.get(_key(call), ("Running", 0.0))
    if status in _SETTLED and store.clock.now() >= since + _SECONDS:
        return _SETTLED[status]
    return str(status)


def _stopped(store: Store) -> dict[str, tuple[str, ...]]:
    for database in store.resources["mirrored-database"]:
        store.facts[database.casefold()] = ("Stopped", 0.0)
    return {"mirrored-database": tuple(store.resources["mirrored-database"])}


STATES = {"mirroring-stopped": _stopped}
