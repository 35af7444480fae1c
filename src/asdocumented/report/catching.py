"""Say how many of the known mutants of each requirement a run would have caught: the score of the plan as it ran.

What is known was measured on the bundled emulator (`measured`). It says that checks tell right from wrong, and nothing about
whether a contract is true of the real service.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from asdocumented.contracts.model import Catalogue
from asdocumented.judge import Judgement
from asdocumented.measured import Score, scores_of
from asdocumented.reads.classify import Read
from asdocumented.traces import Trace
from asdocumented.verdicts import Result, Verdict, unhindered
from asdocumented.witnesses import Shown, kinds_of_reads, shown, would_catch

__all__ = ["catching", "caught"]

Record = dict[str, Any]
_WITHOUT = (Verdict.SKIPPED, Verdict.ERROR)


def catching(
    catalogue: Catalogue, results: Mapping[str, Result], judgement: Judgement, trace: Trace, reads: Iterable[Read]
) -> dict[str, Record]:
    """Return what is known of the mutants of each requirement of a run, by its id; nothing where nothing was measured.

    Raises UsageError for a score beside a contract that cannot be read.
    """
    scores = scores_of(catalogue)
    if not scores:
        return {}
    ran = shown(judgement.marks, kinds_of_reads(reads, trace), unhindered(results))
    return {key: _record(key, scores[key], each, ran) for key, each in results.items() if key in scores}


def _record(requirement: str, score: Score, result: Result, ran: Shown) -> Record:
    record: Record = {
        "killed": score.scored.killed,
        "counted": score.scored.counted,
        "asRun": {"killed": caught(requirement, score, result, ran)},
    }
    return record | ({"stale": score.stale} if score.stale else {})


def caught(requirement: str, score: Score, result: Result, ran: Shown) -> int:
    """Return how many of a requirement's mutants a run would have caught that showed this."""
    if set(result.profiles.values()) & set(_WITHOUT):
        return 0
    return sum(count for each, count in score.scored.witnesses.items() if would_catch(each, requirement, ran))
