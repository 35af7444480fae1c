"""The vendor's own client for Synapse workspaces: it synchronises credentials, and sees each documented error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.azure import assert_waits, keywords
from tests.clients.served import INVALID, Served, operations_of

synapse = pytest.importorskip("azure.mgmt.synapse", reason="azure-mgmt-synapse is not installed")

from azure.core.exceptions import (  # noqa: E402 - the package may be missing
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)

API = "azure-synapse-management"
SYNC = f"{API}/sync-integration-runtime-credentials"
GET = f"{API}/get-integration-runtime"
STATUS = f"{API}/get-integration-runtime-status"
SUBSCRIPTION = "12345678-1234-1234-1234-12345678abc"
RUNTIME = ("exampleResourceGroup", "exampleWorkspace", "exampleIntegrationRuntime")

Client = Any  # the package has no annotations that mypy could follow
Open = Callable[..., Client]


@pytest.fixture
def opened(emulator: Served, closed: Callable[[Client], Client]) -> Open:
    """Give a function that makes the vendor's client for an identity."""

    def make(identity: str = "admin", subscription: str = SUBSCRIPTION, **more: object) -> Client:
        given = keywords(emulator, API, identity, **more)
        base = emulator.url(API)
        return closed(synapse.SynapseManagementClient(subscription_id=subscription, base_url=base, **given))

    return make


OPERATIONS: dict[str, Callable[..., Any]] = {
    SYNC: lambda client, *names: client.integration_runtime_credentials.sync(*(names or RUNTIME)),
    GET: lambda client, *names: client.integration_runtimes.get(*(names or RUNTIME)),
    STATUS: lambda client, *names: client.integration_runtime_status.get(*(names or RUNTIME)),
}
"""Each operation of the contracts as the client has it, on the runtime that exists unless others are named."""


def in_sync(client: Client) -> list[str]:
    """Return what each node says of its credentials."""
    status = OPERATIONS[STATUS](client)
    return [node.capabilities["credentialInSync"] for node in status.properties.nodes]


def test_client_syncs_credentials(client: Client, emulator: Served) -> None:
    """A sync returns nothing, and the nodes then say that they are in sync."""
    before = in_sync(client)
    answer = OPERATIONS[SYNC](client)

    assert None is answer
    assert (["True", "False"], ["True", "True"]) == (before, in_sync(client))
    assert (SYNC, "admin", 200) in emulator.log()


def test_client_reads_runtime(client: Client) -> None:
    """The client makes the type of the runtime that it is."""
    runtime = OPERATIONS[GET](client)

    assert ("exampleIntegrationRuntime", "SelfHosted") == (runtime.name, runtime.properties.type)
    assert isinstance(runtime.properties, synapse.models.SelfHostedIntegrationRuntime)


def test_current_runtime_is_not_sent(client: Client) -> None:
    """The client gets nothing when its copy is the current one."""
    runtime = OPERATIONS[GET](client)

    assert None is client.integration_runtimes.get(*RUNTIME, if_none_match=runtime.etag)


def test_group_ignores_case(client: Client) -> None:
    """The resource group is found in any letter case."""
    assert None is OPERATIONS[SYNC](client, RUNTIME[0].upper(), *RUNTIME[1:])


MISSING = {
    "resource-group": (("noGroup", *RUNTIME[1:]), "ResourceGroupNotFound"),
    "workspace": ((RUNTIME[0], "noWorkspace", RUNTIME[2]), "ResourceNotFound"),
    "runtime": ((*RUNTIME[:2], "noRuntime"), "NotFound"),
}


@pytest.mark.parametrize("missing", MISSING)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_missing_thing_is_not_found(operation: str, missing: str, client: Client) -> None:
    """What does not exist is the client's ResourceNotFoundError, with the code of the service."""
    names, code = MISSING[missing]
    with pytest.raises(ResourceNotFoundError) as raised:
        OPERATIONS[operation](client, *names)

    assert (404, code) == (raised.value.status_code, raised.value.error.code)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_missing_subscription_is_not_found(operation: str, opened: Open) -> None:
    """A subscription that does not exist is the client's ResourceNotFoundError."""
    with pytest.raises(ResourceNotFoundError) as raised:
        OPERATIONS[operation](opened(subscription="00000000-0000-0000-0000-000000000000"))

    assert "SubscriptionNotFound" == raised.value.error.code


def test_flat_error_is_not_found(client: Client, emulator: Served) -> None:
    """An error without its envelope, as recorded, is the same error, of which the client reads no code."""
    emulator.switch("error.flat", SYNC)
    with pytest.raises(ResourceNotFoundError) as raised:
        OPERATIONS[SYNC](client, *MISSING["runtime"][0])

    assert 404 == raised.value.status_code


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("identity", INVALID)
def test_bad_token_is_refused(identity: str, operation: str, opened: Open) -> None:
    """A token that is not valid here is the client's ClientAuthenticationError."""
    with pytest.raises(ClientAuthenticationError) as raised:
        OPERATIONS[operation](opened(identity))

    assert (401, "AuthenticationFailed") == (raised.value.status_code, raised.value.error.code)


def test_reader_may_not_sync(opened: Open) -> None:
    """A reader reads, and is refused with 403 when it synchronises."""
    reader = opened("reader")

    assert 2 == len(in_sync(reader))
    with pytest.raises(HttpResponseError) as raised:
        OPERATIONS[SYNC](reader)
    assert (403, "AuthorizationFailed") == (raised.value.status_code, raised.value.error.code)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_fault_is_server_error(operation: str, client: Client, emulator: Served) -> None:
    """A fault of the service is the client's HttpResponseError, after one request."""
    emulator.switch("error.injected", operation)
    with pytest.raises(HttpResponseError) as raised:
        OPERATIONS[operation](client)

    assert (500, "InternalServerError") == (raised.value.status_code, raised.value.error.code)
    assert [(operation, "admin", 500)] == emulator.log()


def test_undocumented_success_is_error(client: Client, emulator: Served) -> None:
    """The client takes no other success than the documented one."""
    emulator.switch("response.status", SYNC, status=202)
    with pytest.raises(HttpResponseError) as raised:
        OPERATIONS[SYNC](client)

    assert 202 == raised.value.status_code


@pytest.mark.parametrize("operation", OPERATIONS)
def test_throttled_client_waits(operation: str, opened: Open, emulator: Served) -> None:
    """A client that may retry once does so after 429 with Retry-After, and then raises its HttpResponseError."""
    assert_waits(emulator, operation, lambda: OPERATIONS[operation](opened(retry_total=1)))


def test_every_operation_is_driven() -> None:
    """The client has every operation of the contracts."""
    assert operations_of(API) == set(OPERATIONS)
