"""Build the HTML report of Allure 3 from a record, with the npm package `allure` where Node has it.

Nothing is downloaded unless the user asks for it: an installed command is looked for, and its absence is told.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from asdocumented.errors import UsageError
from asdocumented.report import digest
from asdocumented.report.allure import write_allure
from asdocumented.report.outcome import outcome
from asdocumented.report.stream import Recorded

__all__ = ["build_allure", "find_allure"]

_MAJOR = "3."
_PACKAGE = "allure@3"
_GROUPS = "epic,feature,family"
"""What the tree of results is grouped by: API, operation, family."""


def build_allure(recorded: Recorded, folder: Path, *, install: bool = False) -> Path:
    """Build the report in a folder and return its page, which is one file that can be sent on.

    `install` lets npx fetch the package. Raises UsageError where Node or the package is missing, and when Allure fails.
    """
    command = find_allure(install=install)
    folder = folder.absolute()
    with tempfile.TemporaryDirectory(prefix="asdoc-allure-") as scratch:
        results = Path(scratch) / "allure-results"
        write_allure(recorded, results)
        name = f"{digest.title(recorded)}: {outcome(recorded).state}"
        built = Path(scratch) / "report"
        options = ["--output", str(built), "--report-name", name, "--single-file", "--group-by", _GROUPS]
        _call([*command, "awesome", str(results), *options], Path(scratch))
        if not (built / "index.html").is_file():
            raise UsageError("allure-failed", "Allure wrote no page.", remedy="See that its version is 3.")
        folder.mkdir(parents=True, exist_ok=True)
        page = folder / "index.html"
        shutil.move(built / "index.html", page)
    return page


def find_allure(*, install: bool = False) -> list[str]:
    """Return the words that start Allure 3: an installed command, or npx when it may fetch one.

    Raises UsageError that says what to install.
    """
    if shutil.which("node") is None:
        raise UsageError(
            "node-missing",
            "The HTML report of Allure needs Node, and there is no command 'node'.",
            remedy="Install Node 20 or later (https://nodejs.org) and the npm package 'allure' (npm install -g allure).",
        )
    for each in _candidates():
        if _version(each).startswith(_MAJOR):
            return [each]
    npx = shutil.which("npx")
    if install and npx is not None:
        return [npx, "--yes", _PACKAGE]
    raise UsageError(
        "allure-missing",
        "The npm package 'allure', version 3, is not installed.",
        remedy="Install it (npm install -g allure), or give --install to let npx fetch it.",
    )


def _candidates() -> list[str]:
    """Return the commands called allure: of this folder's node_modules or those above it, then on the PATH."""
    here = Path.cwd()
    local = [str(folder / "node_modules" / ".bin") for folder in (here, *here.parents)]
    found = [shutil.which("allure", path=each) for each in (*local, os.environ.get("PATH", os.defpath))]
    return [each for each in found if each]


def _version(command: str) -> str:
    """Return what a command says of its version; Allure 2, which is of another make, is called the same."""
    try:
        done = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - found by name above
    except OSError:
        return ""
    return done.stdout.strip()


def _call(words: list[str], folder: Path) -> None:
    """Run Allure in a folder of its own, so that no configuration of the user's folder changes the report."""
    done = subprocess.run(  # noqa: S603 - found by name above, and given our own files
        words, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"}
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise UsageError(
            "allure-failed",
            f"Allure ended with {done.returncode}: {said[-1]}.",
            remedy=f"Try `{words[0]} --version`; it must be {_MAJOR}x.",
        )
