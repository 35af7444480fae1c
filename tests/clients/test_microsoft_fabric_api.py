"""The vendor's own client for Microsoft Fabric: it stops and starts mirroring, and sees each documented error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.azure import assert_waits, keywords
from tests.clients.served import INVALID, Served, operations_of

fabric = pytest.importorskip("microsoft_fabric_api", reason="microsoft-fabric-api is not installed")

from azure.core.exceptions import (  # noqa: E402 - the package may be missing
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)

API = "microsoft-fabric-mirroring"
STOP, START, STATUS = (f"{API}/{name}" for name in ("stop-mirroring", "start-mirroring", "get-mirroring-status"))
WORKSPACE = "cfafbeb1-8037-4d0c-896e-a46fb27ff229"
DATABASE = "5b218778-e7a5-4d73-8187-f10824047715"
NOWHERE = "00000000-0000-4000-8000-000000000000"

Client = Any  # of the generated classes only the names are of use here
Open = Callable[..., Client]


@pytest.fixture
def opened(emulator: Served, closed: Callable[[Client], Client]) -> Open:
    """Give a function that makes the vendor's client for an identity."""

    def make(identity: str = "admin", **more: object) -> Client:
        base = f"{emulator.url(API)}/"  # the client puts v1 right behind it
        given = keywords(emulator, API, identity, **more)
        made = fabric.FabricClient(given.pop("credential"), base_url=base, **given)
        return closed(made.mirroreddatabase).mirroring

    return make


OPERATIONS: dict[str, Callable[..., Any]] = {
    STOP: lambda client, *ids: client.stop_mirroring(*(ids or (WORKSPACE, DATABASE))),
    START: lambda client, *ids: client.start_mirroring(*(ids or (WORKSPACE, DATABASE))),
    STATUS: lambda client, *ids: client.get_mirroring_status(*(ids or (WORKSPACE, DATABASE))),
}
"""Each operation of the contracts as the client has it, on the database that exists unless another is named."""


def status_of(client: Client) -> str:
    """Return the status of the mirroring."""
    return str(OPERATIONS[STATUS](client).status)


def code_of(error: HttpResponseError) -> str:
    """Return the code of an error, which this client's own error model looks for in another place."""
    assert error.response is not None
    return str(error.response.json()["errorCode"])


def test_client_stops_mirroring(client: Client, emulator: Served) -> None:
    """A stop returns nothing; the mirroring is stopping and then has stopped."""
    before = status_of(client)
    answer = OPERATIONS[STOP](client)
    meanwhile = status_of(client)
    emulator.advance(60)

    assert None is answer
    assert ("Running", "Stopping", "Stopped") == (before, meanwhile, status_of(client))


def test_client_starts_mirroring(client: Client, emulator: Served) -> None:
    """A start returns nothing; the mirroring is starting and then runs."""
    emulator.arrange(API, "mirroring-stopped")
    answer = OPERATIONS[START](client)
    meanwhile = status_of(client)
    emulator.advance(60)

    assert None is answer
    assert ("Starting", "Running") == (meanwhile, status_of(client))


def test_client_stops_twice(client: Client, emulator: Served) -> None:
    """A stop of what has stopped is no error."""
    emulator.arrange(API, "mirroring-stopped")

    assert None is OPERATIONS[STOP](client)
    assert "Stopped" == status_of(client)


MISSING = {
    "workspace": ((NOWHERE, DATABASE), "WorkspaceNotFound"),
    "database": ((WORKSPACE, NOWHERE), "ItemNotFound"),
}


@pytest.mark.parametrize("missing", MISSING)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_missing_thing_is_not_found(operation: str, missing: str, client: Client) -> None:
    """What does not exist is the client's ResourceNotFoundError."""
    ids, code = MISSING[missing]
    with pytest.raises(ResourceNotFoundError) as raised:
        OPERATIONS[operation](client, *ids)

    assert (404, code) == (raised.value.status_code, code_of(raised.value))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_malformed_id_is_refused(operation: str, client: Client) -> None:
    """An id that is no GUID is the client's HttpResponseError with 400."""
    with pytest.raises(HttpResponseError) as raised:
        OPERATIONS[operation](client, WORKSPACE, "no guid/?")

    assert (400, "InvalidRequest") == (raised.value.status_code, code_of(raised.value))


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("identity", INVALID)
def test_bad_token_is_refused(identity: str, operation: str, opened: Open) -> None:
    """A token that is not valid here is the client's ClientAuthenticationError."""
    with pytest.raises(ClientAuthenticationError) as raised:
        OPERATIONS[operation](opened(identity))

    assert (401, "Unauthorized") == (raised.value.status_code, code_of(raised.value))


@pytest.mark.parametrize("operation", [STOP, START])
def test_reader_may_not_write(operation: str, opened: Open) -> None:
    """A reader reads the status, and is refused with 403 when it changes it."""
    reader = opened("viewer")

    assert "Running" == status_of(reader)
    with pytest.raises(HttpResponseError) as raised:
        OPERATIONS[operation](reader)
    assert (403, "InsufficientWorkspaceRole") == (raised.value.status_code, code_of(raised.value))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_fault_is_server_error(operation: str, client: Client, emulator: Served) -> None:
    """A fault of the service is the client's HttpResponseError with the documented code, after one request."""
    emulator.switch("error.injected", operation)
    with pytest.raises(HttpResponseError) as raised:
        OPERATIONS[operation](client)

    assert (500, "UnknownError") == (raised.value.status_code, code_of(raised.value))
    assert [(operation, "admin", 500)] == emulator.log()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_throttled_client_waits(operation: str, opened: Open, emulator: Served) -> None:
    """A client that may retry once does so after 429 with Retry-After, and then raises its HttpResponseError."""
    assert_waits(emulator, operation, lambda: OPERATIONS[operation](opened(retry_total=1)))


def test_every_operation_is_driven() -> None:
    """The client has every operation of the contracts."""
    assert operations_of(API) == set(OPERATIONS)
