"""A state that is exported and imported makes another emulator go on as the first one would."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asdocumented.contracts import load_catalogue
from asdocumented.contracts.model import Catalogue
from asdocumented.emulator import Emulator, SteppingClock, strict_json
from asdocumented.emulator.state import schema
from asdocumented.emulator.state_file import load, save
from asdocumented.errors import UsageError
from tests.emulator.client import (
    ACCESS,
    CREDENTIALS,
    DATABASE,
    FABRIC,
    FIRST,
    LINKS,
    MANAGEMENT,
    OTHER_ROLE,
    PASSWORD,
    PROVIDER,
    SECOND,
    SESSION,
    VCENTER,
    Client,
    runtime,
)

Answer = tuple[int, list[tuple[str, str]], bytes]
Command = tuple[str, Any]


def stop(client: Client) -> object:
    """Stop the mirroring."""
    return client.send("POST", DATABASE.format(action="stopMirroring"), api=FABRIC)


def open_session(client: Client) -> object:
    """Open a session."""
    return client.send("POST", SESSION, api=VCENTER, security="basic")


ACTIONS: dict[str, Callable[[Client, Any], object]] = {
    "create": lambda client, value: client.create(str(value) or "-", roleId=OTHER_ROLE),
    "delete": lambda client, value: client.delete(str(value) or "-"),
    "start": lambda client, _value: client.start(CREDENTIALS),
    "stop": lambda client, _value: stop(client),
    "sync": lambda client, _value: client.send("POST", runtime("syncCredentials"), api=MANAGEMENT),
    "session": lambda client, _value: open_session(client),
    "arrange": lambda client, _value: client.emulator.arrange(ACCESS, "two-pages"),
    "stale": lambda client, _value: client.emulator.switch("read-after-write.stale", times=3),
    "unavailable": lambda client, _value: client.emulator.switch("service.unavailable", share=0.3),
    "alternating": lambda client, _value: client.emulator.switch("page.backwards", alternates=True),
    "late": lambda client, _value: client.emulator.late(1, jitter=2),
    "advance": lambda client, _value: client.clock.advance(2.7),
    "freeze": lambda client, _value: client.clock.freeze(333),
    "reset": lambda client, _value: client.emulator.reset(),
}
commands = st.lists(
    st.tuples(st.sampled_from(sorted(ACTIONS)), st.sampled_from([FIRST, SECOND, "näm e", "%2F", "\u202e"])), max_size=12
)


def probe(client: Client) -> list[Answer]:
    """Ask for everything that a state may change, twice, so that what is drawn shows too."""
    answers = []
    for _ in range(2):
        answers += [
            client.page(),
            client.create(SECOND),
            client.read(FIRST),
            client.read("missing"),
            client.start(),
            client.send("GET", PROVIDER, api=VCENTER),
            client.send("POST", SESSION, api=VCENTER, security="basic"),
            client.send("POST", DATABASE.format(action="getMirroringStatus"), api=FABRIC),
            client.send("POST", runtime("getStatus"), api=MANAGEMENT),
            client.control("GET", "/switches"),
            client.control("GET", "/resources"),
            client.control("GET", "/clock"),
        ]
    return [(each.status_code, list(each.headers.items()), each.content) for each in answers]


def exported(client: Client) -> Any:
    """Return the state of an emulator as a file would have it."""
    return strict_json.parse(json.dumps(client.emulator.export_state()).encode())


@settings(max_examples=40, deadline=None, derandomize=True)
@given(commands)
def test_imported_state_goes_on(script: list[Command]) -> None:
    """After any commands, an emulator that imports the state answers byte for byte as the one that exported it."""
    client, other = Client(seed=3), Client(seed=3)
    for name, value in script:
        ACTIONS[name](client, value)
    state = exported(client)
    other.emulator.import_state(state)

    assert state == exported(other)
    assert probe(client) == probe(other)


def test_state_fits_its_schema(client: Client) -> None:
    """A state fits the schema that is published with it, with a lagging world and without."""
    client.emulator.switch("read-after-write.stale")
    client.create()
    client.emulator.late(1)

    jsonschema_rs.Draft202012Validator(schema()).validate(exported(client))


def test_exported_state_is_a_copy(client: Client) -> None:
    """What is exported or imported does not change with the emulator."""
    state = client.emulator.export_state()
    before = copy.deepcopy(state)
    client.emulator.import_state(state)
    client.create()
    client.start()

    assert before == state


def test_state_keeps_what_is_hidden(client: Client) -> None:
    """What a switch made unfindable stays so in a copy of the state."""
    client.emulator.switch("delete.listed")
    client.create()
    client.delete()
    client.emulator.import_state(client.emulator.export_state())

    assert 404 == client.read().status_code


def test_state_holds_no_secret(client: Client) -> None:
    """Neither passwords, tokens nor session ids get into a state, and a session goes on all the same."""
    session = open_session(client).json()["value"]  # type: ignore[attr-defined]
    client.start(CREDENTIALS)
    token = (client.emulator.credential(ACCESS, "admin") or ("", ""))[1].removeprefix("Bearer ")
    state = exported(client)
    other = Client()
    other.emulator.import_state(state)
    headers = {"vmware-api-session-id": session}

    assert [] == [each for each in (session, PASSWORD, token) if each in json.dumps(state)]
    assert 200 == other.send("GET", LINKS, identity="anonymous", headers=headers).status_code


def narrowed() -> Catalogue:
    """Return contracts without one of the APIs."""
    apis = dict(load_catalogue().apis)
    del apis[FABRIC]
    return Catalogue(apis)


def without(state: Any, name: str) -> Any:
    """Return a state without one of its parts."""
    return {key: value for key, value in state.items() if key != name}


BROKEN: dict[str, tuple[Callable[[Any], Any], str]] = {
    "no object": (lambda state: [state], "its 'kind' is not"),
    "foreign": (lambda _state: {"kind": "other"}, "its 'kind' is not"),
    "newer": (lambda state: {**state, "version": 2}, "it is of version 2"),
    "incomplete": (lambda state: without(state, "apis"), "does not fit the schema"),
    "wider": (lambda state: {**state, "more": 1}, "does not fit the schema"),
    "ill-typed": (lambda state: {**state, "clock": {**state["clock"], "ticks": "1"}}, "/clock/ticks does not fit"),
    "edited": (lambda state: {**state, "seed": 1}, "it was changed after"),
    "reordered": (
        lambda state: {**state, "apis": dict(reversed(state["apis"].items()))},
        "it was changed after",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_state_is_refused(client: Client, name: str) -> None:
    """What is no state of this emulator is refused in one sentence, and changes nothing."""
    client.create()
    change, words = BROKEN[name]
    before = exported(client)
    with pytest.raises(UsageError, match="no state for this emulator") as refused:
        client.emulator.import_state(change(exported(Client())))

    assert words in refused.value.message
    assert before == exported(client)


def test_other_contracts_are_refused() -> None:
    """A state of other contracts is refused."""
    other = Emulator(narrowed(), clock=SteppingClock())
    with pytest.raises(UsageError, match="other contracts"):
        other.import_state(exported(Client()))


def test_other_seed_is_named() -> None:
    """A state of another seed is refused with the seed that it needs."""
    with pytest.raises(UsageError, match="seed 4, and this emulator has 0") as refused:
        Client().emulator.import_state(exported(Client(seed=4)))

    assert "--seed 4" in refused.value.remedy


def test_control_moves_state(client: Client) -> None:
    """The control API exports a state and imports it again."""
    client.create()
    state = client.control("GET", "/state").json()
    client.delete()
    answer = client.control("PUT", "/state", json=state)

    assert (204, [FIRST]) == (answer.status_code, client.ids())


def test_control_refuses_broken_state(client: Client) -> None:
    """The control API says what is wrong with a state."""
    state = {**client.control("GET", "/state").json(), "seed": 7}
    answer = client.control("PUT", "/state", json=state)

    assert (400, "state-invalid") == (answer.status_code, answer.json()["error"])


def test_file_keeps_state(client: Client, tmp_path: Path) -> None:
    """A file that is saved is loaded again, nothing else is left beside it, and a missing one is a fresh start."""
    file, other = tmp_path / "state.json", Client()
    load(other.emulator, file)
    client.create()
    save(client.emulator, file)
    save(client.emulator, file)
    load(other.emulator, file)

    assert ([FIRST], [file]) == (other.ids(), list(tmp_path.iterdir()))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is not JSON"),
        (b"\xff", "it is not UTF-8"),
        (b'{"kind": 1, "kind": 2}', "it is not JSON"),
        (b"{}", "its 'kind' is not"),
        (b"[" * 5000, "it nests deeper"),
    ],
    ids=["empty", "binary", "double", "foreign", "deep"],
)
def test_broken_file_is_told(client: Client, tmp_path: Path, content: bytes, words: str) -> None:
    """A file that is no state is told in one sentence with its name, and is left as it is."""
    file = tmp_path / "state.json"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=r"state\.json") as refused:
        load(client.emulator, file)

    assert words in refused.value.message
    assert content == file.read_bytes()


def test_impossible_file_is_told(client: Client, tmp_path: Path) -> None:
    """A folder that is not there is told at the start, and at the end when it has gone."""
    file = tmp_path / "gone" / "state.json"
    with pytest.raises(UsageError, match="cannot be written to"):
        load(client.emulator, file)
    with pytest.raises(UsageError, match="No such file"):
        save(client.emulator, file)


def test_cut_short_file_is_refused(client: Client, tmp_path: Path) -> None:
    """A file that lost its end is no state."""
    file = tmp_path / "state.json"
    save(client.emulator, file)
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(UsageError, match="it is not JSON"):
        load(client.emulator, file)
