"""One run at a time on a target, wherever the target's name comes from."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from asdocumented.changes.places import alone_at, changes_file
from asdocumented.errors import UsageError
from tests.support import environment

_HOLD = """
import sys
from asdocumented.changes.places import alone_at
with alone_at("theirs", ["https://Server.example/base/", "https://other.example"]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASDOC_STATE", str(tmp_path))


def _holder() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    )
    assert process.stdout is not None
    assert "held\n" == process.stdout.readline()
    return process


def test_second_run_is_refused() -> None:
    """While one process holds a server another is refused, and told by whom; other servers are free."""
    with _holder() as process:
        with pytest.raises(UsageError) as refused, alone_at("mine", ["https://server.example/base"]):
            pass
        with alone_at("mine", ["https://server.example/another"]):
            pass
        process.kill()

    assert 2 == refused.value.exit_code
    assert f"process {process.pid}, on the target 'theirs'" in str(refused.value)


def test_killed_process_frees_its_locks() -> None:
    """Nobody has to remove the lock of a process that was killed."""
    with _holder() as process:
        process.send_signal(signal.SIGKILL)
        process.wait()

    with alone_at("mine", ["https://server.example/base"]):
        pass


def test_lock_may_be_taken_twice_by_one_run() -> None:
    """A run holds its target while it explores, which holds it again; it is free only when both are over."""
    urls = ["https://server.example"]
    with alone_at("mine", urls):
        with alone_at("mine", urls):
            pass
        with alone_at("mine", urls):
            pass


def test_refused_run_keeps_no_lock() -> None:
    """A run that cannot have one of its servers gives back the others."""
    with _holder() as process:
        with pytest.raises(UsageError), alone_at("mine", ["https://a.example", "https://other.example"]):
            pass
        with alone_at("mine", ["https://a.example"]):
            pass
        process.kill()


def test_journal_follows_the_servers() -> None:
    """Two ways to write the same servers lead to one journal, others to another."""
    one = changes_file(["https://Server.example/base/", "https://other.example"])

    assert one == changes_file(["https://other.example/", "https://server.example/base"])
    assert one != changes_file(["https://server.example/base"])
