"""What a server puts into its headers and has sent back: whatever it is, it ends no run, and what can be sent back is."""

from __future__ import annotations

import json

import pytest

from asdocumented.contracts.model import Tier
from asdocumented.running import Options, Run, run
from asdocumented.selection import Selection
from asdocumented.verdicts import Verdict
from tests.judge.traces import ACCESS, catalogue

from .hostile import Hostile, Script, hostile, target

_ID = "00000000-0000-4000-8000-000000000001"
_BODY = json.dumps({"count": 1, "value": [{"id": _ID, "roleDefinitionId": _ID, "principalId": _ID}]}).encode()
_FABRIC, _MANAGEMENT = "microsoft-fabric-mirroring", "azure-synapse-management"
_VALUES = {
    "UTF-8": b"caf\xc3\xa9",
    "Latin-1": b"caf\xe9\xff",
    "control": b"a\x01b",
    "delete": b"a\x7fb",
    "escape": b"\x1b[2Ja",
    "tab": b"a\tb",
    "NUL": b"a\x00b",
    "return": b"a\rx-more: b",
    "quotes": b'"a"',
    "50 kB": b"x" * 50_000,
    "100 kB": b"x" * 100_000,
    "100 kB of Latin-1": b"\xe9" * 100_000,
}


def _with_header(name: bytes, value: bytes) -> Script:
    """Return a script that answers everything with a list, and one header field."""
    head = b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n" % len(_BODY)
    return lambda asked: [head + name + b": " + value + b"\r\n\r\n" + (b"" if asked.line.startswith("HEAD") else _BODY)]


def _run(server: Hostile, api: str) -> Run:
    return run(catalogue(), target(server.url, api=api), Options(Selection(apis=(api,)), allowed=Tier.READ))


@pytest.mark.parametrize("value", _VALUES)
@pytest.mark.parametrize("name", [b"x-ms-continuation", b"etag", b"location", b"retry-after", b"x-ms-request-id"])
def test_no_header_ends_a_run(name: bytes, value: str) -> None:
    """A run comes to its end whatever a header holds, and has verdicts."""
    with hostile(_with_header(name, _VALUES[value])) as server:
        done = _run(server, ACCESS)

    assert len(server.asked) > 10
    assert "" == done.execution.interrupted
    assert any(Verdict.FAIL in each.profiles.values() for each in done.results.values())


@pytest.mark.parametrize("api", [_FABRIC, _MANAGEMENT])
@pytest.mark.parametrize("value", ["UTF-8", "Latin-1", "control", "100 kB"])
def test_no_entity_tag_ends_a_run(api: str, value: str) -> None:
    """So it is with the APIs that have entity tags."""
    with hostile(_with_header(b"etag", _VALUES[value])) as server:
        assert "" == _run(server, api).execution.interrupted


@pytest.mark.parametrize("value", ["UTF-8", "quotes", "50 kB", "tab"])
def test_continuation_is_sent_back_as_it_came(value: str) -> None:
    """A continuation goes back byte for byte."""
    expected = _VALUES[value].decode()
    with hostile(_with_header(b"x-ms-continuation", _VALUES[value])) as server:
        _run(server, ACCESS)

    assert expected in {each.headers.get("x-ms-continuation") for each in server.asked}


@pytest.mark.parametrize("value", ["Latin-1"])
def test_continuation_that_cannot_be_sent_ends_its_walk(value: str) -> None:
    """One that the client cannot send is said to be so, and nothing that follows from it is a failure of the target."""
    with hostile(_with_header(b"x-ms-continuation", _VALUES[value])) as server:
        done = _run(server, ACCESS)
    unsent = [each for each in done.execution.trace.exchanges if each.response is None]

    assert unsent
    assert {"a header field that is not UTF-8 cannot be sent"} == {each.failure.partition(": ")[2] for each in unsent}
    assert all(each.environmental for each in unsent)
    numbers = {each.id for each in unsent}
    assert not [key for key, each in done.results.items() for mark in each.findings if numbers & set(mark.exchanges)]
