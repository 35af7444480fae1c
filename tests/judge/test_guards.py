"""The judge guards itself: nothing is judged without an exchange, and a check of ours that breaks gives no verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest

from asdocumented.behaviours import behaviour
from asdocumented.contracts import Api, Operation
from asdocumented.families import families, make_requirements
from asdocumented.judge import judging
from asdocumented.reads.marks import Mark, Outcome, met
from asdocumented.requirement import Requirement
from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    ABSENT,
    ACCESS,
    CREATE,
    DELETE,
    GET,
    ID,
    LIST,
    PROVIDER,
    STOP,
    Conversation,
    answer,
    assignment,
    azure_error,
    catalogue,
    listing,
    provider_info,
    vcenter_error,
)

_ASKED = (f"{CREATE}/", f"{GET}/", f"{LIST}/")


def _conversation() -> Conversation:
    """Return a conversation with good answers, wrong ones and none."""
    conversation = Conversation()
    conversation.create()
    conversation.send(conversation.call(GET, roleAssignmentId=ID), answer(200, assignment()))
    conversation.send(conversation.call(GET, roleAssignmentId=ABSENT), answer(404, azure_error()))
    conversation.list(answer(200, listing(assignment())))
    conversation.list(answer(200, {"count": "one"}), roleId="x")
    conversation.list(answer(500, b"<html>"))
    conversation.send(STOP, None, failure="it broke")
    return conversation


def test_every_mark_rests_on_an_exchange() -> None:
    """What is met, broken or blocked names exchanges that there are, and what is blocked says why."""
    conversation = _conversation()
    numbers = set(range(1, 8))
    marks = conversation.judgement().marks

    assert {Outcome.MET, Outcome.FINDING, Outcome.BLOCKED} == {each.outcome for each in marks}
    assert [] == [each for each in marks if not each.exchanges or not numbers.issuperset(each.exchanges)]
    assert [] == [each for each in marks if each.outcome is Outcome.BLOCKED and not each.reason.strip()]
    assert all((each.finding is not None) is (each.outcome is Outcome.FINDING) for each in marks)


def test_every_pass_rests_on_an_exchange() -> None:
    """No requirement passes or fails unless an exchange bears on it."""
    results = _conversation().results()
    judged = [each for each in results.values() if {Verdict.PASS, Verdict.FAIL} & set(each.profiles.values())]

    assert judged
    assert [] == [each.requirement.id for each in judged if not each.bearing]


def test_check_without_exchange_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that says "met" without an exchange gives an error, whatever else the run shows."""

    def careless(_case: object, operation: object) -> Iterator[Mark]:
        yield met(f"{getattr(operation, 'id', '')}/response/status")

    monkeypatch.setattr(judging, "judge_acceptance", careless)

    assert Verdict.ERROR == _conversation().verdict(f"{DELETE}/response/status")


def _breaks(*_: object) -> Iterator[Mark]:
    raise RuntimeError("a bug")


@pytest.mark.parametrize(
    ("check", "within"),
    [
        pytest.param("judge_answer", "response/", id="answers"),
        pytest.param("judge_acceptance", "response/status", id="acceptance"),
        pytest.param("judge_refusals", "error/", id="refusals"),
    ],
)
def test_broken_check_is_an_error(monkeypatch: pytest.MonkeyPatch, check: str, within: str) -> None:
    """A check of ours that breaks gives errors to all that it looks at, in words, and to nothing else."""
    conversation = _conversation()
    del conversation.events[6]
    before = conversation.results()
    monkeypatch.setattr(judging, check, _breaks)
    after = conversation.results()
    errors = {key for key, each in after.items() if Verdict.ERROR in each.profiles.values()}
    reach = _ASKED if check == "judge_answer" else (ACCESS,)
    asked = {key for key, each in before.items() if each.requirement.what.startswith(within) and key.startswith(reach)}

    assert not [key for key, each in before.items() if Verdict.ERROR in each.profiles.values()]
    assert asked
    assert asked == errors
    assert {"the check broke: RuntimeError: a bug"} == {after[each].reason for each in errors}


def test_answer_meets_received() -> None:
    """An answer that came, whatever it is, meets the requirement that one comes."""
    conversation = Conversation()
    conversation.list(answer(500, b"<html>"))

    assert Verdict.PASS == conversation.verdict(f"{LIST}/response/received")


@pytest.mark.parametrize(
    ("status", "judged"),
    [(200, True), (299, True), (300, False), (302, False), (400, False), (499, False), (500, True)],
)
def test_refused_oddity_shows_no_body(status: int, *, judged: bool) -> None:
    """What refuses a request that no page speaks of may do it in its own words; all else is judged as ever."""
    conversation = Conversation()
    call = conversation.call(LIST).with_argument("query", "scope", "")
    conversation.send(call, answer(status, {"text": "goroutine 1 [running]"}))
    found = {each.removeprefix(f"{LIST}/") for each in conversation.findings()}

    assert "robustness/no-stack-trace" in found
    assert judged == bool(found - {"robustness/no-stack-trace"})


def test_other_faults_hide_no_refusal() -> None:
    """Requests whose refusal is judged elsewhere, or that have no operation, keep no later one from being judged."""
    conversation = Conversation()
    conversation.send(replace(conversation.call(PROVIDER), method="PATCH"), answer(405, vcenter_error("x")))
    conversation.send(conversation.call(PROVIDER, identity="anonymous"), answer(401, vcenter_error("unauthenticated")))
    conversation.send(PROVIDER, answer(200, provider_info("WAITING")))
    conversation.send(conversation.call(PROVIDER, link=ABSENT), answer(400, vcenter_error("not_found")))

    assert f"{PROVIDER}/error/link-missing/status" in conversation.findings()


@pytest.mark.parametrize(
    ("module", "names"),
    [
        pytest.param(behaviour("filter"), lambda *of: _declared("filter", *of), id="behaviour"),
        pytest.param(families()[0], lambda *of: make_requirements(families()[0], *of), id="family"),
    ],
)
def test_broken_module_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    names: Callable[[Api, Operation], Iterable[Requirement]],
) -> None:
    """A behaviour or family of ours that breaks gives errors to its own requirements of each operation."""
    asked = {each.id for each in names(catalogue().apis[ACCESS], catalogue().operation(LIST))}
    monkeypatch.setattr(module, "judge", _breaks)
    results = _conversation().results()
    errors = {key for key, each in results.items() if Verdict.ERROR in each.profiles.values()}

    assert asked
    assert asked == {key for key in errors if key.startswith(f"{LIST}/")}


def _declared(name: str, api: Api, operation: Operation) -> list[Requirement]:
    declared = [each for each in operation.behaviours if each.name == name]
    return [found for each in declared for found in behaviour(name).requirements(api, operation, each)]
