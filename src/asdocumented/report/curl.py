"""Write a request as a curl line that can be pasted into a shell, with shell expressions where credentials stood."""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Callable

from asdocumented.traces import Exchange, Request

Credential = Callable[[str, str, str], str]
"""From API, identity and `token` or `basic` to the shell expression that gives the credential."""

_MARKER = re.compile(r"«(token|basic):([a-z0-9-]+)»")
_DOTS = re.compile(r"/\.{1,2}(/|\?|$)")
_OWN = {"accept", "accept-encoding", "connection", "content-length", "host", "transfer-encoding", "user-agent"}


def curl_line(exchange: Exchange, credential: Credential) -> str:
    """Return the curl line of an exchange, with what `credential` gives where credentials stood."""
    request = exchange.request
    parts = ["curl", "-i", *(["-I"] if request.method == "HEAD" else ["-X", request.method])]
    if set(request.target) & set("[]{}"):
        parts.append("--globoff")
    if _DOTS.search(request.target):
        parts.append("--path-as-is")
    for name, value in request.headers:
        if name not in _OWN or (name == "content-length" and not value.isdigit()):
            parts += _header(exchange, name, value, credential)
    before, body = _body(request)
    return " ".join([*before, *parts, *body, shlex.quote(exchange.server + request.target)])


def _header(exchange: Exchange, name: str, value: str, credential: Credential) -> list[str]:
    """Return the options for one header field; user and password of a plain Basic one are for curl to encode."""
    found = _MARKER.search(value)
    if found is None:
        return ["-H", shlex.quote(f"{name}: {value}")]
    kind, identity = found.groups()
    secret = credential(exchange.api, identity, kind)
    alone = [each for each, _ in exchange.request.headers].count(name) == 1
    if kind == "basic" and alone and value.startswith("Basic "):
        return ["-u", f'"{_double(secret)}"']
    shown = f"$(printf %s {secret} | base64 -w0)" if kind == "basic" else secret
    return ["-H", f'"{_double(f"{name}: {_MARKER.sub(lambda _: shown, value)}")}"']


def _body(request: Request) -> tuple[list[str], list[str]]:
    """Return what goes before curl and among its options to send the body; what is no text goes through a pipe."""
    if not request.body:
        return [], []
    untyped = ["-H", "'content-type:'"] if request.header("content-type") is None else []  # else curl calls it a form
    try:
        return [], [*untyped, "--data-raw", shlex.quote(request.body.decode("utf-8"))]
    except UnicodeDecodeError:
        encoded = base64.b64encode(request.body).decode()
        return ["printf", "%s", encoded, "|", "base64", "-d", "|"], [*untyped, "--data-binary", "@-"]


def _double(text: str) -> str:
    """Escape for double quotes, leaving `$(...)` and `$NAME` to the shell."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`")
