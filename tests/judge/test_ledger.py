"""What is kept of marks: those on requirements that there are, what blocks an exchange, and what is in doubt."""

from __future__ import annotations

import pytest

from asdocumented.judge.ledger import Judgement, Ledger
from asdocumented.reads.marks import Mark, Observation, Outcome, Seen, blocked, broken, crashed, met
from asdocumented.reads.resending import Doubt
from tests.judge.traces import CREATE, requirements

_STATUS = f"{CREATE}/response/status"
_TEXT = f"{CREATE}/response/200/json"
_FIELD = f"{CREATE}/response/200/schema/RoleAssignmentDetails/id/presence"
_OTHER_FIELD = f"{CREATE}/response/200/schema/RoleAssignmentDetails/scope/presence"
_ECHO = f"{CREATE}/echo/id"


def _finding(requirement: str, *exchanges: int) -> Mark:
    return broken(requirement, *exchanges, expected="x", got="y", where="z")


@pytest.mark.parametrize("about_findings", [False, True])
def test_doubtful_answer_proves_nothing(*, about_findings: bool) -> None:
    """What rests on an answer in doubt is not met, and not broken either where findings are in doubt too; all else stays."""
    ledger = Ledger(requirements(), doubts={2: Doubt("it was sent twice", about_findings=about_findings)})
    untouched = [met(_STATUS, 1), _finding(_STATUS, 1, 2), blocked(_STATUS, 2, reason="busy"), crashed(_STATUS, "bug")]
    ledger.add([*untouched, met(_STATUS, 2, 1), _finding(_ECHO, 2)])
    doubted = "environment: it was sent twice"

    assert ledger.marks == [
        *untouched,
        blocked(_STATUS, 2, 1, reason=doubted),
        blocked(_ECHO, 2, reason=doubted) if about_findings else _finding(_ECHO, 2),
    ]


def test_first_unusable_answer_blocks() -> None:
    """The first finding up to the text of a body blocks its exchange; those on its fields are flaws; later ones neither."""
    ledger = Ledger(requirements())
    ledger.add([met(_TEXT, 1), blocked(_TEXT, 1, reason="x"), _finding(_TEXT), _finding(_ECHO, 1)])

    assert ({}, {}) == (ledger.blockers, ledger.flaws)

    ledger.add([_finding(_TEXT, 1, 9), _finding(_STATUS, 1), _finding(_FIELD, 2), _finding(_OTHER_FIELD, 2)])

    assert ({1: _TEXT}, {2: (_FIELD, _OTHER_FIELD)}) == (ledger.blockers, ledger.flaws)


def test_judgement_has_what_was_asked_for() -> None:
    """Marks on requirements that there are not are dropped, those that nobody asked for are left out, the rest is in order."""
    seen, observed = Seen(CREATE, "B7", "409", 1), Observation(CREATE, "a text", 1)
    ledger = Ledger(requirements())
    ledger.add([met("no/such/requirement", 1), seen, met(_STATUS, 1), observed, met(_TEXT, 1), met(_STATUS, 2)])

    assert Judgement((met(_STATUS, 1), met(_STATUS, 2)), (seen,), (observed,)) == ledger.judgement({_STATUS})
    assert {Outcome.MET} == {each.outcome for each in ledger.marks}
    assert 3 == len(ledger.marks)
