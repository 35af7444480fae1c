"""How connections are made: what secures them, through which proxy, and to whom."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from asdocumented.errors import UnreachableError, UsageError
from asdocumented.plans import Step
from asdocumented.preflight.connections import check_connections, require_one
from asdocumented.targets.description import (
    ApiDescription,
    ByHttp,
    Description,
    FromEnvironment,
    StateDescription,
    StaticCredential,
    Tls,
)
from asdocumented.targets.model import UnavailableError
from asdocumented.targets.remote import RemoteTarget
from asdocumented.traces import Exchange
from asdocumented.transport.tls import route_of
from tests.judge.traces import LIST, catalogue

from .hostile import EMPTY, Hostile, hostile, said, sent, target, valid


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return an authority of our own."""
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    """Return the authority's certificate as a file."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def secure(authority: trustme.CA, *names: str, asks: bool = False) -> ssl.SSLContext:
    """Return what a server with a certificate for these names is secured with; it may ask for a client's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    if asks:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[Hostile]:
    """Serve a list with a right certificate."""
    with hostile(lambda asked: [said(200, EMPTY)], secure(authority, "localhost")) as found:
        yield found


@pytest.fixture
def misnamed(authority: trustme.CA) -> Iterator[Hostile]:
    """Serve a list with a certificate of another name."""
    with hostile(lambda asked: [said(200, EMPTY)], secure(authority, "elsewhere.example")) as found:
        yield found


def test_authority_of_a_file_is_trusted(server: Hostile, ca_file: Path) -> None:
    """A CA file makes an API's server trusted, before a run and in it."""
    found = target(server.url, described={"tls": Tls(ca_file=ca_file)})
    require_one(asyncio.run(check_connections(found)))
    (exchange,) = sent(found, valid(LIST))

    assert exchange.response is not None
    assert not found.warnings


def test_stranger_is_not_trusted(server: Hostile) -> None:
    """A certificate of an unknown authority is refused, and no request is sent."""
    found = target(server.url)
    with pytest.raises(UnreachableError, match="is not trusted"):
        require_one(asyncio.run(check_connections(found)))
    exchanges = sent(found, valid(LIST))

    assert all(each.environmental for each in exchanges)
    assert not server.asked


def test_wrong_name_is_not_trusted(misnamed: Hostile, ca_file: Path) -> None:
    """A certificate of another name is refused, and no request is sent."""
    found = target(misnamed.url, described={"tls": Tls(ca_file=ca_file)})
    with pytest.raises(UnreachableError, match="is not trusted"):
        require_one(asyncio.run(check_connections(found)))
    exchanges = sent(found, valid(LIST))

    assert all(each.environmental for each in exchanges)
    assert not misnamed.asked


def test_other_name_can_be_expected(misnamed: Hostile, ca_file: Path) -> None:
    """A server name says whose certificate is right."""
    found = target(misnamed.url, described={"tls": Tls(ca_file=ca_file, server_name="elsewhere.example")})
    require_one(asyncio.run(check_connections(found)))
    (exchange,) = sent(found, valid(LIST))

    assert exchange.response is not None


def test_raw_request_is_secured_alike(misnamed: Hostile, ca_file: Path) -> None:
    """A request that no client sends is verified by the same rules."""
    call = valid(LIST).also(headers=(("content-length", "0"),))
    right = target(misnamed.url, described={"tls": Tls(ca_file=ca_file, server_name="elsewhere.example")})
    wrong = target(misnamed.url, described={"tls": Tls(ca_file=ca_file)})

    assert sent(right, call)[-1].response is not None
    assert sent(wrong, call)[-1].environmental


def test_verification_off_is_told_loudly(misnamed: Hostile) -> None:
    """Without verification anybody is talked to, and the user is told so."""
    found = target(misnamed.url, described={"tls": Tls(verify=False)})
    require_one(asyncio.run(check_connections(found)))
    (exchange,) = sent(found, valid(LIST))

    assert exchange.response is not None
    assert "NOT verified" in found.warnings[0]


def test_client_certificate_is_shown(authority: trustme.CA, ca_file: Path, tmp_path: Path) -> None:
    """A server that asks for a certificate gets the one of the description."""
    pem = tmp_path / "client.pem"
    authority.issue_cert("client@example.org").private_key_and_cert_chain_pem.write_to_path(str(pem))
    with hostile(lambda asked: [said(200, EMPTY)], secure(authority, "localhost", asks=True)) as server:
        shown = sent(target(server.url, described={"tls": Tls(ca_file=ca_file, client_certificate=pem)}), valid(LIST))
        hidden = sent(target(server.url, described={"tls": Tls(ca_file=ca_file)}), valid(LIST))

    assert shown[-1].response is not None
    assert hidden[-1].response is None


@pytest.mark.parametrize("field", ["ca_file", "client_certificate"])
def test_unusable_file_is_told(field: str, tmp_path: Path) -> None:
    """A file that is no PEM is one clear sentence."""
    path = tmp_path / "no.pem"
    path.write_text("nothing", encoding="utf-8")

    with pytest.raises(UsageError, match=r"no\.pem"):
        target("https://localhost:1", described={"tls": Tls(**{field: path})})


def test_proxy_is_used() -> None:
    """Where an API has a proxy every request goes through it, and its server is not looked up."""
    with hostile(lambda asked: [said(200, EMPTY)]) as proxy:
        found = target("http://api.example:8080", described={"proxy": proxy.url})
        require_one(asyncio.run(check_connections(found)))
        (exchange,) = sent(found, valid(LIST))

    assert exchange.response is not None
    assert proxy.asked[-1].line.startswith("GET http://api.example:8080/")


def test_proxy_that_refuses_is_the_environment() -> None:
    """A proxy that lets nobody through says nothing about the target."""
    with hostile(lambda asked: [said(407)]) as proxy:
        exchanges = sent(target("https://api.example", described={"proxy": proxy.url}), valid(LIST))

    assert all(each.environmental for each in exchanges)


@pytest.mark.parametrize(
    ("base", "expected"),
    [("http://127.0.0.1:1", ""), ("http://localhost:1", ""), ("http://api.example", "http://proxy.example:3128")],
)
def test_proxy_of_environment_is_not_for_loopback(base: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment says of proxies goes for real hosts alone."""
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)

    assert expected == route_of("api", ApiDescription(base)).proxy


@pytest.mark.parametrize(
    ("url", "warned"), [("http://server.example", 1), ("http://127.0.0.1:9", 0), ("https://server.example", 0)]
)
def test_credentials_without_tls_are_told(url: str, warned: int) -> None:
    """Credentials that go over an open line to another machine are told of; on this machine and over TLS nothing is."""
    api = ApiDescription(url, {"admin": StaticCredential(FromEnvironment("ASDOC_TESTED"))})
    described = Description("mine", {"azure-synapse-access-control": api})
    warnings = RemoteTarget(catalogue(), described, with_secrets=False).warnings

    assert warned == len(warnings)
    assert all("without TLS" in each for each in warnings)


# Calls of the user's that arrange a state


def called(api: ApiDescription, url: str) -> None:
    """Arrange a state of an API by a call to a URL; raises UnavailableError where that does not work."""
    name = LIST.partition("/")[0]
    described = replace(api, states={"two-pages": StateDescription({}, ByHttp("POST", url, timeout=5))})
    remote = RemoteTarget(catalogue(), Description("tested", {name: described}))

    async def none(step: Step) -> Exchange:
        raise AssertionError("nothing is sent to the API itself")

    asyncio.run(remote.arrange(name, "two-pages", none))


def test_call_trusts_the_authority_of_its_api(server: Hostile, misnamed: Hostile, ca_file: Path) -> None:
    """A call is connected like its API: the same authority, and at the API's own server the same name."""
    called(ApiDescription("https://localhost:9", tls=Tls(ca_file=ca_file)), server.url)
    called(ApiDescription(misnamed.url, tls=Tls(ca_file=ca_file, server_name="elsewhere.example")), misnamed.url)

    assert ["POST / HTTP/1.1"] * 2 == [each.asked[0].line for each in (server, misnamed)]


@pytest.mark.parametrize("tls", [Tls(), Tls(verify=False)])
def test_call_to_a_stranger_is_not_made(tls: Tls, server: Hostile) -> None:
    """A server that nobody vouches for gets no call, also where the API's own certificate is not verified."""
    with pytest.raises(UnavailableError, match="its HTTP call failed"):
        called(ApiDescription("https://localhost:9", tls=tls), server.url)

    assert [] == server.asked


def test_call_shows_the_certificate_to_the_server_of_its_api_alone(
    authority: trustme.CA, ca_file: Path, tmp_path: Path
) -> None:
    """A server that asks for a client's certificate gets it only where it is the API's own."""
    issued = authority.issue_cert("client.example")
    issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "client.pem"))
    tls = Tls(ca_file=ca_file, client_certificate=tmp_path / "client.pem")
    with hostile(lambda asked: [said(200, EMPTY)], secure(authority, "localhost", asks=True)) as asking:
        called(ApiDescription(asking.url, tls=tls), asking.url)
        with pytest.raises(UnavailableError, match="its HTTP call failed"):
            called(ApiDescription("https://localhost:9", tls=tls), asking.url)

    assert 1 == len(asking.asked)


def test_call_goes_through_the_proxy_of_its_api() -> None:
    """A call to another machine goes through the API's proxy, and one to this machine does not."""
    with hostile(lambda asked: [said(200)]) as proxy:
        api = ApiDescription("http://api.example", proxy=proxy.url)
        called(api, "http://ops.example/sync")
        called(api, f"{proxy.url}/here")

    assert ["POST http://ops.example/sync HTTP/1.1", "POST /here HTTP/1.1"] == [each.line for each in proxy.asked]
