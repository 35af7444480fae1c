"""Write the scores of a sweep beside the contracts, where every report finds them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from asdocumented.contracts.locating import bundled
from asdocumented.errors import UsageError
from asdocumented.measured import NAME, Measured, Scored, api_digest, ids_digest, text
from asdocumented.sweeping.outcomes import OfMutant, Outcome
from asdocumented.sweeping.subjects import operation_of
from asdocumented.sweeping.sweep import Sweep


def check_whole(mutant: str) -> None:
    """Raise UsageError where a sweep is asked for a part of an operation's mutants, which gives no score of it."""
    if mutant:
        raise UsageError(
            "score-of-a-part",
            "--write-scores needs every mutant of an operation, and --mutant leaves some out.",
            remedy="Leave --mutant away, and choose with --api and --operation.",
        )


def write_scores(sweep: Sweep, folder: Path | None = None) -> list[Path]:
    """Write the score of each operation of a sweep into a folder of contracts; return the files whose text changed.

    Nothing is written of an operation where something of ours broke, nor of any where the selection of runs was wrong.
    """
    if sweep.broke or any(each.disagreement for each in sweep.sample):
        return []
    place, changed = folder or bundled("contracts"), []
    by_operation: dict[str, list[OfMutant]] = defaultdict(list)
    for each in sweep.mutants:
        by_operation[operation_of(each.mutant.breaks)].append(each)
    for operation, own in by_operation.items():
        if any(each.outcome is Outcome.ERROR for each in own):
            continue
        file = place / operation / NAME
        said = text(_measured(own, api_digest(file.parent.parent), sweep.plea.seed))
        if not file.is_file() or file.read_text(encoding="utf-8") != said:
            file.write_text(said, encoding="utf-8")
            changed.append(file)
    return changed


def _measured(own: Iterable[OfMutant], contracts: str, seed: int) -> Measured:
    own = list(own)
    grouped: dict[str, list[OfMutant]] = defaultdict(list)
    for each in own:
        grouped[each.mutant.breaks].append(each)
    scored = {key: _scored(grouped[key]) for key in sorted(grouped)}
    return Measured(contracts, ids_digest(each.mutant.id for each in own), seed, scored)


def _scored(own: list[OfMutant]) -> Scored:
    killed = [each for each in own if each.outcome is Outcome.KILLED]
    equivalent = sum(1 for each in own if each.outcome is Outcome.EQUIVALENT)
    return Scored(len(killed), len(own) - equivalent, equivalent, dict(Counter(each.trial.witness for each in killed)))
