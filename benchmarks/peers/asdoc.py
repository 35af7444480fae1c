"""Our own run on the same emulator, through the same socket, in two ways.

`Asdoc` arranges states through the emulator's control API, as a test system of one's own allows. `Outside` is told what one tells
of a server that is not ours: where it is, who may call, what exists, and that everything may be changed.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from asdocumented import __version__
from asdocumented.emulator.emulator import Emulator
from asdocumented.report.stream import read_report
from benchmarks.emulator import catalogue
from benchmarks.peers.calls import credential
from benchmarks.peers.tools import Ended, Setting, run, told
from benchmarks.processes import ROOT, UnmeasurableError, script

_STATED = (0, 1, 4)  # a verdict on the target; 3 and above are none, and 2 is a mistake of ours
_MISTAKE = 2
_TARGET = "served"


class Asdoc:
    """A run with everything allowed and every state arranged, in the profile of the case."""

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
        return _failing(ended, output, setting.profile)


class Outside:
    """`asdoc run --target` as on a server that nobody arranges anything on; once, since it waits for what takes its time."""

    name = "asdoc run --target"
    drawn = False
    prepared = True

    def version(self) -> str:
        """Return our version."""
        return __version__

    def look(self, setting: Setting) -> frozenset[str]:
        """Judge the API by a targets file; a requirement that fails is a failure."""
        api, output, file = setting.script.api, setting.folder / "run", setting.folder / "targets.toml"
        held = credentials(api)
        file.write_text("\n".join(targets(api, setting.base_url, held, setting.resources)), encoding="utf-8")
        ended = run(
            [
                *(script("asdoc"), "run", "--target", _TARGET, "--targets", str(file), "--api", api, "--quiet"),
                *("--allow", "disruptive", "--profile", setting.profile, "--seed", str(setting.seed)),
                *("--output", str(output)),
            ],
            setting.folder,
            # What a run could not undo is of no concern to the next: the emulator is reset in between.
            {
                **os.environ,
                "ASDOC_STATE": str(setting.folder),
                **{_variable(each): held[each].rpartition(":")[2] for each in held},
            },
        )
        return _failing(ended, output, setting.profile)


def _failing(ended: Ended, output: Path, profile: str) -> frozenset[str]:
    if ended.code == _MISTAKE:
        raise UnmeasurableError(f"asdoc: {ended.output[-500:]}")
    if ended.code not in _STATED:
        return told(ended, frozenset(), bad=True)
    requirements = read_report(output).of("requirement")
    failing = frozenset(each["id"] for each in requirements if each["profiles"][profile] == "fail")
    return told(ended, failing, bad=ended.code == 1)


@cache
def credentials(api: str) -> Mapping[str, str]:
    """Return what each identity shows: `user:password` where an operation takes it, else a token."""
    signer = Emulator(catalogue())
    known = catalogue().apis[api].identities.values()
    made = {each.name: signer.credential(api, each.name, security="token") for each in known if each.kind != "none"}
    held = {name: each[1].rpartition(" ")[2] for name, each in made.items() if each is not None}
    if any(each.security == "basic" for each in catalogue().apis[api].operations.values()):
        held["admin"] = b64decode(credential(api, "basic")[1].rpartition(" ")[2]).decode()
    return held


def targets(api: str, base_url: str, held: Mapping[str, str], resources: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the lines of the targets file: all that exists may be changed, and changed for good."""
    about = f"targets.{_TARGET}.apis.{api}"
    yield from (f"[targets.{_TARGET}]", 'allow = "disruptive"', "intrusive = true", "")
    yield from (f"[{about}]", f"base-url = {json.dumps(base_url)}", "deadline = 60", "", f"[{about}.credentials]")
    for name, value in held.items():
        user, _, password = value.partition(":")
        reference = f"{{ env = {json.dumps(_variable(name))} }}"
        yield f"{name} = " + (f"{{ user = {json.dumps(user)}, password = {reference} }}" if password else reference)
    yield from ("", f"[{about}.resources]")
    yield from (f"{pool} = {json.dumps(list(ids))}" for pool, ids in resources.items() if ids)
    for table in ("owned", "irreversible"):
        yield from ("", f"[{about}.{table}]")
        yield from (f'{pool} = ["*"]' for pool, ids in resources.items() if ids)


def _variable(identity: str) -> str:
    return f"BENCHMARK_{identity.upper().replace('-', '_')}"
