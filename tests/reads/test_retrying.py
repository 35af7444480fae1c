"""Reading Retry-After and Date."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asdocumented.reads.retrying import delay, http_date, is_retry_after
from tests.judge.traces import answer


@given(st.integers(0, 253_402_300_799))
def test_dates_round_trip(seconds: int) -> None:
    """Every date that a server writes is read as the second that it was written for."""
    assert seconds == http_date(formatdate(seconds, usegmt=True))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sun, 06 Nov 1994 08:49:37",
        "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "sun, 06 nov 1994 08:49:37 gmt",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, ٠٦ Nov 1994 08:49:37 GMT",
    ],
)
def test_other_texts_are_no_dates(text: str) -> None:
    """What a server must not write is no date."""
    assert http_date(text) is None
    assert not is_retry_after(text)


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    """No text makes the reading break."""
    assert is_retry_after(text) is (delay(answer(429, headers={"retry-after": text}), 0.0) is not None)


@pytest.mark.parametrize(
    ("headers", "now", "expected"),
    [
        ({"retry-after": "5"}, None, 5.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:30 GMT"}, 10.0, 20.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:30 GMT"}, None, None),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:30 GMT", "date": "Thu, 01 Jan 1970 00:00:25 GMT"}, 10.0, 5.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:30 GMT", "date": "Thu, 01 Jan 1970 00:00:31 GMT"}, 10.0, 0.0),
        ({}, 10.0, None),
    ],
)
def test_delay_counts_from_date(headers: dict[str, str], now: float | None, expected: float | None) -> None:
    """A date counts from the answer's own, and without one from the time that is given."""
    assert expected == delay(answer(429, headers=headers), now)
