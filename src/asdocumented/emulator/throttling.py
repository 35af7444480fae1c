"""Throttle one API for a while: a state that every API with the behaviour `throttled` can be put into."""

from __future__ import annotations

import math
from collections.abc import Mapping
from email.utils import formatdate
from typing import Final

from asdocumented.emulator.calls import Call
from asdocumented.emulator.messages import RequestRefusedError
from asdocumented.emulator.worlds import Setting

SECONDS: Final = 2


def arrange_throttled(setting: Setting) -> Mapping[str, tuple[str, ...]]:
    """Let every request be refused for a moment; nothing is left behind when it is over."""
    setting.world.throttled_until = setting.now + SECONDS
    return {}


def throttle(call: Call) -> None:
    """Refuse a request while the API is throttled, and say when it may be sent again (RFC 6585 section 4)."""
    until = call.world.throttled_until
    for_ever = until > 0 and "throttled.never-released" in call.active
    if call.now >= until and not for_ever:
        return
    end = max(until, call.now + 1)
    as_date = "throttled.http-date" in call.active
    value = formatdate(math.ceil(end), usegmt=True) if as_date else str(math.ceil(end - call.now))
    message = "There were too many requests."
    raise RequestRefusedError("throttled", "throttle", message, status=429, headers=(("retry-after", value),))
