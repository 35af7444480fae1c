"""Schemathesis: every check, every phase, positive and negative data, stateful by links and by what it infers."""

from __future__ import annotations

import json
import os
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.peers.calls import Recorded, Script, credential
from benchmarks.peers.document import document
from benchmarks.peers.tools import Setting, run, told
from benchmarks.processes import UnmeasurableError, script

_EXAMPLES = 50
_SERVER_ERROR = 500


class Schemathesis:
    """The command line, with a configuration file for what an API documents and the tool holds to be wrong."""

    name = "Schemathesis"
    drawn = True
    prepared = True

    def version(self) -> str:
        """Return the version of the package."""
        try:
            return metadata.version("schemathesis")
        except metadata.PackageNotFoundError:
            raise UnmeasurableError(
                "schemathesis is not installed; `pip install --group benchmarks` installs it"
            ) from None

    def look(self, setting: Setting) -> frozenset[str]:
        """Run it on the document of the API."""
        file, report = setting.folder / "openapi.json", setting.folder / "report.json"
        file.write_text(json.dumps(drawable(setting.script, setting.base_url, setting.recorded)), encoding="utf-8")
        config = setting.folder / "schemathesis.toml"
        config.write_text(configuration(setting.script), encoding="utf-8")
        header = ": ".join(credential(setting.script.api, "token"))
        ended = run(
            [
                *(script("schemathesis"), "--config-file", str(config), "run", str(file)),
                *("--url", setting.base_url, "--header", header, "--checks", "all", "--mode", "all"),
                *("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", str(_EXAMPLES)),
                *("--seed", str(setting.seed), "--generation-database", "none", "--continue-on-failure"),
                *("--report", "json", "--report-json-path", str(report), "--no-color", "--warnings", "off"),
            ],
            setting.folder,
            os.environ,
        )
        return told(ended, failures(report), bad=ended.code != 0)


def drawable(said: Script, base_url: str, recorded: Recorded = ()) -> dict[str, Any]:
    """Return the document without parameters of which no drawn value can be valid: tokens that an answer hands out."""
    made = document(said, base_url, recorded)
    for item in made["paths"].values():
        for node in item.values():
            handed_out = {name for each in node["responses"].values() for name in each.get("headers", ())}
            node["parameters"] = [each for each in node["parameters"] if each["name"] not in handed_out]
    return made


def configuration(said: Script) -> str:
    """Return its configuration: 500 where the page documents it, and the credential of operations with one of their own."""
    lines = []
    for operation in {each.operation.id: each.operation for each in said.calls}.values():
        statuses = {each.status for each in said.calls if each.operation.id == operation.id}
        documented = sorted(each for each in statuses if each >= _SERVER_ERROR)
        if documented or operation.security != "token":
            lines += ["[[operations]]", f'include-operation-id = "{operation.operation_id}"']
        if operation.security != "token":
            name, value = credential(said.api, operation.security)
            lines += [f"headers = {{ {json.dumps(name)} = {json.dumps(value)} }}"]
        if documented:
            expected = json.dumps(["2xx", "3xx", "4xx", *documented])
            lines += ["[operations.checks.not_a_server_error]", f"expected-statuses = {expected}"]
    return "\n".join(lines) + "\n"


def failures(report: Path) -> frozenset[str]:
    """Return what its JSON report holds against the API: the kind of failure, and the operation."""
    if not report.exists():
        return frozenset()
    read = json.loads(report.read_text(encoding="utf-8"))
    found = {f"{each['type']}: {operation}" for each in read["failures"] for operation in each["operations"]}
    return frozenset(found | {f"error: {each.get('title')}" for each in read["errors"]})
