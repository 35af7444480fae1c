"""User name and password exchanged for a session; never a wrong password for an account that exists."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import httpx
import pytest

from asdocumented.contracts.model import Tier
from asdocumented.corpus.store import load_corpora
from asdocumented.credentials.holding import NOBODY
from asdocumented.running import Options, Run, run
from asdocumented.targets.description import (
    ApiDescription,
    Credential,
    Description,
    FromEnvironment,
    Limits,
    LoginCredential,
    StaticCredential,
)
from asdocumented.targets.model import Patience, UnavailableError
from asdocumented.targets.remote import RemoteTarget
from asdocumented.traces import exchange_record
from tests.credentials.recording import LOGIN, METHODS, Recorder, recording
from tests.support import catalogue, of_api
from tests.transport.hostile import Asked as Seen
from tests.transport.hostile import hostile, said

VCENTER = "vmware-vcenter-hvc"
PASSWORDS = {"administrator": "right-password-of-one", "auditor": "right-password-of-two"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """Give a recording server with two accounts, whose passwords are in variables."""
    monkeypatch.setenv("TESTED_ADMIN", PASSWORDS["administrator"])
    monkeypatch.setenv("TESTED_READER", PASSWORDS["auditor"])
    monkeypatch.setenv("TESTED_WRONG", "wrong-password-of-one")
    with recording(**PASSWORDS) as recorder:
        yield recorder


def login(user: str, variable: str) -> LoginCredential:
    """Return a login whose password is in a variable."""
    return LoginCredential(user, FromEnvironment(variable))


def target_at(server: Recorder, **credentials: Credential) -> RemoteTarget:
    """Return a server as a target with the one API that has sessions; without others, two who log in."""
    given = credentials or {
        "admin": login("administrator", "TESTED_ADMIN"),
        "reader": login("auditor", "TESTED_READER"),
    }
    known = {"link": ("link-1",), "provider": ("provider-1",), "user-name": ("administrator",)}
    spoilt = {"link": ("*",), "provider": ("*",)}
    api = ApiDescription(server.url, given, known, irreversible=spoilt, patience=Patience(deadline=0, interval=0.001))
    return RemoteTarget(catalogue(), Description("recorded", {VCENTER: api}, allow=Tier.DISRUPTIVE, intrusive=True))


def judged(target: RemoteTarget) -> Run:
    """Judge a target with everything that there is to send."""
    return run(
        catalogue(),
        target,
        Options(selection=of_api(VCENTER), allowed=Tier.DISRUPTIVE, corpora=load_corpora(catalogue())),
    )


def logins(server: Recorder) -> list[tuple[str, str]]:
    """Return every user name and password that arrived."""
    return [each for asked in server.asked for each in asked.logins]


def test_session_is_opened_once(server: Recorder) -> None:
    """Many requests share the session of their identity, and it is closed at the end."""
    target = target_at(server)

    async def use() -> set[Any]:
        found = await asyncio.gather(*(target.credential(VCENTER, "admin", "token") for _ in range(10)))
        await target.close()
        return set(found)

    assert {("vmware-api-session-id", "session-0-of-administrator")} == asyncio.run(use())
    assert ["POST", "DELETE"] == [each.method for each in server.asked]
    assert set() == server.open


def test_run_closes_every_session(server: Recorder) -> None:
    """A run that ends its own session on the way opens another, and leaves none behind that it logged in for."""
    target = target_at(server)
    judged(target)
    own = {each for each in target.secrets() if each.startswith("session-")}

    assert len(own) >= 2
    assert set() == own & server.open


def test_password_that_is_right_goes_where_it_is_asked_for(server: Recorder) -> None:
    """An operation that takes user name and password gets those of the identity."""
    found = asyncio.run(target_at(server).credential(VCENTER, "admin", "basic"))

    assert found == ("authorization", str(httpx.BasicAuth("administrator", PASSWORDS["administrator"])._auth_header))


def test_user_and_password_in_one_variable_log_in(server: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """`user:password` in a variable is a login, and never goes out as if it were a session."""
    monkeypatch.setenv("TESTED_BOTH", f"administrator:{PASSWORDS['administrator']}")
    target = target_at(server, admin=StaticCredential(FromEnvironment("TESTED_BOTH")))

    assert ("vmware-api-session-id", "session-0-of-administrator") == asyncio.run(
        target.credential(VCENTER, "admin", "token")
    )


def test_no_wrong_password_for_an_account(server: Recorder) -> None:
    """Whatever a run sends, an account that exists is only ever named with its own password; nowhere else is it named at all."""
    judged(target_at(server))
    sent = logins(server)
    bodies = [asked.body.decode("utf-8", "replace") for asked in server.asked]

    assert ("administrator", PASSWORDS["administrator"]) in sent
    assert set() == {each for each in sent if each[0] in PASSWORDS} - {*PASSWORDS.items()}
    assert {NOBODY} == {user for user, _ in sent if user not in PASSWORDS}
    assert [] == [each for each in bodies if any(name in each for name in PASSWORDS)]


def test_one_request_has_one_login(server: Recorder) -> None:
    """A password goes out twice in one request at most once in a run: a server might join the two to a wrong one."""
    judged(target_at(server))
    doubled = [each.target for each in server.asked if len([user for user, _ in each.logins if user in PASSWORDS]) > 1]

    assert len(doubled) <= 1


def test_wrong_password_is_sent_once(server: Recorder) -> None:
    """A password that is refused is sent once in a whole run, and everything that needs it is inconclusive for that."""
    done = judged(target_at(server, admin=login("administrator", "TESTED_WRONG")))
    sent = [each for each in logins(server) if each[0] == "administrator"]

    assert [("administrator", "wrong-password-of-one")] == sent
    assert any("wrong passwords lock accounts" in each.reason for each in done.execution.gaps)


def test_check_tells_refused_login(server: Recorder) -> None:
    """The check before a run tells whose login is refused, without the password, and a run does not try it again."""
    target = target_at(server, admin=login("administrator", "TESTED_WRONG"), reader=login("auditor", "TESTED_READER"))

    problems = asyncio.run(target.check_credentials())
    judged(target)

    assert [(VCENTER, "admin")] == [(each.api, each.identity) for each in problems]
    assert "refused with 401" in problems[0].text
    assert "wrong-password" not in problems[0].text
    assert 1 == len([each for each in logins(server) if each[0] == "administrator"])


ODD_LOGINS = {
    "no session": (200, {"Content-Type": "application/json"}, b"{}"),
    "short session": (200, {"Content-Type": "application/json"}, b'{"value": "abc"}'),
    "no JSON": (200, {}, b"<html>"),
    "server error": (500, {}, b""),
    "redirect": (302, {"Location": "http://127.0.0.1:9/"}, b""),
}


@pytest.mark.parametrize("name", ODD_LOGINS)
def test_odd_login_is_told(name: str, server: Recorder) -> None:
    """A login that gives no session is told by its status, and blames nobody."""
    server.answer = lambda asked: ODD_LOGINS[name]

    with pytest.raises(UnavailableError, match=f"answered with {ODD_LOGINS[name][0]} and no session"):
        asyncio.run(target_at(server).credential(VCENTER, "admin", "token"))


def test_ended_session_is_renewed(server: Recorder) -> None:
    """Sessions that the server ends in mid-run are replaced, and no 401 of theirs is judged."""
    uses = Counter[str]()

    def end(asked: Any) -> None:
        session = "".join(asked.values("vmware-api-session-id"))
        uses[session] += 1
        if uses[session] > 12:
            server.open.discard(session)

    server.answer = end
    done = judged(target_at(server))
    again = [each for each in done.execution.trace.exchanges if each.again]
    late = [
        each
        for each in done.execution.trace.exchanges
        if each.response
        and each.response.status == 401
        and not each.again
        and ["«token:admin»"] == [value for name, value in each.request.headers if name == "vmware-api-session-id"]
    ]

    assert len(again) > 3
    assert [] == [each.id for each in late]


def test_no_secret_is_recorded(server: Recorder) -> None:
    """Neither a password nor a session nor the two in base64 is in any record of a run, even where a server echoes them."""

    def echo(asked: Any) -> Any:
        if asked.target == LOGIN and asked.method in ("POST", "DELETE"):
            return None
        return 200, {"X-Echo": " ".join(value for _, value in asked.headers)}, json.dumps(dict(asked.headers)).encode()

    server.answer = echo
    target = target_at(server)
    done = judged(target)
    record = json.dumps([exchange_record(each) for each in done.execution.trace.exchanges], ensure_ascii=False)
    basic = {
        value for asked in server.asked for value in asked.values("authorization") if NOBODY not in str(asked.logins)
    }
    secrets = {*PASSWORDS.values(), *server.opened, *(each.rpartition(" ")[2] for each in basic)}

    assert len(secrets) > 5
    assert [] == [each for each in secrets if each in record]


def test_every_method_is_served() -> None:
    """The recording server answers whatever method comes."""
    with recording() as recorder, httpx.Client(trust_env=False) as client:
        for method in METHODS:
            client.request(method, recorder.url)

        assert list(METHODS) == [each.method for each in recorder.asked]


def test_redirect_gets_no_credential(server: Recorder) -> None:
    """A server that sends everybody to another host makes no request reach it."""
    with recording() as elsewhere:

        def away(asked: Any) -> Any:
            return None if asked.target == LOGIN else (307, {"Location": f"{elsewhere.url}{asked.target}"}, b"")

        server.answer = away
        done = judged(target_at(server))

        assert len(done.execution.trace.exchanges) > 50
        assert [] == elsewhere.asked


class Quick(RemoteTarget):
    """A target with small limits, whose clock nobody waits for."""

    def __init__(self, url: str) -> None:
        apis = {VCENTER: ApiDescription(url, {"admin": login("administrator", "TESTED_ADMIN")})}
        limits = Limits(connect=0.2, answer=0.2, largest=1 << 20)
        self.waits: list[float] = []
        super().__init__(catalogue(), Description("quick", apis, limits=limits))

    async def wait(self, seconds: float) -> None:
        """Take note of a wait."""
        self.waits.append(seconds)

    def session(self) -> tuple[str, str] | None:
        """Return the header of a session, which is given back at once."""

        async def use() -> tuple[str, str] | None:
            try:
                return await self.credential(VCENTER, "admin", "token")
            finally:
                await self.close()

        return asyncio.run(use())


SESSION = said(200, {"value": "session-of-administrator"})


def dripping(asked: Seen) -> Iterable[bytes | float]:
    """Answer byte by byte, for a second at most; never long in silence."""
    yield b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n"
    for _ in range(20):
        yield b" "
        yield 0.05


@pytest.mark.parametrize(
    ("script", "told"),
    [
        pytest.param(
            lambda asked: [said(200, gzip.compress(bytes(20 << 20)), content_encoding="gzip")],
            "what came is no complete answer",
            id="bomb",
        ),
        pytest.param(lambda asked: [said(200, bytes(2 << 20))], "larger than this run reads", id="large"),
        pytest.param(dripping, "not complete in time", id="dripping"),
    ],
)
def test_login_is_read_within_limits(script: Any, told: str, server: Recorder) -> None:
    """A login's answer is read within the limits of every other, and what is wrong with it is told."""
    with hostile(script) as other, pytest.raises(UnavailableError, match=told):
        Quick(other.url).session()


@pytest.mark.parametrize("status", [429, 503])
def test_busy_login_is_sent_again(status: int, server: Recorder) -> None:
    """A login that is answered "later" is sent again after the time that the server says, like any request."""
    busy = said(status, {}, retry_after="7")
    with hostile(lambda asked: [busy if asked.number == 0 else SESSION]) as other:
        target = Quick(other.url)

        assert ("vmware-api-session-id", "session-of-administrator") == target.session()
        assert [8.0] == target.waits
        assert ["POST", "POST", "DELETE"] == [each.line.partition(" ")[0] for each in other.asked]


def test_login_that_stays_busy_is_given_up(server: Recorder) -> None:
    """A login is sent a few times, and no more."""
    busy = said(503, {}, retry_after="1")
    with hostile(lambda asked: [busy]) as other:
        with pytest.raises(UnavailableError, match="answered with 503"):
            Quick(other.url).session()

        assert 5 == len(other.asked)


def test_refused_login_is_never_repeated(server: Recorder) -> None:
    """A password that is refused after a wait is not sent again."""
    busy, refused = said(503, {}, retry_after="1"), said(401, {}, retry_after="1")
    with hostile(lambda asked: [busy if asked.number == 0 else refused]) as other:
        with pytest.raises(UnavailableError, match="refused with 401"):
            Quick(other.url).session()

        assert 2 == len(other.asked)


@pytest.mark.parametrize(
    "ending", [dripping, lambda asked: [said(503, {}, retry_after="250")]], ids=["dripping", "busy"]
)
def test_logout_is_within_limits(ending: Any, server: Recorder) -> None:
    """A server that does not end a session keeps nobody waiting."""
    with hostile(lambda asked: ending(asked) if asked.line.startswith("DELETE") else [SESSION]) as other:
        target = Quick(other.url)

        assert target.session() is not None
        assert sum(target.waits) < 60
        assert ["POST", "DELETE"] == list(dict.fromkeys(each.line.partition(" ")[0] for each in other.asked))


@pytest.mark.parametrize("value", ["ses\r\nx-more: 1", "session-ÿ", "session-\N{SNOWMAN}", "ses\x00sion", "ses sion\t"])
def test_session_that_no_header_can_carry_is_none(value: str, server: Recorder) -> None:
    """What a server hands out cannot end a run: a session with such characters is no session."""
    with (
        hostile(lambda asked: [said(200, {"value": value})]) as other,
        pytest.raises(UnavailableError, match="no session"),
    ):
        Quick(other.url).session()
