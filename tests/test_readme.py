"""The README shows what the command prints."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support import asdoc

README = Path(__file__).parent.parent / "README.md"
_CHANGES = re.compile(
    r"exchanges in|of the corpus|reports/runs/|\[\.\.\.\]"
)  # times, paths, and what the sample leaves out


def _sample() -> list[str]:
    text = README.read_text(encoding="utf-8").partition("## What you get")[2].partition("Behind the summary")[0]
    return [line.removeprefix("    ") for line in text.splitlines() if line.strip() and not _CHANGES.search(line)]


def test_sample_is_what_run_prints(tmp_path: Path) -> None:
    """Every line of the sample, but for times and paths, is a line of a run on the emulator at 80 columns."""
    done = asdoc("run", cwd=tmp_path, env={"COLUMNS": "80"})
    printed = set(done.stdout.splitlines())

    assert [] == [line for line in _sample() if line not in printed]


def test_commands_are_those_of_ci() -> None:
    """CI runs the README's two commands: the same tox environments."""
    text = README.read_text(encoding="utf-8")
    script = (README.parent / ".ci" / "run").read_text(encoding="utf-8")

    assert ["tests", "conformance"] == re.findall(r"tox -e (\w+)", script)
    assert {"tests", "conformance"} == set(re.findall(r"tox -e (\w+)", text))
