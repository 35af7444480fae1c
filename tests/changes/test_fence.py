"""The fence: only what is the run's own, or what the file lists, may be changed; each reason names the line that is missing."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote

import pytest

from asdocumented.changes.fence import fenced, is_change
from asdocumented.changes.rights import Rights
from asdocumented.contracts.model import Tier
from asdocumented.planning.building import build
from asdocumented.plans import Call, Fill, Step
from asdocumented.requirements import derive
from asdocumented.running import Options, aim_of, make_plan
from asdocumented.selection import Selection
from asdocumented.targets.choosing import choose_target
from asdocumented.targets.description import ApiDescription, Description, FromEnvironment, LoginCredential
from asdocumented.targets.remote import RemoteTarget
from tests.support import catalogue

_ACCESS, _ARM = "azure-synapse-access-control", "azure-synapse-management"
_FABRIC, _VCENTER = "microsoft-fabric-mirroring", "vmware-vcenter-hvc"
_CREATE, _DELETE = f"{_ACCESS}/create-role-assignment", f"{_ACCESS}/delete-role-assignment"
_STOP, _SYNC = f"{_FABRIC}/stop-mirroring", f"{_ARM}/sync-integration-runtime-credentials"
_START, _LOGIN, _LOGOUT = (f"{_VCENTER}/{each}" for each in ("start-sync-provider", "create-session", "delete-session"))
_ROLE, _PRINCIPAL, _SCOPE = "role-1", "principal-1", "scope-1"
_POOLS = {
    "role": (_ROLE,),
    "principal": (_PRINCIPAL,),
    "scope": (_SCOPE,),
    "principal-type": ("User",),
    "role-assignment": ("theirs",),
    "mirrored-database": ("Database-1",),
    "integration-runtime": ("runtime-1",),
    "provider": ("provider-1",),
    "user-name": ("somebody",),
}
_ALL = frozenset(each.name for each in catalogue().operations)
_RIGHTS = Rights(_POOLS, operations=_ALL, table="targets.mine.apis.some")
_FRESH = "made-up"
_BODY = f'{{"roleId": "{_ROLE}", "principalId": "{_PRINCIPAL}", "scope": "{_SCOPE}"}}'
_PASSWORD = '{"credentials": {"user_name": "somebody", "password": "made-up-password"}}'


def _step(operation: str, value: str = "", body: str = "", tier: Tier | None = None, **changes: str) -> Step:
    found = catalogue().operation(operation)
    named = [each for each in found.parameters if each.location == "path" and each.resource]
    last = max(named, key=lambda each: found.path.find("{" + each.name + "}"), default=None)
    arguments = {("path", last.name): value} if last else {}
    call = replace(Call(found, "admin", arguments, body.encode()), **changes)
    return Step(call, "a step", tier or found.tier)


def _reason(step: Step, **changes: object) -> str:
    return fenced(step, replace(_RIGHTS, **changes), {_FRESH})


def test_fresh_creation_passes() -> None:
    """A role assignment under an id that was made up, of roles, principals and scopes of the file, may be created."""
    assert "" == _reason(_step(_CREATE, _FRESH, _BODY))


@pytest.mark.parametrize("operation", [_CREATE, _DELETE])
def test_existing_is_never_written(operation: str) -> None:
    """An assignment that exists is neither replayed nor deleted, whatever the file allows."""
    allowed = {"owned": {"role-assignment": ("*",)}, "irreversible": {"role-assignment": ("*",)}}

    assert "not the run's own" in _reason(_step(operation, "theirs", _BODY), **allowed)


@pytest.mark.parametrize("operation", [_CREATE, _DELETE])
def test_unknown_id_is_not_written(operation: str) -> None:
    """An id that the run did not make up may be somebody's; the owner of a throw-away server can say that it does not matter."""
    step = _step(operation, "z", _BODY)

    assert 'irreversible.role-assignment = ["z"]' in _reason(step)
    assert "" == _reason(step, irreversible={"role-assignment": ("*",)})


@pytest.mark.parametrize("field", ["roleId", "principalId", "scope"])
def test_foreign_reference_is_refused(field: str) -> None:
    """A role, a principal or a scope that the file does not list is given to nobody."""
    body = _BODY.replace(f'"{field}": "', f'"{field}": "other-')

    assert "is not among the resources" in _reason(_step(_CREATE, _FRESH, body))


def test_creation_needs_its_undo() -> None:
    """What cannot be deleted again is created only where the file lets all of the pool be changed for good."""
    rights = {"operations": _ALL - {"delete-role-assignment"}}
    step = _step(_CREATE, _FRESH, _BODY)

    assert 'irreversible.role-assignment = ["*"]' in _reason(step, **rights)
    assert "" == _reason(step, irreversible={"role-assignment": ("*",)}, **rights)


@pytest.mark.parametrize(
    ("operation", "pool", "value"),
    [
        (_STOP, "mirrored-database", "Database-1"),
        (_SYNC, "integration-runtime", "runtime-1"),
        (_START, "provider", "provider-1"),
    ],
)
def test_irreversible_effect_needs_its_line(operation: str, pool: str, value: str) -> None:
    """An operation of which something stays needs its resource under `irreversible`; owning it is not enough."""
    step, line = _step(operation, value), f'irreversible.{pool} = ["{value}"]'
    words = catalogue().operation(operation).irreversible

    assert f"needs the line {line} in [targets.mine.apis.some] of the targets file: {words}" == _reason(step)
    assert line in _reason(step, owned={pool: (value,)})
    assert line in _reason(step, irreversible={pool: ("another",)})
    assert "" == _reason(step, irreversible={pool: (value,)})


def test_id_in_other_case_is_the_same() -> None:
    """An id that is compared without case is found in either; one that is not stays another thing's."""
    fabric = {"irreversible": {"mirrored-database": ("dataBASE-1",)}}
    vcenter = {"irreversible": {"provider": ("PROVIDER-1",)}}

    assert "" == _reason(_step(_STOP, "DATABASE-1"), **fabric)
    assert "" != _reason(_step(_START, "provider-1"), **vcenter)


def test_reversible_change_needs_ownership() -> None:
    """A change that can be taken back as a whole needs its resource under `owned`, or under `irreversible`."""
    plain = replace(catalogue().operation(_STOP), irreversible="")
    step = _step(_STOP, "Database-1")
    step = replace(step, call=replace(step.call, operation=plain))

    assert 'owned.mirrored-database = ["Database-1"]' in _reason(step)
    assert "" == _reason(step, owned={"mirrored-database": ("Database-1",)})
    assert 'irreversible.mirrored-database = ["Database-1"]' in _reason(step, operations=frozenset())


def test_probe_passes() -> None:
    """A disruptive operation on an id that was made up does nothing, and needs no line."""
    step = _step(_STOP, _FRESH, tier=Tier.PROBE)

    assert not is_change(step)
    assert "" == _reason(step)


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "GET"])
def test_other_method_on_real_thing_is_refused(method: str) -> None:
    """Nobody says what another method does to a real resource, so that owning it is not enough."""
    step = _step(f"{_FABRIC}/get-mirroring-status", "Database-1", tier=Tier.WRITE, method=method)

    assert f"no source says what {method} does to it" in _reason(step, owned={"mirrored-database": ("*",)})


def test_delete_of_collection_is_refused() -> None:
    """A method that might empty a whole list needs a line of its own."""
    step = _step(f"{_ACCESS}/list-role-assignments", tier=Tier.WRITE, method="DELETE")

    assert 'irreversible.list-role-assignments = ["*"]' in _reason(step)


def test_read_in_writing_scenario_passes() -> None:
    """A list that is looked at between writes is no change itself; the writes that it names are looked at."""
    listing = _step(f"{_ACCESS}/list-role-assignments", tier=Tier.WRITE)
    writes = (_step(_CREATE, "theirs", _BODY).call,)

    assert "" == _reason(listing)
    assert "not the run's own" in _reason(replace(listing, follow=Fill("x-ms-continuation", writes)))


def test_session_of_its_own_is_ended() -> None:
    """A run opens sessions that it can end, and ends only those that it opened."""
    assert "" == _reason(_step(_LOGIN))
    assert "delete-session" in _reason(_step(_LOGOUT))
    assert "" == _reason(_step(_LOGOUT), sessions=frozenset({"admin"}))
    assert "create-session" in _reason(_step(_LOGIN), operations=frozenset())


@pytest.mark.parametrize("tier", [Tier.PROBE, Tier.DISRUPTIVE])
def test_made_up_password_for_account_needs_its_line(tier: Tier) -> None:
    """A password that nobody has is not sent for an account of the file, since that may lock it, not even to no provider."""
    step = _step(_START, _FRESH, _PASSWORD, tier=tier)

    assert 'irreversible.user-name = ["somebody"]' in _reason(step)
    assert "" == _reason(step, irreversible={"user-name": ("somebody",)})


def test_target_without_file_names_one() -> None:
    """A target given as a URL has no file yet: the reason says so."""
    assert _reason(_step(_SYNC, "runtime-1"), table="").startswith("needs a targets file with the line irreversible.")


def _target(**said: object) -> RemoteTarget:
    apis = {
        name: ApiDescription(
            "https://server.example",
            {"admin": LoginCredential("somebody", FromEnvironment("ASDOC_TEST_UNSET"))},
            {pool: each.values for pool, each in api.resources.items() if each.values},
        )
        for name, api in catalogue().apis.items()
    }
    return RemoteTarget(catalogue(), Description("mine", apis, **said), with_secrets=False)


def test_plan_holds_nothing_outside_the_fence() -> None:
    """With every tier allowed and nothing listed, a plan changes nothing but role assignments of its own."""
    target = _target(allow=Tier.DISRUPTIVE, intrusive=True)
    _, plan = make_plan(catalogue(), target, Options(allowed=Tier.DISRUPTIVE))
    changing = {step.call.operation.id for each in plan.scenarios for step in each.steps if is_change(step)}

    assert {_CREATE, _DELETE, _LOGIN, _LOGOUT} >= changing
    assert _CREATE in changing
    reasons = {gap.reason for gap in plan.gaps if gap.skipped}
    assert any("irreversible.integration-runtime" in each for each in reasons)
    assert any("irreversible.mirrored-database" in each for each in reasons)


@pytest.mark.parametrize(
    ("allowed", "file", "said"),
    [
        (None, Tier.DISRUPTIVE, "--allow is not given, which means 'read'"),
        (Tier.READ, Tier.DISRUPTIVE, "--allow says 'read'"),
        (Tier.WRITE, Tier.READ, "the target's file allows 'read'"),
        (None, Tier.READ, "--allow is not given, which means 'read', and the target's file allows 'read'"),
    ],
)
def test_tier_needs_option_and_file(allowed: Tier | None, file: Tier, said: str) -> None:
    """More than reading needs --allow and the target's file; the reason says which of them is missing."""
    target, options = _target(allow=file), Options(allowed=allowed)
    plan = build(catalogue(), derive(catalogue()), aim_of(target, options))

    assert Tier.READ is options.reach(target)
    assert f"needs requests of the tier 'write', and {said}" in {gap.reason for gap in plan.gaps if gap.skipped}
    assert not [step for each in plan.scenarios for step in each.steps if is_change(step)]


@pytest.mark.parametrize(
    ("tier", "intrusive", "least"),
    [
        (Tier.PROBE, False, None),
        (Tier.READ, False, Tier.READ),
        (Tier.DISRUPTIVE, False, Tier.READ),
        (Tier.PROBE, True, Tier.PROBE),
    ],
)
def test_encoded_dot_segment_is_intrusive(tier: Tier, intrusive: object, least: Tier | None) -> None:
    """A server that decodes `%2F..` takes a request for one to what is above it: none that changes something is sent unasked."""
    target = _target(allow=tier, intrusive=intrusive)
    _, plan = make_plan(catalogue(), target, Options(allowed=tier))
    dotted = [
        step
        for each in plan.scenarios
        for step in each.steps
        if "/.." in unquote(step.call.target) and not step.call.raw_path
    ]

    assert (least is None) is (not dotted)
    assert {least} >= {step.tier for step in dotted}
    assert bool(intrusive) is any(step.call.operation.method == "DELETE" for step in dotted)


@pytest.mark.parametrize(
    ("url", "reach"),
    [
        ("https://server.example", Tier.READ),
        ("http://192.0.2.1:8080", Tier.READ),
        ("https://127.0.0.1.server.example", Tier.READ),
        ("http://127.0.0.1:1", Tier.DISRUPTIVE),
        ("http://localhost:1", Tier.DISRUPTIVE),
        ("http://[::1]:1", Tier.DISRUPTIVE),
    ],
)
def test_url_elsewhere_is_only_read(url: str, reach: Tier) -> None:
    """A server that no file names is changed on this machine alone, whatever --allow says; the reason names the file."""
    options = Options(Selection(apis=(_ACCESS,)), allowed=Tier.DISRUPTIVE)
    target = choose_target(catalogue(), url, None, None, options.selection, 0, with_secrets=False)
    _, plan = make_plan(catalogue(), target, options)
    reasons = " ".join(gap.reason for gap in plan.gaps if gap.skipped)

    assert reach is options.reach(target)
    assert (reach is Tier.DISRUPTIVE) is any(is_change(step) for each in plan.scenarios for step in each.steps)
    assert (reach is Tier.READ) is ("no targets file allows more than 'read' of a URL elsewhere" in reasons)
    assert "the target's file allows" not in reasons
