"""Write a request as a curl line that can be pasted into a shell, with shell expressions where credentials stood."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

from asdocumented.traces import Exchange

Credential = Callable[[str, str, str], str]
"""From API, identity and `token` or `basic` to the shell expression that gives the credential."""

_MARKER = re.compile(r"«(token|basic):([a-z0-9-]+)»")
_OWN = {"accept", "accept-encoding", "connection", "content-length", "host", "transfer-encoding", "user-agent"}


def curl_line(exchange: Exchange, credential: Credential) -> str:
    """Return the curl line of an exchange, with what `credential` gives where credentials stood."""
    request = exchange.request
    parts = ["curl", "-i", *(["-I"] if request.method == "HEAD" else ["-X", request.method])]
    if set(request.target) & set("[]{}"):
        parts.append("--globoff")
    for name, value in request.headers:
        basic = _MARKER.search(value) if "«basic:" in value else None
        if basic is not None:
            parts += ["-u", f'"{_double(credential(exchange.api, basic.group(2), "basic"))}"']
        elif name not in _OWN:
            shown = _MARKER.sub(lambda found: credential(exchange.api, found.group(2), "token"), value)
            parts += ["-H", f'"{_double(f"{name}: {shown}")}"' if shown != value else shlex.quote(f"{name}: {value}")]
    if request.body:
        if request.header("content-type") is None:
            parts += ["-H", "'content-type:'"]  # else curl would call it a form
        parts += ["--data-raw", shlex.quote(request.body.decode("utf-8", errors="replace"))]
    parts.append(shlex.quote(exchange.server + request.target))
    return " ".join(parts)


def _double(text: str) -> str:
    """Escape for double quotes, leaving `$(...)` and `$NAME` to the shell."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`")
