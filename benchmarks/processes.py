"""Start processes for benchmarks: commands that are timed to their end, and servers that are stopped after use."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_PATIENCE = 600  # seconds for one command
_START = 30  # seconds for a server to listen


class UnmeasurableError(Exception):
    """A figure cannot be measured here; the text says why, and what to install."""


@dataclass(frozen=True, slots=True)
class Done:
    """A process that has ended."""

    seconds: float
    stdout: str


def script(name: str, *, remedy: str = "") -> str:
    """Return the path of a command that is installed beside this interpreter, or else on the path."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise UnmeasurableError(f"`{name}` is not installed{remedy}")
    return found


def execute(
    command: Sequence[str],
    *,
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    codes: Container[int] = (0,),
) -> Done:
    """Run a command to its end and time it; raises UnmeasurableError when it ends otherwise than with one of `codes`."""
    begun = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    seconds = time.perf_counter() - begun
    if done.returncode not in codes:
        last = (done.stderr.strip() or done.stdout.strip())[-500:]
        raise UnmeasurableError(f"`{Path(command[0]).name}` ended with {done.returncode}: {last}")
    return Done(seconds, done.stdout)


@contextmanager
def serving(
    command: Sequence[str], port: int, *, folder: Path = ROOT, environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Run a server that listens at a port of loopback until the block ends; give its base URL once it takes connections."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(process, port, Path(command[0]).name)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """Return a port of loopback that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int, name: str) -> None:
    end = time.monotonic() + _START
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise UnmeasurableError(f"`{name}` does not listen at port {port} within {_START} s")
