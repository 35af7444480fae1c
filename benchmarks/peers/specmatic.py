"""Specmatic: contract tests from examples of every documented answer, and its resiliency tests made from these."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx

from benchmarks.peers.calls import Call
from benchmarks.peers.document import CHANGING, pruned
from benchmarks.peers.schemathesis_cli import drawable
from benchmarks.peers.tools import INSTALL, NODE_MODULES, Setting, run, told
from benchmarks.processes import UnmeasurableError

_CONFIGURATION = """\
version: 2
contracts:
  - provides:
      - openapi.json
test:
  strictMode: true
  resiliencyTests:
    enable: all
"""


class Specmatic:
    """Its jar. It takes no seed: what it makes up differs from run to run."""

    name = "Specmatic"
    drawn = True
    prepared = True

    def __init__(self, folder: Path) -> None:
        """Keep the classes that Java has read once in a folder, which saves seconds of each start."""
        self._classes = folder / "specmatic.jsa"

    def version(self) -> str:
        """Return the version of the npm package that brings the jar."""
        package = NODE_MODULES / "specmatic"
        if not (package / "specmatic.jar").exists():
            raise UnmeasurableError(f"the npm package specmatic is not installed{INSTALL}")
        if shutil.which("java") is None:
            raise UnmeasurableError("`java` is not installed; `apt-get install openjdk-17-jre-headless` installs it")
        self._keep_classes()
        return str(json.loads((package / "package.json").read_text(encoding="utf-8"))["version"])

    def look(self, setting: Setting) -> frozenset[str]:
        """Run its tests, with the examples beside the document."""
        examples, report = setting.folder / "examples", setting.folder / "report"
        examples.mkdir(exist_ok=True)
        shutil.rmtree(report, ignore_errors=True)
        made = stripped(drawable(setting.script, setting.base_url, setting.recorded))
        (setting.folder / "openapi.json").write_text(json.dumps(made), encoding="utf-8")
        (setting.folder / "specmatic.yaml").write_text(_CONFIGURATION, encoding="utf-8")
        for place, (call, response) in enumerate(setting.recorded):
            file = examples / f"{place:02}-{call.operation.name}-{call.status}.json"
            file.write_text(json.dumps(example(call, response)), encoding="utf-8")
        ended = run(
            [
                *("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", f"-XX:SharedArchiveFile={self._classes}"),
                *("-jar", str(NODE_MODULES / "specmatic" / "specmatic.jar"), "test", "--examples", str(examples)),
                *(f"--testBaseURL={setting.base_url}", f"--junitReportDir={report}", "--timeout=20"),
            ],
            setting.folder,
            os.environ,
        )
        return told(ended, failures(report), bad=ended.code != 0)

    def _keep_classes(self) -> None:
        if not self._classes.exists():
            command = ["java", f"-XX:ArchiveClassesAtExit={self._classes}", "-jar"]
            jar = str(NODE_MODULES / "specmatic" / "specmatic.jar")
            subprocess.run([*command, jar, "test", "--help"], capture_output=True, check=False)


def stripped(made: dict[str, Any]) -> dict[str, Any]:
    """Return the document without what Specmatic cannot read, and without examples, which stand in files of their own."""
    for item in made["paths"].values():
        for node in item.values():
            media = [*node["parameters"], *node.get("requestBody", {}).get("content", {}).values()]
            for each in media:
                each.pop("examples", None)
    _give_items(made)
    return pruned(made)


def _give_items(node: Any) -> None:
    """Say of every list that anything may be in it where nothing is said."""
    if isinstance(node, dict):
        if node.get("type") in ("array", ["array", "null"]):
            node.setdefault("items", {})
        for each in node.values():
            _give_items(each)
    elif isinstance(node, list):
        for each in node:
            _give_items(each)


def example(call: Call, response: httpx.Response) -> Mapping[str, Any]:
    """Return a call and its answer in Specmatic's format."""
    request: dict[str, Any] = {
        "method": call.method,
        "path": call.location,
        "headers": {name: value for name, value in call.fields().items() if name != "Accept"},
    }
    if call.query:
        request["query"] = dict(call.query)
    if call.body is not None:
        request["body"] = call.body
    headers = {name: value for name, value in response.headers.items() if name not in CHANGING}
    answer: dict[str, Any] = {"status": response.status_code, "headers": headers}
    if response.content:
        answer["body"] = response.json()
    return {"http-request": request, "http-response": answer}


def failures(folder: Path) -> frozenset[str]:
    """Return the names of the tests that its JUnit reports call failed."""
    return frozenset(
        each.get("name", "")
        for file in folder.glob("*.xml")
        for each in ET.parse(file).iter("testcase")  # noqa: S314 - the tool's own report
        if each.find("failure") is not None or each.find("error") is not None
    )
