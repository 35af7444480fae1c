"""The families of conventions judge what they see: a target that breaks one, one that refuses everything, one that is odd."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from asdocumented.traces import Exchange
from asdocumented.verdicts import Verdict
from tests.judge.traces import CREATE, LIST, START, Conversation, answer, azure_error, grant, vcenter_error

VERSION = f"{LIST}/refusal/query/api-version"
OK = {"count": 0, "value": []}


def requested(conversation: Conversation, **changes: Any) -> None:
    """Change the request of the latest exchange."""
    sent = conversation.events[-1]
    assert isinstance(sent, Exchange)
    conversation.events[-1] = replace(sent, request=replace(sent.request, **changes))


def listed(conversation: Conversation) -> None:
    """Let a plain list succeed, which is the control."""
    conversation.send(LIST, answer(200, OK))


def verdict(conversation: Conversation, requirement: str) -> Verdict:
    """Return the verdict in the profile that looks at conventions."""
    return conversation.verdict(requirement, "conventions")


@pytest.mark.parametrize(
    ("target", "fault"),
    [
        ("/roleAssignments", "missing"),
        ("/roleAssignments?api-version=", "empty"),
        ("/roleAssignments?api-version=1999-12-31", "malformed"),
    ],
)
@pytest.mark.parametrize(
    ("status", "controlled", "expected"),
    [
        pytest.param(400, True, Verdict.PASS, id="refused"),
        pytest.param(404, True, Verdict.PASS, id="refused otherwise"),
        pytest.param(200, True, Verdict.FAIL, id="accepted"),
        pytest.param(500, True, Verdict.INCONCLUSIVE, id="broke"),
        pytest.param(429, True, Verdict.INCONCLUSIVE, id="busy"),
        pytest.param(400, False, Verdict.INCONCLUSIVE, id="refuses everything"),
    ],
)
def test_wrong_version_is_refused(target: str, fault: str, status: int, controlled: Any, expected: Verdict) -> None:
    """A version that is missing, empty or another is to be refused, by a target that does not refuse everything."""
    conversation = Conversation()
    if controlled:
        listed(conversation)
    conversation.send(LIST, answer(status, OK if status == 200 else azure_error()))
    requested(conversation, target=target)

    assert expected == verdict(conversation, f"{VERSION}/{fault}")


@pytest.mark.parametrize(
    ("status", "expected"),
    [(200, Verdict.PASS), (400, Verdict.PASS), (414, Verdict.PASS), (500, Verdict.FAIL), (503, Verdict.INCONCLUSIVE)],
)
def test_odd_value_breaks_nothing(status: int, expected: Verdict) -> None:
    """An odd value may be taken or refused, and fails only by a server error."""
    conversation = Conversation()
    listed(conversation)
    conversation.send(LIST, answer(status, OK if status == 200 else azure_error()))
    requested(conversation, target="/roleAssignments?api-version=2020-12-01&scope=%D7%A9")

    assert expected == verdict(conversation, f"{LIST}/robustness/query/scope/unicode")
    assert status == 500 or set() == conversation.findings()


@pytest.mark.parametrize(
    ("status", "verdict_of_each"),
    [(200, Verdict.PASS), (400, Verdict.INCONCLUSIVE), (414, Verdict.INCONCLUSIVE), (500, Verdict.INCONCLUSIVE)],
)
def test_two_oddities_blame_neither(status: int, verdict_of_each: Verdict) -> None:
    """A request with two oddities says of each that it breaks nothing if it succeeds, and nothing if it does not."""
    conversation = Conversation()
    listed(conversation)
    conversation.send(LIST, answer(status, OK if status == 200 else azure_error()))
    requested(conversation, target="/roleAssignments?api-version=2020-12-01&scope=%D7%A9&odd=1")

    found = {verdict(conversation, f"{LIST}/robustness/query/{each}") for each in ("scope/unicode", "undeclared")}

    assert {verdict_of_each} == found


@pytest.mark.parametrize(
    ("allow", "expected"),
    [
        pytest.param("GET", Verdict.PASS, id="one"),
        pytest.param("HEAD, GET", Verdict.PASS, id="two"),
        pytest.param(None, Verdict.FAIL, id="none"),
        pytest.param("", Verdict.PASS, id="empty"),
        pytest.param("PUT", Verdict.PASS, id="what is not there may be created"),
        pytest.param("GET, PATCH", Verdict.FAIL, id="the refused one"),
        pytest.param("GET PATCH", Verdict.FAIL, id="no list"),
    ],
)
def test_405_names_methods(allow: str | None, expected: Verdict) -> None:
    """A 405 lists the methods of the path in Allow."""
    conversation = Conversation()
    listed(conversation)
    headers = {} if allow is None else {"allow": allow}
    conversation.send(replace(conversation.call(LIST), method="PATCH"), answer(405, azure_error(), headers=headers))

    assert expected == verdict(conversation, f"{LIST}/method/allow")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        pytest.param(200, None, Verdict.PASS, id="answered"),
        pytest.param(405, None, Verdict.PASS, id="refused"),
        pytest.param(501, None, Verdict.PASS, id="not implemented"),
        pytest.param(200, OK, Verdict.FAIL, id="with content"),
        pytest.param(500, None, Verdict.FAIL, id="server error"),
    ],
)
def test_head_has_no_content(status: int, body: Any, expected: Verdict) -> None:
    """HEAD is answered without content, or refused."""
    conversation = Conversation()
    listed(conversation)
    headers = {"allow": "GET"}
    conversation.send(replace(conversation.call(LIST), method="HEAD"), answer(status, body, headers=headers))

    assert expected == verdict(conversation, f"{LIST}/method/head")


@pytest.mark.parametrize(
    ("challenge", "expected"),
    [
        ("Bearer", Verdict.PASS),
        ('Bearer realm="x", error="invalid_token"', Verdict.PASS),
        ("", Verdict.FAIL),
        (None, Verdict.FAIL),
        ('"x"', Verdict.FAIL),
    ],
)
def test_401_has_challenge(challenge: str | None, expected: Verdict) -> None:
    """A 401 says by which scheme a client can authenticate."""
    conversation = Conversation()
    headers = {} if challenge is None else {"www-authenticate": challenge}
    call = conversation.call(LIST, identity="anonymous")
    conversation.send(call, answer(401, azure_error(), headers=headers))

    assert expected == verdict(conversation, f"{LIST}/credential/challenge")


@pytest.mark.parametrize(("status", "expected"), [(401, Verdict.PASS), (200, Verdict.FAIL)])
def test_other_scheme_is_refused(status: int, expected: Verdict) -> None:
    """A token behind another scheme is no credential."""
    conversation = Conversation()
    listed(conversation)
    headers = {"www-authenticate": "Bearer"}
    conversation.send(LIST, answer(status, OK, headers=headers), credential="Digest «token:admin»")

    assert expected == verdict(conversation, f"{LIST}/refusal/credential/scheme")


@pytest.mark.parametrize(
    ("status", "expected"), [(401, Verdict.FAIL), (200, Verdict.PASS), (500, Verdict.INCONCLUSIVE)]
)
def test_scheme_has_no_case(status: int, expected: Verdict) -> None:
    """The name of a scheme means the same in any letter case, and nothing else is blamed for a refusal."""
    conversation = Conversation()
    listed(conversation)
    body = OK if status == 200 else azure_error()
    conversation.send(
        LIST, answer(status, body, headers={"www-authenticate": "Bearer"}), credential="bearer «token:admin»"
    )
    requirement = f"{LIST}/robustness/credential/lower-case"

    assert expected == verdict(conversation, requirement)
    assert {requirement} >= conversation.findings()


@pytest.mark.parametrize(
    ("media", "status", "requirement"),
    [
        pytest.param("text/json", 400, "request/media-type/text_json", id="documented"),
        pytest.param("application/json; charset=utf-8", 415, "request/charset", id="charset"),
    ],
)
def test_refused_media_type_is_blamed(media: str, status: int, requirement: str) -> None:
    """A valid body that is refused for its documented media type or its charset breaks that requirement alone."""
    conversation = Conversation()
    conversation.create("one")
    call = conversation.call(CREATE, roleAssignmentId="two")
    conversation.send(call, answer(status, azure_error()), body=grant(), media_type=media)

    assert {f"{CREATE}/{requirement}"} == {each for each in conversation.findings() if "/request/" in each}


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(answer(400, b"Bad Request"), Verdict.PASS, id="refused"),
        pytest.param(None, Verdict.PASS, id="closed"),
        pytest.param(answer(200, OK), Verdict.FAIL, id="taken"),
        pytest.param(answer(500, b""), Verdict.INCONCLUSIVE, id="broke"),
    ],
)
def test_wrong_length_is_refused(got: Any, expected: Verdict) -> None:
    """A Content-Length that is no number is refused, or ends the connection."""
    conversation = Conversation()
    listed(conversation)
    conversation.send(LIST, got, failure="" if got else "the connection was closed without an answer")
    sent = conversation.events[-1]
    assert isinstance(sent, Exchange)
    requested(conversation, headers=(*sent.request.headers, ("content-length", "many")))

    assert expected == verdict(conversation, f"{LIST}/wire/content-length")
    assert {f"{LIST}/wire/content-length"} >= conversation.findings()


@pytest.mark.parametrize(("status", "expected"), [(401, Verdict.PASS), (404, Verdict.PASS), (200, Verdict.FAIL)])
def test_dots_lead_nobody_in(status: int, expected: Verdict) -> None:
    """Nobody gets past the check of credentials through dot segments."""
    conversation = Conversation()
    listed(conversation)
    body = OK if status == 200 else azure_error()
    call = conversation.call(LIST, identity="anonymous")
    conversation.send(call, answer(status, body, headers={"www-authenticate": "Bearer"}))
    requested(conversation, target="/roleAssignments/../roleAssignments?api-version=2020-12-01")

    assert expected == verdict(conversation, f"{LIST}/wire/dot-segments")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        pytest.param(405, b"", Verdict.PASS, id="refused"),
        pytest.param(200, b"TRACE /x HTTP/1.1", Verdict.PASS, id="without the credential"),
        pytest.param(200, "authorization: Bearer «token:admin»".encode(), Verdict.FAIL, id="with the credential"),
    ],
)
def test_trace_keeps_credential(status: int, body: bytes, expected: Verdict) -> None:
    """TRACE does not send the credential back."""
    conversation = Conversation()
    listed(conversation)
    call = replace(conversation.call(LIST), method="TRACE")
    conversation.send(call, answer(status, body, headers={"allow": "GET"}))

    assert expected == verdict(conversation, f"{LIST}/wire/trace")


def test_documented_500_survives() -> None:
    """A documented server error with its documented type is an answer like another."""
    conversation = Conversation()
    conversation.arrange("vmware-vcenter-hvc", "sync-idle")
    conversation.send(START, answer(200, None))
    conversation.arrange("vmware-vcenter-hvc", "sync-idle")
    conversation.send(START, answer(500, vcenter_error("error")))
    sent = conversation.events[-1]
    assert isinstance(sent, Exchange)
    requested(conversation, target=f"{sent.request.target}&odd=1")

    assert Verdict.PASS == verdict(conversation, f"{START}/robustness/query/undeclared")


@pytest.mark.parametrize(
    ("asked", "came", "expected"),
    [
        pytest.param("true", "0F8FAD5B", Verdict.PASS, id="comes back"),
        pytest.param("true", "another", Verdict.FAIL, id="another"),
        pytest.param("true", None, Verdict.FAIL, id="none"),
        pytest.param("false", None, Verdict.INCONCLUSIVE, id="not asked for"),
    ],
)
def test_client_id_comes_back(asked: str, came: str | None, expected: Verdict) -> None:
    """A request id of the client comes back when it is asked for, and needs not when it is not."""
    conversation = Conversation()
    own = {"x-ms-client-request-id": "0f8fad5b", "x-ms-return-client-request-id": asked}
    got = answer(200, OK, headers={"x-ms-client-request-id": came} if came else {})
    conversation.send(LIST, got, headers=own)

    assert expected == verdict(conversation, f"{LIST}/headers/client-request-id")


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        pytest.param(404, "not_found", Verdict.PASS, id="the error for what is missing"),
        pytest.param(400, "invalid_argument", Verdict.INCONCLUSIVE, id="another error"),
        pytest.param(500, "not_found", Verdict.INCONCLUSIVE, id="a server error"),
    ],
)
def test_two_kinds_in_one_name(status: int, kind: str, expected: Verdict) -> None:
    """A name that is odd in two ways was read as a whole where the answer is the error for what it does not name."""
    name = f"provider-{'a' * 2048}\u05d0"
    conversation = Conversation(absent={name})
    conversation.send(START, answer(200, None))
    conversation.send(conversation.call(START, provider=name), answer(status, vcenter_error(kind)))

    found = {verdict(conversation, f"{START}/robustness/path/provider/{each}") for each in ("over-long", "unicode")}

    assert {expected} == found
