"""The vendor's own client for role assignments, against the served emulator: it works, and it sees each documented error."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.clients.azure import assert_waits, keywords
from tests.clients.served import INVALID, Served, operations_of

accesscontrol = pytest.importorskip(
    "azure.synapse.accesscontrol", reason="azure-synapse-accesscontrol is not installed"
)

from azure.core.exceptions import (  # noqa: E402 - the package may be missing
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.core.pipeline.policies import SansIOHTTPPolicy  # noqa: E402 - the package may be missing

API = "azure-synapse-access-control"
ROLE = "6e4bf58a-b8e1-4cc3-bbf9-d73143322b78"
OTHER_ROLE = "7572bffe-f453-4b66-912a-46cc5ef38fda"
PRINCIPAL = "3f0f3a5c-6d0e-4e0b-9a51-0c7d5f7f1a01"
VERSION = "2020-12-01"
SCOPE = "workspaces/exampleWorkspace"

Client = Any  # the package has no annotations that mypy could follow
Open = Callable[..., Client]


class Outdated(SansIOHTTPPolicy):  # type: ignore[type-arg]
    """Names another version than the one that the client always sends."""

    def on_request(self, request: Any) -> None:
        """Put the other version into the request."""
        sent = request.http_request
        sent.url = sent.url.replace(f"api-version={VERSION}", "api-version=2019-01-01")


@pytest.fixture
def opened(emulator: Served, closed: Callable[[Client], Client]) -> Open:
    """Give a function that makes the vendor's client for an identity."""

    def make(identity: str = "admin", **more: object) -> Client:
        given = keywords(emulator, API, identity, **more)
        return closed(accesscontrol.AccessControlClient(endpoint=emulator.url(API), **given))

    return make


def created(client: Client, identifier: str | None = None, *, role: str = ROLE, scope: str = SCOPE) -> Any:
    """Create a role assignment, with a new id unless one is given."""
    name = identifier or str(uuid.uuid4())
    return client.role_assignments.create_role_assignment(name, role_id=role, principal_id=PRINCIPAL, scope=scope)


def listed(client: Client, **filters: str) -> tuple[Any, str | None]:
    """Return one page of the list, and the continuation that comes with it."""

    def both(_: object, page: Any, headers: dict[str, str | None]) -> tuple[Any, str | None]:
        return page, headers["x-ms-continuation"]

    found: tuple[Any, str | None] = client.role_assignments.list_role_assignments(cls=both, **filters)
    return found


def test_client_creates_assignment(client: Client) -> None:
    """What the client creates comes back with the values that it sent."""
    identifier = str(uuid.uuid4())
    made = created(client, identifier)

    assert (identifier, ROLE, PRINCIPAL, SCOPE) == (made.id, made.role_definition_id, made.principal_id, made.scope)


def test_client_gets_assignment(client: Client) -> None:
    """What was created is read by its id."""
    made = created(client)
    read = client.role_assignments.get_role_assignment_by_id(made.id)

    assert made.as_dict() == read.as_dict()


def test_client_deletes_assignment(client: Client) -> None:
    """What was deleted is not found any more."""
    made = created(client)
    client.role_assignments.delete_role_assignment_by_id(made.id)

    with pytest.raises(ResourceNotFoundError):
        client.role_assignments.get_role_assignment_by_id(made.id)


def test_client_deletes_missing_assignment(client: Client) -> None:
    """Deleting what does not exist is no error."""
    assert None is client.role_assignments.delete_role_assignment_by_id(str(uuid.uuid4()))


def test_client_lists_assignments(client: Client) -> None:
    """The list has what was created, and counts it."""
    made = [created(client), created(client, role=OTHER_ROLE)]
    page, continuation = listed(client)

    assert (2, None) == (page.count, continuation)
    assert {each.id for each in made} == {each.id for each in page.value}


def test_client_filters_by_role(client: Client) -> None:
    """A role selects its assignments."""
    created(client)
    wanted = created(client, role=OTHER_ROLE)
    page, _ = listed(client, role_id=OTHER_ROLE)

    assert [wanted.id] == [each.id for each in page.value]


def test_client_follows_continuation(client: Client, emulator: Served) -> None:
    """The client reads every page by its continuation, with nothing lost and nothing twice."""
    known = emulator.arrange(API, "two-pages")["role-assignment"]
    page, continuation = listed(client)
    pages = [page]
    while continuation and len(pages) < 10:
        page, continuation = listed(client, continuation_token_parameter=continuation)
        pages.append(page)

    assert len(pages) in range(2, 10)
    assert all(each.value for each in pages)
    assert sorted(known) == sorted(item.id for each in pages for item in each.value)


def test_empty_continuation_begins(client: Client) -> None:
    """An empty continuation, as the vendor's command line sends it, is none."""
    created(client)
    page, _ = listed(client, continuation_token_parameter="")

    assert 1 == page.count


def test_missing_assignment_is_not_found(client: Client) -> None:
    """A missing assignment is the client's ResourceNotFoundError, with the code of the service."""
    with pytest.raises(ResourceNotFoundError) as raised:
        client.role_assignments.get_role_assignment_by_id(str(uuid.uuid4()))

    assert (404, "RoleAssignmentNotFound") == (raised.value.status_code, raised.value.error.code)


OPERATIONS: dict[str, Callable[[Client, str], Any]] = {
    f"{API}/create-role-assignment": created,
    f"{API}/get-role-assignment": lambda client, each: client.role_assignments.get_role_assignment_by_id(each),
    f"{API}/delete-role-assignment": lambda client, each: client.role_assignments.delete_role_assignment_by_id(each),
    f"{API}/list-role-assignments": lambda client, _: listed(client),
}
"""Each operation of the contracts as the client has it."""


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("identity", INVALID)
def test_bad_token_is_refused(identity: str, operation: str, opened: Open) -> None:
    """A token that is not valid here is the client's ClientAuthenticationError, with the code of the service."""
    with pytest.raises(ClientAuthenticationError) as raised:
        OPERATIONS[operation](opened(identity), str(uuid.uuid4()))

    assert (401, "AuthenticationFailed") == (raised.value.status_code, raised.value.error.code)


@pytest.mark.parametrize("name", ["create-role-assignment", "delete-role-assignment"])
def test_reader_may_not_write(name: str, opened: Open) -> None:
    """A reader reads, and is refused with 403 when it writes."""
    reader = opened("reader")

    assert 0 == listed(reader)[0].count
    with pytest.raises(HttpResponseError) as raised:
        OPERATIONS[f"{API}/{name}"](reader, str(uuid.uuid4()))
    assert (403, "Unauthorized") == (raised.value.status_code, raised.value.error.code)


def test_same_grant_is_conflict(client: Client) -> None:
    """A new id for a role, principal and scope that have one is the client's ResourceExistsError."""
    created(client)
    with pytest.raises(ResourceExistsError) as raised:
        created(client)

    assert (409, "RoleAssignmentAlreadyExists") == (raised.value.status_code, raised.value.error.code)


def test_conflict_is_resource_exists(client: Client, emulator: Served) -> None:
    """A service that takes no second write to an id makes it the client's ResourceExistsError."""
    emulator.switch("upsert.conflict", f"{API}/create-role-assignment")
    made = created(client)

    with pytest.raises(ResourceExistsError) as raised:
        created(client, made.id, role=OTHER_ROLE)
    assert 409 == raised.value.status_code


@pytest.mark.parametrize("operation", OPERATIONS)
def test_fault_is_server_error(operation: str, client: Client, emulator: Served) -> None:
    """A fault of the service is the client's HttpResponseError, after one request."""
    existing = emulator.arrange(API, "two-pages")["role-assignment"]
    emulator.switch("error.injected", operation)
    with pytest.raises(HttpResponseError) as raised:
        OPERATIONS[operation](client, existing[0])

    assert (500, "InternalServerError") == (raised.value.status_code, raised.value.error.code)
    assert [(operation, "admin", 500)] == emulator.log()


def test_wrong_version_is_refused(opened: Open) -> None:
    """A version that is not documented is refused with a documented error body."""
    with pytest.raises(HttpResponseError) as raised:
        created(opened(per_call_policies=[Outdated()]))

    assert (400, "UnsupportedApiVersion") == (raised.value.status_code, raised.value.error.code)


def test_flat_error_is_read(opened: Open, emulator: Served) -> None:
    """An error without its envelope, as recorded for a bad token, is the same error with the same code."""
    emulator.switch("error.flat")
    with pytest.raises(ClientAuthenticationError) as raised:
        listed(opened("malformed"))

    assert (401, "AuthenticationFailed") == (raised.value.status_code, raised.value.error.code)


BAD_REQUESTS = {
    "role-no-guid": {"role": "no-guid"},
    "role-empty": {"role": ""},
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_bad_request_is_refused(name: str, client: Client) -> None:
    """A value that is none is refused with a 4xx, and the client reads its code."""
    with pytest.raises(HttpResponseError) as raised:
        partial(created, client)(**BAD_REQUESTS[name])

    assert 400 <= raised.value.status_code < 500
    assert raised.value.error is not None
    assert raised.value.error.code


def test_emulator_logs_client(client: Client, emulator: Served) -> None:
    """The emulator knows which operation the client called, and who it was."""
    listed(client)

    assert [(f"{API}/list-role-assignments", "admin", 200)] == emulator.log()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_throttled_client_waits(operation: str, opened: Open, emulator: Served) -> None:
    """A client that may retry once does so after 429 with Retry-After, and then raises its HttpResponseError."""
    existing = emulator.arrange(API, "two-pages")["role-assignment"]
    assert_waits(emulator, operation, lambda: OPERATIONS[operation](opened(retry_total=1), existing[0]))


def test_every_operation_is_driven() -> None:
    """The client has every operation of the contracts."""
    assert operations_of(API) == set(OPERATIONS)
