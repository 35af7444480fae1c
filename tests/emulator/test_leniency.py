"""What real clients send although no page has it: accepted with a note by every operation, and refused under strict."""

from __future__ import annotations

import pytest

from asdocumented.contracts import Operation, load_catalogue
from tests.emulator.client import Client

OPERATIONS = load_catalogue().operations
BODILESS = [each for each in OPERATIONS if each.body is None]
WITH_HEADERS = [
    pytest.param(operation, parameter.name, id=f"{operation.id}-{parameter.name}")
    for operation in OPERATIONS
    for parameter in operation.parameters
    if parameter.location == "header" and not parameter.required
]
each_bodiless = pytest.mark.parametrize("operation", BODILESS, ids=lambda each: each.id)


def sent(client: Client, operation: Operation, headers: dict[str, str], content: bytes) -> int:
    """Send a valid request of an operation with a body of its own; return the status."""
    method, target, _body = client.valid(operation)
    answer = client.send(
        method,
        target,
        api=operation.api,
        security=operation.security,
        headers={"content-type": "application/json", **headers},
        content=content,
    )
    return answer.status_code


def plain(operation: Operation) -> int:
    """Return the status of the request without anything added."""
    return sent(Client(), operation, {}, b"")


@each_bodiless
def test_empty_object_is_accepted(client: Client, operation: Operation) -> None:
    """An operation without a body takes {} as if it were not there, and says so in the log."""
    assert plain(operation) == sent(client, operation, {}, b"{}")
    assert ("request body accepted and ignored",) == client.emulator.log[-1].notes


@each_bodiless
def test_strict_refuses_empty_object(operation: Operation) -> None:
    """A strict emulator refuses {} where the operation has no body."""
    client = Client(strict=True)

    assert 400 == sent(client, operation, {}, b"{}")
    assert "body/unexpected" == client.last_rule()


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.body and not each.body.required], ids=lambda each: each.id
)
@pytest.mark.parametrize("strict", [False, True])
def test_optional_body_may_be_empty_object(operation: Operation, *, strict: bool) -> None:
    """An optional body may be {}, under strict too: the page's own client sends it."""
    assert 200 == sent(Client(strict=strict), operation, {}, b"{}")


@pytest.mark.parametrize(("operation", "header"), WITH_HEADERS)
def test_header_without_value_is_accepted(client: Client, operation: Operation, header: str) -> None:
    """A header without a value counts as absent, and the log says so."""
    assert plain(operation) == sent(client, operation, {header: ""}, b"")
    assert f"header {header!r} without a value accepted" in client.emulator.log[-1].notes


@pytest.mark.parametrize(("operation", "header"), WITH_HEADERS)
def test_strict_refuses_header_without_value(operation: Operation, header: str) -> None:
    """A strict emulator refuses a header without a value."""
    client = Client(strict=True)

    assert 400 == sent(client, operation, {header: ""}, b"")
    assert f"parameter/header/{header}/empty" == client.last_rule()


def test_leniency_is_seen() -> None:
    """There are operations of each kind, so that nothing here passes for want of them."""
    assert {"GET", "DELETE", "POST"} == {each.method for each in BODILESS}
    assert WITH_HEADERS
