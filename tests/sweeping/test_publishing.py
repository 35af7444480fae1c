"""The scores of a sweep beside the contracts."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from asdocumented.contracts.locating import bundled
from asdocumented.errors import UsageError
from asdocumented.measured import NAME, read
from asdocumented.sweeping.publishing import check_whole, write_scores
from asdocumented.witnesses import Rule
from tests.sweeping.support import GLOB, STOP, small_sweep


def test_scores_are_written_and_read(tmp_path: Path) -> None:
    """What is written of a sweep says of each requirement what was killed and by what; a second time nothing changes."""
    shutil.copytree(bundled("contracts") / STOP.partition("/")[0], tmp_path / STOP.partition("/")[0])
    (tmp_path / STOP / NAME).unlink(missing_ok=True)
    done = small_sweep()
    changed = write_scores(done, tmp_path)
    found = read(tmp_path / STOP / NAME)

    assert ([tmp_path / STOP / NAME], []) == (changed, write_scores(done, tmp_path))
    assert done.score.killed == sum(each.killed for each in found.scored.values())
    assert all(each.killed == sum(each.witnesses.values()) for each in found.scored.values())
    assert {each.trial.witness for each in done.mutants} == {
        one for each in found.scored.values() for one in each.witnesses
    }
    assert Rule.NONE not in {one.rule for each in found.scored.values() for one in each.witnesses}


def test_broken_sweep_gives_no_score(tmp_path: Path) -> None:
    """Nothing is written where something of ours broke."""
    assert [] == write_scores(replace(small_sweep(), broke={STOP: "the check broke"}), tmp_path)


def test_part_gives_no_score() -> None:
    """Some of an operation's mutants are no score of it."""
    with pytest.raises(UsageError, match="--write-scores needs every mutant"):
        check_whole(GLOB)
