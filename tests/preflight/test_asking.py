"""What a preflight asks: credentials, clocks, resources and operations; what is missing, and what is only doubtful."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from asdocumented.contracts.model import Tier
from asdocumented.errors import UnreachableError
from asdocumented.preflight.checks import Kind, State
from asdocumented.preflight.looking import AGAIN
from asdocumented.preflight.probing import probes_of
from tests.preflight.servers import (
    ACCESS,
    FABRIC,
    MANAGEMENT,
    VCENTER,
    access_token,
    asked,
    error,
    fine,
    found,
    remote,
)
from tests.support import catalogue

AT = "http://127.0.0.1:1"
OURS = "https://dev.azuresynapse.net"
THEIRS = "https://api.fabric.microsoft.com"


def test_healthy_target_lacks_nothing() -> None:
    """A target that answers every valid read lacks nothing, and what it showed is told."""
    checks, noted = asked(remote(dict.fromkeys(catalogue().apis, AT)), fine)

    assert {State.GOOD} == {each.state for each in checks}
    assert {Kind.CREDENTIAL, Kind.CLOCK, Kind.RESOURCE, Kind.OPERATION} == {each.kind for each in checks}
    assert {AGAIN} == {each.again for each in noted}


def test_probes_change_nothing() -> None:
    """Every probe is a valid read, or one of what does not exist; none has a body."""
    probes = probes_of(catalogue(), remote(dict.fromkeys(catalogue().apis, AT)))

    assert probes
    assert {Tier.PROBE, Tier.READ} == {each.step.tier for each in probes}
    assert all(each.operation.tier.rank <= Tier.READ.rank for each in probes if each.reads)
    assert {b""} == {each.step.call.body for each in probes}


@pytest.mark.parametrize(
    ("token", "words"),
    [
        pytest.param(access_token(THEIRS), f"the audience of {FABRIC}", id="another API's audience"),
        pytest.param(access_token("https://acme.example"), "`audiences`", id="an audience that nobody lists"),
        pytest.param(access_token(OURS, ends=-60), "expired at", id="expired"),
    ],
)
def test_token_that_is_no_good_is_missing(token: str, words: str) -> None:
    """A token for somebody else, or one that has expired, is never sent, and its identity is missing."""
    checks, noted = asked(remote({ACCESS: AT}, tokens={(ACCESS, "admin"): token}), fine)

    assert words in found(checks, Kind.CREDENTIAL, State.MISSING)["admin"].text
    assert [] == noted


def test_token_that_ends_soon_is_a_doubt() -> None:
    """A token that ends within minutes and that nothing renews is told, and is used."""
    checks, noted = asked(remote({ACCESS: AT}, tokens={(ACCESS, "admin"): access_token(OURS, ends=120)}), fine)

    assert "ends at" in found(checks, Kind.CREDENTIAL, State.DOUBT)["admin"].text
    assert noted


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credential_is_a_doubt(status: int) -> None:
    """A target that refuses a good credential is told, and judged: the mistake may be its own."""
    checks, _ = asked(remote({ACCESS: AT}), lambda request: httpx.Response(status))

    assert f"refused with {status}" in found(checks, Kind.CREDENTIAL, State.DOUBT)["admin"].text


@pytest.mark.parametrize(("minutes", "state"), [(0, State.GOOD), (4, State.GOOD), (-6, State.DOUBT), (90, State.DOUBT)])
def test_clock_is_compared(minutes: float, state: State) -> None:
    """A server's clock that is wrong by more than five minutes is told."""

    def late(request: httpx.Request) -> httpx.Response:
        date = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
        return httpx.Response(200, json={}, headers={"date": date})

    checks, _ = asked(remote({ACCESS: AT}), late)

    assert [state] == [each.state for each in checks if each.kind is Kind.CLOCK]


@pytest.mark.parametrize("date", ["", "yesterday", "Sat, 31 Feb 2026 25:00:00 GMT"])
def test_unreadable_date_says_nothing(date: str) -> None:
    """A Date that is none is for the judge; the preflight makes nothing of it."""
    checks, _ = asked(remote({ACCESS: AT}), lambda request: httpx.Response(200, json={}, headers={"date": date}))

    assert [] == [each for each in checks if each.kind is Kind.CLOCK]


@pytest.mark.parametrize(
    ("api", "cause", "pool"),
    [
        (MANAGEMENT, "subscription-missing", "subscription"),
        (MANAGEMENT, "integration-runtime-missing", "integration-runtime"),
        (FABRIC, "mirrored-database-missing", "mirrored-database"),
        (VCENTER, "provider-missing", "provider"),
    ],
)
def test_resource_that_does_not_exist_is_missing(api: str, cause: str, pool: str) -> None:
    """A read that is answered with the API's error for a missing resource says which one the target's file got wrong."""

    def answer(request: httpx.Request) -> httpx.Response:
        value = catalogue().apis[api].resources[pool].values[0]
        return error(api, cause) if value in str(request.url) else fine(request)

    checks, _ = asked(remote({api: AT}), answer)
    missing = found(checks, Kind.RESOURCE, State.MISSING)

    assert set(catalogue().apis[api].resources[pool].values) == set(missing)
    assert {pool} == {each.pool for each in missing.values()}
    assert {} == found(checks, Kind.OPERATION, State.MISSING)


def test_each_named_resource_is_asked_for() -> None:
    """Of two ids in a pool, the one that is not there is told."""
    pools = {VCENTER: {"provider": ("provider-good", "provider-gone")}}

    def answer(request: httpx.Request) -> httpx.Response:
        return error(VCENTER, "provider-missing") if "provider-gone" in request.url.path else fine(request)

    checks, _ = asked(remote({VCENTER: AT}, pools=pools), answer)

    assert {"provider-gone"} == set(found(checks, Kind.RESOURCE, State.MISSING))
    assert "provider-good" in found(checks, Kind.RESOURCE, State.GOOD)


def test_removed_operations_are_missing() -> None:
    """A vCenter that knows no operation of the links says so, also of the one that changes something."""

    def answer(request: httpx.Request) -> httpx.Response:
        return error(VCENTER, "route-missing") if "/hvc/" in request.url.path else fine(request)

    checks, _ = asked(remote({VCENTER: AT}), answer)
    missing = found(checks, Kind.OPERATION, State.MISSING)

    assert {"get-sync-provider", "list-links", "list-sync-providers", "start-sync-provider"} == set(missing)
    assert "the target has no start-sync-provider (vCenter 8.0 U1 removed" in missing["start-sync-provider"].text


@pytest.mark.parametrize("body", [b"", b"<html>not found</html>", b'{"message": "no route"}'])
def test_answer_of_no_api_means_no_operation(body: bytes) -> None:
    """A 404 to a valid read without an error of the API says that there is no such operation at this URL."""
    checks, _ = asked(remote({MANAGEMENT: AT}), lambda request: httpx.Response(404, content=body))

    assert "get-integration-runtime" in found(checks, Kind.OPERATION, State.MISSING)
    assert {} == found(checks, Kind.RESOURCE, State.MISSING)


@pytest.mark.parametrize(
    ("api", "cause"),
    [
        (name, cause)
        for name, api in catalogue().apis.items()
        for cause in api.error_model.codes
        if cause != "route-missing"
    ],
)
def test_refused_write_proves_nothing(api: str, cause: str) -> None:
    """Whatever a write to nothing is refused with, only the API's own word for a missing operation counts."""
    words = catalogue().apis[api].error_model.codes

    def answer(request: httpx.Request) -> httpx.Response:
        return fine(request) if request.method == "GET" or "tatus" in request.url.path else error(api, cause)

    checks, _ = asked(remote({api: AT}), answer)

    assert words[cause] != words["route-missing"]
    assert {} == found(checks, Kind.OPERATION, State.MISSING)


@pytest.mark.parametrize("status", [400, 500, 503])
def test_odd_answer_is_a_doubt(status: int) -> None:
    """An answer that says nothing about what is there is a doubt, and the judge's matter."""
    checks, _ = asked(remote({ACCESS: AT}), lambda request: httpx.Response(status))

    assert set() == {each.name for each in checks if each.state is State.MISSING}
    assert "list-role-assignments" in found(checks, Kind.OPERATION, State.DOUBT)


def led_away(request: httpx.Request) -> httpx.Response:
    """Redirect every request to a login elsewhere."""
    return httpx.Response(302, headers={"location": f"https://login.example.com/?from={request.url.path}"})


def test_target_that_leads_elsewhere_is_not_reached() -> None:
    """A login page in front of everything ends the preflight, and says where it leads without what was asked for."""
    with pytest.raises(UnreachableError, match=r"redirects every request to https://login\.example\.com,"):
        asked(remote({ACCESS: AT}), led_away)


def test_page_instead_of_the_api_is_told() -> None:
    """Pages where the API is expected are told of, and left to the judge."""
    checks, _ = asked(
        remote({ACCESS: AT}), lambda request: httpx.Response(200, html="<title>Welcome to the hotel</title>")
    )

    assert {State.DOUBT} == {each.state for each in checks if each.kind is Kind.OPERATION}
    assert all("a page (200, text/html" in each.text for each in checks if each.kind is Kind.OPERATION)
