"""`throttled`: a 429 says when to come back, and means it."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.contracts.model import Tier
from asdocumented.running import Options, run
from asdocumented.verdicts import Verdict
from tests.independent.server import running
from tests.judge.traces import LIST, START, STATUS, SYNC, Conversation, answer, azure_error, fabric_error, vcenter_error
from tests.support import catalogue, clean_run, independent_target

_DATE = "Thu, 01 Jan 2026 00:00:{:02} GMT"


def throttled(
    after: str | None, at: int = 0, body: Any = None, *, date: str | None = None, headers: dict[str, str] | None = None
) -> Any:
    """Return a 429 of the list of role assignments with a Retry-After, at a second of a minute."""
    given = {"date": _DATE.format(at) if date is None else date, **(headers or {})}
    return answer(
        429,
        azure_error("TooManyRequests") if body is None else body,
        headers={"content-type": "application/json", **given, **({} if after is None else {"retry-after": after})},
    )


def _verdict(operation: str, what: str, *answers: Any) -> str:
    conversation = Conversation()
    for got in answers:
        conversation.send(operation, got)
    return str(conversation.verdict(f"{operation}/throttled/{what}"))


_MANAGED, _MIRRORED = azure_error("TooManyRequests"), fabric_error("RequestBlocked")


@pytest.mark.parametrize(
    ("operation", "body", "level"), [(SYNC, _MANAGED, "MUST"), (STATUS, _MIRRORED, "SHOULD")], ids=["arm", "fabric"]
)
def test_promised_header_is_missed(operation: str, body: Any, level: str) -> None:
    """Where a source promises a Retry-After, a 429 without one fails."""
    requirement = clean_run().results[f"{operation}/throttled/retry-after/presence"].requirement

    assert ("fail", level) == (_verdict(operation, "retry-after/presence", throttled(None, 0, body)), requirement.level)
    assert "pass" == _verdict(operation, "retry-after/presence", throttled("1", 0, body))


def test_throttling_in_front_says_nothing() -> None:
    """A 429 of a gateway, as a page and without a Retry-After, is not held against the API."""
    page = answer(429, b"<html></html>", headers={"content-type": "text/html"})

    assert "not-observed" == _verdict(SYNC, "retry-after/presence", page)
    assert "not-observed" == _verdict(SYNC, "code", page)


@pytest.mark.parametrize("operation", [LIST, START])
def test_header_may_be_left_out(operation: str) -> None:
    """Where only RFC 6585 speaks of a Retry-After, a 429 may have none."""
    assert f"{operation}/throttled/retry-after/presence" not in clean_run().results
    assert "not-observed" == _verdict(operation, "retry-after/value", throttled(None))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("0", "pass"),
        ("120", "pass"),
        ("Fri, 31 Dec 1999 23:59:59 GMT", "pass"),
        ("soon", "fail"),
        ("1.5", "fail"),
        ("-1", "fail"),
        ("", "fail"),
        ("Friday, 31-Dec-99 23:59:59 GMT", "fail"),
    ],
)
def test_form_of_header_is_judged(after: str, expected: str) -> None:
    """A Retry-After is a number of seconds or an HTTP-date as servers must write it."""
    assert expected == _verdict(LIST, "retry-after/value", throttled(after))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(azure_error("TooManyRequests"), "pass", id="its own"),
        pytest.param(azure_error("AuthenticationFailed"), "fail", id="that of another cause"),
        pytest.param(azure_error(""), "fail", id="an empty one"),
        pytest.param({}, "inconclusive", id="no error at all"),
        pytest.param(b"<html></html>", "inconclusive", id="HTML"),
    ],
)
def test_code_is_judged(body: Any, expected: str) -> None:
    """The error of a 429 has a code that is not that of another cause; a body that is none is a finding of its own."""
    assert expected == _verdict(LIST, "code", throttled("1", 0, body))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param([throttled("2"), answer(200, {"count": 0, "value": []})], "pass", id="taken"),
        pytest.param([throttled("2"), answer(404, azure_error())], "pass", id="refused otherwise"),
        pytest.param([throttled("2"), throttled("2", 3), answer(404, azure_error())], "pass", id="taken later"),
        pytest.param([throttled("2")], "not-observed", id="never sent again"),
        pytest.param([throttled("2"), throttled("2", 3)], "not-observed", id="sent again once"),
        pytest.param([throttled("2"), throttled("2", 3), throttled("2", 6)], "fail", id="after every wait"),
        pytest.param([throttled("2"), throttled("2", 3), throttled("2", 5)], "not-observed", id="after a short wait"),
        pytest.param([throttled("2", date=""), *[throttled("2", 9)] * 2], "not-observed", id="nobody knows when"),
        pytest.param([throttled("x"), *[throttled("x", 9)] * 2], "not-observed", id="nobody knows how long"),
        pytest.param([throttled("2"), None, None], "not-observed", id="no answer"),
        pytest.param(
            [throttled(_DATE.format(2)), throttled(_DATE.format(5), 4), throttled(_DATE.format(8), 7)],
            "fail",
            id="after every date",
        ),
    ],
)
def test_release_is_judged(answers: list[Any], expected: str) -> None:
    """A request is refused with 429 for ever only when it was sent again after each time that it was told."""
    assert expected == _verdict(LIST, "released", *answers)


def test_other_request_is_another_matter() -> None:
    """That another request is throttled says nothing about this one."""
    conversation = Conversation()
    conversation.list(throttled("2"))
    conversation.list(throttled("2", 9), roleId="6e4bf58a-b8e1-4cc3-bbf9-d73143322b78")
    conversation.list(throttled("2", 18), principalId="3f0f3a5c-6d0e-4e0b-9a51-0c7d5f7f1a01")
    expected = {"blocked"}

    assert expected == conversation.outcomes(f"{LIST}/throttled/released")


@pytest.mark.parametrize(
    ("operation", "body"),
    [(LIST, _MANAGED), (SYNC, _MANAGED), (STATUS, _MIRRORED), (START, vcenter_error("service_unavailable"))],
    ids=["access", "arm", "fabric", "vcenter"],
)
def test_throttled_run_fails_nothing(operation: str, body: Any) -> None:
    """A proper 429 breaks nothing, whatever was asked."""
    conversation = Conversation()
    conversation.send(operation, throttled("1", 0, body))
    expected: set[str] = set()

    assert expected == conversation.findings()


def test_live_target_is_never_throttled() -> None:
    """On a target that is not reset nothing is sent for it, and nothing is inconclusive for want of it."""
    with running() as server:
        done = run(catalogue(), independent_target(server), Options(allowed=Tier.DISRUPTIVE))
    found = {str(each) for key, each in _throttling(done.results)}

    assert {"not-observed"} == found
    assert not [each for each in done.plan.scenarios if each.id.endswith("/throttled")]


def _throttling(results: Any) -> list[tuple[str, Verdict]]:
    return [
        (key, verdict) for key, each in results.items() if "/throttled/" in key for verdict in each.profiles.values()
    ]


def test_emulator_shows_it_throughout() -> None:
    """On the emulator every requirement of it is judged, and nothing of the state is left for other scenarios."""
    done = clean_run()
    verdicts = {verdict for _, verdict in _throttling(done.results)}
    refused = [each for each in done.execution.trace.exchanges if each.response and each.response.status == 429]

    assert {Verdict.PASS} == verdicts
    assert len(refused) == len([each for each in done.plan.scenarios if each.id.endswith("/throttled")])
