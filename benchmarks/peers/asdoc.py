"""Our own run on the same emulator, through the same socket.

It arranges states through the emulator's control API, which the other tools do not know of: they get theirs before they start.
"""

from __future__ import annotations

import os

from asdocumented import __version__
from asdocumented.report.stream import read_report
from benchmarks.emulator import catalogue
from benchmarks.peers.tools import Setting, run, told
from benchmarks.processes import ROOT, script

_STATED = range(5)  # a verdict on the target is a result; 5 and above are not


class Asdoc:
    """`asdoc run` with everything allowed, in the profile of the case."""

    name = "asdoc run"
    drawn = True
    prepared = False

    def version(self) -> str:
        """Return our version."""
        return __version__

    def look(self, setting: Setting) -> frozenset[str]:
        """Judge the operations of the API; a requirement that fails is a failure."""
        output = setting.folder / "run"
        operations = [each.id for each in catalogue().operations if each.api == setting.script.api]
        ended = run(
            [script("python"), "-m", "benchmarks.loopback", setting.base_url, str(output), *operations],
            ROOT,
            {**os.environ, "ASDOC_SEED": str(setting.seed), "ASDOC_PROFILE": setting.profile},
        )
        if ended.code not in _STATED:
            return told(ended, frozenset(), bad=True)
        failing = {
            each["id"] for each in read_report(output).of("requirement") if each["profiles"][setting.profile] == "fail"
        }
        return told(ended, frozenset(failing), bad=ended.code == 1)
