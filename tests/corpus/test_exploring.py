"""Exploring finds what breaks on fresh cases alone, shrinks it and keeps it, and stays quiet about healthy targets."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import httpx
import pytest

from asdocumented.cli.exploring import explore, keeping_folder
from asdocumented.corpus.alarms import explained
from asdocumented.corpus.exploring import Exploration, Explorer, Found
from asdocumented.corpus.generating import Alarm
from asdocumented.corpus.store import Corpora, load_corpora
from asdocumented.reads.classify import classify
from asdocumented.running import Options, Run, run
from asdocumented.selection import Selection
from asdocumented.targets.emulated import EmulatorTarget
from tests.corpus.broken import BrokenTarget, two_filters
from tests.corpus.test_cases import LIST
from tests.support import asdoc, catalogue, clean_run, failing

ONE = Selection(operations=(LIST,))


def steps(count: int) -> Callable[[], bool]:
    """Return a budget that is spent when it was asked about so many times, whatever the clock says."""
    left = iter(range(count))
    return lambda: next(left, None) is not None


def explored(rule: Callable[[httpx.Request], bool], budget: int, selection: Selection = ONE) -> tuple[Run, Exploration]:
    """Return a run on a broken emulator, and what exploring it found."""
    done = run(catalogue(), BrokenTarget(rule), Options(selection=selection))
    return done, Explorer(done, steps(budget)).explore()


@cache
def found_two_filters() -> tuple[Run, Found]:
    """Return the run and the one finding on an emulator that refuses two filters at once."""
    done, exploration = explored(two_filters, 60)
    return done, exploration.found[0]


def test_broken_target_is_found() -> None:
    """A fault that the plan does not meet is found with a small budget, and named by a requirement."""
    done, found = found_two_filters()

    assert set[str]() == failing(done, "documented")
    assert found.requirement.id.startswith((f"{LIST}/request/query/", f"{LIST}/response/status"))
    assert found.requirement.id == found.case.requirement


def test_found_case_is_shrunk() -> None:
    """What is left of a found case is what it takes to fail: two filters and the version."""
    _, found = found_two_filters()

    assert {"api-version", "roleId", "scope"} == {name for _, name, _ in found.case.arguments}


def test_exploring_is_repeatable() -> None:
    """The same seed finds the same case."""
    _, first = found_two_filters()
    _, again = explored(two_filters, 60)

    assert (first.case, first.seed) == (again.found[0].case, again.found[0].seed)


def test_kept_case_fails_in_next_replay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A found case is kept as an example, and the next replay has it and fails by it."""
    done = run(catalogue(), BrokenTarget(two_filters), Options(selection=ONE))
    code = _explore_steps(done, tmp_path)
    printed = capsys.readouterr().out
    corpora = load_corpora(catalogue(), tmp_path)
    (case,) = corpora.of(LIST)[:1]
    again = run(catalogue(), BrokenTarget(two_filters), Options(selection=ONE, corpora=corpora))

    assert 1 == code
    assert [] == [each for each in ("; seed ", f"--case {case.id}", "curl -i", case.requirement) if each not in printed]
    assert failing(again, "documented")


def test_found_case_is_told_with_pseudonyms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With pseudonyms no id of the target's is printed, in a request, an answer, a curl line or the command that repeats it."""
    done = run(catalogue(), BrokenTarget(two_filters), Options(selection=ONE))
    _explore_steps(done, tmp_path / "plain")
    plain = capsys.readouterr().out
    _explore_steps(done, tmp_path / "pseudonyms", pseudonymise=True)
    printed = capsys.readouterr().out
    pools = done.execution.facts.existing["azure-synapse-access-control"]
    names = {each for pool in ("role", "principal", "scope") for each in pools[pool] if "-" in each}

    assert [each for each in names if each in plain]
    assert [] == [each for each in names if each in printed]
    assert [len(each) for each in plain.splitlines()][:3] == [len(each) for each in printed.splitlines()][:3]


def _explore_steps(done: Run, keep: Path, *, pseudonymise: bool = False) -> int:
    """Explore with a budget of looks at the clock instead of seconds."""
    ticks = iter(range(1000))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("asdocumented.cli.exploring.time.monotonic", lambda: float(next(ticks)))
        return explore(done, 60, keep, ("--corpus", str(keep)), pseudonymise=pseudonymise)


def test_healthy_emulator_stays_quiet() -> None:
    """Exploring a healthy emulator finds nothing, and every alarm of the other checks is explained."""
    done = run(catalogue(), EmulatorTarget(catalogue()), Options(profile="conventions"))
    exploration = Explorer(done, steps(50)).explore()

    assert [] == exploration.found
    assert set() == {key for key in exploration.alarms if not key[2]}
    assert 150 < exploration.cases


def test_cross_check_sends_nothing() -> None:
    """The checks of Schemathesis look at exchanges and send none: every request that arrives is one that we sent."""
    arrived: list[str] = []

    def counting(request: httpx.Request) -> bool:
        arrived.append(request.method)
        return False

    done = run(catalogue(), BrokenTarget(counting), Options(selection=ONE))
    before = len(arrived)
    exploration = Explorer(done, steps(6)).explore()

    assert 0 < exploration.exchanges == len(arrived) - before


def test_unexplained_alarm_is_told() -> None:
    """What Schemathesis's checks see of a real fault has no explanation."""
    _, exploration = explored(two_filters, 8)

    assert {("RejectedPositiveData", LIST, "")} <= set(exploration.alarms)


def test_documented_500_is_explained() -> None:
    """An error that the page names with the status 500 is no alarm, although another tool takes it for one."""
    done = clean_run()
    reads = classify(catalogue(), done.execution.trace)
    busy = next(each for each in reads if each.status == 500)

    assert "the contract names this error" == explained(Alarm("ServerError", "Server error"), busy)


def test_verdicts_stay_those_of_the_run() -> None:
    """Exploring changes nothing about the run that it follows."""
    done = run(catalogue(), BrokenTarget(two_filters), Options(selection=ONE))
    before = (done.exit_code, len(done.execution.events), failing(done))
    Explorer(done, steps(4)).explore()

    assert before == (done.exit_code, len(done.execution.events), failing(done))


def test_examples_go_beside_contracts(tmp_path: Path) -> None:
    """Examples are kept where the user says, else in the contracts of a checkout, else with the report."""
    wheel = Path("/nowhere/asdocumented/_bundled/contracts")

    assert tmp_path == keeping_folder((tmp_path,), None, Path("out"))
    assert tmp_path == keeping_folder((), tmp_path, Path("out"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("asdocumented.cli.exploring.bundled", lambda name: tmp_path)
        assert tmp_path == keeping_folder((), None, Path("out"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("asdocumented.cli.exploring.bundled", lambda name: wheel)
        assert Path("out/corpus") == keeping_folder((), None, Path("out"))


def test_case_shows_its_exchange(tmp_path: Path) -> None:
    """`--case` prints the request, the response, what they bear on and a curl line; it leaves no report."""
    case = load_corpora(catalogue()).of(LIST)[0]
    done = asdoc("run", "--case", case.id, cwd=tmp_path)

    assert 0 == done.code, done.stderr
    assert f"Case {case.id}: {case.kind}, {case.why}; seed 0" == done.stdout.splitlines()[0]
    assert {"  > GET /roleAssignments", "  < ", "  curl -i -X GET"} == {
        part for part in ("  > GET /roleAssignments", "  < ", "  curl -i -X GET") if part in done.stdout
    }
    assert f"{LIST}/response/received" in done.stdout
    assert [] == list(tmp_path.iterdir())


def test_case_is_the_same_exchange(tmp_path: Path) -> None:
    """A case that is replayed alone sends what it sends in a whole run, byte by byte but for made-up ids."""
    asdoc("run", "--output", "out", cwd=tmp_path)
    records = [json.loads(each) for each in (tmp_path / "out" / "report.jsonl").read_text("utf-8").splitlines()]
    targets = {each["request"]["target"] for each in records if each["kind"] == "exchange"}
    case = next(each for each in load_corpora(catalogue()).of(LIST) if "x-ms-continuation" not in str(each.arguments))
    shown = asdoc("run", "--case", case.id, cwd=tmp_path).stdout
    sent = next(line for line in shown.splitlines() if line.startswith("  > GET"))

    assert sent.removeprefix("  > GET ") in targets


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--case", "nothing-12345678"), "No case is named 'nothing-12345678'"),
        (("--mode", "explore", "--budget", "soon"), "'soon' is no budget"),
        (("--mode", "explore", "--budget", "0s"), "'0s' is no budget"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    """A misspelt id and a budget that is none end with one sentence and the code 2."""
    done = asdoc("run", *arguments, cwd=tmp_path)

    assert 2 == done.code
    assert message in done.stderr


def test_unsent_case_is_told(tmp_path: Path) -> None:
    """A case that the tier does not allow is named with the reason, and the code is 4."""
    from tests.corpus.test_cases import CREATE
    from tests.independent.server import running
    from tests.support import independent_target

    case = load_corpora(catalogue()).of(CREATE)[0]
    from asdocumented.cli.cases import replay_cases
    from asdocumented.contracts.model import Tier
    from asdocumented.secrets import Redactor

    with running() as server:
        options = Options(allowed=Tier.READ, corpora=load_corpora(catalogue()))
        code = replay_cases(catalogue(), independent_target(server), options, (case.id,), Redactor())

    assert 4 == code


def test_explore_command_ends_as_the_run(tmp_path: Path) -> None:
    """`--mode explore` runs first, explores after, and ends as the run does when nothing more is found."""
    done = asdoc("run", "--mode", "explore", "--budget", "0.1s", "--operation", LIST, "--corpus", "kept", cwd=tmp_path)

    assert 0 == done.code, done.stderr
    assert "exit code 0." in done.stdout
    assert "0 findings." in done.stdout
    assert not (tmp_path / "kept").exists()


def test_no_corpus_sends_none() -> None:
    """Without corpora no case is replayed."""
    done = run(catalogue(), EmulatorTarget(catalogue()), Options(corpora=Corpora(), selection=ONE))

    assert () == done.replayed
