"""What comes back is read within limits, as it is, and by nobody but the target."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from itertools import repeat

import pytest

from asdocumented.targets.description import Limits
from asdocumented.transport.limits import TooLargeError, UndecodableError, decoded
from tests.judge.traces import LIST

from .hostile import EMPTY, END, Asked, Script, hostile, said, sent, target, valid

MIB = 1 << 20
SMALL = Limits(largest=MIB)
HURRIED = Limits(connect=0.2, answer=0.1)


def _bomb(layers: int) -> Script:
    content = bytes(20 * MIB)
    for _ in range(layers):
        content = gzip.compress(content, mtime=0)
    return lambda asked: [said(200, content, content_encoding=", ".join(["gzip"] * layers))]


def _endless(asked: Asked) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n\r\n"
    yield from repeat(bytes(65_536))


def _announced(asked: Asked) -> Iterable[bytes]:
    return [b"HTTP/1.1 200 OK\r\ncontent-length: 2000000\r\n\r\n", bytes(2_000_000)]


@pytest.mark.parametrize(
    ("script", "environmental"),
    [
        pytest.param(_bomb(1), False, id="bomb"),
        pytest.param(_bomb(2), False, id="bomb in a bomb"),
        pytest.param(_endless, True, id="endless"),
        pytest.param(_announced, True, id="announced"),
    ],
)
def test_large_answer_is_cut_off(script: Script, environmental: object) -> None:
    """What is larger than the limit is not read; only what a content coding hid, which nobody asked for, is a fault."""
    with hostile(script) as server:
        (exchange,) = sent(target(server.url, limits=SMALL), valid(LIST))

    assert exchange.response is None
    assert exchange.failure.startswith(f"the answer is larger than {MIB} bytes")
    assert environmental is exchange.environmental


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "bare deflate", "gzip, deflate", "identity"])
def test_content_is_decoded(coding: str) -> None:
    """A content in a coding that was not asked for is read all the same."""
    text = b"x" * 300_000
    bare = zlib.compressobj(wbits=-15)
    forms = {
        "gzip": gzip.compress(text, mtime=0),
        "x-gzip": gzip.compress(text, mtime=0),
        "deflate": zlib.compress(text),
        "bare deflate": bare.compress(text) + bare.flush(),
        "gzip, deflate": zlib.compress(gzip.compress(text, mtime=0)),
        "identity": text,
    }

    assert text == decoded(forms[coding], coding.removeprefix("bare "), MIB)


def test_unknown_coding_is_left_alone() -> None:
    """What cannot be decoded is kept as it came."""
    assert decoded(b"abc", "br", MIB) == b"abc"


@pytest.mark.parametrize("content", [b"no gzip", gzip.compress(b"x" * 1000, mtime=0)[:-9]])
def test_broken_coding_is_no_answer(content: bytes) -> None:
    """A content that is not in its coding, or ends too soon, is the server's fault."""
    with pytest.raises(UndecodableError):
        decoded(content, "gzip", MIB)


def test_work_of_a_bomb_is_bounded() -> None:
    """A coding whose content unfolds to nothing in the next one is stopped by what lies in between."""
    empty = zlib.compressobj(wbits=-15)
    blocks = b"".join(empty.compress(b"") + empty.flush(zlib.Z_FULL_FLUSH) for _ in range(500_000))

    with pytest.raises(TooLargeError):
        decoded(gzip.compress(blocks, mtime=0), "deflate, gzip", MIB)


def _slow_head(asked: Asked) -> Iterable[bytes | float]:
    return [0.3, said(200, EMPTY)]


def _slow_body(asked: Asked) -> Iterator[bytes | float]:
    yield b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"
    for _ in range(20):
        yield from (b"x", 0.05)


@pytest.mark.parametrize(
    ("script", "times", "words"),
    [
        pytest.param(_slow_head, 3, "ReadTimeout", id="first byte"),
        pytest.param(_slow_body, 1, "not complete in time", id="body"),
    ],
)
def test_slow_answer_is_nobodys_fault(script: Script, times: int, words: str) -> None:
    """An answer must be complete by a deadline; once some of it came the request is not sent again."""
    with hostile(script) as server:
        exchanges = sent(target(server.url, limits=HURRIED), valid(LIST))

    assert times == len(exchanges) == len(server.asked)
    assert exchanges[-1].environmental
    assert words in exchanges[-1].failure


def test_redirect_is_not_followed() -> None:
    """A redirect to another host is an answer to judge, and the other host hears nothing of it."""
    with (
        hostile(lambda asked: [said(200, EMPTY)]) as foreign,
        hostile(lambda asked: [said(302, location=f"{foreign.url}/steal")]) as server,
    ):
        (exchange,) = sent(target(server.url), valid(LIST))

    assert exchange.response is not None
    assert exchange.response.status == 302
    assert foreign.connections == 0


def test_cookie_is_not_kept() -> None:
    """A cookie that a server sets never comes back: it could make an valid request somebody's."""
    with hostile(lambda asked: [said(200, EMPTY, set_cookie="session=abc; Path=/")]) as server:
        sent(target(server.url), valid(LIST), valid(LIST))

    assert all("cookie" not in each.headers for each in server.asked)


def test_answer_is_recorded_as_it_came() -> None:
    """Header fields stay in their order, and the request's bytes are those of the plan."""
    with hostile(
        lambda asked: [b"HTTP/1.1 200 OK\r\nX-B: 1\r\nX-A: 2\r\nX-B: 3\r\ncontent-length: 0\r\n\r\n"]
    ) as server:
        call = valid(LIST).also(query=(("filter", "a/b c"),))
        (exchange,) = sent(target(server.url), call)

    assert exchange.response is not None
    assert exchange.response.headers == (("x-b", "1"), ("x-a", "2"), ("x-b", "3"), ("content-length", "0"))
    assert f"GET {call.target} HTTP/1.1" == server.asked[0].line


@pytest.mark.parametrize(
    "answer",
    [
        b"hello\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length : 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nok",
    ],
)
def test_malformed_answer_is_the_servers_fault(answer: bytes) -> None:
    """What is no HTTP is a finding at once, and no reason to ask again."""
    with hostile(lambda asked: [answer, END]) as server:
        (exchange,) = sent(target(server.url), valid(LIST))

    assert not exchange.environmental
    assert exchange.failure


def test_connections_are_kept() -> None:
    """Requests share a connection."""
    with hostile(lambda asked: [said(200, EMPTY)]) as server:
        sent(target(server.url), *[valid(LIST)] * 5)

    assert server.connections == 1
