"""What each operation changes, and what it shows."""

from __future__ import annotations

import pytest

from asdocumented.contracts import Operation, load_catalogue
from asdocumented.errors import UsageError
from tests.emulator.client import (
    ACCESS,
    DATABASE,
    FABRIC,
    FIRST,
    LINKS,
    MANAGEMENT,
    OTHER_ROLE,
    POOL_SCOPE,
    PRINCIPAL,
    PROVIDER,
    ROLE,
    SCOPE,
    SECOND,
    VCENTER,
    Client,
    runtime,
)

CATALOGUE = load_catalogue()


@pytest.mark.parametrize("operation", CATALOGUE.operations, ids=lambda each: each.id)
def test_valid_request_succeeds(client: Client, operation: Operation) -> None:
    """A valid request of every operation is answered with a documented success."""
    if operation.method == "GET":
        client.create()
    method, target, body = client.valid(operation)
    answer = client.send(method, target, api=operation.api, security=operation.security, **body)

    assert str(answer.status_code) in {rule.key for rule in operation.successes}


def test_created_assignment_is_echoed(client: Client) -> None:
    """A created assignment comes back with its id, and with a principal type that was left out."""
    expected = {
        "id": FIRST,
        "roleDefinitionId": ROLE,
        "principalId": PRINCIPAL,
        "scope": SCOPE,
        "principalType": "User",
    }

    assert (200, expected) == (client.create().status_code, client.read().json())


def test_second_put_replaces(client: Client) -> None:
    """A second PUT to an id replaces the assignment."""
    client.create()
    client.create(scope=POOL_SCOPE, principalType="Group")
    stored = client.read().json()

    assert (POOL_SCOPE, "Group") == (stored["scope"], stored["principalType"])
    assert [FIRST] == client.ids()


def test_same_grant_conflicts(client: Client) -> None:
    """A new id with the role, principal and scope of another one is a conflict, whatever the case of the UUIDs."""
    client.create()
    answer = client.create(SECOND, roleId=ROLE.upper())

    assert (409, "RoleAssignmentAlreadyExists") == (answer.status_code, answer.json()["error"]["code"])
    assert [FIRST] == client.ids()


def test_deleted_assignment_is_gone(client: Client) -> None:
    """A deleted assignment is not found, and its grant is free again."""
    client.create()
    client.delete()

    assert 404 == client.read().status_code
    assert 200 == client.create(SECOND).status_code


def test_delete_is_idempotent(client: Client) -> None:
    """A delete of what does not exist is 204 as well."""
    client.create()

    assert [204, 204] == [client.delete().status_code for _ in range(2)]


def test_list_keeps_order(client: Client) -> None:
    """Assignments are listed in the order of their creation."""
    client.create(SECOND)
    client.create(FIRST, roleId=OTHER_ROLE)

    assert [SECOND, FIRST] == client.ids()


def test_resources_follow_state(client: Client) -> None:
    """The resources that the emulator names are those that exist now."""
    client.create()
    during = client.emulator.resources[ACCESS]["role-assignment"]
    client.delete()

    assert ((FIRST,), ()) == (during, client.emulator.resources[ACCESS]["role-assignment"])


def test_two_pages_have_distinct_grants(client: Client) -> None:
    """The state of two pages has 120 assignments with different ids and grants, over every pool."""
    left = client.emulator.arrange(ACCESS, "two-pages")["role-assignment"]
    stored = [client.read(each).json() for each in left]
    pools = client.emulator.resources[ACCESS]

    assert 120 == len(set(left))
    assert 120 == len({(each["roleDefinitionId"], each["principalId"], each["scope"]) for each in stored})
    assert set(pools["role"]) == {each["roleDefinitionId"] for each in stored}
    assert set(pools["scope"]) == {each["scope"] for each in stored}
    assert set(pools["principal"]) < {each["principalId"] for each in stored}


def test_two_pages_leave_room(client: Client) -> None:
    """In the state of two pages a client can create an assignment of its own."""
    client.emulator.arrange(ACCESS, "two-pages")

    assert 200 == client.create().status_code


def test_arranging_starts_afresh(client: Client) -> None:
    """A state is arranged from scratch: nothing that was made before is left."""
    client.create()
    client.emulator.arrange(ACCESS, "no-role-assignments")

    assert [] == client.ids()


@pytest.mark.parametrize("api", CATALOGUE.apis)
def test_every_state_can_be_arranged(client: Client, api: str) -> None:
    """Every declared state can be arranged, and names the pools that it is about."""
    for state in CATALOGUE.apis[api].states:
        assert client.emulator.arrange(api, state).keys() <= CATALOGUE.apis[api].resources.keys()


def test_unknown_state_is_suggested(client: Client) -> None:
    """A misspelt state is answered with the closest one."""
    with pytest.raises(UsageError, match="Did you mean 'two-pages'"):
        client.emulator.arrange(ACCESS, "two-page")


def test_unknown_api_is_suggested(client: Client) -> None:
    """A misspelt API is answered with the closest one."""
    with pytest.raises(UsageError, match=f"Did you mean '{VCENTER}'"):
        client.emulator.arrange("vmware-vcenter", "sync-idle")


def test_sync_shows_in_status(client: Client) -> None:
    """A sync of credentials shows as a capability of every node, as text."""

    def in_sync() -> list[str]:
        nodes = client.send("POST", runtime("getStatus"), api=MANAGEMENT).json()["properties"]["typeProperties"][
            "nodes"
        ]
        return [node["capabilities"]["credentialInSync"] for node in nodes]

    before = in_sync()
    client.send("POST", runtime("syncCredentials"), api=MANAGEMENT)

    assert (["True", "False"], ["True", "True"]) == (before, in_sync())


@pytest.mark.parametrize(("given", "status"), [("{etag}", 304), ('W/"{etag}"', 304), ("*", 304), ('"other"', 200)])
def test_current_etag_is_not_modified(client: Client, given: str, status: int) -> None:
    """A client that has the current runtime gets 304 without content."""
    etag = client.send("GET", runtime(), api=MANAGEMENT).json()["etag"]
    headers = {"If-None-Match": given.format(etag=etag)}
    answer = client.send("GET", runtime(), api=MANAGEMENT, headers=headers)

    assert (status, status == 304) == (answer.status_code, answer.content == b"")


def test_sync_takes_half_a_minute(client: Client) -> None:
    """A started sync goes through its stages and completes after 30 seconds."""

    def info() -> dict[str, object]:
        return dict(client.send("GET", PROVIDER, api=VCENTER).json()["value"]["current_session_info"])

    before = info()
    client.start()
    stages = []
    for _ in range(4):
        stages.append(info()["stage"])
        client.clock.advance(10)

    assert "COMPLETED" == before["stage"]
    assert ["CHANGE_DETECTION", "CHANGE_ENUMERATION", "CHANGE_APPLICATION", "COMPLETED"] == stages
    assert info()["completed_work"] == info()["total_work"]


def test_running_sync_excludes_start(client: Client) -> None:
    """A start is refused while a sync is going on, and accepted when it has ended."""
    statuses = [client.start().status_code, client.start().status_code]
    client.clock.advance(30)

    assert [200, 500, 200] == [*statuses, client.start().status_code]


def test_last_sync_time_is_kept(client: Client) -> None:
    """While a sync is going on, the time of the last one is that of the one before."""

    def last() -> str:
        return str(client.send("GET", PROVIDER, api=VCENTER).json()["value"]["last_sync_time"])

    before = last()
    client.start()
    during = last()
    client.clock.advance(30)

    assert before == during
    assert last() > before


def test_links_and_providers_are_listed(client: Client) -> None:
    """The lists name the link and the provider that the resources name."""
    link = client.send("GET", LINKS, api=VCENTER).json()["value"][0]["link"]
    provider = client.send("GET", f"{LINKS}/{link}/sync/providers", api=VCENTER).json()["value"][0]["provider"]
    pools = client.emulator.resources[VCENTER]

    assert (pools["link"], pools["provider"]) == ((link,), (provider,))


def mirroring(client: Client, action: str = "getMirroringStatus") -> str:
    """Call an operation on the mirrored database; return the status that it shows, or nothing."""
    answer = client.send("POST", DATABASE.format(action=action), api=FABRIC)
    return str(answer.json()["status"]) if answer.content else ""


def test_mirroring_stops_and_starts(client: Client) -> None:
    """Mirroring goes from running over stopping to stopped, and back over starting."""
    seen = [mirroring(client)]
    for action in ("stopMirroring", "startMirroring"):
        mirroring(client, action)
        seen.append(mirroring(client))
        client.clock.advance(5)
        seen.append(mirroring(client))

    assert ["Running", "Stopping", "Stopped", "Starting", "Running"] == seen


def test_second_stop_changes_nothing(client: Client) -> None:
    """A stop of what has stopped succeeds and leaves it stopped."""
    client.emulator.arrange(FABRIC, "mirroring-stopped")
    mirroring(client, "stopMirroring")

    assert "Stopped" == mirroring(client)
