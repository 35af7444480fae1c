"""The sweep: judge every chosen emulator, and put together what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from asdocumented.contracts.model import Catalogue
from asdocumented.sweeping import outcomes
from asdocumented.sweeping.completeness import Completeness, completeness
from asdocumented.sweeping.outcomes import Left, OfMutant, OfVariant, Outcome, disagreement
from asdocumented.sweeping.pool import attempt_all
from asdocumented.sweeping.scores import Score, score
from asdocumented.sweeping.subjects import (
    Chosen,
    Claim,
    Subject,
    choose,
    claims,
    of_mutant,
    of_variant,
    sample,
    unfit,
)
from asdocumented.sweeping.trying import Bench, Trial, failing
from asdocumented.verdicts import Result, Verdict


@dataclass(frozen=True, slots=True)
class Plea:
    """What a sweep is asked for: names of APIs and operations, a glob on the ids of mutants, what is drawn from, processes."""

    apis: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    mutant: str = ""
    seed: int = 0
    jobs: int = 1


@dataclass(frozen=True, slots=True)
class Checked:
    """One emulator that was judged over all operations too, and in what that differs, if it does."""

    id: str
    disagreement: str


@dataclass(slots=True)
class Sweep:
    """A sweep and everything that came of it."""

    catalogue: Catalogue
    plea: Plea
    chosen: Chosen
    clean: Mapping[str, Result]  # of the chosen operations on the emulator as it comes
    mutants: tuple[OfMutant, ...]
    variants: tuple[OfVariant, ...]
    sample: tuple[Checked, ...]
    unfit: tuple[Claim, ...]
    completeness: Completeness | None  # None where not all mutants were asked for
    seconds: float
    alarms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # what fails on the clean emulator
    broke: Mapping[str, str] = field(default_factory=dict)  # what breaks there

    @property
    def score(self) -> Score:
        """Return the score of all mutants."""
        return score(self.mutants)

    @property
    def exit_code(self) -> int:
        """Return how `asdoc mutate` ends: 3 where something of ours broke, 1 for what is to be mended, else 0."""
        broken = [each for each in self.mutants if each.outcome is Outcome.ERROR]
        broken_variants = [each for each in self.variants if each.outcome is Left.ERROR]
        if broken or broken_variants or self.broke or any(each.disagreement for each in self.sample):
            return 3
        survivors = self.score.killed < self.score.counted
        alarms = self.alarms or any(each.outcome is Left.FALSE_ALARM for each in self.variants)
        stale = self.unfit or any(each.stale for each in self.mutants)
        missing = self.completeness is not None and self.completeness.missing
        return 1 if survivors or alarms or stale or missing else 0


def sweep(
    catalogue: Catalogue,
    plea: Plea,
    *,
    folder: Path | None = None,
    begun: Callable[[int], None] = lambda total: None,
    advanced: Callable[[str], None] = lambda name: None,
) -> Sweep:
    """Judge the mutants and variants that are asked for.

    `folder` is where the catalogue was loaded from, None for the contracts that come with asdoc; `begun` is told how many runs
    there are, `advanced` the id of each that is over. Raises UsageError where nothing fits what is asked for.
    """
    start = time.perf_counter()
    chosen = choose(catalogue, plea.apis, plea.operations, plea.mutant)
    bench = Bench(catalogue, plea.seed)
    clean = bench.clean(tuple(sorted(chosen.operations))).results
    said = claims(catalogue, chosen.operations)
    own = [of_mutant(each) for each in chosen.mutants] + [of_variant(each) for each in chosen.variants]
    full = sample(catalogue, chosen, plea.seed)
    subjects = [*own, *full]
    begun(len(subjects))
    trials: dict[int, Trial] = {}
    for place, trial in attempt_all(catalogue, folder, plea.seed, subjects, plea.jobs):
        trials[place] = trial
        advanced(subjects[place].id)
    ordered = [trials[place] for place in range(len(subjects))]
    mutants = tuple(outcomes.of_mutant(each, trial, said) for each, trial in zip(chosen.mutants, ordered, strict=False))
    of_variants = ordered[len(mutants) : len(own)]
    variants = tuple(outcomes.of_variant(each, trial) for each, trial in zip(chosen.variants, of_variants, strict=True))
    return Sweep(
        catalogue,
        plea,
        chosen,
        clean,
        mutants,
        variants,
        _checked(own, full, ordered),
        tuple(unfit(catalogue, said)),
        _completeness(chosen, clean, ordered),
        time.perf_counter() - start,
        failing(clean),
        {key: each.reason for key, each in clean.items() if Verdict.ERROR in each.profiles.values()},
    )


def _checked(own: list[Subject], full: list[Subject], trials: list[Trial]) -> tuple[Checked, ...]:
    by_id = {each.id: (each, trial) for each, trial in zip(own, trials, strict=False)}
    return tuple(
        Checked(each.id, disagreement(*by_id[each.id], trial))
        for each, trial in zip(full, trials[len(own) :], strict=True)
    )


def _completeness(chosen: Chosen, clean: Mapping[str, Result], trials: list[Trial]) -> Completeness | None:
    if not chosen.everything:
        return None
    judged = {key for trial in trials for key in trial.judged}
    return completeness(clean, {each.breaks for each in chosen.mutants}, judged)
