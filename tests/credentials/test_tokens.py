"""What a token tells of itself."""

from __future__ import annotations

import jwt
import pytest

from asdocumented.credentials.tokens import Token, audiences_of, begins, claims, is_for, is_signed, token_of

KEY = "a key of the tests that is long enough for HS256"


def signed(**said: object) -> str:
    """Return a JWT."""
    return jwt.encode(said, KEY, algorithm="HS256")


ODD = [signed(exp=each) for each in (True, -1, 10**400, 10**12, float("nan"), float("inf"), [1], None)]
"""Tokens whose end is none."""


def test_jwt_states_its_end() -> None:
    """The end of a JWT is what it claims."""
    assert 1_900_000_000.0 == token_of(signed(exp=1_900_000_000)).expires


@pytest.mark.parametrize(
    "value", ["opaque", "a.b.c", "..", "malformed.token.of-asdocumented", signed(exp="soon"), "é.é.é", *ODD]
)
def test_other_token_states_nothing(value: str) -> None:
    """A token that is no JWT, or does not say, has no known end."""
    assert None is token_of(value).expires


def test_expired_jwt_is_read() -> None:
    """A JWT that has expired, is not valid yet and is for others can be read all the same."""
    assert {"exp": 1, "nbf": 4_000_000_000, "aud": "x"} == claims(signed(exp=1, nbf=4_000_000_000, aud="x"))


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        ("https://a.example", True),
        ("https://a.example/", True),
        (["https://b.example", "https://a.example"], True),
        ("https://b.example", False),
        ("https://a.example.evil.example", False),
        (7, False),
    ],
)
def test_audience_is_compared(audience: object, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """An audience is the same with and without a slash at its end, and nothing else is."""
    assert expected is is_for(signed(aud=audience), ("https://a.example",))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("opaque", None),
        (signed(exp=1), True),
        (jwt.encode({"exp": 1}, "", algorithm="none"), False),
        (jwt.encode({"exp": 1}, "", algorithm="none") + "c2ln", True),
    ],
)
def test_signature_is_looked_for(value: str, expected: bool | None) -> None:  # noqa: FBT001 - a column of the table
    """A JWT is unsigned where it has neither a signature nor an algorithm for one."""
    assert expected is is_signed(value)


@pytest.mark.parametrize(("said", "expected"), [({"nbf": 40}, 40.0), ({"nbf": True}, 0.0), ({"exp": 1}, 0.0)])
def test_beginning_is_read(said: dict[str, object], expected: float) -> None:
    """A JWT is good from what it claims on, and where it says nothing, from ever."""
    assert expected == begins(signed(**said))


def test_opaque_token_is_for_nobody() -> None:
    """A token that does not say for whom it is, is for nobody that is known."""
    assert () == audiences_of("opaque")
    assert not is_for("opaque", ("https://a.example",))


@pytest.mark.parametrize(
    ("life", "age", "expected"),
    [(3600, 0, False), (3600, 3299, False), (3600, 3300, True), (10, 7, False), (10, 8, True), (None, 10**9, False)],
)
def test_token_is_renewed_in_time(life: float | None, age: float, expected: bool) -> None:  # noqa: FBT001 - likewise
    """A token is old five minutes before its end, and a short-lived one in the last fifth of its life."""
    token = Token("value", None if life is None else 1000.0 + life, 1000.0)

    assert expected is token.is_old(1000.0 + age)


def test_token_hides_itself() -> None:
    """What Python shows of a token is not its value."""
    assert "value" not in repr(Token("value-of-it")).replace("value=", "")
