"""`asdoc --help` beside the start of Python, of httpx and of the peers' commands; each is a new process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.figures import Bound, Figure, Limit, Table
from benchmarks.measuring import interleave, median
from benchmarks.processes import execute, script
from benchmarks.rendering import number

NAME = "startup"
_TIMES = 3
_MORE = 4  # these are short, so that each round measures them more often
_HELP, _FLOOR = "asdoc --help", 'python -c "import httpx"'


def measure(rounds: int, scratch: Path) -> Figure:
    """Measure processes from start to end."""
    commands = {
        'python -c ""': [sys.executable, "-c", ""],
        _FLOOR: [sys.executable, "-c", "import httpx"],
        _HELP: [script("asdoc"), "--help"],
        "asdoc run --help": [script("asdoc"), "run", "--help"],
        "asdoc contracts list": [script("asdoc"), "contracts", "list"],
        "pytest --version": [script("pytest"), "--version"],
        "schemathesis --version": [script("schemathesis"), "--version"],
    }
    samples = interleave(rounds * _MORE, {name: _candidate(command, scratch) for name, command in commands.items()})
    seconds = {name: median(each, float) for name, each in samples.items()}
    rows = tuple((name, number(each * 1000), number(each / seconds[_FLOOR])) for name, each in seconds.items())
    bound = Bound(f"`{_HELP}` / `{_FLOOR}`", seconds[_HELP] / seconds[_FLOOR], _TIMES, Limit.UNDER)
    notes = ("A new process each time; files are in the system's cache and compiled, as on the second call of a day.",)
    return Figure("Start", (Table(("command", "ms", f"/ `{_FLOOR}`"), rows),), (bound,), notes)


def _candidate(command: Sequence[str], folder: Path) -> Callable[[], float]:
    return lambda: execute(command, folder=folder).seconds
