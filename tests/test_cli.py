"""`asdoc` as a user meets it: real processes, their exit codes, and what they say where."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import signal
import socket
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, quote_plus

import pytest
import yaml

from asdocumented import __version__
from asdocumented.contracts.model import Tier
from asdocumented.corpus.store import load_corpora
from asdocumented.errors import UsageError
from asdocumented.report.records import Record
from asdocumented.report.rejudging import rejudged
from asdocumented.report.stream import Recorded, read_report
from asdocumented.running import Options, make_plan, run
from asdocumented.targets.file import read_target
from asdocumented.targets.remote import RemoteTarget
from tests.independent.server import Server, running
from tests.support import (
    ROOT,
    Ended,
    asdoc,
    at_once,
    catalogue,
    clean_run,
    command,
    independent_target,
    loopback_client,
    report_of,
    served,
    started,
    targets_file,
    token,
    tokens_in,
    verdicts,
)

ACCESS = "azure-synapse-access-control"
LIST = f"{ACCESS}/list-role-assignments"
START = "vmware-vcenter-hvc/start-sync-provider"
NEVER_SEEN = f"{ACCESS}/create-role-assignment/response/other/schema/ErrorAdditionalInfo/info/type"
NOWHERE = "http://127.0.0.1:9"


def one_sentence(done: Ended) -> bool:
    """Tell whether a process said one line on stderr, and nothing of its insides."""
    return 1 == len(done.stderr.strip().splitlines()) and "Traceback" not in done.stderr + done.stdout


class Left(NamedTuple):
    """What a run left: how it ended, and its folder."""

    ended: Ended
    folder: Path

    @property
    def recorded(self) -> Recorded:
        """Return the report."""
        return read_report(self.folder)

    @property
    def footer(self) -> Record:
        """Return the last line of the report."""
        return self.recorded.of("footer")[0]


Outcomes = Mapping[str, Future[Left]]


@pytest.fixture(scope="module")
def emulator_left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """Run once on the emulator."""
    folder = tmp_path_factory.mktemp("emulator")
    return Left(asdoc("run", "--output", "out", cwd=folder), folder / "out")


def left(cwd: Path, *args: str, env: dict[str, str] | None = None) -> Left:
    """Run once with these options, and return what is left."""
    return Left(asdoc("run", "--output", "out", *args, cwd=cwd, env=env), cwd / "out")


class Case(NamedTuple):
    """A command that needs nothing but an empty folder with some files."""

    words: tuple[str, ...]
    files: Mapping[str, bytes] = {}
    env: Mapping[str, str] = {}


def done_in(folder: Path, case: Case) -> Left:
    """Run a command in a new folder, and return what is left."""
    folder.mkdir()
    for name, data in case.files.items():
        (folder / name).write_bytes(data)
    return Left(asdoc(*case.words, cwd=folder, env=case.env), folder)


def live_run(folder: Path, *args: str, deviations: Sequence[str] = ()) -> Left:
    """Judge the independent server with these deviations, as a target of a file."""
    with running(deviations=deviations) as server:
        targets_file(server, folder / "targets.toml")
        return left(folder, "--target", "independent", *args, env=tokens_in(server))


def without_token(folder: Path) -> Left:
    """Judge the independent server by its URL alone."""
    with running() as server:
        return left(folder, "--target", server.base_url, "--api", ACCESS)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    """Give runs on the independent server; they go on side by side."""
    new = tmp_path_factory.mktemp
    everything = ("--allow", "disruptive")
    jobs = {
        "healthy": partial(live_run, new("healthy"), *everything),
        "nonconformant": partial(live_run, new("nonconformant"), *everything, deviations=["created-201"]),
        "partial": partial(live_run, new("partial")),
        "forgiven": partial(live_run, new("forgiven"), "--fail-on", "nonconformant"),
        "no token": partial(without_token, new("no-token")),
        **{
            name: partial(live_run, new(name), *everything, "--allure", deviations=[name])
            for name in ("password-echoed", "password-echoed-in-body")
        },
    }
    with at_once(jobs) as futures:
        yield futures


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    """Give what comes of every command of `CASES`; they run side by side, since each takes a while to start."""
    folder = tmp_path_factory.mktemp("cases")
    jobs = {name: partial(done_in, folder / str(number), case) for number, (name, case) in enumerate(CASES.items())}
    with at_once(jobs) as futures:
        yield futures


# The run on the emulator


def test_emulator_run_exits_zero(emulator_left: Left) -> None:
    """A run on the emulator ends with 0, and says nothing on stderr."""
    assert (0, "") == (emulator_left.ended.code, emulator_left.ended.stderr)


def test_run_leaves_two_files(emulator_left: Left) -> None:
    """A run leaves report.jsonl and junit.xml, and no journal."""
    assert ["junit.xml", "report.jsonl"] == sorted(each.name for each in emulator_left.folder.iterdir())


def test_summary_says_self_test(emulator_left: Left) -> None:
    """The summary of a run on the emulator says that it is no evidence about a service."""
    assert "SELF-TEST" in emulator_left.ended.stdout
    assert "conformant" in emulator_left.ended.stdout.lower()


def test_summary_is_plain_text(emulator_left: Left) -> None:
    """Where there is no terminal, no colour is written."""
    assert "\x1b" not in emulator_left.ended.stdout


def test_junit_has_every_requirement(emulator_left: Left) -> None:
    """The JUnit file has one test case for every requirement, and none failed."""
    root = ET.parse(emulator_left.folder / "junit.xml").getroot()  # noqa: S314 - we wrote it

    assert len(clean_run().results) == len(list(root.iter("testcase")))
    assert [] == [*root.iter("failure"), *root.iter("error")]


def test_footer_has_exit_code(emulator_left: Left) -> None:
    """The footer has the exit code of the process."""
    assert emulator_left.ended.code == emulator_left.footer["exitCode"]


def test_default_output_is_named(tmp_path: Path) -> None:
    """Without --output the report goes to a folder of its own below reports/runs."""
    done = asdoc("run", "--quiet", "--requirement", "*/filter/*", cwd=tmp_path)
    folders = list((tmp_path / "reports" / "runs").iterdir())

    assert 0 == done.code, done.stderr
    assert ["junit.xml", "report.jsonl"] == sorted(each.name for each in folders[0].iterdir())


def test_selection_never_says_conformant(tmp_path: Path) -> None:
    """A run of selected requirements says 'selected', and calls nothing conformant."""
    done = left(tmp_path, "--requirement", "*/filter/*")
    words = {word.strip(".,:*").lower() for word in done.ended.stdout.split()}

    assert 0 == done.ended.code
    assert "selected" in words
    assert "conformant" not in words
    assert {"selected-conformant"} == {each["documented"] for each in done.footer["conformance"].values()}


# Exit codes


def test_nonconformant_run_exits_one(live: Outcomes) -> None:
    """A run that finds a broken MUST ends with 1."""
    done = live["nonconformant"].result()

    assert (1, 1) == (done.footer["exitCode"], done.ended.code)


def test_partial_run_exits_four(live: Outcomes) -> None:
    """A run that could not judge a MUST ends with 4."""
    done = live["partial"].result()

    assert (4, 4) == (done.footer["exitCode"], done.ended.code)


def test_fail_on_forgives_partial(live: Outcomes) -> None:
    """With --fail-on nonconformant, a partial run ends with 0."""
    done = live["forgiven"].result()

    assert (0, 0) == (done.footer["exitCode"], done.ended.code)


def test_nothing_judged_is_failure(tmp_path: Path) -> None:
    """A run of a requirement that the target never shows ends with 4, however lenient."""
    done = left(tmp_path, "--requirement", NEVER_SEEN, "--fail-on", "nonconformant")

    assert 0 == done.footer["judged"]
    assert 4 == done.ended.code


def test_url_without_token_claims_nothing(live: Outcomes) -> None:
    """A run on a URL without a token, where nothing can be told, does not end with 0."""
    done = live["no token"].result()

    assert 4 == done.ended.code
    assert "Traceback" not in done.ended.stderr


def test_vanishing_target_exits_five(tmp_path: Path) -> None:
    """A target that accepts connections and answers none ends the run with 5, and its report says why."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        port = listener.getsockname()[1]
        words = ("run", "--target", f"http://127.0.0.1:{port}", "--token-env", "T", "--output", "out")
        with started(command("asdoc"), *words, cwd=tmp_path, env={"T": "token-for-nobody"}) as process:
            listener.accept()[0].close()  # it sees that somebody is there
            listener.close()
            _, stderr = process.communicate(timeout=60)

    assert 5 == process.returncode
    assert 1 == len(stderr.strip().splitlines())
    assert read_report(tmp_path / "out").of("footer")[0]["interrupted"]


# Mistakes of the user

MISTAKES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "command": (("rnu",), "run"),
    "target": (("run", "--target", "emulatr"), "emulator"),
    "api": (("run", "--api", "azure-synapse-acces-control"), ACCESS),
    "operation": (("run", "--operation", "list-role-asignments"), "list-role-assignments"),
    "requirement": (("run", "--requirement", f"{LIST}/filter/roleID/selects"), f"{LIST}/filter/roleId/selects"),
    "glob": (("run", "--requirement", "*/no-such-thing/*"), "asdoc requirements"),
    "profile": (("run", "--profile", "documnted"), "documented"),
    "api-of-requirements": (("requirements", "--api", "vmware-vcenter"), "vmware-vcenter-hvc"),
    "operation-to-show": (("contracts", "show", "stop-miroring"), "stop-mirroring"),
    "api-to-export": (("contracts", "export", "--api", "microsoft-fabric"), "microsoft-fabric-mirroring"),
    "identity-of-token": (("token", "--api", ACCESS, "--identity", "admn"), "admin"),
    "tier": (("run", "--allow", "writ"), "write"),
    "option": (("run", "--requirment", "x"), "--requirement"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_misspelt_word_is_suggested(name: str, outcomes: Outcomes) -> None:
    """What is misspelt ends with 2, names the right word, shows no traceback and leaves no file."""
    done, folder = outcomes[f"mistake {name}"].result()

    assert (2, "") == (done.code, done.stdout)
    assert MISTAKES[name][1] in done.stderr
    assert "Traceback" not in done.stderr
    assert [] == list(folder.iterdir())


def test_unreachable_target_is_told(outcomes: Outcomes) -> None:
    """A server where nobody listens ends with 5 and one sentence, and leaves no file."""
    done, folder = outcomes["nowhere"].result()

    assert 5 == done.code
    assert one_sentence(done), done.stderr
    assert NOWHERE in done.stderr
    assert [] == list(folder.iterdir())


_NAMED = b'[targets.emulator.apis.microsoft-fabric-mirroring]\nbase-url = "http://127.0.0.1:9"\n'
_MINE = _NAMED.replace(b"emulator", b"mine")
IDLE: Mapping[str, tuple[Case, str]] = {
    "corpus is nowhere": (Case(("run", "--corpus", "nowhere")), "'nowhere' of --corpus does not exist"),
    "corpus is none": (Case(("run", "--corpus", ".")), "'.' of --corpus holds no corpus"),
    "second corpus": (Case(("run", "--mode", "explore", "--corpus", "new", "--corpus", "nowhere")), "'nowhere'"),
    "budget": (Case(("run", "--budget", "5m")), "--budget does nothing without --mode explore"),
    "replace": (Case(("run", "--replace")), "--replace does nothing without --output"),
    "targets file": (Case(("run", "--targets", "nowhere.toml")), "'nowhere.toml'"),
    "default targets file": (Case(("run", "--targets", "targets.toml")), "'targets.toml'"),
    "targets file of the emulator": (
        Case(("run", "--targets", "mine.toml"), {"mine.toml": _MINE}),
        "--targets 'mine.toml' does nothing with the target 'emulator'",
    ),
    "targets file of a URL": (
        Case(("run", "--target", NOWHERE, "--targets", "mine.toml"), {"mine.toml": _MINE}),
        f"--targets 'mine.toml' does nothing with the target '{NOWHERE}'",
    ),
    "explained targets file": (
        Case(("explain", LIST, "--targets", "mine.toml"), {"mine.toml": _MINE}),
        "--targets 'mine.toml' does nothing with the target 'emulator'",
    ),
    "no corpus, case": (Case(("run", "--no-corpus", "--case", "x")), "--no-corpus and --case contradict"),
    "no corpus, corpus": (Case(("run", "--no-corpus", "--corpus", ".")), "--no-corpus and --corpus contradict"),
    "explored case": (Case(("run", "--mode", "explore", "--case", "x")), "--mode explore and --case contradict"),
    "output of a case": (Case(("run", "--case", "x", "--output", "out")), "--output does nothing with --case"),
    "token": (Case(("run", "--token-env", "T"), env={"T": "x"}), "--token-env does nothing with the target 'emulator'"),
    "name": (Case(("run",), {"targets.toml": _NAMED}), "[targets.emulator]"),
    "case of another API": (
        Case(("run", "--case", load_corpora(catalogue()).of(LIST)[0].id, "--api", "microsoft-fabric-mirroring")),
        f"is one of {LIST}, which --api or --operation leaves out",
    ),
}


@pytest.mark.parametrize("name", IDLE)
def test_idle_options_are_told(name: str, outcomes: Outcomes) -> None:
    """Options that contradict each other or do nothing end with 2 and one sentence, before a file is written."""
    done, folder = outcomes[f"idle {name}"].result()

    assert (2, "") == (done.code, done.stdout)
    assert one_sentence(done), done.stderr
    assert IDLE[name][1] in done.stderr
    assert set(IDLE[name][0].files) == {each.name for each in folder.iterdir()}


NO_URLS = (
    "http://a..b",
    "http://a b",
    "http://127.0.0.1:1/a%zz",
    "ftp://127.0.0.1/",
    "http://",
    "127.0.0.1:80",
    "http://127.0.0.1:port",
    "http://[::1",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:0",
    "http://somebody:hunter22@127.0.0.1:9",
    "http://hunter22@127.0.0.1:9",
    "HTTP://somebody:hunter22@127.0.0.1:9",
    "http://somebody:hunter22/7@127.0.0.1:9",
    "http:///somebody:hunter22@127.0.0.1:9",
    "ftp://somebody:hunter22@127.0.0.1:9",
    "somebody:hunter22@127.0.0.1:9",
)


@pytest.mark.parametrize("url", NO_URLS)
def test_no_url_is_refused(url: str, outcomes: Outcomes) -> None:
    """What is no URL of a server, or holds a password, ends with 2 and one sentence that does not hold the password."""
    done, _ = outcomes[f"url {url}"].result()

    assert 2 == done.code, done.stderr
    assert one_sentence(done), done.stderr
    assert "hunter22" not in done.stderr + done.stdout


@pytest.mark.parametrize("value", ["unset", "empty"])
def test_missing_token_is_told(value: str, outcomes: Outcomes) -> None:
    """A variable without a token ends with 2 and one sentence that names it."""
    done, _ = outcomes[f"token {value}"].result()

    assert 2 == done.code
    assert one_sentence(done), done.stderr
    assert "ASDOC_NO_TOKEN" in done.stderr


def test_output_that_is_file(outcomes: Outcomes) -> None:
    """An output that is a file ends with 2, without a traceback."""
    done, _ = outcomes["output is a file"].result()

    assert 2 == done.code
    assert "Traceback" not in done.stderr


_FABRIC = '[targets.mine.apis.microsoft-fabric-mirroring]\nbase-url = "http://127.0.0.1:9"\n'
TARGET_MISTAKES: Mapping[str, tuple[str, str]] = {
    "not-toml": ("[targets.mine", "targets.toml"),
    "literal-secret": (f'{_FABRIC}credentials.admin = {{token = "hunter22"}}\n', "credentials.admin"),
    "bare-secret": (f'{_FABRIC}credentials.admin = "hunter22"\n', "credentials.admin"),
    "secret-as-name": (f'{_FABRIC}credentials.admin = {{env = "hunter22!"}}\n', "never the secret itself"),
    "misspelt-key": (_FABRIC.replace("base-url", "base_url"), "Did you mean 'base-url'?"),
    "unknown-api": (_FABRIC.replace("fabric", "fabrik"), "microsoft-fabric-mirroring"),
    "unknown-resource": (f'{_FABRIC}resources.mirrored-databse = ["x"]\n', "mirrored-database"),
    "unknown-operation": (
        f'[targets.mine]\noperations = ["microsoft-fabric-mirroring/stop-miroring"]\n{_FABRIC}',
        "stop-mirroring",
    ),
    "unknown-identity": (f'{_FABRIC}credentials.viewr = {{env = "ASDOC_NO_TOKEN"}}\n', "Did you mean 'viewer'?"),
    "unknown-state": (f"{_FABRIC}states.no-such-state = {{}}\n", "unknown state 'no-such-state'"),
    "bad-url": (_FABRIC.replace(":9", ":x"), "127.0.0.1:x"),
    "password-in-url": (_FABRIC.replace("127", "somebody:hunter22@127"), "'http://127.0.0.1:9'"),
    "port-out-of-range": (_FABRIC.replace(":9", ":99999"), "between 1 and 65535"),
    "several": (
        '[targets.mine]\noperations = ["microsoft-fabric-mirroring/stop-miroring"]\n'
        + _FABRIC.replace(":9", ":99999")
        + 'credentials.viewr = {env = "ASDOC_NO_TOKEN"}\nresources.mirrored-databse = ["x"]\n'
        "states.no-such-state = {}\n[targets.mine.apis.fabrik]\nbase-url = 'http://127.0.0.1:9'\n",
        "6 mistakes in the targets file:",
    ),
}


@pytest.mark.parametrize("name", TARGET_MISTAKES)
def test_targets_mistake_is_told(name: str, outcomes: Outcomes) -> None:
    """A mistake in the targets file ends with 2 and tells where it is, but never a secret."""
    done, _ = outcomes[f"targets {name}"].result()

    assert 2 == done.code, done.stderr
    assert TARGET_MISTAKES[name][1] in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter22" not in done.stderr


def test_missing_targets_file_is_told(outcomes: Outcomes) -> None:
    """A targets file that is named and not there ends with 2 and its name."""
    done, _ = outcomes["no targets file"].result()

    assert 2 == done.code
    assert "nowhere.toml" in done.stderr


# Targets of a file


def test_file_and_library_agree(live: Outcomes) -> None:
    """A target of a file gets the verdicts that the library gives to the same server."""
    with running() as server:
        expected = verdicts(run(catalogue(), independent_target(server), Options(allowed=Tier.DISRUPTIVE)).results)
    done = live["healthy"].result()

    assert 0 == done.ended.code, done.ended.stderr
    assert expected == {each["id"]: each["profiles"] for each in done.recorded.of("requirement")}


def test_file_reads_like_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target of a file has the operations and the resources of the same target made by hand."""
    with running() as server:
        for name, value in tokens_in(server).items():
            monkeypatch.setenv(name, value)
        described = read_target(catalogue(), "independent", targets_file(server, tmp_path / "targets.toml"))
        read = RemoteTarget(catalogue(), described)
        made = independent_target(server)

    assert (made.operations, made.pools, made.states) == (read.operations, read.pools, read.states)


def test_unset_credential_is_told(tmp_path: Path) -> None:
    """A target whose variable is not set raises the sentence that names it."""
    with running() as server:
        targets_file(server, tmp_path / "targets.toml")
    with pytest.raises(UsageError, match="INDEPENDENT_"):
        RemoteTarget(catalogue(), read_target(catalogue(), "independent", tmp_path / "targets.toml"))


# Contracts and requirements


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the contracts with three mistakes."""
    folder = tmp_path_factory.mktemp("contracts") / "contracts"
    shutil.copytree(ROOT / "contracts", folder)
    _edit(folder / ACCESS / "list-role-assignments" / "contract.yaml", "tier: read", "tier: red")
    _edit(folder / "microsoft-fabric-mirroring" / "stop-mirroring" / "contract.yaml", "method: POST", "method: PSOT")
    _edit(folder / "vmware-vcenter-hvc" / "start-sync-provider" / "contract.yaml", "VapiError.json", "VapiEror.json")
    return folder


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file} has no {old!r} any more"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_check_tells_every_mistake(contracts: Path) -> None:
    """Three mistakes in three files are three lines, each with its file, and the exit code is 2."""
    done = asdoc("contracts", "check", str(contracts), cwd=contracts.parent)
    lines = [each for each in (done.stdout + done.stderr).splitlines() if "contract.yaml#" in each]

    assert 2 == done.code
    assert 3 == len(lines), done.stderr
    assert ["list-role-assignments", "start-sync-provider", "stop-mirroring"] == sorted(
        each.split("/contract.yaml")[0].rsplit("/", 1)[-1] for each in lines
    )


def test_broken_contracts_never_run(contracts: Path, tmp_path: Path) -> None:
    """Contracts that do not load end a run with 2."""
    done = asdoc("run", "--contracts", str(contracts), cwd=tmp_path)

    assert 2 == done.code
    assert "Traceback" not in done.stderr


def test_check_accepts_own_contracts(outcomes: Outcomes) -> None:
    """The contracts that come with asdoc have no mistake."""
    done, _ = outcomes["check"].result()

    assert (0, "") == (done.code, done.stderr)
    assert "no mistakes" in done.stdout


FORMATS = ("pretty", "json", "markdown")


@pytest.mark.parametrize("form", FORMATS)
def test_list_names_every_operation(form: str, outcomes: Outcomes) -> None:
    """The list of contracts names every operation in each format."""
    done, _ = outcomes[f"list {form}"].result()

    assert 0 == done.code
    assert [] == [each.name for each in catalogue().operations if each.name not in done.stdout]


def test_show_names_requirements(outcomes: Outcomes) -> None:
    """An operation is shown with its page and what is required of it."""
    done, _ = outcomes["show"].result()

    assert 0 == done.code
    assert "filter/roleId/selects" in done.stdout
    assert catalogue().operation(LIST).source.page in done.stdout


EXPORTS = (("vmware-vcenter-hvc", "json"), (ACCESS, "yaml"))


@pytest.mark.parametrize(("api", "form"), EXPORTS)
def test_export_is_openapi(api: str, form: str, outcomes: Outcomes) -> None:
    """An API is exported as one OpenAPI 3.1 document at the server that is asked for."""
    done, _ = outcomes[f"export {api} {form}"].result()
    document = json.loads(done.stdout) if form == "json" else yaml.safe_load(done.stdout)

    assert document["openapi"].startswith("3.1.")
    assert [{"url": "http://127.0.0.1:8080"}] == document["servers"]


def test_coverage_without_pages(outcomes: Outcomes) -> None:
    """A folder without any page ends with 2 and one sentence."""
    done, _ = outcomes["coverage"].result()

    assert 2 == done.code
    assert one_sentence(done), done.stderr


def test_coverage_tells_open_lines(tmp_path: Path) -> None:
    """A line of a page that nothing accounts for is told by its number, and ends with 1."""
    shutil.copytree(ROOT / "contracts", tmp_path / "contracts")
    (tmp_path / "docs").mkdir()
    page = "a line of a page\n" * 400
    (tmp_path / "docs" / "page.txt").write_text(page, encoding="utf-8")
    operation = catalogue().operation("microsoft-fabric-mirroring/stop-mirroring")
    contract = tmp_path / "contracts" / operation.api / operation.name / "contract.yaml"
    _edit(contract, operation.source.sha256, hashlib.sha256(page.encode()).hexdigest())
    done = asdoc("contracts", "coverage", "--contracts", "contracts", "--docs", "docs", cwd=tmp_path)

    assert 1 == done.code, done.stderr
    assert " 400  NOTHING ACCOUNTS FOR IT" in done.stdout


def test_requirements_as_json(outcomes: Outcomes) -> None:
    """As JSON, every requirement has its id, level and evidence."""
    done, _ = outcomes["requirements json"].result()
    listed = json.loads(done.stdout)["requirements"]

    assert list(clean_run().results) == [each["id"] for each in listed]
    assert {"MUST", "SHOULD"} <= {each["level"] for each in listed}


def test_requirements_as_markdown(outcomes: Outcomes) -> None:
    """As Markdown, every requirement is one row of as many cells as the heading has."""
    done, _ = outcomes["requirements markdown"].result()
    rows = done.stdout.splitlines()

    assert {rows[0].count("|")} == {row.replace("\\|", "").count("|") for row in rows}
    assert len(rows) - 2 == sum(1 for each in clean_run().results if each.startswith(f"{ACCESS}/"))


def test_requirements_as_text(outcomes: Outcomes) -> None:
    """As text, the requirements that fit a glob are listed and counted."""
    done, _ = outcomes["requirements pretty"].result()

    assert 0 == done.code
    assert f"{LIST}/filter/roleId/combined" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("3 requirements")


# Reports


def test_summary_repeats_itself(emulator_left: Left, tmp_path: Path) -> None:
    """The summary of a report says what the run said."""
    done = asdoc("report", "summary", str(emulator_left.folder / "report.jsonl"), cwd=tmp_path)

    assert 0 == done.code
    assert emulator_left.ended.stdout.splitlines()[:3] == done.stdout.splitlines()[:3]


@pytest.mark.parametrize("form", ["markdown", "junit", "allure"])
def test_report_is_rendered(form: str, emulator_left: Left, tmp_path: Path) -> None:
    """A report is rendered into each format, and there it names what was judged."""
    words = ("--format", form, "--output", "rendered")
    done = asdoc("report", "render", str(emulator_left.folder), *words, cwd=tmp_path)
    rendered = _bytes_of(tmp_path / "rendered")

    assert 0 == done.code, done.stderr
    assert [True] * len(rendered) == [bool(data) for data in rendered.values()]
    assert b"list-role-assignments" in b"".join(rendered.values())


def _bytes_of(path: Path) -> dict[str, bytes]:
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    return {str(each.relative_to(path.parent)): each.read_bytes() for each in files}


def test_rendered_junit_is_same(emulator_left: Left, tmp_path: Path) -> None:
    """JUnit rendered from the report is the JUnit that the run wrote."""
    words = ("--format", "junit", "--output", "junit.xml")
    asdoc("report", "render", str(emulator_left.folder), *words, cwd=tmp_path)

    assert (emulator_left.folder / "junit.xml").read_bytes() == (tmp_path / "junit.xml").read_bytes()


def test_judge_sees_tampering(emulator_left: Left, tmp_path: Path) -> None:
    """A report in which a verdict was changed by hand ends with 1, and the requirement is named."""
    text = (emulator_left.folder / "report.jsonl").read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    number = next(index for index, each in enumerate(lines) if f'"id":"{LIST}/page/count"' in each)
    lines[number] = lines[number].replace('"pass"', '"fail"')
    (tmp_path / "report.jsonl").write_text("".join(lines), encoding="utf-8")
    done = asdoc("report", "judge", str(tmp_path), cwd=tmp_path)

    assert f"{LIST}/page/count" in done.stdout
    assert 1 == done.code


def test_judge_agrees_with_run(emulator_left: Left, tmp_path: Path) -> None:
    """A report judged again has no other verdict, and ends with 0."""
    done = asdoc("report", "judge", str(emulator_left.folder), cwd=tmp_path)

    assert 0 == done.code
    assert "0 with another verdict" in done.stdout


REPORT_COMMANDS = {
    "summary": ("summary", "."),
    "judge": ("judge", "."),
    "render": ("render", ".", "--format", "junit", "--output", "x"),
    "errors": ("errors", "."),
    "markdown": ("markdown", "."),
    "allure": ("allure", "."),
}
NO_REPORTS = {
    "no-json": b"no json\n",
    "no-header": b'{"kind":"footer"}\n',
    "bare-header": b'{"kind":"header"}\n',
    "no-utf8": b"\xff\xfe",
}


@pytest.mark.parametrize("name", [*REPORT_COMMANDS, *NO_REPORTS])
def test_no_report_is_told(name: str, outcomes: Outcomes) -> None:
    """Where there is no report, or what is none, it ends with 2 and one sentence."""
    done, _ = outcomes[f"no report {name}"].result()

    assert 2 == done.code, done.stderr
    assert one_sentence(done), done.stderr


# The command itself


HELP = ("", "run", "contracts", "report", "serve", "token", "requirements", "explain", "completion")


@pytest.mark.parametrize("name", HELP)
def test_help_is_there(name: str, outcomes: Outcomes) -> None:
    """Every command explains itself and ends with 0."""
    done, _ = outcomes[f"help {name}"].result()

    assert (0, "") == (done.code, done.stderr)
    assert f"Usage: asdoc {name}".rstrip() in done.stdout


def test_help_lists_commands(outcomes: Outcomes) -> None:
    """The help names every command."""
    done, _ = outcomes["help "].result()
    named = [each.split()[0] for each in done.stdout.splitlines() if each.startswith("  ") and each.strip()]

    assert {"run", "serve", "token", "contracts", "requirements", "report"} <= set(named)


def test_broken_pipe_is_silent(tmp_path: Path) -> None:
    """Whoever stops reading hears no complaint."""
    with started(command("asdoc"), "requirements", cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        complaint = process.stderr.read()

    assert "" == complaint
    assert 0 == process.returncode


# The emulator as a server


def test_served_emulator_accepts_token(tmp_path: Path) -> None:
    """`asdoc serve` says where it is in one line of JSON, and accepts what `asdoc token` prints."""
    with served(tmp_path) as ready, loopback_client() as client:
        answer = client.get(
            f"{ready['apis'][ACCESS]}/roleAssignments?api-version=2020-12-01",
            headers={"authorization": f"Bearer {token(ACCESS)}"},
        )

    assert 200 == answer.status_code
    assert 0 == answer.json()["count"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_signal_ends_server(number: signal.Signals, tmp_path: Path) -> None:
    """A signal ends the server in silence."""
    with started(command("asdoc"), "serve", cwd=tmp_path) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        process.send_signal(number)
        rest, complaint = process.communicate(timeout=30)

    assert ready["pid"] == process.pid
    assert ("", "") == (rest, complaint)
    assert process.returncode in (0, -number, 128 + number)


def test_used_port_is_told(tmp_path: Path) -> None:
    """A port that is taken ends with 2 and one sentence."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = asdoc("serve", "--port", str(port), cwd=tmp_path)

    assert 2 == done.code
    assert one_sentence(done), done.stderr
    assert str(port) in done.stderr


def test_served_emulator_is_conformant(tmp_path: Path) -> None:
    """The served emulator, judged as a stranger's server over HTTP, fails nothing."""
    with served(tmp_path) as ready:
        words = ("--target", ready["apis"][ACCESS], "--api", ACCESS, "--token-env", "T")
        done = left(tmp_path, *words, env={"T": token(ACCESS)})

    assert done.footer["judged"]
    assert 0 == done.footer["verdicts"]["fail"]


def test_served_emulator_is_judged_over_tls(tmp_path: Path) -> None:
    """The emulator over TLS, whose authority the environment names, gives verdicts; without the name it gives none."""
    with served(tmp_path, "--tls", "--ca-file", "ca.pem") as ready:
        words = ("--target", ready["apis"][ACCESS], "--api", ACCESS, "--token-env", "T")
        env = {"T": token(ACCESS)}
        trusting = left(tmp_path, *words, env={**env, "SSL_CERT_FILE": ready["ca_file"]})
        stranger = asdoc("run", *words, "--output", "stranger", cwd=tmp_path, env=env)
        mistaken = asdoc("run", *words, "--output", "mistaken", cwd=tmp_path, env={**env, "SSL_CERT_FILE": "no.pem"})

    assert str(tmp_path / "ca.pem") == ready["ca_file"]
    assert trusting.footer["verdicts"]["pass"]
    assert 0 == trusting.footer["verdicts"]["fail"]
    assert 5 == stranger.code
    assert one_sentence(stranger), stranger.stderr
    assert "certificate" in stranger.stderr
    assert "SSL_CERT_FILE" in stranger.stderr
    assert not (tmp_path / "stranger").exists()
    assert 2 == mistaken.code
    assert one_sentence(mistaken), mistaken.stderr
    assert "'no.pem' of SSL_CERT_FILE" in mistaken.stderr


def test_server_without_tls_is_told(tmp_path: Path) -> None:
    """An https URL of a server that speaks plain HTTP ends with 5 and one sentence."""
    with running() as server:
        done = asdoc("run", "--target", server.base_url.replace("http:", "https:"), "--api", ACCESS, cwd=tmp_path)

    assert 5 == done.code
    assert one_sentence(done), done.stderr
    assert "speaks plain HTTP, and not TLS" in done.stderr
    assert "http://" in done.stderr


def test_session_id_is_no_password(tmp_path: Path) -> None:
    """A session id is never sent as a user's password: what needs one is inconclusive, and nothing fails."""
    api = "vmware-vcenter-hvc"
    with served(tmp_path) as ready:
        words = ("--target", ready["apis"][api], "--api", api, "--token-env", "SESSION", "--allow", "write")
        done = left(tmp_path, *words, env={"SESSION": token(api)})
    session = [each for each in done.recorded.of("requirement") if each["id"].startswith(f"{api}/create-session/")]

    assert [] == [each["id"] for each in session if "fail" in each["profiles"].values()]
    assert "the credential of 'admin' is no user:password" in json.dumps(session)


TLS_MISTAKES = {
    "half a pair": (("--cert", "no.pem"), "--key"),
    "missing pair": (("--cert", "no.pem", "--key", "no.key"), "no.pem"),
    "two authorities": (("--cert", "no.pem", "--key", "no.key", "--ca-file", "ca.pem"), "--ca-file"),
    "unwritable authority": (("--tls", "--ca-file", "no-folder/ca.pem"), "no-folder"),
}


@pytest.mark.parametrize("name", TLS_MISTAKES)
def test_tls_mistake_is_told(name: str, tmp_path: Path) -> None:
    """Files of TLS that cannot be used end with 2 and one sentence, before anything is served."""
    words, told = TLS_MISTAKES[name]
    done = asdoc("serve", *words, cwd=tmp_path)

    assert (2, "") == (done.code, done.stdout)
    assert one_sentence(done), done.stderr
    assert told in done.stderr


# Secrets


def hidden_forms(secret: str) -> set[bytes]:
    """Return the forms in which a secret would be found by who looks for it."""
    encoded = base64.b64encode(secret.encode()).decode()
    urlsafe = base64.urlsafe_b64encode(secret.encode()).decode()
    forms = {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    return {form.encode() for form in {*forms, encoded.rstrip("="), urlsafe.rstrip("=")}}


def leaks(done: Left, *secrets: str) -> list[tuple[str, bytes]]:
    """Return where a secret stands in what a run left or said."""
    said = {"stdout": done.ended.stdout.encode(), "stderr": done.ended.stderr.encode()}
    said |= _bytes_of(done.folder)
    return [
        (name, form) for name, data in said.items() for each in secrets for form in hidden_forms(each) if form in data
    ]


def known_secrets(server: Server) -> list[str]:
    """Return every token of the server, and what a run with the seed 0 makes up for it."""
    _, plan = make_plan(catalogue(), independent_target(server), Options(allowed=Tier.DISRUPTIVE))
    return [*tokens_in(server).values(), *plan.secrets]


@pytest.mark.parametrize("name", ["password-echoed", "password-echoed-in-body"])
def test_secrets_leave_no_trace(name: str, live: Outcomes) -> None:
    """No token and no canary is found in what a run leaves or says, even where the server echoes it."""
    done = live[name].result()
    with running() as server:
        secrets = known_secrets(server)

    assert [] == leaks(done, *secrets)
    assert f"{START}/secret/credentials/password" in done.ended.stdout
    assert len(done.recorded.trace.exchanges) > 50


class _Echo(BaseHTTPRequestHandler):
    """Answers every request with its credential in every form that it can think of."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode("utf-8", "replace")
        sent = self.headers.get("Authorization") or self.headers.get("vmware-api-session-id") or ""
        secret = sent.rpartition(" ")[2]
        plain = secret
        if sent.startswith("Basic "):
            plain = base64.b64decode(secret).decode("utf-8", "replace")
        forms = [sent, secret, plain, plain.partition(":")[2] or plain, quote(plain, safe=""), body]
        forms += [base64.b64encode(plain.encode()).decode(), base64.b64encode(secret.encode()).decode()]
        answer = json.dumps({"error": {"code": "Echo", "message": " ".join(forms)}, "path": self.path}).encode()
        self.send_response(401)
        for name, value in (
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(answer))),
            ("WWW-Authenticate", f'Bearer error_description="{secret}"'),
            ("Location", f"/login?token={quote(plain, safe='')}"),
            ("Set-Cookie", f"session={quote(plain, safe='')}"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815 - the base class looks for these names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Print nothing."""


@pytest.fixture
def echoing() -> Iterator[str]:
    """Give the URL of a server that echoes credentials."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_echoed_token_is_hidden(echoing: str, tmp_path: Path) -> None:
    """A token that comes back in headers and bodies, plain or encoded, is found nowhere."""
    secret = 'tok/en+with"quote=&émore'
    ascii_secret = secret.encode("ascii", "ignore").decode()
    words = ("--target", echoing, "--token-env", "T", "--allure")
    done = left(tmp_path, *words, env={"T": ascii_secret})

    assert done.recorded.trace.exchanges
    assert [] == leaks(done, ascii_secret)


def test_echoed_password_is_hidden(echoing: str, tmp_path: Path) -> None:
    """A user's password, sent as HTTP Basic and echoed in plain text, is found nowhere."""
    (tmp_path / "targets.toml").write_text(
        '[targets.mine]\nallow = "disruptive"\n'
        f'[targets.mine.apis.vmware-vcenter-hvc]\nbase-url = "{echoing}"\ncredentials.admin = {{env = "LOGIN"}}\n',
        encoding="utf-8",
    )
    words = ("--target", "mine", "--allow", "disruptive", "--operation", "create-session")
    done = left(tmp_path, *words, env={"LOGIN": "administrator@vsphere.local:correct-horse"})

    assert done.recorded.trace.exchanges
    assert [] == leaks(done, "administrator@vsphere.local:correct-horse", "correct-horse")


def test_cut_short_exit_code(tmp_path: Path) -> None:
    """A report without its footer is shown as what was judged until then, and as cut short."""
    report = report_of(clean_run(), tmp_path / "whole")
    lines = report.read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "report.jsonl").write_text("".join(lines[:60]), encoding="utf-8")
    done = asdoc("report", "summary", str(tmp_path), cwd=tmp_path)

    assert 0 == done.code
    assert "cut short" in done.stdout.lower()
    assert not rejudged(read_report(tmp_path)).complete


def test_interrupted_run_is_silent(tmp_path: Path) -> None:
    """Ctrl-C ends a run with 130, without a traceback, and leaves its journal."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        port = listener.getsockname()[1]
        words = ("run", "--target", f"http://127.0.0.1:{port}", "--token-env", "T", "--output", "out")
        with started(command("asdoc"), *words, cwd=tmp_path, env={"T": "token-for-nobody"}) as process:
            listener.accept()[0].close()  # it sees that somebody is there
            waiting = listener.accept()[0]
            waiting.recv(1)  # the first request is on its way
            process.send_signal(signal.SIGINT)
            _, stderr = process.communicate(timeout=60)
            waiting.close()

    assert 130 == process.returncode
    assert "Traceback" not in stderr
    assert (tmp_path / "out" / "journal.jsonl").is_file()
    assert f"in {Path('out', 'journal.jsonl')}; judge it with: asdoc report summary out." in stderr


def test_version_is_printed(outcomes: Outcomes) -> None:
    """The command knows its version."""
    done, _ = outcomes["version"].result()

    assert (0, "") == (done.code, done.stderr)
    assert __version__ in done.stdout


CASES: Mapping[str, Case] = {
    **{f"mistake {name}": Case(words) for name, (words, _) in MISTAKES.items()},
    **{f"url {url}": Case(("run", "--target", url)) for url in NO_URLS},
    **{
        f"targets {name}": Case(("run", "--target", "mine"), {"targets.toml": text.encode()})
        for name, (text, _) in TARGET_MISTAKES.items()
    },
    **{f"list {form}": Case(("contracts", "list", "--format", form)) for form in FORMATS},
    **{
        f"export {api} {form}": Case(
            ("contracts", "export", "--api", api, "--format", form, "--server", "http://127.0.0.1:8080")
        )
        for api, form in EXPORTS
    },
    **{f"no report {name}": Case(("report", *words)) for name, words in REPORT_COMMANDS.items()},
    **{
        f"no report {name}": Case(("report", "summary", "."), {"report.jsonl": data})
        for name, data in NO_REPORTS.items()
    },
    **{f"help {name}": Case((*name.split(), "--help")) for name in HELP},
    **{f"idle {name}": case for name, (case, _) in IDLE.items()},
    "nowhere": Case(("run", "--target", NOWHERE)),
    "token unset": Case(("run", "--target", NOWHERE, "--token-env", "ASDOC_NO_TOKEN")),
    "token empty": Case(("run", "--target", NOWHERE, "--token-env", "ASDOC_NO_TOKEN"), env={"ASDOC_NO_TOKEN": ""}),
    "output is a file": Case(("run", "--output", "file"), {"file": b""}),
    "no targets file": Case(("run", "--target", "mine", "--targets", "nowhere.toml")),
    "check": Case(("contracts", "check")),
    "show": Case(("contracts", "show", "list-role-assignments")),
    "coverage": Case(("contracts", "coverage", "--docs", ".")),
    "requirements json": Case(("requirements", "--format", "json")),
    "requirements markdown": Case(("requirements", "--format", "markdown", "--api", ACCESS)),
    "requirements pretty": Case(("requirements", "--requirement", f"{LIST}/filter/roleId/*")),
    "version": Case(("--version",)),
}
"""Every command that needs nothing but an empty folder."""


def test_unwritable_output_is_usage(tmp_path: Path) -> None:
    """A folder that cannot be made is the user's mistake: one sentence with the place, and exit 2."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = asdoc("run", "--output", str(tmp_path / "file" / "folder"), cwd=tmp_path)

    assert 2 == done.code
    assert str(tmp_path / "file" / "folder") in done.stderr
    assert "Traceback" not in done.stderr
