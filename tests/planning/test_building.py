"""Building the plan of a run, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from asdocumented.contracts import Tier, load_catalogue
from asdocumented.contracts.matching import match
from asdocumented.planning.building import Aim, build
from asdocumented.plans import Plan, Scenario, Step
from asdocumented.requirements import derive

_CATALOGUE = load_catalogue()
_REQUIREMENTS = derive(_CATALOGUE)
_POOLS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    api.name: {name: each.values for name, each in api.resources.items()} for api in _CATALOGUE.apis.values()
}
_ALL = frozenset(each.id for each in _CATALOGUE.operations)
_AIM = Aim(_POOLS, _ALL, Tier.DISRUPTIVE, keeps_changes=False)
_START = "vmware-vcenter-hvc/start-sync-provider"
_LIST = "azure-synapse-access-control/list-role-assignments"
_CREATE = "azure-synapse-access-control/create-role-assignment"


def _plan(**changes: object) -> Plan:
    return build(_CATALOGUE, _REQUIREMENTS, replace(_AIM, **changes))


def _steps(plan: Plan) -> list[Step]:
    return [step for scenario in plan.scenarios for step in scenario.steps]


def _wire(plan: Plan) -> list[object]:
    return [step.call.key for step in _steps(plan)]


@pytest.mark.parametrize("seed", [0, 1, 20261121])
def test_same_seed_same_plan(seed: int) -> None:
    """The same seed gives the same plan, request by request and secret by secret."""
    one, two = _plan(seed=seed), _plan(seed=seed)

    assert (one.scenarios, one.gaps, one.absent, one.secrets) == (two.scenarios, two.gaps, two.absent, two.secrets)


def test_other_seed_other_ids() -> None:
    """Another seed draws other ids and other secrets."""
    one, two = _plan(seed=1), _plan(seed=2)
    expected = (set(), set())

    assert expected == (one.absent & two.absent, set(one.secrets) & set(two.secrets))


def test_scope_changes_no_draw() -> None:
    """What is drawn for one API does not depend on which other APIs are in scope."""
    fabric = frozenset(each for each in _ALL if each.startswith("microsoft-fabric"))
    alone = _plan(operations=fabric)

    assert _wire(alone) == [
        step.call.key
        for scenario in _plan().scenarios
        if scenario.api == "microsoft-fabric-mirroring"
        for step in scenario.steps
    ]


@pytest.mark.parametrize("allowed", list(Tier))
def test_tier_limits_requests(allowed: Tier) -> None:
    """Nothing above the allowed tier is planned."""
    expected: list[str] = []

    assert expected == [step.purpose for step in _steps(_plan(allowed=allowed)) if step.tier.rank > allowed.rank]


@pytest.mark.parametrize("allowed", [Tier.PROBE, Tier.READ, Tier.WRITE])
def test_undo_stays_in_tier(allowed: Tier) -> None:
    """What takes a change back is within the allowed tier too."""
    plan = _plan(allowed=allowed, keeps_changes=True)
    expected: list[str] = []

    undo = [step for scenario in plan.scenarios for step in scenario.undo]

    assert expected == [step.purpose for step in undo if step.tier.rank > allowed.rank]


@pytest.mark.parametrize("allowed", [Tier.PROBE, Tier.READ, Tier.WRITE])
def test_follow_ups_stay_in_tier(allowed: Tier) -> None:
    """What a step sends while it follows an answer is no higher than the step's own tier."""
    plan = _plan(allowed=allowed, keeps_changes=True)
    expected: list[str] = []

    assert expected == [
        step.purpose
        for step in _steps(plan)
        for call in getattr(step.follow, "calls", ())
        if call.operation.tier.rank > step.tier.rank
    ]


def test_gap_names_the_tier() -> None:
    """What is not planned for its tier is a skipped gap that says which tier it needs and which is allowed."""
    gaps = [gap for gap in _plan(allowed=Tier.READ).gaps if f"{_START}/exclusive/sync-running/status" in gap.serves]
    expected = {("needs requests of the tier 'disruptive', and this run may send up to 'read'", True)}

    assert expected == {(gap.reason, gap.skipped) for gap in gaps}


@pytest.mark.parametrize("allowed", list(Tier))
def test_nothing_is_lost_silently(allowed: Tier) -> None:
    """Each requirement that nothing planned serves is in a gap, or shows in the answers to what is planned."""
    plan = _plan(allowed=allowed)
    served = {each for scenario in plan.scenarios for each in scenario.serves}
    gaps = {each for gap in plan.gaps for each in gap.serves}
    families = ("behaviour", "identity")
    expected: list[str] = []

    assert expected == [
        key
        for key, each in _REQUIREMENTS.items()
        if each.family in families and not each.conditional and key not in served | gaps
    ]


def test_absent_id_is_a_probe() -> None:
    """A request for an id that was made up is a probe, unless it would create that id, or might be read as another path."""
    plan = _plan()
    expected = {Tier.PROBE}

    assert expected == {
        step.tier
        for step in _steps(plan)
        if step.call.operation.method != "PUT"
        and _last_name(step) in plan.absent
        and step.call.operation.api != "azure-synapse-access-control"
        and ".." not in step.call.target
    }


def test_earlier_made_up_id_is_no_probe() -> None:
    """Where an earlier name of a path alone is made up, a target that looks at the last one would obey."""
    plan = _plan()
    reached = [
        step
        for step in _steps(plan)
        if _last_name(step) not in {*plan.absent, ""} and step.call.method not in ("HEAD", "OPTIONS", "TRACE")
    ]

    assert reached
    assert [] == [
        step.purpose
        for step in reached
        if step.tier.rank < step.call.operation.tier.rank and "not-a-uuid" not in step.call.target
    ]


def _last_name(step: Step) -> str:
    """Return the last name in the path of a step's request, or the empty string."""
    in_path = {name: value for (where, name), value in step.call.arguments.items() if where == "path"}
    return max(in_path.items(), key=lambda each: step.call.operation.path.find("{" + each[0] + "}"), default=("", ""))[
        1
    ]


def test_creating_call_is_write() -> None:
    """A write to an id that was made up is a write, since it creates."""
    expected = {Tier.WRITE}

    assert expected == {
        step.tier for step in _steps(_plan()) if step.call.operation.id == _CREATE and not step.call.method
    }


@pytest.mark.parametrize("identity", ["anonymous", "reader", "expired"])
def test_refused_call_keeps_tier(identity: str) -> None:
    """A call that is meant to be refused keeps its full tier on a real resource, since a broken target would obey."""
    plan = _plan()
    expected: list[str] = []

    assert expected == [
        step.purpose
        for step in _steps(plan)
        if step.call.identity == identity
        and not set(step.call.arguments.values()) & plan.absent
        and step.tier is not step.call.operation.tier
    ]


def test_faulty_call_keeps_tier() -> None:
    """A call with a fault keeps its full tier on a real resource."""
    plan = _plan()
    expected: list[str] = []

    assert expected == [
        step.purpose
        for step in _steps(plan)
        if "fault" in step.purpose and not set(step.call.arguments.values()) & plan.absent
        if step.tier.rank < step.call.operation.tier.rank
    ]


def test_unused_method_is_not_harmless() -> None:
    """A method that no operation has is at least as disruptive as the operation, on a real resource, unless it is safe."""
    plan = _plan()
    expected: list[str] = []

    assert expected == [
        step.purpose
        for step in _steps(plan)
        if step.call.method and not set(step.call.arguments.values()) & plan.absent and step.tier.rank < Tier.WRITE.rank
        if step.call.method not in ("HEAD", "OPTIONS", "TRACE")  # safe by RFC 9110 section 9.2.1
    ]


def test_stateless_call_is_sent_once() -> None:
    """In scenarios without a state no call is planned again unless it is meant to be."""
    steps = [step for scenario in _plan().scenarios if not scenario.state for step in scenario.steps if not step.again]
    keys = [(step.call.operation.api, step.call.key) for step in steps]

    assert len(set(keys)) == len(keys)


def test_stateless_scenarios_go_first() -> None:
    """Within an API what needs no state goes before what does."""
    plan = _plan()
    staying = [each for each in plan.scenarios if not any(step.call.operation.ends_session for step in each.steps)]
    orders = [[bool(each.state) for each in staying if each.api == api] for api in _CATALOGUE.apis]

    assert [sorted(order) for order in orders] == orders


def test_scenario_ids_are_unique() -> None:
    """No two scenarios of an API have the same id."""
    names = [(scenario.api, scenario.id) for scenario in _plan().scenarios]

    assert sorted(set(names)) == sorted(names)


def test_planned_calls_reach_operations() -> None:
    """Each planned call without another method addresses the operation that it was planned for."""
    expected: list[str] = []

    assert expected == [
        step.purpose
        for step in _steps(_plan())
        if not step.call.method
        and match(_CATALOGUE.apis[step.call.operation.api], step.call.operation.method, step.call.target).operation.id
        != step.call.operation.id
    ]


def test_scope_limits_plan() -> None:
    """Only operations in scope are called."""
    plan = _plan(operations=frozenset({_LIST}))
    expected = {_LIST}

    assert expected == {step.call.operation.id for step in _steps(plan)}


def test_missing_sibling_is_a_gap() -> None:
    """What needs an operation that the target does not have is a gap that names it."""
    plan = _plan(operations=frozenset({_LIST}))
    expected = {"the target does not have the operation create-role-assignment"}

    assert expected == {gap.reason for gap in plan.gaps if f"{_LIST}/read-after-write/stored" in gap.serves}


def test_missing_pool_is_a_gap() -> None:
    """What needs an id that the target does not name is a gap that names the pool, and no skip."""
    pools = {**_POOLS, "vmware-vcenter-hvc": {}}
    plan = _plan(pools=pools, operations=frozenset({_START}))
    expected = {("the target names no link (resources.link)", False)}

    assert expected == {(gap.reason, gap.skipped) for gap in plan.gaps if f"{_START}/response/status" in gap.serves}


@pytest.mark.parametrize("allowed", [Tier.READ, Tier.DISRUPTIVE])
def test_unsent_write_is_a_gap(allowed: Tier) -> None:
    """What stays unseen since the write that would fill it is not sent has the reason of that write."""
    shown = f"{_LIST}/response/200/schema/RoleAssignmentDetails/id/presence"
    reasons = [gap.reason for gap in _plan(allowed=allowed, keeps_changes=True).gaps if shown in gap.serves]

    assert (allowed is Tier.READ) is any("create-role-assignment, which stores it" in each for each in reasons)


@pytest.mark.parametrize(
    ("allowed", "states", "skipped"),
    [
        pytest.param(Tier.WRITE, {"throttled"}, False, id="not above it"),
        pytest.param(Tier.READ, set(), True, id="above it"),
    ],
)
def test_arranging_stays_in_tier(allowed: Tier, states: set[str], skipped: bool) -> None:  # noqa: FBT001 - of the table
    """A state that takes more than the allowed tier to arrange is not arranged, and what needs it is skipped with the reason."""
    api = "azure-synapse-access-control"
    plan = _plan(
        allowed=allowed, arranging={api: {"throttled": Tier.WRITE}}, keeps_changes=True, states={api: {"throttled": {}}}
    )
    reasons = [
        gap.reason for gap in plan.gaps if gap.skipped and any(f"{_LIST}/throttled/" in each for each in gap.serves)
    ]

    assert states == {each.state for each in plan.scenarios if each.api == api} - {""}
    assert skipped is any("the state 'throttled' is arranged in the tier 'write'" in each for each in reasons)


@pytest.mark.parametrize("pool", ["role", "principal", "scope", "principal-type"])
def test_scarce_pools_are_survived(pool: str) -> None:
    """A target that names a single value of a pool gets a plan all the same."""
    own = dict(_POOLS["azure-synapse-access-control"])
    plan = _plan(pools={**_POOLS, "azure-synapse-access-control": {**own, pool: own[pool][:1]}})
    expected = True

    assert expected == any(step.call.operation.id == _CREATE for step in _steps(plan))


def test_empty_target_plans_nothing() -> None:
    """A target without any operation gets an empty plan."""
    plan = _plan(operations=frozenset())
    expected: tuple[tuple[Scenario, ...], frozenset[str]] = ((), frozenset())

    assert expected == (plan.scenarios, plan.absent)


def test_unwanted_requirements_plan_less() -> None:
    """A plan for few requirements has no scenario that serves none of them."""
    wanted = {key: each for key, each in _REQUIREMENTS.items() if key.startswith(f"{_LIST}/page/")}
    plan = build(_CATALOGUE, wanted, _AIM)
    expected: list[str] = []

    assert expected == [each.id for each in plan.scenarios if each.serves and not set(each.serves) & set(wanted)]


def test_secrets_have_markers() -> None:
    """Each secret that is drawn has a marker that names its field, and stands in a planned body."""
    plan = _plan()
    bodies = b"".join(step.call.body for step in _steps(plan))
    expected = {"«secret:/credentials/password»"}

    assert expected == {marker for secret, marker in plan.secrets.items() if secret.encode() in bodies}


def test_combinations_are_not_repeated() -> None:
    """No two writes to different ids send the same body, which a real target would refuse as a conflict."""
    valid = [
        step for step in _steps(_plan()) if step.call.operation.id == _CREATE and step.purpose.startswith("a valid")
    ]
    bodies = {step.call.arguments["path", "roleAssignmentId"]: step.call.body for step in valid}

    assert len(set(bodies.values())) == len(bodies)


@pytest.mark.parametrize("keeps", ["reset", ""], ids=["reset target", "live target"])
def test_every_scenario_has_steps(keeps: str) -> None:
    """No scenario is empty, and each step says what it is for."""
    plan = _plan(keeps_changes=not keeps)
    expected: list[str] = []

    assert expected == [
        each.id for each in plan.scenarios if not each.steps or not all(step.purpose for step in each.steps)
    ]


def test_sessions_end_last() -> None:
    """What ends the caller's session is planned after everything else of its API."""
    scenarios = [each for each in _plan().scenarios if each.api == "vmware-vcenter-hvc"]
    ending = [
        index for index, each in enumerate(scenarios) if any(step.call.operation.ends_session for step in each.steps)
    ]

    assert list(range(len(scenarios) - len(ending), len(scenarios))) == ending
