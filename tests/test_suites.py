"""`pytest suites`: the same verdicts as `asdoc run`, in the words of pytest, JUnit and Allure."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from asdocumented.contracts.model import Tier
from asdocumented.report.stream import Recorded, read_report
from asdocumented.running import Options, run
from asdocumented.verdicts import Verdict
from tests.independent.server import running
from tests.support import (
    ROOT,
    WIDEST,
    Ended,
    at_once,
    catalogue,
    clean_run,
    ended,
    independent_target,
    slow,
    targets_file,
    tokens_in,
    verdicts,
)

ACCESS = "azure-synapse-access-control"
CREATE = f"{ACCESS}/create-role-assignment"
LIST = f"{ACCESS}/list-role-assignments"
NEVER_SEEN = f"{CREATE}/response/other/schema/ErrorAdditionalInfo/info/type"


def suites(*args: str, env: dict[str, str] | None = None) -> Ended:
    """Run the suites in a process of its own, from the top of the checkout."""
    words = ("-m", "pytest", "suites", "-p", "no:cacheprovider", "--tb=line", *args)
    return ended(sys.executable, *words, cwd=ROOT, env={"PYTHONDONTWRITEBYTECODE": "1", **(env or {})})


class Session(NamedTuple):
    """A session of the suites: how it ended, its report, and the test cases of its JUnit file by requirement."""

    ended: Ended
    recorded: Recorded
    cases: dict[str, ET.Element]

    def verdicts(self) -> dict[str, str]:
        """Return the property `verdict` of every test case."""
        return {key: _property(case, "verdict") for key, case in self.cases.items()}


def session(folder: Path, *args: str, env: dict[str, str] | None = None) -> Session:
    """Run the suites with a report and JUnit, and return both."""
    files = ("--run-output", str(folder / "run"), "--junitxml", str(folder / "junit.xml"), "-o", "junit_family=xunit1")
    done = suites(*files, *args, env=env)
    root = ET.parse(folder / "junit.xml").getroot()  # noqa: S314 - we wrote it
    cases = {re.sub(r"^\w+\[(.*)\]$", r"\1", each.get("name", "")): each for each in root.iter("testcase")}
    return Session(done, read_report(folder / "run"), cases)


def _property(case: ET.Element, name: str) -> str:
    return next(each.get("value", "") for each in case.iter("property") if each.get("name") == name)


def live_session(folder: Path, *args: str, deviations: Sequence[str]) -> Session:
    """Run the suites on the independent server with these deviations."""
    with running(deviations=deviations) as server:
        targets = targets_file(server, folder / "targets.toml")
        words = ("--targets", str(targets), "--target", "independent", "--allow", "disruptive")
        return session(folder, *words, *args, env=tokens_in(server))


DEVIATIONS = ("created-201", "anonymous-accepted", "api-version-unchecked")
NARROW = {
    "operation": ("--operation", "stop-mirroring"),
    "api": ("--api", "microsoft-fabric-mirroring"),
    "requirement": ("--requirement", "*/filter/*"),
    "keyword": ("-k", "filter and roleId and list-role-assignments"),
}
MISTAKES = {
    "target": (("--target", "emulatr"), "emulator"),
    "api": (("--api", "azure-synapse-acces-control"), ACCESS),
    "operation": (("--operation", "list-role-asignments"), "list-role-assignments"),
    "requirement": (("--requirement", f"{LIST}/filter/roleID/selects"), f"{LIST}/filter/roleId/selects"),
    "profile": (("--profile", "documnted"), "documented"),
    "idle targets file": (
        ("--targets", "targets.toml"),
        "--targets 'targets.toml' does nothing with the target 'emulator'",
    ),
    "idle token": (("--token-env", "T"), "--token-env does nothing with the target 'emulator'"),
}


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Future[Session]]]:
    """Give every session with a report and JUnit; they run side by side, since each takes a while to start."""
    new = tmp_path_factory.mktemp
    widest = ("--profile", WIDEST, "--api", ACCESS, "-k", "identity or response")
    jobs = {
        "emulator": partial(session, new("emulator")),
        "deviating": partial(live_session, new("deviating"), deviations=DEVIATIONS),
        "widest": partial(live_session, new("widest"), *widest, deviations=DEVIATIONS),
    }
    with at_once(jobs) as futures:
        yield futures


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Future[Ended]]]:
    """Give every session of which only the end matters."""
    jobs = {
        **{f"mistake {name}": partial(suites, *words) for name, (words, _) in MISTAKES.items()},
        **{f"narrow {name}": partial(suites, *words) for name, words in NARROW.items()},
        "junit": partial(suites, "--junitxml", str(tmp_path_factory.mktemp("junit") / "junit.xml"), "-k", "filter"),
        "nowhere": partial(suites, "--target", "http://127.0.0.1:9"),
        "nothing judged": partial(suites, "-k", "create-role-assignment and ErrorAdditionalInfo"),
    }
    with at_once(jobs) as futures:
        yield futures


@pytest.fixture
def emulator(sessions: Mapping[str, Future[Session]]) -> Session:
    """Give a session on the emulator."""
    return sessions["emulator"].result()


@pytest.fixture
def deviating(sessions: Mapping[str, Future[Session]]) -> Session:
    """Give a session on the independent server with three deviations."""
    return sessions["deviating"].result()


def test_session_has_every_requirement(emulator: Session) -> None:
    """There is one item for every requirement, named as the requirement."""
    assert clean_run().results.keys() == emulator.cases.keys()


def test_session_agrees_with_run(emulator: Session) -> None:
    """Every requirement has the verdict that a run of the library gives it."""
    assert verdicts(clean_run().results) == {
        each["id"]: each["profiles"] for each in emulator.recorded.of("requirement")
    }


def test_junit_shows_verdicts(emulator: Session) -> None:
    """Every JUnit test case has the verdict of its requirement as a property."""
    assert {key: str(each.verdict("documented")) for key, each in clean_run().results.items()} == emulator.verdicts()


def test_clean_session_ends_well(emulator: Session) -> None:
    """On the emulator nothing fails, and it is said to be a self-test."""
    assert 0 == emulator.ended.code, emulator.ended.stdout
    assert "SELF-TEST" in emulator.ended.stdout
    assert [] == [key for key, each in emulator.cases.items() if each.find("failure") is not None]


def test_skips_have_reasons(emulator: Session) -> None:
    """Every skip says which verdict it is and why."""
    unseen = clean_run().results[NEVER_SEEN].reason
    skip = emulator.cases[NEVER_SEEN].find("skipped")
    messages = [each.get("message", "") for case in emulator.cases.values() for each in case.iter("skipped")]

    assert skip is not None
    assert f"not-observed: {unseen}" == skip.get("message")
    assert [] == [each for each in messages if not re.match(r"(not-observed|skipped|inconclusive): .+", each)]


def test_live_session_agrees_with_run(deviating: Session) -> None:
    """On another server, too, the verdicts are those of the library."""
    with running(deviations=DEVIATIONS) as server:
        done = run(catalogue(), independent_target(server), Options(allowed=Tier.DISRUPTIVE))

    assert verdicts(done.results) == {each["id"]: each["profiles"] for each in deviating.recorded.of("requirement")}


def test_failure_explains_itself(deviating: Session) -> None:
    """A failed MUST is a failure that tells expected, got, the page and a curl line."""
    failure = deviating.cases[f"{CREATE}/response/status"].find("failure")
    text = "" if failure is None else f"{failure.get('message')}{failure.text}"

    assert 1 == deviating.ended.code
    assert "expected 200, got 201" in text
    assert catalogue().operation(CREATE).source.page in text
    assert "curl -i -X PUT" in text


def test_uncounted_failure_is_expected(deviating: Session) -> None:
    """What fails in a wider profile alone, or is a SHOULD, fails no session but keeps its verdict."""
    uncounted = (f"{LIST}/identity/anonymous/refused", f"{LIST}/refusal/query/api-version/missing")

    assert ["fail", "fail"] == [deviating.verdicts()[each] for each in uncounted]
    assert [None, None] == [deviating.cases[each].find("failure") for each in uncounted]


def test_only_failures_fail(deviating: Session) -> None:
    """The failures of the session are the MUSTs that fail in its profile."""
    failed = {key for key, case in deviating.cases.items() if case.find("failure") is not None}
    counted = {
        each["id"]
        for each in deviating.recorded.of("requirement")
        if each["counts"] and (each["level"], each["verdict"]) == ("MUST", "fail")
    }

    assert f"{CREATE}/response/status" in failed
    assert counted == failed


def test_session_hides_secrets(deviating: Session) -> None:
    """No token is found in what the session says."""
    with running() as server:
        tokens = tokens_in(server).values()

    assert [] == [each for each in tokens if each in deviating.ended.stdout + deviating.ended.stderr]


def test_keyword_narrows_run(sessions: Mapping[str, Future[Session]]) -> None:
    """With -k only the requests are sent that the selected items need."""
    done = sessions["widest"].result()
    apis = {each.api for each in done.recorded.trace.exchanges}

    assert {ACCESS} == apis
    assert done.cases
    assert {"identity", "response"} == {
        each["family"] for each in done.recorded.of("requirement") if each["id"] in done.cases
    }


def test_profile_of_session_decides(sessions: Mapping[str, Future[Session]]) -> None:
    """In the widest profile, what only a convention forbids fails the session."""
    done = sessions["widest"].result()

    assert 1 == done.ended.code
    assert done.cases[f"{LIST}/identity/anonymous/refused"].find("failure") is not None


@pytest.mark.parametrize("name", NARROW)
def test_narrow_session_ends_well(name: str, outcomes: Mapping[str, Future[Ended]]) -> None:
    """A session of some APIs, operations or requirements judges these, and ends with 0."""
    done = outcomes[f"narrow {name}"].result()

    assert 0 == done.code, done.stdout[-2000:]
    assert " passed" in done.stdout


def test_junit_needs_no_option(outcomes: Mapping[str, Future[Ended]]) -> None:
    """JUnit is written without any option of pytest but its file."""
    done = outcomes["junit"].result()

    assert 0 == done.code, done.stdout[-2000:]


def test_nothing_judged_is_failure(outcomes: Mapping[str, Future[Ended]]) -> None:
    """A session that judged nothing ends with pytest's 5, and each item says why."""
    done = outcomes["nothing judged"].result()

    assert Verdict.NOT_OBSERVED is clean_run().results[NEVER_SEEN].profiles["documented"]
    assert 5 == done.code, done.stdout[-2000:]
    assert "skipped" in done.stdout


def test_unreachable_target_is_told(outcomes: Mapping[str, Future[Ended]]) -> None:
    """Where nobody listens, the session ends with 5 and one sentence."""
    done = outcomes["nowhere"].result()
    said = done.stdout + done.stderr

    assert 5 == done.code
    assert "Traceback" not in said
    assert 1 == said.count("Nothing answers at http://127.0.0.1:9"), said[-2000:]


@pytest.mark.parametrize("name", MISTAKES)
def test_misspelt_option_is_told(name: str, outcomes: Mapping[str, Future[Ended]]) -> None:
    """What is misspelt ends with pytest's 4 and names the right word."""
    done = outcomes[f"mistake {name}"].result()
    said = done.stdout + done.stderr

    assert 4 == done.code, said[-2000:]
    assert MISTAKES[name][1] in said
    assert "Traceback" not in said


@pytest.fixture(scope="module")
def allure_results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the Allure results of a session on one operation."""
    folder = tmp_path_factory.mktemp("allure")
    done = suites("--alluredir", str(folder), "-k", "list-role-assignments")
    assert 0 == done.code, done.stdout
    return folder


def allure_tests(folder: Path) -> list[dict[str, Any]]:
    """Return every test result of Allure."""
    return [json.loads(each.read_text(encoding="utf-8")) for each in folder.glob("*-result.json")]


@slow
def test_allure_labels_requirements(allure_results: Path) -> None:
    """Each result of Allure has the API as epic, the operation as feature, the requirement as story and a severity."""
    labels = [{each["name"]: each["value"] for each in test["labels"]} for test in allure_tests(allure_results)]
    stories = {key.removeprefix(f"{LIST}/") for key in clean_run().results if key.startswith(f"{LIST}/")}

    assert {catalogue().apis[ACCESS].title} == {each["epic"] for each in labels}
    assert {"list-role-assignments"} == {each["feature"] for each in labels}
    assert stories == {each["story"] for each in labels}
    assert {"critical", "normal"} <= {each["severity"] for each in labels} <= {"critical", "normal", "minor"}


@slow
def test_allure_attaches_exchange(allure_results: Path) -> None:
    """What was judged on an exchange has its request, its response and its curl line attached, without a token."""
    passed = next(each for each in allure_tests(allure_results) if each["name"].startswith("With roleId, every"))
    attached = {each["name"]: allure_results / each["source"] for each in passed["attachments"]}
    request = attached["request"].read_text(encoding="utf-8")

    assert {"curl", "request", "response"} == attached.keys()
    assert request.startswith("GET /roleAssignments?")
    assert "«token:admin»" in request
    assert attached["curl"].read_text(encoding="utf-8").startswith("curl -i -X GET")
    assert "eyJ" not in "".join(each.read_text(encoding="utf-8") for each in attached.values())


def test_used_up_budget_is_not_green(tmp_path: Path) -> None:
    """A session whose run ended early does not end with 0, and says why."""
    with running() as server:
        file = targets_file(server, tmp_path / "targets.toml")
        text = file.read_text(encoding="utf-8")
        file.write_text(
            text.replace('allow = "disruptive"', 'allow = "disruptive"\nbudget.requests = 25'), encoding="utf-8"
        )
        done = suites("--targets", str(file), "--target", "independent", env=tokens_in(server))

    assert 0 != done.code
    assert "the run ended early" in done.stdout
