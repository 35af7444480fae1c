"""The vendor's own client for role assignments, against the served emulator: it works, and it sees each documented error."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest
from tests.support import at_once, loopback_client, served, token

core = pytest.importorskip("azure.core", reason="azure-core is not installed")
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


class Static(SansIOHTTPPolicy):
    """Sends one token, over plain HTTP too."""

    def __init__(self, value: str, version: str = VERSION) -> None:
        self._value, self._version = value, version

    def on_request(self, request: Any) -> None:
        """Put the token into the request, and another version in the place of the one that the client always sends."""
        sent = request.http_request
        sent.headers["Authorization"] = f"Bearer {self._value}"
        sent.url = sent.url.replace(f"api-version={VERSION}", f"api-version={self._version}")


class _NoCredential:
    """Stands where the client wants a credential, which its policy never asks."""

    def get_token(self, *scopes: str, **_: object) -> Any:
        """Refuse: nobody should ask."""
        raise AssertionError("the policy of the test has the token")


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Give what a served emulator says when it is ready."""
    with served(tmp_path_factory.mktemp("served")) as told:
        yield told


@pytest.fixture(scope="session")
def tokens() -> dict[str, str]:
    """Give a token of each identity."""
    names = ("admin", "reader", "expired", "wrong-audience")
    with at_once({name: partial(token, API, name) for name in names}) as made:
        return {name: made[name].result() for name in names}


@pytest.fixture
def control(ready: dict[str, Any]) -> Iterator[httpx.Client]:
    """Give a client of the control API of an emulator that is at its start."""
    with loopback_client() as client:
        client.base_url = httpx.URL(ready["control"])
        client.post("/reset").raise_for_status()
        yield client


@pytest.fixture
def opened(ready: dict[str, Any], control: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Give a function that makes the vendor's client with a token."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    clients: list[Client] = []

    def make(value: str, version: str = VERSION) -> Client:
        client = accesscontrol.AccessControlClient(
            _NoCredential(), ready["apis"][API], authentication_policy=Static(value, version), retry_total=0
        )
        clients.append(client)
        return client

    yield make
    for each in clients:
        each.close()


@pytest.fixture
def client(opened: Open, tokens: dict[str, str]) -> Client:
    """Give the vendor's client as administrator."""
    return opened(tokens["admin"])


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


def test_client_follows_continuation(client: Client, control: httpx.Client) -> None:
    """The client reads every page by its continuation, with nothing lost and nothing twice."""
    control.post("/states", json={"api": API, "state": "two-pages"}).raise_for_status()
    page, continuation = listed(client)
    pages = [page]
    while continuation and len(pages) < 10:
        page, continuation = listed(client, continuation_token_parameter=continuation)
        pages.append(page)
    known = control.get("/resources").json()[API]["role-assignment"]

    assert len(pages) in range(2, 10)
    assert all(each.value for each in pages)
    assert sorted(known) == sorted(item.id for each in pages for item in each.value)


def test_missing_assignment_is_not_found(client: Client) -> None:
    """A missing assignment is the client's ResourceNotFoundError, with the code of the service."""
    with pytest.raises(ResourceNotFoundError) as raised:
        client.role_assignments.get_role_assignment_by_id(str(uuid.uuid4()))

    assert (404, "RoleAssignmentNotFound") == (raised.value.status_code, raised.value.error.code)


@pytest.mark.parametrize("identity", ["malformed", "expired", "wrong-audience"])
def test_bad_token_is_refused(identity: str, opened: Open, tokens: dict[str, str]) -> None:
    """A token that is not valid here is the client's ClientAuthenticationError."""
    stranger = opened(tokens.get(identity, "no-token-at-all"))

    with pytest.raises(ClientAuthenticationError) as raised:
        listed(stranger)
    assert 401 == raised.value.status_code
    assert raised.value.error is not None
    assert raised.value.error.code


def test_reader_may_not_write(opened: Open, tokens: dict[str, str]) -> None:
    """A reader reads, and is refused with 403 when it writes."""
    reader = opened(tokens["reader"])

    assert 0 == listed(reader)[0].count
    with pytest.raises(HttpResponseError) as raised:
        created(reader)
    assert 403 == raised.value.status_code
    assert raised.value.error is not None
    assert raised.value.error.message


def test_conflict_is_resource_exists(client: Client, control: httpx.Client) -> None:
    """A conflict is the client's ResourceExistsError."""
    conflict = {"name": "upsert.conflict", "operation": f"{API}/create-role-assignment", "arguments": {}}
    control.post("/switches", json=conflict).raise_for_status()
    made = created(client)

    try:
        with pytest.raises(ResourceExistsError) as raised:
            created(client, made.id, role=OTHER_ROLE)
    finally:
        control.delete("/switches").raise_for_status()
    assert 409 == raised.value.status_code


def test_wrong_version_is_refused(opened: Open, tokens: dict[str, str]) -> None:
    """A version that is not documented is refused with a documented error body."""
    outdated = opened(tokens["admin"], "2019-01-01")

    with pytest.raises(HttpResponseError) as raised:
        created(outdated)
    assert 400 <= raised.value.status_code < 500
    assert raised.value.error is not None
    assert raised.value.error.code


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


def test_emulator_logs_client(client: Client, control: httpx.Client) -> None:
    """The emulator knows which operation the client called, and who it was."""
    listed(client)
    log = control.get("/requests").json()

    assert [(f"{API}/list-role-assignments", "admin", 200)] == [
        (f"{each['api']}/{each['operation']}", each["identity"], each["status"]) for each in log
    ]
