"""A run that is killed: its journal is there, readable, and said to be cut short."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from asdocumented.report.rejudging import rejudged
from asdocumented.report.stream import read_report
from tests.support import Ended, asdoc, command, started

_PATIENCE = 60  # seconds
_ANSWERED = 3
_MANY = 4
_API = "microsoft-fabric-mirroring"


class _Stuck(ThreadingHTTPServer):
    """Answers so many requests, and holds every further one until it is told to let go; and one before, if so."""

    daemon_threads = True

    def __init__(self, answered: int = _ANSWERED, held: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.count, self.answered, self.held = 0, answered, held
        self.lock = threading.Lock()
        self.reached = threading.Event()
        self.let_go = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent about the client that is killed."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Stuck

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        with self.server.lock:
            self.server.count += 1
            number = self.server.count
        if number == self.server.held:
            self.server.let_go.wait(_PATIENCE)
            return
        if number > self.server.answered + bool(self.server.held):
            self.server.reached.set()
            self.server.let_go.wait(_PATIENCE)
            return
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815 - the base class looks for these names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Print nothing."""


class Killed(NamedTuple):
    """A run that was killed: its folder, and how the process ended."""

    folder: Path
    code: int


def _killed(folder: Path, server: _Stuck, concurrency: int) -> Killed:
    with server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        targets = folder / "targets.toml"
        targets.write_text(
            f'[targets.stuck]\nconcurrency = {concurrency}\noperations = ["{_API}/stop-mirroring"]\n'
            f'[targets.stuck.apis.{_API}]\nbase-url = "{url}"\n'
            'credentials.admin = {env = "STUCK"}\n'
            'resources.fabric-workspace = ["workspace-1"]\nresources.mirrored-database = ["database-1"]\n'
            'irreversible.mirrored-database = ["*"]\n',
            encoding="utf-8",
        )
        words = ("run", "--target", "stuck", "--output", "run", "--allow", "disruptive")
        with started(command("asdoc"), *words, cwd=folder, env={"STUCK": "token-of-the-stuck-server"}) as process:
            reached = server.reached.wait(_PATIENCE)
            process.kill()
            process.communicate()
        server.let_go.set()
        server.shutdown()
    assert reached, "the run never sent so many requests"
    return Killed(folder / "run", process.returncode)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    """Kill a run while it waits for the answer to its fourth request."""
    return _killed(tmp_path_factory.mktemp("killed"), _Stuck(), 1)


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    """Kill a run with four workers, of which one has waited for the answer to its first request all the time."""
    return _killed(tmp_path_factory.mktemp("busy"), _Stuck(_MANY, held=2), 4)  # the preflight may send one before


@pytest.fixture(scope="module")
def summary(killed: Killed) -> Ended:
    """Give how `asdoc report summary` shows the killed run."""
    return asdoc("report", "summary", str(killed.folder), cwd=killed.folder.parent)


def test_killed_run_leaves_journal(killed: Killed) -> None:
    """The journal is all that is left: no report pretends to be whole."""
    assert ["journal.jsonl"] == sorted(each.name for each in killed.folder.iterdir())


def test_every_journal_line_reads(killed: Killed) -> None:
    """Each line of the journal is a record, the header first, then the facts."""
    lines = (killed.folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    kinds = [json.loads(each)["kind"] for each in lines]

    assert ["header", "facts", *["exchange"] * _ANSWERED] == [each for each in kinds if each != "gap"]
    assert {"gap"} == set(kinds[2 : len(kinds) - _ANSWERED])


def test_journal_keeps_answered_exchanges(killed: Killed) -> None:
    """Every exchange that was answered before the kill can be judged."""
    recorded = read_report(killed.folder)

    assert not recorded.complete
    assert [404] * _ANSWERED == [each.response.status for each in recorded.trace.exchanges if each.response]


def test_kill_of_many_workers_loses_nothing(busy: Killed) -> None:
    """What other workers were answered is in the journal, although a scenario before it is not over."""
    lines = (busy.folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    numbers = [each["part"] for each in map(json.loads, lines) if "part" in each]
    recorded = read_report(busy.folder)
    answered = [each.response.status for each in recorded.trace.exchanges if each.response]

    assert {404} == set(answered)
    assert len(answered) >= _MANY - 2  # the answers to two may have been on their way when the run was killed
    assert list(range(1, len(recorded.trace.exchanges) + 1)) == [each.id for each in recorded.trace.exchanges]
    assert len(set(numbers)) > 1
    assert recorded.trace == rejudged(recorded).trace


def test_killed_run_hides_token(killed: Killed) -> None:
    """The journal holds no token either."""
    assert "token-of-the-stuck-server" not in (killed.folder / "journal.jsonl").read_text(encoding="utf-8")


def test_summary_says_cut_short(summary: Ended) -> None:
    """The summary of a killed run says that it was cut short, and ends with 0."""
    assert 0 == summary.code, summary.stderr
    assert "cut short" in summary.stdout.lower()


def test_summary_claims_no_conformance(summary: Ended) -> None:
    """The summary of a killed run names no API as conformant."""
    words = summary.stdout.replace("nonconformant", "").split()

    assert "conformant" not in [word.strip(".,:*").lower() for word in words]


@pytest.mark.parametrize("form", ["junit", "markdown"])
def test_renderings_say_cut_short(killed: Killed, tmp_path: Path, form: str) -> None:
    """Every rendering of a killed run says that it was cut short."""
    rendered = tmp_path / "rendered"
    done = asdoc("report", "render", str(killed.folder), "--format", form, "--output", str(rendered), cwd=tmp_path)

    assert 0 == done.code, done.stderr
    assert "cut short" in rendered.read_text(encoding="utf-8").lower()


def test_half_line_is_forgiven(killed: Killed, tmp_path: Path) -> None:
    """A last line that was cut off in the middle is left out."""
    text = (killed.folder / "journal.jsonl").read_text(encoding="utf-8")
    (tmp_path / "journal.jsonl").write_text(text[: len(text.rstrip()) - 20], encoding="utf-8")

    assert _ANSWERED - 1 == len(read_report(tmp_path).trace.exchanges)
