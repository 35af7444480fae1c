"""Whatever a target answers, the judge says something and never breaks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asdocumented.contracts import Operation
from asdocumented.judge import judge
from asdocumented.plans import Call
from asdocumented.requirement import PROFILES
from asdocumented.traces import Exchange, Facts, Request, Response, Trace
from asdocumented.verdicts import Result, Verdict, give
from tests.judge.traces import (
    CREATE,
    LIST,
    PROVIDER,
    START,
    SYNC,
    VCENTER,
    Conversation,
    answer,
    assignment,
    azure_error,
    catalogue,
    grant,
    listing,
    provider_info,
    requirements,
    vcenter_error,
)

_WORDS = st.sampled_from(
    [
        "",
        "application/json",
        "text/json; charset=x",
        "application/json; charset=",
        "one",
        "«secret:/credentials/password»",
    ]
)
_NAMES = st.sampled_from(["content-type", "x-ms-continuation", "Retry-After", "X-MS-Continuation", "etag"])
_HEADERS = st.lists(st.tuples(_NAMES | st.text(max_size=8), _WORDS | st.text(max_size=12)), max_size=4).map(tuple)
_KNOWN = ["id", "value", "count", "error", "code", "message", "details", "type", "status", "messages", "properties"]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_KNOWN) | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=15,
)
_SHAPES: list[Any] = [
    assignment(),
    listing(assignment()),
    azure_error(),
    vcenter_error("not_found"),
    provider_info("WAITING"),
]
_BODIES = (
    st.binary(max_size=40)
    | _JSON.map(lambda value: json.dumps(value).encode())
    | st.sampled_from(_SHAPES).map(lambda value: json.dumps(value).encode())
)
_STATUSES = st.sampled_from([0, 100, 200, 201, 204, 302, 304, 400, 401, 403, 404, 409, 429, 500, 503]) | st.integers(
    -1, 1000
)
_RESPONSES = st.builds(Response, _STATUSES, _HEADERS, _BODIES)
_OPERATIONS = st.sampled_from(catalogue().operations)


def _send(conversation: Conversation, data: st.DataObject, got: Response | None) -> None:
    """Take one request of any operation, valid or not, and an answer."""
    operation: Operation = data.draw(_OPERATIONS, label="operation")
    identity = data.draw(st.sampled_from(["admin", "reader", "anonymous", "expired"]), label="identity")
    call: Call = conversation.call(operation.id, identity=identity)
    for name in data.draw(
        st.sets(st.sampled_from([each.name for each in operation.parameters] or [""])), label="left out"
    ):
        call = call.without("query", name).without("header", name)
    body = data.draw(st.none() | st.just(grant()) | st.just({}) | st.binary(max_size=5), label="body")
    conversation.send(call, got, body=body, failure="" if got else "it broke")


def _errors(results: Mapping[str, Result]) -> list[str]:
    """Return the requirements at which the harness itself broke."""
    return [key for key, each in results.items() if Verdict.ERROR in each.profiles.values()]


@settings(max_examples=50)
@given(st.data(), st.lists(st.none() | _RESPONSES, max_size=5))
def test_any_answer_gets_verdicts(data: st.DataObject, answers: list[Response | None]) -> None:
    """Any answers to any requests give every requirement a verdict of its own in each profile that counts it."""
    conversation = Conversation()
    for got in answers:
        if data.draw(st.booleans(), label="arranged"):
            state = data.draw(st.sampled_from(sorted(catalogue().apis[VCENTER].states)), label="state")
            conversation.arrange(VCENTER, state)
        _send(conversation, data, got)

    expected = {key: [each for each in PROFILES if found.counts_in(each)] for key, found in requirements().items()}

    results = conversation.results()

    assert (expected, []) == ({key: list(result.profiles) for key, result in results.items()}, _errors(results))


@pytest.mark.parametrize("operation", [each.id for each in catalogue().operations])
@settings(max_examples=10)
@given(answers=st.lists(_RESPONSES, min_size=1, max_size=3))
def test_each_operation_survives(operation: str, answers: list[Response]) -> None:
    """Any answers to valid requests of each operation give no verdict that the harness broke."""
    conversation = Conversation()
    body = grant() if operation == CREATE else None
    for got in answers:
        conversation.send(operation, got, body=body)
    expected: list[str] = []

    assert expected == _errors(conversation.results())


@settings(max_examples=50)
@given(st.text(max_size=40), st.text(max_size=6), _HEADERS, st.binary(max_size=20), _RESPONSES)
def test_any_request_is_survived(target: str, method: str, headers: Any, body: bytes, got: Response) -> None:
    """A recording of any request whatever can be judged."""
    exchanges = tuple(
        Exchange(number, api, "", Request(method, target, headers, body), got)
        for number, api in enumerate(catalogue().apis, start=1)
    )
    expected: list[str] = []

    judgement = judge(catalogue(), requirements(), Trace(exchanges, Facts()))

    assert expected == _errors(give(catalogue(), requirements(), judgement))


@pytest.mark.parametrize(
    "item",
    [
        pytest.param(None, id="null"),
        pytest.param([], id="array"),
        pytest.param("text", id="string"),
        pytest.param({"id": None}, id="null id"),
        pytest.param({"id": {"a": 1}}, id="object id"),
        pytest.param({"id": ["a"]}, id="array id"),
        pytest.param({**assignment(), "scope": ["x"], "roleDefinitionId": {}}, id="wrong fields"),
        pytest.param({"id": "None"}, id="id None"),
    ],
)
@pytest.mark.parametrize("value", ["items", "no list"])
def test_hostile_items_are_survived(item: Any, value: str) -> None:
    """Items of any kind in lists, filtered lists and pages are findings and bring nothing down."""
    conversation = Conversation()
    conversation.create()
    body = {"count": 1, "value": [item, item] if value == "items" else item}
    conversation.list(answer(200, body, headers={"x-ms-continuation": "one"}))
    conversation.list(answer(200, body, headers={"x-ms-continuation": "one"}), continuation="one")
    conversation.list(answer(200, body), continuation="one")
    for name in ("roleId", "principalId", "scope"):
        conversation.list(answer(200, body), **{name: grant()[name]})
    conversation.list(answer(200, body), roleId=grant()["roleId"], principalId=grant()["principalId"])
    expected: list[str] = []

    assert expected == _errors(conversation.results())


@pytest.mark.parametrize("stage", [None, 3, [], {}, ["WAITING"], {"a": 1}], ids=repr)
def test_hostile_stage_is_survived(stage: Any) -> None:
    """A stage of any kind in the look at what goes on brings nothing down."""
    conversation = Conversation()
    conversation.send(START, answer(200))
    conversation.send(START, answer(200))
    conversation.send(PROVIDER, answer(200, provider_info(stage)))
    expected: list[str] = []

    assert expected == _errors(conversation.results())


@pytest.mark.parametrize("code", [None, 3, [], {}, "", "x" * 10_000], ids=lambda code: repr(code)[:12])
@pytest.mark.parametrize("operation", [SYNC, START, LIST])
def test_hostile_codes_are_survived(operation: str, code: Any) -> None:
    """An error code of any kind is judged and never accepted as the documented one."""
    conversation = Conversation()
    for status in (400, 401, 403, 404, 500):
        body = {"error": {"code": code, "message": code}, "type": code, "value": code, "code": code, "message": code}
        for identity in ("admin", "reader", "anonymous"):
            conversation.send(conversation.call(operation, identity=identity), answer(status, body))
    expected: tuple[list[str], list[str]] = ([], [])

    results = conversation.results()
    passed = [key for key, each in results.items() if key.endswith("/code") and Verdict.PASS in each.profiles.values()]

    assert expected == (passed, _errors(results))
