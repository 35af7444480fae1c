"""The same trace gives the same verdicts, now and from a record."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asdocumented.judge import judge
from asdocumented.traces import (
    Arrangement,
    Exchange,
    Request,
    Response,
    Trace,
    arrangement_from_record,
    arrangement_record,
    exchange_from_record,
    exchange_record,
    facts_from_record,
    facts_record,
)
from asdocumented.verdicts import give
from tests.judge.traces import (
    ABSENT,
    ACCESS,
    LIST,
    PROVIDER,
    START,
    VCENTER,
    Conversation,
    answer,
    assignment,
    azure_error,
    catalogue,
    listing,
    provider_info,
    requirements,
    vcenter_error,
)

_HEADERS = st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=3).map(tuple)
_REQUESTS = st.builds(Request, st.text(max_size=5), st.text(max_size=10), _HEADERS, st.binary(max_size=20))
_RESPONSES = st.none() | st.builds(Response, st.integers(100, 599), _HEADERS, st.binary(max_size=20))
_EXCHANGES = st.builds(
    Exchange,
    st.integers(1, 9),
    st.text(max_size=5),
    st.text(max_size=5),
    _REQUESTS,
    _RESPONSES,
    st.text(max_size=5),
    again=st.text(max_size=5),
)


@pytest.fixture
def conversation() -> Conversation:
    """Return a conversation that shows a bit of everything: passes, findings, refusals, states, odd bytes."""
    made = Conversation()
    made.arrange(ACCESS, "two-pages", role_assignment=("a", "b"))
    made.create()
    made.list(answer(200, listing(assignment()), headers={"x-ms-continuation": "one"}))
    made.list(answer(200, listing(assignment("b"), {"id": 3})), continuation="one")
    made.list(answer(200, b"\xff\xfe"))
    made.list(answer(200, b'\xef\xbb\xbf{"a": "\\ud800"}'))
    made.send(made.call(LIST, identity="anonymous"), answer(401, {"code": "x", "message": "y"}))
    made.send(made.call(LIST, identity="expired"), answer(401, azure_error()))
    made.send(LIST, None, failure="cut short")
    made.arrange(VCENTER, "sync-running")
    made.send(START, answer(500, vcenter_error("resource_busy")))
    made.send(PROVIDER, answer(200, provider_info("WAITING")))
    made.send(made.call(PROVIDER, link=ABSENT), answer(404, vcenter_error("not_found")))
    return made


def test_judging_twice_is_equal(conversation: Conversation) -> None:
    """The same trace gives the same marks in the same order each time."""
    assert conversation.judgement() == conversation.judgement()


def test_judging_leaves_trace_alone(conversation: Conversation) -> None:
    """Judging changes neither the trace nor the requirements."""
    before = (conversation.trace, dict(requirements()))

    conversation.results()

    assert before == (conversation.trace, dict(requirements()))


def test_other_judgements_leave_no_trace(conversation: Conversation) -> None:
    """What was judged in between makes no difference."""
    expected = conversation.results()
    other = Conversation()
    other.create(got=answer(500, b"x"))
    other.results()

    assert expected == conversation.results()


def test_recorded_trace_is_judged_alike(conversation: Conversation) -> None:
    """A trace that was written to JSON and read again gives identical results."""
    trace = conversation.trace
    lines = [
        json.dumps(exchange_record(event) if isinstance(event, Exchange) else arrangement_record(event))
        for event in trace.events
    ]
    facts = facts_from_record(json.loads(json.dumps(facts_record(trace.facts))))
    events: list[Exchange | Arrangement] = []
    for record in map(json.loads, lines):
        read = exchange_from_record if record["kind"] == "exchange" else arrangement_from_record
        events.append(read(record))

    judgement = judge(catalogue(), requirements(), Trace(tuple(events), facts))

    assert conversation.results() == give(catalogue(), requirements(), judgement)


@given(_EXCHANGES)
def test_any_exchange_survives_record(exchange: Exchange) -> None:
    """An exchange of any bytes whatever is read from its record as it was."""
    record = json.loads(json.dumps(exchange_record(exchange)))

    assert exchange == exchange_from_record(record)


@given(st.binary())
def test_any_body_survives_record(body: bytes) -> None:
    """A body of any bytes whatever is read from its record as it was, byte for byte."""
    exchange = Exchange(1, "api", "", Request("GET", "/", (), body), Response(200, (), body))

    assert exchange == exchange_from_record(json.loads(json.dumps(exchange_record(exchange))))


def test_fewer_requirements_judge_alike(conversation: Conversation) -> None:
    """A requirement gets the same verdict whether or not others are asked for."""
    wanted = {key: each for key, each in requirements().items() if each.operation == "list-role-assignments"}
    expected = {key: result.profiles for key, result in conversation.results().items() if key in wanted}

    results = give(catalogue(), wanted, judge(catalogue(), wanted, conversation.trace))

    assert expected == {key: result.profiles for key, result in results.items()}


def test_single_requirement_judges_alike(conversation: Conversation) -> None:
    """A requirement that is asked for alone gets the verdict that it gets among all."""
    full = conversation.results()
    different = []
    for key, requirement in requirements().items():
        if requirement.operation == "list-role-assignments" and requirement.family in ("behaviour", "response"):
            wanted = {key: requirement}
            alone = give(catalogue(), wanted, judge(catalogue(), wanted, conversation.trace))[key]
            if alone.profiles != full[key].profiles:
                different.append(key)
    expected: list[str] = []

    assert expected == different
