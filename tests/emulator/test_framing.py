"""A wrong length reaches the emulator over a socket where a switch takes it, and there alone."""

from __future__ import annotations

import asyncio

import pytest

from asdocumented import wire
from asdocumented.contracts import load_catalogue
from asdocumented.emulator import Emulator
from asdocumented.emulator.framing import WRONG_LENGTH, guessed
from asdocumented.targets.listening import Listener
from tests.emulator.client import ACCESS, VERSION

LIST = f"{ACCESS}/list-role-assignments"
WRONG = b"GET /x HTTP/1.1\r\nHost: y\r\nContent-Length: %b\r\n\r\nbody"


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        pytest.param(b"+4", b"4", id="sign"),
        pytest.param(b"4, 4", b"44", id="list"),
        pytest.param(b"many", b"0", id="word"),
        pytest.param(b"4", b"4", id="number"),
    ],
)
def test_length_is_guessed(length: bytes, expected: bytes) -> None:
    """A length that is taken is the digits in it, and nothing else of the request changes."""
    assert WRONG % expected == guessed(WRONG % length, lambda *_: True)


@pytest.mark.parametrize("data", [WRONG % b"+4", b"\r\n", b"", b"body with\r\nContent-Length: +4"])
def test_other_bytes_stay(data: bytes) -> None:
    """What is not to be taken, or is no head of a request, stays as it is."""
    assert data == guessed(data, lambda *_: False)


def statuses(*switched: str) -> list[int]:
    """Return the answers to a list with a wrong and with a right length while a fault is taken in some operations."""

    async def ask() -> list[int]:
        emulator = Emulator(load_catalogue())
        for operation in switched:
            emulator.switch("fault.accepted", fault=WRONG_LENGTH, operation=operation)
        listener = Listener(emulator.app, emulator.protocol)
        header = emulator.credential(ACCESS, "admin") or ("", "")
        target = f"/roleAssignments?{VERSION}"
        try:
            return [
                (
                    await wire.send(
                        await listener.url(), "GET", target, (header, ("content-length", length)), b"", timeout=30
                    )
                ).status
                for length in ("+0", "0")
            ]
        finally:
            await listener.close()

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("switched", "expected"),
    [
        pytest.param((), [400, 200], id="off"),
        pytest.param((f"{ACCESS}/create-*",), [400, 200], id="elsewhere"),
        pytest.param((LIST,), [200, 200], id="on"),
    ],
)
def test_wrong_length_is_taken_by_switch(switched: tuple[str, ...], expected: list[int]) -> None:
    """A length with a sign is refused, but by an operation whose switch takes it."""
    assert expected == statuses(*switched)
