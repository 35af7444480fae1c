"""Let what a server's parser refuses reach the emulator, where a switch says that it is taken all the same."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

WRONG_LENGTH = "wire/content-length"
_LENGTH = re.compile(rb"^(content-length:)([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_END_OF_HEAD = b"\r\n\r\n"


Taken = Callable[[str, str, str], bool]
"""Tells whether a fault is taken in a request of this method for this target."""


def lenient(is_taken: Taken) -> type[asyncio.Protocol]:
    """Return the protocol of uvicorn, which guesses at a Content-Length that is no number where that is to be taken.

    The head has to come in one piece, as it does from a client that writes it at once.
    """
    from uvicorn.protocols.http.auto import AutoHTTPProtocol  # imported when something is served

    def data_received(self: asyncio.Protocol, data: bytes) -> None:
        AutoHTTPProtocol.data_received(self, guessed(data, is_taken))

    return type(AutoHTTPProtocol.__name__, (AutoHTTPProtocol,), {"data_received": data_received})


def guessed(data: bytes, is_taken: Taken) -> bytes:
    """Return what came over a connection with a Content-Length of digits alone; nothing changes where it is not to be taken."""
    head, end, content = data.partition(_END_OF_HEAD)
    wrong = any(not value.strip().isdigit() for _, value in _LENGTH.findall(head)) if end else False
    method, target = (*head.partition(b"\r\n")[0].decode("latin-1").split(" "), "", "")[:2]
    if not wrong or not is_taken(WRONG_LENGTH, method, target):
        return data
    return _LENGTH.sub(_digits, head) + end + content


def _digits(length: re.Match[bytes]) -> bytes:
    return length[1] + b" " + (b"".join(re.findall(rb"\d", length[2])) or b"0")
