"""The spine: a run needs no test framework, a record can be judged again, and the judge only judges."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, Never

import pytest

from asdocumented.contracts.model import Tier
from asdocumented.report.records import Record
from asdocumented.report.rejudging import rejudged
from asdocumented.report.stream import Recorded, read_report
from asdocumented.running import Options, Run, judge_trace, run
from asdocumented.selection import Selection
from tests.independent.server import running
from tests.support import asdoc, catalogue, clean_run, emulator_run, ended, independent_target, report_of, verdicts

FIVE_DEVIATIONS = ("created-201", "ignore-filter-roleId", "busy-never-reported", "flat-error-body", "password-echoed")
NO_TEXT = ("invalid-utf8", "html-error")


def independent_run(*deviations: str, allowed: Tier = Tier.DISRUPTIVE) -> Run:
    """Return the run on the independent server with these deviations."""
    with running(deviations=deviations) as server:
        return run(catalogue(), independent_target(server), Options(allowed=allowed))


RUNS: Mapping[str, Callable[[], Run]] = {
    "emulator": clean_run,
    "emulator-conventions": partial(emulator_run, profile="conventions"),
    "emulator-selected": partial(emulator_run, selection=Selection(requirements=("*/filter/*", "*/page/*"))),
    "emulator-strict-fields": partial(emulator_run, selection=Selection(strict_fields=True)),
    "independent-healthy": independent_run,
    "independent-five-deviations": partial(independent_run, *FIVE_DEVIATIONS),
    "independent-no-text": partial(independent_run, *NO_TEXT),
    "independent-reading": partial(independent_run, allowed=Tier.READ),
}
each_run = pytest.mark.parametrize("name", RUNS)


@cache
def run_named(name: str) -> Run:
    """Return a run, which is made once."""
    return RUNS[name]()


_LOADED = """
import sys
from asdocumented.cli.main import main
sys.argv = ["asdoc", "run", "--quiet", "--output", "out"]
try:
    main()
except SystemExit as end:
    assert not end.code
names = {name.partition(".")[0] for name in sys.modules}
print(sorted(names & {"pytest", "_pytest", "schemathesis", "hypothesis", "allure", "allure_pytest", "aiohttp"}))
"""


def test_run_imports_no_framework(tmp_path: Path) -> None:
    """A whole run on the emulator, with its report, imports neither a framework nor what only other runs need."""
    done = ended(sys.executable, "-c", _LOADED, cwd=tmp_path)

    assert (tmp_path / "out" / "report.jsonl").is_file()
    assert "[]" == done.stdout.splitlines()[-1], done.stderr


@each_run
def test_recorded_run_judges_alike(name: str, tmp_path: Path) -> None:
    """A run that was read back from disk gets the verdicts, reasons, blockers and findings that it had."""
    recorded = read_report(report_of(run_named(name), tmp_path))

    assert judged_records(recorded) == judged_records(rejudged(recorded))


@each_run
def test_rejudged_run_ends_alike(name: str, tmp_path: Path) -> None:
    """The footer of a run that is judged again says what it said."""
    recorded = read_report(report_of(run_named(name), tmp_path))

    assert recorded.of("footer") == rejudged(recorded).of("footer")


@each_run
def test_recorded_verdicts_are_given(name: str, tmp_path: Path) -> None:
    """What stands in the report is what the run gave."""
    done = run_named(name)
    recorded = read_report(report_of(done, tmp_path))

    assert verdicts(done.results) == {each["id"]: each["profiles"] for each in recorded.of("requirement")}


@pytest.mark.parametrize("name", ["emulator", "independent-five-deviations"])
def test_judge_command_agrees(name: str, tmp_path: Path) -> None:
    """`asdoc report judge` finds no other verdict."""
    path = report_of(run_named(name), tmp_path)
    done = asdoc("report", "judge", str(path), cwd=tmp_path)

    assert (0, "") == (done.code, done.stderr)
    assert "0 with another verdict" in done.stdout


def judged_records(recorded: Recorded) -> list[Record]:
    """Return what a judge wrote; the curl line is left out, which for a live target names no variable any more."""
    kinds = ("reading", "observation", "gap", "requirement")
    return [_without_curl(each) for kind in kinds for each in recorded.of(kind)]


def _without_curl(record: Record) -> Record:
    findings = [{key: value for key, value in each.items() if key != "curl"} for each in record.get("findings", [])]
    return {**record, "findings": findings}


def test_distressed_run_judges_alike(tmp_path: Path) -> None:
    """A run whose target went away is, judged again, still one that did not reach its end."""
    with running() as server:
        target = independent_target(server)
    recorded = read_report(report_of(run(catalogue(), target, Options(allowed=Tier.DISRUPTIVE)), tmp_path))

    assert 5 == recorded.of("footer")[0]["exitCode"]
    assert judged_records(recorded) == judged_records(rejudged(recorded))
    assert recorded.of("footer") == rejudged(recorded).of("footer")


_WATCHED = ("open", "socket.", "subprocess.", "os.", "shutil.", "tempfile.", "pathlib.")
_guarding: list[bool] = []
_seen: list[str] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _guarding and event.startswith(_WATCHED):
        _seen.append(f"{event} {arguments}"[:200])
        raise PermissionError(f"the judge may not {event}")


sys.addaudithook(_hook)  # a hook cannot be taken away; this one sleeps unless `purely` wakes it


@contextmanager
def purely() -> Iterator[list[str]]:
    """Raise on every file, socket, process, clock and dice while the block lasts; give what was tried."""

    def forbidden(*_: object, **__: object) -> Never:
        _seen.append("a clock or dice")
        raise PermissionError("the judge may not know the time, nor throw dice")

    _seen.clear()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("time", "time_ns", "monotonic", "perf_counter", "sleep", "gmtime", "localtime"):
            patch.setattr(time, name, forbidden)
        for name in ("random", "choice", "getrandbits", "randint"):
            patch.setattr(random, name, forbidden)
        _guarding.append(True)
        try:
            yield _seen
        finally:
            _guarding.clear()


def test_guard_sees_files() -> None:
    """The guard of these tests works: it stops who opens a file."""
    with purely() as tried, pytest.raises(PermissionError):
        Path(__file__).read_bytes()

    assert tried


@each_run
def test_judge_is_pure(name: str) -> None:
    """Judging opens no file and no socket, and looks at no clock."""
    done = run_named(name)
    with purely() as tried:
        _, results = judge_trace(catalogue(), done.requirements, done.execution.trace, done.execution.gaps)

    assert [] == tried
    assert verdicts(done.results) == verdicts(results)


def test_judge_changes_no_input() -> None:
    """Judging one trace twice gives the same marks."""
    done = clean_run()
    once, _ = judge_trace(catalogue(), done.requirements, done.execution.trace, done.execution.gaps)
    again, _ = judge_trace(catalogue(), done.requirements, done.execution.trace, done.execution.gaps)

    assert list(once.marks) == list(again.marks)
