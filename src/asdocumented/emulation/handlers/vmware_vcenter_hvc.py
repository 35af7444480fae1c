"""Sessions, hybrid links and the sync of their providers."""

from __future__ import annotations

from typing import Any

from asdocumented.emulation.behaviours import hold, running_key
from asdocumented.emulation.clocks import timestamp
from asdocumented.emulation.messages import Answer, Incoming
from asdocumented.emulation.store import FOR_EVER, Store

_WORK = 100


def create_session(call: Incoming, store: Store) -> Answer:
    """Open a session; its id is the credential of later requests."""
    session = store.new_id().replace("-", "")
    store.sessions[session] = call.identity
    return Answer(200, {"value": session})


def delete_session(call: Incoming, store: Store) -> Answer:
    """End the session that the request is made in."""
    store.sessions.pop(call.header("vmware-api-session-id"), None)
    return Answer(200)


def list_links(call: Incoming, store: Store) -> Answer:
    """List the links."""
    return Answer(200, {"value": [{"link": each, "display_name": f"Link {each}"} for each in store.resources["link"]]})


def list_sync_providers(call: Incoming, store: Store) -> Answer:
    """List the providers of a link."""
    return Answer(200, {"value": [{"provider": each} for each in store.resources["provider"]]})


def get_sync_provider(call: Incoming, store: Store) -> Answer:
    """Tell how the provider's sync stands: never synced, going on, or completed."""
    start = store.api.operations["start-sync-provider"]
    started = next(
        (
            store.running[key]
            for each in start.behaviour("exclusive")
            if (key := running_key(each, call.path)) in store.running
        ),
        None,
    )
    if started is None:
        return Answer(200, {"value": {"status": "NO_SYNC_FOUND", "polling_interval_in_seconds": 30}})
    return Answer(200, {"value": _info(*started, now=store.clock.now())})


def _info(begun: float, ends: float, *, now: float) -> dict[str, Any]:
    info: dict[str, Any] = {"status": "SUCCEEDED", "polling_interval_in_seconds": 30}
    session: dict[str, Any] = {"total_work": _WORK, "start_time": timestamp(begun)}
    if now < ends:
        share = 0.5 if ends == FOR_EVER else (now - begun) / (ends - begun)
        stage = "CHANGE_DETECTION" if share < 0.34 else "CHANGE_ENUMERATION" if share < 0.67 else "CHANGE_APPLICATION"
        session |= {"stage": stage, "completed_work": int(share * _WORK)}
    else:
        session |= {"stage": "COMPLETED", "completed_work": _WORK, "completion_time": timestamp(ends)}
        info["last_sync_time"] = timestamp(ends)
    return {**info, "current_session_info": session}


def _running(store: Store) -> dict[str, tuple[str, ...]]:
    for link in store.resources["link"]:
        for provider in store.resources["provider"]:
            hold(store.api.operations["start-sync-provider"], {"link": link, "provider": provider}, store)
    return {"provider": tuple(store.resources["provider"])}


STATES = {"sync-running": _running}
