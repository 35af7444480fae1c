"""`identity`: who may call."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    ABSENT,
    CREATE,
    FABRIC,
    LIST,
    PROVIDER,
    SESSION,
    START,
    STATUS,
    STOP,
    SYNC,
    VCENTER,
    Conversation,
    answer,
    azure_error,
    catalogue,
    fabric_error,
    grant,
    listing,
    provider_info,
    requirements,
    vcenter_error,
)

_REFUSED, _STATUS = f"{LIST}/identity/anonymous/refused", f"{LIST}/identity/anonymous/status"
_UNAUTHORIZED = answer(403, vcenter_error("unauthorized"))


_LISTED = answer(200, listing())


def _anonymous(got: Any, *, control: Any = _LISTED) -> Conversation:
    conversation = Conversation()
    if control is not None:
        conversation.list(control)
    conversation.send(conversation.call(LIST, identity="anonymous"), got)
    return conversation


def _reader(got: Any) -> Conversation:
    """Return a start by the reader, after one by the administrator."""
    conversation = Conversation()
    conversation.arrange(VCENTER, "sync-idle")
    conversation.send(START, answer(200))
    conversation.arrange(VCENTER, "sync-idle")
    conversation.send(conversation.call(START, identity="reader"), got)
    return conversation


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(answer(401, azure_error()), ["pass", "pass"], id="401"),
        pytest.param(answer(403, azure_error()), ["pass", "fail"], id="403"),
        pytest.param(answer(200, listing()), ["fail", "inconclusive"], id="success"),
        pytest.param(answer(204), ["fail", "inconclusive"], id="other success"),
        pytest.param(answer(302), ["inconclusive", "inconclusive"], id="redirect"),
        pytest.param(answer(429, azure_error()), ["inconclusive", "inconclusive"], id="throttled"),
        pytest.param(answer(500, azure_error()), ["inconclusive", "inconclusive"], id="server error"),
    ],
)
def test_stranger_is_refused(got: Any, expected: list[str]) -> None:
    """Who has no valid credential is refused, with 401."""
    conversation = _anonymous(got)

    assert expected == [conversation.verdict(each) for each in (_REFUSED, _STATUS)]


@pytest.mark.parametrize(
    "control",
    [pytest.param(None, id="none"), pytest.param(answer(401, azure_error()), id="refused too")],
)
def test_refusal_needs_a_control(control: Any) -> None:
    """A target that refuses everybody, or that nobody else called, passes nothing."""
    conversation = _anonymous(answer(401, azure_error()), control=control)
    expected = [Verdict.INCONCLUSIVE] * 2

    assert expected == [conversation.verdict(each) for each in (_REFUSED, _STATUS)]


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(_UNAUTHORIZED, ["pass", "pass", "pass"], id="as documented"),
        pytest.param(answer(403, vcenter_error("error")), ["pass", "pass", "fail"], id="another type"),
        pytest.param(answer(404, vcenter_error("unauthorized")), ["pass", "fail", "pass"], id="another status"),
        pytest.param(answer(403, b"<html></html>"), ["pass", "pass", "inconclusive"], id="HTML"),
        pytest.param(answer(200), ["fail", "inconclusive", "inconclusive"], id="let in"),
    ],
)
def test_missing_permission_is_refused(got: Any, expected: list[str]) -> None:
    """Who lacks the permission is refused, with the documented status and error."""
    conversation = _reader(got)

    assert expected == [
        conversation.verdict(f"{START}/identity/reader/{each}") for each in ("refused", "status", "code")
    ]


def test_second_fault_proves_nothing() -> None:
    """A stranger's request with another fault may be refused for that one."""
    conversation = Conversation()
    conversation.send(PROVIDER, answer(200, provider_info("WAITING")))
    conversation.send(conversation.call(PROVIDER, identity="anonymous", link=ABSENT), answer(401, vcenter_error("x")))
    expected: set[str] = set()

    assert expected == conversation.outcomes(f"{PROVIDER}/identity/anonymous/refused")


def test_each_identity_is_judged_alone() -> None:
    """The refusal of one stranger says nothing of another."""
    expected: set[str] = set()

    assert expected == _anonymous(answer(401, azure_error())).outcomes(f"{LIST}/identity/expired/refused")


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        pytest.param(f"{LIST}/identity/reader/refused", False, id="reader may read"),
        pytest.param(f"{CREATE}/identity/reader/refused", True, id="reader may not write"),
        pytest.param(f"{SESSION}/identity/expired/refused", False, id="excepted"),
        pytest.param(f"{SESSION}/identity/reader/refused", False, id="no permission needed"),
        pytest.param(f"{SYNC}/identity/wrong-audience/refused", True, id="wrong audience"),
        pytest.param(f"{LIST}/identity/admin/refused", False, id="administrator"),
    ],
)
def test_requirements_follow_permissions(requirement: str, *, expected: object) -> None:
    """There is a requirement for each identity that may not call, and for no other."""
    assert expected == (requirement in requirements())


def test_anonymous_session_is_refused() -> None:
    """Where a name and a password make the session, nobody gets one without."""
    conversation = Conversation()
    conversation.send(SESSION, answer(200, {"value": "s"}), credential="Basic «basic:admin»")
    conversation.send(conversation.call(SESSION, identity="anonymous"), answer(401, vcenter_error("unauthenticated")))
    expected = ["pass", "pass", "pass"]

    assert expected == [
        conversation.verdict(f"{SESSION}/identity/anonymous/{each}") for each in ("refused", "status", "code")
    ]


def test_write_by_reader_is_finding() -> None:
    """A reader's write that succeeds is a finding."""
    conversation = Conversation()
    conversation.create()
    call = conversation.call(CREATE, identity="reader")
    conversation.send(call, answer(200, {"id": "x"}), body=grant())
    expected = Verdict.FAIL

    assert expected == conversation.verdict(f"{CREATE}/identity/reader/refused")


_STOPPED, _FORBIDDEN = answer(200), answer(403, fabric_error("InsufficientWorkspaceRole"))


def _stops(*calls: tuple[str, Any], usual: Any = _STOPPED) -> Conversation:
    """Return a stop by the administrator, and then one by each identity named, each while the mirroring runs."""
    conversation = Conversation()
    for identity, got in (("admin", usual), *calls):
        conversation.arrange(FABRIC, "mirroring-running")
        conversation.send(conversation.call(STOP, identity=identity), got)
    return conversation


@pytest.mark.parametrize(
    ("requirement", "lines"),
    [
        pytest.param("viewer/refused", ((3, 4),), id="role missing"),
        pytest.param("read-scope/refused", ((5, 6),), id="scope missing"),
        pytest.param("contributor/accepted", ((3, 4), (5, 6)), id="least role"),
        pytest.param("member/accepted", ((3, 4), (5, 6)), id="higher role and the other scope"),
    ],
)
def test_roles_and_scopes_are_documented(requirement: str, lines: tuple[tuple[int, int], ...]) -> None:
    """Whom the page lets in by role and scope, and whom not, is a MUST that cites its lines."""
    found = requirements()[f"{STOP}/identity/{requirement}"]

    assert ("MUST", "documented", lines) == (found.level, found.basis.evidence, found.basis.lines)


def test_unstated_roles_accept_nobody() -> None:
    """Where no source says which role is enough, no identity but the usual one must be accepted."""
    assert [] == [each for each in requirements() if each.endswith("/accepted") and not each.startswith(f"{STOP}/")]


@pytest.mark.parametrize("identity", ["viewer", "read-scope"])
@pytest.mark.parametrize(
    ("got", "expected"),
    [pytest.param(_FORBIDDEN, Verdict.PASS, id="refused"), pytest.param(_STOPPED, Verdict.FAIL, id="let in")],
)
def test_weak_user_is_refused(identity: str, got: Any, expected: Verdict) -> None:
    """A viewer, and a token without a scope that writes, are refused."""
    conversation = _stops((identity, got))

    assert expected == conversation.verdict(f"{STOP}/identity/{identity}/refused", "documented")


@pytest.mark.parametrize(
    ("got", "usual", "expected"),
    [
        pytest.param(_STOPPED, _STOPPED, Verdict.PASS, id="accepted"),
        pytest.param(_FORBIDDEN, _STOPPED, Verdict.FAIL, id="refused"),
        pytest.param(answer(401, fabric_error()), _STOPPED, Verdict.INCONCLUSIVE, id="credential never accepted"),
        pytest.param(_FORBIDDEN, _FORBIDDEN, Verdict.INCONCLUSIVE, id="everybody refused"),
        pytest.param(answer(500, fabric_error()), _STOPPED, Verdict.INCONCLUSIVE, id="server error"),
        pytest.param(answer(429, fabric_error()), _STOPPED, Verdict.INCONCLUSIVE, id="throttled"),
    ],
)
def test_contributor_is_accepted(got: Any, usual: Any, expected: Verdict) -> None:
    """Who has a role and a scope that the page names is let in, where anybody is."""
    conversation = _stops(("contributor", got), usual=usual)

    assert expected == conversation.verdict(f"{STOP}/identity/contributor/accepted", "documented")


def test_refused_contributor_is_one_finding() -> None:
    """The refusal of an identity that may call breaks its own requirement alone."""
    assert {f"{STOP}/identity/contributor/accepted"} == _stops(("contributor", _FORBIDDEN)).findings()


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        pytest.param([("service-principal", _FORBIDDEN)], {"users-alone"}, id="refused"),
        pytest.param([("service-principal", _STOPPED)], {"all-three"}, id="accepted"),
        pytest.param(
            [(each, _STOPPED) for each in ("service-principal", "managed-identity")], {"all-three"}, id="both"
        ),
        pytest.param([("service-principal", _STOPPED), ("managed-identity", _FORBIDDEN)], set(), id="one of two"),
        pytest.param([("service-principal", answer(500, fabric_error()))], set(), id="server error"),
        pytest.param([], set(), id="not asked"),
    ],
)
def test_unsupported_kind_is_reading(calls: list[tuple[str, Any]], expected: set[str]) -> None:
    """A kind of identity that the page calls not supported may be let in or not: that is a reading, and no finding."""
    conversation = _stops(*calls)
    seen = {each.reading for each in conversation.judgement().seen if each.ambiguity == "D2"}

    assert expected == seen
    assert [] == [each for each in conversation.findings() if "/robustness/" not in each]


def test_refusal_of_everybody_is_no_reading() -> None:
    """Where nobody is let in, a refused service principal shows nothing."""
    conversation = _stops(("service-principal", _FORBIDDEN), usual=_FORBIDDEN)

    assert [] == [each for each in conversation.judgement().seen if each.ambiguity == "D2"]


def test_half_support_is_told() -> None:
    """Where one kind of two is let in, that is told, and neither reading is claimed."""
    conversation = _stops(("service-principal", _STOPPED), ("managed-identity", _FORBIDDEN))
    expected = ["service-principal is accepted, managed-identity is refused: neither reading of D2"]

    assert expected == [each.text for each in conversation.judgement().observations]


def test_unstated_kind_proves_nothing() -> None:
    """Where no source says which kinds may call, the refusal of a service principal breaks nothing."""
    conversation = Conversation()
    conversation.send(STATUS, answer(200, {"status": "Running"}))
    conversation.send(conversation.call(STATUS, identity="service-principal"), _FORBIDDEN)

    assert set() == conversation.findings()


def test_kinds_make_nothing_partial() -> None:
    """No requirement but the register entry rests on kinds, and that one is a MAY which only a target decides."""
    entry = requirements()[f"{STOP}/ambiguity/D2"]
    kinds = [
        each.name
        for each in catalogue().apis[FABRIC].identities.values()
        if each.kind.endswith(("principal", "identity"))
    ]

    assert ("MAY", True) == (entry.level, bool(entry.conditional))
    assert [] == [each for each in requirements() for kind in kinds if f"/identity/{kind}/" in each]
