"""Credentials in headers, before a run and in curl lines."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import jwt
import pytest

from asdocumented.credentials.holding import MALFORMED_TOKEN, NOBODY, Credentials
from asdocumented.credentials.hosts import check_host
from asdocumented.targets.description import (
    ApiDescription,
    AzureCredential,
    Credential,
    Description,
    FromCommand,
    FromEnvironment,
    FromFile,
    LoginCredential,
    StaticCredential,
)
from asdocumented.targets.model import UnavailableError
from tests.support import catalogue

ACCESS, FABRIC, VCENTER = "azure-synapse-access-control", "microsoft-fabric-mirroring", "vmware-vcenter-hvc"
AUDIENCES = {api: catalogue().apis[api].credential["audience"] for api in (ACCESS, FABRIC, VCENTER)}
ACME = "https://acme.example"


class Holder:
    """Makes credentials out of tokens, each in a variable of its own."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def __call__(self, api: str = ACCESS, **tokens: str) -> Credentials:
        """Return the credentials of identities (`_` for `-`) at an API."""
        given = {}
        for identity, token in tokens.items():
            self._patch.setenv(f"TESTED_{identity.upper()}", token)
            given[identity.replace("_", "-")] = StaticCredential(FromEnvironment(f"TESTED_{identity.upper()}"))
        return credentials_of(api, given)


@pytest.fixture
def holder(monkeypatch: pytest.MonkeyPatch) -> Holder:
    """Give a function that makes credentials."""
    return Holder(monkeypatch)


def credentials_of(
    api: str, given: dict[str, Credential], *, read: bool = True, audiences: tuple[str, ...] = ()
) -> Credentials:
    """Return the credentials of a target with one API."""
    described = Description("tested", {api: ApiDescription("https://tested.example", given, audiences=audiences)})
    return Credentials(catalogue(), described, httpx.AsyncClient, read=read)


def signed(audience: str = "", ends_in: float = 3600) -> str:
    """Return a JWT for an audience (none: it does not say) that ends in so many seconds."""
    said = {"exp": int(time.time() + ends_in)} | ({"aud": audience} if audience else {})
    return jwt.encode(said, "a key of the tests that is long enough for HS256", algorithm="HS256")


def header(credentials: Credentials, identity: str = "admin", api: str = ACCESS, security: str = "token") -> object:
    """Return the header of an identity."""
    return asyncio.run(credentials.header(api, identity, security))


def test_static_token_is_sent(holder: Holder) -> None:
    """A token is sent in the header and behind the scheme of its API."""
    assert ("authorization", "Bearer opaque-token") == header(holder(admin="opaque-token"))
    assert ("vmware-api-session-id", "session-1") == header(holder(VCENTER, admin="session-1"), api=VCENTER)


def test_static_header_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A credential with a header of its own is sent there as it is."""
    monkeypatch.setenv("TESTED", "key-of-the-tests")
    given = {"admin": StaticCredential(FromEnvironment("TESTED"), "X-Api-Key")}

    assert ("x-api-key", "key-of-the-tests") == header(credentials_of(ACCESS, given))


@pytest.mark.parametrize(("security", "prefix"), [("token", "Bearer malformed"), ("basic", "Basic ")])
def test_malformed_credential_is_made_up(security: str, prefix: str, holder: Holder) -> None:
    """A malformed credential needs nothing from the file, and names nobody."""
    found = header(holder(), "malformed", security=security)

    assert isinstance(found, tuple)
    assert found[1].startswith(prefix)


@pytest.mark.parametrize("identity", ["reader", "expired", "wrong-audience"])
def test_missing_credential_is_unavailable(identity: str, holder: Holder) -> None:
    """What the file does not give is not made up."""
    with pytest.raises(UnavailableError, match=f"names no credential for the identity '{identity}'"):
        header(holder(admin="opaque-token"), identity)


def test_anonymous_has_none(holder: Holder) -> None:
    """The anonymous identity has no credential."""
    assert None is header(holder(), "anonymous")


UNFIT = {
    "expired is good": ("expired", {"ends_in": 3600}, "is good until"),
    "not yet valid is good": ("not_yet_valid", {"audience": AUDIENCES[ACCESS]}, "is good already"),
    "unsigned is signed": ("unsigned", {"audience": AUDIENCES[ACCESS]}, "has a signature"),
    "wrong audience is right": ("wrong_audience", {"audience": AUDIENCES[ACCESS]}, "is for the API's own audience"),
    "token of another API": ("admin", {"audience": AUDIENCES[FABRIC]}, f"the audience of {FABRIC}"),
    "token of nobody's": ("admin", {"audience": ACME}, f"is for {ACME}, .*`audiences` of targets.tested.apis.{ACCESS}"),
    "token has expired": ("admin", {"audience": AUDIENCES[ACCESS], "ends_in": -5}, "expired at"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_unfit_token_is_not_sent(name: str, holder: Holder) -> None:
    """A token that is not what its identity stands for is not sent, and the check before a run tells it."""
    identity, said, expected = UNFIT[name]
    credentials = holder(**{identity: signed(**said)})

    with pytest.raises(UnavailableError, match=expected):
        header(credentials, identity.replace("_", "-"))
    assert [True] == [each.blocks for each in asyncio.run(credentials.check())]


FIT = {
    "own audience": ("admin", {"audience": AUDIENCES[ACCESS]}),
    "slash at the end": ("admin", {"audience": f"{AUDIENCES[ACCESS]}/"}),
    "no audience": ("admin", {}),
    "expired": ("expired", {"audience": AUDIENCES[ACCESS], "ends_in": -3600}),
    "expired long ago for others": ("expired", {"audience": AUDIENCES[FABRIC], "ends_in": -3600}),
    "wrong audience": ("wrong_audience", {"audience": "https://wrong.example"}),
    "wrong issuer": ("wrong_issuer", {"audience": AUDIENCES[ACCESS]}),
    "wrong signature": ("wrong_signature", {"audience": AUDIENCES[ACCESS]}),
    "audience of another API": ("wrong_audience", {"audience": AUDIENCES[FABRIC]}),
}


@pytest.mark.parametrize("name", FIT)
def test_fit_token_is_sent(name: str, holder: Holder) -> None:
    """A token that may be what its identity stands for is sent."""
    identity, said = FIT[name]
    token = signed(**said)

    assert ("authorization", f"Bearer {token}") == header(holder(**{identity: token}), identity.replace("_", "-"))


@pytest.mark.parametrize("audience", [ACME, f"{ACME}/", AUDIENCES[FABRIC], AUDIENCES[ACCESS]])
def test_audience_of_the_file_is_good(audience: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token for an audience that the file lists for the API is sent there, beside those that the contract names."""
    monkeypatch.setenv("TESTED", signed(audience))
    given = {"admin": StaticCredential(FromEnvironment("TESTED"))}
    credentials = credentials_of(ACCESS, given, audiences=(ACME, AUDIENCES[FABRIC]))

    assert isinstance(header(credentials), tuple)
    assert [] == asyncio.run(credentials.check())


def test_audience_of_the_file_is_no_wrong_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token for an audience that the file lists is not given as one for a wrong audience."""
    monkeypatch.setenv("TESTED", signed(ACME))
    given = {"wrong-audience": StaticCredential(FromEnvironment("TESTED"))}

    with pytest.raises(UnavailableError, match="is for the API's own audience"):
        header(credentials_of(ACCESS, given, audiences=(ACME,)), "wrong-audience")


def test_session_of_a_login_is_for_the_server_that_gave_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that happens to be a JWT goes back to the server of the login, whatever audience it names."""
    monkeypatch.setenv("TESTED", "password-of-the-tests")
    given = {"admin": LoginCredential("root@local", FromEnvironment("TESTED"))}
    session = signed("https://sso.tested.example")

    def logged_in() -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"value": session})))

    described = Description("tested", {VCENTER: ApiDescription("https://tested.example", given)})
    credentials = Credentials(catalogue(), described, logged_in, read=True)

    assert ("vmware-api-session-id", session) == header(credentials, api=VCENTER)


def test_second_audience_is_known(holder: Holder) -> None:
    """A token for the other audience of an API is no mismatch."""
    token = signed(catalogue().apis[FABRIC].audiences[1])

    assert [] == asyncio.run(holder(FABRIC, admin=token).check())


DOUBTS: dict[str, tuple[dict[str, Callable[[], str]], str]] = {
    "end": ({"admin": lambda: signed(ends_in=100)}, "and nothing renews it"),
    "shared": (dict.fromkeys(("admin", "reader"), lambda: "opaque-token"), "the token is that of 'admin' too"),
}


@pytest.mark.parametrize("name", DOUBTS)
def test_doubt_is_told_before_run(name: str, holder: Holder) -> None:
    """What is odd about a token that can be used is told and blocks nothing."""
    tokens, expected = DOUBTS[name]

    problems = asyncio.run(holder(**{who: make() for who, make in tokens.items()}).check())

    assert [False] == [each.blocks for each in problems]
    assert expected in problems[0].text


def test_good_credentials_have_no_problem(holder: Holder) -> None:
    """Nothing is told of tokens that are as they should be."""
    credentials = holder(
        admin=signed(AUDIENCES[ACCESS]),
        reader="opaque-token",
        expired=signed(AUDIENCES[ACCESS], -100),
        wrong_audience=signed("https://wrong.example"),
    )

    assert [] == asyncio.run(credentials.check())


BASE = "https://tested.example:8443/root"
HOSTS = ("Other.example", "third.example:9443")


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}/path",
        "https://TESTED.example:8443/",
        "https://other.example/x",
        "https://other.example:1234/x",
        "https://third.example:9443/x",
    ],
)
def test_own_host_gets_credential(url: str) -> None:
    """The server of an API and the hosts that are named get its credential."""
    check_host(ACCESS, BASE, HOSTS, url)


@pytest.mark.parametrize(
    "url",
    [
        "https://tested.example/",
        "http://tested.example:8443/",
        "https://evil.example/",
        "https://tested.example:8443@evil.example/",
        "https://tested.example:8443.evil.example/",
        "https://nottested.example:8443/",
        "https://third.example/",
        "http://other.example/",
    ],
)
def test_other_host_gets_none(url: str) -> None:
    """Another host, port or scheme gets no credential, however much its name looks like it."""
    with pytest.raises(UnavailableError, match=f"a credential for {ACCESS} does not go to"):
        check_host(ACCESS, BASE, HOSTS, url)


def test_identity_of_one_api_stays_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token of one API does not go to the server of another."""
    monkeypatch.setenv("TESTED", "token-of-the-tests")
    given = {"admin": StaticCredential(FromEnvironment("TESTED"))}
    apis = {
        ACCESS: ApiDescription("https://one.example", given),
        FABRIC: ApiDescription("https://two.example"),
    }
    credentials = Credentials(catalogue(), Description("tested", apis), httpx.AsyncClient, read=True)

    credentials.check_host(ACCESS, "https://one.example/roleAssignments")
    with pytest.raises(UnavailableError):
        credentials.check_host(ACCESS, "https://two.example/v1")
    with pytest.raises(UnavailableError, match="names no credential"):
        asyncio.run(credentials.header(FABRIC, "admin", "token"))


SHOWN = {
    "variable": (StaticCredential(FromEnvironment("NAME")), "token", "$NAME"),
    "file": (StaticCredential(FromFile(Path("/run/my token"))), "token", "$(cat '/run/my token')"),
    "command": (StaticCredential(FromCommand(("vault", "read", "a b"))), "token", "$(vault read 'a b')"),
    "odd file": (StaticCredential(FromFile(Path("/run/it's"))), "token", "${TOKEN_ADMIN}"),
    "default": (
        AzureCredential("default"),
        "token",
        "$(az account get-access-token --scope https://dev.azuresynapse.net/.default --query accessToken --output tsv)",
    ),
    "client secret": (AzureCredential("client-secret"), "token", "${TOKEN_ADMIN}"),
    "login": (LoginCredential("root@local", FromEnvironment("NAME")), "basic", "root@local:$NAME"),
    "session": (LoginCredential("root@local", FromEnvironment("NAME")), "token", "${TOKEN_ADMIN}"),
    "odd user": (LoginCredential("$(id)", FromEnvironment("NAME")), "basic", "${TOKEN_ADMIN}"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_curl_line_shows_expression(name: str) -> None:
    """A curl line shows a shell expression for each kind of credential."""
    credential, security, expected = SHOWN[name]

    assert expected == credentials_of(ACCESS, {"admin": credential}, read=False).shown(ACCESS, "admin", security)


def test_curl_line_shows_made_up_credential() -> None:
    """What is made up is shown as it is, since it is no secret."""
    credentials = credentials_of(ACCESS, {}, read=False)

    assert MALFORMED_TOKEN == credentials.shown(ACCESS, "malformed", "token")
    assert f"{NOBODY}:{MALFORMED_TOKEN}" == credentials.shown(ACCESS, "malformed", "basic")
    assert "${TOKEN_WRONG_AUDIENCE}" == credentials.shown(ACCESS, "wrong-audience", "token")
