"""Servers that do one silly thing never get a green run, and a server that refuses everything proves nothing by it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from asdocumented.contracts.model import Tier
from asdocumented.requirement import PROFILES
from asdocumented.running import Options, Run, make_plan, run
from asdocumented.verdicts import Verdict, exit_code
from tests.silly import REFUSING, SILLY, silly
from tests.support import asdoc, catalogue, failing, independent_target, report_of, targets_file, tokens_in

each_server = pytest.mark.parametrize("name", SILLY)
NEEDS_A_CONTROL = ("refusal/", "error/", "identity/", "robustness/", "method/head", "method/options", "wire/")
"""How the requirements begin that a refusal, or an answer to something odd, can meet only beside a success."""

LATER = ("429", "503")
"""Those that a run leaves alone."""

ANSWERS_ALONE = ("robustness/no-server-error", "robustness/no-stack-trace")
"""What any answer shows by itself."""


@cache
def silly_run(name: str) -> Run:
    """Return the run on a silly server, which is made once."""
    with silly(name) as server:
        return run(catalogue(), independent_target(server), Options(allowed=Tier.DISRUPTIVE))


@each_server
@pytest.mark.parametrize("profile", PROFILES)
def test_silly_server_is_never_green(name: str, profile: str) -> None:
    """A run on a silly server ends with something else than 0, in every profile."""
    assert exit_code(silly_run(name).results.values(), profile) in (1, 4)


def test_wrong_credentials_blame_nobody() -> None:
    """Where every credential is refused, the mistake may be the user's: only the answer's own form fails."""
    done = silly_run("401")
    failed = {key.partition("/")[2].partition("/")[2] for key in failing(done)}

    assert {"headers/client-request-id"} == failed
    assert 4 == done.exit_code


@each_server
def test_silly_server_breaks_no_check(name: str) -> None:
    """Whatever comes back, every check of ours says something about the server."""
    assert {} == {
        key: each.reason for key, each in silly_run(name).results.items() if Verdict.ERROR in each.profiles.values()
    }


@each_server
def test_silly_server_is_asked_to_the_end(name: str) -> None:
    """Silly answers do not end a run early, but for those that say "later" for ever."""
    assert (name in LATER) == (silly_run(name).distress is not None)
    assert (name in LATER) == bool(silly_run(name).execution.interrupted)


@each_server
def test_silly_report_is_written(name: str, tmp_path: Path) -> None:
    """The report of a run on a silly server can be written, and has every requirement."""
    lines = report_of(silly_run(name), tmp_path).read_text("utf-8").splitlines()

    assert len(lines) > len(silly_run(name).results)


@pytest.mark.parametrize("name", REFUSING)
def test_refusing_everything_meets_no_refusal(name: str) -> None:
    """A server that refuses everything gets no pass for what it refuses or survives."""
    passed = {key for key, each in silly_run(name).results.items() if Verdict.PASS in each.profiles.values()}
    whats = {key: silly_run(name).results[key].requirement.what for key in passed}

    assert [] == [
        key for key, what in sorted(whats.items()) if what.startswith(NEEDS_A_CONTROL) and what not in ANSWERS_ALONE
    ]


@pytest.mark.parametrize("name", ["200 with the request's body", "any status", "closes the connection"])
def test_silly_server_gives_no_traceback(name: str, tmp_path: Path) -> None:
    """The command ends with a verdict, and never with a traceback."""
    with silly(name) as server:
        file = targets_file(server, tmp_path / "asdoc.toml")
        done = asdoc("run", "--targets", str(file), "--target", "independent", cwd=tmp_path, env=tokens_in(server))

    assert done.code in (1, 4)
    assert "Traceback" not in done.stdout + done.stderr


def test_library_only_reads_by_default() -> None:
    """Whoever calls the library without saying how far requests may reach gets reads and probes on anything but the emulator."""
    with silly(next(iter(SILLY))) as server:
        _, plan = make_plan(catalogue(), independent_target(server), Options())

    assert {Tier.PROBE, Tier.READ} == {step.tier for scenario in plan.scenarios for step in scenario.steps}
