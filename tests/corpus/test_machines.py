"""State machines follow from contracts, are walked in every run and on purpose, and are held against a small model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from asdocumented.contracts import load_catalogue
from asdocumented.contracts.locating import bundled
from asdocumented.corpus.exploring import Explorer, Found
from asdocumented.corpus.machines import Machine, Model, Walk, machines, surprises
from asdocumented.corpus.store import Corpora, load_corpora
from asdocumented.corpus.walking import drawn_walks, stored_walks
from asdocumented.corpus.walks import FILE, keep_walk, read_walks
from asdocumented.errors import UsageError
from asdocumented.running import Options, run
from asdocumented.selection import Selection
from asdocumented.targets.emulated import EmulatorTarget
from asdocumented.traces import Exchange, Request, Response
from tests.corpus.test_exploring import steps
from tests.support import asdoc, catalogue, failing, of_api

GRANTS = "azure-synapse-access-control"
CREATE, DELETE, GET, LIST = (
    f"{each}-role-assignment{'s' * (each == 'list')}" for each in ("create", "delete", "get", "list")
)
API = catalogue().apis[GRANTS]
MACHINES = {machine.name: machine for api in catalogue().apis.values() for machine in machines(api)}


def test_machines_are_those_of_the_contracts() -> None:
    """Role assignments, mirroring and sync are machines, with the operations that share their thing."""
    expected = {
        CREATE: {CREATE, DELETE, GET, LIST},
        "start-mirroring": {"start-mirroring", "stop-mirroring", "get-mirroring-status"},
        "start-sync-provider": {"start-sync-provider", "get-sync-provider"},
    }

    assert expected == {name: set(machine.operations) for name, machine in MACHINES.items()}


@pytest.mark.parametrize("name", MACHINES)
def test_committed_walks_are_those_of_the_seed(name: str) -> None:
    """The stored walks are the ones that the seed 0 gives, and none is stale."""
    machine = MACHINES[name]
    corpora = load_corpora(catalogue())

    assert {each.id for each in stored_walks(machine, 0)} == {
        each.id for each in corpora.walks[f"{machine.api}/{name}"]
    }


def test_model_follows_what_was_done() -> None:
    """The model knows what is there after each command, and expects nothing where the contracts are silent."""
    model = Model(API, MACHINES[CREATE], "")
    told = []
    for command in ((GET, "a"), (CREATE, "a"), (GET, "a"), (DELETE, "a"), (GET, "a"), (DELETE, "a"), (LIST, "")):
        told.append(model.expected(command))
        model.follow(command, succeeded=bool(model.expected(command)))

    assert [False, True, True, True, False, None, True] == told


def test_model_moves_through_states() -> None:
    """A start from the state that it needs has to succeed and moves on; from another one anything goes."""
    api = catalogue().apis["microsoft-fabric-mirroring"]
    model = Model(api, MACHINES["start-mirroring"], "mirroring-running")
    start, stop = ("start-mirroring", ""), ("stop-mirroring", "")
    before = (model.expected(start), model.expected(stop))
    model.follow(stop, succeeded=True)

    assert ((None, True), (True, None)) == (before, (model.expected(start), model.expected(stop)))


def talk(*answers: tuple[str, int, object]) -> list[Exchange]:
    """Return exchanges with these paths, statuses and bodies."""
    return [
        Exchange(index, GRANTS, "", Request("GET", path), Response(status, (), json.dumps(body).encode()))
        for index, (path, status, body) in enumerate(answers, start=1)
    ]


@pytest.mark.parametrize(
    ("commands", "answers", "expected"),
    [
        pytest.param([(CREATE, "a"), (GET, "a")], [("/r/x", 200, {}), ("/r/x", 404, {})], ["a success"], id="lost"),
        pytest.param([(GET, "a")], [("/r/x", 200, {})], ["a refusal"], id="never made"),
        pytest.param(
            [(CREATE, "a"), (LIST, "")],
            [("/r/x", 200, {}), ("/r", 200, {"value": []})],
            ["x in the list"],
            id="not listed",
        ),
        pytest.param(
            [(CREATE, "a"), (DELETE, "a"), (LIST, "")],
            [("/r/x", 200, {}), ("/r/x", 204, None), ("/r", 200, {"value": [{"id": "X"}]})],
            ["x absent from the list"],
            id="still listed",
        ),
        pytest.param([(CREATE, "a"), (GET, "a")], [("/r/x", 409, {}), ("/r/x", 404, {})], [], id="conflict"),
        pytest.param([(CREATE, "a"), (LIST, "")], [("/r/x", 200, {}), ("/r", 503, {})], [], id="busy"),
    ],
)
def test_surprises_are_seen(
    commands: list[tuple[str, str]], answers: list[tuple[str, int, object]], expected: list[str]
) -> None:
    """What a machine does against its model is a surprise; a conflict and a busy server are none."""
    walk = Walk(MACHINES[CREATE], tuple(commands))

    assert expected == [each.expected for each in surprises(API, walk, "", talk(*answers))]


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("seed", range(3))
def test_healthy_emulator_follows_the_model(name: str, seed: int) -> None:
    """No walk breaks a requirement of a healthy emulator, or surprises the model."""
    machine = MACHINES[name]
    walks = tuple(drawn_walks(machine, seed, 12, 10))
    options = Options(selection=of_api(machine.api), seed=seed, corpora=Corpora(walks={f"{machine.api}/{name}": walks}))
    done = run(catalogue(), EmulatorTarget(catalogue(), seed=seed), options)
    exchanges = {each.id: each for each in done.execution.trace.exchanges}
    found = [
        surprise
        for each in done.replayed
        if isinstance(each.case, Walk)
        for surprise in surprises(
            catalogue().apis[machine.api],
            each.case,
            catalogue().operation(each.case.operation).state,
            [exchanges[number] for number in each.exchanges],
        )
        if not _begins_elsewhere(each.case)
    ]

    assert (len(walks), set(), []) == (len(done.replayed) + len(done.left_out), failing(done), found)
    assert 8 < len(done.replayed)


def _begins_elsewhere(walk: Walk) -> bool:
    """Tell whether the first moving command of a walk is not the one whose state the test names."""
    operations = catalogue().apis[walk.machine.api].operations
    moving = [name for name, _ in walk.commands if operations[name].state]
    return bool(moving) and moving[0] != walk.machine.name


def forgetful() -> EmulatorTarget:
    """Return an emulator that forgets what it was told to store."""
    target = EmulatorTarget(catalogue())
    target.emulator.switch("read-after-write.not-persisted", operation=f"{GRANTS}/{CREATE}")
    return target


def walked() -> Found:
    """Return what walking finds on the forgetful emulator."""
    done = run(catalogue(), forgetful(), Options(selection=of_api(GRANTS)))
    explorer = Explorer(done, steps(200))
    explorer.walk(1)
    return explorer.result.found[0]


def test_broken_machine_is_found_and_shrunk() -> None:
    """A target that forgets is found by a walk, and two commands are left of it."""
    found = walked()

    assert isinstance(found.case, Walk)
    assert (CREATE, 2) == (found.case.commands[0][0], len(found.case.commands))
    assert GET == found.case.commands[1][0]


def test_kept_walk_is_replayed(tmp_path: Path) -> None:
    """A walk that was kept is replayed by the next run, and can be shown alone."""
    walk = walked().case
    assert isinstance(walk, Walk)
    keep_walk(tmp_path, API, walk)
    keep_walk(tmp_path, API, walk)
    corpora = load_corpora(catalogue(), tmp_path)
    done = run(catalogue(), EmulatorTarget(catalogue()), Options(selection=of_api(GRANTS), corpora=corpora))
    shown = asdoc("run", "--corpus", str(tmp_path), "--case", walk.id, cwd=tmp_path)

    assert [(walk.id, 2)] == [(each.case.id, len(each.exchanges)) for each in done.replayed]
    assert (0, 2) == (shown.code, shown.stdout.count("  curl -i")), shown.stderr


def test_stale_walks_are_not_replayed(tmp_path: Path) -> None:
    """The walks of a machine one of whose requests has changed are left out, and their operation is named."""
    folder = tmp_path / "contracts"
    shutil.copytree(bundled("contracts"), folder)
    file = folder / GRANTS / GET / "contract.yaml"
    file.write_text(file.read_text("utf-8").replace("minLength: 1", "minLength: 2"), encoding="utf-8")
    corpora = load_corpora(load_catalogue(folder), folder)

    assert {f"{GRANTS}/{CREATE}", f"{GRANTS}/{GET}"} == set(corpora.stale)
    assert () == corpora.walks[f"{GRANTS}/{CREATE}"]


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": 2}', f'{{"format": 1, "machines": {{"{CREATE}": {{}}}}}}']
)
def test_broken_file_is_the_users_mistake(tmp_path: Path, content: str) -> None:
    """A file that holds no walks is told with its place and with what to do."""
    file = tmp_path / GRANTS / FILE
    file.parent.mkdir(parents=True)
    file.write_text(content, encoding="utf-8")

    with pytest.raises(UsageError, match=r"holds no walks: .*asdoc corpus generate"):
        list(read_walks(tmp_path, API))


def test_machine_of_some_operations_is_walked() -> None:
    """A run of some operations of a machine walks on those."""
    names = tuple(f"{GRANTS}/{each}" for each in (CREATE, LIST))
    done = run(catalogue(), EmulatorTarget(catalogue()), Options(selection=Selection(operations=names)))
    explorer = Explorer(done, steps(200))
    explorer.walk(1)

    assert ([], True) == (explorer.result.found, explorer.result.cases > 5)


def test_machine_is_plain_data() -> None:
    """A machine equals the one that the same contracts give again."""
    assert next(iter(MACHINES.values())) == next(machines(API))
    assert isinstance(next(machines(API)), Machine)
