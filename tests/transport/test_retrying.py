"""A request is sent again for a reason, a fixed number of times, and every time is recorded."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from asdocumented.errors import UnreachableError
from asdocumented.judge import judge
from asdocumented.traces import Exchange, Facts, Trace
from asdocumented.verdicts import Verdict, give
from tests.judge.traces import CREATE, FABRIC, LIST, STOP, catalogue, requirements

from .hostile import EMPTY, END, PAGE, Asked, Script, hostile, said, sent, target, valid

BUSY = {"error": {"code": "TooManyRequests", "message": "Later."}}


def at_first(*answers: bytes | None) -> Script:
    """Return a script that gives these answers, and what is right from then on."""
    return lambda asked: [answers[asked.number] if asked.number < len(answers) else said(200, EMPTY)]


def every_third_lost(asked: Asked) -> Iterable[bytes | None]:
    """Close the connection instead of every third answer."""
    return [END] if asked.number % 3 == 2 else [said(200, EMPTY)]


def statuses(exchanges: list[Exchange]) -> list[int]:
    """Return the statuses of exchanges, 0 where nothing came."""
    return [each.response.status if each.response else 0 for each in exchanges]


def verdict(requirement: str, exchanges: list[Exchange]) -> tuple[Verdict, str]:
    """Return the verdict on a requirement in the widest profile, with its reason."""
    judgement = judge(catalogue(), requirements(), Trace(tuple(exchanges), Facts()))
    result = give(catalogue(), requirements(), judgement)[requirement]
    return result.profiles["conventions"], result.reason


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        pytest.param({"retry_after": "3"}, 4, id="seconds"),
        pytest.param({"retry_after": "0"}, 0, id="now"),
        pytest.param(
            {"retry_after": "Wed, 21 Oct 2026 07:28:09 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 10, id="date"
        ),
        pytest.param({}, 1, id="without a time"),
        pytest.param({"retry_after": "soon"}, 1, id="malformed"),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("operation", [LIST, CREATE])
def test_busy_answer_is_obeyed(operation: str, status: int, headers: dict[str, str], waited: float) -> None:
    """A 429 or 503 is waited for as it says, sent again with any method, and never judged."""
    with hostile(at_first(said(status, BUSY, **headers))) as server:
        found = target(server.url)
        exchanges = sent(found, valid(operation))

    assert [status, 200] == statuses(exchanges)
    assert [True, False] == [bool(each.again) for each in exchanges]
    assert waited - 0.5 <= sum(found.waits) <= waited + 1.5


def test_post_is_sent_again_once_it_was_refused() -> None:
    """A 429 says that nothing was done, so that a POST may go out again."""
    with hostile(at_first(said(429, BUSY, retry_after="1"))) as server:
        exchanges = sent(target(server.url, api=FABRIC), valid(STOP))

    assert [429, 200] == statuses(exchanges)


def test_busy_target_is_asked_so_often() -> None:
    """A target that is always busy is asked five times, and the last answer says that it was."""
    with hostile(lambda asked: [said(429, BUSY, retry_after="1")]) as server:
        exchanges = sent(target(server.url), valid(LIST))

    assert [429] * 5 == statuses(exchanges)
    assert (Verdict.INCONCLUSIVE, "the target was busy (429)") == verdict(f"{LIST}/response/status", exchanges)


def test_long_wait_is_not_waited() -> None:
    """A time that no run waits for ends the matter."""
    with hostile(lambda asked: [said(429, BUSY, retry_after="3600")]) as server:
        found = target(server.url)

        assert [429] == statuses(sent(found, valid(LIST)))
    assert not found.waits


def test_busy_answer_counts_where_it_was_asked_for() -> None:
    """What is to be throttled shows its 429 to the judge."""
    with hostile(lambda asked: [said(429, BUSY, retry_after="1")]) as server:
        (exchange,) = sent(target(server.url), valid(LIST), busy_counts=True)

    assert not exchange.again


def test_gateway_is_asked_again() -> None:
    """A gateway's page now and then takes nothing from the answer after it."""
    with hostile(at_first(PAGE, said(504))) as server:
        exchanges = sent(target(server.url), valid(LIST))

    assert [502, 504, 200] == statuses(exchanges)
    assert verdict(f"{LIST}/response/status", exchanges)[0] is Verdict.PASS


def test_gateway_that_stays_is_the_environment() -> None:
    """A gateway's page each time says nothing about the target, whatever it would have meant."""
    with hostile(lambda asked: [PAGE]) as server:
        exchanges = sent(target(server.url), valid(LIST))
    found, reason = verdict(f"{LIST}/response/received", exchanges)

    assert [502] * 3 == statuses(exchanges)
    assert Verdict.INCONCLUSIVE is found
    assert reason == "environment: a gateway answered 502 each of 3 times"


def test_gateway_is_not_asked_to_post_again() -> None:
    """Nobody knows what became of a POST that a gateway gave up on."""
    with hostile(lambda asked: [PAGE]) as server:
        (exchange,) = sent(target(server.url, api=FABRIC), valid(STOP))

    assert exchange.environmental


@pytest.mark.parametrize("status", [500, 502, 504])
def test_error_of_the_api_is_a_finding(status: int) -> None:
    """A server error in the API's own media type is the target's, and asked for once."""
    with hostile(lambda asked: [said(status, BUSY)]) as server:
        (exchange,) = sent(target(server.url), valid(LIST))

    assert not exchange.environmental
    assert verdict(f"{LIST}/response/status", [exchange])[0] is Verdict.FAIL


@pytest.mark.parametrize("status", [200, 403])
def test_page_that_stays_is_a_finding(status: int) -> None:
    """A page where JSON is due is believed when it came each time, and from then on at once."""
    with hostile(lambda asked: [said(status, b"<html>", content_type="text/html")]) as server:
        exchanges = sent(target(server.url), valid(LIST), valid(LIST))

    assert [True, True, False, False] == [bool(each.again) for each in exchanges]
    assert not any(each.environmental for each in exchanges)


BARE = said(502, {"message": "Bad gateway"})
"""What a gateway says in JSON, which is no error of any API here."""


@pytest.mark.parametrize("answer", [BARE, said(504, {}), said(503, {"message": "no healthy upstream"})])
def test_gateway_that_speaks_json_is_the_environment(answer: bytes) -> None:
    """A gateway's error in JSON is no error in the API's own form, and says nothing about the target."""
    with hostile(lambda asked: [answer]) as server:
        exchanges = sent(target(server.url), valid(LIST))

    assert [True, True, False] == [bool(each.again) for each in exchanges]
    assert exchanges[-1].environmental
    assert verdict(f"{LIST}/response/status", exchanges)[0] is Verdict.INCONCLUSIVE


WALL = said(403, b"<html>Forbidden</html>", content_type="text/html")


def test_page_for_a_post_blames_nobody_at_once() -> None:
    """A page of a firewall for a request that cannot be repeated is the environment's, once the API has answered otherwise."""
    refused = said(403, {"errorCode": "InsufficientPrivileges", "message": "No."})
    with hostile(lambda asked: [refused] if asked.number == 2 else [WALL]) as server:
        exchanges = sent(target(server.url, api=FABRIC), *[valid(STOP)] * 5)

    assert [True, True, False, True, True] == [each.environmental for each in exchanges]
    assert {Verdict.FAIL} != {verdict(f"{STOP}/response/other/media-type", exchanges)[0]}


def test_pages_for_every_post_are_found() -> None:
    """An API whose every refusal is a page is found, although none of the requests can be repeated."""
    with hostile(lambda asked: [WALL]) as server:
        exchanges = sent(target(server.url, api=FABRIC), *[valid(STOP)] * 3)

    assert [True, True, False] == [each.environmental for each in exchanges]


def test_target_that_hangs_up_for_good_is_in_distress() -> None:
    """A server that answered an operation, and then drops every connection, is gone: that is no finding."""
    with (
        hostile(lambda asked: [said(200, EMPTY)] if asked.number < 2 else [END]) as server,
        pytest.raises(UnreachableError, match="stopped answering"),
    ):
        sent(target(server.url), *[valid(LIST)] * 20)

    assert 2 + 10 == len(server.asked)  # the first of them met the end of a connection that was kept


def test_target_that_is_always_busy_is_in_distress() -> None:
    """Three requests in a row, each of which was busy all five times, are enough."""
    with hostile(lambda asked: [said(503, BUSY)]) as server, pytest.raises(UnreachableError, match="in distress"):
        sent(target(server.url), *[valid(LIST)] * 9)

    assert 15 == len(server.asked)


def test_page_now_and_then_is_no_pass() -> None:
    """What answers with a page the first time does not pass by what it answers the second time."""
    with hostile(
        at_first(said(200, b"<html>", content_type="text/html"), said(403, b"<p>", content_type="text/html"))
    ) as server:
        exchanges = sent(target(server.url), valid(LIST))

    assert [200, 403, 200] == statuses(exchanges)
    assert verdict(f"{LIST}/response/status", exchanges)[0] is Verdict.INCONCLUSIVE


def test_dropped_connection_is_no_pass() -> None:
    """An answer that came only after the server had dropped the connection proves nothing by itself."""
    with hostile(at_first(END)) as server:
        exchanges = sent(target(server.url), valid(LIST))
    found, reason = verdict(f"{LIST}/response/status", exchanges)

    assert [0, 200] == statuses(exchanges)
    assert Verdict.INCONCLUSIVE is found
    assert reason.startswith("environment: the same request had another outcome before")


def test_pass_that_rests_on_others_stays() -> None:
    """Connections that are dropped now and then take nothing from what other answers showed."""
    with hostile(every_third_lost) as server:
        exchanges = sent(target(server.url), *[valid(LIST)] * 4)

    assert [200, 200, 0, 200, 200] == statuses(exchanges)
    assert verdict(f"{LIST}/response/status", exchanges)[0] is Verdict.PASS


def test_server_that_always_drops_is_found() -> None:
    """A server that never answers a request breaks the transport, however often it was asked."""
    with hostile(lambda asked: [END]) as server:
        exchanges = sent(target(server.url), valid(LIST))

    assert [0, 0, 0] == statuses(exchanges)
    assert verdict(f"{LIST}/response/received", exchanges)[0] is Verdict.FAIL


def test_dropped_post_is_not_repeated() -> None:
    """A request that is not idempotent goes out once, even if its connection is lost; once is no reason to blame the server."""
    with hostile(lambda asked: [END]) as server:
        exchanges = sent(target(server.url, api=FABRIC), valid(STOP))

    assert 1 == len(server.asked)
    assert (Verdict.INCONCLUSIVE, True) == (
        verdict(f"{STOP}/response/received", exchanges)[0],
        exchanges[0].environmental,
    )


def test_server_that_drops_every_post_is_found() -> None:
    """A server that drops one request after the other breaks the transport, although none of them can be repeated."""
    with hostile(lambda asked: [END]) as server:
        exchanges = sent(target(server.url, api=FABRIC), *[valid(STOP)] * 3)

    assert [True, True, False] == [each.environmental for each in exchanges]
    assert verdict(f"{STOP}/response/received", exchanges)[0] is Verdict.FAIL


def test_posts_that_are_dropped_now_and_then_blame_nobody() -> None:
    """An answer in between shows that the server does answer: what is dropped before and after it is the environment's."""
    with hostile(lambda asked: [said(200)] if asked.number == 2 else [END]) as server:
        exchanges = sent(target(server.url, api=FABRIC), *[valid(STOP)] * 5)

    assert [True, True, False, True, True] == [each.environmental for each in exchanges]


def test_stale_connection_is_nobodys_fault() -> None:
    """A POST that met the end of a kept connection is inconclusive: the server may never have seen it."""

    def script(asked: Asked) -> Iterable[bytes | None]:
        return [said(200)] if asked.number == 0 else [END]

    with hostile(script) as server:
        exchanges = sent(target(server.url, api=FABRIC), valid(STOP), valid(STOP))

    assert [False, True] == [each.environmental for each in exchanges]


def test_repeated_write_blames_nobody() -> None:
    """A write that may have been carried out the first time neither passes nor fails by its second answer."""
    conflict = said(409, {"error": {"code": "Conflict", "message": "It exists."}})
    with hostile(lambda asked: [END] if asked.number == 0 else [conflict]) as server:
        exchanges = sent(target(server.url), valid(CREATE))

    assert [0, 409] == statuses(exchanges)
    assert verdict(f"{CREATE}/response/status", exchanges)[0] is Verdict.INCONCLUSIVE


def test_half_an_answer_is_not_asked_for_again() -> None:
    """Once bytes of an answer came the request is not sent again."""
    with hostile(lambda asked: [b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", END]) as server:
        (exchange,) = sent(target(server.url), valid(LIST))

    assert not exchange.environmental


def test_nobody_there_is_tried_three_times() -> None:
    """A connection that cannot be made is tried again, and is the environment's doing."""
    with hostile(lambda asked: []) as server:
        url = server.url
    exchanges = sent(target(url), valid(LIST))

    assert [True] * 3 == [each.environmental for each in exchanges]


def test_raw_request_that_is_dropped_is_answered() -> None:
    """A server may end the connection for a request that no client sends: that is its refusal, and asked for once."""
    call = valid(LIST).also(headers=(("content-length", "0"),))
    with hostile(lambda asked: [END] if asked.number == 0 else [said(200, EMPTY)]) as server:
        exchanges = sent(target(server.url), call, valid(LIST))

    assert [0, 200] == statuses(exchanges)
    assert not any(each.again for each in exchanges)
