"""Let every tool look at every case: several jobs, each with an emulator of its own."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from benchmarks.emulator import ServedEmulator, served_emulator
from benchmarks.peers.calls import Recorded, scripts
from benchmarks.peers.cases import WIDEST, Case
from benchmarks.peers.observations import CLEAN, Key, Observation, beside
from benchmarks.peers.staging import record, staged
from benchmarks.peers.tools import TIMED_OUT, Setting, Tool


@dataclass(frozen=True, slots=True)
class Turn:
    """One tool with one seed on one API: the clean emulator first, then these cases."""

    tool: Tool
    seed: int
    api: str
    cases: tuple[Case, ...]

    @property
    def keys(self) -> set[Key]:
        """Return what its looks are known by."""
        return {(self.tool.name, self.seed, self.api, case) for case in (CLEAN, *(each.id for each in self.cases))}


Note = Callable[[Observation], None]


def turns(tools: Iterable[Tool], cases: Sequence[Case], seeds: int) -> Iterator[Turn]:
    """Yield the turns; seeds come outermost, so that what is stopped half-way has whole seeds."""
    for seed in range(1, seeds + 1):
        for tool in tools:
            if seed == 1 or tool.drawn:
                for api in scripts():
                    yield Turn(tool, seed, api, tuple(each for each in cases if each.api == api))


def sweep(plan: Iterable[Turn], jobs: int, known: Mapping[Key, Observation], note: Note) -> None:
    """Take all turns; what is known already is not looked at again. `note` is told of each look as it ends."""
    waiting, lock = deque(plan), Lock()

    def work(_: int) -> None:
        with served_emulator() as served, tempfile.TemporaryDirectory(prefix="asdocumented-peers-") as scratch:
            recorded = {api: record(served, script) for api, script in scripts().items()}
            while True:
                with lock:
                    if not waiting:
                        return
                    turn = waiting.popleft()
                _take(turn, _Place(served, recorded, Path(scratch)), known, lambda look: _locked(lock, note, look))

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(work, range(jobs)))


def _locked(lock: Lock, note: Note, look: Observation) -> None:
    with lock:
        note(look)


@dataclass(frozen=True, slots=True)
class _Place:
    """What one job works with."""

    served: ServedEmulator
    recorded: Mapping[str, Recorded]
    scratch: Path


def _take(turn: Turn, place: _Place, known: Mapping[Key, Observation], note: Note) -> None:
    """Look at the clean emulator, in each profile that a case asks for, and then at the cases."""
    left = [each for each in turn.cases if (turn.tool.name, turn.seed, turn.api, each.id) not in known]
    profiles = {each.profile for each in left}
    if (turn.tool.name, turn.seed, turn.api, CLEAN) not in known:
        profiles.add(WIDEST)
    clean = {}
    for profile in sorted(profiles):
        clean[profile], seen = _look(turn, place, None, profile, frozenset())
        if profile == WIDEST and seen.key not in known:
            note(seen)
    for case in left:
        _, seen = _look(turn, place, case, case.profile, clean[case.profile])
        note(seen)
        print(".", end="", file=sys.stderr, flush=True)


def _look(
    turn: Turn, place: _Place, case: Case | None, profile: str, clean: frozenset[str]
) -> tuple[frozenset[str], Observation]:
    script = scripts()[turn.api]
    with staged(place.served, script, case, prepared=turn.tool.prepared) as base_url:
        folder, known = Path(tempfile.mkdtemp(dir=place.scratch)), place.served.resources()[turn.api]
        setting = Setting(base_url, script, place.recorded[turn.api], folder, turn.seed, profile, known)
        begun = time.perf_counter()
        found = turn.tool.look(setting)
        seconds = time.perf_counter() - begun
        requests = place.served.requests()
    if case is not None and case.legal:
        found -= {TIMED_OUT}
    told = beside(found, clean)
    caught = case is not None and bool(told)
    about = (CLEAN, CLEAN, False) if case is None else (case.id, case.kind, case.legal)
    return found, Observation(
        turn.tool.name, turn.seed, turn.api, *about, caught, len(found), told, requests, round(seconds, 3)
    )
