"""What the emulator writes byte for byte: each form as bytes, and a few of them over a real socket."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Mapping
from typing import Any

import h11
import pytest

from asdocumented.emulator.raw import FORMS, drafted, written
from asdocumented.emulator.switches import KNOWN
from asdocumented.mutant import Mutant
from asdocumented.reads.strict_json import parse
from asdocumented.running import Options, Run, run
from asdocumented.selection import Selection
from asdocumented.targets.listening import Listener
from asdocumented.targets.loopback import LoopbackTarget
from asdocumented.verdicts import Verdict
from tests.support import WIDEST, catalogue, turn_on

LIST = "azure-synapse-access-control/list-role-assignments"
CONTENTS = (b'{"value":[{"id":"a"}],"count":1}', b'[{"link":"a"}]', b"{}", b"[]", b'"text"', b"")
LEGAL = {
    "wire.chunked": {},
    "wire.http-1.0": {},
    "wire.header-case": {"case": "upper"},
    "wire.phrase": {"text": "Fine"},
    "wire.early-hints": {},
}
BROKEN_JSON = ("wire.duplicate-key", "wire.bom", "wire.nan", "wire.invalid-utf8", "wire.cut")


def answer(name: str, content: bytes, **arguments: Any) -> bytes:
    """Return the bytes of an answer in one form."""
    fields = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
    return written(drafted(200, fields, content), ((name, arguments),)).encoded()


def read(data: bytes) -> tuple[int, bytes]:
    """Return the status and the content that a strict parser reads; raises where it is no complete answer."""
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("host", "here")]))
    parser.send(h11.EndOfMessage())
    parser.receive_data(data)
    parser.receive_data(b"")
    status, content = 0, b""
    while not isinstance(event := parser.next_event(), h11.EndOfMessage):
        if isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            content += bytes(event.data)
    return status, content


def test_every_form_is_a_switch() -> None:
    """The names of the forms are those of the switches on the wire."""
    assert {each for each in KNOWN if each.startswith("wire.")} == set(FORMS)


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("name", LEGAL)
def test_legal_form_is_the_same_answer(name: str, content: bytes) -> None:
    """A strict parser reads the same out of every legal form."""
    assert (200, content) == read(answer(name, content, **LEGAL[name]))


@pytest.mark.parametrize("content", CONTENTS[:3])
@pytest.mark.parametrize("name", BROKEN_JSON)
def test_broken_text_is_no_json(name: str, content: bytes) -> None:
    """The answer is complete, and its content is no JSON text."""
    status, got = read(answer(name, content))

    assert 200 == status
    assert parse(got).problems


@pytest.mark.parametrize(("by", "content"), [(7, b"{}"), (7, b""), (1, b"{}")])
def test_longer_length_never_ends(by: int, content: bytes) -> None:
    """An answer that announces more than it has is incomplete."""
    with pytest.raises(h11.RemoteProtocolError):
        read(answer("wire.content-length", content, by=by))


def test_shorter_length_leaves_bytes() -> None:
    """An answer that announces less than it has is cut."""
    assert (200, b"{") == read(answer("wire.content-length", b"{}", by=-1))


def test_no_http_is_refused() -> None:
    """What begins with no version of HTTP is no answer."""
    with pytest.raises(h11.RemoteProtocolError):
        read(answer("wire.no-http", b"{}"))


@pytest.mark.parametrize(("after", "left"), [("nothing", 0), ("half", 2)])
def test_stalled_answer_stops(after: str, left: int) -> None:
    """Of a stalled answer nothing comes, or all but half of its content."""
    whole, got = answer("wire.phrase", b"[1]", text="OK"), answer("wire.stall", b"[1]", after=after)

    assert got == (whole[:-left] if left else b"")


def loopback_run(mutant: Mutant | None = None, silence: float = 30.0) -> Run:
    """Judge the list on an emulator over a socket."""
    target = LoopbackTarget(catalogue(), silence=silence)
    if mutant is not None:
        turn_on(target, mutant)
    return run(catalogue(), target, Options(selection=Selection(operations=(LIST,))))


def test_loopback_judges_alike() -> None:
    """Over a socket every verdict is the one that is given in process."""
    done = run(catalogue(), LoopbackTarget(catalogue()), Options())

    assert 0 == done.exit_code
    assert {Verdict.PASS, Verdict.NOT_OBSERVED} >= {each.profiles[WIDEST] for each in done.results.values()}


@pytest.mark.parametrize(
    ("switch", "arguments", "verdict"),
    [
        ("wire.content-length", {"by": 7}, Verdict.FAIL),
        ("wire.gzip-declared", {}, Verdict.FAIL),
        ("wire.chunked", {}, Verdict.PASS),
    ],
)
def test_forms_reach_the_judge(switch: str, arguments: Mapping[str, Any], verdict: Verdict) -> None:
    """What is written to the socket decides whether a complete response was received."""
    done = loopback_run(Mutant(switch, LIST, "", arguments))

    assert verdict is done.results[f"{LIST}/response/received"].profiles[WIDEST]


@pytest.mark.parametrize("after", ["nothing", "half"])
def test_silence_is_never_green(after: str) -> None:
    """An answer that never comes fails nothing, since no source limits the time, and passes nothing either."""
    done = loopback_run(Mutant("wire.stall", LIST, "", {"after": after}), silence=0.1)

    assert Verdict.INCONCLUSIVE is done.results[f"{LIST}/response/received"].profiles[WIDEST]
    assert 5 == done.exit_code


async def _first_connection(listener: Listener) -> int:
    """Return whether Nagle's algorithm is off on the server's side of a connection."""
    port = int((await listener.url()).rpartition(":")[2])
    found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def app(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        own = send.__self__.transport.get_extra_info("socket")
        found.set_result(own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(None).encode()})

    listener._server.config.loaded_app = app  # type: ignore[union-attr]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n")
    await reader.read()
    writer.close()
    await listener.close()
    return await found


def test_answers_do_not_wait() -> None:
    """The second piece of an answer does not wait for the client's acknowledgement of the first."""
    target = LoopbackTarget(catalogue())

    assert asyncio.run(_first_connection(target._listener))
