"""Which refused requests are sent once more with a new token."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from asdocumented.credentials.resending import Resending
from asdocumented.plans import Call, Disguise
from tests.support import catalogue

CALL = Call(catalogue().operation("azure-synapse-access-control/list-role-assignments"), "admin", {})
LOGIN = Call(catalogue().operation("vmware-vcenter-hvc/create-session"), "admin", {})


class Renewing:
    """A target that always has another token."""

    def __init__(self) -> None:
        self.asked = 0

    async def renew(self, api: str, identity: str, refused: str) -> bool:
        """Say yes."""
        self.asked += 1
        return True


def is_worth(resending: Resending, call: Call = CALL, status: int = 401) -> bool:
    """Tell whether a refused request is sent once more."""
    return asyncio.run(resending.is_worth(call, "Bearer token", status))


def test_refused_request_is_sent_again() -> None:
    """A 401 is worth a new token."""
    assert is_worth(Resending(Renewing()))


@pytest.mark.parametrize("status", [0, 200, 400, 403, 407, 404, 500])
def test_other_answer_counts(status: int) -> None:
    """No other answer is."""
    target = Renewing()

    assert not is_worth(Resending(target), status=status)
    assert 0 == target.asked


@pytest.mark.parametrize("disguise", [Disguise.SCHEME, Disguise.TWICE])
def test_disguised_credential_may_be_refused(disguise: Disguise) -> None:
    """A credential in a form that a target may refuse is no matter of its age."""
    assert not is_worth(Resending(Renewing()), replace(CALL, disguise=disguise))


def test_password_is_not_sent_again() -> None:
    """A user name and a password that were refused are never sent once more."""
    assert not is_worth(Resending(Renewing()), LOGIN)


def test_stubborn_operation_is_left_alone() -> None:
    """An operation that refuses new tokens too is asked with three of them, and the others go on."""
    resending, found = Resending(Renewing()), []
    for _ in range(5):
        found.append(is_worth(resending))
        if found[-1]:
            resending.learn(CALL, 401)

    assert [True, True, True, False, False] == found
    assert is_worth(resending, CALL.as_identity("reader"))


def test_accepted_token_is_no_reason_to_stop() -> None:
    """Where the new token was accepted, the next expiry is worth another."""
    resending = Resending(Renewing())
    for _ in range(10):
        assert is_worth(resending)
        resending.learn(CALL, 200)
