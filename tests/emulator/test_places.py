"""Finding and making the places of a body by the names that definitions give them."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.emulator.editing import edited
from asdocumented.emulator.messages import Reply
from asdocumented.emulator.places import shape_of
from tests.support import catalogue

LIST = catalogue().operation("azure-synapse-access-control/list-role-assignments")
START = catalogue().operation("vmware-vcenter-hvc/start-sync-provider")
ERROR = {"error": {"code": "a", "message": "b"}}
PAGE = {"count": 2, "value": [{"id": "1", "scope": "x"}, {"id": "2", "scope": "y"}]}


def after(status: int, body: Any, definition: str, path: list[str], **edit: Any) -> Any:
    """Return a body of the list's answers after an edit."""
    api = catalogue().apis[LIST.api]
    shape = shape_of(api, LIST, status)
    assert shape is not None
    reply = edited(Reply(status, body), {"definition": definition, "path": path, **edit}, api, shape)
    return reply.body if reply.text is None else reply.text


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param({}, [{"id": "1"}, {"id": "2"}], id="dropped everywhere"),
        pytest.param({"of": "last"}, [{"id": "1", "scope": "x"}, {"id": "2"}], id="dropped from the last"),
        pytest.param({"rename": "Scope"}, [{"id": "1", "Scope": "x"}, {"id": "2", "Scope": "y"}], id="renamed"),
        pytest.param(
            {"value": None, "of": "last"}, [{"id": "1", "scope": "x"}, {"id": "2", "scope": None}], id="last is null"
        ),
        pytest.param(
            {"wrap": "in"}, [{"id": "1", "scope": {"in": "x"}}, {"id": "2", "scope": {"in": "y"}}], id="wrapped"
        ),
    ],
)
def test_field_is_edited_where_it_stands(arguments: dict[str, Any], expected: Any) -> None:
    """A field is found in every item of a list by the name of its definition."""
    assert expected == after(200, PAGE, "RoleAssignmentDetails", ["scope"], **arguments)["value"]


def test_original_body_is_left_alone() -> None:
    """The body that is edited is a copy, since a handler may keep the structure."""
    after(200, PAGE, "RoleAssignmentDetails", ["scope"])

    assert PAGE["value"] == [{"id": "1", "scope": "x"}, {"id": "2", "scope": "y"}]


def test_missing_place_is_made() -> None:
    """What stands only below optional fields is made of samples of the schema, and the rest of the body stays."""
    body = after(400, ERROR, "ErrorAdditionalInfo", ["type"], value=7)

    assert {**ERROR["error"], "additionalInfo": [{"info": {}, "type": 7}]} == body["error"]


def test_last_item_has_right_ones_before_it() -> None:
    """A wrong last item stands behind a right one, also where the array was empty."""
    body = after(200, {"count": 0, "value": []}, "RoleAssignmentDetails", ["id"], value=7, of="last")

    assert [False, True] == [each["id"] == 7 for each in body["value"]]


def test_whole_body_can_be_null() -> None:
    """A body that is null is sent as such, and not left out."""
    assert "null" == after(200, PAGE, "RoleAssignmentDetailsList", [], value=None)


def test_unknown_place_changes_nothing() -> None:
    """A name that no body of the answer has changes nothing."""
    assert PAGE == after(200, PAGE, "ErrorContract", ["error"])


@pytest.mark.parametrize(("status", "key"), [(200, "200"), (404, "404"), (400, "framework"), (302, None)])
def test_status_falls_under_rule(status: int, key: str | None) -> None:
    """A status falls under its own rule, else under the framework's, else under none."""
    shape = shape_of(catalogue().apis[START.api], START, status)

    assert key == (shape.key if shape else None)


def test_rest_falls_under_other() -> None:
    """A status from 400 on that has no rule falls under `other`."""
    shape = shape_of(catalogue().apis[LIST.api], LIST, 418)

    assert shape is not None
    assert "other" == shape.key
