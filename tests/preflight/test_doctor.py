"""`asdoc targets doctor`: a table that can be read, a remedy for each problem, and an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asdocumented.cli.doctor import doctor_command
from asdocumented.cli.targets import targets_group
from asdocumented.errors import UnreachableError, UsageError
from asdocumented.preflight.checks import Check, Kind, State
from asdocumented.preflight.looking import Preflight
from asdocumented.running import Options, run
from asdocumented.secrets import Redactor
from tests.independent.server import running
from tests.support import catalogue, independent_target, targets_file, tokens_in


def doctor(folder: Path, *words: str, wrong: dict[str, str] | None = None, width: int = 80) -> Result:
    """Look at the independent server, after replacing text in its targets file."""
    with running() as server:
        file = targets_file(server, folder / "targets.toml")
        text = file.read_text(encoding="utf-8")
        for old, new in {**(wrong or {})}.items():
            text = text.replace(old, new if new != "NOWHERE" else old)
        file.write_text(text, encoding="utf-8")
        env = {**tokens_in(server), "COLUMNS": str(width)}
        return CliRunner().invoke(doctor_command, ["independent", "--targets", str(file), *words], env=env)


@pytest.mark.parametrize("width", [80, 160])
def test_healthy_target_is_shown(tmp_path: Path, width: int) -> None:
    """A target that has everything ends with 0, in a table that fits."""
    done = doctor(tmp_path, width=width)

    assert 0 == done.exit_code, done.output
    assert max(map(len, done.output.splitlines())) <= width
    assert "list-role-assignments" in done.output


def test_missing_prerequisite_has_a_remedy(tmp_path: Path) -> None:
    """A base URL with a path too much is told with a remedy, and ends with 1."""
    done = doctor(tmp_path, "--format", "json", wrong={'"\ndeadline': '/nowhere"\ndeadline'})
    missing = [each for each in json.loads(done.output) if each["state"] == "missing"]

    assert 1 == done.exit_code
    assert missing
    assert all(each["remedy"] for each in missing)


def test_unreachable_target_ends_with_five(tmp_path: Path) -> None:
    """Where nothing can be reached the table says so for each API, and the exit code is 5."""
    with running() as server:
        file = targets_file(server, tmp_path / "targets.toml")
        env = tokens_in(server)
    done = CliRunner().invoke(doctor_command, ["independent", "--targets", str(file)], env=env)

    assert 5 == done.exit_code
    assert 4 == done.output.count("nothing answers")
    assert "See that the server runs" in done.output


def test_look_at_nothing_is_refused(tmp_path: Path) -> None:
    """An API that the target does not have leaves nothing to look at, which is never a good end."""
    (tmp_path / "targets.toml").write_text(
        '[targets.mine.apis.microsoft-fabric-mirroring]\nbase-url = "http://127.0.0.1:9"\n', encoding="utf-8"
    )
    words = ["mine", "--targets", str(tmp_path / "targets.toml"), "--api", "vmware-vcenter-hvc"]
    done = CliRunner().invoke(doctor_command, words)

    assert isinstance(done.exception, UsageError), done.output
    assert "It has microsoft-fabric-mirroring." in str(done.exception)


def test_emulator_has_everything() -> None:
    """There is nothing to look at in this process."""
    done = CliRunner().invoke(doctor_command, ["emulator"])

    assert "The emulator in this process has everything" in str(done.exception)


def test_doctor_is_a_command_of_targets() -> None:
    """It stands beside the commands that look at the file."""
    assert doctor_command is targets_group.commands["doctor"]


def test_what_goes_wrong_holds_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception of a look, and a log record before it, have a marker where a token was; so has a finding."""
    with running() as server:
        file, env = targets_file(server, tmp_path / "targets.toml"), tokens_in(server)
    canary = next(iter(env.values()))

    async def broken(self: Preflight) -> None:
        self.checks.append(Check(Kind.CONNECTION, "an-api", "a-name", State.DOUBT, f"it said {canary}"))
        if broken_off:
            raise RuntimeError(f"it broke with {canary}")
        raise UnreachableError("x", "y")

    monkeypatch.setattr(Preflight, "connect", broken)
    words = ["independent", "--targets", str(file), "--format", "json"]
    broken_off = True
    failed = CliRunner().invoke(doctor_command, words, env=env)
    broken_off = False
    shown = CliRunner().invoke(doctor_command, words, env=env)

    assert "it broke with «token:" in str(failed.exception)
    assert canary not in str(failed.exception) + failed.output + shown.output
    assert "it said «token:" in shown.output


def test_preflight_of_a_run_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The preflight of a run knows the secrets of the target before it opens a connection."""
    redactor = Redactor()

    async def broken(self: Preflight) -> None:
        raise RuntimeError("it broke")

    monkeypatch.setattr(Preflight, "connect", broken)
    with running() as server:
        target = independent_target(server)
        with pytest.raises(RuntimeError, match="it broke"):
            run(catalogue(), target, Options(preflight=True), redactor=redactor)

    assert target.secrets()
    assert set(target.secrets()) <= set(redactor.markers)
