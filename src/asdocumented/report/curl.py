"""Write a request as a curl line that can be pasted into a shell, with shell expressions where credentials stood."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

from asdocumented.traces import Exchange

_TOKEN = re.compile(r"«token:([a-z0-9-]+)»")
_OWN = {"accept", "accept-encoding", "connection", "content-length", "host", "transfer-encoding", "user-agent"}


def curl_line(exchange: Exchange, credential: Callable[[str, str], str]) -> str:
    """Return the curl line of an exchange; `credential(api, identity)` gives the shell expression for a token."""
    request = exchange.request
    parts = ["curl", "-i", "-X", request.method]
    for name, value in request.headers:
        if name not in _OWN:
            shown = _TOKEN.sub(lambda found: credential(exchange.api, found.group(1)), value)
            parts += ["-H", f'"{_double(f"{name}: {shown}")}"' if shown != value else shlex.quote(f"{name}: {value}")]
    if request.body:
        parts += ["--data-raw", shlex.quote(request.body.decode("utf-8", errors="replace"))]
    parts.append(shlex.quote(exchange.server + request.target))
    return " ".join(parts)


def _double(text: str) -> str:
    """Escape for double quotes, leaving `$(...)` and `$NAME` to the shell."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`")
