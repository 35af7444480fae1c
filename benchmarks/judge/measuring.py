"""Run mutmut over a sample, and say of each mutant what became of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

from benchmarks.processes import ROOT, UnmeasurableError, execute, script

SURVIVED = "survived"
_UNTRIED = "not checked"
_FOLDER = ROOT / "mutants"


@dataclass(frozen=True, slots=True)
class Tried:
    """One mutant: its name, the module that it is in, what became of it, and the lines that it changes if it lives."""

    name: str
    module: str
    outcome: str
    change: tuple[str, ...] = ()

    @property
    def is_killed(self) -> bool:
        """Tell whether some test noticed; one that never ends is noticed too."""
        return self.outcome in ("killed", "timeout", "segfault")


def described() -> dict[str, str]:
    """Return with what is measured: date, commit and tool."""
    commit = execute([script("git"), "rev-parse", "--short", "HEAD"]).stdout.strip()
    return {"date": f"{datetime.now(UTC):%Y-%m-%d}", "commit": commit, "tool": f"mutmut {metadata.version('mutmut')}"}


def run(names: Sequence[str], jobs: int) -> None:
    """Try mutants, each in a process of its own that runs the tests that reach the mutated function."""
    command = [script("mutmut"), "run", "--max-children", str(jobs), *names]
    if subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode:
        raise UnmeasurableError("mutmut broke, as it says above")


def outcomes(drawn: Mapping[Path, Iterable[str]]) -> list[Tried]:
    """Return what the last run says of the mutants of a sample, in order."""
    return [each for module, names in drawn.items() for each in _of_module(module, names)]


def _of_module(module: Path, names: Iterable[str]) -> Iterable[Tried]:
    kept = _FOLDER / f"{module}.meta"
    codes = json.loads(kept.read_text("utf-8"))["exit_code_by_key"] if kept.exists() else {}
    for name in names:
        outcome = status_by_exit_code[codes.get(name)]
        killed = outcome in ("killed", _UNTRIED)
        yield Tried(name, module.as_posix(), outcome, () if killed else _change(name, module))


def _change(name: str, module: Path) -> tuple[str, ...]:
    lines = get_diff_for_mutant(name, path=module).splitlines()[3:]
    return tuple(f"{line[0]} {line[1:].strip()}" for line in lines if line[:1] in {"-", "+"})
