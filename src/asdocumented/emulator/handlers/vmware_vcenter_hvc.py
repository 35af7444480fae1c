"""Hybrid links of a vCenter: one link with one sync provider, whose sync takes half a minute, and sessions."""

from __future__ import annotations

from collections.abc import Mapping

from asdocumented.contracts.model import JSON
from asdocumented.emulator.calls import Answer, Call
from asdocumented.emulator.clock import timestamp
from asdocumented.emulator.worlds import Setting

SYNC_SECONDS = 30
_POOL = "provider"
_POLLING_SECONDS = 300
_WORK = 120
_STAGES = ("CHANGE_DETECTION", "CHANGE_ENUMERATION", "CHANGE_APPLICATION")
_FIRST_END = 1_764_547_200.0  # 2025-12-01T00:00:00Z: a sync had ended then, long before the emulator started


def create_session(call: Call) -> Answer:
    """Open a session for the identity of the Basic credential."""
    secret = call.new_id().replace("-", "")
    call.world.open_session(secret, call.identity)
    return Answer(200, {"value": secret})


def delete_session(call: Call) -> Answer:
    """Close the session that the request came with; a signed token is no session, and stays valid."""
    call.world.close_session(call.credential)
    return Answer(200)


def list_links(call: Call) -> Answer:
    """List the links."""
    return Answer(
        200, {"value": [{"link": link, "display_name": f"Hybrid {link}"} for link in call.world.pools["link"]]}
    )


def list_sync_providers(call: Call) -> Answer:
    """List the providers, which every link has."""
    return Answer(200, {"value": [{"provider": provider} for provider in call.world.pools[_POOL]]})


def get_sync_provider(call: Call) -> Answer:
    """Show how the latest sync of a provider went, or goes."""
    info: dict[str, JSON] = {
        "status": "SUCCEEDED",
        "polling_interval_in_seconds": _POLLING_SECONDS,
        "last_sync_time": timestamp(_last_end(call)),
        "current_session_info": _session_info(_started(call), call.now),
    }
    return Answer(200, {"value": info})


def start_sync_provider(call: Call) -> Answer:
    """Start a sync; the credentials of the request are not kept."""
    call.world.pools[_POOL][call.path["provider"]] = {"started": call.now, "last_end": _last_end(call)}
    return Answer(200)


def holds_sync_running(call: Call) -> bool:
    """Tell whether the latest sync of the provider has not ended."""
    return call.now < _started(call) + SYNC_SECONDS


def arrange_sync_idle(setting: Setting) -> Mapping[str, tuple[str, ...]]:
    """Leave the providers without a sync, as they start."""
    return {_POOL: tuple(setting.world.pools[_POOL])}


def arrange_sync_running(setting: Setting) -> Mapping[str, tuple[str, ...]]:
    """Start a sync of every provider."""
    for provider in setting.world.pools[_POOL].values():
        provider["started"] = setting.now
    return {_POOL: tuple(setting.world.pools[_POOL])}


def _provider(call: Call) -> Mapping[str, float]:
    return call.world.pools[_POOL][call.path["provider"]]


def _started(call: Call) -> float:
    return _provider(call).get("started", _FIRST_END - SYNC_SECONDS)


def _last_end(call: Call) -> float:
    """Return when the latest sync ended that has ended."""
    if holds_sync_running(call):
        return _provider(call).get("last_end", _FIRST_END)
    return _started(call) + SYNC_SECONDS


def _session_info(started: float, now: float) -> dict[str, JSON]:
    done = min((now - started) / SYNC_SECONDS, 1.0)
    info: dict[str, JSON] = {
        "stage": "COMPLETED" if done == 1.0 else _STAGES[int(done * len(_STAGES))],
        "completed_work": int(done * _WORK),
        "total_work": _WORK,
        "start_time": timestamp(started),
    }
    if done == 1.0:
        info["completion_time"] = timestamp(started + SYNC_SECONDS)
    return info
