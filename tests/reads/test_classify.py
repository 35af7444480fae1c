"""Understanding what a request asks for and what is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from asdocumented.reads.classify import Read, at, response_key
from asdocumented.reads.faults import media_type
from asdocumented.reads.validating import coerce
from asdocumented.traces import Request
from tests.judge.traces import (
    ABSENT,
    ACCESS,
    CREATE,
    DELETE,
    FABRIC,
    GET,
    ID,
    LIST,
    OTHER_ID,
    PROVIDER,
    RUNTIME,
    SESSION,
    START,
    STOP,
    SYNC,
    VCENTER,
    Conversation,
    answer,
    assignment,
    catalogue,
    grant,
    listing,
)


def _read(operation: str, **options: Any) -> Read:
    """Return one valid exchange of an operation, changed as told, as the judge understands it."""
    conversation = Conversation()
    conversation.send(operation, answer(200), **options)
    return conversation.reads()[0]


@pytest.mark.parametrize(
    ("credential", "expected"),
    [
        pytest.param("Bearer «token:reader»", "reader", id="marker"),
        pytest.param("«token:wrong-audience»", "wrong-audience", id="marker with a dash"),
        pytest.param("Bearer eyJhbGciOi", "unknown", id="a token of somebody"),
        pytest.param("nonsense", "unknown", id="nonsense"),
    ],
)
def test_identity_is_read(credential: str, expected: str) -> None:
    """The identity is that of the marker in the credential, and unknown for any other credential."""
    assert expected == _read(LIST, credential=credential).identity


def test_absent_credential_is_anonymous() -> None:
    """A request without a credential is anonymous, which is a cause for refusal."""
    conversation = Conversation()
    conversation.send(conversation.call(LIST, identity="anonymous"), answer(401))
    expected = ("anonymous", ("identity/anonymous",))

    read = conversation.reads()[0]

    assert expected == (read.identity, read.causes)


def test_basic_credential_is_read() -> None:
    """Where an operation takes a name and a password, its credential stands in Authorization."""
    expected = "admin"

    assert expected == _read(SESSION, credential="Basic «basic:admin»").identity


def test_session_stands_in_own_header() -> None:
    """A credential in a header that the API does not use makes nobody of the caller."""
    conversation = Conversation()
    call = conversation.call(PROVIDER, identity="anonymous")
    conversation.send(call, answer(401), headers={"authorization": "Bearer «token:admin»"})
    expected = "anonymous"

    assert expected == conversation.reads()[0].identity


@pytest.mark.parametrize(
    ("operation", "identity", "expected"),
    [
        pytest.param(CREATE, "admin", (), id="writer writes"),
        pytest.param(CREATE, "reader", ("permission-missing",), id="reader writes"),
        pytest.param(LIST, "reader", (), id="reader reads"),
        pytest.param(LIST, "expired", ("identity/expired",), id="expired"),
        pytest.param(CREATE, "malformed", ("identity/malformed",), id="malformed"),
        pytest.param(SESSION, "reader", (), id="no permission needed"),
    ],
)
def test_permission_is_a_cause(operation: str, identity: str, expected: tuple[str, ...]) -> None:
    """Who may not call gives exactly one cause, and who may gives none."""
    conversation = Conversation()
    body = grant() if operation == CREATE else None
    conversation.send(conversation.call(operation, identity=identity), answer(200), body=body)

    assert expected == conversation.reads()[0].causes


def test_unknown_identity_is_uncertain() -> None:
    """A request by somebody unknown has no cause, but need not succeed either."""
    read = _read(LIST, credential="Bearer eyJhbGciOi")
    expected: tuple[tuple[str, ...], bool] = ((), False)

    assert expected == (read.causes, read.certain)


@pytest.mark.parametrize(
    ("body", "media", "expected"),
    [
        pytest.param(grant(), "application/json", (), id="valid"),
        pytest.param(grant(), "text/json", (), id="second media type"),
        pytest.param(grant(), "Application/JSON; charset=utf-8", (), id="media type with a parameter"),
        pytest.param(b"<grant/>", "text/plain", ("refusal/body/media-type",), id="media type"),
        pytest.param(None, "", ("refusal/body/missing",), id="none"),
        pytest.param(b'{"', "application/json", ("refusal/body/malformed",), id="malformed"),
        pytest.param(b'{"a":1,"a":2}', "application/json", ("refusal/body/malformed",), id="duplicate key"),
        pytest.param([], "application/json", ("refusal/body/invalid",), id="array"),
        pytest.param(grant(roleId="no-uuid"), "application/json", ("refusal/body/roleId/malformed",), id="format"),
        pytest.param(
            {"roleId": ID, "principalId": ID}, "application/json", ("refusal/body/scope/missing",), id="field"
        ),
        pytest.param(
            {"principalId": ID},
            "application/json",
            ("refusal/body/roleId/missing", "refusal/body/scope/missing"),
            id="two fields",
        ),
    ],
)
def test_body_faults_are_causes(body: Any, media: str, expected: tuple[str, ...]) -> None:
    """Each fault of a request body is a cause, named as its requirement is."""
    assert expected == _read(CREATE, body=body, media_type=media).causes


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(None, (), id="none"),
        pytest.param({}, (), id="empty object"),
        pytest.param({"credentials": {"user_name": "a", "password": "b"}}, (), id="full"),
        pytest.param(
            {"credentials": {"user_name": "a"}}, ("refusal/body/credentials/password/missing",), id="nested field"
        ),
        pytest.param({"credentials": None}, ("refusal/body/credentials/malformed",), id="null"),
    ],
)
def test_optional_body_may_be_absent(body: Any, expected: tuple[str, ...]) -> None:
    """A body that is not required may be absent or empty, and is valid or not where it is there."""
    assert expected == _read(START, body=body).causes


def test_body_without_contract_is_ignored() -> None:
    """A body that is sent where the page documents none is no cause for refusal."""
    read = _read(SYNC, body={"x": 1})
    expected: tuple[tuple[str, ...], None] = ((), None)

    assert expected == (read.causes, read.body)


def _missing_version(conversation: Conversation) -> tuple[str, ...]:
    conversation.send(conversation.call(LIST).without("query", "api-version"), answer(400))
    return ("refusal/query/api-version/missing",)


def _other_version(conversation: Conversation) -> tuple[str, ...]:
    conversation.send(conversation.call(LIST).with_argument("query", "api-version", "1999"), answer(400))
    return ("refusal/query/api-version/malformed",)


def _unused_method(conversation: Conversation) -> tuple[str, ...]:
    conversation.send(replace(conversation.call(LIST), method="PATCH"), answer(405))
    return ("refusal/method",)


def _absent_provider(conversation: Conversation) -> tuple[str, ...]:
    conversation.send(conversation.call(PROVIDER, provider=ABSENT), answer(404))
    return ("provider-missing",)


def _malformed_id(conversation: Conversation) -> tuple[str, ...]:
    conversation.send(conversation.call(STOP, workspaceId="no-uuid"), answer(400))
    return ("refusal/path/workspaceId/malformed",)


def _two_faults(conversation: Conversation) -> tuple[str, ...]:
    conversation.send(conversation.call(PROVIDER, identity="anonymous", link=ABSENT), answer(404))
    return ("identity/anonymous", "link-missing")


@pytest.mark.parametrize(
    "send", [_missing_version, _other_version, _unused_method, _absent_provider, _malformed_id, _two_faults]
)
def test_each_fault_is_found(send: Any) -> None:
    """Each fault of a request is found in the request itself."""
    conversation = Conversation()

    expected = send(conversation)

    assert expected == conversation.reads()[0].causes


@pytest.mark.parametrize(
    ("body", "media", "expected"),
    [
        pytest.param(grant(), "text/plain", "mislabelled-body", id="right body of another type"),
        pytest.param(grant(more=1), "application/json", "undeclared-field", id="field that no definition names"),
    ],
)
def test_body_that_may_be_taken_is_odd(body: Any, media: str, expected: str) -> None:
    """What a server may read or refuse is no cause for refusal, and need not succeed."""
    read = _read(CREATE, body=body, media_type=media)

    assert ((), (expected,), False) == (read.causes, read.oddities, read.certain)


def test_repeated_parameter_is_odd() -> None:
    """No page says what a parameter that is sent twice means, so it is no cause for refusal, and need not succeed."""
    conversation = Conversation()
    conversation.send(LIST, answer(400))
    sent = conversation.events[0]
    target = f"{sent.request.target}&api-version=2020-12-01"
    conversation.events[0] = replace(sent, request=replace(sent.request, target=target))
    read = conversation.reads()[0]
    expected: tuple[tuple[str, ...], tuple[str, ...], bool] = ((), ("robustness/query/api-version/repeated",), False)

    assert expected == (read.causes, read.oddities, read.certain)


def test_empty_header_is_absent() -> None:
    """A header field without a value is no header field."""
    read = _read(LIST, headers={"x-ms-continuation": ""})
    expected: tuple[tuple[str, ...], bool] = ((), True)

    assert expected == (read.causes, read.certain)


def test_invented_continuation_is_uncertain() -> None:
    """A continuation that no answer named need not be accepted."""
    expected = False

    assert expected == _read(LIST, headers={"x-ms-continuation": "invented"}).certain


def test_undeclared_query_is_uncertain() -> None:
    """A request with a query parameter that no page declares has no cause, but need not succeed."""
    conversation = Conversation()
    conversation.send(conversation.call(LIST).with_argument("query", "extra", "1"), answer(400))
    expected: tuple[tuple[str, ...], bool] = ((), False)

    read = conversation.reads()[0]

    assert expected == (read.causes, read.certain)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        pytest.param("exampleResourceGroup", ((), True), id="as it exists"),
        pytest.param("EXAMPLEresourceGROUP", ((), False), id="other case"),
        pytest.param("neverHeardOf", ((), False), id="unknown"),
        pytest.param(ABSENT, (("resource-group-missing",), False), id="made up"),
    ],
)
def test_references_are_looked_up(group: str, expected: Any) -> None:
    """An id that exists is fine, one made up is missing, and of any other the target alone knows."""
    conversation = Conversation()
    conversation.send(conversation.call(RUNTIME, resourceGroupName=group), answer(200, {}))

    read = conversation.reads()[0]

    assert expected == (read.causes, read.causes == () and read.certain)


def test_written_id_is_uncertain() -> None:
    """What was only written in this run is for the behaviours to judge, not a certain success."""
    conversation = Conversation()
    conversation.create(OTHER_ID)
    conversation.send(conversation.call(GET, roleAssignmentId=OTHER_ID), answer(404))
    expected: tuple[tuple[str, ...], bool] = ((), False)

    read = conversation.reads()[1]

    assert expected == (read.causes, read.certain)


def test_deleted_id_is_uncertain() -> None:
    """What was deleted in this run is not held to be missing at once, which a behaviour judges, nor to be there."""
    conversation = Conversation()
    conversation.create()
    conversation.send(conversation.call(DELETE, roleAssignmentId=ID), answer(200))
    conversation.send(conversation.call(GET, roleAssignmentId=ID), answer(404))
    conversation.create()
    conversation.send(conversation.call(GET, roleAssignmentId=ID), answer(200, assignment()))
    expected = [((), False), ((), False)]

    assert expected == [(read.causes, read.certain) for read in conversation.reads() if read.operation.id == GET]


def test_absent_id_stays_missing() -> None:
    """A delete of what was made up says nothing new: it was missing before, and is after."""
    conversation = Conversation()
    conversation.send(conversation.call(DELETE, roleAssignmentId=ABSENT), answer(204))
    conversation.send(conversation.call(GET, roleAssignmentId=ABSENT), answer(404))

    assert ("role-assignment-missing",) == conversation.reads()[1].causes


def test_refused_write_writes_nothing() -> None:
    """A write that was refused brings nothing into being."""
    conversation = Conversation()
    conversation.create(ABSENT, answer(400))
    conversation.send(conversation.call(GET, roleAssignmentId=ABSENT), answer(404))
    expected = ("role-assignment-missing",)

    assert expected == conversation.reads()[1].causes


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param("sync-idle", ((), True), id="own state"),
        pytest.param("sync-running", (("sync-running",), True), id="forbidding state"),
        pytest.param("", ((), False), id="no state"),
    ],
)
def test_state_makes_certain(state: str, expected: Any) -> None:
    """A request that needs a state must succeed in it, is refused in a documented other one, and else may do either."""
    conversation = Conversation()
    if state:
        conversation.arrange(VCENTER, state)
    conversation.send(START, answer(200))

    read = conversation.reads()[0]

    assert expected == (read.causes, read.certain)


def test_state_ends_with_use() -> None:
    """A success of an operation that needs a state ends what is known of it."""
    conversation = Conversation()
    conversation.arrange(FABRIC, "mirroring-running")
    conversation.send(STOP, answer(200))
    conversation.send(STOP, answer(400))
    expected = [True, False]

    assert expected == [read.certain for read in conversation.reads()]


def test_state_is_bound_to_ids() -> None:
    """A state that was arranged for some ids says nothing about others."""
    conversation = Conversation()
    conversation.arrange(VCENTER, "sync-running", provider=("provider-other",))
    conversation.send(START, answer(200))
    expected: tuple[str, ...] = ()

    assert expected == conversation.reads()[0].causes


def test_state_stays_in_its_api() -> None:
    """A state of one API says nothing about another, and begins an epoch of its own API alone."""
    conversation = Conversation()
    conversation.arrange(ACCESS, "two-pages")
    conversation.send(LIST, answer(200, listing()))
    conversation.send(STOP, answer(200))
    expected = [1, 0]

    assert expected == [read.epoch for read in conversation.reads()]


@pytest.mark.parametrize(
    ("operation", "status", "expected"),
    [
        pytest.param(CREATE, 200, "200", id="listed"),
        pytest.param(CREATE, 201, "", id="unlisted success"),
        pytest.param(CREATE, 400, "other", id="first of the others"),
        pytest.param(CREATE, 599, "other", id="last of the others"),
        pytest.param(CREATE, 399, "", id="below the others"),
        pytest.param(CREATE, 600, "", id="above the others"),
        pytest.param(GET, 404, "404", id="listed before other"),
        pytest.param(START, 500, "500", id="documented 500"),
        pytest.param(START, 400, "framework", id="framework"),
        pytest.param(START, 418, "", id="of nobody"),
        pytest.param(START, 404, "404", id="listed before framework"),
    ],
)
def test_status_finds_its_rule(operation: str, status: int, expected: str) -> None:
    """A status falls under its own rule, else under `other`, else under the framework, else under none."""
    found = catalogue().operation(operation)

    assert expected == response_key(catalogue().apis[found.api], found, status)


def test_foreign_path_is_no_operation() -> None:
    """A request for a path that no operation has is read without an operation and without causes."""
    conversation = Conversation()
    conversation.send(LIST, answer(404))
    sent = conversation.events[0]
    conversation.events[0] = replace(sent, request=Request("GET", "/elsewhere?x=%zz"))
    expected = (None, (), (), False)

    read = conversation.reads()[0]

    assert expected == (read.operation, read.others, read.causes, read.certain)


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        pytest.param("/a/b/1", 2, id="array"),
        pytest.param("/a~1b", 3, id="slash"),
        pytest.param("/m~0n", 4, id="tilde"),
        pytest.param("/~01", 5, id="tilde before one"),
        pytest.param("/a/b/9", None, id="beyond the end"),
        pytest.param("/a/b/x", None, id="word in an array"),
        pytest.param("/nothing/at/all", None, id="nowhere"),
        pytest.param("/a/b/²", None, id="digit that is no number"),
    ],
)
def test_pointers_are_followed(pointer: str, expected: Any) -> None:
    """A JSON pointer leads to its value, or to nothing."""
    value = {"a": {"b": [1, 2]}, "a/b": 3, "m~n": 4, "~1": 5}

    assert expected == at(value, pointer)


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        pytest.param("integer", "12", 12, id="integer"),
        pytest.param("integer", "1.5", 1.5, id="no integer"),
        pytest.param("number", "1.5", 1.5, id="number"),
        pytest.param("boolean", "true", True, id="boolean"),
        pytest.param("boolean", "True", "True", id="no boolean"),
        pytest.param("string", "12", "12", id="string"),
        pytest.param("integer", "1" * 5000, None, id="very long integer"),
        pytest.param("integer", "12\n", "12\n", id="line break"),
    ],
)
def test_parameters_are_coerced(kind: str, text: str, expected: Any) -> None:
    """A parameter's text becomes the value that its schema describes where it fits, and raises nothing."""
    got = coerce({"type": kind}, text)

    assert expected == (None if len(text) > 100 else got)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("application/json", "application/json", id="plain"),
        pytest.param(" Application/JSON ; charset=utf-8", "application/json", id="with a parameter"),
        pytest.param(None, "", id="none"),
    ],
)
def test_media_type_is_normalised(value: str | None, expected: str) -> None:
    """A media type is compared in lower case and without parameters."""
    assert expected == media_type(value)
