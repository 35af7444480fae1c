"""Known deviations in whole runs: real commands against the independent server, whose deviations a targets file declares."""

from __future__ import annotations

import json
import shutil
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from asdocumented.contracts.locating import bundled
from asdocumented.known import FILE
from asdocumented.report.stream import Recorded, read_report
from tests.independent.server import running
from tests.report.test_schema import unfit
from tests.support import ROOT, Ended, asdoc, at_once, ended, targets_file, tokens_in

ACCESS = "azure-synapse-access-control"
STATUS = f"{ACCESS}/create-role-assignment/response/status"
COUNT = f"{ACCESS}/list-role-assignments/page/count"
BUSY = "vmware-vcenter-hvc/start-sync-provider/exclusive/sync-running/status"
LAST = "2026-06-15"
CREATED = {"requirement": STATUS, "observed": "201", "reason": "ticket 4711", "expires": LAST}
OPTIONS = ("--target", "independent", "--allow", "disruptive", "--no-corpus", "--api", ACCESS)


class Left(NamedTuple):
    """What a run left: how it ended, and its folder."""

    ended: Ended
    folder: Path

    @property
    def recorded(self) -> Recorded:
        """Return the report."""
        return read_report(self.folder / "out")

    def requirement(self, identifier: str) -> dict[str, Any]:
        """Return the record of a requirement."""
        return next(each for each in self.recorded.of("requirement") if each["id"] == identifier)


def declared(path: Path, deviations: Sequence[Mapping[str, str]]) -> None:
    """Add known deviations to the targets file of the independent server."""
    lines = []
    for each in deviations:
        lines.append("[[targets.independent.known-deviations]]")
        lines += [f"{key} = {value if key == 'expires' else json.dumps(value)}" for key, value in each.items()]
    path.write_text("\n".join([path.read_text(encoding="utf-8"), *lines, ""]), encoding="utf-8")


def known_run(
    folder: Path, *options: str, deviations: Sequence[str], known: Sequence[Mapping[str, str]] = (), day: str = LAST
) -> Left:
    """Judge the independent server with these deviations; the targets file says which are known, a variable what day it is."""
    with running(deviations=deviations) as server:
        declared(targets_file(server, folder / "targets.toml"), known)
        env = {**tokens_in(server), "ASDOC_TODAY": day}
        return Left(asdoc("run", "--output", "out", *OPTIONS, *options, cwd=folder, env=env), folder)


def pytest_run(folder: Path, *options: str, deviations: Sequence[str], known: Sequence[Mapping[str, str]]) -> Ended:
    """Run the suites over the behaviours and responses of creating, in a process of its own."""
    with running(deviations=deviations) as server:
        declared(targets_file(server, folder / "targets.toml"), known)
        env = {**tokens_in(server), "ASDOC_TODAY": LAST, "PYTHONDONTWRITEBYTECODE": "1"}
        words = ("-m", "pytest", "suites", "-p", "no:cacheprovider", "--tb=short", "-rfx", "-k", STATUS)
        target = ("--targets", str(folder / "targets.toml"), "--target", "independent", "--allow", "disruptive")
        return ended(sys.executable, *words, *target, *options, cwd=ROOT, env=env)


def shipped_run(folder: Path, host: str) -> Left:
    """Judge a server that creates with 201, by contracts that know this of a host."""
    contracts = folder / "contracts"
    shutil.copytree(bundled("contracts"), contracts)
    entry = {**CREATED, "reference": "issue 1"}
    document = {"services": [{"service": "Acme", "hosts": [host], "deviations": [entry]}]}
    (contracts / ACCESS / FILE).write_text(json.dumps(document), encoding="utf-8")
    return known_run(folder, "--contracts", str(contracts), "--accept-known", deviations=["created-201"])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Future[Any]]]:
    """Give runs by name; they go on side by side."""
    new = tmp_path_factory.mktemp
    created, accept = partial(known_run, deviations=["created-201"]), "--accept-known"
    elsewhere = {**CREATED, "requirement": BUSY, "observed": "400"}
    one = {**CREATED, "requirement": COUNT, "observed": "1"}
    every = [{**one, "observed": each} for each in ("1", "2", "3", "4")]
    suites = {"deviations": ["created-201"], "known": [CREATED]}
    jobs = {
        "unknown": partial(created, new("a"), accept),
        "known": partial(created, new("b"), "--allure", known=[CREATED]),
        "accepted": partial(created, new("c"), accept, "--allure", known=[CREATED]),
        "markdown": partial(created, new("d"), accept, "--format", "markdown", known=[CREATED]),
        "expired": partial(created, new("e"), accept, known=[CREATED], day="2026-06-16"),
        "gone": partial(known_run, new("f"), accept, deviations=[], known=[CREATED]),
        "gone, not accepted": partial(known_run, new("g"), deviations=[], known=[CREATED]),
        "elsewhere": partial(known_run, new("h"), accept, deviations=[], known=[elsewhere]),
        "another finding": partial(known_run, new("i"), accept, deviations=["count-wrong"], known=[one]),
        "every finding": partial(known_run, new("j"), accept, deviations=["count-wrong"], known=every),
        "another requirement": partial(
            known_run, new("k"), accept, deviations=["created-201", "count-wrong"], known=[CREATED]
        ),
        "no day": partial(created, new("l"), known=[CREATED], day="soon"),
        **{
            f"silly {key}": partial(created, new("m"), accept, known=[{**CREATED, key: value}])
            for key, value in {"requirement": "*", "observed": "*", "reading": "B19/flatt"}.items()
        },
        "suites": partial(pytest_run, new("n"), **suites),
        "suites, accepted": partial(pytest_run, new("o"), accept, **suites),
        "suites, gone": partial(pytest_run, new("p"), accept, deviations=[], known=[CREATED]),
        "shipped": partial(shipped_run, new("q"), "127.0.0.1"),
        "shipped of others": partial(shipped_run, new("r"), "*.acme.example"),
    }
    with at_once(jobs) as futures:
        yield futures


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("unknown", 1),
        ("known", 1),
        ("accepted", 0),
        ("markdown", 0),
        ("expired", 1),
        ("gone", 1),
        ("gone, not accepted", 1),
        ("elsewhere", 0),
        ("another finding", 1),
        ("every finding", 0),
        ("another requirement", 1),
        ("shipped", 0),
        ("shipped of others", 1),
    ],
)
def test_exit_code(runs: Mapping[str, Future[Left]], name: str, code: int) -> None:
    """The exit code accepts what is known and nothing else, and asks for what has to go."""
    done = runs[name].result()

    assert code == done.ended.code, done.ended.stdout + done.ended.stderr
    assert code == done.recorded.of("footer")[0]["exitCode"]


@pytest.mark.parametrize("name", ["known", "accepted", "markdown", "expired"])
def test_claim_stays_honest(runs: Mapping[str, Future[Left]], name: str) -> None:
    """Whatever is accepted, the requirement fails, and its API is nonconformant."""
    done = runs[name].result()

    assert "fail" == done.requirement(STATUS)["verdict"]
    assert "nonconformant" == done.recorded.of("footer")[0]["conformance"][ACCESS]["documented"]


def test_record_says_what_is_known(runs: Mapping[str, Future[Left]]) -> None:
    """The record of the requirement has reason and day, and that of the deviation what the run says of it."""
    done = runs["accepted"].result()

    assert {"reason": "ticket 4711", "expires": LAST, "accepted": True} == done.requirement(STATUS)["known"]
    assert [("observed", False, [STATUS])] == [
        (each["state"], each["remove"], each["requirements"]) for each in done.recorded.of("known-deviation")
    ]
    assert "known" not in runs["expired"].result().requirement(STATUS)
    assert not runs["known"].result().requirement(STATUS)["known"]["accepted"]


@pytest.mark.parametrize("name", ["accepted", "gone", "expired", "elsewhere", "shipped"])
def test_records_fit_the_schema(runs: Mapping[str, Future[Left]], name: str) -> None:
    """The published schema describes what is written of known deviations."""
    assert [] == unfit(runs[name].result().recorded.records)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("gone", "no longer observed: remove it from the targets file"),
        ("gone, not accepted", "no longer observed: remove it from the targets file"),
        ("expired", f"expired on {LAST}: remove it from the targets file, or renew it with a later day"),
        ("elsewhere", "not judged in this run, or not in full, so it changes nothing"),
        ("another finding", f"observed, but another finding of {COUNT} is not known, so that the failure is not"),
        ("accepted", f"observed, and known until {LAST}"),
    ],
)
def test_summary_says_what_to_do(runs: Mapping[str, Future[Left]], name: str, sentence: str) -> None:
    """The summary has a section on known deviations, with a sentence for each."""
    shown = " ".join(runs[name].result().ended.stdout.split())

    assert "Known deviations" in shown
    assert sentence in shown


def test_unknown_finding_leads(runs: Mapping[str, Future[Left]]) -> None:
    """Where a failure is known in part, the finding to look at is one that is not known."""
    findings = runs["another finding"].result().requirement(COUNT)["findings"]

    assert "1" != findings[0]["got"]


@pytest.mark.parametrize("name", ["known", "accepted"])
def test_renderings_mark_it(runs: Mapping[str, Future[Left]], name: str) -> None:
    """JUnit keeps the failure and says that it is known; Allure has a flag for it."""
    folder = runs[name].result().folder / "out"
    cases = ET.parse(folder / "junit.xml").iter("testcase")  # noqa: S314 - we wrote it
    failures = [each.get("message", "") for case in cases for each in case.iter("failure")]
    results = [json.loads(each.read_text("utf-8")) for each in (folder / "allure-results").glob("*-result.json")]
    failed = [each for each in results if each["status"] == "failed"]

    assert [f"known deviation until {LAST}: ticket 4711; expected 200, got 201 at status"] == failures
    assert [(STATUS, True)] == [(each["fullName"], each["statusDetails"]["known"]) for each in failed]


def test_markdown_marks_it(runs: Mapping[str, Future[Left]]) -> None:
    """The Markdown summary says of the failure that it is known, and lists what is."""
    shown = runs["markdown"].result().ended.stdout

    assert f"**known deviation until {LAST}: ticket 4711**" in shown
    assert "## Known deviations" in shown


@pytest.mark.parametrize("width", ["80", "160"])
def test_terminal_marks_it(runs: Mapping[str, Future[Left]], width: str) -> None:
    """At every width the summary says of the failure that it is known, and how the exit code came about."""
    done = runs["accepted"].result()
    shown = asdoc("report", "summary", "out", "--width", width, cwd=done.folder).stdout

    assert f"known deviation until {LAST}: ticket 4711" in " ".join(shown.split())
    assert "NONCONFORMANT in documented: 1 MUST failed (all known)" in shown
    assert "Run exit code 0 (--accept-known)." in shown


@pytest.mark.parametrize("name", ["known", "accepted", "expired", "gone", "another finding", "shipped"])
def test_judged_again_it_is_the_same(runs: Mapping[str, Future[Left]], name: str) -> None:
    """A recorded run judged again gives the same by the day of the run, whatever day it is."""
    done = runs[name].result()
    before = done.recorded

    again = asdoc("report", "judge", "out", cwd=done.folder, env={"ASDOC_TODAY": "2030-01-01"})

    assert (0, True) == (again.code, " 0 with another verdict" in again.stdout), again.stdout
    assert before.header["known"]["today"] in (LAST, "2026-06-16")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("silly requirement", "would excuse every requirement"),
        ("silly observed", "would excuse every finding"),
        ("silly reading", "unknown reading 'B19/flatt'. Did you mean 'B19/flat'?"),
        ("no day", "ASDOC_TODAY is 'soon', which is no day"),
    ],
)
def test_mistakes_are_told(runs: Mapping[str, Future[Left]], name: str, said: str) -> None:
    """What would excuse everything is a mistake in the file, and nothing is sent."""
    done = runs[name].result()

    assert 2 == done.ended.code
    assert said in done.ended.stderr
    assert "Traceback" not in done.ended.stderr
    assert not (done.folder / "out").exists()


def test_suites_fail_on_what_is_known(runs: Mapping[str, Future[Ended]]) -> None:
    """Without the flag a known deviation is a failed item, which says that it is known."""
    done = runs["suites"].result()

    assert 1 == done.code
    assert f"known deviation until {LAST}: ticket 4711" in done.stdout


def test_suites_expect_what_is_accepted(runs: Mapping[str, Future[Ended]]) -> None:
    """With the flag it is an expected failure, with its reason."""
    done = runs["suites, accepted"].result()

    assert 0 == done.code, done.stdout
    assert "1 xfailed" in done.stdout
    assert f"known deviation until {LAST}: ticket 4711" in done.stdout


def test_suites_ask_for_removal(runs: Mapping[str, Future[Ended]]) -> None:
    """A session in which a known deviation is no longer observed ends with a failure, though every item passes."""
    done = runs["suites, gone"].result()

    assert 1 == done.code, done.stdout
    assert "1 passed" in done.stdout
    assert f"the known deviation '{STATUS}' is no longer observed: remove it from the targets file." in done.stdout


def test_explain_mentions_it() -> None:
    """What is known of public services stands with the requirement, for readers and as data."""
    requirement = f"{ACCESS}/list-role-assignments/response/other/schema/ErrorContract/error/presence"
    pretty = asdoc("explain", requirement, cwd=ROOT)
    (found,) = json.loads(asdoc("explain", requirement, "--format", "json", cwd=ROOT).stdout)

    assert "a deviation of *.dev.azuresynapse.net until" in pretty.stdout
    assert ["B19/flat"] == [each["reading"] for each in found["known"]]


def test_contracts_check_reads_them(tmp_path: Path) -> None:
    """`asdoc contracts check` tells of mistakes in what ships."""
    contracts = tmp_path / "contracts"
    shutil.copytree(bundled("contracts"), contracts)
    file = contracts / ACCESS / FILE
    file.write_text(file.read_text("utf-8").replace("observed: nothing", "observed: '*'"), encoding="utf-8")

    done = asdoc("contracts", "check", str(contracts), cwd=tmp_path)

    assert 2 == done.code
    assert 2 == done.stderr.count("would excuse every finding")
