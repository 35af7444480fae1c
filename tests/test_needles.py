"""Finding which of many strings a text may hold."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asdocumented.needles import SHORTEST, Needles
from asdocumented.secrets import Redactor

_FEW = st.text("ab%K", max_size=60)  # few letters, so that strings overlap
_STRINGS = st.lists(st.text("ab%K", min_size=4, max_size=24), max_size=12, unique=True)


def _indexed(strings: list[str]) -> Needles[str]:
    needles: Needles[str] = Needles()
    for place, each in enumerate(strings):
        needles.add(each, each, (-len(each), place))
    return needles


@given(_STRINGS, _FEW)
@example(["abab"], "aabab")
@example(["a" * 15], "b" * 7 + "a" * 15)
def test_nothing_is_missed(strings: list[str], text: str) -> None:
    """Whatever a text holds is among what it may hold, the longest first."""
    held = [each for each in sorted(strings, key=len, reverse=True) if each in text]
    possible = [value for _, value in _indexed(strings).possible(text)]

    assert held == [each for each in possible if each in text]


@given(_STRINGS, _STRINGS, _FEW)
def test_applies_as_though_all_were_tried(strings: list[str], new: list[str], text: str) -> None:
    """Replacing gives what replacing all strings in order gives, also where a replacement brings about another string."""
    by = {each: (new[place % len(new)] if new else "") for place, each in enumerate(strings)}
    expected = text
    for each in sorted(strings, key=len, reverse=True):
        expected = expected.replace(each, by[each])

    assert expected == _indexed(strings).apply(text, lambda known, each: known.replace(each, by[each]))


def test_most_are_left_out() -> None:
    """A text is compared with what it may hold, however many strings there are."""
    tokens = [f"eyJhbGciOiJIUzI1NiJ9.{hashlib.sha256(bytes([number])).hexdigest()}{number}" for number in range(256)]
    expected = [tokens[17]]

    assert expected == [value for _, value in _indexed(tokens).possible(f"Bearer {tokens[17]}")]


def test_short_needle_is_refused() -> None:
    """A string that could lie between two cuts is refused."""
    expected = f"a needle of fewer than {SHORTEST} characters may be missed"

    with pytest.raises(ValueError, match="may be missed") as caught:
        Needles[str]().add("ab", "ab", (0, 0))

    assert expected == str(caught.value)


def test_longest_goes_first_in_urls() -> None:
    """A percent-encoded secret that holds another is replaced as a whole, in whichever order they were told."""
    redactor = Redactor({"a/bc": "«short»", "xa/bc/d": "«long»"})
    expected = "?q=«long»&r=«short»"

    assert expected == redactor.text("?q=xa%2fbc%2Fd&r=a%2Fbc")


def test_marker_stands_for_itself() -> None:
    """A marker with a backslash in it is no template."""
    marker = r"«secret:/a\1b»"

    assert marker == Redactor({"pass/word": marker}).text("pass%2Fword")
