"""The ids that a run makes up on a target that is not reset are its own: no other run writes or deletes under them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from asdocumented.contracts.model import Tier
from asdocumented.corpus.store import load_corpora
from asdocumented.plans import Plan
from asdocumented.report.records import header_record
from asdocumented.running import Options, make_plan
from asdocumented.targets.emulated import EmulatorTarget
from tests.support import asdoc, catalogue

_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)


class Kept(EmulatorTarget):
    """A target that is like the emulator, but that nobody resets."""

    is_emulator = False  # type: ignore[assignment]


def _plan(target: EmulatorTarget, options: Options | None = None) -> Plan:
    chosen = options or Options(allowed=Tier.DISRUPTIVE, corpora=load_corpora(catalogue()))
    return make_plan(catalogue(), target, chosen)[1]


def _shape(plan: Plan) -> list[object]:
    """Return what a plan sends, with each made-up id called by the number of its first use."""
    numbers: dict[str, int] = {}

    def plain(text: str) -> str:
        return _UUID.sub(lambda found: f"<{numbers.setdefault(found[0].lower(), len(numbers))}>", text)

    return [
        (scenario.id, step.call.operation.id, plain(step.call.target), step.call.identity)
        for scenario in plan.scenarios
        for step in scenario.steps
    ]


def test_runs_share_no_id() -> None:
    """Two runs with one seed send the same requests under ids of which none is the same."""
    one, other = _plan(Kept(catalogue())), _plan(Kept(catalogue()))

    assert one.absent
    assert frozenset() == one.absent & other.absent
    assert _shape(one) == _shape(other)


def test_every_made_up_id_is_random() -> None:
    """Each of them holds a whole random UUID, which is why the guard need not look what is there before a write."""
    assert [] == [each for each in _plan(Kept(catalogue())).absent if not _UUID.search(each)]


def test_salt_of_a_record_gives_the_same_plan() -> None:
    """The header of a run's record has what makes its plan again."""
    target = Kept(catalogue())
    options = Options(allowed=Tier.DISRUPTIVE)
    header = header_record(target, options, started="", run_id="")

    assert _plan(target, options) == _plan(target, replace(Options(allowed=Tier.DISRUPTIVE), salt=header["salt"]))


def test_emulator_gets_the_same_ids_in_each_run() -> None:
    """What is reset may get the same ids, so that two runs with one seed leave the same bytes."""
    target = EmulatorTarget(catalogue())

    assert _plan(target) == _plan(target)
    assert "salt" not in header_record(target, Options(), started="", run_id="")


def test_plan_says_that_ids_are_made_up_anew(tmp_path: Path) -> None:
    """Who reads a plan for a target that is not reset learns that the run will have other ids; on the emulator it has not."""
    words = ("--target", "https://127.0.0.1:9", "--token-env", "NONE", "--api", "azure-synapse-access-control")
    other = asdoc("plan", *words, cwd=tmp_path, env={"NONE": "token"})

    assert "New ids are made up anew in each run" in " ".join(other.stdout.split()), other
    assert "made up anew" not in asdoc("plan", cwd=tmp_path).stdout
    assert "salt" not in json.loads(asdoc("plan", "--format", "json", cwd=tmp_path).stdout)
