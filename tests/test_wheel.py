"""The wheel: installed alone into a new environment, it does its work in an empty folder."""

from __future__ import annotations

import json
import sys
import sysconfig
import venv
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import ROOT, Ended, ended, slow, started


class Installed(NamedTuple):
    """A new environment with the wheel in it, and an empty folder."""

    python: Path
    empty: Path

    def run(self, *words: str) -> Ended:
        """Run a command of the environment in the empty folder."""
        return ended(str(self.python.with_name(words[0])), *words[1:], cwd=self.empty)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Give an environment with the wheel; what the wheel needs is found where the tests find it, the checkout is not."""
    folder = tmp_path_factory.mktemp("wheel")
    built = ended(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist"), cwd=ROOT)
    assert 0 == built.code, built.stderr
    wheel = next((folder / "dist").glob("*.whl"))
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    words = ("-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    got = ended(sys.executable, *words, cwd=folder)
    assert 0 == got.code, got.stderr
    site = next((folder / "venv").glob("lib/python*/site-packages"))
    # A path that a .pth file names is searched, but its own .pth files (the editable checkout) are not read.
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    (folder / "empty").mkdir()
    return Installed(python, folder / "empty")


@slow
def test_wheel_is_what_runs(installed: Installed) -> None:
    """The package comes from the new environment, not from the checkout."""
    done = installed.run("python", "-c", "import asdocumented; print(asdocumented.__file__)")

    assert Path(done.stdout.strip()).is_relative_to(installed.python.parents[1]), done.stderr


@slow
def test_wheel_runs_on_emulator(installed: Installed) -> None:
    """`asdoc run` judges the emulator, ends with 0 and leaves its report."""
    done = installed.run("asdoc", "run", "--output", "out")

    assert 0 == done.code, done.stderr
    assert "SELF-TEST" in done.stdout
    assert (installed.empty / "out" / "report.jsonl").is_file()


@slow
def test_wheel_serves_emulator(installed: Installed) -> None:
    """`asdoc serve` says in one line of JSON that it is ready."""
    with started(str(installed.python.with_name("asdoc")), "serve", cwd=installed.empty) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        process.kill()
        process.communicate()

    assert ready["ready"]


@slow
def test_wheel_has_its_suites(installed: Installed) -> None:
    """The suites run by their name, without a checkout."""
    words = ("--pyargs", "asdocumented.suites", "-q", "-p", "no:cacheprovider")
    done = installed.run("python", "-m", "pytest", *words)

    assert 0 == done.code, (done.stdout + done.stderr)[-2000:]
    assert " passed" in done.stdout


@slow
def test_wheel_has_its_contracts(installed: Installed) -> None:
    """The contracts that come with the wheel are found, and have no mistake."""
    done = installed.run("asdoc", "contracts", "check")

    assert (0, "") == (done.code, done.stderr)
    assert "4 APIs" in done.stdout


@slow
def test_wheel_has_no_tests(installed: Installed) -> None:
    """The wheel carries no tests of the harness and no text of a page."""
    package = Path(installed.run("python", "-c", "import asdocumented; print(asdocumented.__path__[0])").stdout.strip())

    assert [] == [each for each in package.rglob("*") if each.suffix == ".txt" or "tests" in each.parts]
