"""Judge many emulators at once, in processes that load the contracts once each."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path

from asdocumented.contracts import Catalogue, load_catalogue
from asdocumented.errors import HarnessError
from asdocumented.sweeping.subjects import Subject
from asdocumented.sweeping.trying import Bench, Trial

_CHUNK = 8  # emulators that a process gets at a time: few enough to end together, enough to share a clean run

Place = tuple[int, Subject]

_bench: list[Bench] = []  # of this process, where it is one of the pool


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def attempt_all(
    catalogue: Catalogue, folder: Path | None, seed: int, subjects: Sequence[Subject], jobs: int
) -> Iterator[tuple[int, Trial]]:
    """Yield what came of each emulator with its place in `subjects`, as soon as it is known.

    `folder` is where `catalogue` was loaded from, None for the contracts that come with asdoc. One job needs no process.
    Raises HarnessError when a process dies.
    """
    places = list(enumerate(subjects))
    if jobs == 1 or len(places) == 1:
        bench = Bench(catalogue, seed)
        yield from ((place, bench.attempt(subject)) for place, subject in places)
        return
    chunks = _chunks(places)
    context = get_context("spawn")  # a fork would take over threads and event loops of whoever calls this
    with ProcessPoolExecutor(min(jobs, len(chunks)), context, _begin, (folder, seed)) as pool:
        try:
            for done in as_completed([pool.submit(_attempt, chunk) for chunk in chunks]):
                yield from done.result()
        except BrokenProcessPool as error:
            message = "A process that judged emulators died."
            raise HarnessError("sweep-process-died", message, remedy="Try again with --jobs 1.") from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _chunks(places: list[Place]) -> list[list[Place]]:
    """Return the emulators in groups that share a clean run; the longest runs first, so that all processes end together."""
    found = []
    for _, group in groupby(sorted(places, key=_alike), key=lambda each: (each[1].operations, each[1].needs_socket)):
        own = list(group)
        size = 1 if len(own[0][1].operations) > 1 else _CHUNK
        found += [own[start : start + size] for start in range(0, len(own), size)]
    return sorted(found, key=lambda chunk: -len(chunk[0][1].operations))


def _alike(each: Place) -> tuple[object, ...]:
    return each[1].operations, each[1].needs_socket, each[0]


def _begin(folder: Path | None, seed: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started the sweep ends it
    _bench.append(Bench(load_catalogue(folder), seed))


def _attempt(chunk: list[Place]) -> list[tuple[int, Trial]]:
    return [(place, _bench[0].attempt(subject)) for place, subject in chunk]
