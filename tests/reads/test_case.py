"""What a mark names that says that something could not be judged: the requirement, the exchange, the cause."""

from __future__ import annotations

import pytest

from asdocumented.reads.case import Case
from asdocumented.reads.classify import Read
from asdocumented.reads.marks import Mark, Outcome
from tests.judge.traces import (
    ABSENT,
    ACCESS,
    CREATE,
    DELETE,
    GET,
    LIST,
    Conversation,
    answer,
    assignment,
    azure_error,
    catalogue,
)

_NEEDS = f"{LIST}/page/one"
_OF_VALUE = f"{LIST}/response/200/schema/RoleAssignmentDetailsList/value/type"
_OF_COUNT = f"{LIST}/response/200/schema/RoleAssignmentDetailsList/count/type"


def _case(flaws: tuple[str, ...] = (), blocker: str = "") -> tuple[Case, Read]:
    """Return the case of one list, with what is wrong with its answer, and its read."""
    conversation = Conversation()
    conversation.list(answer(200, {}))
    (read,) = conversation.reads()
    of_read = {read.id: blocker} if blocker else {}
    return Case(catalogue().apis[ACCESS], (read,), of_read, {read.id: flaws} if flaws else {}), read


def _blocked(read: Read, reason: str, blocker: str = "") -> Mark:
    return Mark(_NEEDS, Outcome.BLOCKED, (read.id,), reason=reason, blocker=blocker)


@pytest.mark.parametrize(
    ("flaws", "blocker"),
    [
        pytest.param((_OF_COUNT, _OF_VALUE), _OF_VALUE, id="that of the field"),
        pytest.param((_OF_COUNT, f"{_OF_COUNT}/more"), _OF_COUNT, id="else the first"),
    ],
)
def test_unusable_field_names_its_flaw(flaws: tuple[str, ...], blocker: str) -> None:
    """A field that cannot be used is blocked by the finding on it, else by the first finding on the body."""
    case, read = _case(flaws)

    assert _blocked(read, f"blocked by {blocker}", blocker) == case.unusable(_NEEDS, read, "/inner/value")


def test_unusable_field_without_flaw_is_told() -> None:
    """A field that is rightly not there, and is needed, is told by its place."""
    case, read = _case()

    assert _blocked(read, "the answer has no /inner/value") == case.unusable(_NEEDS, read, "/inner/value")


_NO_CONTROL = "no control: no request like it without its fault succeeded in this run"


def test_missing_control_is_told() -> None:
    """A refusal without a control says so, and names what keeps the control from being one."""
    case, read = _case()
    unsound, other = _case(blocker=_OF_COUNT)

    assert _blocked(read, _NO_CONTROL) == case.uncontrolled(_NEEDS, read)
    assert _blocked(other, f"{_NO_CONTROL}, because of {_OF_COUNT}", _OF_COUNT) == unsound.uncontrolled(_NEEDS, other)


def test_control_is_own_or_sibling() -> None:
    """A control is a success of the operation, else of one on the same kind of resource by the same identity, else none."""
    conversation = Conversation()
    conversation.send(conversation.call(GET, roleAssignmentId=ABSENT), answer(404, azure_error()))
    conversation.create()
    conversation.send(GET, answer(200, assignment()))
    refused, created, shown = conversation.reads()
    api = catalogue().apis[ACCESS]

    assert shown == Case(api, (refused, created, shown)).control(refused)
    assert created == Case(api, (refused, created)).control(refused)
    assert Case(api, (refused,)).control(refused) is None


def test_refusal_by_another_is_no_sibling() -> None:
    """What another identity got on the same kind of resource is no control."""
    conversation = Conversation()
    conversation.send(conversation.call(GET, identity="reader", roleAssignmentId=ABSENT), answer(404, azure_error()))
    conversation.create()
    reads = tuple(conversation.reads())

    assert Case(catalogue().apis[ACCESS], reads).control(reads[0]) is None


def test_credential_is_accepted_by_any_success() -> None:
    """A 401 locks an identity out as long as nothing that it sent succeeded."""
    conversation = Conversation()
    conversation.list(answer(401, azure_error()))
    conversation.send(conversation.call(CREATE, identity="reader"), answer(299))
    conversation.create()
    refused, foreign, created = conversation.reads()
    api = catalogue().apis[ACCESS]

    assert Case(api, (refused, foreign)).is_locked_out(refused)
    assert not Case(api, (refused, created)).is_locked_out(refused)
    assert not Case(api, (foreign,)).is_locked_out(foreign)


def test_work_is_done_once_for_a_key() -> None:
    """What was made for a key is kept, for this key alone, and until another answer is unusable."""
    blockers: dict[int, str] = {}
    case = Case(catalogue().apis[ACCESS], (), blockers)
    made = iter(range(9))

    assert (0, 1, 0) == tuple(case.once(key, lambda: next(made)) for key in "aba")
    blockers[1] = _OF_COUNT
    assert 2 == case.once("a", lambda: next(made))


def test_reads_are_found_by_operation_and_path() -> None:
    """The reads of an operation, of its path, and of a path that nobody asked for."""
    conversation = Conversation()
    conversation.create()
    conversation.send(GET, answer(200, assignment()))
    reads = tuple(conversation.reads())
    case = Case(catalogue().apis[ACCESS], reads)
    create, get, listed = (catalogue().operation(each) for each in (CREATE, GET, LIST))

    assert [reads[0]] == list(case.of(create.name))
    assert list(reads) == list(case.on_path(create)) == list(case.on_path(get))
    assert [] == list(case.on_path(listed)) == list(case.of(listed.name))


def test_deletes_are_known() -> None:
    """A case knows whether its run asked for anything to be deleted, wherever in it that was."""
    conversation = Conversation()
    conversation.create()
    conversation.send(conversation.call(DELETE, roleAssignmentId=ABSENT), answer(204))
    conversation.create()
    created, *others = conversation.reads()
    api = catalogue().apis[ACCESS]

    assert Case(api, (created, *others)).has_deletes
    assert not Case(api, (created,)).has_deletes
