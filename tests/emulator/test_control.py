"""The control API does what its own document says."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import validate

from asdocumented.emulator.control import ROUTES
from tests.emulator.client import ACCESS, FABRIC, FIRST, VCENTER, Client

BODIES: dict[str, dict[str, Any]] = {
    "arrangeState": {"api": ACCESS, "state": "two-pages"},
    "addSwitch": {"name": "error.flat"},
    "advanceTime": {"seconds": 30},
    "setTime": {"now": "2027-01-01T00:00:00Z"},
    "freezeTime": {},
    "setLatency": {"seconds": 2},
    "importState": Client().emulator.export_state(),
}


def test_document_is_valid(client: Client) -> None:
    """The document of the control API is valid OpenAPI 3.1."""
    validate(client.control("GET", "/openapi.json").json())


@pytest.mark.parametrize("route", ROUTES, ids=lambda each: each.operation_id)
def test_answer_fits_document(client: Client, route: Any) -> None:
    """Every operation answers as its document says."""
    client.create()
    body = {"json": BODIES[route.operation_id]} if route.takes else {}
    answer = client.control(route.method, route.path, **body)

    assert (204 if route.gives is None else 200) == answer.status_code
    if route.gives is not None:
        jsonschema_rs.validate(route.gives, answer.json())


def test_arranged_resources_are_answered(client: Client) -> None:
    """Arranging a state answers with what it left, and the resources show it."""
    left = client.control("POST", "/states", json=BODIES["arrangeState"]).json()["resources"]["role-assignment"]

    assert 120 == len(left)
    assert left == client.control("GET", "/resources").json()[ACCESS]["role-assignment"]


def test_states_are_listed(client: Client) -> None:
    """The states of each API are those of the contracts."""
    assert {"mirroring-running", "mirroring-stopped", "throttled"} == set(
        client.control("GET", "/states").json()[FABRIC]
    )


def test_switches_are_set_and_cleared(client: Client) -> None:
    """A switch is set by a line of data, listed, and cleared."""
    limits = {"times": 4, "share": 0.5, "alternates": False}
    line = {"name": "page.size", "operation": f"{ACCESS}/*", "arguments": {"size": 3}, **limits}
    client.control("POST", "/switches", json=line)
    listed = client.control("GET", "/switches").json()["on"]
    client.control("DELETE", "/switches")

    assert ([line], ()) == (listed, client.emulator.switches)


def test_latency_is_set_and_cleared(client: Client) -> None:
    """Latency is set for operations, listed beside other switches, and cleared without them."""
    client.emulator.switch("error.flat")
    line = {"operation": f"{ACCESS}/*", "seconds": 2.5, "jitter": 1}
    told = client.control("POST", "/latency", json=line).json()
    listed = client.control("GET", "/latency").json()
    client.control("DELETE", "/latency")

    assert ([line], [line], ["error.flat"]) == (told, listed, [each.name for each in client.emulator.switches])


def test_requests_are_listed_and_forgotten(client: Client) -> None:
    """The log names the rule that refused each request, until it is forgotten."""
    client.read()
    rules = [each["rule"] for each in client.control("GET", "/requests").json()]
    client.control("DELETE", "/requests")

    assert (["role-assignment-missing"], []) == (rules, client.emulator.log)


def test_reset_starts_afresh(client: Client) -> None:
    """A reset forgets state, switches and log."""
    client.create(FIRST)
    client.emulator.switch("error.flat")
    client.control("POST", "/reset")

    assert ([], (), ()) == (
        client.emulator.log,
        client.emulator.switches,
        client.emulator.resources[ACCESS]["role-assignment"],
    )


def test_time_is_moved(client: Client) -> None:
    """Moving the clock ends a sync that is going on."""
    client.start()
    client.control("POST", "/clock", json={"seconds": 30})

    assert 200 == client.start().status_code


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/states", {"api": ACCESS, "state": "two-page"}, "Did you mean 'two-pages'"),
        ("/states", {"api": "x", "state": "y"}, "There is no API 'x'"),
        ("/states", {"api": ACCESS}, "does not fit"),
        ("/states", {"api": ACCESS, "state": "two-pages", "more": 1}, "does not fit"),
        ("/switches", {"name": "eror.flat"}, "Did you mean 'error.flat'"),
        ("/switches", {"name": "page.size", "arguments": {}}, "needs the argument 'size'"),
        ("/clock", {"seconds": -1}, "does not fit"),
        ("/clock/freeze", {"step_ms": -1}, "does not fit"),
        ("/switches", {"name": "error.flat", "times": 0}, "does not fit"),
        ("/switches", {"name": "error.flat", "share": 2}, "does not fit"),
        ("/latency", {"seconds": 61}, "does not fit"),
        ("/latency", {"seconds": 1, "operation": "x"}, "No operation fits 'x'"),
        ("/switches", {"name": "service.throttled", "arguments": {"retry-after": "soon"}}, "from 0 to 3600"),
    ],
)
def test_wrong_request_is_explained(client: Client, path: str, body: object, message: str) -> None:
    """What cannot be carried out is a 400 with a sentence that helps."""
    answer = client.control("POST", path, json=body)

    assert 400 == answer.status_code
    assert message in answer.json()["message"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/switches"), ("PUT", "/state"), ("PUT", "/clock")])
def test_missing_body_is_refused(client: Client, method: str, path: str) -> None:
    """An operation that needs a body does nothing without one."""
    assert client.control(method, path).status_code in (400, 415)


def test_document_says_which_body_is_needed(client: Client) -> None:
    """Only where every member is optional may the body be left out."""
    paths = client.control("GET", "/openapi.json").json()["paths"]
    bodies = [
        each["requestBody"]["required"] for path in paths.values() for each in path.values() if "requestBody" in each
    ]

    assert not paths["/_emulator/clock/freeze"]["post"]["requestBody"]["required"]
    assert 1 == bodies.count(False)


def test_long_body_is_refused(client: Client) -> None:
    """A body that is longer than a megabyte is told to be too long, and not taken for broken JSON."""
    answer = client.control("POST", "/clock", json={"seconds": 1, "more": "a" * (1 << 20)})

    assert (413, "body-too-long") == (answer.status_code, answer.json()["error"])


def test_broken_json_is_explained(client: Client) -> None:
    """A body that is no JSON is a 400."""
    answer = client.control("POST", "/states", content=b"{", headers={"content-type": "application/json"})

    assert (400, "body-invalid") == (answer.status_code, answer.json()["error"])


def test_form_is_refused(client: Client) -> None:
    """A form, which a page in a browser could send, changes nothing."""
    answer = client.control("POST", "/reset-all", data={"a": "b"})
    other = client.control("POST", "/states", data=BODIES["arrangeState"])

    assert (404, 415) == (answer.status_code, other.status_code)


@pytest.mark.parametrize(("path", "allow"), [("/states", "GET, POST"), ("/oauth2/v2.0/token", "POST")])
def test_other_method_is_refused(client: Client, path: str, allow: str) -> None:
    """A known path with another method is 405 with the methods that it has."""
    answer = client.control("PATCH", path)

    assert (405, allow) == (answer.status_code, answer.headers["allow"])


def test_control_is_not_logged(client: Client) -> None:
    """Requests to the control API are not in the log of the APIs."""
    client.control("GET", "/states")

    assert [] == client.emulator.log


def test_ledger_is_shown(client: Client) -> None:
    """The ledger says of each conduct whether it is documented or assumed."""
    sources = {each["source"] for each in client.control("GET", "/fidelity").json()}

    assert {"documented", "specified", "observed", "assumed"} == sources


def form(client: Client, **changes: str) -> Any:
    """Ask for a token; a change to the empty string leaves a parameter out."""
    fields = {
        "grant_type": "client_credentials",
        "client_id": "reader",
        "scope": "https://dev.azuresynapse.net/.default",
        **changes,
    }
    return client.control("POST", "/oauth2/v2.0/token", data={name: value for name, value in fields.items() if value})


def test_issued_token_is_accepted(client: Client) -> None:
    """A token of the token endpoint is a token of its client."""
    answer = form(client)
    token = answer.json()["access_token"]
    listed = client.send("GET", "/roleAssignments?api-version=2020-12-01", headers={"Authorization": f"Bearer {token}"})

    assert ("no-store", 200, "reader") == (
        answer.headers["cache-control"],
        listed.status_code,
        client.emulator.log[-1].identity,
    )


def test_session_api_has_tokens(client: Client) -> None:
    """An API whose audience is a word has tokens too."""
    token = form(client, scope="vcenter/.default").json()["access_token"]

    assert 200 == client.send("GET", "/rest/hvc/links", headers={"vmware-api-session-id": token}).status_code


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"client_id": "stranger"}, 401, "invalid_client"),
        ({"client_id": "anonymous"}, 401, "invalid_client"),
        ({"scope": "https://dev.azuresynapse.net"}, 400, "invalid_scope"),
        ({"scope": f"{VCENTER}/.default"}, 400, "invalid_scope"),
    ],
)
def test_wrong_token_request_is_refused(client: Client, changes: dict[str, str], status: int, error: str) -> None:
    """A wrong token request is refused as RFC 6749 section 5.2 says."""
    answer = form(client, **changes)

    assert (status, error) == (answer.status_code, answer.json()["error"])
    assert answer.json()["error_description"]


@pytest.mark.parametrize("content", [b"grant_type=a&grant_type=b", b"{}"])
def test_strange_form_is_refused(client: Client, content: bytes) -> None:
    """A repeated parameter and another media type are invalid requests."""
    media_type = "application/json" if content == b"{}" else "application/x-www-form-urlencoded"
    answer = client.control("POST", "/oauth2/v2.0/token", content=content, headers={"content-type": media_type})

    assert "invalid_request" == answer.json()["error"]
