"""Choosing what a run is about from what a user typed."""

from __future__ import annotations

import pytest

from asdocumented.contracts import load_catalogue
from asdocumented.errors import UsageError
from asdocumented.requirements import derive
from asdocumented.selection import Selection, select_operations, select_requirements

_CATALOGUE = load_catalogue()
_REQUIREMENTS = derive(_CATALOGUE)
_ALL = frozenset(each.id for each in _CATALOGUE.operations)
_CREATE = "azure-synapse-access-control/create-role-assignment"
_LIST = "azure-synapse-access-control/list-role-assignments"
_START = "vmware-vcenter-hvc/start-sync-provider"


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        pytest.param(Selection(), _ALL, id="nothing"),
        pytest.param(
            Selection(apis=("vmware-vcenter-hvc",)),
            frozenset(each for each in _ALL if each.startswith("vmware-vcenter-hvc/")),
            id="API",
        ),
        pytest.param(Selection(operations=("create-role-assignment",)), frozenset({_CREATE}), id="name"),
        pytest.param(Selection(operations=(_CREATE,)), frozenset({_CREATE}), id="id"),
        pytest.param(Selection(operations=(_CREATE, _START)), frozenset({_CREATE, _START}), id="two"),
        pytest.param(
            Selection(apis=("vmware-vcenter-hvc",), operations=("start-sync-provider",)), frozenset({_START}), id="both"
        ),
    ],
)
def test_operations_are_selected(selection: Selection, expected: frozenset[str]) -> None:
    """Operations are selected by API, by name or by id; without any all of them are."""
    assert expected == select_operations(_CATALOGUE, selection)


@pytest.mark.parametrize(
    ("selection", "code", "remedy"),
    [
        pytest.param(Selection(apis=("vmware-vcenter",)), "unknown-api", "'vmware-vcenter-hvc'", id="API"),
        pytest.param(Selection(apis=("",)), "unknown-api", "vmware-vcenter-hvc", id="empty API"),
        pytest.param(
            Selection(operations=("create-role",)), "unknown-operation", "'create-role-assignment'", id="operation"
        ),
        pytest.param(Selection(operations=("*",)), "unknown-operation", "", id="no globs of operations"),
    ],
)
def test_misspelt_name_is_refused(selection: Selection, code: str, remedy: str) -> None:
    """A name that nothing has is a usage error that names the closest one."""
    expected = (code, True)

    with pytest.raises(UsageError) as caught:
        select_operations(_CATALOGUE, selection)

    assert expected == (caught.value.code, remedy in caught.value.remedy)


def test_disjoint_selection_is_refused() -> None:
    """An operation of an API that was not selected leaves nothing, which is told."""
    selection = Selection(apis=("vmware-vcenter-hvc",), operations=("create-role-assignment",))

    with pytest.raises(UsageError):
        select_operations(_CATALOGUE, selection)


@pytest.mark.parametrize(
    ("globs", "expected"),
    [
        pytest.param((f"{_CREATE}/echo/*",), {f"{_CREATE}/echo/{name}" for name in ("id", "scope")}, id="one glob"),
        pytest.param(
            (f"{_CREATE}/echo/id", "*/echo/scope"), {f"{_CREATE}/echo/id", f"{_CREATE}/echo/scope"}, id="two globs"
        ),
    ],
)
def test_requirements_are_selected(globs: tuple[str, ...], expected: set[str]) -> None:
    """Requirements are selected by globs of their ids."""
    assert expected <= set(select_requirements(_REQUIREMENTS, Selection(requirements=globs), _ALL))


def test_globs_select_nothing_else() -> None:
    """A requirement that no glob matches is left out."""
    chosen = select_requirements(_REQUIREMENTS, Selection(requirements=("*/echo/*",)), _ALL)
    expected: list[str] = []

    assert expected == [each for each in chosen if "/echo/" not in each]


def test_scope_limits_requirements() -> None:
    """Without globs all requirements of the operations in scope are selected, in their order."""
    expected = [each for each in _REQUIREMENTS if each.startswith(f"{_LIST}/")]

    assert expected == list(select_requirements(_REQUIREMENTS, Selection(), frozenset({_LIST})))


@pytest.mark.parametrize(
    "glob",
    [
        pytest.param(f"{_START}/exclusive/*", id="out of scope"),
        pytest.param(f"{_LIST}/fliter/*", id="misspelt"),
        pytest.param(_LIST.upper(), id="other case"),
        pytest.param("", id="empty"),
    ],
)
def test_unmatched_glob_is_refused(glob: str) -> None:
    """A glob that matches nothing in scope is a usage error, even beside one that does."""
    selection = Selection(requirements=(f"{_LIST}/page/*", glob))
    expected = "unknown-requirement"

    with pytest.raises(UsageError) as caught:
        select_requirements(_REQUIREMENTS, selection, frozenset({_LIST}))

    assert expected == caught.value.code


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        pytest.param(Selection(), False, id="all"),
        pytest.param(Selection(apis=("x",), operations=("y",)), False, id="operations"),
        pytest.param(Selection(requirements=("*",)), True, id="globs"),
    ],
)
def test_only_globs_are_narrow(selection: Selection, *, expected: object) -> None:
    """Only a selection of requirements is narrow, so that it never says `conformant`."""
    assert expected == selection.is_narrow
