"""Stored cases are replayed in every run, without the generator and without a false alarm."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import asdocumented
from asdocumented.contracts.model import Tier
from asdocumented.corpus.cases import Case, Kind
from asdocumented.corpus.store import Corpora, load_corpora
from asdocumented.running import Options, Run, run
from tests.corpus.broken import BrokenTarget, two_filters, unknown_field
from tests.corpus.test_cases import CREATE, LIST
from tests.independent.server import running
from tests.support import catalogue, clean_run, emulator_run, failing, independent_target

CORPORA = load_corpora(catalogue())


@pytest.mark.parametrize("seed", range(10))
def test_emulator_stays_clean(seed: int) -> None:
    """No stored case makes a healthy emulator fail, in any profile and with any seed."""
    done = emulator_run(seed=seed, corpora=CORPORA)

    assert set[str]() == {
        key for profile in done.results[next(iter(done.results))].profiles for key in failing(done, profile)
    }
    assert sum(map(len, [*CORPORA.cases.values(), *CORPORA.walks.values()])) == len(done.replayed)


def test_verdicts_stay_the_same() -> None:
    """What passed without the stored cases passes with them."""
    plain, full = clean_run(), emulator_run(corpora=CORPORA)
    passed = {
        (key, name) for key, each in plain.results.items() for name, one in each.profiles.items() if one == "pass"
    }

    assert set() == {(key, name) for key, name in passed if full.results[key].profiles[name] != "pass"}


@pytest.fixture(scope="module")
def independent() -> dict[int, Run]:
    """Return runs on the independent server, by seed."""
    runs = {}
    for seed in range(10):
        with running() as server:
            options = Options(allowed=Tier.DISRUPTIVE, seed=seed, corpora=CORPORA)
            runs[seed] = run(catalogue(), independent_target(server), options)
    return runs


@pytest.mark.parametrize("seed", range(10))
def test_independent_server_stays_clean(independent: dict[int, Run], seed: int) -> None:
    """No stored case makes the healthy independent server fail, in any profile and with any seed."""
    done = independent[seed]

    assert set[str]() == {key for name in ("documented", "interoperable", "conventions") for key in failing(done, name)}
    assert 80 < len(done.replayed)


def test_case_finds_what_the_plan_does_not() -> None:
    """A stored case can find what no planned request shows: here, two filters at once that a server refuses."""
    plain, full = (
        run(catalogue(), BrokenTarget(two_filters), Options(corpora=corpora)) for corpora in (Corpora(), CORPORA)
    )

    assert (set(), {f"{LIST}/request/query/scope"}) == (failing(plain), failing(full))


def test_refused_unknown_field_is_no_failure() -> None:
    """No page says that a field which it does not name must be taken, so refusing one breaks nothing."""
    done = run(catalogue(), BrokenTarget(unknown_field), Options(corpora=CORPORA))

    assert set[str]() == failing(done)


def test_reading_tier_sends_no_writing_case() -> None:
    """What a run may not send stays unsent when it is a stored case; what is about nothing that exists may go out."""
    with running() as server:
        done = run(catalogue(), independent_target(server), Options(allowed=Tier.READ, corpora=CORPORA))
    tiers = {step.tier for each in done.plan.scenarios if "/corpus/" in each.id for step in each.steps}
    operations = {each.case.operation for each in done.replayed}

    assert {Tier.PROBE, Tier.READ} == tiers
    assert all(gap.serves for gap in done.plan.gaps)
    assert LIST in operations
    assert CREATE not in operations


def test_unselected_operation_is_not_replayed() -> None:
    """Only the cases of the operations that a run looks at are replayed."""
    from asdocumented.selection import Selection

    done = emulator_run(corpora=CORPORA, selection=Selection(operations=("list-role-assignments",)))

    assert {LIST} == {each.case.operation for each in done.replayed}


def test_unknown_id_is_no_fault_of_the_target() -> None:
    """A documented refusal of a positive case that refers to something unknown is inconclusive, not a failure."""
    operation = "azure-synapse-access-control/get-role-assignment"
    path = ("path", "roleAssignmentId", "somebody-elses")
    case = Case(operation, Kind.POSITIVE, "a test", (path, ("query", "api-version", "2020-12-01")))
    done = emulator_run(corpora=Corpora({operation: (case,)}))
    (replayed,) = done.replayed
    answer = next(each for each in done.execution.trace.exchanges if each.id == replayed.exchanges[-1])

    assert answer.response is not None
    assert 404 == answer.response.status
    assert set[str]() == failing(done)


def _imported(file: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}


def test_one_module_imports_the_generator() -> None:
    """Schemathesis is imported in one place."""
    source = Path(asdocumented.__file__).parent
    found = {str(file.relative_to(source)) for file in source.rglob("*.py") if "schemathesis" in _imported(file)}

    assert {"corpus/generating.py"} == found
