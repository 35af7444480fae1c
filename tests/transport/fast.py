"""`asdoc` as a process of its own, with a clock that goes on when it is waited for, so that nobody sleeps."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from asdocumented.cli.main import main
from asdocumented.targets.remote import RemoteTarget
from tests.support import ROOT, Ended, ended

_waits: list[float] = []


async def _wait(self: RemoteTarget, seconds: float) -> None:
    _waits.append(seconds)
    await asyncio.sleep(0)


def fast(*args: str, cwd: Path, env: Mapping[str, str] | None = None) -> Ended:
    """Run `asdoc` to its end in a folder; what it waits for costs no time."""
    return ended(sys.executable, "-m", __name__, *args, cwd=cwd, env={**(env or {}), "PYTHONPATH": str(ROOT)})


if __name__ == "__main__":
    RemoteTarget.wait = _wait  # type: ignore[method-assign]
    RemoteTarget.now = lambda self: time.time() + sum(_waits)  # type: ignore[method-assign]
    main()
