"""Walking a body by definitions that no bundled contract has: free members, lists in lists, definitions in themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from asdocumented.judge.bodies import BodyWalk
from asdocumented.reads.marks import Mark, Observation, Outcome
from tests.judge.traces import ACCESS, LIST, catalogue

_DEFINITIONS: dict[str, Any] = {
    "Whole": {
        "type": "object",
        "properties": {
            "tags": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 3}},
            "rows": {"type": "array", "items": {"type": "array", "items": {"type": "integer", "minimum": 1}}},
            "share": {"type": "number", "maximum": 0.5},
            "inner": {"$ref": "#/definitions/Inner"},
        },
    },
    "Inner": {"type": "object", "properties": {"name": {"type": "string"}, "more": {"$ref": "#/definitions/Inner"}}},
}
_GOOD = {"tags": {"a": "b"}, "rows": [[1]], "share": 0.5, "inner": {"name": "x", "more": {"name": "y"}}}


def _walk(body: Any, *, strict: bool = False) -> list[Mark | Observation]:
    api = replace(catalogue().apis[ACCESS], definitions=_DEFINITIONS)
    operation = catalogue().operation(LIST)
    rule = replace(operation.responses["200"], schema={"$ref": "#/definitions/Whole"}, definition="Whole")
    return list(BodyWalk(api, operation, rule, 7, strict).judge(body))


def _ids(said: list[Mark | Observation], outcome: Outcome) -> set[str]:
    prefix = f"{LIST}/response/200/schema/"
    return {
        each.requirement.removeprefix(prefix) for each in said if isinstance(each, Mark) and each.outcome is outcome
    }


def test_good_body_meets_all() -> None:
    """Each keyword of each place is met, also of free members, of lists in lists and of a definition in itself."""
    said = _walk(_GOOD)

    assert all(isinstance(each, Mark) and each.outcome is Outcome.MET and each.exchanges == (7,) for each in said)
    assert _ids(said, Outcome.MET) >= {
        "Whole/type",
        "Whole/tags/presence",
        "Whole/tags/type",
        "Whole/tags/additionalProperties/type",
        "Whole/tags/additionalProperties/maxLength",
        "Whole/rows/items/type",
        "Whole/rows/items/items/type",
        "Whole/rows/items/items/minimum",
        "Inner/type",
        "Inner/name/presence",
        "Inner/name/type",
        "Inner/more/presence",
    }


@pytest.mark.parametrize(
    ("change", "requirement", "told"),
    [
        pytest.param(
            {"tags": {"a": "long"}},
            "Whole/tags/additionalProperties/maxLength",
            ("maxLength 3", "'long'", "$.tags.a"),
            id="free member",
        ),
        pytest.param(
            {"rows": [[1], [2, 0]]},
            "Whole/rows/items/items/minimum",
            ("minimum 1", "0", "$.rows[1][1]"),
            id="item of an item",
        ),
        pytest.param(
            {"share": 1}, "Whole/share/maximum", ("maximum what the definition says", "1", "$.share"), id="fraction"
        ),
        pytest.param(
            {"inner": {"name": "x", "more": {"name": 1}}},
            "Inner/name/type",
            ("type string", "1", "$.inner.more.name"),
            id="definition in itself",
        ),
    ],
)
def test_deep_flaw_is_found(change: dict[str, Any], requirement: str, told: tuple[str, str, str]) -> None:
    """What is wrong deep in a body is one finding, with its place."""
    said = _walk({**_GOOD, **change})
    found = [each for each in said if isinstance(each, Mark) and each.finding is not None]

    assert {requirement} == _ids(said, Outcome.FINDING)
    assert [told] == [(each.finding.expected, each.finding.got, each.finding.where) for each in found if each.finding]
    assert requirement not in _ids(said, Outcome.MET)


@pytest.mark.parametrize(
    ("change", "blocked"),
    [
        pytest.param(
            {"tags": 1}, {"Whole/tags/additionalProperties/type", "Whole/tags/additionalProperties/maxLength"}, id="map"
        ),
        pytest.param(
            {"rows": 1},
            {"Whole/rows/items/type", "Whole/rows/items/items/type", "Whole/rows/items/items/minimum"},
            id="list",
        ),
        pytest.param({"inner": 1}, {"Inner/name/presence", "Inner/name/type", "Inner/more/presence"}, id="definition"),
    ],
)
def test_wrong_type_blocks_all_below(change: dict[str, Any], blocked: set[str]) -> None:
    """Below a value of another type nothing is met and all is blocked by that one finding."""
    said = _walk({**_GOOD, **change})
    (finding,) = [each for each in said if isinstance(each, Mark) and each.finding is not None]
    marks = [each for each in said if isinstance(each, Mark) and each.outcome is Outcome.BLOCKED]

    assert blocked == _ids(said, Outcome.BLOCKED)
    assert {(finding.requirement, (7,))} == {(each.blocker, each.exchanges) for each in marks}
    assert not blocked & _ids(said, Outcome.MET)


def test_same_finding_is_told_three_times() -> None:
    """Of what is wrong in many items, three are told, the first ones."""
    said = _walk({**_GOOD, "rows": [[0, 0, 0, 0, 0]]})
    places = [each.finding.where for each in said if isinstance(each, Mark) and each.finding is not None]

    assert ["$.rows[0][0]", "$.rows[0][1]", "$.rows[0][2]"] == places


@pytest.mark.parametrize("strict", [False, True])
def test_unknown_field_is_told(*, strict: bool) -> None:
    """A field that no definition has is observed, and with strict fields a finding; a free member is no such field."""
    said = _walk({**_GOOD, "extra": 1}, strict=strict)
    unknown = f"{LIST}/response/200/unknown-fields"
    told = [
        (each.requirement, each.finding.got, each.finding.where, each.exchanges)
        for each in said
        if isinstance(each, Mark) and each.finding is not None
    ]

    assert Observation(LIST, "field Whole.extra of a 200 is in no definition", 7) in said
    assert 1 == len([each for each in said if isinstance(each, Observation)])
    assert ([(unknown, "the field Whole.extra", "$.extra", (7,))] if strict else []) == told


def test_documented_fields_pass_strictly() -> None:
    """With strict fields a body of documented fields meets the requirement on this exchange."""
    assert Mark(f"{LIST}/response/200/unknown-fields", Outcome.MET, (7,)) in _walk(_GOOD, strict=True)
    assert not [each for each in _walk(_GOOD) if isinstance(each, Mark) and "unknown" in each.requirement]
