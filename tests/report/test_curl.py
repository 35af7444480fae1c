"""Tests of requests as curl lines."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from asdocumented.report.curl import curl_line
from asdocumented.traces import Exchange, Headers, Request

BASH = shutil.which("bash")
needs_bash = pytest.mark.skipif(BASH is None, reason="there is no bash on this system")

TOKEN: Headers = (("authorization", "Bearer «token:admin»"),)


def line(*, headers: Headers = (), body: bytes = b"", target: str = "/orders/7") -> str:
    """Return the curl line of a PUT, with a shell variable for each token."""
    sent = Request("PUT", target, headers, body)
    return curl_line(
        Exchange(1, "shop", "https://shop.example", sent, None), lambda api, identity, security: f"${api}_{identity}"
    )


def arguments(command: str) -> list[str]:
    """Return the arguments that a shell would call curl with."""
    script = f"shop_admin=t0ken; curl() {{ printf '%s\\0' \"$@\"; }}; {command}"
    done = subprocess.run([str(BASH), "-c", script], capture_output=True, check=True, cwd=Path(__file__).parent)
    return done.stdout.decode("utf-8").split("\0")[:-1]


def test_line_names_the_request() -> None:
    """Method, URL and own headers are there; what curl sets itself is not."""
    headers = (("host", "shop.example"), ("content-length", "0"), ("user-agent", "asdocumented/0"), ("x-own", "1"))

    assert line(headers=headers) == "curl -i -X PUT -H 'x-own: 1' https://shop.example/orders/7"


def test_token_becomes_expression() -> None:
    """A credential is a shell expression within double quotes, so that the shell fills it in."""
    assert '-H "authorization: Bearer $shop_admin"' in line(headers=TOKEN)


@needs_bash
def test_shell_fills_in_token() -> None:
    """What the shell passes to curl has the token itself."""
    assert "authorization: Bearer t0ken" in arguments(line(headers=TOKEN))


BODIES = [
    pytest.param(b"""{"it's": "quoted"}""", id="both quotes"),
    pytest.param(b"$(touch pwned) `id` $HOME \\ !", id="expansions"),
    pytest.param(b"@/etc/passwd", id="file name"),
    pytest.param(b"a\n\tb", id="line break"),
    pytest.param("«secret:/password» 你好".encode(), id="marker"),
    pytest.param(b" ", id="blank"),
]


@needs_bash
@pytest.mark.parametrize("body", BODIES)
def test_body_reaches_curl_unchanged(body: bytes) -> None:
    """A body is passed as it is: no quote ends it, nothing in it is run or read from a file."""
    passed = arguments(line(headers=TOKEN, body=body))

    assert passed[passed.index("--data-raw") + 1] == body.decode()


@needs_bash
@pytest.mark.parametrize("target", ["/a?b=1&c=2", "/a'b", '/a"b', "/a;id", "/a#b", "/a b", "/$(id)"])
def test_target_is_one_argument(target: str) -> None:
    """Whatever stands in a URL, it is the last argument."""
    assert arguments(line(target=target))[-1] == f"https://shop.example{target}"


@needs_bash
@pytest.mark.parametrize(
    "value", ['Bearer «token:admin»"; id; "', "Bearer «token:admin» `id`", "Bearer «token:admin»\\"]
)
def test_header_is_one_argument(value: str) -> None:
    """What stands beside a token in a header cannot leave its quotes."""
    expected = f"x: {value.replace('«token:admin»', 't0ken')}"

    assert expected in arguments(line(headers=(("x", value),)))


@needs_bash
@pytest.mark.parametrize("body", BODIES)
def test_bash_accepts_the_line(body: bytes) -> None:
    """A shell finds nothing wrong with the line."""
    checked = subprocess.run([str(BASH), "-n", "-c", line(headers=TOKEN, body=body)], capture_output=True, check=False)

    assert (checked.returncode, checked.stderr) == (0, b"")


@pytest.mark.parametrize("target", ["/a/../b", "/a/./b?c=1", "/a/.."])
def test_dots_stay_in_path(target: str) -> None:
    """A path with dot segments is sent as it is; one with dots in a name needs nothing."""
    assert "--path-as-is" in line(target=target)
    assert "--path-as-is" not in line(target="/a.b/..c/d..")


def test_wrong_length_is_sent() -> None:
    """A Content-Length that curl would not set itself is part of the request."""
    assert "-H 'content-length: many'" in line(headers=(("content-length", "many"),))


@needs_bash
def test_bytes_go_through_a_pipe() -> None:
    """A body that is no text reaches curl byte for byte."""
    body = bytes(range(256))
    command = line(headers=TOKEN, body=body).replace("curl -i", "curl -i", 1)
    script = f"shop_admin=t0ken; curl() {{ cat; }}; {command}"
    done = subprocess.run([str(BASH), "-c", script], capture_output=True, check=True, cwd=Path(__file__).parent)

    assert body == done.stdout


@needs_bash
@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param((("authorization", "Basic «basic:admin»"),), ["-u", "t0ken"], id="plain"),
        pytest.param((("authorization", "Other «basic:admin»"),), ["-H", "authorization: Other dDBrZW4="], id="scheme"),
        pytest.param(
            (("authorization", "Basic «basic:admin»"),) * 2, ["-H", "authorization: Basic dDBrZW4="], id="twice"
        ),
    ],
)
def test_user_and_password_are_encoded(headers: Headers, expected: list[str]) -> None:
    """Where curl would write another header from user and password, the line writes it itself."""
    passed = arguments(line(headers=headers))

    assert expected == passed[passed.index(expected[0]) :][:2]
