"""What every tool is to the sweep: it has a version, it looks at a served emulator, and it names what it holds against it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from benchmarks.peers.calls import Recorded, Script
from benchmarks.processes import ROOT, UnmeasurableError

NODE_MODULES = ROOT / "benchmarks" / "peers" / "node_modules"
INSTALL = "; `npm install --prefix benchmarks/peers` installs it"
PATIENCE = 180  # seconds for one run of a tool
TIMED_OUT = f"did not end within {PATIENCE} s"


@dataclass(frozen=True, slots=True)
class Setting:
    """One emulator that a tool looks at: where it is, what the tool is told, and a folder of its own.

    `resources` are the ids that exist, by pool, as one who runs the server would list them.
    """

    base_url: str
    script: Script
    recorded: Recorded
    folder: Path
    seed: int
    profile: str
    resources: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Tool(Protocol):
    """A tool in one configuration."""

    name: str
    drawn: bool
    """Whether two runs differ: it is then run with several seeds, or, where it takes none, as many times."""

    prepared: bool
    """Whether it finds state and resources of the script; one that arranges its own finds the emulator as it starts."""

    def version(self) -> str:
        """Return its version; raises UnmeasurableError, with what installs it, where it is missing."""

    def look(self, setting: Setting) -> frozenset[str]:
        """Look at an emulator; return a text for each thing that it holds against it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended, or that was ended for taking too long."""

    code: int | None
    output: str

    @property
    def in_time(self) -> bool:
        """Tell whether it ended by itself."""
        return self.code is not None


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Ended:
    """Run a tool to its end, whatever it ends with."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        return Ended(None, str(error.stdout or ""))
    return Ended(done.returncode, done.stdout)


def node_tool(package: str, command: str) -> Path:
    """Return a command of an npm package that is installed beside this package."""
    found = NODE_MODULES / ".bin" / command
    if not found.exists():
        raise UnmeasurableError(f"the npm package {package} is not installed{INSTALL}")
    return found


def told(ended: Ended, failures: frozenset[str], *, bad: bool) -> frozenset[str]:
    """Return the failures; where a tool ended badly and named none, how it ended is the failure."""
    if not ended.in_time:
        return failures | {TIMED_OUT}
    if bad and not failures:
        return frozenset({f"ended with {ended.code}"})
    return failures
