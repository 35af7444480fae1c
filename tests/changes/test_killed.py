"""A run that changes a target and is killed, interrupted or deserted: `asdoc cleanup` brings everything back as it was."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from asdocumented.changes.journal import Change, read_journal
from asdocumented.emulator.tokens import basic_password
from asdocumented.report.rejudging import rejudged
from asdocumented.report.stream import read_report
from tests.changes.watched import (
    ACCESS,
    MIRRORING,
    VCENTER,
    Seen,
    Watched,
    environment_of,
    variable,
    watched,
    write_targets,
)
from tests.support import Ended, asdoc, at_once, command, slow, started

_POINTS = 20
_PATIENCE = 120
_RUN = ("run", "--target", "mine", "--allow", "disruptive", "--no-corpus", "--quiet", "--replace", "--output", "out")
_APIS = ("--api", ACCESS, "--api", MIRRORING)
_SOMEBODYS = {
    "id": "11111111-2222-4333-8444-555555555555",
    "roleDefinitionId": "22222222-2222-4333-8444-555555555555",
    "principalId": "33333333-2222-4333-8444-555555555555",
    "scope": "workspaces/exampleWorkspace",
    "principalType": "User",
}
_STOP = "/stopMirroring"


@dataclass
class Place:
    """A served emulator with something of somebody else's in it, and a folder with the targets file."""

    app: Watched
    folder: Path
    before: tuple[object, object] = (None, None)
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> tuple[object, object]:
        """Return what a run must leave as it was."""
        return self.app.assignments, self.app.mirroring

    @property
    def pending(self) -> tuple[Change, ...]:
        """Return what the journal says is left."""
        return tuple(
            each for file in self.folder.glob("state/targets/*/*.jsonl") for each in read_journal(file).pending
        )

    def cleanup(self, *words: str) -> Ended:
        """Run `asdoc cleanup`."""
        return asdoc("cleanup", *words, cwd=self.folder, env=self.env)

    def run(self) -> Ended:
        """Run `asdoc run` to its end."""
        return asdoc(*_RUN, *_APIS, cwd=self.folder, env=self.env)

    def run_until(
        self, number: signal.Signals, *at_request: tuple[int, str, bool], when: Callable[[], bool] = lambda: True
    ) -> Ended:
        """Send a run a signal at some requests: the n-th to a path that ends so, before or after it is carried out."""
        waiting = list(at_request)
        counts: dict[tuple[str, bool], int] = {}
        pids: list[int] = []

        def at(seen: Seen) -> bool:
            if not waiting or not when():
                return True
            count, ending, done = waiting[0]
            if not seen.path.endswith(ending) or seen.done is not done:
                return True
            counts[ending, done] = counts.get((ending, done), 0) + 1
            if counts[ending, done] < count:
                return True
            waiting.pop(0)
            counts.clear()
            os.kill(pids[0], number)
            return number is not signal.SIGKILL

        self.app.again(at)
        with started(command("asdoc"), *_RUN, *_APIS, cwd=self.folder, env=self.env) as process:
            pids.append(process.pid)
            try:
                stdout, stderr = process.communicate(timeout=_PATIENCE)
            except BaseException:
                process.kill()
                raise
        self.app.again()
        return Ended(process.returncode, stdout, stderr)


@contextmanager
def _place(folder: Path, *, stopped: bool = False) -> Iterator[Place]:
    folder.mkdir(exist_ok=True)
    with watched(folder) as app:
        if stopped:
            app.emulator.arrange(MIRRORING, "mirroring-stopped")
        app.somebody_assigns(_SOMEBODYS)
        app.emulator.late(0.002)
        write_targets(app, folder / "targets.toml", 'irreversible.mirrored-database = ["*"]')
        place = Place(app, folder, env=environment_of(app, folder / "state"))
        place.before = place.state
        yield place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Give an emulator that other processes can change."""
    with _place(tmp_path) as given:
        yield given


@dataclass(frozen=True)
class Killed:
    """How a run ended that was killed, what it left, and what cleaning up twice made of that."""

    code: int
    pending: tuple[Change, ...]
    first: Ended
    second: Ended
    before: object
    after: object
    at_last: object


def _killed(folder: Path, number: int, most: int) -> Killed:
    drawn = random.Random(f"kill {number}")
    with _place(folder / str(number), stopped=number % 3 == 0) as place:
        ended = place.run_until(signal.SIGKILL, (drawn.randint(1, most), "", drawn.random() < 0.5))
        pending = place.pending
        first = place.cleanup()
        after = place.state
        return Killed(ended.code, pending, first, place.cleanup(), place.before, after, place.state)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Future[Killed]]]:
    """Kill runs at twenty random requests, each on an emulator of its own."""
    folder = tmp_path_factory.mktemp("killed")
    with _place(folder / "whole") as place:
        place.run()
        most = place.app.count * 9 // 10
    with at_once({str(each): partial(_killed, folder, each, most) for each in range(_POINTS)}) as jobs:
        yield jobs


@slow
@pytest.mark.parametrize("number", range(_POINTS))
def test_killed_run_is_undone(killed: Mapping[str, Future[Killed]], number: int) -> None:
    """After kill -9 at a random request, `asdoc cleanup` brings everything back, and doing it twice changes nothing."""
    done = killed[str(number)].result()

    assert -signal.SIGKILL == done.code
    assert 0 == done.first.code, done.first
    assert done.before == done.after
    assert (0, "Nothing is left to undo.\n") == (done.second.code, done.second.stdout)
    assert done.before == done.at_last


@slow
def test_kills_leave_something(killed: Mapping[str, Future[Killed]]) -> None:
    """The random kills do leave things to delete and machines to put back, so that the test above can fail."""
    operations = {each.undo["call"]["operation"] for job in killed.values() for each in job.result().pending}

    assert {"delete-role-assignment", "start-mirroring", "stop-mirroring"} == operations


@slow
@pytest.mark.parametrize("stopped", [False, True], ids=["running", "stopped"])
def test_run_undoes_its_changes(tmp_path: Path, *, stopped: bool) -> None:
    """A run that ends by itself leaves nothing behind, and its journal nothing to do."""
    with _place(tmp_path, stopped=stopped) as place:
        ended = place.run()

        assert ended.code in (0, 4), ended.stderr
        assert place.before == place.state
        assert () == place.pending
        assert "Nothing is left" in place.cleanup().stdout


@slow
@pytest.mark.parametrize("requests", [45, 150, 220])
def test_run_out_of_budget_undoes_its_changes(place: Place, requests: int) -> None:
    """A run whose budget is used up takes its changes back all the same: that is owed, and no part of the budget."""
    file = place.folder / "targets.toml"
    file.write_text(f"{file.read_text('utf-8')}[targets.mine.budget]\nrequests = {requests}\n", "utf-8")
    ended = place.run()

    assert f"budget of {requests} requests" in ended.stderr
    assert ended.code in (1, 4)
    assert place.before == place.state
    assert () == place.pending


@slow
@pytest.mark.parametrize("requests", [40, 70, 100, 130])
def test_run_out_of_budget_takes_back_an_arranged_state(place: Place, requests: int) -> None:
    """A used-up budget keeps a run neither from taking back the state that it arranged nor from undoing everything else."""
    file = place.folder / "targets.toml"
    more = (
        'owned.mirrored-database = ["*"]',
        'states.mirroring-stopped.arrange = {operations = ["stop-mirroring"]}',
        'states.mirroring-stopped.clean-up = {operations = ["start-mirroring"]}',
        "[targets.mine.budget]",
        f"requests = {requests}",
    )
    file.write_text("\n".join([file.read_text("utf-8"), *more, ""]), "utf-8")
    ended = place.run()

    assert f"budget of {requests} requests" in ended.stderr
    assert ended.code in (1, 4)
    assert place.before == place.state
    assert () == place.pending


@slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_undoes_its_changes(place: Place, number: signal.Signals) -> None:
    """A run that is interrupted while the mirroring stops starts it again before it ends."""
    ended = place.run_until(number, (1, _STOP, True))

    assert 130 == ended.code, ended.stderr
    assert place.before == place.state
    assert () == place.pending


@slow
def test_second_interrupt_gives_up(place: Place) -> None:
    """Interrupted again while it undoes, a run names what undoes the rest; that does."""
    ended = place.run_until(signal.SIGINT, (1, _STOP, True), (1, "/startMirroring", False))

    assert 130 == ended.code
    assert "asdoc cleanup" in ended.stderr
    assert place.pending
    assert 0 == place.cleanup().code
    assert place.before == place.state


@slow
def test_run_ends_its_sessions(place: Place) -> None:
    """Sessions that a run opened, to log in or because an operation does that, are closed when it is over."""
    file = place.folder / "targets.toml"
    text = file.read_text(encoding="utf-8")
    old = f'credentials.admin = {{env = "{variable(VCENTER, "admin")}"}}'
    assert old in text
    file.write_text(text.replace(old, 'credentials.admin = {user = "admin", password = {env = "PASSWORD"}}'), "utf-8")
    opened: list[int] = []

    def at(seen: Seen) -> bool:
        opened.append(place.app.sessions)
        return True

    place.app.again(at)
    env = {**place.env, "PASSWORD": basic_password(0, "admin")}
    ended = asdoc(*_RUN, "--api", VCENTER, cwd=place.folder, env=env)

    assert ended.code in (0, 4), ended
    assert max(opened) > 1
    assert 0 == place.app.sessions


@slow
def test_used_up_budget_leaves_nothing(place: Place) -> None:
    """A run that has taken all that it may still undoes what it did."""
    file = place.folder / "targets.toml"
    file.write_text(file.read_text().replace('allow = "disr', 'budget.requests = 60\nallow = "disr'), encoding="utf-8")
    ended = place.run()

    assert 4 == ended.code, ended
    assert place.before == place.state
    assert () == place.pending


@slow
def test_deserting_target_is_told(place: Place) -> None:
    """A target that stops answering keeps its changes in the journal; cleaning up works once it is back."""

    def at(seen: Seen) -> bool:
        if seen.path.endswith(_STOP) and seen.done:
            place.app.desert()
        return True

    place.app.again(at)
    ended = place.run()
    early = place.cleanup()
    place.app.return_()
    place.app.again()
    late = place.cleanup()

    assert 5 == ended.code
    assert "asdoc cleanup" in ended.stderr
    assert 5 == early.code
    assert 0 == late.code, late
    assert place.before == place.state


@slow
@pytest.mark.parametrize("named", [True, False], ids=["clean-up", "none"])
def test_state_of_a_killed_run_is_cleaned_up(place: Place, *, named: bool) -> None:
    """A state that a command arranged is taken back by `asdoc cleanup`; where the file names no way, that is told once."""
    mark, file = place.folder / "ARRANGED", place.folder / "targets.toml"
    path = f"__import__('pathlib').Path({str(mark)!r})"
    lines = [f"states.mirroring-stopped.arrange = {{command = {_python(f'{path}.touch()')}}}"]
    if named:
        lines.append(f"states.mirroring-stopped.clean-up = {{command = {_python(f'{path}.unlink(missing_ok=True)')}}}")
    file.write_text("\n".join([file.read_text("utf-8"), *lines, ""]), "utf-8")
    killed = place.run_until(signal.SIGKILL, (1, "", False), when=mark.exists)
    refused = place.run()
    shown = place.cleanup("--dry-run")
    done = place.cleanup()

    assert -signal.SIGKILL == killed.code
    assert (2, True) == (refused.code, "changes-left" in refused.stderr)
    assert (4, True) == (shown.code, "mirroring-stopped" in shown.stdout)
    assert (0 if named else 4, not named) == (done.code, mark.exists()), done
    assert named or "names no clean-up" in done.stderr
    assert (0, "Nothing is left to undo.\n") == (place.cleanup().code, place.cleanup().stdout)


def _python(code: str) -> str:
    return json.dumps([sys.executable, "-c", code])


@slow
def test_leftovers_come_first(place: Place) -> None:
    """A run that may change something does not start on what another one left; `cleanup --dry-run` shows it and sends nothing."""
    place.run_until(signal.SIGKILL, (1, _STOP, True))
    place.app.again()
    refused = place.run()
    shown = place.cleanup("--dry-run")

    assert (2, True) == (refused.code, "changes-left" in refused.stderr)
    assert "start-mirroring" in shown.stdout
    assert 0 == place.app.count


@slow
def test_leftovers_are_in_every_report(place: Place) -> None:
    """What could not be taken back is in the report, in JUnit and in the summary with its remedy, beside what was tried."""
    file = place.folder / "targets.toml"
    lines = [
        f"states.mirroring-stopped.arrange = {{command = {_python('pass')}}}",
        f"states.mirroring-stopped.clean-up = {{command = {_python('exit(1)')}}}",
    ]
    file.write_text("\n".join([file.read_text("utf-8"), *lines, ""]), "utf-8")
    words = [each for each in _RUN if each != "--quiet"]
    ended = asdoc(*words, "--api", MIRRORING, cwd=place.folder, env=place.env)
    recorded = read_report(place.folder / "out")
    said = "the state 'mirroring-stopped' could not be cleaned up"

    assert ended.code == rejudged(recorded).records[-1]["exitCode"] != 0
    assert {True} == {said in each["said"] for each in recorded.of("leftover")}
    assert {"look", "undo"} == {each["why"] for each in recorded.of("housekeeping")}
    assert "Left behind" in ended.stdout
    assert "asdoc cleanup --target mine" in ended.stdout
    assert "the target is as it was before the run" in (place.folder / "out/junit.xml").read_text("utf-8")


@slow
def test_failing_cleanup_keeps_secrets(place: Place, tmp_path: Path) -> None:
    """What goes wrong in `asdoc cleanup` is told with a marker where a token was."""
    place.run_until(signal.SIGKILL, (1, _STOP, True))
    place.app.again()
    canary = place.env[variable(MIRRORING, "admin")]
    code = (
        "import sys\n"
        "from asdocumented.changes import returning\n"
        "from asdocumented.cli.main import main\n"
        "import os, logging\n"
        f"secret = os.environ[{variable(MIRRORING, 'admin')!r}]\n"
        "async def broken(*args, **kwargs):\n"
        "    logging.getLogger('a.library').error('%s', secret)\n"
        "    raise RuntimeError('it broke with ' + secret)\n"
        "import asdocumented.changes.guarding as guarding\n"
        "guarding.take_back = broken\n"
        "sys.argv = ['asdoc', 'cleanup']\n"
        "main()\n"
    )
    ended = Ended(*_python_ended(code, place))

    assert 0 != ended.code
    assert "it broke with" in ended.stderr
    assert "«token:admin»" in ended.stderr
    assert canary not in ended.stdout + ended.stderr


def _python_ended(code: str, place: Place) -> tuple[int, str, str]:
    with started(sys.executable, "-c", code, cwd=place.folder, env=place.env) as process:
        stdout, stderr = process.communicate(timeout=_PATIENCE)
    return process.returncode, stdout, stderr
