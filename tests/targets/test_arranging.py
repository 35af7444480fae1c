"""States are arranged in every way that a targets file can name, seen to hold, and taken back, also after a failure."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from asdocumented.changes.fence import fenced
from asdocumented.contracts.model import Tier
from asdocumented.exchanges import Sender
from asdocumented.mutant import Mutant
from asdocumented.plans import Step
from asdocumented.secrets import Redactor
from asdocumented.targets.arranging import Arranger
from asdocumented.targets.description import (
    ApiDescription,
    ByCommand,
    ByHttp,
    ByOperations,
    Description,
    FromEnvironment,
    StateDescription,
    Way,
)
from asdocumented.targets.emulated import EmulatorTarget
from asdocumented.targets.model import Patience, UnavailableError
from asdocumented.targets.outside import Outside, secret_of
from asdocumented.targets.remote import RemoteTarget
from asdocumented.traces import Arrangement, Exchange
from asdocumented.transport.budget import BudgetError
from tests.support import catalogue, turn_on
from tests.transport.hostile import Asked, hostile

FABRIC = "microsoft-fabric-mirroring"
ACCESS = "azure-synapse-access-control"
VCENTER = "vmware-vcenter-hvc"
START = ByOperations(("start-mirroring",))
STOP = ByOperations(("stop-mirroring",))


@dataclass
class Scene:
    """The emulator as a target whose states a description names; its clock moves only when it is waited for."""

    api: str
    states: Mapping[str, StateDescription]
    without: frozenset[str] = frozenset()  # operations that the target does not have
    target: EmulatorTarget = field(default_factory=lambda: EmulatorTarget(catalogue()))
    sent: list[Exchange] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Describe the emulator with everything that it has."""
        pools = self.target.pools[self.api]
        described = ApiDescription(
            "http://127.0.0.1:9", resources=pools, owned=pools, states=self.states, patience=Patience(60, 10)
        )
        self.arranger = Arranger(
            catalogue(),
            Description("mine", {self.api: described}),
            frozenset(each for each in self.target.operations if each.rpartition("/")[2] not in self.without),
            Outside(secret_of),
            self.target.wait,
            self.target.now,
        )

    def arrange(self, *states: str) -> list[Arrangement]:
        """Arrange one state after the other, and take back the last."""

        async def all_of_them() -> list[Arrangement]:
            async with self.target.client() as client:
                sender = Sender(self.target, catalogue().apis, Redactor(), client)

                async def send(step: Step) -> Exchange:
                    self.sent.append(await sender.send(step.call, note=lambda exchange: None))
                    return self.sent[-1]

                try:
                    return [await self.arranger.arrange(self.api, state, send) for state in states]
                finally:
                    self.leftovers = await self.arranger.clean_up(self.api, send)

        return asyncio.run(all_of_them())

    @property
    def asked(self) -> list[str]:
        """Return the methods and ends of the paths that were sent, without repeats in a row."""
        asked = [
            f"{each.request.method} {each.request.target.partition('?')[0].rpartition('/')[2]}" for each in self.sent
        ]
        return [each for place, each in enumerate(asked) if place == 0 or asked[place - 1] != each]


def by(arrange: Way, clean_up: Way | None = None) -> StateDescription:
    """Return a state that is arranged in a way."""
    return StateDescription({}, arrange, clean_up)


def test_given_state_sends_nothing() -> None:
    """A state that is given holds for the resources that the file names, and nothing is sent for it."""
    scene = Scene(FABRIC, {"mirroring-running": StateDescription({"mirrored-database": ("db",)})})

    assert [Arrangement(FABRIC, "mirroring-running", {"mirrored-database": ("db",)})] == scene.arrange(
        "mirroring-running"
    )
    assert [] == scene.sent


def test_operations_arrange_and_take_back() -> None:
    """A command is sent, its end is waited for, and the clean-up is sent at the end."""
    scene = Scene(FABRIC, {"mirroring-stopped": by(STOP, START), "mirroring-running": by(START)})
    database = scene.target.pools[FABRIC]["mirrored-database"]

    assert [Arrangement(FABRIC, "mirroring-stopped", {"mirrored-database": database})] == scene.arrange(
        "mirroring-stopped"
    )
    assert [
        "POST getMirroringStatus",
        "POST stopMirroring",
        "POST getMirroringStatus",
        "POST startMirroring",
    ] == scene.asked


def test_state_that_holds_is_left_alone() -> None:
    """Where a look shows that the state holds, nothing is changed, and nothing is taken back."""
    scene = Scene(FABRIC, {"mirroring-running": by(START, STOP)})
    scene.arrange("mirroring-running")

    assert ["POST getMirroringStatus"] == scene.asked


def test_next_state_takes_back_the_last() -> None:
    """What is arranged is taken back before another state of the same API."""
    scene = Scene(FABRIC, {"mirroring-stopped": by(STOP, START), "throttled": StateDescription({})})
    scene.arrange("mirroring-stopped", "throttled")

    assert 1 == scene.asked.count("POST startMirroring")


def test_busy_state_is_seen() -> None:
    """What an operation is refused in is seen by the operation that shows what goes on, and it does not wait for its end."""
    scene = Scene(VCENTER, {"sync-running": by(ByOperations(("start-sync-provider",)))})
    provider = scene.target.pools[VCENTER]["provider"]

    assert [Arrangement(VCENTER, "sync-running", {"provider": provider})] == scene.arrange("sync-running")
    assert scene.target.now() - EmulatorTarget(catalogue()).now() < 1


def test_created_things_are_deleted() -> None:
    """The clean-up is about what arranging created, the newest first."""
    create, delete = "create-role-assignment", "delete-role-assignment"
    way, back = ByOperations((create, create)), ByOperations((delete, delete))
    scene = Scene(ACCESS, {"two-pages": by(way, back)})
    made = scene.arrange("two-pages")[0].resources["role-assignment"]

    assert 2 == len(set(made))
    assert [f"PUT {each}" for each in made] + [f"DELETE {each}" for each in reversed(made)] == scene.asked
    assert [200, 200, 204, 204] == [each.response.status for each in scene.sent if each.response]


def test_state_that_never_shows_is_told() -> None:
    """A state that does not show within the deadline is cleaned up and told with what was shown; it is not tried again."""
    scene = Scene(FABRIC, {"mirroring-stopped": by(STOP, START)})
    turn_on(scene.target, Mutant("read-after-write.not-persisted", f"{FABRIC}/stop-mirroring", ""))

    with pytest.raises(UnavailableError, match=r"within 60 s \(deadline\) get-mirroring-status showed 'Running'"):
        scene.arrange("mirroring-stopped")
    assert 1 == scene.asked.count("POST startMirroring")
    before = len(scene.sent)
    with pytest.raises(UnavailableError, match="could not be arranged"):
        scene.arrange("mirroring-stopped")
    assert before == len(scene.sent)


def test_refused_operation_is_told() -> None:
    """An operation that is refused leaves the state unarranged, with its exchange in the reason."""
    scene = Scene(FABRIC, {"mirroring-stopped": by(STOP)})
    turn_on(scene.target, Mutant("service.failing", f"{FABRIC}/stop-mirroring", "", {"cause": "conflict"}))

    with pytest.raises(UnavailableError, match=r"stop-mirroring was answered \d+"):
        scene.arrange("mirroring-stopped")


def test_unseen_state_is_told() -> None:
    """Where an operation that the target does not have alone shows a state, sending a command does not make it hold."""
    scene = Scene(FABRIC, {"mirroring-stopped": by(STOP)}, without=frozenset({"get-mirroring-status"}))

    with pytest.raises(UnavailableError, match="only get-mirroring-status shows"):
        scene.arrange("mirroring-stopped")
    assert [] == scene.sent


def test_state_of_no_file_is_told() -> None:
    """A state that the file says nothing of is told by the key that it would need."""
    with pytest.raises(UnavailableError, match=r"states\.mirroring-running"):
        Scene(FABRIC, {}).arrange("mirroring-running")


def test_pool_that_lacks_is_told() -> None:
    """A way that needs a resource which the file does not name is told by its pool, and nothing is sent."""
    scene = Scene(FABRIC, {"mirroring-stopped": by(STOP)})
    api = replace(scene.arranger.description.apis[FABRIC], resources={}, owned={})
    scene.arranger.description = replace(scene.arranger.description, apis={FABRIC: api})

    with pytest.raises(UnavailableError, match="the target names no mirrored-database"):
        scene.arrange("mirroring-stopped")
    assert [] == scene.sent


# Commands and calls


def _python(code: str, folder: Path, timeout: float = 60) -> ByCommand:
    return ByCommand((sys.executable, "-c", code), folder, timeout)


def test_command_arranges_and_takes_back(tmp_path: Path) -> None:
    """A command runs in the folder of the file and knows what it is for; so does the one that takes it back."""
    said = "import os; open({!r}, 'w').write(os.environ['ASDOC_API'] + ' ' + os.environ['ASDOC_STATE'])"
    scene = Scene(
        ACCESS, {"two-pages": by(_python(said.format("on"), tmp_path), _python(said.format("off"), tmp_path))}
    )
    scene.arrange("two-pages")

    assert [f"{ACCESS} two-pages"] * 2 == [(tmp_path / name).read_text() for name in ("on", "off")]
    assert [] == scene.sent


def test_command_is_looked_after() -> None:
    """A command that ends with 0 is not believed where the contract tells how the state is seen."""
    scene = Scene(FABRIC, {"mirroring-stopped": by(ByCommand((sys.executable, "-c", "")))})

    with pytest.raises(UnavailableError, match="showed 'Running'"):
        scene.arrange("mirroring-stopped")


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        pytest.param((sys.executable, "-c", "print('hunter22'); exit(3)"), "ended with 3", id="exit code"),
        pytest.param(("no-such-command-of-anybody", "hunter22"), "cannot be started", id="missing"),
        pytest.param((sys.executable, "-c", "input('hunter22')"), "ended with 1", id="asks"),
    ],
)
def test_failing_command_is_told(
    command: tuple[str, ...], reason: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A command that fails is told by its name and how it ended, its clean-up runs, and what it prints is not shown."""
    back = _python("open('off', 'w')", tmp_path)
    scene = Scene(ACCESS, {"two-pages": by(ByCommand(command), back)})

    with pytest.raises(UnavailableError, match=reason) as raised:
        scene.arrange("two-pages")
    assert (tmp_path / "off").exists()
    assert "hunter22" not in str(raised.value) + "".join(capfd.readouterr())


def test_endless_command_is_ended(tmp_path: Path) -> None:
    """A command that does not end within its timeout is ended, with what it started."""
    scene = Scene(ACCESS, {"two-pages": by(_python("import threading; threading.Event().wait()", tmp_path, 0.5))})

    with pytest.raises(UnavailableError, match=r"did not end within 0\.5 s"):
        scene.arrange("two-pages")


def test_failing_clean_up_is_told(tmp_path: Path) -> None:
    """What cannot be taken back breaks nothing, and is told in a sentence."""
    scene = Scene(ACCESS, {"two-pages": by(_python("", tmp_path), _python("exit(7)", tmp_path))})
    scene.arrange("two-pages")

    assert ["ended with 7"] == [each[-12:] for each in scene.leftovers]


def test_clean_up_that_a_budget_ends_is_made_up_for() -> None:
    """Where the budget is used up while one state gives way to the next, the first is taken back at the end all the same."""
    scene = Scene(FABRIC, {"mirroring-stopped": by(STOP, START), "mirroring-running": by(START)})
    backs: list[str] = []

    async def run() -> list[str]:
        async with scene.target.client() as client:
            sender = Sender(scene.target, catalogue().apis, Redactor(), client)

            async def send(step: Step) -> Exchange:
                name = step.call.operation.name
                if name == "start-mirroring":
                    backs.append(name)
                    if len(backs) == 1:
                        raise BudgetError("The budget of 9 requests is used up.")
                return await sender.send(step.call, note=lambda exchange: None)

            await scene.arranger.arrange(FABRIC, "mirroring-stopped", send)
            with pytest.raises(BudgetError):
                await scene.arranger.arrange(FABRIC, "mirroring-running", send)
            return await scene.arranger.clean_up(FABRIC, send)

    assert [] == asyncio.run(run())
    assert ["start-mirroring"] * 2 == backs


class _Control(BaseHTTPRequestHandler):
    """A control API of the user's: it notes what it is asked, and its path is its status."""

    def do_POST(self) -> None:
        """Answer the status in the path, with a text that nobody may repeat."""
        body = self.rfile.read(int(self.headers["content-length"] or 0)).decode()
        self.server.seen.append((self.path, self.headers.get("x-key"), body))  # type: ignore[attr-defined]
        self.send_response(int(self.path.strip("/")))
        self.send_header("location", "/200")
        self.send_header("content-length", "8")
        self.end_headers()
        self.wfile.write(b"hunter22")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Print nothing."""


@pytest.fixture
def control() -> object:
    """Give a control API on loopback."""
    with HTTPServer(("127.0.0.1", 0), _Control) as server:
        server.seen = []  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


def test_call_arranges(control: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call is sent with its body, and with headers whose values may be secrets from elsewhere."""
    monkeypatch.setenv("CONTROL_KEY", "hunter22")
    url = f"http://127.0.0.1:{control.server_port}/204"
    call = ByHttp("POST", url, {"X-Key": FromEnvironment("CONTROL_KEY")}, "two pages")
    Scene(ACCESS, {"two-pages": by(call, ByHttp("POST", url, {"X-Key": "plain"}))}).arrange("two-pages")

    assert [("/204", "hunter22", "two pages"), ("/204", "plain", "")] == control.seen  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [302, 403, 500])
def test_refused_call_is_told(status: int, control: HTTPServer) -> None:
    """A call that is not answered with a success is told by its status alone, and no redirect is followed."""
    call = ByHttp("POST", f"http://127.0.0.1:{control.server_port}/{status}")

    with pytest.raises(UnavailableError, match=f"answered {status}") as raised:
        Scene(ACCESS, {"two-pages": by(call)}).arrange("two-pages")
    assert "hunter22" not in str(raised.value)
    assert 1 == len(control.seen)  # type: ignore[attr-defined]


def test_unanswered_call_is_told() -> None:
    """A call to where nobody listens, or with a secret that is not there, is told."""
    scene = Scene(ACCESS, {"two-pages": by(ByHttp("POST", "http://127.0.0.1:9/hunter22"))})
    with pytest.raises(UnavailableError, match="no connection was made"):
        scene.arrange("two-pages")

    lacking = ByHttp("POST", "http://127.0.0.1:9", {"X-Key": FromEnvironment("NO_SUCH_VARIABLE")})
    with pytest.raises(UnavailableError, match="cannot be read"):
        Scene(ACCESS, {"two-pages": by(lacking)}).arrange("two-pages")


@pytest.mark.parametrize("slow", [False, True])
def test_call_is_read_within_limits(slow: object) -> None:
    """What a call is answered is neither read without end nor waited for longer than the file says."""

    def endless(asked: Asked) -> Iterator[bytes | float]:
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        for _ in range(20 if slow else 2000):
            yield b" " if slow else bytes(65_536)
            yield 0.05 if slow else 0.0

    with hostile(endless) as server:
        call = ByHttp("POST", server.url, timeout=0.3 if slow else 20.0)
        told = "not complete in time" if slow else "larger than this run reads"
        with pytest.raises(UnavailableError, match=told):
            Scene(ACCESS, {"two-pages": by(call)}).arrange("two-pages")


def test_secrets_of_calls_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the headers of a call refer to is a secret of the target, to be kept out of every record; what is missing is not."""
    monkeypatch.setenv("CONTROL_KEY", "hunter22")
    headers = {
        "X-Key": FromEnvironment("CONTROL_KEY"),
        "X-None": FromEnvironment("NO_SUCH_VARIABLE"),
        "X-Plain": "plain",
    }
    states = {"two-pages": by(ByHttp("POST", "http://127.0.0.1:9", headers))}
    described = Description("mine", {ACCESS: ApiDescription("http://127.0.0.1:9", states=states)})

    assert {"hunter22": "«secret:/states»"} == RemoteTarget(catalogue(), described).secrets()
    assert {} == RemoteTarget(catalogue(), described, with_secrets=False).secrets()


# What is known before


@pytest.mark.parametrize(
    ("way", "tier"),
    [
        pytest.param(STOP, Tier.DISRUPTIVE, id="operations"),
        pytest.param(ByCommand(("x",)), Tier.WRITE, id="command"),
        pytest.param(ByHttp("GET", "http://127.0.0.1:9"), Tier.WRITE, id="call"),
    ],
)
def test_tier_of_a_way(way: Way, tier: Tier) -> None:
    """Arranging reaches as far as its operations do; a command or a call changes something, as far as anybody knows."""
    assert {"mirroring-stopped": tier} == Scene(FABRIC, {"mirroring-stopped": by(way)}).arranger.tiers(FABRIC)


def test_what_arranging_makes_up_is_the_runs_own() -> None:
    """An id that a step makes up for what it creates needs no line under `irreversible`: the fence knows it as the run's own."""
    api = catalogue().apis[ACCESS]
    pools = {name: each.values for name, each in api.resources.items() if each.values}
    two = ByOperations(("create-role-assignment",) * 2)
    undo = ByOperations(("delete-role-assignment",) * 2)
    described = ApiDescription("http://127.0.0.1:9", resources=pools, states={"two-pages": by(two, undo)})
    target = RemoteTarget(catalogue(), Description("mine", {ACCESS: described}), with_secrets=False)
    steps = target._arranger.prepared(ACCESS, "two-pages").steps
    made = {step.call.arguments["path", "roleAssignmentId"] for step in steps}

    assert 2 == len(made)
    assert made == target.made_up
    assert {""} == {fenced(step, target.rights[ACCESS], target.made_up) for step in steps}
    assert all("irreversible.role-assignment" in fenced(step, target.rights[ACCESS], ()) for step in steps)
