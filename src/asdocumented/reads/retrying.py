"""Read Retry-After and Date as RFC 9110 has them."""

from __future__ import annotations

import calendar
import re

from asdocumented.traces import Response

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DATE = re.compile(rf"({'|'.join(_DAYS)}), (\d\d) ({'|'.join(_MONTHS)}) (\d{{4}}) (\d\d):(\d\d):(\d\d) GMT", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)


def http_date(text: str) -> int | None:
    """Return the seconds since 1970 of an HTTP-date as a server must write it (IMF-fixdate, section 5.6.7), or None."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    name, day, month, year, hour, minute, second = found.groups()
    number = _MONTHS.index(month) + 1
    clock = (int(hour), int(minute), int(second))
    if int(year) < 1 or not 1 <= int(day) <= calendar.monthrange(int(year), number)[1] or clock > (23, 59, 60):
        return None
    if clock[1] > 59 or clock[2] > 60 or _DAYS[calendar.weekday(int(year), number, int(day))] != name:
        return None
    return calendar.timegm((int(year), number, int(day), *clock))


def is_retry_after(text: str) -> bool:
    """Tell whether a value is a delay in seconds or an HTTP-date (section 10.2.3)."""
    return _SECONDS.fullmatch(text) is not None or http_date(text) is not None


def delay(response: Response, now: float | None = None) -> float | None:
    """Return the seconds that an answer asks to wait, or None where its Retry-After is missing or malformed.

    A date counts from the answer's own Date, and without one from `now`.
    """
    text = response.header("retry-after") or ""
    if _SECONDS.fullmatch(text):
        return float(text)
    until = http_date(text)
    begun = http_date(response.header("date") or "")
    start = now if begun is None else begun
    return max(until - start, 0.0) if until is not None and start is not None else None
