"""The emulator as it comes: conformant in every profile, and the same bytes for the same seed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from asdocumented.contracts.grounds import Level
from asdocumented.corpus.store import load_corpora
from asdocumented.requirement import PROFILES
from asdocumented.selection import Selection
from asdocumented.verdicts import Conformance, Verdict, conformance
from tests.support import asdoc, catalogue, clean_run, emulator_run, failing, report_of

each_seed = pytest.mark.parametrize("seed", range(5), ids="seed-{}".format)


@each_seed
@pytest.mark.parametrize("profile", PROFILES)
def test_every_api_is_conformant(seed: int, profile: str) -> None:
    """Each of the four APIs is conformant in each profile."""
    results = clean_run(seed).results.values()
    states = {
        name: conformance([each for each in results if each.requirement.api == name], profile)
        for name in catalogue().apis
    }

    assert dict.fromkeys(catalogue().apis, Conformance.CONFORMANT) == states


@each_seed
def test_no_must_stays_unjudged(seed: int) -> None:
    """No MUST is inconclusive, skipped or in error in any profile."""
    decided = {Verdict.PASS, Verdict.NOT_OBSERVED, Verdict.FAIL}
    undecided = {
        key: each.reason
        for key, each in clean_run(seed).results.items()
        if each.requirement.level is Level.MUST and set(each.profiles.values()) - decided
    }

    assert {} == undecided


@each_seed
@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_fails_in_profile(seed: int, profile: str) -> None:
    """Nothing fails, at whatever level."""
    assert set() == failing(clean_run(seed), profile)


def test_only_conditional_goes_unseen() -> None:
    """What is not observed is what only the target decides."""
    unseen = [each for each in clean_run().results.values() if Verdict.NOT_OBSERVED in each.profiles.values()]

    assert [] == [each.requirement.id for each in unseen if not each.requirement.conditional]


@each_seed
def test_same_seed_same_record(seed: int, tmp_path: Path) -> None:
    """Two runs with one seed leave the same lines after the header."""
    once = report_of(clean_run(seed), tmp_path / "once").read_text(encoding="utf-8")
    again = report_of(emulator_run(seed=seed), tmp_path / "again").read_text(encoding="utf-8")

    assert once.splitlines()[1:] == again.splitlines()[1:]


def test_process_leaves_same_record(tmp_path: Path) -> None:
    """A process with another order of hashes leaves the lines that the library leaves."""
    done = emulator_run(corpora=load_corpora(catalogue()))
    here = report_of(done, tmp_path / "here").read_text(encoding="utf-8")
    asdoc("run", "--quiet", "--output", "there", cwd=tmp_path, env={"PYTHONHASHSEED": "4711"})
    there = (tmp_path / "there" / "report.jsonl").read_text(encoding="utf-8")

    assert here.splitlines()[1:] == there.splitlines()[1:]


def test_another_seed_draws_differently() -> None:
    """Two seeds send different requests."""
    first, second = ([each.request.target for each in clean_run(seed).execution.trace.exchanges] for seed in (0, 1))

    assert first != second


_BEARING = sorted(key for key, result in clean_run().results.items() if result.bearing)


@pytest.mark.parametrize("identifier", _BEARING[::37])
def test_requirement_alone_is_judged_alike(identifier: str) -> None:
    """A requirement that is asked for alone gets the verdicts that it gets among all."""
    alone = emulator_run(selection=Selection(requirements=(identifier,)))

    assert clean_run().results[identifier].profiles == alone.results[identifier].profiles


def test_compressed_body_holds_no_secret() -> None:
    """A secret is a marker in the record even inside a body that was compressed."""
    done = clean_run()
    bodies = [
        gzip.decompress(each.request.body).decode()
        for each in done.execution.trace.exchanges
        if each.request.header("content-encoding") == "gzip"
    ]

    assert any("«secret:/credentials/password»" in body for body in bodies)
    assert [] == [secret for secret in done.plan.secrets for body in bodies if secret in body]
