"""Connections: each server is looked at, and what is wrong with one is told with a remedy."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from asdocumented.errors import UnreachableError
from asdocumented.preflight.checks import Check, State
from asdocumented.preflight.connections import check_connections, require_one
from asdocumented.targets.description import Tls
from tests.preflight.servers import ACCESS, FABRIC, Authority, listening, remote


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Give an authority."""
    return Authority.of(tmp_path)


def look(
    context: ssl.SSLContext | None, tls: Tls | None = None, *, scheme: str = "https", name: str = "127.0.0.1"
) -> Check:
    """Return what a look at one server shows."""

    async def looked() -> list[Check]:
        async with listening(context) as port:
            return await check_connections(remote({ACCESS: f"{scheme}://{name}:{port}"}, tls))

    return asyncio.run(looked())[0]


def test_good_certificate_is_shown_with_its_end(authority: Authority) -> None:
    """A server whose certificate is trusted is good, and the certificate's last day is told."""
    check = look(authority.context(), Tls(ca_file=authority.file))

    assert State.GOOD is check.state
    assert "with a certificate until 20" in check.text


def test_server_name_is_verified_instead(authority: Authority) -> None:
    """A certificate for another name is good where the file says that this is the server's name."""
    named = Tls(ca_file=authority.file, server_name="vcenter.example")

    assert State.GOOD is look(authority.context("vcenter.example"), named).state
    assert State.MISSING is look(authority.context("other.example"), named).state


@pytest.mark.parametrize(
    ("days", "name", "words"),
    [
        pytest.param(-1, "127.0.0.1", "certificate has expired", id="expired"),
        pytest.param(90, "other.example", "not valid for '127.0.0.1'", id="other name"),
    ],
)
def test_bad_certificate_is_told(authority: Authority, days: float, name: str, words: str) -> None:
    """A certificate that has ended, or that is another server's, keeps everything from being sent."""
    check = look(authority.context(name, days), Tls(ca_file=authority.file))

    assert State.MISSING is check.state
    assert words in check.text
    assert check.remedy


def test_unknown_authority_is_told(authority: Authority) -> None:
    """A certificate whose authority nobody named is not trusted, and the remedy says where to name it."""
    check = look(authority.context())

    assert State.MISSING is check.state
    assert "SSL_CERT_FILE" in check.remedy


def test_certificate_that_ends_soon_is_a_doubt(authority: Authority) -> None:
    """A certificate that ends within days is told, and keeps nothing from being sent."""
    check = look(authority.context(days=3.5), Tls(ca_file=authority.file))

    assert (State.DOUBT, True) == (check.state, "in 3 days" in check.text)


def test_unverified_certificate_is_a_doubt(authority: Authority) -> None:
    """A certificate that is not verified is told every time."""
    check = look(authority.context("other.example", -1), Tls(verify=False))

    assert (State.DOUBT, True) == (check.state, "not verified" in check.text)


def test_server_without_tls_is_told() -> None:
    """A server that speaks no TLS, named with https, is told."""
    assert State.MISSING is look(None).state
    assert State.GOOD is look(None, scheme="http").state


def test_wrong_port_leaves_the_other_server() -> None:
    """One server that is not there is missing; the other one can be judged."""

    async def looked() -> list[Check]:
        async with listening() as closed:
            pass
        async with listening() as port:
            return await check_connections(
                remote({ACCESS: f"http://127.0.0.1:{closed}", FABRIC: f"http://127.0.0.1:{port}"})
            )

    checks = asyncio.run(looked())
    require_one(checks)

    assert [(ACCESS, State.MISSING), (FABRIC, State.GOOD)] == [(each.api, each.state) for each in checks]
    assert "Connection refused" in checks[0].text
    with pytest.raises(UnreachableError, match="Nothing answers at"):
        require_one(checks[:1])
