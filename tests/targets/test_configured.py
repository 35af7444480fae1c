"""A server that shares nothing with us, with five operations and no more, is usable by configuration alone.

A file, its environment and the command line are enough, over a real socket and in every tier. What can be judged is, and the rest
says what the file would have to name.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support import FIVE, ROOT, asdoc, at_once, catalogue, environment

CREATE = "azure-synapse-access-control/create-role-assignment"
START = "vmware-vcenter-hvc/start-sync-provider"
STOP = "microsoft-fabric-mirroring/stop-mirroring"

FILE = """
[targets.acme]
implementation = "Acme"
allow = "disruptive"
intrusive = true
operations = {operations}

[targets.acme.apis.azure-synapse-access-control]
base-url = "{base_url}"
resources.role = {role}
resources.principal = {principal}
resources.principal-type = ["User"]
resources.scope = {scope}
irreversible.role-assignment = ["*"]
irreversible.role = ["*"]
irreversible.principal = ["*"]
irreversible.principal-type = ["*"]
irreversible.scope = ["*"]
irreversible.list-role-assignments = ["*"]

[targets.acme.apis.azure-synapse-management]
base-url = "{base_url}"
resources.subscription = {subscription}
resources.resource-group = {resource-group}
resources.workspace = {workspace}
resources.integration-runtime = {integration-runtime}
irreversible.subscription = ["*"]
irreversible.resource-group = ["*"]
irreversible.workspace = ["*"]
irreversible.integration-runtime = ["*"]

[targets.acme.apis.microsoft-fabric-mirroring]
base-url = "{base_url}"
resources.fabric-workspace = {fabric-workspace}
resources.mirrored-database = {mirrored-database}
irreversible.fabric-workspace = ["*"]
irreversible.mirrored-database = ["*"]
states.mirroring-running = {{}}

[targets.acme.apis.vmware-vcenter-hvc]
base-url = "{base_url}"
resources.link = {link}
resources.provider = {provider}
resources.user-name = ["administrator"]
irreversible.link = ["*"]
irreversible.provider = ["*"]
irreversible.user-name = ["*"]
states.sync-idle.resources.provider = {provider}
states.sync-running.resources.provider = {busy-provider}
"""


class Judged(NamedTuple):
    """How a run ended, and what its report says of each requirement."""

    code: int
    stderr: str
    requirements: Mapping[str, Any]

    def reasons(self, *verdicts: str) -> Counter[str]:
        """Return the reasons of what has one of these verdicts, where every requirement counts."""
        counted = (each for each in self.requirements.values() if each["profiles"]["conventions"] in verdicts)
        return Counter(each.get("reason", "") for each in counted)


@contextmanager
def _acme() -> Iterator[Mapping[str, Any]]:
    """Run the independent server in a process of its own; the block gets what it says when it is ready."""
    script = ROOT / "tests" / "independent" / "server.py"
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.kill()


def _file(ready: Mapping[str, Any], left_out: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return the targets file of a server, without the lines that have one of some patterns, and the environment."""
    lists = {key: json.dumps(ids if isinstance(ids, list) else [ids]) for key, ids in ready["resources"].items()}
    text = FILE.format_map({**lists, "base_url": ready["base_url"], "operations": json.dumps(sorted(FIVE))})
    tokens: dict[str, str] = {}
    for api, identities in ready["tokens"].items():
        known = [
            each for each in identities if each in catalogue().apis[api].identities
        ]  # vCenter knows no signed tokens
        text += f"\n[targets.acme.apis.{api}.credentials]\n"
        for identity in known:
            variable = f"ACME_{api}_{identity}".upper().replace("-", "_")
            text += f'{identity} = {{ env = "{variable}" }}\n'
            tokens[variable] = identities[identity]
    kept = (line for line in text.splitlines() if not any(re.search(each, line) for each in left_out))
    return "\n".join(kept) + "\n", tokens


def _judged(folder: Path, tier: str, left_out: Sequence[str] = ()) -> Judged:
    with _acme() as ready:
        text, tokens = _file(ready, left_out)
        (folder / "targets.toml").write_text(text, encoding="utf-8")
        checked = asdoc("targets", "check", cwd=folder)
        assert 0 == checked.code, checked.stderr
        done = asdoc("run", "--target", "acme", "--allow", tier, "--output", "out", cwd=folder, env=tokens)
    assert done.code in (0, 1, 4), done.stderr
    lines = (folder / "out" / "report.jsonl").read_text("utf-8").splitlines()
    assert not [token for token in tokens.values() for line in lines if token in line]
    records = (json.loads(line) for line in lines)
    return Judged(done.code, done.stderr, {each["id"]: each for each in records if each["kind"] == "requirement"})


TIERS = ("probe", "read", "write", "disruptive")
LEAVING_OUT = {
    "states": [r"^states\."],
    "sync-running": [r"^states\.sync-running"],
    "reader": ["^reader"],
    "admin": ["^admin"],
    "credentials": ["^[a-z-]+ = .*env = "],
    "role": [r"^resources\.role"],
    "link": [r"^resources\.link"],
    "database": [r"^resources\.mirrored-database"],
    "pools": [r"^resources\."],
    "intrusive": ["^intrusive"],
}
"""What a file may leave out, as patterns of its lines."""
_NAMED = re.compile(
    r"\(states\.[a-z-]+\)|\(resources\.[a-z-]+\)|no credential for the identity '[a-z-]+'"
    r"|does not allow intrusive ones|irreversible\.[a-z-]+|needs requests of the tier '[a-z]+'"
)
"""What a reason says that the file would have to name, or the command line to allow."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Callable[[], Judged]]]:
    """Give a run for each tier, and one in the highest for each thing that a file may leave out; they go on side by side."""
    new = tmp_path_factory.mktemp
    jobs = {tier: partial(_judged, new(tier), tier) for tier in TIERS}
    jobs |= {name: partial(_judged, new(name), "disruptive", left_out) for name, left_out in LEAVING_OUT.items()}
    with at_once(jobs) as futures:
        yield {name: future.result for name, future in futures.items()}


@pytest.mark.parametrize("name", [*TIERS, *LEAVING_OUT])
def test_healthy_server_fails_nothing(name: str, runs: Mapping[str, Callable[[], Judged]]) -> None:
    """In no tier and with no file does anything fail, at whatever level and in whatever profile."""
    done = runs[name]()

    assert [] == [
        key for key, each in done.requirements.items() if {"fail", "error"} & set(each["profiles"].values())
    ], done.stderr


@pytest.mark.parametrize(("tier", "code"), [("probe", 4), ("read", 4), ("write", 4), ("disruptive", 0)])
def test_tier_decides_exit_code(tier: str, code: int, runs: Mapping[str, Callable[[], Judged]]) -> None:
    """Only where everything is allowed does a run claim conformance."""
    assert code == runs[tier]().code


def test_everything_is_judged(runs: Mapping[str, Callable[[], Judged]]) -> None:
    """With everything named and allowed, nothing is skipped or inconclusive, although there are no siblings to help."""
    assert Counter() == runs["disruptive"]().reasons("skipped", "inconclusive")


def test_wider_tier_judges_more(runs: Mapping[str, Callable[[], Judged]]) -> None:
    """Each tier judges what the one below does, and more."""
    passed = [
        {key for key, each in runs[tier]().requirements.items() if each["profiles"]["conventions"] == "pass"}
        for tier in TIERS
    ]

    assert [True] * 3 == [less < more for less, more in pairwise(passed)]


@pytest.mark.parametrize("name", [*TIERS, *LEAVING_OUT])
def test_reasons_name_what_is_needed(name: str, runs: Mapping[str, Callable[[], Judged]]) -> None:
    """Whatever is not judged has a reason that says what the file would have to name, or which tier is needed."""
    reasons = runs[name]().reasons("skipped", "inconclusive")

    assert {} == {reason: count for reason, count in reasons.items() if not _NAMED.search(reason)}


@pytest.mark.parametrize(
    ("name", "requirement", "reason"),
    [
        ("read", f"{CREATE}/response/status", "needs requests of the tier 'write'"),
        (
            "write",
            f"{STOP}/response/status",
            "needs requests of the tier 'disruptive'",
        ),
        (
            "sync-running",
            f"{START}/exclusive/sync-running/status",
            "state 'sync-running' (states.sync-running)",
        ),
        ("reader", f"{CREATE}/identity/reader/refused", "names no credential for the identity 'reader'"),
        ("admin", f"{CREATE}/response/status", "names no credential for the identity 'admin'"),
        ("role", f"{CREATE}/echo/roleDefinitionId", "names no role (resources.role)"),
        ("link", f"{START}/response/200/empty-body", "names no link (resources.link)"),
        ("database", f"{STOP}/response/status", "names no mirrored-database (resources.mirrored-database)"),
        ("intrusive", f"{STOP}/wire/dot-segments", "does not allow intrusive ones"),
    ],
)
def test_reason_fits(name: str, requirement: str, reason: str, runs: Mapping[str, Callable[[], Judged]]) -> None:
    """A requirement that a file left unjudged says so in its own words."""
    assert reason in runs[name]().requirements[requirement]["reason"]


def test_rest_is_judged_all_the_same(runs: Mapping[str, Callable[[], Judged]]) -> None:
    """What does not need a left-out thing is judged as if it were there."""
    whole, less = runs["disruptive"]().requirements, runs["sync-running"]().requirements
    changed = {key for key, each in whole.items() if each["profiles"] != less[key]["profiles"]}

    assert {f"{START}/exclusive/sync-running/{each}" for each in ("status", "code")} <= changed
    assert [] == [key for key in changed if not key.startswith(START)]
