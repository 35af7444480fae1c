"""Mirrored databases of a Fabric workspace: one database whose mirroring runs, stops and starts within seconds."""

from __future__ import annotations

from collections.abc import Mapping

from asdocumented.emulator.calls import Answer, Call
from asdocumented.emulator.worlds import Setting

CHANGE_SECONDS = 5
_POOL = "mirrored-database"
_ENDS = {"Starting": "Running", "Stopping": "Stopped"}
READINGS = {"D6": "Stopping"}


def start_mirroring(call: Call) -> Answer:
    """Begin to start the mirroring, unless it runs or starts already."""
    if _status(call) in ("Stopped", "Stopping"):
        _change(call, "Starting")
    return Answer(200)


def stop_mirroring(call: Call) -> Answer:
    """Begin to stop the mirroring, unless it has stopped or stops already."""
    if _status(call) in ("Running", "Starting"):
        _change(call, "Stopping")
    return Answer(200)


def get_mirroring_status(call: Call) -> Answer:
    """Show the status of the mirroring."""
    return Answer(200, {"status": _status(call)})


def arrange_mirroring_running(setting: Setting) -> Mapping[str, tuple[str, ...]]:
    """Leave the mirroring running, as it starts."""
    return {_POOL: tuple(setting.world.pools[_POOL])}


def arrange_mirroring_stopped(setting: Setting) -> Mapping[str, tuple[str, ...]]:
    """Let the mirroring be stopped."""
    for database in setting.world.pools[_POOL].values():
        database["status"] = "Stopped"
    return {_POOL: tuple(setting.world.pools[_POOL])}


def _status(call: Call) -> str:
    database = call.world.pools[_POOL][call.path["mirroredDatabaseId"]]
    status = str(database.get("status", "Running"))
    if call.now >= database.get("until", 0.0):
        return _ENDS.get(status, status)
    return status


def _change(call: Call, status: str) -> None:
    database = call.world.pools[_POOL][call.path["mirroredDatabaseId"]]
    database["status"] = status
    database["until"] = call.now + CHANGE_SECONDS
