"""How long a run over a slow network takes: beside what cannot be faster, and beside a bare client that sends the same."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import aiohttp
from yarl import URL

from asdocumented import wire
from asdocumented.contracts.model import Tier
from asdocumented.corpus.store import load_corpora
from asdocumented.plans import Scenario
from asdocumented.running import Options, Run, Watcher, run
from asdocumented.traces import Arrangement, Exchange
from benchmarks.emulator import ServedEmulator, catalogue, served_emulator
from benchmarks.figures import Bound, Figure, Table
from benchmarks.loopback import ServedTarget
from benchmarks.measuring import interleave, median
from benchmarks.rendering import number

NAME = "latency"
_CONNECTIONS = 16
_FAR, _NEAR = 0.1, 0.02  # seconds that each answer comes late
_MARKER = re.compile(r"«(token|basic):([a-z0-9-]+)»")
_MOST, _ADDED = 1.5, 1.25


@dataclass(slots=True)
class Passage:
    """What one scenario of a run did: its exchanges in order, and whether nobody else of its API could run beside it."""

    scenario: Scenario
    exchanges: tuple[Exchange, ...]
    arranges: bool

    @property
    def is_alone(self) -> bool:
        """Tell whether it had to be alone with its API."""
        return self.scenario.changes or self.scenario.must_arrange


@dataclass(slots=True)
class Passages:
    """Collects what each scenario did, by API and in the order of the plan, while a run goes on."""

    of: dict[str, list[Passage]] = field(default_factory=dict)
    _events: list[Exchange | Arrangement] = field(default_factory=list)

    def watcher(self) -> Watcher:
        """Return what a run tells."""
        return Watcher(recorded=self._events.append, advanced=self._advance)

    def _advance(self, scenario: Scenario) -> None:
        exchanges = tuple(each for each in self._events if isinstance(each, Exchange))
        arranges = len(exchanges) < len(self._events)
        self.of.setdefault(scenario.api, []).append(Passage(scenario, exchanges, arranges))
        self._events.clear()


def groups(passages: Sequence[Passage]) -> Iterator[list[Passage]]:
    """Yield what may run at the same time, in the order in which one group has to wait for the other."""
    group: list[Passage] = []
    for each in passages:
        if group and (each.is_alone or each.arranges or group[-1].is_alone):
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def longest_chain(passages: Mapping[str, Sequence[Passage]]) -> int:
    """Return the most requests of one API of which each has to wait for the answer to the one before.

    The steps of a scenario wait for each other; a scenario that may change something, or whose state has to be arranged, waits
    for all before it and is waited for; those that only read wait for none of their kind.
    """
    return max(
        (sum(max(len(each.exchanges) for each in group) for group in groups(own)) for own in passages.values()),
        default=0,
    )


def longest_scenario(passages: Mapping[str, Sequence[Passage]]) -> int:
    """Return the most requests of one scenario: what would have to wait if scenarios never disturbed each other."""
    return max((len(each.exchanges) for own in passages.values() for each in own), default=0)


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: its seconds, and what it did."""

    seconds: float
    done: Run
    passages: Passages

    @property
    def requests(self) -> int:
        """Return how many requests were sent."""
        return len(self.done.execution.trace.exchanges)


def measure(rounds: int, scratch: Path) -> Figure:
    """Measure runs of every tier, and of requests that only read, with late answers."""
    rows, bounds = [], []
    for tier in (Tier.DISRUPTIVE, Tier.READ):
        with _emulators() as served:
            sample = _middle([_run(served, tier, _FAR) for _ in range(rounds)])
            chain, requests = longest_chain(sample.passages.of), sample.requests
            least = (chain + requests / _CONNECTIONS) * _FAR
            strict = (longest_scenario(sample.passages.of) + requests / _CONNECTIONS) * _FAR
            about = f"asdoc run, requests up to {tier}, {_FAR * 1000:.0f} ms late, {_CONNECTIONS} at a time"
            bounds.append(
                Bound(
                    f"{about}: wall time / (longest chain + requests / {_CONNECTIONS})", sample.seconds / least, _MOST
                )
            )
            rows.append(
                (
                    f"up to {tier}",
                    str(requests),
                    str(chain),
                    number(sample.seconds),
                    number(least),
                    number(sample.seconds / least),
                    number(sample.seconds / strict),
                )
            )
    header = (
        "100 ms late, 16 at a time",
        "requests",
        "longest chain",
        "wall s",
        "chain + requests / 16, s",
        "ratio",
        "ratio, by the longest scenario",
    )
    near, added = _beside_bare(rounds)
    return Figure("With late answers", (Table(header, tuple(rows)), near), (*bounds, *added), _NOTES)


def _beside_bare(rounds: int) -> tuple[Table, list[Bound]]:
    rows, bounds = [], []
    for tier in (Tier.DISRUPTIVE, Tier.READ):
        with _emulators() as served:
            recorded = _run(served, tier, _NEAR)
            candidates = {
                "asdoc": partial(_seconds, served, tier),
                "bare": partial(bare, served, recorded.passages.of, _NEAR),
            }
            samples = interleave(rounds, candidates)
        ours, theirs = (median(samples[name], float) for name in ("asdoc", "bare"))
        bounds.append(
            Bound(
                f"asdoc run, requests up to {tier}, {_NEAR * 1000:.0f} ms late: wall time / bare client",
                ours / theirs,
                _ADDED,
            )
        )
        rows.append((f"up to {tier}", str(recorded.requests), number(ours), number(theirs), number(ours / theirs)))
    return Table(("20 ms late, 16 at a time", "requests", "asdoc, s", "bare client, s", "ratio"), tuple(rows)), bounds


@contextmanager
def _emulators() -> Iterator[Mapping[str, ServedEmulator]]:
    """Start an emulator for each API, so that each has its own clock."""
    with ExitStack() as stack:
        yield {api: stack.enter_context(served_emulator()) for api in catalogue().apis}


def _reset(served: Mapping[str, ServedEmulator], seconds: float) -> None:
    """Let emulators be as they started, but that every answer comes late."""
    for each in served.values():
        each.reset()
        each.late(seconds)


def _run(served: Mapping[str, ServedEmulator], tier: Tier, seconds: float) -> Sample:
    _reset(served, seconds)
    target = ServedTarget(catalogue(), served, concurrency=_CONNECTIONS)
    passages = Passages()
    begun = time.perf_counter()
    done = run(catalogue(), target, Options(allowed=tier, corpora=load_corpora(catalogue())), passages.watcher())
    return Sample(time.perf_counter() - begun, done, passages)


def _seconds(served: Mapping[str, ServedEmulator], tier: Tier) -> float:
    return _run(served, tier, _NEAR).seconds


def _middle(samples: Sequence[Sample]) -> Sample:
    return sorted(samples, key=lambda each: each.seconds)[len(samples) // 2]


def bare(served: Mapping[str, ServedEmulator], passages: Mapping[str, Sequence[Passage]], seconds: float) -> float:
    """Send the recorded requests with nothing but aiohttp, as many at a time and in the same order of waiting; return seconds."""
    _reset(served, seconds)
    target = ServedTarget(catalogue(), served, concurrency=_CONNECTIONS)
    begun = time.perf_counter()
    asyncio.run(_send_all(target, passages))
    return time.perf_counter() - begun


async def _send_all(target: ServedTarget, passages: Mapping[str, Sequence[Passage]]) -> None:
    room = asyncio.Semaphore(_CONNECTIONS)
    connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
    async with (
        aiohttp.ClientSession(connector=connector, auto_decompress=False) as session,
        asyncio.TaskGroup() as lanes,
    ):
        for own in passages.values():
            lanes.create_task(_send_lane(session, room, target, own))


async def _send_lane(
    session: aiohttp.ClientSession, room: asyncio.Semaphore, target: ServedTarget, passages: Sequence[Passage]
) -> None:
    for group in groups(passages):
        if group[0].arranges:
            target.arrange(group[0].scenario.api, group[0].scenario.state)
        async with asyncio.TaskGroup() as together:
            for passage in group:
                together.create_task(_send_passage(session, room, target, passage))


async def _send_passage(
    session: aiohttp.ClientSession, room: asyncio.Semaphore, target: ServedTarget, passage: Passage
) -> None:
    async with room:
        for exchange in passage.exchanges:
            await _send(session, target, passage, exchange)


async def _send(session: aiohttp.ClientSession, target: ServedTarget, passage: Passage, exchange: Exchange) -> None:
    """Send one recorded request, with credentials in place of the markers that stand for them."""
    request = exchange.request
    security = passage.scenario.steps[0].call.operation.security
    headers = [(name, await _with_credential(target, exchange.api, security, value)) for name, value in request.headers]
    if passage.scenario.steps[0].call.is_raw:
        base = target.base_url(exchange.api)
        await wire.send(base, request.method, request.target, tuple(headers), request.body, timeout=10)
        return
    kept = [each for each in headers if each[0] not in ("host", "content-length", "transfer-encoding", "connection")]
    url = URL(target.base_url(exchange.api) + request.target, encoded=True)
    async with session.request(
        request.method, url, headers=kept, data=request.body or None, allow_redirects=False
    ) as answer:
        await answer.read()


async def _with_credential(target: ServedTarget, api: str, security: str, value: str) -> str:
    found = _MARKER.search(value)
    credential = await target.credential(api, found[2], security) if found else None
    if found is None or credential is None:
        return value.encode("ascii", "replace").decode()
    return value.replace(found[0], credential[1].rpartition(" ")[2])


_NOTES = (
    (
        "Each API has an emulator of its own, so that each has its own clock; states are arranged, and clocks moved instead of"
        " waited for, through the control API, whose answers come at once. The time is that of planning, sending and judging."
    ),
    (
        "The longest chain is counted from the plan and what came of it (`longest_chain`): scenarios that may change something,"
        " or whose state has to be arranged, run alone with their API and in the order of the plan; those that only read run side"
        " by side. The last column counts as if no scenario ever disturbed another."
    ),
    (
        "The bare client is aiohttp with as many connections. It sends the recorded requests, waits for the same answers before"
        " it goes on, arranges the same states, and looks at nothing."
    ),
)
