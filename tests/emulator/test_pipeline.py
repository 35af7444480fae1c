"""Which requests are refused, by which rule, and in which order."""

from __future__ import annotations

import pytest

from tests.emulator.client import (
    ACCESS,
    CREDENTIALS,
    FABRIC,
    FIRST,
    GROUP,
    MANAGEMENT,
    PROVIDER,
    START,
    VCENTER,
    VERSION,
    Client,
    assignment,
    runtime,
)

ITEM = f"/roleAssignments/{FIRST}?{VERSION}"
LIST = f"/roleAssignments?{VERSION}"


def test_unowned_path_is_refused(client: Client) -> None:
    """A path that no API owns is a 404 of the emulator itself."""
    answer = client.send("GET", "/roleAssignmentsOfOthers")

    assert (404, {"error": "no API here owns this path"}) == (answer.status_code, answer.json())


@pytest.mark.parametrize(
    ("method", "target", "rule", "status"),
    [
        ("GET", f"/roleAssignments/a/b?{VERSION}", "route-missing", 404),
        ("GET", "/rbacScopes", "route-missing", 404),
        ("PATCH", ITEM, "method-not-allowed", 405),
        ("OPTIONS", LIST, "method-not-allowed", 405),
        ("HEAD", LIST, "method-not-allowed", 405),
    ],
)
def test_unrouted_request_is_refused(client: Client, method: str, target: str, rule: str, status: int) -> None:
    """A path without an operation is 404, one with other methods 405."""
    assert status == client.send(method, target).status_code
    assert rule == client.last_rule()


def test_allow_lists_methods(client: Client) -> None:
    """A 405 names every method that the path has (RFC 9110 section 15.5.6)."""
    assert "DELETE, GET, PUT" == client.send("POST", ITEM).headers["allow"]


def test_head_has_no_content(client: Client) -> None:
    """An answer to HEAD has the length of the content, and no content."""
    answer = client.send("HEAD", LIST)

    assert b"" == answer.content
    assert int(answer.headers["content-length"]) > 0


def test_missing_action_is_no_operation(client: Client) -> None:
    """Without its constant query parameter the operation is not there, though its path and method are."""
    client.send("POST", PROVIDER, api=VCENTER)

    assert "route-missing" == client.last_rule()


def test_literal_segments_ignore_case(client: Client) -> None:
    """Literal segments of a path are found in any letter case."""
    assert 200 == client.send("GET", f"/ROLEASSIGNMENTS?{VERSION}").status_code


def test_encoded_slash_stays_inside(client: Client) -> None:
    """An id with an encoded slash is one segment, and comes back decoded."""
    answer = client.send("PUT", f"/roleAssignments/a%2Fb%20c?{VERSION}", json=assignment())

    assert "a/b c" == answer.json()["id"]


@pytest.mark.parametrize(
    ("target", "rule"),
    [
        ("/roleAssignments", "parameter/query/api-version/missing"),
        ("/roleAssignments?api-version=2020-08-01-preview", "parameter/query/api-version/invalid"),
        (f"/roleAssignments?{VERSION}&{VERSION}", "parameter/query/api-version/repeated"),
        (f"/roleAssignments?{VERSION}&scope=a&scope=b", "parameter/query/scope/repeated"),
        (f"/roleAssignments/?{VERSION}", "parameter/path/roleAssignmentId/invalid"),
    ],
)
def test_faulty_parameter_is_refused(client: Client, target: str, rule: str) -> None:
    """A parameter that is missing, outside its schema or repeated is refused with 400."""
    assert 400 == client.send("GET", target).status_code
    assert rule == client.last_rule()


def test_format_of_parameter_is_checked(client: Client) -> None:
    """A path parameter with the format uuid must be one."""
    answer = client.send("POST", "/v1/workspaces/a/mirroredDatabases/b/stopMirroring", api=FABRIC)

    assert (400, "InvalidRequest") == (answer.status_code, answer.json()["errorCode"])


def test_unknown_query_is_noted(client: Client) -> None:
    """An undocumented query parameter is accepted, and the log says so."""
    assert 200 == client.send("GET", f"{LIST}&top=5").status_code
    assert ("unknown query parameter 'top' accepted",) == client.emulator.log[-1].notes


def test_strict_refuses_unknown_query() -> None:
    """A strict emulator refuses an undocumented query parameter."""
    client = Client(strict=True)

    assert 400 == client.send("GET", f"{LIST}&top=5").status_code
    assert "parameter/query/top/unknown" == client.last_rule()


def test_unexpected_body_is_noted(client: Client) -> None:
    """A body where none is documented is accepted, as a real SDK sends one."""
    assert 200 == client.send("GET", LIST, json={}).status_code
    assert ("request body accepted and ignored",) == client.emulator.log[-1].notes


def test_strict_refuses_unexpected_body() -> None:
    """A strict emulator refuses a body where none is documented."""
    client = Client(strict=True)

    assert 400 == client.send("GET", LIST, json={}).status_code
    assert "body/unexpected" == client.last_rule()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "body/missing"),
        (b'{"', "body/json"),
        (b"\xff", "body/json"),
        (b'{"scope": "a", "scope": "b"}', "body/json"),
        (b'{"scope": NaN}', "body/json"),
        (b'{"scope": "\\ud800"}', "body/json"),
        (b"[" * 5000, "body/json"),
        (b"9" * 5000, "body/json"),
        (b"[]", "body/schema"),
        (b"{}", "body/schema"),
        (b'{"roleId": "no uuid", "principalId": "no uuid", "scope": ""}', "body/schema"),
        (b'"' + b"a" * (1 << 20) + b'"', "body/too-long"),
    ],
    ids=lambda value: str(value[:30]),
)
def test_faulty_body_is_refused(client: Client, content: bytes, rule: str) -> None:
    """A body that is missing, no JSON, outside its schema or too long is refused with 400."""
    answer = client.send("PUT", ITEM, content=content, headers={"content-type": "application/json"})

    assert 400 == answer.status_code
    assert rule == client.last_rule()


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("text/json", 200),
        ("text/plain", 415),
        ("", 415),
    ],
)
def test_media_type_is_checked(client: Client, media_type: str, status: int) -> None:
    """A body has one of the documented media types, in any letter case and with any parameters."""
    content = client.send("PUT", ITEM, json=assignment()).request.content
    answer = client.send("PUT", ITEM, content=content, headers={"content-type": media_type})

    assert status == answer.status_code


@pytest.mark.parametrize("body", [None, {}, CREDENTIALS], ids=["absent", "empty", "full"])
def test_optional_body_is_accepted(client: Client, body: object) -> None:
    """An optional body may be absent, an empty object, or complete."""
    assert 200 == client.start(body).status_code


def test_optional_body_is_checked(client: Client) -> None:
    """An optional body that is there must fit its schema."""
    assert 400 == client.start({"credentials": {"user_name": "a"}}).status_code
    assert "body/schema" == client.last_rule()


@pytest.mark.parametrize(
    ("target", "api", "rule"),
    [
        (ITEM, ACCESS, "role-assignment-missing"),
        (PROVIDER.replace("link-7f3a51c0", "link-x"), VCENTER, "link-missing"),
        (PROVIDER.replace("provider-2c9d04e8", "provider-x"), VCENTER, "provider-missing"),
        (runtime().replace("12345678-", "99999999-"), MANAGEMENT, "subscription-missing"),
        (runtime(group="other"), MANAGEMENT, "resource-group-missing"),
    ],
)
def test_missing_resource_is_refused(client: Client, target: str, api: str, rule: str) -> None:
    """A path that names a thing that does not exist is refused; the leftmost one is reported."""
    assert 404 == client.send("GET", target, api=api).status_code
    assert rule == client.last_rule()


def test_resource_group_ignores_case(client: Client) -> None:
    """A resource group is found in any letter case, and answered as it is written where it exists."""
    answer = client.send("GET", runtime(group=GROUP.upper()), api=MANAGEMENT)

    assert f"/resourceGroups/{GROUP}/" in answer.json()["id"]


def test_other_ids_keep_case(client: Client) -> None:
    """An id whose parameter does not ignore letter case must be exact."""
    target = runtime().replace("exampleWorkspace", "EXAMPLEWORKSPACE")

    assert 404 == client.send("GET", target, api=MANAGEMENT).status_code


@pytest.mark.parametrize(
    ("method", "target", "identity", "rule"),
    [
        ("PATCH", "/roleAssignments", "anonymous", "method-not-allowed"),
        ("PUT", "/roleAssignments/x", "anonymous", "unauthenticated/anonymous"),
        ("PUT", "/roleAssignments/x", "reader", "permission-missing"),
        ("PUT", "/roleAssignments/x", "admin", "parameter/query/api-version/missing"),
        ("PUT", f"/roleAssignments/x?{VERSION}", "admin", "body/missing"),
        ("GET", f"/roleAssignments/x?{VERSION}", "admin", "role-assignment-missing"),
    ],
)
def test_first_rule_refuses(client: Client, method: str, target: str, identity: str, rule: str) -> None:
    """Of several faults the first in the order of the steps is answered."""
    client.send(method, target, identity=identity)

    assert rule == client.last_rule()


def test_body_comes_before_resources(client: Client) -> None:
    """A malformed body is refused before the path is looked up."""
    target = START.replace("provider-2c9d04e8", "provider-x")
    client.send("POST", target, api=VCENTER, content=b"{", headers={"content-type": "application/json"})

    assert "body/json" == client.last_rule()


def test_resources_come_before_state(client: Client) -> None:
    """A missing provider is reported as missing while another one is busy."""
    client.emulator.arrange(VCENTER, "sync-running")
    client.send("POST", START.replace("provider-2c9d04e8", "provider-x"), api=VCENTER)

    assert "provider-missing" == client.last_rule()


def test_empty_success_has_no_media_type(client: Client) -> None:
    """An empty success has the length 0 and no Content-Type; a 204 has no length either."""
    synchronised = client.send("POST", runtime("syncCredentials"), api=MANAGEMENT)

    assert "0" == synchronised.headers["content-length"]
    assert "content-type" not in synchronised.headers
    assert set() == {"content-length", "content-type"} & set(client.delete().headers)


def test_json_answer_names_charset(client: Client) -> None:
    """A JSON answer says that it is JSON in UTF-8."""
    assert "application/json; charset=utf-8" == client.page().headers["content-type"]
