"""Prism as a validating proxy: the calls are made through it, and what counts is what it says of the answers.

It says nothing by itself: whether a status is the one that the call should have is not its business. Requests are not validated,
since calls without a credential, or with something wrong, are to reach the server.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx

from benchmarks.peers.calls import client
from benchmarks.peers.document import document
from benchmarks.peers.tools import NODE_MODULES, Setting, node_tool
from benchmarks.processes import free_port, serving

_PROBLEM = "application/problem+json"


class Prism:
    """`prism proxy --errors`; nothing in it is drawn."""

    name = "Prism proxy"
    drawn = False
    prepared = True

    def version(self) -> str:
        """Return the version of the npm package."""
        node_tool("@stoplight/prism-cli", "prism")
        package = NODE_MODULES / "@stoplight" / "prism-cli" / "package.json"
        return str(json.loads(package.read_text(encoding="utf-8"))["version"])

    def look(self, setting: Setting) -> frozenset[str]:
        """Make the calls through it."""
        file, port = setting.folder / "openapi.json", free_port()
        file.write_text(
            json.dumps(open_to_all(document(setting.script, setting.base_url, setting.recorded))), encoding="utf-8"
        )
        command = [str(node_tool("@stoplight/prism-cli", "prism")), "proxy", str(file), setting.base_url]
        more = ["--errors", "--validate-request=false", "--port", str(port)]
        with serving([*command, *more], port, folder=setting.folder) as base_url, client(base_url) as through:
            return frozenset(_held(setting, through))


def open_to_all(made: dict[str, Any]) -> dict[str, Any]:
    """Return the document without the need of a credential, which Prism would miss itself where a call leaves it out."""
    for item in made["paths"].values():
        for node in item.values():
            del node["security"]
    return made


def _held(setting: Setting, through: httpx.Client) -> Iterator[str]:
    for place, (call, _) in enumerate(setting.recorded):
        about = f"{place:02} {call.operation.name} {call.status}"
        try:
            answer = through.request(call.method, call.target, headers=call.fields(), content=call.content())
        except httpx.HTTPError as error:
            yield f"{about}: {type(error).__name__}"
        else:
            yield from (f"{about}: {each}" for each in violations(answer))


def violations(answer: httpx.Response) -> Iterator[str]:
    """Yield what Prism says of an answer that it put in the place of the server's."""
    if not answer.headers.get("content-type", "").startswith(_PROBLEM):
        return
    problem = {}
    with suppress(ValueError):
        problem = answer.json()
    found = [
        f"{each.get('code')} {'/'.join(map(str, each.get('location', ())))}" for each in problem.get("validation", ())
    ]
    yield from found or [str(problem.get("title"))]
