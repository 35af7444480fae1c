"""Every switch changes an answer, only where it is on, and a switch that there is not is told at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from asdocumented.emulator import KNOWN, Switch
from asdocumented.errors import UsageError
from tests.emulator.client import (
    ACCESS,
    CREDENTIALS,
    DATABASE,
    FABRIC,
    FIRST,
    GROUP,
    LINKS,
    MANAGEMENT,
    OTHER_PRINCIPAL,
    OTHER_ROLE,
    PASSWORD,
    POOL_SCOPE,
    PRINCIPAL,
    PROVIDER,
    ROLE,
    SCOPE,
    SECOND,
    START,
    VCENTER,
    VERSION,
    Client,
    runtime,
)

THIRD = "00000000-0000-4000-8000-000000000003"
WRITE, LIST = f"{ACCESS}/create-role-assignment", f"{ACCESS}/list-role-assignments"


@dataclass(frozen=True)
class Case:
    """What a probe sees of a clean emulator, and with the switch on."""

    probe: Callable[[Client], object]
    clean: object
    bent: object
    arguments: Mapping[str, Any] = field(default_factory=dict)


def refused(client: Client, identity: str = "anonymous") -> Any:
    """Send a request that is refused."""
    return client.send("GET", f"/roleAssignments?{VERSION}", identity=identity)


def error_form(client: Client) -> tuple[str, object]:
    """Return the media type of an error, and the names in its body (or the text)."""
    answer = refused(client)
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    return media_type, sorted(answer.json()) if media_type == "application/json" else answer.text[:9]


def error_names(client: Client) -> list[str]:
    """Return the names of the fields of an error."""
    return list(refused(client).json()["error"])


def allowed(client: Client) -> list[str]:
    """Return the methods that a path has, field by field."""
    return client.send("PATCH", f"/roleAssignments/{FIRST}?{VERSION}").headers.get_list("allow")


def two(client: Client) -> Client:
    """Create two assignments that differ in every field."""
    client.create(FIRST)
    client.create(SECOND, roleId=OTHER_ROLE, principalId=OTHER_PRINCIPAL, scope=POOL_SCOPE)
    return client


def page_sizes(client: Client) -> list[int]:
    """Return how many items are on each page of a long list."""
    client.emulator.arrange(ACCESS, "two-pages")
    return [len(page) for page in client.pages()]


def distinct(client: Client) -> tuple[int, int]:
    """Return how many items a long list has, and how many different ones."""
    client.emulator.arrange(ACCESS, "two-pages")
    ids = client.ids()
    return len(ids), len(set(ids))


def last_header(client: Client) -> str:
    """Return the continuation of a list that has one page, or a dash."""
    return str(client.page().headers.get("x-ms-continuation", "-"))


def count(client: Client) -> int:
    """Return the count of the first page of a long list."""
    client.emulator.arrange(ACCESS, "two-pages")
    return int(client.page().json()["count"])


def written_twice(client: Client) -> tuple[int, object]:
    """Return the status of a second write, and what it shows."""
    client.create()
    answer = client.create(scope=POOL_SCOPE)
    return answer.status_code, answer.json().get("scope")


def lagging(client: Client) -> tuple[int, int]:
    """Return whether a write is read at once, and whether it is after the next write."""
    client.create(FIRST)
    before = client.read(FIRST).status_code
    client.create(SECOND, roleId=OTHER_ROLE)
    return before, client.read(FIRST).status_code


def mirrored(client: Client) -> list[str]:
    """Return the statuses of a database that is stopped while somebody looks at it."""
    shown = []
    for operation in ("getMirroringStatus", "stopMirroring", "getMirroringStatus"):
        answer = client.send("POST", DATABASE.format(action=operation), api=FABRIC)
        shown += [answer.json()["status"]] if answer.content else []
    for _ in range(2):
        client.emulator.clock.advance(60)
        shown.append(client.send("POST", DATABASE.format(action="getMirroringStatus"), api=FABRIC).json()["status"])
    return shown


def throttled(client: Client) -> tuple[int, int]:
    """Return the statuses of a request while the API is throttled, and a minute later."""
    client.emulator.arrange(ACCESS, "throttled")
    before = client.page().status_code
    client.emulator.clock.advance(60)
    return before, client.page().status_code


def retry_after(client: Client) -> str:
    """Return what a throttled request is told."""
    client.emulator.arrange(ACCESS, "throttled")
    return str(client.page().headers["retry-after"])


def second_start(client: Client) -> tuple[int, str]:
    """Return the status and the type of a second start."""
    client.start()
    answer = client.start()
    return answer.status_code, answer.json()["type"].rpartition(".")[2] if answer.content else ""


def leaks(client: Client) -> tuple[bool, bool, bool]:
    """Return whether a password comes back in the body, the headers, or an error."""
    answer = client.start(CREDENTIALS)
    missing = client.send("POST", START.replace("provider-2", "provider-x"), api=VCENTER, json=CREDENTIALS)
    return PASSWORD in answer.text, PASSWORD in str(answer.headers), PASSWORD in missing.text


def stop(client: Client) -> tuple[int, str]:
    """Return the status and the content of a sync of credentials, which is documented as empty."""
    answer = client.send("POST", runtime("syncCredentials"), api=MANAGEMENT)
    return answer.status_code, answer.text


def versionless(client: Client) -> int:
    """Return the status of a list without its version."""
    return client.send("GET", "/roleAssignments", api=ACCESS).status_code


def letters(client: Client) -> int:
    """Return the status of a list with a parameter in letters that nobody expects."""
    return client.send("GET", f"/roleAssignments?{VERSION}&scope=%D7%A9", api=ACCESS).status_code


def lower_scheme(client: Client) -> int:
    """Return the status of a list whose credential begins with a scheme in lower case."""
    name, value = client.emulator.credential(ACCESS, "admin") or ("", "")
    headers = {name: value.replace("Bearer", "bearer")}
    return client.send(
        "GET", f"/roleAssignments?{VERSION}", api=ACCESS, identity="anonymous", headers=headers
    ).status_code


def elapsed(client: Client) -> float:
    """Return how many seconds one list takes by the emulator's clock."""
    before = client.clock.now()
    client.page()
    return round(client.clock.now() - before, 3)


def removal(client: Client) -> tuple[int, int, int]:
    """Return the statuses of a read after a delete and of a second delete, and how many are listed between."""
    client.create()
    target = f"/roleAssignments/{FIRST}?{VERSION}"
    client.send("DELETE", target)
    return client.read(FIRST).status_code, len(client.ids()), client.send("DELETE", target).status_code


def repetition(client: Client) -> tuple[int, object]:
    """Return how many items a write and its repetition leave, and the scope of the first."""
    client.create()
    client.create()
    return len(client.ids()), client.read(FIRST).json()["scope"]


def left(client: Client) -> int:
    """Return how many of two items a delete and its repetition leave."""
    two(client)
    for _ in range(2):
        client.send("DELETE", f"/roleAssignments/{FIRST}?{VERSION}")
    return len(client.ids())


def left_after_one(client: Client) -> list[str]:
    """Return which of three items a delete leaves."""
    two(client).create(THIRD, roleId=OTHER_ROLE)
    client.send("DELETE", f"/roleAssignments/{FIRST}?{VERSION}")
    return client.ids()


def kept_twice(client: Client) -> tuple[object, list[object]]:
    """Return the scope that a second write to an id shows, and the scopes that are listed then."""
    _, shown = written_twice(client)
    return shown, [each["scope"] for each in client.page().json()["value"]]


def third_start(client: Client) -> tuple[int, int]:
    """Return the statuses of a start while another goes, and of one after both."""
    client.start()
    second = client.start().status_code
    client.clock.advance(60)
    return second, client.start().status_code


def revalidated(client: Client, *forms: str) -> list[object]:
    """Return what reads with the current entity tag in some forms are answered, each by its status or its content."""
    tag = client.send("GET", runtime(), api=MANAGEMENT).json()["etag"] if "{" in "".join(forms) else ""
    answers = [
        client.send("GET", runtime(), api=MANAGEMENT, headers={"If-None-Match": each.format(tag)}) for each in forms
    ]
    return [each.text or each.status_code if each.status_code == 304 else each.status_code for each in answers]


def tags(client: Client) -> int:
    """Return how many entity tags two reads show."""
    return len({client.send("GET", runtime(), api=MANAGEMENT).json()["etag"] for _ in range(2)})


CASES: Mapping[str, Case] = {
    "fault.accepted": Case(versionless, 400, 200, {"fault": "refusal/query/api-version/missing"}),
    "fault.crash": Case(letters, 200, 500, {"fault": "robustness/query/scope/unicode"}),
    "credential.case-sensitive": Case(lower_scheme, 200, 401),
    "response.field": Case(
        lambda c: c.create().json()["scope"],
        SCOPE,
        7,
        {"definition": "RoleAssignmentDetails", "path": ["scope"], "value": 7},
    ),
    "response.drop": Case(lambda c: len(c.create().json()), 5, 4, {"pointer": "/id"}),
    "response.set": Case(lambda c: c.create().json()["id"], FIRST, 7, {"pointer": "/id", "value": 7}),
    "response.status": Case(lambda c: c.create().status_code, 200, 201, {"status": 201}),
    "response.header": Case(lambda c: c.page().headers.get("x-new"), None, "a", {"name": "X-New", "value": "a"}),
    "response.media-type": Case(
        lambda c: c.page().headers["content-type"],
        "application/json; charset=utf-8",
        "text/plain",
        {"value": "text/plain"},
    ),
    "response.redirect": Case(
        lambda c: (c.page().status_code, c.page().headers.get("location")),
        (200, None),
        (307, "http://elsewhere.invalid/"),
        {"location": "http://elsewhere.invalid/"},
    ),
    "response.body": Case(lambda c: c.page().text, '{"count":0,"value":[]}', "{", {"text": "{"}),
    "response.empty": Case(lambda c: c.page().text, '{"count":0,"value":[]}', ""),
    "error.flat": Case(error_form, ("application/json", ["error"]), ("application/json", ["code", "message"])),
    "error.empty-object": Case(error_form, ("application/json", ["error"]), ("application/json", [])),
    "error.html": Case(error_form, ("application/json", ["error"]), ("text/html", "<!DOCTYPE")),
    "error.text": Case(error_form, ("application/json", ["error"]), ("text/plain", "401 Unaut")),
    "error.empty": Case(error_form, ("application/json", ["error"]), ("", "")),
    "error.other-api": Case(
        error_form,
        ("application/json", ["error"]),
        ("application/json", ["errorCode", "message", "requestId"]),
        {"api": FABRIC},
    ),
    "error.status": Case(lambda c: refused(c).status_code, 401, 400, {"cause": "unauthenticated", "status": 400}),
    "error.code": Case(
        lambda c: refused(c).json()["error"]["code"],
        "AuthenticationFailed",
        "Other",
        {"cause": "unauthenticated", "code": "Other"},
    ),
    "error.stack-trace": Case(lambda c: refused(c).json()["error"]["message"].count("Traceback (most"), 0, 1),
    "error.injected": Case(lambda c: c.page().status_code, 200, 500),
    "request.refuse": Case(lambda c: c.page(scope=SCOPE).status_code, 200, 400, {"parameter": "scope"}),
    "resource.never-missing": Case(
        lambda c: c.send("GET", f"{LINKS}/link-x/sync/providers", api=VCENTER).status_code,
        404,
        200,
        {"resource": "link"},
    ),
    "body.field-added": Case(error_names, ["code", "message"], ["code", "message", "x"], {"name": "x", "value": [1]}),
    "body.filled-in": Case(
        lambda c: [c.create().json().get(each) for each in ("id", "x")],
        [FIRST, None],
        [FIRST, 7],
        {"pointer": "/x", "value": 7},
    ),
    "body.letter-case": Case(
        lambda c: c.create(ROLE).json()["id"], ROLE, ROLE.upper(), {"pointer": "/id", "case": "upper"}
    ),
    "body.reversed": Case(lambda c: list(c.page().json()), ["count", "value"], ["value", "count"]),
    "body.text": Case(
        lambda c: c.page().text,
        '{"count":0,"value":[]}',
        r'{"\u0063\u006f\u0075\u006e\u0074":0,"\u0076\u0061\u006c\u0075\u0065":[]}',
        {"form": "escaped"},
    ),
    "header.list": Case(allowed, ["DELETE, GET, PUT"], ["PUT,GET,DELETE"], {"name": "Allow", "form": "reversed"}),
    "error.form": Case(
        lambda c: refused(c).json().get("why"),
        None,
        "AuthenticationFailed",
        {"template": {"why": "$code"}, "statuses": [401]},
    ),
    "error.message": Case(
        lambda c: refused(c).json()["error"]["message"] == "\u05dc\u05d0",
        clean=False,
        bent=True,
        arguments={"text": "\u05dc\u05d0"},
    ),
    "page.backwards": Case(lambda c: two(c).ids(), [FIRST, SECOND], [SECOND, FIRST]),
    "page.item-lost": Case(page_sizes, [50, 50, 20], [49, 50, 20]),
    "page.item-repeated": Case(distinct, (120, 120), (122, 120)),
    "page.repeated": Case(page_sizes, [50, 50, 20], [50, 50, 50, 50, 20]),
    "page.endless": Case(page_sizes, [50, 50, 20], [50, 50, 20, 50, 50, 20, 50, 50, 20, 50]),
    "page.token-ignored": Case(page_sizes, [50, 50, 20], [50] * 10),
    "page.token-on-last": Case(page_sizes, [50, 50, 20], [50, 50, 20, *[0] * 7]),
    "page.count-wrong": Case(count, 50, 51),
    "page.size": Case(page_sizes, [50, 50, 20], [70, 50], {"size": 70}),
    "page.last-empty": Case(last_header, "-", ""),
    "page.count-all": Case(count, 50, 120),
    "filter.ignored": Case(lambda c: len(two(c).ids(roleId=ROLE)), 1, 2, {"parameter": "roleId"}),
    "filter.combination-ignored": Case(lambda c: len(two(c).ids(roleId=ROLE, principalId=OTHER_PRINCIPAL)), 0, 1),
    "filter.any": Case(lambda c: len(two(c).ids(roleId=ROLE, principalId=OTHER_PRINCIPAL)), 0, 2),
    "filter.negated": Case(lambda c: two(c).ids(roleId=ROLE), [FIRST], [SECOND], {"parameter": "roleId"}),
    "filter.prefix": Case(lambda c: two(c).ids(scope=SCOPE), [FIRST], [FIRST, SECOND], {"parameter": "scope"}),
    "filter.empty": Case(lambda c: two(c).ids(scope=SCOPE), [FIRST], [], {"parameter": "scope"}),
    "filter.item-lost": Case(lambda c: two(c).ids(principalId=PRINCIPAL), [FIRST], [], {"parameter": "principalId"}),
    "filter.ancestors": Case(lambda c: two(c).ids(scope=POOL_SCOPE), [SECOND], [FIRST, SECOND]),
    "read-after-write.not-persisted": Case(lambda c: (c.create().status_code, c.ids()), (200, [FIRST]), (200, [])),
    "read-after-write.stale": Case(lagging, (200, 200), (404, 200)),
    "read-after-write.lag": Case(lagging, (200, 200), (404, 200), {"seconds": 60}),
    "echo.wrong": Case(lambda c: c.create().json()["id"], FIRST, f"{FIRST[:-1]}0", {"pointer": "/id"}),
    "upsert.ignored": Case(written_twice, (200, POOL_SCOPE), (200, SCOPE)),
    "upsert.unstored": Case(kept_twice, (POOL_SCOPE, [POOL_SCOPE]), (POOL_SCOPE, [SCOPE])),
    "upsert.adds": Case(kept_twice, (POOL_SCOPE, [POOL_SCOPE]), (POOL_SCOPE, [POOL_SCOPE, SCOPE])),
    "upsert.conflict": Case(written_twice, (200, POOL_SCOPE), (409, None)),
    "delete.ignored": Case(removal, (404, 0, 204), (200, 1, 204)),
    "delete.listed": Case(removal, (404, 0, 204), (404, 1, 204)),
    "delete.unlisted": Case(removal, (404, 0, 204), (200, 0, 204)),
    "delete.removes-another": Case(left_after_one, [SECOND, THIRD], [THIRD]),
    "delete.all": Case(left_after_one, [SECOND, THIRD], []),
    "delete.again-fails": Case(removal, (404, 0, 204), (404, 0, 500)),
    "delete.again-missing": Case(removal, (404, 0, 204), (404, 0, 404)),
    "idempotent.second-item": Case(repetition, (1, SCOPE), (2, SCOPE)),
    "idempotent.removes": Case(
        lambda c: [c.create().status_code, c.create().status_code, len(c.ids())], [200, 200, 1], [200, 200, 0]
    ),
    "idempotent.changes": Case(repetition, (1, SCOPE), (1, f"{SCOPE}-other"), {"pointer": "/scope"}),
    "idempotent.removes-another": Case(left, 1, 0),
    "conditional.never": Case(lambda c: revalidated(c, "{}", "*"), [304, 304], [200, 200]),
    "conditional.always": Case(lambda c: revalidated(c, '"no"', ""), [200, 200], [304, 304]),
    "conditional.content": Case(lambda c: revalidated(c, "*"), [304], ["{}"]),
    "conditional.unstable": Case(tags, 1, 2),
    "conditional.quoted-alone": Case(lambda c: revalidated(c, "{}", '"{}"'), [304, 304], [200, 304]),
    "conditional.raw-alone": Case(lambda c: revalidated(c, "{}", 'W/"{}"'), [304, 304], [304, 200]),
    "exclusive.never-busy": Case(second_start, (500, "resource_busy"), (200, "")),
    "exclusive.always-busy": Case(lambda c: c.start().status_code, 200, 500),
    "exclusive.never-released": Case(third_start, (500, 200), (500, 500)),
    "exclusive.wrong-type": Case(second_start, (500, "resource_busy"), (500, "error")),
    "exclusive.wrong-status": Case(second_start, (500, "resource_busy"), (409, "resource_busy"), {"status": 409}),
    "transition.shown-as": Case(
        lambda c: mirrored(c)[0], "Running", "Paused", {"pointer": "/status", "state": "Running", "instead": "Paused"}
    ),
    "transition.goes-back": Case(
        mirrored, ["Running", "Stopping", "Stopped", "Stopped"], ["Running", "Stopping", "Stopped", "Stopping"]
    ),
    "throttled.never-released": Case(throttled, (429, 200), (429, 429)),
    "throttled.http-date": Case(retry_after, "2", "Thu, 01 Jan 2026 00:00:02 GMT"),
    "secret.echoed": Case(leaks, (False, False, False), (True, False, False), {"where": "body"}),
    "identity.accepted": Case(lambda c: refused(c, "expired").status_code, 401, 200, {"identity": "expired"}),
    "identity.refused": Case(lambda c: c.page().status_code, 200, 418, {"identity": "admin", "status": 418}),
    "identity.any-kind": Case(
        lambda c: (
            c.send("POST", DATABASE.format(action="stopMirroring"), api=FABRIC, identity="managed-identity").status_code
        ),
        403,
        200,
    ),
    "empty-body.filled": Case(stop, (200, ""), (200, "{}"), {"text": "{}"}),
    "case-insensitive.segments": Case(
        lambda c: c.send("GET", runtime().replace("resourceGroups", "resourcegroups"), api=MANAGEMENT).status_code,
        200,
        404,
    ),
    "case-insensitive.sensitive": Case(
        lambda c: c.send("GET", runtime(group=GROUP.upper()), api=MANAGEMENT).status_code, 200, 404
    ),
    "service.throttled": Case(lambda c: (c.page().status_code, c.start().status_code), (200, 200), (429, 503)),
    "service.unavailable": Case(lambda c: c.page().status_code, 200, 503),
    "service.failing": Case(lambda c: c.page().status_code, 200, 500),
    "connection.dropped": Case(lambda c: c.page().status_code, 200, 501),
    "connection.truncated": Case(lambda c: c.page().status_code, 200, 501),
    "connection.slow": Case(elapsed, 0.01, 2.01, {"seconds": 2}),
    "latency": Case(elapsed, 0.01, 2.01, {"seconds": 2}),
}


@pytest.mark.parametrize("name", [each for each in KNOWN if not each.startswith("wire.")])  # those need a socket
def test_switch_changes_answer(client: Client, name: str) -> None:
    """A switch that is on changes what it says, and off again it changes nothing."""
    case = CASES[name]
    clean = case.probe(Client())
    client.emulator.switch(name, **case.arguments)
    bent = case.probe(client)
    client.emulator.reset()
    again = case.probe(client)

    assert (case.clean, case.bent) == (clean, bent)
    assert case.clean == again


@pytest.mark.parametrize(("where", "found"), [("header", (False, True, False)), ("error", (False, False, True))])
def test_secret_is_echoed_there(client: Client, where: str, found: tuple[bool, bool, bool]) -> None:
    """The switch for secrets lets them out where it says, and nowhere else."""
    client.emulator.switch("secret.echoed", where=where)

    assert found == leaks(client)


def test_secret_of_early_refusal_is_echoed(client: Client) -> None:
    """A secret gets into an error also where the request was refused before its body was read."""
    client.emulator.switch("secret.echoed", where="error")
    answer = client.send("POST", START, api=VCENTER, identity="anonymous", json=CREDENTIALS)

    assert PASSWORD in answer.text


@pytest.mark.parametrize(
    ("parameter", "body", "status"),
    [("/credentials/password", CREDENTIALS, 400), ("/other", CREDENTIALS, 200), ("body", {}, 400), ("body", None, 200)],
)
def test_body_field_is_refused(client: Client, parameter: str, body: object, status: int) -> None:
    """A switch refuses requests with a field of the body, or with any body."""
    client.emulator.switch("request.refuse", parameter=parameter)

    assert status == client.start(body).status_code


def test_missing_provider_is_stood_in_for(client: Client) -> None:
    """With the switch that misses nothing a provider that does not exist is treated as one that does."""
    client.emulator.switch("resource.never-missing", resource="provider")
    answer = client.send("GET", PROVIDER.replace("2c9d04e8", "x"), api=VCENTER)

    assert 200 == answer.status_code


def test_injected_error_is_named(client: Client) -> None:
    """A fault that is injected has the name of the documented error that the switch gives."""
    client.emulator.switch("error.injected", error="service_unavailable")
    answer = client.send("POST", "/rest/com/vmware/cis/session", api=VCENTER, security="basic")

    assert (503, 200) == (answer.status_code, client.page().status_code)


@pytest.mark.parametrize(
    ("form", "fields"), [("spacious", ["DELETE , GET , PUT"]), ("split", ["DELETE", "GET", "PUT"])]
)
def test_list_has_other_forms(client: Client, form: str, fields: list[str]) -> None:
    """A header that is a list can have spaces before its commas, or a field for each item."""
    client.emulator.switch("header.list", name="allow", form=form)

    assert fields == allowed(client)


def test_json_is_spacious(client: Client) -> None:
    """A JSON text with white space says the same as one without."""
    clean = refused(client)
    client.emulator.switch("body.text", form="spacious")
    bent = refused(client)

    assert clean.json() == bent.json()
    assert bent.text.startswith(" \r\n{")
    assert "\t" in bent.text


def test_escapes_hold_every_character(client: Client) -> None:
    """Characters outside the basic plane are two escapes."""
    client.emulator.switch("error.message", text='\U0001f6ab "')
    client.emulator.switch("body.text", form="escaped")
    bent = refused(client)

    assert bent.text.isascii()
    assert '\U0001f6ab "' == bent.json()["error"]["message"]


def test_switch_is_on_for_operation(client: Client) -> None:
    """A switch with a glob changes the operations that fit it alone."""
    client.emulator.switch("response.status", operation=f"{ACCESS}/create-*", status=201)

    assert (201, 200) == (client.create().status_code, client.page().status_code)


def test_switch_reaches_unrouted_requests(client: Client) -> None:
    """A switch for an operation changes the refusal of another method on the operation's path too."""
    client.emulator.switch("error.status", operation=WRITE, cause="method-not-allowed", status=500)
    status = client.send("PATCH", f"/roleAssignments/{FIRST}").status_code

    assert (500, 405) == (status, client.send("PATCH", "/roleAssignments").status_code)


def test_switch_reaches_error_fields(client: Client) -> None:
    """A response switch changes errors where it is told to, and successes no more."""
    client.emulator.switch("response.drop", pointer="/error/code", on="error")
    client.emulator.switch("response.drop", pointer="/count", on="error")

    assert {"error": {"message"}} == {key: set(value) for key, value in refused(client).json().items()}
    assert "count" in client.page().json()


def test_pointer_reaches_every_item(client: Client) -> None:
    """A star in a pointer means every item of an array."""
    two(client).emulator.switch("response.set", pointer="/value/*/scope", value="x")

    assert ["x", "x"] == [item["scope"] for item in client.page().json()["value"]]
    assert SCOPE == client.read().json()["scope"]


def test_status_can_depend_on_status(client: Client) -> None:
    """A status is changed only from the one that the switch names."""
    client.emulator.switch("response.status", status=200, **{"from": 204})

    assert (200, 200) == (client.delete().status_code, client.page().status_code)


def test_content_type_can_be_removed(client: Client) -> None:
    """The header switch reaches the Content-Type too."""
    client.emulator.switch("response.header", name="Content-Type", value=None)

    assert "content-type" not in client.page().headers


def test_two_switches_add_up(client: Client) -> None:
    """Several lines of one switch are all on."""
    client.emulator.switch("response.drop", pointer="/id")
    client.emulator.switch("response.drop", pointer="/scope")

    assert {"roleDefinitionId", "principalId", "principalType"} == set(client.create().json())


def test_stale_read_catches_up(client: Client) -> None:
    """Without its switch a stale read shows everything again."""
    client.emulator.switch("read-after-write.stale")
    client.create()
    client.emulator.clear_switches()

    assert [FIRST] == client.ids()


def test_lag_ends_by_itself(client: Client) -> None:
    """A read that lags shows everything once its seconds are over."""
    client.emulator.switch("read-after-write.lag", seconds=60)
    client.create()
    client.emulator.clock.advance(60)

    assert [FIRST] == client.ids()


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("page.item-lots", {}, "Did you mean 'page.item-lost'"),
        ("response.drop", {}, "needs the argument 'pointer'"),
        ("response.drop", {"pointr": "/a"}, "Did you mean 'pointer'"),
        ("response.drop", {"pointer": "a"}, "JSON pointer"),
        ("response.drop", {"pointer": 1}, "It is a text"),
        ("response.drop", {"pointer": "/a", "on": "errors"}, "Did you mean 'error'"),
        ("response.status", {"status": "200"}, "number from 200 to 599"),
        ("response.status", {"status": True}, "number from 200 to 599"),
        ("response.field", {"definition": "A", "path": "b"}, "list of names"),
        ("response.field", {"definition": "A", "path": ["b", 1]}, "list of names"),
        ("response.field", {"definition": "A", "path": [], "of": "first"}, "'of'"),
        ("page.size", {"size": 0}, "number from 1"),
        ("secret.echoed", {"where": []}, "'where'"),
        ("error.form", {"template": {}, "statuses": [40]}, "list of statuses"),
        ("error.form", {"template": {}, "statuses": 401}, "list of statuses"),
        ("body.text", {"form": "spacy"}, "Did you mean 'spacious'"),
        ("error.other-api", {"api": "fabric-mirroring"}, f"Did you mean '{FABRIC}'"),
        ("error.flat", {"operation": f"{ACCESS}/create"}, "Did you mean"),
    ],
)
def test_wrong_switch_is_explained(client: Client, name: str, arguments: dict[str, Any], message: str) -> None:
    """An unknown switch, argument, value or operation raises an error that helps, and nothing is on."""
    with pytest.raises(UsageError, match=message):
        client.emulator.switch(name, **arguments)
    assert () == client.emulator.switches


def test_switch_is_one_line(client: Client) -> None:
    """A switch is data: its name, where it is on, and its arguments."""
    client.emulator.switch("page.size", operation=LIST, size=3)

    assert (Switch("page.size", LIST, {"size": 3}),) == client.emulator.switches
