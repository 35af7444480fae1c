"""Tests of text from a target as it is shown."""

from __future__ import annotations

import pytest

from asdocumented.report.escaping import shortened, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("plain «token:admin» 你好 שלום", "plain «token:admin» 你好 שלום", id="printable"),
        pytest.param("\x1b[31m", r"\x1b[31m", id="terminal"),
        pytest.param("a\r\nb\tc", r"a\r\nb\tc", id="line break"),
        pytest.param("\u202eevil\u202c", r"\u202eevil\u202c", id="bidirectional"),
        pytest.param("a\u200bb\u2028c", r"a\u200bb\u2028c", id="invisible"),
        pytest.param("\ud800", r"\ud800", id="half a pair"),
        pytest.param("", "", id="empty"),
    ],
)
def test_only_printables_stay(text: str, expected: str) -> None:
    """What is printable stays as it is; all else is shown as its escape."""
    assert expected == visible(text)


def test_long_text_is_cut() -> None:
    """Text beyond the limit is cut and tells its whole length."""
    assert shortened("abcdef", 3) == "abc… (6 characters)"


def test_text_at_limit_stays() -> None:
    """Text as long as the limit is shown whole."""
    assert shortened("abc", 3) == "abc"
