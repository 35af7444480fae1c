"""Few requests for all that is judged: valid calls that are sent anyway, and oddities that go together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

import pytest

from asdocumented.changes.rights import Rights
from asdocumented.contracts import Tier
from asdocumented.mutant import Mutant
from asdocumented.planning.building import Aim, build
from asdocumented.plans import Plan, Scenario
from asdocumented.requirements import derive
from asdocumented.running import Run
from asdocumented.selection import Selection
from asdocumented.verdicts import Verdict
from tests.support import FIVE, WIDEST, catalogue, emulator_run

_MOST = 300
"""The limit of a replay run of these operations, without the corpus. A generic tester (`schemathesis run`) needs 423 on the same
emulator. A run stayed within 0.4 of that until tokens that are not valid yet, of another issuer, of another key and unsigned were
sent too: each is a request for each operation, and no check is left out for a figure."""
_ACCESS = "azure-synapse-access-control"
_LIST, _CREATE = f"{_ACCESS}/list-role-assignments", f"{_ACCESS}/create-role-assignment"
_SYNC = "azure-synapse-management/sync-integration-runtime-credentials"
_STOP = "microsoft-fabric-mirroring/stop-mirroring"
_FIVE = Selection(operations=tuple(sorted(FIVE)))


@cache
def _run() -> Run:
    return emulator_run(selection=_FIVE)


def _broken(switch: str, operation: str, **arguments: str) -> Run:
    return emulator_run(Mutant(switch, operation, "", arguments), selection=_FIVE)


def _plan(allowed: Tier = Tier.DISRUPTIVE) -> Plan:
    pools = {api.name: {name: each.values for name, each in api.resources.items()} for api in catalogue().apis.values()}
    requirements = {
        key: each for key, each in derive(catalogue()).items() if f"{each.api}/{each.operation}" in {_LIST, _CREATE}
    }
    return build(catalogue(), requirements, Aim(pools, frozenset({_LIST, _CREATE}), allowed, keeps_changes=False))


def _valid(plan: Plan, operation: str) -> list[str]:
    """Return the purposes of the scenarios that are there for a valid call alone."""
    name = operation.partition("/")[2]
    return [each.steps[0].purpose for each in plan.scenarios if each.id.startswith(f"{name}/valid-")]


def _together(scenarios: Iterable[Scenario]) -> Iterator[Scenario]:
    return (each for each in scenarios if each.apart)


def _robustness(done: Run, operation: str) -> dict[str, Verdict]:
    prefix = f"{operation}/robustness/"
    return {key: each.profiles[WIDEST] for key, each in done.results.items() if key.startswith(prefix)}


def test_five_operations_need_few_requests() -> None:
    """A run of the five source operations stays within its share of the requests of a generic tester."""
    assert len(_run().execution.trace.exchanges) <= _MOST


def test_valid_calls_are_sent_once() -> None:
    """Where behaviours write and filter, they send every form of a valid call, and no scenario is there for one alone."""
    plan = _plan()

    assert ([], []) == (_valid(plan, _LIST), _valid(plan, _CREATE))


def test_valid_calls_stay_where_only_reads_are_allowed() -> None:
    """A valid call stays where the scenario that would send it may not run."""
    expected = [f"a valid request with {name}" for name in ("principalId", "roleId", "scope")]
    plan = _plan(Tier.READ)

    assert (["a valid request", *expected], []) == (_valid(plan, _LIST), _valid(plan, _CREATE))


def test_covering_scenario_serves_for_both() -> None:
    """The scenario that stands in for a valid call serves what that one served, so that nothing is lost without a reason."""
    echo = next(each for each in _plan().scenarios if each.id == "create-role-assignment/echo")

    assert {f"{_CREATE}/response/status", f"{_CREATE}/request/body"} <= set(echo.serves)


@pytest.mark.parametrize("allowed", list(Tier), ids=str)
def test_what_goes_together_needs_the_same_tier(allowed: Tier) -> None:
    """What is sent when not everything was taken needs no more than what was sent first."""
    for scenario in _together(_plan(allowed).scenarios):
        tiers = {step.tier for each in (scenario, *scenario.apart) for step in each.steps}

        assert tiers <= {each for each in Tier if each.rank <= allowed.rank}


def test_emulator_takes_what_goes_together() -> None:
    """On the emulator as it comes, nothing has to be sent apart."""
    plan = _run().plan
    planned = {step.call.target for scenario in plan.scenarios for step in scenario.steps}
    apart = {step.call.target for each in _together(plan.scenarios) for one in each.apart for step in one.steps}
    sent = [each.request.target for each in _run().execution.trace.exchanges]

    assert apart - planned
    assert [] == [target for target in sent if target.endswith(tuple(apart - planned))]


@pytest.mark.parametrize("fault", ["query/undeclared", "query/scope/over-long"])
def test_crash_of_one_is_blamed_on_one(fault: str) -> None:
    """A crash at one of several oddities in a request fails the requirement of that one, and of no other."""
    done = _broken("fault.crash", _LIST, fault=f"robustness/{fault}")
    failing = {key for key, each in _robustness(done, _LIST).items() if each is Verdict.FAIL}

    assert {f"{_LIST}/robustness/{fault}"} == failing
    assert len(done.execution.trace.exchanges) > len(_run().execution.trace.exchanges)


def test_letter_case_of_one_is_blamed_on_one() -> None:
    """A name that is read letter by letter, among others in the other letter case, is the only one that fails."""
    done = _broken("case-insensitive.sensitive", _STOP, parameter="workspaceId")
    verdicts = {key: each.profiles[WIDEST] for key, each in done.results.items() if "/case-insensitive/" in key}

    assert [f"{_STOP}/case-insensitive/workspaceId"] == [key for key, each in verdicts.items() if each is Verdict.FAIL]
    assert Verdict.PASS is verdicts[f"{_STOP}/case-insensitive/mirroredDatabaseId"]


def test_refusal_of_several_proves_nothing_of_each() -> None:
    """Where the error does not tell that the whole value was read, each kind of odd value is sent alone."""
    arguments = {"cause": "resource-group-missing", "code": "SomethingElse"}
    done = _broken("error.code", _SYNC, **arguments)
    before = len(_run().execution.trace.exchanges)

    assert before + 2 == len(done.execution.trace.exchanges)
    assert {Verdict.PASS} == set(_robustness(done, _SYNC).values())


def test_requirement_alone_goes_alone() -> None:
    """A run for one requirement sends nothing that only other requirements need."""
    wanted = f"{_LIST}/robustness/query/undeclared"
    done = emulator_run(selection=replace(_FIVE, operations=(), requirements=(wanted,)))

    assert [] == list(_together(done.plan.scenarios))
    assert Verdict.PASS is done.results[wanted].profiles[WIDEST]


def test_fence_holds_back_one_alone() -> None:
    """Where the file lists no foreign scopes, what goes together with an odd one is sent without it."""
    pools = {api.name: {name: each.values for name, each in api.resources.items()} for api in catalogue().apis.values()}
    rights = Rights(
        pools[_ACCESS], {}, {}, frozenset({"create-role-assignment", "delete-role-assignment"}), frozenset(), "t"
    )
    requirements = {key: each for key, each in derive(catalogue()).items() if f"{each.api}/{each.operation}" == _CREATE}
    aim = Aim(pools, frozenset({_CREATE}), Tier.DISRUPTIVE, keeps_changes=True, rights={_ACCESS: rights})
    plan = build(catalogue(), requirements, aim)

    held_back = {each for gap in plan.gaps if "irreversible.scope" in gap.reason for each in gap.serves}
    assert held_back == {f"{_CREATE}/robustness/body/{each}" for each in ("over-long", "unicode")}
    assert f"{_CREATE}/request/media-type/text_json" in {
        each for scenario in plan.scenarios for each in scenario.serves
    }
