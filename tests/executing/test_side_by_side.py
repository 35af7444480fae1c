"""Sixteen requests at a time and one at a time: the same verdicts, and a record in the same order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing

import pytest
from benchmarks.emulator import ServedEmulator
from benchmarks.loopback import ServedTarget

from asdocumented.contracts.model import Tier
from asdocumented.corpus.store import load_corpora
from asdocumented.running import Options, Run, judge_trace, run
from asdocumented.traces import Arrangement, Exchange, Trace, exchange_from_record, exchange_record
from tests.independent.server import running
from tests.support import catalogue, independent_target, served, verdicts

_MANY = 16
_DEVIATIONS = ("", "page-item-lost", "page-item-repeated", "not-persisted", "repeat-adds-item", "anonymous-accepted")


def independent_run(deviation: str, seed: int, workers: int) -> Run:
    """Judge an independent server of its own with so many requests at a time."""
    with running(deviations=[deviation] if deviation else []) as server:
        target = independent_target(server)
        target.concurrency = workers
        return run(catalogue(), target, Options(salt="one for both", allowed=Tier.DISRUPTIVE, seed=seed))


def order(done: Run) -> dict[str, list[tuple[str, str]]]:
    """Return, for each API, what was sent and arranged, in the order of the record; ids that differ by run are left out."""
    found: dict[str, list[tuple[str, str]]] = {}
    for event in done.execution.events:
        what = ("state", event.state) if isinstance(event, Arrangement) else _sent(event)
        found.setdefault(event.api, []).append(what)
    return found


def _sent(exchange: Exchange) -> tuple[str, str]:
    return exchange.request.method, exchange.request.target


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("deviation", _DEVIATIONS)
def test_independent_server_is_judged_the_same(deviation: str, seed: int) -> None:
    """On a server that shares nothing with the project the number of workers changes no verdict and no order."""
    one, many = independent_run(deviation, seed, 1), independent_run(deviation, seed, _MANY)

    assert verdicts(one.results) == verdicts(many.results)
    assert order(one) == order(many)
    assert list(range(1, len(many.execution.trace.exchanges) + 1)) == [
        each.id for each in many.execution.trace.exchanges
    ]


def test_record_of_many_is_judged_again_the_same() -> None:
    """A record that was made with many requests at a time gives the verdicts that the run gave."""
    done = independent_run("page-item-lost", 0, _MANY)
    read = [
        exchange_from_record(json.loads(json.dumps(exchange_record(event)))) if isinstance(event, Exchange) else event
        for event in done.execution.events
    ]
    _, again = judge_trace(
        catalogue(), done.requirements, Trace(tuple(read), done.execution.facts), list(done.execution.gaps)
    )

    assert verdicts(done.results) == verdicts(again)


@pytest.fixture(scope="module")
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, ServedEmulator]]:
    """Serve each API by an emulator of its own, each with its own clock, in a process of its own."""
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("served")
        yield {
            api: stack.enter_context(
                closing(ServedEmulator(stack.enter_context(served(folder, "--port", "0"))["apis"][api]))
            )
            for api in catalogue().apis
        }


def served_run(emulators: Mapping[str, ServedEmulator], seed: int, workers: int) -> Run:
    """Judge the served emulators in every tier, with the stored cases."""
    for each in emulators.values():
        each.reset()
    target = ServedTarget(catalogue(), emulators, concurrency=workers)
    return run(catalogue(), target, Options(seed=seed, corpora=load_corpora(catalogue())))


@pytest.mark.parametrize("seed", range(3))
def test_served_emulator_is_judged_the_same(emulators: Mapping[str, ServedEmulator], seed: int) -> None:
    """With every operation, every state and the stored cases the number of workers changes no verdict and no order."""
    one, many = served_run(emulators, seed, 1), served_run(emulators, seed, _MANY)

    assert verdicts(one.results) == verdicts(many.results)
    assert order(one) == order(many)
    assert len(one.replayed) == len(many.replayed) > 0
