"""Cases are plain data: they survive being written, and their ids follow from their requests."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asdocumented.corpus.cases import Body, Case, Kind, Means, Reference, case_from, record_of
from asdocumented.corpus.references import resolve
from asdocumented.planning.context import Context
from asdocumented.plans import UnplannableError
from asdocumented.reads.classify import at
from tests.support import catalogue

CREATE = "azure-synapse-access-control/create-role-assignment"
LIST = "azure-synapse-access-control/list-role-assignments"
START = "vmware-vcenter-hvc/start-sync-provider"

_TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_REFERENCES = st.builds(Reference, st.sampled_from(Means), st.sampled_from(["role", "link"]), st.integers(0, 3))
_BODIES = st.builds(Body, _JSON, content_type=_TEXT) | st.builds(
    Body, raw=st.binary(max_size=8), content_type=st.just("application/json")
)
CASES = st.builds(
    Case,
    st.sampled_from([CREATE, LIST]),
    st.sampled_from(Kind),
    _TEXT,
    st.lists(st.tuples(st.sampled_from(["path", "query", "header"]), _TEXT, _TEXT | _REFERENCES), max_size=3).map(
        tuple
    ),
    st.none() | _BODIES,
    st.sampled_from(["admin", "reader"]),
    _TEXT,
)
quickly = settings(max_examples=100, deadline=None, derandomize=True, database=None)


def context(operation: str, pools: Mapping[str, tuple[str, ...]] | None = None, seed: int = 0) -> Context:
    """Return what planning knows of an operation's API, with the emulator's ids unless others are given."""
    api = catalogue().apis[operation.partition("/")[0]]
    own = {name: each.values for name, each in api.resources.items() if each.values}
    chosen = own if pools is None else pools
    return Context(api, chosen, frozenset(api.operations), random.Random(seed), keeps_changes=False)


@quickly
@given(CASES)
def test_written_case_reads_alike(case: Case) -> None:
    """A case that was written as JSON is read as the same case with the same id."""
    read = case_from(case.operation, json.loads(json.dumps(record_of(case))))

    assert case == read
    assert case.id == read.id


@quickly
@given(CASES)
def test_id_follows_request_alone(case: Case) -> None:
    """Neither why a case was generated nor what it broke changes its id; its operation does."""
    other = replace(case, operation=START)

    assert case.id == replace(case, why="why not", requirement="a/b/c").id
    assert case.id.rpartition("-")[2] != other.id.rpartition("-")[2]


def a_list(name: str, value: Any) -> Case:
    """Return a positive case of a list with one filter."""
    return Case(LIST, Kind.POSITIVE, "a test", (("query", "api-version", "2020-12-01"), ("query", name, value)))


def a_grant(kind: Kind, **references: Reference) -> Case:
    """Return a case of a creation whose body holds references."""
    body = dict.fromkeys(references, "") | {"more": [1, {"deep": "ü"}]}
    pointers = {f"/{name}": each for name, each in references.items()}
    path = ("path", "roleAssignmentId", Reference(Means.FRESH, "role-assignment"))
    return Case(CREATE, kind, "a test", (path,), Body(body, pointers, content_type="application/json"))


@quickly
@given(st.integers(0, 50), st.lists(st.uuids().map(str), min_size=1, max_size=5, unique=True))
def test_pool_reference_exists(index: int, ids: list[str]) -> None:
    """A reference to a pool becomes an id of the target, whatever the target's ids are."""
    case = a_list("roleId", Reference(Means.POOL, "role", index))

    call = resolve(case, context(LIST, {"role": tuple(ids)}))

    assert ids[index % len(ids)] == call.arguments["query", "roleId"]


@pytest.mark.parametrize("means", [Means.FRESH, Means.ABSENT])
@quickly
@given(seed=st.integers(0, 1000))
def test_made_up_reference_is_absent(means: Means, seed: int) -> None:
    """A fresh and an absent id are new, and known to have been made up."""
    known = context(LIST, seed=seed)
    call = resolve(a_list("roleId", Reference(means, "role-assignment")), known)

    assert call.arguments["query", "roleId"] in known.absent


def test_secret_reference_is_recorded() -> None:
    """A secret is drawn anew and has a marker that names its field."""
    known = context(START)
    body = Body(
        {"credentials": {"password": ""}},
        {"/credentials/password": Reference(Means.SECRET, "secret")},
        content_type="application/json",
    )
    call = resolve(Case(START, Kind.NEGATIVE, "a test", (), body), known)
    sent = at(json.loads(call.body), "/credentials/password")

    assert "«secret:/credentials/password»" == known.secrets[sent]


def test_missing_pool_is_told() -> None:
    """A case that refers to something of which the target names nothing cannot be planned."""
    with pytest.raises(UnplannableError, match="the target names no role"):
        resolve(a_list("roleId", Reference(Means.POOL, "role")), context(LIST, {}))


def test_positive_bodies_differ() -> None:
    """Two positive cases send different combinations of ids, since a target may refuse a second grant like the first."""
    known = context(CREATE)
    case = a_grant(Kind.POSITIVE, **{name: Reference(Means.POOL, pool) for name, pool in GRANT.items()})
    first, second = (json.loads(resolve(case, known).body) for _ in range(2))

    assert first != second
    assert {"more": [1, {"deep": "ü"}]} == {key: value for key, value in first.items() if key not in GRANT}


GRANT = {"roleId": "role", "principalId": "principal", "scope": "scope"}


def test_raw_body_is_sent_as_it_is() -> None:
    """Bytes that are no JSON reach the wire byte by byte."""
    case = Case(CREATE, Kind.NEGATIVE, "a test", (), Body(raw=b"\xff\x00{", content_type="text/json"))
    call = resolve(case, context(CREATE))

    assert (b"\xff\x00{", "text/json") == (call.body, call.content_type)


def test_removed_resource_is_made_first() -> None:
    """A positive removal is about something that the plan creates before."""
    known = context(CREATE)
    arguments = (("path", "roleAssignmentId", Reference(Means.POOL, "role-assignment")),)
    call = resolve(Case(CREATE.replace("create", "delete"), Kind.POSITIVE, "a test", arguments), known)
    maker = known.makes(call)

    assert maker is not None
    assert maker.arguments["path", "roleAssignmentId"] == call.arguments["path", "roleAssignmentId"]
