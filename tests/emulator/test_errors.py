"""Refusals are written as the API writes errors, and every documented error can be had."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from asdocumented.contracts import Api, Operation, load_catalogue
from asdocumented.contracts.model import DocumentedError
from asdocumented.emulator.messages import RequestRefusedError
from asdocumented.emulator.pointers import get
from asdocumented.emulator.refusals import refusal
from tests.emulator.client import ACCESS, FABRIC, MANAGEMENT, START, VCENTER, VERSION, Client

CATALOGUE = load_catalogue()
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def documented() -> Iterator[tuple[Operation, DocumentedError, str]]:
    """Yield each documented error with each of its causes (none: the empty string)."""
    for operation in CATALOGUE.operations:
        for response in operation.responses.values():
            for error in response.errors:
                for cause in error.when or ("",):
                    yield operation, error, cause


def provoke(client: Client, operation: Operation, error: DocumentedError, cause: str) -> tuple[str, str]:
    """Return the identity and the target of a request that provokes an error; arrange what it needs."""
    api = CATALOGUE.apis[operation.api]
    if cause in api.states:
        client.emulator.arrange(operation.api, cause)
    target = client.valid(operation)[1]
    missing = next((each for each in operation.parameters if f"{each.resource}-missing" == cause), None)
    if missing is not None:
        existing = client.emulator.resources[operation.api][missing.resource]
        return "admin", target.replace(existing[0], "missing") if existing else target
    if cause == "unauthenticated":
        return "anonymous", target
    if cause == "permission-missing" and operation.permission == "write":
        return "reader", target
    if cause not in api.states:
        client.emulator.switch("error.injected", operation=operation.id, error=error.error)
    return "admin", target


@pytest.mark.parametrize(
    ("operation", "error", "cause"),
    [
        pytest.param(*each, id=f"{each[0].id}-{each[1].status}-{each[1].error}-{each[2] or 'any'}")
        for each in documented()
    ],
)
def test_documented_error_is_reachable(
    client: Client, operation: Operation, error: DocumentedError, cause: str
) -> None:
    """Every documented error is answered to a request that provokes it, in its status and under its name."""
    identity, target = provoke(client, operation, error, cause)
    method, _, body = client.valid(operation)
    security = operation.security
    answer = client.send(method, target, api=operation.api, identity=identity, security=security, **body)
    model = CATALOGUE.apis[operation.api].error_model

    assert error.status == answer.status_code
    assert f"{model.prefix}{error.error}" == get(answer.json(), model.code)


@pytest.mark.parametrize(
    ("api", "target", "body"),
    [
        (ACCESS, f"/roleAssignments?{VERSION}", {"error": {"code": "AuthenticationFailed"}}),
        (MANAGEMENT, "/subscriptions", {"error": {"code": "InvalidResourceType"}}),
        (FABRIC, "/v1/x", {"errorCode": "NotFound"}),
    ],
)
def test_error_has_form_of_api(client: Client, api: str, target: str, body: dict[str, object]) -> None:
    """An error has the body of its own API, with a message."""
    answer = client.send("GET", target, api=api, identity="anonymous").json()
    expected = get(body, CATALOGUE.apis[api].error_model.code)

    assert expected == get(answer, CATALOGUE.apis[api].error_model.code)
    assert get(answer, CATALOGUE.apis[api].error_model.message)


def test_prefix_stands_before_name(client: Client) -> None:
    """A vCenter error has its full type, and the same as the id of its message."""
    body = client.send("POST", START, api=VCENTER, identity="reader").json()

    assert "com.vmware.vapi.std.errors.unauthorized" == body["type"]
    assert [body["type"]] == [message["id"] for message in body["value"]["messages"]]


def test_request_id_is_in_header(client: Client) -> None:
    """The declared error header has a UUID, and another one in the next error."""
    found = [client.read("missing").headers["x-ms-request-id"] for _ in range(2)]

    assert all(UUID.fullmatch(each) for each in found)
    assert 2 == len(set(found))


def test_request_id_is_in_body(client: Client) -> None:
    """An error body that has a request id has a UUID."""
    assert UUID.fullmatch(client.send("GET", "/v1/x", api=FABRIC).json()["requestId"])


@pytest.mark.parametrize(
    ("cause", "status", "code"),
    [
        ("conflict", 409, "com.vmware.vapi.std.errors.Conflict"),
        ("link-missing", 404, "com.vmware.vapi.std.errors.not_found"),
        ("secret-missing", 404, "com.vmware.vapi.std.errors.SecretMissing"),
        ("anything", 400, "com.vmware.vapi.std.errors.Anything"),
    ],
)
def test_cause_without_code_has_convention(cause: str, status: int, code: str) -> None:
    """A cause for which the contract has no code gets the status that HTTP has for it."""
    api: Api = CATALOGUE.apis[VCENTER]
    reply = refusal(api, None, RequestRefusedError(cause, "rule", "message"), "id", {}, "")

    assert (status, code) == (reply.status, reply.body["type"])
