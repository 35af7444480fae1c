"""Keeping the token of an identity, and getting another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from asdocumented.credentials.keeping import Keeper, RefusedError
from asdocumented.credentials.tokens import Token
from asdocumented.targets.model import UnavailableError


class Service:
    """A token service that gives one token after the other, or fails where it is told to."""

    def __init__(self, *answers: Token | UnavailableError) -> None:
        self._answers: Iterator[Token | UnavailableError] = iter(answers)
        self.asked = 0

    async def get(self) -> Token:
        """Return the next token, after others had their turn."""
        self.asked += 1
        await asyncio.sleep(0)
        answer = next(self._answers)
        if isinstance(answer, UnavailableError):
            raise answer
        return answer


def good(name: str) -> Token:
    """Return a token that is good for an hour."""
    return Token(name, time.time() + 3600)


def over(name: str) -> Token:
    """Return a token that has expired."""
    return Token(name, time.time() - 1, time.time() - 3600)


def ending(name: str) -> Token:
    """Return a token that is good, but not for long."""
    return Token(name, time.time() + 100, time.time() - 3500)


def test_token_is_got_once() -> None:
    """Many uses at once share one token."""
    service = Service(good("one"))
    keeper = Keeper("admin", service.get)

    async def use() -> list[str]:
        return await asyncio.gather(*(keeper.current() for _ in range(20)))

    assert (["one"] * 20, 1) == (asyncio.run(use()), service.asked)


def test_token_is_renewed_before_its_end() -> None:
    """A token whose end is near is replaced before it is used."""
    keeper = Keeper("admin", Service(good("two")).get, ending("one"))

    assert "two" == asyncio.run(keeper.current())
    assert ("one", "two") == keeper.known


def test_ending_token_outlives_a_failure() -> None:
    """A token that is still good is used where the service fails, and the service is left alone for a while."""
    service = Service(UnavailableError("no service"))
    keeper = Keeper("admin", service.get, ending("one"))

    assert ["one", "one"] == [asyncio.run(keeper.current()) for _ in range(2)]
    assert 1 == service.asked


def test_failure_is_told_again() -> None:
    """A service that failed is not asked for each request."""
    service = Service(UnavailableError("no service"))
    keeper = Keeper("admin", service.get)

    for _ in range(3):
        with pytest.raises(UnavailableError, match="no service"):
            asyncio.run(keeper.current())
    assert 1 == service.asked


def test_expired_token_is_not_used() -> None:
    """A token that nothing renews is not sent after its end."""
    with pytest.raises(UnavailableError, match="environment: the token of admin expired at"):
        asyncio.run(Keeper("admin", None, over("one")).current())


def test_refused_token_is_replaced_once() -> None:
    """All who were refused with the same token get the same new one."""
    service = Service(good("two"))
    keeper = Keeper("admin", service.get, good("one"))

    async def refuse() -> list[bool]:
        return await asyncio.gather(*(keeper.renewed("one") for _ in range(10)))

    assert ([True] * 10, 1) == (asyncio.run(refuse()), service.asked)
    assert "two" == asyncio.run(keeper.current())


@pytest.mark.parametrize("answer", [good("one"), UnavailableError("no service")], ids=["same", "failure"])
def test_refused_token_may_stay(answer: Token | UnavailableError) -> None:
    """Where there is no other token, nothing is worth sending again."""
    assert not asyncio.run(Keeper("admin", Service(answer).get, good("one")).renewed("one"))


def test_given_token_is_not_renewed() -> None:
    """A token that was given once and for all has no successor."""
    assert not asyncio.run(Keeper("admin", None, good("one")).renewed("one"))


def test_refused_password_is_sent_once() -> None:
    """Who was refused is never asked for again, neither for a use nor for a renewal."""
    service = Service(RefusedError("the login was refused"), good("never"))
    keeper = Keeper("admin", service.get)

    for _ in range(3):
        with pytest.raises(UnavailableError, match="the login was refused"):
            asyncio.run(keeper.current())
        assert not asyncio.run(keeper.renewed(""))
    assert 1 == service.asked


def test_forgotten_token_is_got_again() -> None:
    """After a run closed a session the next run opens another, in an event loop of its own."""
    keeper = Keeper("admin", Service(good("one"), good("two")).get)

    async def use() -> str:
        return (await asyncio.gather(*(keeper.current() for _ in range(3))))[0]

    first = asyncio.run(use())
    keeper.forget()

    assert ("one", "two") == (first, asyncio.run(use()))
