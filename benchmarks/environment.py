"""Say where and with what was measured: date, machine, versions. No name of a machine, no path."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata

_PACKAGES = (
    "asdocumented",
    "schemathesis",
    "hypothesis",
    "pytest",
    "allure-pytest",
    "httpx",
    "uvicorn",
    "jsonschema-rs",
    "jsonschema",
)
_TOOLS = {"wrk": ("wrk", "-v"), "node": ("node", "--version")}


def describe(rounds: int, load: float) -> dict[str, str]:
    """Return what is said of a measurement; `load` is the load average before it began."""
    return {
        "rounds": str(rounds),
        "load": f"{load:.1f} before, {os.getloadavg()[0]:.1f} after",
        **where(),
        "packages": ", ".join(_versions(_PACKAGES)),
        "tools": ", ".join(f"{name} {_tool(command)}" for name, command in _TOOLS.items()),
    }


def where() -> dict[str, str]:
    """Return when and on what is measured."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _versions(packages: Iterable[str]) -> Iterable[str]:
    for name in packages:
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            yield f"{name} absent"


def _tool(command: tuple[str, ...]) -> str:
    if shutil.which(command[0]) is None:
        return "absent"
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # `wrk -v` ends with 1
    version = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return version[0] if version else "of unknown version"
