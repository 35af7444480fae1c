"""Say how many of the known mutants of each requirement a run would have caught: the score of the plan as it ran.

What is known was measured on the bundled emulator (`measured`). It says that checks tell right from wrong, and nothing about
whether a contract is true of the real service.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from asdocumented.contracts.model import Catalogue
from asdocumented.judge import Judgement
from asdocumented.measured import Score, scores_of
from asdocumented.reads.classify import Read
from asdocumented.traces import Trace
from asdocumented.verdicts import Result, Verdict, unhindered
from asdocumented.witnesses import Shown, kinds_of_reads, shown, would_catch

__all__ = ["Caught", "catching", "caught", "mutation_of"]

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
        "asRun": {"killed": _caught(requirement, score, result, ran)},
    }
    return record | ({"stale": score.stale} if score.stale else {})


def _caught(requirement: str, score: Score, result: Result, ran: Shown) -> int:
    """Return how many of a requirement's mutants a run would have caught that showed this."""
    if set(result.profiles.values()) & set(_WITHOUT):
        return 0
    return sum(count for each, count in score.scored.witnesses.items() if would_catch(each, requirement, ran))


@dataclass(frozen=True, slots=True)
class Caught:
    """How many mutants there are of some requirements, how many a full run on the emulator catches, and this run at least."""

    as_run: int
    killed: int
    counted: int

    @property
    def record(self) -> Record:
        """Return it as JSON, in the form of a requirement's."""
        return {"killed": self.killed, "counted": self.counted, "asRun": {"killed": self.as_run}}

    def __str__(self) -> str:
        """Return `12 of 14`."""
        return f"{self.as_run:,} of {self.counted:,}"


def caught(requirements: Iterable[Record]) -> Caught:
    """Return the mutants of some requirements (records); those of which nothing was measured have none."""
    own = [each["mutation"] for each in requirements if "mutation" in each]
    return Caught(
        sum(each["asRun"]["killed"] for each in own),
        sum(each["killed"] for each in own),
        sum(each["counted"] for each in own),
    )


def mutation_of(records: Iterable[Record]) -> Record:
    """Return what a footer says of the mutants of what counts in the run's profile; nothing where nothing was measured."""
    own = [each for each in records if each["kind"] == "requirement" and each["counts"]]
    measured = [each for each in own if "mutation" in each]
    if not measured:
        return {}
    by_api: dict[str, list[Record]] = defaultdict(list)
    for each in measured:
        by_api[each["api"]].append(each)
    found: Record = {
        "all": caught(measured).record,
        "must": caught(each for each in measured if each["level"] == "MUST").record,
        "apis": {api: caught(each).record for api, each in sorted(by_api.items())},
        "requirements": len(measured),
        "without": len(own) - len(measured),
    }
    return {"mutation": found}
