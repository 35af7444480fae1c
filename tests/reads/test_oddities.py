"""Odd values: each kind that can be made is told again, and plain values show none."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asdocumented.contracts.grounds import Basis, Evidence
from asdocumented.contracts.model import Parameter
from asdocumented.reads.oddities import ODDITIES, Oddity, is_free, of_body, of_parameter, shortest

_BASIS = Basis(Evidence.DOCUMENTED)
each_kind = pytest.mark.parametrize("kind", ODDITIES, ids=lambda kind: kind.name)


def parameter(location: str = "query", **schema: object) -> Parameter:
    """Return a parameter with a schema of its own."""
    return Parameter("name", location, required=False, schema={"type": "string", **schema}, basis=_BASIS)


@each_kind
@given(plain=st.uuids().map(str))
def test_made_value_shows_kind(kind: Oddity, plain: str) -> None:
    """What a kind makes of a plain value shows the kind, and the plain value does not."""
    assert (True, False) == (kind.shows(kind.make(plain)), kind.shows(plain))


@each_kind
@pytest.mark.parametrize("location", ["path", "query"])
def test_kind_shows_in_its_places(kind: Oddity, location: str) -> None:
    """A kind is told where it can stand, and nowhere else."""
    value = kind.make("plain")

    assert (location in kind.locations) == (kind.name in of_parameter(parameter(location), value))


@pytest.mark.parametrize("constraint", [{"const": "a"}, {"enum": ["a"]}, {"format": "uuid"}, {"pattern": "^a$"}])
def test_constrained_value_is_not_odd(constraint: dict[str, object]) -> None:
    """A value outside a constraint is a fault and no oddity."""
    assert [] == list(of_parameter(parameter(**constraint), "\u05e9" * 2000))


@pytest.mark.parametrize(
    ("schema", "expected"), [({}, 0), ({"minLength": 1}, 1), ({"minLength": 3}, 3), ({"minLength": 1, "const": "a"}, 0)]
)
def test_shortest_is_what_page_states(schema: dict[str, object], expected: int) -> None:
    """The least length is the page's, where any text of it is valid."""
    assert expected == shortest({"type": "string", **schema})


def test_shortest_value_is_told() -> None:
    """A value of exactly the least length is told as one."""
    assert ["shortest"] == list(of_parameter(parameter("path", minLength=1), "z"))
    assert [] == list(of_parameter(parameter("path", minLength=1), "zz"))


def test_longest_value_is_told() -> None:
    """A value of exactly the greatest length is told as one, and a longer one is a fault and no oddity."""
    assert ["longest"] == list(of_parameter(parameter("path", maxLength=5), "zzzzz"))
    assert [] == list(of_parameter(parameter("path", maxLength=5), "zzzz"))


def test_marker_is_not_odd() -> None:
    """The marks of a redacted secret are ours, and no letters of the client."""
    assert [] == list(of_body({"password": "\u00absecret:/password\u00bb"}))


@given(
    value=st.recursive(
        st.text(alphabet="abc", min_size=1, max_size=9),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_plain_body_shows_nothing(value: object) -> None:
    """A body of short plain texts is not odd, however deep it nests."""
    assert [] == list(of_body(value))


def test_deep_text_shows() -> None:
    """An odd text shows wherever it stands in the body."""
    assert ["unicode"] == list(of_body({"a": [{"b": "e\u0301"}], "c": str(uuid.UUID(int=0))}))


@pytest.mark.parametrize(
    ("schema", "expected"), [({"type": "string"}, True), ({"type": "integer"}, False), ({}, False)]
)
def test_text_alone_is_free(schema: dict[str, object], expected: object) -> None:
    """Only a schema of texts without constraints takes any text."""
    assert expected == is_free(schema)
