"""Whole runs against the independent server in another process, with trouble on the way: nobody is blamed."""

from __future__ import annotations

import gzip
import http.client
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.credentials.recording import Recorder, recording
from tests.independent.operations import TOKENS
from tests.independent.server import Asked
from tests.support import at_once, slow
from tests.transport.hostile import said
from tests.transport.whole import LIST, Authority, Done, Trouble, whole

SEEDS = ("1", "2")
_NARROW = ("--operation", "list-role-assignments", "--quiet")
_BOMB = gzip.compress(bytes(200 << 20), mtime=0)
_ALONE = ("concurrency = 1",)


def _only_get(answer: bytes) -> Callable[[Asked], Iterable[bytes] | None]:
    return lambda asked: [answer] if asked.method == "GET" and not asked.done else None


def _slow_now_and_then(asked: Asked) -> Iterable[bytes | float] | None:
    begun = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx"
    return [begun, 0.8] if asked.number % 9 == 8 and not asked.done else None


class EverySecond:
    """Drops every second request of its kind, so that nothing passes but what was dropped before."""

    def __init__(self) -> None:
        self._dropped: dict[tuple[str, str], bool] = {}

    def __call__(self, asked: Asked) -> Iterable[bytes] | None:
        """Say what a request gets instead of its answer."""
        if asked.done:
            return None
        kind = asked.method, asked.target
        self._dropped[kind] = not self._dropped.get(kind, False)
        return [] if self._dropped[kind] else None


class Meddler:
    """Another client, which deletes an assignment after every first page of a list; it needs the server's address."""

    def __init__(self) -> None:
        self.deleted = 0

    def __call__(self, asked: Asked, host: str) -> None:
        """Look for the first page of a list, and change what comes after it."""
        is_first = asked.done and asked.method == "GET" and asked.target.startswith("/roleAssignments?")
        if not is_first or "meddle" in asked.target or "continuation" in asked.target:
            return
        connection = http.client.HTTPConnection(host, timeout=30)
        headers = {"Authorization": f"Bearer {TOKENS['azure-synapse-access-control']['admin']}"}
        connection.request("GET", "/roleAssignments?api-version=2020-12-01&meddle=1", headers=headers)
        items = json.loads(connection.getresponse().read())["value"]
        if items:
            connection.request("DELETE", f"/roleAssignments/{items[0]['id']}?api-version=2020-12-01", headers=headers)
            self.deleted += connection.getresponse().status < 300
        connection.close()


@pytest.fixture(scope="module")
def foreign() -> Iterator[Recorder]:
    """Serve a foreign host, which writes down what reaches it."""
    with recording() as found:
        yield found


@pytest.fixture(scope="module")
def troubles() -> Mapping[str, Trouble]:
    """Give what troubles runs, one for each seed."""
    return {seed: Trouble(seed) for seed in SEEDS}


@pytest.fixture(scope="module")
def runs(
    tmp_path_factory: pytest.TempPathFactory, foreign: Recorder, troubles: Mapping[str, Trouble]
) -> Iterator[Mapping[str, Callable[[], Done]]]:
    """Make every run, side by side."""
    folder = tmp_path_factory.mktemp("whole")
    own = Authority(folder / "authority")
    ca, shown = f'ca-file = "{own.ca_file}"', f'client-certificate = "{own.client}"'
    limited = ("largest-answer = 1048576",)
    moved = said(307, location=f"{foreign.url}/steal", connection="close")
    large = said(200, bytes(3 << 20), content_type="application/json", connection="close")
    bomb = said(200, _BOMB, content_type="application/json", content_encoding="gzip", connection="close")
    jobs: dict[str, Callable[[], Done]] = {
        "clean": partial(whole, folder / "clean"),
        **{seed: partial(whole, folder / seed, troubles[seed]) for seed in SEEDS},
        "late": partial(whole, folder / "late", lambda asked: time.sleep(0.01)),
        "secure": partial(whole, folder / "secure", api=[ca, shown], secured=own.secure(asks=True)),
        "no certificate": partial(whole, folder / "none", None, *_NARROW, api=[ca], secured=own.secure(asks=True)),
        "misnamed": partial(whole, folder / "mis", None, *_NARROW, api=[ca], secured=own.secure("elsewhere.example")),
        "unverified": partial(
            whole, folder / "un", None, *_NARROW, api=["verify = false"], secured=own.secure("elsewhere.example")
        ),
        "moved": partial(whole, folder / "moved", lambda asked: None if asked.done else [moved], *_NARROW),
        "bomb": partial(whole, folder / "bomb", _only_get(bomb), *_NARROW, target=limited),
        "large": partial(whole, folder / "large", _only_get(large), *_NARROW, target=limited),
        "slow": partial(
            whole, folder / "slow", _slow_now_and_then, *_NARROW, target=("timeout = 0.4", "connect-timeout = 0.2")
        ),
        "every second": partial(
            whole, folder / "second", EverySecond(), *_NARROW, target=_ALONE, deviations=["closes-after-each"]
        ),
    }
    with at_once(jobs) as futures:
        yield {name: future.result for name, future in futures.items()}


def _differing(done: Done, clean: Done) -> dict[str, tuple[str, str, str]]:
    """Return what has another verdict than in the clean run, in whatever profile, with its reason."""
    return {
        f"{key} {profile}": (clean.requirements[key]["profiles"][profile], verdict, each.get("reason", ""))
        for key, each in done.requirements.items()
        for profile, verdict in each["profiles"].items()
        if verdict != clean.requirements[key]["profiles"][profile]
    }


def _sent_again(done: Done) -> Counter[int]:
    """Return the statuses of what was sent again, 0 where nothing came; a look of the preflight is not."""
    found = (each for each in done.exchanges if each.get("again", "preflight") != "preflight")
    return Counter(each.get("response", {}).get("status", 0) for each in found)


@slow
@pytest.mark.parametrize("seed", SEEDS)
def test_trouble_fails_nothing(seed: str, runs: Mapping[str, Callable[[], Done]]) -> None:
    """With busy answers, gateways' pages and lost connections mixed in, nothing fails, and most is judged all the same."""
    done, clean = runs[seed](), runs["clean"]()

    assert done.code in (0, 4), done.stderr
    assert [] == done.failing
    assert [] == clean.failing
    assert len(_differing(done, clean)) < 0.15 * sum(len(each["profiles"]) for each in clean.requirements.values())


@slow
@pytest.mark.parametrize("seed", SEEDS)
def test_trouble_changes_a_verdict_only_to_inconclusive(seed: str, runs: Mapping[str, Callable[[], Done]]) -> None:
    """A verdict is that of the clean run, or inconclusive with a reason; which reading holds may not be observed either."""
    changed = _differing(runs[seed](), runs["clean"]())

    assert {} == {
        key: said
        for key, said in changed.items()
        if not said[2] or said[1] not in ("inconclusive", *(["not-observed"] if "/ambiguity/" in key else []))
    }


@slow
@pytest.mark.parametrize("seed", SEEDS)
def test_every_sending_is_recorded(
    seed: str, runs: Mapping[str, Callable[[], Done]], troubles: Mapping[str, Trouble]
) -> None:
    """The record has each request as often as it was sent, and says why it was sent again."""
    done, clean = runs[seed](), runs["clean"]()
    counts, again = troubles[seed].counts, _sent_again(done)
    unnumbered = len(clean.exchanges) - clean.asked  # what is no HTTP at all is refused before it is counted

    assert len(done.exchanges) == done.asked + unnumbered
    assert counts["busy"] + counts["busy until"] == sum(
        each.get("response", {}).get("status") == 429 for each in done.exchanges
    ), [each for each in done.exchanges if each.get("response", {}).get("status") == 429 and not each.get("again")]
    assert sum(again.values()) > 0.5 * counts.total()
    waits = Counter(str(each.get("again")) for each in done.exchanges)
    assert waits["429: sent again after 7 s, as Retry-After says"] > 0
    assert waits["429: sent again after 9 s, as Retry-After says"] > 0


@slow
def test_intermittent_pass_is_no_pass(runs: Mapping[str, Callable[[], Done]]) -> None:
    """Where everything was dropped once before it was answered, nothing that an answer shows passes, and nothing fails."""
    done = runs["every second"]()
    passed = [
        key
        for key, each in done.requirements.items()
        if each["level"] == "MUST" and "pass" in each["profiles"].values() and each["bearing"]
    ]

    assert [] == done.failing
    assert "inconclusive" == done.requirements[f"{LIST}/response/status"]["profiles"]["documented"]
    assert [] == [key for key in passed if "/wire/" not in key], passed


@slow
def test_latency_changes_nothing(runs: Mapping[str, Callable[[], Done]]) -> None:
    """A server that takes its time is judged as one that does not."""
    assert {} == _differing(runs["late"](), runs["clean"]())


@slow
def test_tls_changes_nothing(runs: Mapping[str, Callable[[], Done]]) -> None:
    """Behind TLS with an authority of its own, which asks for a client's certificate, a server gets the verdicts that it gets."""
    done, clean = runs["secure"](), runs["clean"]()

    assert (clean.code, {}) == (done.code, _differing(done, clean))
    assert len(clean.exchanges) == len(done.exchanges)
    assert "NOT verified" not in done.stderr


@slow
def test_missing_client_certificate_is_not_the_targets_fault(runs: Mapping[str, Callable[[], Done]]) -> None:
    """A server that asks for a certificate that the file does not name ends the run with 5 and the reason, and fails nothing."""
    done = runs["no certificate"]()

    assert (5, 0, []) == (done.code, done.asked, done.failing)
    assert "'client-certificate'" in done.stderr


@slow
def test_certificate_of_another_name_ends_run(runs: Mapping[str, Callable[[], Done]]) -> None:
    """A certificate of the wrong name ends the run before any request, with what to do about it."""
    done = runs["misnamed"]()

    assert (5, 0) == (done.code, done.asked)
    assert "not valid for '127.0.0.1'" in done.stderr
    assert "server-name" in done.stderr


@slow
def test_verification_off_is_loud(runs: Mapping[str, Callable[[], Done]]) -> None:
    """With verification off the run works, says so on stderr, and judges what it would."""
    done = runs["unverified"]()

    assert (0, []) == (done.code, done.failing)
    assert "NOT verified" in done.stderr
    assert "inconclusive" not in {each["profiles"]["conventions"] for each in done.requirements.values()}


@slow
def test_foreign_host_hears_nothing(runs: Mapping[str, Callable[[], Done]], foreign: Recorder) -> None:
    """Redirected to a foreign host, credentials never arrive there: nothing does, and a run says where it was led."""
    done = runs["moved"]()
    statuses = {each["response"]["status"] for each in done.exchanges if "response" in each}

    assert [] == foreign.asked
    assert {307} == statuses
    assert (5, []) == (done.code, done.failing)
    assert f"redirects every request to {foreign.url.rpartition(':')[0]}" in done.stderr


@slow
def test_bomb_is_stopped(runs: Mapping[str, Callable[[], Done]]) -> None:
    """An answer that unfolds to two hundred times the limit is the server's fault, and the run goes on to its end."""
    done = runs["bomb"]()

    assert [f"{LIST}/response/received"] == done.failing
    assert "once it is decoded" in done.requirements[f"{LIST}/response/received"]["findings"][0]["got"]
    assert done.records[-1]["kind"] == "footer"


@slow
def test_size_is_limited(runs: Mapping[str, Callable[[], Done]]) -> None:
    """An answer that is larger than the file lets a run read is not read, and nobody's fault."""
    done = runs["large"]()
    status = done.requirements[f"{LIST}/response/status"]

    assert (4, []) == (done.code, done.failing)
    assert ("inconclusive", True) == (status["profiles"]["documented"], "larger than 1048576 bytes" in status["reason"])
    assert max(len(json.dumps(each)) for each in done.exchanges) < 1 << 20


@slow
def test_slow_body_is_limited(runs: Mapping[str, Callable[[], Done]]) -> None:
    """A body that does not end in time is given up, recorded, and nobody's fault."""
    done = runs["slow"]()

    assert (True, []) == (done.code in (0, 4), done.failing), done.stderr
    assert any("Timeout" in each.get("failure", "") or "in time" in each.get("failure", "") for each in done.exchanges)


@slow
def test_list_that_somebody_changes_is_not_judged(tmp_path: Path) -> None:
    """What another client deletes in the middle of a walk makes the walk inconclusive, and nothing fails by it."""
    meddler, hosts = Meddler(), []

    def in_front(asked: Asked) -> None:
        if hosts:
            meddler(asked, hosts[0])

    done = whole(
        tmp_path,
        in_front,
        "--requirement",
        f"{LIST}/page/*",
        "--quiet",
        target=_ALONE,
        told=lambda url: hosts.append(urlsplit(url).netloc),
    )
    result = done.requirements[f"{LIST}/page/no-loss"]

    assert meddler.deleted
    assert [] == done.failing
    assert "inconclusive" == result["profiles"]["documented"], result
