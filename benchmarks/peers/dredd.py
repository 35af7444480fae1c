"""Dredd: one test a call, each with the answer that was recorded.

Dredd cannot read a query parameter with a dash in its name (`api-version`) from an OpenAPI document, takes one request an answer
from it, and knows 3.0 as an experiment. So it gets its native format, API Blueprint, in which a URI may be written out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx

from benchmarks.peers.calls import Call
from benchmarks.peers.document import CHANGING, document
from benchmarks.peers.tools import NODE_MODULES, Setting, node_tool, run, told

_DEFINITIONS = "#/components/schemas/"
_UNKNOWN_FORMATS = ("password",)
_DEEP = " " * 12


class Dredd:
    """The command line; nothing in it is drawn."""

    name = "Dredd"
    drawn = False
    prepared = True

    def version(self) -> str:
        """Return the version of the npm package."""
        node_tool("dredd", "dredd")
        package = NODE_MODULES / "dredd" / "package.json"
        return str(json.loads(package.read_text(encoding="utf-8"))["version"])

    def look(self, setting: Setting) -> frozenset[str]:
        """Run it on a blueprint of the calls."""
        file, report = setting.folder / "api.apib", setting.folder / "report.xml"
        made = document(setting.script, setting.base_url, setting.recorded)
        file.write_text("\n".join(blueprint(setting, made)), encoding="utf-8")
        ended = run(
            [
                *(str(node_tool("dredd", "dredd")), str(file), setting.base_url, "--reporter=xunit"),
                *(f"--output={report}", "--loglevel=error", "--no-color", "--no-config"),
            ],
            setting.folder,
            os.environ,
        )
        return told(ended, failures(report), bad=ended.code != 0)


def blueprint(setting: Setting, made: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of the API Blueprint."""
    yield from ("FORMAT: 1A", "", f"# {setting.script.api}")
    for place, (call, response) in enumerate(setting.recorded):
        yield from (
            "",
            f"## Call {place:02} [{call.target}]",
            "",
            f"### {call.operation.name} {call.status} [{call.method}]",
        )
        yield from _message(
            f"+ Request ({call.fields().get('Content-Type', 'text/plain')})", call.fields(), call.content()
        )
        headers = {name: value for name, value in response.headers.items() if name not in CHANGING}
        yield from _message(f"+ Response {response.status_code}", headers, response.content)
        schema = _schema(made, call, response)
        if schema is not None:
            yield from ("", "    + Schema", "", f"{_DEEP}{json.dumps(schema)}")
    yield ""


def _message(title: str, headers: dict[str, str], content: bytes | None) -> Iterator[str]:
    yield from ("", title, "", "    + Headers", "")
    yield from (f"{_DEEP}{name}: {value}" for name, value in headers.items())
    if content:
        yield from ("", "    + Body", "", f"{_DEEP}{content.decode()}")


def _schema(made: dict[str, Any], call: Call, response: httpx.Response) -> dict[str, Any] | None:
    """Return the schema of an answer, whole in itself and in a draft that Dredd knows."""
    node = made["paths"][call.operation.path][call.method.lower()]
    content = node["responses"].get(str(response.status_code), {}).get("content", {})
    if not content or not response.content:
        return None
    schema = {**next(iter(content.values()))["schema"], "definitions": made["components"]["schemas"]}
    whole = json.dumps({"$schema": "http://json-schema.org/draft-07/schema#", **schema})
    found: dict[str, Any] = json.loads(whole.replace(_DEFINITIONS, "#/definitions/"), object_hook=_known_formats)
    return found if "$ref" not in found else _without_beside(found)


def _known_formats(node: dict[str, Any]) -> dict[str, Any]:
    """Return a part of a schema without a format at which Dredd's validator gives up."""
    return {key: value for key, value in node.items() if key != "format" or value not in _UNKNOWN_FORMATS}


def _without_beside(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with its root reference beside others: draft 7 ignores what stands beside a reference."""
    reference = schema.pop("$ref")
    return {**schema, "allOf": [{"$ref": reference}]}


def failures(report: Path) -> frozenset[str]:
    """Return the names of the tests that its report calls failed."""
    if not report.exists():
        return frozenset()
    cases = ET.parse(report).iter("testcase")  # noqa: S314 - the tool's own report
    return frozenset(
        each.get("name", "") for each in cases if each.find("failure") is not None or each.find("error") is not None
    )
