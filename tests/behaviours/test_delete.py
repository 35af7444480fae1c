"""`delete`: what was deleted is gone."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.verdicts import Verdict
from tests.judge.traces import (
    ACCESS,
    CREATE,
    DELETE,
    GET,
    ID,
    OTHER_ID,
    Conversation,
    answer,
    assignment,
    azure_error,
    listing,
    requirements,
)

_READ, _LIST, _AGAIN = (f"{DELETE}/delete/{each}" for each in ("read", "list", "again"))
_MISSING = answer(404, azure_error("RoleAssignmentNotFound"))
_FOUND = answer(200, assignment())
_KEPT = assignment(OTHER_ID, scope="workspaces/other")


def _delete(conversation: Conversation, got: Any = None, identifier: str = ID) -> int:
    return conversation.send(conversation.call(DELETE, roleAssignmentId=identifier), got or answer(204))


def _read(conversation: Conversation, got: Any, identifier: str = ID) -> int:
    return conversation.send(conversation.call(GET, roleAssignmentId=identifier), got)


def _deleted(*, created: bool = True) -> Conversation:
    """Return two writes, a read that succeeds, and a delete of the first."""
    conversation = Conversation()
    if created:
        conversation.create()
    conversation.create(OTHER_ID, scope="workspaces/other")
    _read(conversation, answer(200, _KEPT), OTHER_ID)
    _delete(conversation)
    return conversation


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(_MISSING, Verdict.PASS, id="missing"),
        pytest.param(answer(410, azure_error()), Verdict.PASS, id="gone"),
        pytest.param(_FOUND, Verdict.FAIL, id="still there"),
        pytest.param(answer(403, azure_error()), Verdict.INCONCLUSIVE, id="forbidden"),
        pytest.param(answer(429, azure_error()), Verdict.INCONCLUSIVE, id="throttled"),
        pytest.param(answer(500, azure_error()), Verdict.INCONCLUSIVE, id="server error"),
        pytest.param(answer(200, b"{"), Verdict.INCONCLUSIVE, id="no JSON"),
        pytest.param(answer(202, {}), Verdict.INCONCLUSIVE, id="undocumented success"),
    ],
)
def test_read_after_delete_is_judged(got: Any, expected: Verdict) -> None:
    """What was deleted is refused as missing when it is read."""
    conversation = _deleted()
    _read(conversation, got)

    assert expected == conversation.verdict(_READ)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(answer(200, listing(_KEPT)), Verdict.PASS, id="not listed"),
        pytest.param(answer(200, listing(_KEPT, assignment())), Verdict.FAIL, id="still listed"),
        pytest.param(answer(200, listing(_KEPT, assignment(ID.upper()))), Verdict.FAIL, id="in upper case"),
        pytest.param(answer(200, listing()), Verdict.INCONCLUSIVE, id="nothing is ever listed"),
        pytest.param(answer(500, azure_error()), Verdict.INCONCLUSIVE, id="server error"),
        pytest.param(answer(200, b"{"), Verdict.INCONCLUSIVE, id="no JSON"),
    ],
)
def test_list_after_delete_is_judged(got: Any, expected: Verdict) -> None:
    """What was deleted is not listed."""
    conversation = _deleted()
    conversation.list(got)

    assert expected == conversation.verdict(_LIST)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(answer(204), Verdict.PASS, id="204"),
        pytest.param(answer(200), Verdict.PASS, id="200"),
        pytest.param(_MISSING, Verdict.PASS, id="missing"),
        pytest.param(answer(409, azure_error()), Verdict.INCONCLUSIVE, id="conflict"),
        pytest.param(answer(503, azure_error()), Verdict.INCONCLUSIVE, id="busy"),
        pytest.param(answer(403, azure_error()), Verdict.INCONCLUSIVE, id="forbidden"),
        pytest.param(answer(400, azure_error()), Verdict.FAIL, id="another refusal"),
        pytest.param(answer(500, azure_error()), Verdict.FAIL, id="server error"),
    ],
)
def test_second_delete_is_judged(got: Any, expected: Verdict) -> None:
    """A second delete succeeds or is refused as missing."""
    conversation = _deleted()
    _delete(conversation, got)

    assert expected == conversation.verdict(_AGAIN)


def test_last_of_equal_reads_counts() -> None:
    """A target may show a delete late: of equal reads in a row the last counts."""
    conversation = _deleted()
    for got in (_FOUND, _FOUND, _MISSING):
        _read(conversation, got)
    for got in (listing(_KEPT, assignment()), listing(_KEPT)):
        conversation.list(answer(200, got))

    assert [Verdict.PASS, Verdict.PASS] == [conversation.verdict(each) for each in (_READ, _LIST)]


def test_return_is_no_delay() -> None:
    """What comes back after it was gone is a finding."""
    conversation = _deleted()
    for got in (_MISSING, _FOUND):
        _read(conversation, got)

    assert Verdict.FAIL is conversation.verdict(_READ)


def test_later_reads_count_too() -> None:
    """A read that another request parts from the next one is not excused by it."""
    conversation = _deleted()
    _read(conversation, _FOUND)
    conversation.list(answer(200, listing(_KEPT)))
    _read(conversation, _MISSING)

    assert Verdict.FAIL is conversation.verdict(_READ)


def test_delayed_delete_breaks_nothing() -> None:
    """A read that still finds what was just deleted breaks no other requirement, and neither does the refusal."""
    conversation = _deleted()
    for got in (_FOUND, _MISSING):
        _read(conversation, got)

    assert set() == conversation.findings()


def test_absence_proves_nothing_alone() -> None:
    """That something is missing which nobody saw proves no deletion."""
    conversation = _deleted(created=False)
    _read(conversation, _MISSING)
    conversation.list(answer(200, listing(_KEPT)))

    assert [Verdict.INCONCLUSIVE] * 2 == [conversation.verdict(each) for each in (_READ, _LIST)]


def test_refusal_of_everything_proves_nothing() -> None:
    """Where every read is refused as missing, a refusal proves no deletion."""
    conversation = Conversation()
    conversation.create(ID, answer(500, azure_error()))
    conversation.arrange(ACCESS, "two-pages", role_assignment=(ID,))
    _delete(conversation)
    _read(conversation, _MISSING)

    assert {"blocked"} == conversation.outcomes(_READ)


def test_arranged_thing_was_there() -> None:
    """What an arrangement left behind was there, so that its deletion can be seen."""
    conversation = Conversation()
    conversation.arrange(ACCESS, "two-pages", role_assignment=(ID, OTHER_ID))
    _read(conversation, answer(200, _KEPT), OTHER_ID)
    _delete(conversation)
    _read(conversation, _MISSING)

    assert Verdict.PASS is conversation.verdict(_READ)


@pytest.mark.parametrize("written", [answer(200, assignment()), answer(500, azure_error()), None])
def test_write_ends_the_deletion(written: Any) -> None:
    """What may have been written again may be there again."""
    conversation = _deleted()
    if written is None:
        conversation.arrange(ACCESS, "two-pages", role_assignment=(ID,))
    else:
        conversation.create(ID, written)
    _read(conversation, _FOUND)
    conversation.list(answer(200, listing(_KEPT, assignment())))

    assert not {"met", "finding"} & (conversation.outcomes(_READ) | conversation.outcomes(_LIST))


def test_unusable_write_blocks() -> None:
    """Where nothing could be written as documented, what is wrong with the write is named."""
    conversation = Conversation()
    conversation.create(ID, answer(201, assignment()))
    _delete(conversation)

    assert [{f"{CREATE}/response/status"}] * 3 == [
        {each.blocker for each in conversation.marks(what) if each.blocker} for what in (_READ, _LIST, _AGAIN)
    ]


def test_refused_delete_proves_nothing() -> None:
    """A delete that was refused removes nothing: the status is to blame, and what deletes do stays open."""
    conversation = Conversation()
    conversation.create()
    _delete(conversation, answer(403, azure_error()))
    _read(conversation, _FOUND)

    assert {"blocked"} == conversation.outcomes(_READ)


def test_filtered_list_proves_little() -> None:
    """A filtered list that shows what was deleted is a finding; one without it proves nothing."""
    shows, hides = _deleted(), _deleted()
    shows.list(answer(200, listing(assignment())), roleId=assignment()["roleDefinitionId"])
    hides.list(answer(200, listing()), roleId=assignment()["roleDefinitionId"])

    assert ({"finding"}, set()) == (shows.outcomes(_LIST), hides.outcomes(_LIST))


def test_finding_names_the_delete() -> None:
    """The finding leads to the read and to the delete before it, once."""
    conversation = _deleted()
    _delete(conversation)
    number = _read(conversation, _FOUND)

    assert [(number, number - 2)] == [each.exchanges for each in conversation.marks(_READ)]


def test_levels_follow_sources() -> None:
    """That a delete deletes is specified; how a second one is answered is a convention."""
    found = [
        (str(each.level), str(each.basis.evidence)) for each in (requirements()[key] for key in (_READ, _LIST, _AGAIN))
    ]

    assert [("MUST", "specified"), ("MUST", "specified"), ("SHOULD", "convention")] == found


_OTHERS = f"{DELETE}/delete/others"


def _beside(*after: Any, before: Any = None, between: bool = False) -> Verdict | None:
    """Return the verdict on what is beside a deleted item, from a list before and lists after the delete."""
    conversation = Conversation()
    conversation.create()
    conversation.create(OTHER_ID, scope="workspaces/other")
    conversation.list(before or answer(200, listing(assignment(), _KEPT)))
    if between:
        _delete(conversation, identifier=OTHER_ID)
    _delete(conversation)
    for each in after:
        conversation.list(each)
        conversation.list(each)
    return conversation.verdict(_OTHERS)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(answer(200, listing(_KEPT)), Verdict.PASS, id="kept"),
        pytest.param(answer(200, listing()), Verdict.FAIL, id="lost"),
        pytest.param(
            answer(200, listing(assignment(OTHER_ID.upper(), scope="workspaces/other"))), Verdict.PASS, id="case"
        ),
        pytest.param(answer(500, azure_error()), Verdict.INCONCLUSIVE, id="server error"),
    ],
)
def test_what_is_beside_is_judged(after: Any, expected: Verdict) -> None:
    """What a list showed beside the deleted item is listed after the delete too."""
    assert expected is _beside(after)


def test_late_list_loses_nothing() -> None:
    """A list that lacks an item once may lag."""
    assert Verdict.PASS is _beside(answer(200, listing()), answer(200, listing(_KEPT)))


def test_what_was_not_shown_proves_nothing() -> None:
    """What no list showed before the delete, or another delete removed, is not lost."""
    assert Verdict.FAIL is not _beside(answer(200, listing()), before=answer(200, listing(assignment())))
    assert Verdict.FAIL is not _beside(answer(200, listing()), between=True)
