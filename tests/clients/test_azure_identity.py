"""The vendor's own library for tokens, against the emulator's authority over TLS; its tokens then drive a client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.clients.served import Served

pytest.importorskip("azure.identity", reason="azure-identity is not installed")
pytest.importorskip("azure.mgmt.synapse", reason="azure-mgmt-synapse is not installed")
pytest.importorskip("azure.synapse.accesscontrol", reason="azure-synapse-accesscontrol is not installed")

from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import ClientSecretCredential, CredentialUnavailableError
from azure.mgmt.synapse import SynapseManagementClient
from azure.synapse.accesscontrol import AccessControlClient

ACCESS, MANAGEMENT = "azure-synapse-access-control", "azure-synapse-management"
SCOPE = "https://dev.azuresynapse.net/.default"
TENANT = "8d0f4b2a-1c3e-4f5a-9b7c-6d5e4f3a2b1c"

Open = Callable[..., Any]


@pytest.fixture
def credential(secure_emulator: Served) -> Iterator[Open]:
    """Give a function that makes a credential for an identity, with its secret unless another is given."""
    made: list[Any] = []

    def make(identity: str = "admin", secret: str = "", tenant: str = TENANT) -> Any:
        each = ClientSecretCredential(
            tenant,
            identity,
            secret or secure_emulator.password(identity),
            authority=secure_emulator.ready["authority"].rpartition("/")[0],
            disable_instance_discovery=True,
            **pipeline(secure_emulator),
        )
        made.append(each)
        return each

    yield make
    for each in made:
        each.close()


def pipeline(emulator: Served) -> dict[str, Any]:
    """Return what goes to the pipeline of each client."""
    return {"connection_verify": emulator.verify, "use_env_settings": False, "retry_total": 0}


def listed(emulator: Served, credential: Any) -> int:
    """List role assignments with a credential, and return how many there are."""
    given = pipeline(emulator)
    with AccessControlClient(credential, emulator.url(ACCESS), **given) as client:
        return int(client.role_assignments.list_role_assignments().count)


def test_token_drives_access_control(secure_emulator: Served, credential: Open) -> None:
    """A client of the data plane gets its token by itself, and is the identity that its client id names."""
    count = listed(secure_emulator, credential("reader"))

    assert 0 == count
    assert [(f"{ACCESS}/list-role-assignments", "reader", 200)] == secure_emulator.log()


def test_token_drives_management(secure_emulator: Served, credential: Open) -> None:
    """A client of the management API gets a token for that API with the same credential."""
    names = ("exampleResourceGroup", "exampleWorkspace", "exampleIntegrationRuntime")
    with SynapseManagementClient(
        credential(),
        "12345678-1234-1234-1234-12345678abc",
        base_url=secure_emulator.url(MANAGEMENT),
        **pipeline(secure_emulator),
    ) as client:
        answer = client.integration_runtime_credentials.sync(*names)

    assert None is answer
    assert [(f"{MANAGEMENT}/sync-integration-runtime-credentials", "admin", 200)] == secure_emulator.log()


def test_token_lacks_permission(secure_emulator: Served, credential: Open) -> None:
    """A reader's token is good, and does not allow a write."""
    with (
        AccessControlClient(credential("reader"), secure_emulator.url(ACCESS), **pipeline(secure_emulator)) as client,
        pytest.raises(HttpResponseError) as raised,
    ):
        client.role_assignments.delete_role_assignment_by_id("11111111-1111-4111-8111-111111111111")

    assert 403 == raised.value.status_code


@pytest.mark.parametrize("identity", ["expired", "wrong-audience", "unsigned"])
def test_bad_token_is_refused(identity: str, secure_emulator: Served, credential: Open) -> None:
    """A client that is given a bad token on purpose sees the API refuse it."""
    with pytest.raises(ClientAuthenticationError) as raised:
        listed(secure_emulator, credential(identity))

    assert 401 == raised.value.status_code


@pytest.mark.parametrize("tenant", ["example.onmicrosoft.example", "rest-of-the-world"])
def test_any_tenant_issues_tokens(tenant: str, secure_emulator: Served, credential: Open) -> None:
    """Every tenant is as good as another."""
    assert 0 == listed(secure_emulator, credential(tenant=tenant))


REFUSED = {
    "secret": ({"secret": "no-such-secret"}, SCOPE, "AADSTS7000215"),
    "client": ({"identity": "stranger"}, SCOPE, "AADSTS7000215"),
    "scope": ({}, "https://nobody.example/.default", "AADSTS70011"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_client_gets_no_token(name: str, credential: Open) -> None:
    """A token request that is refused is the library's ClientAuthenticationError, with the number of the error."""
    given, scope, number = REFUSED[name]
    with pytest.raises(ClientAuthenticationError, match=number) as raised:
        credential(**given).get_token(scope)

    assert not isinstance(raised.value, CredentialUnavailableError)


def test_strange_authority_is_not_trusted(secure_emulator: Served) -> None:
    """The authority is not trusted by a client that was not given its certificate."""
    authority = secure_emulator.ready["authority"].rpartition("/")[0]
    given = {"use_env_settings": False, "retry_total": 0}
    with (
        ClientSecretCredential(
            TENANT,
            "admin",
            secure_emulator.password("admin"),
            authority=authority,
            disable_instance_discovery=True,
            **given,
        ) as stranger,
        pytest.raises(ClientAuthenticationError, match="certificate verify failed"),
    ):
        stranger.get_token(SCOPE)
