"""The suite on a server that shares nothing with the project: right when it is right, and wrong where it deviates."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from asdocumented.contracts.model import Tier
from asdocumented.requirement import PROFILES
from asdocumented.running import Options, Run, run
from asdocumented.verdicts import Verdict
from tests.independent.deviations import DEVIATIONS, TROUBLES, VARIANTS
from tests.independent.server import running
from tests.support import WIDEST, catalogue, failing, independent_target

CREATE = "azure-synapse-access-control/create-role-assignment"
LIST = "azure-synapse-access-control/list-role-assignments"
SYNC = "azure-synapse-management/sync-integration-runtime-credentials"
START = "vmware-vcenter-hvc/start-sync-provider"
STOP = "microsoft-fabric-mirroring/stop-mirroring"
FIVE = (CREATE, LIST, SYNC, START, STOP)


def of_each(operations: tuple[str, ...], what: str) -> tuple[str, ...]:
    """Return the globs of what fails in each of some operations."""
    return tuple(f"{each}/{what}" for each in operations)


DETECTED: Mapping[str, tuple[str, ...]] = {
    "flat-error-body": (f"{CREATE}/response/other/schema/ErrorContract/error/presence", f"{LIST}/response/other/*"),
    "empty-object-error": (
        f"{CREATE}/response/other/schema/ErrorContract/error/presence",
        f"{SYNC}/response/other/schema/ErrorResponse/error/presence",
        f"{START}/response/404/schema/VapiError/type/presence",
        f"{STOP}/response/other/schema/ErrorResponse/errorCode/presence",
    ),
    "html-error": tuple(f"{each}/response/*/media-type" for each in (CREATE, LIST, SYNC, START, STOP)),
    "other-api-error": tuple(f"{each}/response/*/presence" for each in (CREATE, LIST, SYNC, START, STOP)),
    "stack-trace-in-error": tuple(f"{each}/robustness/no-stack-trace" for each in (CREATE, LIST, SYNC, START, STOP)),
    "anonymous-accepted": tuple(f"{each}/identity/anonymous/refused" for each in (CREATE, LIST, SYNC, START, STOP)),
    "expired-accepted": tuple(f"{each}/identity/expired/refused" for each in (CREATE, LIST, SYNC, START, STOP)),
    **{
        f"{who}-accepted": of_each((CREATE, LIST, SYNC, STOP), f"identity/{who}/refused")
        for who in ("not-yet-valid", "wrong-audience", "wrong-issuer", "wrong-signature", "unsigned")
    },
    "reader-may-write": tuple(f"{each}/identity/reader/refused" for each in (CREATE, SYNC, START)),
    "viewer-may-write": (f"{STOP}/identity/viewer/refused",),
    "scope-unchecked": (f"{STOP}/identity/read-scope/refused",),
    "contributor-refused": (f"{STOP}/identity/contributor/accepted",),
    "member-refused": (f"{STOP}/identity/member/accepted",),
    "api-version-unchecked": tuple(f"{each}/refusal/query/api-version/missing" for each in (CREATE, LIST, SYNC)),
    "case-sensitive-resource-group": (f"{SYNC}/case-insensitive/resourceGroupName",),
    "case-sensitive-path": tuple(
        f"{SYNC}/case-insensitive/segment/{each}" for each in ("resourceGroups", "integrationRuntimes")
    ),
    "case-sensitive-uuid": tuple(f"{STOP}/case-insensitive/{each}" for each in ("workspaceId", "mirroredDatabaseId")),
    "case-sensitive-filter": tuple(f"{LIST}/case-insensitive/query/{each}" for each in ("roleId", "principalId")),
    "body-on-empty": tuple(f"{each}/response/200/empty-body" for each in (SYNC, START, STOP)),
    "busy-never-reported": (f"{START}/exclusive/sync-running/status",),
    "wrong-busy-type": (f"{START}/exclusive/sync-running/code",),
    "busy-400": (f"{START}/exclusive/sync-running/status",),
    "missing-404": (f"{START}/error/link-missing/status",),
    "missing-provider-accepted": (f"{START}/error/provider-missing/status",),
    "missing-database-accepted": (f"{STOP}/error/mirrored-database-missing/refused",),
    "password-echoed": (f"{START}/secret/credentials/password",),
    "password-echoed-in-body": (f"{START}/secret/credentials/password", f"{START}/response/200/empty-body"),
    "created-201": (f"{CREATE}/response/status",),
    "echo-wrong-principal": (f"{CREATE}/echo/principalId",),
    "echo-wrong-scope": (f"{CREATE}/echo/scope",),
    "id-not-echoed": (f"{CREATE}/echo/id",),
    "drop-roleDefinitionId": tuple(
        f"{each}/response/200/schema/RoleAssignmentDetails/roleDefinitionId/presence" for each in (CREATE, LIST)
    ),
    "not-persisted": (f"{LIST}/read-after-write/stored",),
    "upsert-ignored": (f"{CREATE}/upsert/replaces",),
    "repeat-adds-item": (f"{CREATE}/idempotent/no-further-effect",),
    "repeat-changes-scope": (f"{CREATE}/idempotent/no-further-effect",),
    "ignore-filter-roleId": (f"{LIST}/filter/roleId/selects",),
    "ignore-filter-principalId": (f"{LIST}/filter/principalId/selects",),
    "ignore-filter-scope": (f"{LIST}/filter/scope/selects",),
    "filter-combination-uses-or": (f"{LIST}/filter/roleId/combined",),
    "page-item-lost": (f"{LIST}/page/no-loss",),
    "page-item-repeated": (f"{LIST}/page/no-repeat",),
    "page-token-ignored": (f"{LIST}/page/advances",),
    "count-wrong": (f"{LIST}/page/count",),
    "count-as-string": (f"{LIST}/response/200/schema/RoleAssignmentDetailsList/count/type",),
    "nan": (f"{LIST}/response/200/json",),
    "duplicate-keys": (f"{LIST}/response/200/json",),
    "wrong-media-type": (f"{LIST}/response/200/media-type",),
    "bom": (f"{CREATE}/response/200/json", f"{LIST}/response/200/json", f"{START}/response/404/json"),
    "invalid-utf8": (f"{CREATE}/response/200/json", f"{LIST}/response/200/json", f"{START}/response/404/json"),
    "truncated-body": (f"{CREATE}/response/200/json", f"{LIST}/response/200/json", f"{START}/response/404/json"),
    "crash-on-unicode-id": of_each((CREATE, SYNC, START), "robustness/path/*/unicode"),
    "crash-on-over-long-id": of_each((CREATE, SYNC, START), "robustness/path/*/over-long"),
    "crash-on-encoded-slash": of_each((CREATE, SYNC, START), "robustness/path/*/encoded-slash"),
    "crash-on-short-id": (f"{CREATE}/robustness/path/roleAssignmentId/shortest",),
    "crash-on-undeclared-parameter": of_each(FIVE, "robustness/query/undeclared"),
    "crash-on-repeated-parameter": of_each((CREATE, LIST, SYNC), "robustness/query/api-version/repeated"),
    "crash-on-unicode-filter": tuple(
        f"{LIST}/robustness/query/{each}/unicode" for each in ("roleId", "principalId", "scope")
    ),
    "crash-on-over-long-filter": tuple(
        f"{LIST}/robustness/query/{each}/over-long" for each in ("roleId", "principalId", "scope")
    ),
    "crash-on-empty-filter": tuple(
        f"{LIST}/robustness/query/{each}/empty" for each in ("roleId", "principalId", "scope")
    ),
    "crash-on-missing-version": of_each((CREATE, LIST), "robustness/no-server-error"),
    "crash-on-unicode-text": of_each((CREATE, START), "robustness/body/unicode"),
    "crash-on-over-long-text": of_each((CREATE, START), "robustness/body/over-long"),
    "crash-on-empty-text": of_each((CREATE, START), "robustness/body/empty"),
    "crash-on-malformed-json": of_each((CREATE, START), "robustness/no-server-error"),
    "crash-on-array-body": of_each((CREATE, START), "robustness/no-server-error"),
    "crash-on-missing-body": (f"{CREATE}/robustness/no-server-error",),
    "crash-on-gzip": of_each((CREATE, START), "robustness/body/compressed"),
    "crash-on-untyped-body": of_each((CREATE, START), "robustness/body/untyped"),
    "crash-on-two-credentials": of_each(FIVE, "robustness/credential/repeated"),
    "empty-api-version-accepted": of_each((CREATE, LIST, SYNC), "refusal/query/api-version/empty"),
    "not-a-uuid-accepted": tuple(
        f"{STOP}/refusal/path/{each}/malformed" for each in ("workspaceId", "mirroredDatabaseId")
    ),
    "missing-body-accepted": (f"{CREATE}/refusal/body/missing",),
    "malformed-json-accepted": of_each((CREATE, START), "refusal/body/malformed"),
    "array-body-accepted": of_each((CREATE, START), "refusal/body/invalid"),
    "xml-accepted": of_each((CREATE, START), "refusal/body/media-type"),
    "missing-field-accepted": (
        *(f"{CREATE}/refusal/body/{each}/missing" for each in ("roleId", "principalId", "scope")),
        *(f"{START}/refusal/body/credentials/{each}/missing" for each in ("user_name", "password")),
    ),
    "wrong-type-accepted": (
        *(f"{CREATE}/refusal/body/{each}/malformed" for each in ("roleId", "principalId", "scope", "principalType")),
        *(f"{START}/refusal/body/credentials/{each}/malformed" for each in ("user_name", "password")),
        f"{START}/refusal/body/credentials/malformed",
    ),
    "text-json-refused": (f"{CREATE}/request/media-type/text_json",),
    "charset-refused": of_each((CREATE, START), "request/charset"),
    "head-500": (f"{LIST}/method/head",),
    "options-500": of_each(FIVE, "method/options"),
    "options-without-allow": of_each(FIVE, "method/options"),
    "405-without-allow": of_each(FIVE, "method/allow"),
    "allow-lists-refused-method": of_each(FIVE, "method/allow"),
    "other-method-accepted": (f"{LIST}/refusal/method",),
    "challenge-missing": of_each(FIVE, "credential/challenge"),
    "challenge-malformed": of_each(FIVE, "credential/challenge"),
    "client-request-id-lost": of_each((CREATE, LIST, SYNC), "headers/client-request-id"),
    "other-scheme-accepted": of_each((CREATE, LIST, SYNC, STOP), "refusal/credential/scheme"),
    "scheme-read-letter-by-letter": of_each((CREATE, LIST, SYNC, STOP), "robustness/credential/lower-case"),
    "trace-echoes": of_each(FIVE, "wire/trace"),
    "dot-segments-bypass": of_each(FIVE, "wire/dot-segments"),
    "content-length-guessed": of_each(FIVE, "wire/content-length"),
}
"""What must fail when the server deviates, in the profile of `PROFILE`, else in the widest."""

PROFILE: Mapping[str, str] = {"busy-400": "documented", "flat-error-body": "documented"}
"""Where only the page forbids it: traffic of the real service shows it, so that wider profiles may accept it."""

NOT_OF_THE_PAGE = frozenset(
    {
        "405-without-allow",
        "allow-lists-refused-method",
        "anonymous-accepted",
        "api-version-unchecked",
        "repeat-adds-item",
        "case-sensitive-path",
        "case-sensitive-uuid",
        "case-sensitive-filter",
        "charset-refused",
        "array-body-accepted",
        "challenge-malformed",
        "challenge-missing",
        "client-request-id-lost",
        "content-length-guessed",
        "crash-on-empty-filter",
        "crash-on-missing-body",
        "crash-on-missing-version",
        "crash-on-over-long-filter",
        "crash-on-repeated-parameter",
        "crash-on-short-id",
        "crash-on-unicode-filter",
        "dot-segments-bypass",
        "empty-api-version-accepted",
        "expired-accepted",
        "head-500",
        "malformed-json-accepted",
        "missing-body-accepted",
        "missing-database-accepted",
        "missing-field-accepted",
        "not-yet-valid-accepted",
        "not-a-uuid-accepted",
        "options-500",
        "options-without-allow",
        "other-method-accepted",
        "other-scheme-accepted",
        "scheme-read-letter-by-letter",
        "stack-trace-in-error",
        "trace-echoes",
        "unsigned-accepted",
        "wrong-audience-accepted",
        "wrong-issuer-accepted",
        "wrong-signature-accepted",
        "wrong-type-accepted",
        "xml-accepted",
    }
)
"""What only a convention forbids, so that the profile of the pages stays conformant."""


def test_server_shares_nothing() -> None:
    """No module of the independent server names the project's package."""
    modules = sorted(Path(__file__).with_name("independent").glob("*.py"))

    assert len(modules) > 5
    assert [] == [each.name for each in modules if "asdocumented" in each.read_text("utf-8")]


@cache
def deviating_run(*deviations: str) -> Run:
    """Return the run on a server with these deviations, which is made once."""
    with running(deviations=deviations) as server:
        return run(catalogue(), independent_target(server), Options(allowed=Tier.DISRUPTIVE))


def test_table_has_every_deviation() -> None:
    """Every deviation that the server has is in the table of what must fail."""
    assert sorted(DEVIATIONS) == sorted(DETECTED)


@pytest.mark.parametrize("profile", PROFILES)
def test_healthy_server_fails_nothing(profile: str) -> None:
    """Where the server does as documented, nothing fails, at whatever level."""
    assert set() == failing(deviating_run(), profile)


def test_healthy_server_is_conformant() -> None:
    """With everything allowed, the run on the healthy server ends with 0."""
    assert 0 == deviating_run().exit_code


def test_healthy_server_judged_throughout() -> None:
    """With everything allowed, nothing is skipped, inconclusive or in error."""
    undecided = {Verdict.SKIPPED, Verdict.INCONCLUSIVE, Verdict.ERROR}

    assert {} == {
        key: each.reason for key, each in deviating_run().results.items() if undecided & set(each.profiles.values())
    }


@pytest.mark.parametrize(("deviation", "glob"), [(name, glob) for name, globs in DETECTED.items() for glob in globs])
def test_deviation_fails_requirement(deviation: str, glob: str) -> None:
    """The requirement that a deviation breaks fails."""
    failed = failing(deviating_run(deviation), PROFILE.get(deviation, WIDEST))

    assert [each for each in failed if fnmatchcase(each, glob)], sorted(failed)


@pytest.mark.parametrize("deviation", DETECTED)
def test_deviation_decides_exit_code(deviation: str) -> None:
    """A run ends nonconformant where the page forbids the deviation, and with 0 where only a convention does."""
    expected = 0 if deviation in NOT_OF_THE_PAGE else 1

    assert expected == deviating_run(deviation).exit_code


@pytest.mark.parametrize("variant", VARIANTS)
def test_legal_variant_fails_nothing(variant: str) -> None:
    """Where no page and no standard forbids it, another way to answer fails nothing in any profile, and hides nothing."""
    done = deviating_run(variant)
    accepted = {Verdict.PASS, Verdict.NOT_OBSERVED}

    assert {} == {
        key: result.reason or [mark.finding for mark in result.findings]
        for key, result in done.results.items()
        if not set(result.profiles.values()) <= accepted
    }
    assert 0 == done.exit_code


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_fails_nothing(trouble: str, profile: str) -> None:
    """What stands before the APIs and cannot answer now is no fault of them, whatever it says."""
    done = deviating_run(trouble)
    statuses = {each.response.status for each in done.execution.trace.exchanges if each.response is not None}

    assert {429, 503} <= statuses
    assert {} == {key: done.results[key].findings for key in failing(done, profile)}


def test_refused_charset_is_found_once() -> None:
    """A charset that is refused gives one finding for each operation that takes a body."""
    expected = {f"{each}/request/charset" for each in (CREATE, START)}

    assert expected == failing(deviating_run("charset-refused"), WIDEST)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_leaves_judgements(trouble: str) -> None:
    """Most that a run can show is judged all the same."""
    passed = [each for each in deviating_run(trouble).results.values() if each.profiles[WIDEST] is Verdict.PASS]
    healthy = [each for each in deviating_run().results.values() if each.profiles[WIDEST] is Verdict.PASS]

    assert len(passed) > 0.8 * len(healthy)


@pytest.mark.parametrize("deviation", DETECTED)
def test_findings_name_their_exchange(deviation: str) -> None:
    """Every finding leads to an exchange of its operation's API that was recorded."""
    done = deviating_run(deviation)
    recorded = {each.id: each.api for each in done.execution.trace.exchanges}

    assert [] == [
        (key, mark)
        for key in failing(done)
        for mark in done.results[key].findings
        if not mark.exchanges or any(recorded.get(each) != key.split("/")[0] for each in mark.exchanges)
    ]


@cache
def reading_run() -> tuple[Run, tuple[tuple[str, str, int], ...]]:
    """Return a run that may only read, with the requests that reached the server."""
    with running() as server:
        done = run(catalogue(), independent_target(server), Options(allowed=Tier.READ))
        return done, tuple(server.requests)


def test_reading_run_changes_nothing() -> None:
    """No write reaches anything that exists, and nothing but reads succeeds."""
    _, requests = reading_run()

    assert [] == [each for each in requests if each[0] not in ("GET", "HEAD", "OPTIONS") and each[2] < 400]
    assert [] == [each for each in requests if each[0] in ("PUT", "DELETE")]


def test_reading_run_probes_strangers() -> None:
    """A POST names at least one id that was made up for this run."""
    done, requests = reading_run()
    made_up = set(done.execution.facts.absent)
    posts = [unquote(path) for method, path, _ in requests if method == "POST"]

    assert posts
    assert [] == [path for path in posts if not any(each in path for each in {*made_up, "not-a-uuid"})]


@pytest.mark.parametrize(
    "identifier",
    [f"{CREATE}/response/status", f"{CREATE}/echo/id", f"{START}/response/200/empty-body", f"{STOP}/response/status"],
)
def test_forbidden_tier_is_skipped(identifier: str) -> None:
    """What needs more than reads is skipped, with the tier in the reason."""
    done, _ = reading_run()
    result = done.results[identifier]
    operation = catalogue().operation("/".join(identifier.split("/")[:2]))

    assert {Verdict.SKIPPED} == set(result.profiles.values())
    assert f"'{operation.tier}'" in result.reason


def test_reading_run_is_partial() -> None:
    """A run that may only read claims nothing: it fails nothing and ends with 4."""
    done, _ = reading_run()

    assert set() == failing(done)
    assert 4 == done.exit_code


def test_requests_stay_on_server() -> None:
    """Every recorded exchange went to the one server that the target names."""
    hosts = {urlsplit(each.server).hostname for each in deviating_run().execution.trace.exchanges}

    assert {"127.0.0.1"} == hosts


@cache
def wider_run() -> Run:
    """Return the run on the healthy server with the siblings that it has too: it reads and deletes role assignments."""
    access = CREATE.partition("/")[0]
    names = {f"{access}/{each}-role-assignment" for each in ("get", "delete")}
    with running() as server:
        target = independent_target(server, operations=frozenset({CREATE, LIST, *names}))
        return run(catalogue(), target, Options(allowed=Tier.DISRUPTIVE))


@pytest.mark.parametrize("profile", PROFILES)
def test_healthy_siblings_fail_nothing(profile: str) -> None:
    """A server that deletes in its own way, a second delete refused, fails nothing."""
    assert set() == failing(wider_run(), profile)


def test_deletions_are_judged() -> None:
    """What the siblings show of deletions and repetitions is enough to judge them."""
    judged = {
        key: each.profiles[WIDEST]
        for key, each in wider_run().results.items()
        if "/delete/" in key or "/idempotent/" in key or "/case-insensitive/" in key
    }

    assert judged
    assert {Verdict.PASS} == set(judged.values()), judged
