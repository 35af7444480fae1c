"""Read and write the stored walks of an API's state machines: `<api>/sequences.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from asdocumented.contracts.model import Api
from asdocumented.corpus.machines import Machine, Walk, machine_digest, machines
from asdocumented.errors import UsageError

FILE = "sequences.json"
FORMAT = 1


def read_walks(folder: Path, api: Api) -> Iterator[tuple[Machine, bool, tuple[Walk, ...]]]:
    """Yield each machine of an API, whether its stored walks are stale, and the walks.

    Raises UsageError for a file that holds no walks.
    """
    file = folder / api.name / FILE
    if not file.is_file():
        return
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        found = list(_stored(api, record))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            "not-a-corpus",
            f"{str(file)!r} holds no walks: {type(error).__name__}: {error}.",
            remedy=f"`asdoc corpus generate` writes the walks of {api.name} anew once the file is gone.",
        ) from error
    yield from found


def _stored(api: Api, record: dict[str, Any]) -> Iterator[tuple[Machine, bool, tuple[Walk, ...]]]:
    if record["format"] != FORMAT:
        raise ValueError(f"its format is {record['format']}, and this version reads {FORMAT}")
    for machine in machines(api):
        stored = record["machines"].get(machine.name)
        if stored is None:
            continue
        is_stale = stored["request"] != machine_digest(api, machine)
        yield machine, is_stale, () if is_stale else tuple(_walk(machine, each) for each in stored["walks"])


def _walk(machine: Machine, record: dict[str, Any]) -> Walk:
    known = tuple((name, slot) for name, _, slot in (each.partition(" ") for each in record["commands"]))
    for command in known:
        if command not in machine.commands:
            raise ValueError(f"{machine.name} has no command {' '.join(command)!r}")
    return Walk(machine, known, str(record.get("requirement", "")))


def write_walks(folder: Path, api: Api, walks: dict[str, tuple[Walk, ...]]) -> Path | None:
    """Write the walks of an API's machines, by machine; return the file, or None where the API has no machine."""
    records = {
        machine.name: {
            "request": machine_digest(api, machine),
            "walks": [_record(walk) for walk in sorted(walks.get(machine.name, ()), key=lambda each: each.id)],
        }
        for machine in machines(api)
    }
    if not records:
        return None
    file = folder / api.name / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"format": FORMAT, "machines": records}, indent=1)
    file.write_text(text + "\n", encoding="utf-8")
    return file


def _record(walk: Walk) -> dict[str, Any]:
    record: dict[str, Any] = {"id": walk.id, "commands": [" ".join(each).strip() for each in walk.commands]}
    return {**record, "requirement": walk.requirement} if walk.requirement else record


def keep_walk(folder: Path, api: Api, walk: Walk) -> Path:
    """Add a walk that broke a requirement to the stored ones and return the file."""
    known = {machine.name: stored for machine, _, stored in read_walks(folder, api)}
    own = {each.id: each for each in known.get(walk.machine.name, ())}
    kept = {**own, walk.id: replace(walk)}
    return write_walks(folder, api, {**known, walk.machine.name: tuple(kept.values())}) or folder
