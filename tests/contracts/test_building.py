"""Turning checked documents into the typed contract."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from asdocumented.contracts import Evidence, Level, Tier, load_catalogue
from asdocumented.contracts.grounding import parse_lines
from asdocumented.contracts.locating import bundled

_CREATE = "azure-synapse-access-control/create-role-assignment"
_SYNC = "azure-synapse-management/sync-integration-runtime-credentials"


def _presences(identifier: str, key: str) -> dict[str, tuple[Level, Evidence]]:
    rule = load_catalogue().operation(identifier).responses[key]
    return {f"{each.definition}.{each.name}": (each.level, each.basis.evidence) for each in rule.presences}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([3], ((3, 3),), id="one line"),
        pytest.param(["10-16"], ((10, 16),), id="a range"),
        pytest.param([3, "10-16"], ((3, 3), (10, 16)), id="both"),
        pytest.param(None, (), id="none"),
    ],
)
def test_lines_become_ranges(lines: list[int | str] | None, expected: tuple[tuple[int, int], ...]) -> None:
    """Lines of a contract become inclusive ranges."""
    assert expected == parse_lines(lines)


def test_sampled_fields_are_required() -> None:
    """A field that definition and sample both show must be present, on the page's word."""
    fields = ("id", "principalId", "principalType", "roleDefinitionId", "scope")
    expected = {f"RoleAssignmentDetails.{name}": (Level.MUST, Evidence.DOCUMENTED) for name in fields}

    assert expected == _presences(_CREATE, "200")


def test_sampled_error_fields_are_required() -> None:
    """The fields of an error's sample must be present, and those that it leaves out need not."""
    expected = dict.fromkeys(
        ("ErrorContract.error", "ErrorResponse.code", "ErrorResponse.message"), (Level.MUST, Evidence.DOCUMENTED)
    )

    assert expected == _presences(_CREATE, "other")


def test_sampled_items_are_followed() -> None:
    """A sample's array shows the fields of its items too."""
    presences = _presences("azure-synapse-access-control/list-role-assignments", "200")
    expected = {"RoleAssignmentDetailsList.count", "RoleAssignmentDetailsList.value", "RoleAssignmentDetails.id"}

    assert expected <= set(presences)


def test_presence_cites_row_and_sample() -> None:
    """A derived presence cites the definition's row and the sample."""
    rule = load_catalogue().operation(_CREATE).responses["200"]
    expected = ((129, 131), (50, 56))

    presence = next(each for each in rule.presences if each.name == "roleDefinitionId")

    assert expected == presence.basis.lines


def test_argued_presence_goes_first() -> None:
    """What a contract says about a presence is kept as it is: level, evidence and reason."""
    expected = {
        "ErrorResponse.error": (Level.MUST, Evidence.DOCUMENTED),
        "ErrorDetail.code": (Level.SHOULD, Evidence.CONVENTION),
        "ErrorDetail.message": (Level.SHOULD, Evidence.CONVENTION),
    }

    assert expected == _presences(_SYNC, "other")


def test_field_outside_sample_is_free(tmp_path: Path) -> None:
    """A field that the sample does not show gets no presence."""
    api = _CREATE.split("/", maxsplit=1)[0]
    shutil.copytree(bundled("contracts") / api, tmp_path / api)
    file = tmp_path / _CREATE / "examples" / "response.200.json"
    value = json.loads(file.read_text(encoding="utf-8"))
    del value["scope"]
    file.write_text(json.dumps(value), encoding="utf-8")
    expected = {"id", "principalId", "principalType", "roleDefinitionId"}

    rule = load_catalogue(tmp_path).operation(_CREATE).responses["200"]

    assert expected == {each.name for each in rule.presences}


def test_constants_belong_to_route() -> None:
    """A required constant of the query is part of the route, and the API version is not."""
    operations = load_catalogue()
    expected = ({"action": "start"}, {})

    start = operations.operation("vmware-vcenter-hvc/start-sync-provider")

    assert expected == (start.query, operations.operation(_SYNC).query)


def test_api_behaviours_are_inherited() -> None:
    """An operation has its API's behaviours unless it declares one of that name itself or has no token."""
    catalogue = load_catalogue()
    expected = ({}, {"except": ["expired"]})

    inherited = catalogue.operation(_SYNC).behaviour("identity")[0]
    own = catalogue.operation("vmware-vcenter-hvc/create-session").behaviour("identity")

    assert expected == (inherited.parameters, own[0].parameters)


def test_tiers_are_ordered() -> None:
    """Tiers are ranked from harmless to disruptive."""
    expected = [Tier.PROBE, Tier.READ, Tier.WRITE, Tier.DISRUPTIVE]

    assert expected == sorted(Tier, key=lambda tier: tier.rank)


def test_places_use_page_headings() -> None:
    """The place of a fact is named by the headings of the page, in the page's language."""
    operation = load_catalogue().operation("azure-synapse-access-control/list-role-assignments")
    expected = ("响应, 200 OK", "请求头, x-ms-continuation")

    assert expected == (
        operation.responses["200"].basis.place,
        operation.parameter("header", "x-ms-continuation").basis.place,
    )
