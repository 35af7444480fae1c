"""The log says how each request was decided, and holds no secret."""

from __future__ import annotations

from asdocumented.emulator.log import MAX_RECORDS, Log, Record
from tests.emulator.client import ACCESS, CREDENTIALS, PASSWORD, SESSION, VCENTER, VERSION, Client


def test_record_names_decision(client: Client) -> None:
    """A record has the request, who sent it, the answer and the rule."""
    client.send("GET", f"/roleAssignments/x?{VERSION}", identity="reader")
    expected = Record(
        method="GET",
        target=f"/roleAssignments/x?{VERSION}",
        api=ACCESS,
        operation="get-role-assignment",
        identity="reader",
        status=404,
        rule="role-assignment-missing",
        notes=(),
    )

    assert [expected] == client.emulator.log


def test_success_has_no_rule(client: Client) -> None:
    """A record of a success names no rule."""
    client.page()

    assert "" == client.last_rule()


def test_log_holds_no_secret(client: Client) -> None:
    """Neither tokens, sessions nor passwords get into the log or the control API, wherever a client puts them."""
    secrets = [PASSWORD, (client.emulator.credential(ACCESS, "admin") or ("", ""))[1].removeprefix("Bearer ")]
    secrets.append(client.send("POST", SESSION, api=VCENTER, security="basic").json()["value"])
    client.send("GET", "/rest/hvc/links", identity="anonymous", headers={"vmware-api-session-id": secrets[2]})
    client.send("GET", f"/roleAssignments?{VERSION}&access_token={secrets[1]}")
    client.send("GET", f"/nothing?access_token={secrets[1]}")
    client.send("GET", f"/roleAssignments/a/b?access_token={secrets[1]}")
    client.start(CREDENTIALS)
    client.start({"credentials": {"password": PASSWORD}})
    written = f"{client.emulator.log}{client.control('GET', '/requests').text}"

    assert [] == [secret for secret in secrets if secret in written]


def test_no_answer_repeats_a_password(client: Client) -> None:
    """No answer, success or error, has the password of the request in it."""
    answers = [
        client.start(CREDENTIALS),
        client.start(CREDENTIALS),
        client.start({"credentials": {"password": PASSWORD}}),
        client.start({"credentials": PASSWORD}),
        client.send("POST", SESSION, api=VCENTER, headers={"Authorization": f"Basic {PASSWORD}"}),
    ]

    assert [] == [each for each in answers if PASSWORD in f"{each.headers}{each.text}"]


def test_log_is_bounded() -> None:
    """The oldest records are dropped when there are too many."""
    log = Log()
    for number in range(MAX_RECORDS + 1):
        log.add(Record("GET", str(number), "", "", "", 200, "", ()))

    assert (MAX_RECORDS, "1") == (len(log.records()), log.records()[0].target)
