"""The vendor's own runtime in its REST mode: sessions, links and syncs, and the typed error of each documented one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.served import INVALID, Served, operations_of
from tests.support import catalogue

pytest.importorskip("vmware.vapi", reason="vmware-vapi-runtime is not installed")

from tests.clients import vcenter_binding as binding
from tests.clients.vcenter_binding import Connection

API = "vmware-vcenter-hvc"
LINK, PROVIDER = "link-7f3a51c0", "provider-2c9d04e8"
SESSION, LINKS, PROVIDERS = binding.SERVICES
SECRET = "correct-horse-battery-staple"

Open = Callable[..., Connection]


@pytest.fixture
def opened(emulator: Served, closed: Callable[[Any], Any]) -> Open:
    """Give a function that makes a client, with a signed token in the place of a session for the identity it is given."""

    def make(identity: str = "anonymous") -> Connection:
        connection = Connection(emulator.url(API), verify=emulator.verify)
        closed(connection.session)
        if identity != "anonymous":
            connection.with_session(emulator.token(API, identity))
        return connection

    return make


@pytest.fixture
def client(opened: Open, emulator: Served) -> Connection:
    """Give a client with a session of the administrator."""
    return logged_in(opened(), emulator)


def logged_in(connection: Connection, emulator: Served, identity: str = "admin") -> Connection:
    """Open a session for an identity."""
    connection.with_password(identity, emulator.password(identity))
    connection.with_session(connection.call(SESSION, "create"))
    return connection


OPERATIONS: dict[str, Callable[..., Any]] = {
    f"{API}/list-links": lambda client: client.call(LINKS, "list"),
    f"{API}/list-sync-providers": lambda client, link=LINK: client.call(PROVIDERS, "list", link=link),
    f"{API}/get-sync-provider": lambda client, link=LINK, provider=PROVIDER: client.call(
        PROVIDERS, "get", link=link, provider=provider
    ),
    f"{API}/start-sync-provider": lambda client, link=LINK, provider=PROVIDER, **more: client.call(
        PROVIDERS, "start", link=link, provider=provider, **more
    ),
}
"""Each operation of a session as the client has it, on what exists unless another id is given."""
LIST_LINKS, LIST, GET, START = OPERATIONS
CREATE, DELETE = f"{API}/create-session", f"{API}/delete-session"


def logout(client: Connection) -> Any:
    """Close the client's session."""
    return client.call(SESSION, "delete")


CALLS = {**OPERATIONS, CREATE: lambda client: client.call(SESSION, "create"), DELETE: logout}
"""Every operation."""


def stage_of(client: Connection) -> str:
    """Return the stage of the latest sync."""
    return str(OPERATIONS[GET](client).current_session_info.stage)


def test_client_opens_and_closes_session(opened: Open, emulator: Served) -> None:
    """A session that was opened is good until it is closed."""
    client = logged_in(opened(), emulator)
    found = OPERATIONS[LIST_LINKS](client)
    closed = logout(client)

    assert (1, None) == (len(found), closed)
    with pytest.raises(binding.Unauthenticated):
        OPERATIONS[LIST_LINKS](client)


def test_client_lists_links(client: Connection) -> None:
    """The client reads the links and their providers."""
    links = [each.link for each in OPERATIONS[LIST_LINKS](client)]
    providers = [each.provider for each in OPERATIONS[LIST](client)]

    assert ([LINK], [PROVIDER]) == (links, providers)


def test_client_gets_provider(client: Connection) -> None:
    """The client reads how the latest sync went, with its times as times."""
    info = OPERATIONS[GET](client)

    assert ("SUCCEEDED", "COMPLETED") == (info.status, info.current_session_info.stage)
    assert info.last_sync_time == info.current_session_info.completion_time


@pytest.mark.parametrize("given", ["nothing", "credentials"])
def test_client_starts_sync(given: str, client: Connection, emulator: Served) -> None:
    """A start returns nothing, with credentials and without; the sync goes on and then is complete."""
    more = {} if given == "nothing" else {"credentials": binding.credentials("administrator@vsphere.local", SECRET)}
    answer = OPERATIONS[START](client, **more)
    meanwhile = stage_of(client)
    emulator.advance(60)

    assert None is answer
    assert ("CHANGE_DETECTION", "COMPLETED") == (meanwhile, stage_of(client))


def test_busy_sync_is_resource_busy(client: Connection, emulator: Served) -> None:
    """A start while a sync is going on is the client's ResourceBusy."""
    emulator.arrange(API, "sync-running")
    busy = logged_in(client, emulator)  # a state begins from scratch, sessions included

    with pytest.raises(binding.ResourceBusy) as raised:
        OPERATIONS[START](busy)
    assert 500 == raised.value.get_status_code()


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_empty_object_is_no_body(method: str, client: Connection, emulator: Served) -> None:
    """What earlier runtimes send with every request, an empty object, is accepted where there is no body."""
    path = {"GET": "/rest/hvc/links", "DELETE": "/rest/com/vmware/cis/session"}[method]
    headers = {"vmware-api-session-id": emulator.token(API), "Content-Type": "application/json"}
    answer = client.session.request(method, f"{emulator.url(API)}{path}", data="{}", headers=headers)

    assert 200 == answer.status_code


MISSING = {
    "link of providers": (LIST, {"link": "no-link"}),
    "link of a provider": (GET, {"link": "no-link"}),
    "provider": (GET, {"provider": "no-provider"}),
    "link to start": (START, {"link": "no-link"}),
    "provider to start": (START, {"provider": "no-provider"}),
}


@pytest.mark.parametrize("missing", MISSING)
def test_missing_thing_is_not_found(missing: str, client: Connection) -> None:
    """What does not exist is the client's NotFound, with a message that says so."""
    operation, ids = MISSING[missing]
    with pytest.raises(binding.NotFound) as raised:
        OPERATIONS[operation](client, **ids)

    assert 404 == raised.value.get_status_code()
    assert all(each.id and each.default_message for each in raised.value.messages)


@pytest.mark.parametrize("operation", [*OPERATIONS, DELETE])
@pytest.mark.parametrize("identity", INVALID)
def test_bad_session_is_unauthenticated(identity: str, operation: str, opened: Open) -> None:
    """A session that is none here is the client's Unauthenticated."""
    with pytest.raises(binding.Unauthenticated) as raised:
        CALLS[operation](opened(identity))

    assert 401 == raised.value.get_status_code()


def test_wrong_password_is_unauthenticated(opened: Open) -> None:
    """A wrong password opens no session."""
    stranger = opened()
    stranger.with_password("admin", "no-such-password")

    with pytest.raises(binding.Unauthenticated) as raised:
        stranger.call(SESSION, "create")
    assert 401 == raised.value.get_status_code()


def test_reader_may_not_start(opened: Open, emulator: Served) -> None:
    """A reader reads, and gets the client's Unauthorized when it starts a sync."""
    reader = logged_in(opened(), emulator, "reader")

    assert "COMPLETED" == stage_of(reader)
    with pytest.raises(binding.Unauthorized) as raised:
        OPERATIONS[START](reader)
    assert 403 == raised.value.get_status_code()


DOCUMENTED = [
    (operation.id, error.error, error.status)
    for operation in catalogue().operations
    if operation.api == API
    for response in operation.responses.values()
    for error in response.errors
]


@pytest.mark.parametrize(("operation", "name", "status"), sorted(set(DOCUMENTED)))
def test_documented_error_is_typed(
    operation: str, name: str, status: int, client: Connection, emulator: Served
) -> None:
    """Each error that an operation documents is the client's error of that name, and no more general one."""
    emulator.switch("error.injected", operation, error=name)
    if operation == CREATE:
        client.with_password("admin", emulator.password("admin"))

    with pytest.raises(binding.Error) as raised:
        CALLS[operation](client)
    assert (binding.RAISED[name], status) == (type(raised.value), raised.value.get_status_code())


def test_every_operation_is_driven() -> None:
    """The client has every operation of the contracts."""
    assert operations_of(API) == set(CALLS)


def test_half_credentials_are_invalid(client: Connection) -> None:
    """The runtime does not send credentials without their password."""
    from vmware.vapi.exception import CoreException

    with pytest.raises(CoreException):
        OPERATIONS[START](client, credentials=binding.CREDENTIALS.binding_class(user_name="administrator"))
