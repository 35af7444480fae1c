"""Shell completion, as a shell asks for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import asdoc, environment

LIST = "azure-synapse-access-control/list-role-assignments"


def completed(tmp_path: Path, *words: str) -> list[str]:
    """Return what bash is told to complete the last word with."""
    env = {
        "_ASDOC_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(("asdoc", *words)),
        "COMP_CWORD": str(len(words)),
    }
    done = asdoc(cwd=tmp_path, env=env)
    assert 0 == done.code, done.stderr
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(("expl",), ["explain"], id="command"),
        pytest.param(("run", "--operation", "list-r"), ["list-role-assignments"], id="operation"),
        pytest.param(("run", "--operation", f"{LIST[:-3]}"), [LIST], id="operation with API"),
        pytest.param(("run", "--api", "vm"), ["vmware-vcenter-hvc"], id="api"),
        pytest.param(("run", "--profile", "inter"), ["interoperable"], id="profile"),
        pytest.param(("explain", LIST[:-4]), [f"{LIST}/"], id="operation of a requirement"),
        pytest.param(("explain", f"{LIST}/page/no-l"), [f"{LIST}/page/no-loss"], id="requirement"),
        pytest.param(
            ("run", "--requirement", f"{LIST}/page/no-l"), [f"{LIST}/page/no-loss"], id="requirement of a run"
        ),
    ],
)
def test_words_are_completed(words: tuple[str, ...], expected: list[str], tmp_path: Path) -> None:
    """Commands, operations, APIs, profiles and requirements are completed."""
    assert expected == completed(tmp_path, *words)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_is_printed(shell: str, tmp_path: Path) -> None:
    """Each shell gets its script, which calls asdoc."""
    done = asdoc("completion", shell, cwd=tmp_path)

    assert (0, "") == (done.code, done.stderr)
    assert f"_ASDOC_COMPLETE={shell}_complete" in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_is_understood(shell: str, tmp_path: Path) -> None:
    """The shell itself finds no mistake in its script."""
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    script = asdoc("completion", shell, cwd=tmp_path).stdout
    done = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)


def test_completing_loads_little(tmp_path: Path) -> None:
    """A key press does not wait for a client, the judge, or a library of schemas or of the terminal."""
    words = f"asdoc explain {LIST}/page/no-l"
    env = environment({"_ASDOC_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "2"})
    script = "import sys; sys.argv = ['asdoc']\nfrom asdocumented.cli.main import main\ntry: main()\nfinally: print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.splitlines()[-1].split())

    assert set() == loaded & {"httpx", "jsonschema", "rich.console", "asdocumented.judge"}
