"""Exploring takes no more of a target than the run that it follows may take: both have one budget."""

from __future__ import annotations

from asdocumented.corpus.exploring import Explorer
from asdocumented.running import Options, Run, run
from asdocumented.selection import Selection
from asdocumented.targets.description import Budget
from tests.corpus.test_cases import LIST
from tests.corpus.test_exploring import steps
from tests.judge.traces import ACCESS, catalogue
from tests.transport.hostile import EMPTY, Asked, Hostile, hostile, said, target

_ONE = Selection(operations=(LIST,))


def _run(server: Hostile, requests: int) -> Run:
    return run(catalogue(), target(server.url, budget=Budget(requests=requests)), Options(_ONE))


def test_exploring_shares_the_budget() -> None:
    """The requests of every batch come out of what the run left, and the exploration ends in words when there are none."""
    with hostile(lambda asked: [said(200, EMPTY)]) as server:
        alone = _run(server, 0)
        most = len(alone.execution.trace.exchanges) + 30
        server.asked.clear()
        done = _run(server, most)
        result = Explorer(done, steps(1000)).explore()

        assert most == len(server.asked)
        assert f"The budget of {most} requests is used up." == result.ended
        assert 30 == result.exchanges


def test_finding_is_kept_where_the_budget_ends() -> None:
    """A fault that there is no budget left to shrink is told all the same."""

    def fails(asked: Asked) -> list[bytes]:
        return [said(500, {}) if len(server.asked) > before else said(200, EMPTY)]

    before = 10_000
    with hostile(fails) as server:
        before = len(_run(server, 0).execution.trace.exchanges)
        server.asked.clear()
        first = Explorer(_run(server, before + 10_000), steps(2))
        first.explore()
        enough = first.result.exchanges
        assert first.result.found
        server.asked.clear()
        for more in range(1, enough):
            explorer = Explorer(_run(server, before + more), steps(2))
            if explorer.explore().found:
                break
            server.asked.clear()

    assert explorer.result.ended
    assert explorer.result.found[0].exchanges


def test_distress_is_remembered() -> None:
    """What came to nothing in one batch counts in the next, so that a target that has gone is left alone."""
    with hostile(lambda asked: [said(200, EMPTY)]) as server:
        done = _run(server, 0)
        assert done.conduct is not None
        before = done.conduct
        breaker = before._breakers[ACCESS]
        breaker.in_a_row = 3
        breaker._last.clear()
        Explorer(done, steps(3)).explore()

    assert before is not done.conduct
    assert breaker is done.conduct._breakers[ACCESS]
    assert 0 == breaker.in_a_row
    assert len(breaker._last) > 0
