"""Finding the operation that a request line addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asdocumented.contracts import Operation, load_catalogue
from asdocumented.contracts.matching import candidates, fitting, match, match_path, split_target
from asdocumented.plans import Call

_APIS = load_catalogue().apis
_VALUES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20)


def _found(api: str, method: str, target: str) -> str | None:
    found = match(_APIS[api], method, target)
    return found.operation.name if found else None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("/roleAssignments/a%2Fb", {"roleAssignmentId": "a/b"}, id="encoded slash"),
        pytest.param("/roleAssignments/a/b", None, id="plain slash"),
        pytest.param("/roleAssignments/a%3Fb", {"roleAssignmentId": "a?b"}, id="encoded question mark"),
        pytest.param("/roleAssignments/%C3%A9", {"roleAssignmentId": "é"}, id="UTF-8"),
        pytest.param("/roleAssignments/a+b", {"roleAssignmentId": "a+b"}, id="plus is no blank"),
        pytest.param("/roleAssignments/", {"roleAssignmentId": ""}, id="empty segment"),
        pytest.param("/roleAssignments", None, id="no segment"),
        pytest.param("/roleAssignments/a\n", {"roleAssignmentId": "a\n"}, id="line break stays"),
        pytest.param("/ROLEassignments/Ab", {"roleAssignmentId": "Ab"}, id="other case"),
        pytest.param("/xroleAssignments/a", None, id="longer word"),
    ],
)
def test_raw_path_is_matched(raw: str, expected: dict[str, str] | None) -> None:
    """Segments are taken apart before they are decoded, and literal ones are compared without case."""
    assert expected == match_path("/roleAssignments/{roleAssignmentId}", raw)


def test_dots_in_templates_are_literal() -> None:
    """A dot of a template stands for a dot alone."""
    template = "/providers/Microsoft.Synapse/{name}"
    expected = None

    assert expected == match_path(template, "/providers/MicrosoftXSynapse/a")


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        pytest.param(
            "POST", "/rest/hvc/links/l/sync/providers/p?action=start", "start-sync-provider", id="constant query"
        ),
        pytest.param(
            "POST", "/rest/hvc/links/l/sync/providers/p?x=1&action=start", "start-sync-provider", id="among others"
        ),
        pytest.param("POST", "/rest/hvc/links/l/sync/providers/p", None, id="without it"),
        pytest.param("POST", "/rest/hvc/links/l/sync/providers/p?action=stop", None, id="another value"),
        pytest.param("GET", "/rest/hvc/links/l/sync/providers/p", "get-sync-provider", id="sibling"),
        pytest.param("get", "/rest/hvc/links/l/sync/providers", "list-sync-providers", id="method in lower case"),
        pytest.param("GET", "/REST/hvc/Links", "list-links", id="literal in another case"),
        pytest.param("DELETE", "/rest/hvc/links", None, id="method of no operation"),
        pytest.param("GET", "/rest/hvc/elsewhere", None, id="no such path"),
    ],
)
def test_request_line_finds_operation(method: str, target: str, expected: str | None) -> None:
    """Method, raw path and constant query parameters decide together which operation is meant."""
    assert expected == _found("vmware-vcenter-hvc", method, target)


def test_api_version_routes_nothing() -> None:
    """A request with another API version, or none, still addresses its operation."""
    targets = ("/roleAssignments?api-version=1999-01-01", "/roleAssignments")
    expected = ["list-role-assignments"] * 2

    assert expected == [_found("azure-synapse-access-control", "GET", target) for target in targets]


def test_most_literal_comes_first() -> None:
    """Of several operations that fit, the one with the fewest path parameters comes first."""
    target = "/rest/hvc/links/l/sync/providers/p?action=start"
    operations = _APIS["vmware-vcenter-hvc"].operations.values()
    expected = ["start-sync-provider", "get-sync-provider"]

    assert expected == [each.operation.name for each in candidates(operations, target)]


@given(st.sampled_from(load_catalogue().operations), st.data())
def test_routes_leave_nothing_out(operation: Operation, data: st.DataObject) -> None:
    """The routes of an API find what comparing a target with every operation finds, in the same order."""
    segments = [
        data.draw(st.sampled_from([each, each.upper(), "", "x", "\u017fync", "lin\u212as"]))
        for each in operation.path.split("/")
    ]
    target = "/".join(segments) + data.draw(st.sampled_from(["", "?action=start", "?a=b"]))
    api = _APIS[operation.api]

    assert candidates(api.operations.values(), target) == fitting(api, target)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        pytest.param("/a?b=1&b=2", ("/a", (("b", "1"), ("b", "2"))), id="repeated"),
        pytest.param("/a?b=", ("/a", (("b", ""),)), id="empty value"),
        pytest.param("/a%3Fb?c=%26", ("/a%3Fb", (("c", "&"),)), id="encoded"),
        pytest.param("/a?", ("/a", ()), id="empty query"),
    ],
)
def test_targets_are_split(target: str, expected: tuple[str, tuple[tuple[str, str], ...]]) -> None:
    """A target is split at its first question mark, and only the query is decoded."""
    assert expected == split_target(target)


@given(st.sampled_from(load_catalogue().operations), st.data())
def test_path_parameters_round_trip(operation: Operation, data: st.DataObject) -> None:
    """Every value of a path parameter comes back from the target of the call that was planned with it."""
    names = [each.name for each in operation.parameters if each.location == "path"]
    values = {name: data.draw(_VALUES, label=name) for name in names}
    query = {("query", name): value for name, value in operation.query.items()}

    found = match(
        _APIS[operation.api],
        operation.method,
        Call(operation, "admin", {("path", name): value for name, value in values.items()} | query).target,
    )

    assert (operation.id, values) == (found.operation.id, dict(found.path))


@given(_VALUES, _VALUES)
def test_query_parameters_round_trip(scope: str, role: str) -> None:
    """Every value of a query parameter comes back from the target of the call that was planned with it."""
    operation = load_catalogue().operation("azure-synapse-access-control/list-role-assignments")
    call = Call(operation, "admin", {("query", "scope"): scope, ("query", "roleId"): role})

    assert (("scope", scope), ("roleId", role)) == split_target(call.target)[1]


@given(st.sampled_from(sorted(_APIS)), st.text(max_size=60), st.text(max_size=10))
def test_any_target_is_survived(api: str, target: str, method: str) -> None:
    """Any text whatever can be looked up, and a path that no operation has finds nothing."""
    expected = None

    assert expected == _found(api, method, f"@{target}")
