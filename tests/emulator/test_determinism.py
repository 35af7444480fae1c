"""The same seed gives the same bytes, and nothing is shared between emulators."""

from __future__ import annotations

from tests.emulator.client import ACCESS, CREDENTIALS, FABRIC, FIRST, PROVIDER, SESSION, VCENTER, VERSION, Client


def script(client: Client) -> list[tuple[int, list[tuple[str, str]], bytes]]:
    """Send requests whose answers have ids and times, and return the answers."""
    client.emulator.arrange(ACCESS, "two-pages")
    answers = [
        client.page(),
        client.send("GET", f"/roleAssignments?{VERSION}", identity="anonymous"),
        client.send("POST", SESSION, api=VCENTER, security="basic"),
        client.start(CREDENTIALS),
        client.send("GET", PROVIDER, api=VCENTER),
        client.send("GET", "/v1/nothing", api=FABRIC),
    ]
    return [(each.status_code, list(each.headers.items()), each.content) for each in answers]


def test_same_seed_repeats_bytes() -> None:
    """Two emulators with one seed answer byte for byte alike."""
    assert script(Client(seed=7)) == script(Client(seed=7))


def test_other_seed_differs() -> None:
    """Another seed gives other ids, sessions, continuations and tokens."""
    one, other = script(Client(seed=1)), script(Client(seed=2))

    assert [False, False, False, True, True, False] == [a == b for a, b in zip(one, other, strict=True)]
    assert Client(seed=1).emulator.credential(ACCESS, "admin") != Client(seed=2).emulator.credential(ACCESS, "admin")


def test_arranging_is_repeatable(client: Client) -> None:
    """A state is arranged with the same ids, whatever happened before."""
    first = client.emulator.arrange(ACCESS, "two-pages")
    client.create()
    client.send("GET", "/roleAssignments/missing")

    assert first == client.emulator.arrange(ACCESS, "two-pages")


def test_request_ids_go_on(client: Client) -> None:
    """Arranging a state does not make request ids repeat."""
    before = client.read().headers["x-ms-request-id"]
    client.emulator.arrange(ACCESS, "no-role-assignments")

    assert before != client.read().headers["x-ms-request-id"]


def test_state_belongs_to_instance(client: Client) -> None:
    """What one emulator stores, switches or logs is unknown to another."""
    client.create()
    client.emulator.switch("error.flat")
    other = Client()

    assert ([], (), []) == (other.ids(), other.emulator.switches, other.emulator.log[1:])


def test_apis_do_not_share_state(client: Client) -> None:
    """Arranging one API leaves the others as they are."""
    client.create()
    client.emulator.arrange(VCENTER, "sync-running")

    assert [FIRST] == client.ids()


def test_reset_goes_back(client: Client) -> None:
    """A reset emulator answers as a new one."""
    client.create()
    client.emulator.switch("error.flat")
    client.emulator.reset()

    assert ([], ()) == (client.emulator.log, client.emulator.switches)
    assert [] == client.ids()


def test_clock_steps_a_request(client: Client) -> None:
    """The stepping clock moves with each request, and only then."""
    before = client.clock.now()
    client.page()
    client.control("GET", "/clock")

    assert 10 == round((client.clock.now() - before) * 1000)
