"""Building the catalogue from a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from asdocumented.contracts import Evidence, load_catalogue
from asdocumented.contracts.locating import bundled
from asdocumented.errors import ContractError, UsageError

_OPERATIONS = sorted(
    f"{file.parent.parent.name}/{file.parent.name}" for file in bundled("contracts").glob("*/*/contract.yaml")
)
_DOCUMENTED = [each.id for each in load_catalogue().operations if each.source.sha256]


def test_every_api_folder_loads() -> None:
    """Each folder with an api.yaml is an API of the catalogue."""
    expected = sorted(file.parent.name for file in bundled("contracts").glob("*/api.yaml"))

    assert expected == sorted(load_catalogue().apis)


def test_every_operation_folder_loads() -> None:
    """Each folder with a contract.yaml is an operation of the catalogue."""
    assert sorted(each.id for each in load_catalogue().operations) == _OPERATIONS


def test_five_pages_are_pinned() -> None:
    """Five operations rest on a page that is pinned by the SHA-256 of its text."""
    expected = 5

    assert expected == len(_DOCUMENTED)


@pytest.mark.parametrize("identifier", _OPERATIONS)
def test_operation_found_by_id(identifier: str) -> None:
    """The catalogue returns each operation by its id."""
    assert identifier == load_catalogue().operation(identifier).id


@pytest.mark.parametrize("identifier", _DOCUMENTED)
def test_documented_parts_cite_lines(identifier: str) -> None:
    """Each parameter, body and response of a documented operation cites lines of its page."""
    operation = load_catalogue().operation(identifier)
    parts = [*operation.parameters, *operation.responses.values(), *([operation.body] if operation.body else [])]
    expected: list[object] = []

    assert expected == [part for part in parts if part.basis.evidence is Evidence.DOCUMENTED and not part.basis.lines]


@pytest.mark.parametrize("identifier", sorted(set(_OPERATIONS) - set(_DOCUMENTED)))
def test_sibling_names_its_reference(identifier: str) -> None:
    """An operation without a pinned page names the source that it is taken from."""
    operation = load_catalogue().operation(identifier)
    expected = (True, True)

    assert expected == (operation.evidence is not Evidence.DOCUMENTED, bool(operation.basis.reference))


def test_shared_parameters_are_resolved() -> None:
    """A reference into api.yaml becomes the parameter that it leads to, with the contract's own lines."""
    operation = load_catalogue().operation("azure-synapse-access-control/create-role-assignment")
    expected = ("2020-12-01", ((20, 24),))

    parameter = operation.parameter("query", "api-version")

    assert expected == (parameter.schema["const"], parameter.basis.lines)


def test_header_names_ignore_case() -> None:
    """A header parameter is found in any letter case."""
    operation = load_catalogue().operation("azure-synapse-access-control/list-role-assignments")

    assert operation.parameter("header", "x-ms-continuation") == operation.parameter("header", "X-MS-Continuation")


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    """A folder without any API is a usage error with a stable code."""
    expected = "no-contracts"

    with pytest.raises(UsageError) as caught:
        load_catalogue(tmp_path)

    assert expected == caught.value.code


def test_golden_lists_are_ignored(tmp_path: Path) -> None:
    """A requirements.json beside a contract is no contract, whatever is in it."""
    api = _OPERATIONS[0].split("/")[0]
    shutil.copytree(bundled("contracts") / api, tmp_path / api)
    (tmp_path / _OPERATIONS[0] / "requirements.json").write_text("not even JSON", encoding="utf-8")
    expected = [each for each in _OPERATIONS if each.startswith(f"{api}/")]

    assert expected == sorted(each.id for each in load_catalogue(tmp_path).operations)


def test_broken_api_hides_nothing(tmp_path: Path) -> None:
    """A mistake in one API's file does not hide the mistakes of another API."""
    for name, text in (("vmware-vcenter-hvc", "title: [\n"), ("microsoft-fabric-mirroring", "titel: x\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "api.yaml").write_text(text, encoding="utf-8")
    expected = {"vmware-vcenter-hvc/api.yaml", "microsoft-fabric-mirroring/api.yaml"}

    with pytest.raises(ContractError) as caught:
        load_catalogue(tmp_path)

    assert expected <= {each.file for each in caught.value.mistakes}
