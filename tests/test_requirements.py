"""The list of requirements that follows from the contracts."""

from __future__ import annotations

import json
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from asdocumented.cli.contracts import requirement_json
from asdocumented.contracts import Evidence, Level, load_catalogue
from asdocumented.contracts.locating import bundled
from asdocumented.goldens import NAME, write_goldens
from asdocumented.requirement import EDITION, FAMILIES, PROFILES, Requirement
from asdocumented.requirements import derive, derive_operation
from tests.support import ended

_CATALOGUE = load_catalogue()
_REQUIREMENTS = derive(_CATALOGUE)
_OPERATIONS = [operation.id for operation in _CATALOGUE.operations]
_DOCUMENTED = [operation.id for operation in _CATALOGUE.operations if operation.source.sha256]
_CREATE = "azure-synapse-access-control/create-role-assignment"
_SYNC = "azure-synapse-management/sync-integration-runtime-credentials"
_STOP = "microsoft-fabric-mirroring/stop-mirroring"
_START = "vmware-vcenter-hvc/start-sync-provider"


def _of(operation: str) -> list[Requirement]:
    return [each for each in _REQUIREMENTS.values() if f"{each.api}/{each.operation}" == operation]


def test_keys_are_the_ids() -> None:
    """Each requirement stands under its own id, once."""
    assert list(_REQUIREMENTS) == [each.id for each in _REQUIREMENTS.values()]


def test_ids_have_safe_characters() -> None:
    """An id has letters, digits, dots, dashes, underscores and slashes alone, and no empty part."""
    safe = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+")
    expected: list[str] = []

    assert expected == [each for each in _REQUIREMENTS if not safe.fullmatch(each)]


@pytest.mark.parametrize("operation", _OPERATIONS)
def test_texts_are_told_apart(operation: str) -> None:
    """No two requirements of an operation have the same text."""
    texts = [each.text for each in _of(operation)]

    assert sorted(set(texts)) == sorted(texts)


def test_families_are_known() -> None:
    """Each requirement belongs to a family that reports show."""
    assert set(FAMILIES) == {each.family for each in _REQUIREMENTS.values()}


def test_texts_are_sentences() -> None:
    """Each requirement is a statement in the present tense that ends with a period."""
    expected: list[str] = []

    assert expected == [
        each.id for each in _REQUIREMENTS.values() if not each.text.endswith(".") or " should " in each.text
    ]


@pytest.mark.parametrize("operation", _DOCUMENTED)
def test_documented_facts_have_lines(operation: str) -> None:
    """Each requirement of a documented operation cites lines of its page or names another source."""
    expected: list[str] = []

    assert expected == [each.id for each in _of(operation) if not each.basis.lines and not each.basis.reference]


@pytest.mark.parametrize("operation", _DOCUMENTED)
def test_documented_evidence_has_lines(operation: str) -> None:
    """What rests on the page cites lines of the page, and says where a reader finds it."""
    documented = [each for each in _of(operation) if each.basis.evidence is Evidence.DOCUMENTED]
    expected: list[str] = []

    assert expected == [each.id for each in documented if not each.basis.lines or not each.basis.place]


@pytest.mark.parametrize("operation", sorted(set(_OPERATIONS) - set(_DOCUMENTED)))
def test_siblings_document_nothing(operation: str) -> None:
    """A requirement of an operation without a page never counts as documented, and names its source."""
    expected: list[str] = []

    assert expected == [
        each.id for each in _of(operation) if each.basis.evidence is Evidence.DOCUMENTED or not each.basis.reference
    ]


@pytest.mark.parametrize(
    ("requirement", "level", "evidence"),
    [
        pytest.param(f"{_CREATE}/response/status", "MUST", "documented", id="status"),
        pytest.param(
            f"{_CREATE}/response/200/schema/RoleAssignmentDetails/roleDefinitionId/format",
            "MUST",
            "documented",
            id="format",
        ),
        pytest.param(
            f"{_CREATE}/response/200/schema/RoleAssignmentDetails/scope/presence",
            "MUST",
            "documented",
            id="sampled field",
        ),
        pytest.param(f"{_CREATE}/refusal/query/api-version/missing", "SHOULD", "convention", id="missing parameter"),
        pytest.param(f"{_CREATE}/refusal/body/malformed", "SHOULD", "convention", id="malformed body"),
        pytest.param(f"{_CREATE}/upsert/replaces", "SHOULD", "convention", id="upsert"),
        pytest.param(f"{_CREATE}/robustness/no-server-error", "MUST", "convention", id="no server error"),
        pytest.param(f"{_CREATE}/identity/anonymous/refused", "MUST", "convention", id="anonymous"),
        pytest.param(f"{_CREATE}/identity/anonymous/status", "SHOULD", "convention", id="status of a refusal"),
        pytest.param(f"{_CREATE}/ambiguity/B19", "SHOULD", "documented", id="register"),
        pytest.param(
            f"{_SYNC}/response/other/schema/ErrorDetail/code/presence", "SHOULD", "convention", id="guideline"
        ),
        pytest.param(
            f"{_SYNC}/response/other/schema/ErrorResponse/error/presence", "MUST", "documented", id="argued field"
        ),
        pytest.param(f"{_SYNC}/error/workspace-missing/refused", "SHOULD", "convention", id="missing resource"),
        pytest.param(f"{_STOP}/identity/viewer/refused", "MUST", "documented", id="documented permission"),
        pytest.param(f"{_START}/error/link-missing/status", "MUST", "documented", id="documented error"),
        pytest.param(f"{_START}/identity/reader/code", "MUST", "documented", id="documented refusal"),
        pytest.param(f"{_START}/identity/anonymous/refused", "MUST", "specified", id="specified refusal"),
        pytest.param(f"{_START}/response/framework/media-type", "SHOULD", "specified", id="framework"),
        pytest.param(f"{_START}/exclusive/sync-running/status", "MUST", "documented", id="exclusive"),
    ],
)
def test_level_follows_its_basis(requirement: str, level: str, evidence: str) -> None:
    """A requirement has the level and the evidence that its part of the contract gives it."""
    found = _REQUIREMENTS[requirement]

    assert (level, evidence) == (found.level, found.basis.evidence)


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        pytest.param(f"{_START}/response/500/media-type", False, id="busy can be provoked"),
        pytest.param(f"{_START}/response/framework/json", True, id="framework decides"),
        pytest.param(f"{_CREATE}/response/200/media-type", False, id="only success"),
        pytest.param(
            "azure-synapse-access-control/delete-role-assignment/response/204/empty-body", True, id="two successes"
        ),
        pytest.param("vmware-vcenter-hvc/list-links/response/500/json", True, id="unprovoked error"),
        pytest.param(
            "azure-synapse-access-control/list-role-assignments/response/200/header/x-ms-continuation/value",
            True,
            id="optional header",
        ),
        pytest.param(
            f"{_CREATE}/response/other/schema/ErrorResponse/code/type", False, id="required field of an error"
        ),
        pytest.param(
            f"{_CREATE}/response/other/schema/ErrorResponse/target/type", True, id="optional field of an error"
        ),
        pytest.param(f"{_CREATE}/ambiguity/B19", True, id="register"),
    ],
)
def test_condition_is_the_targets(requirement: str, *, expected: object) -> None:
    """A requirement is conditional where the target alone decides whether it can be seen."""
    assert expected == bool(_REQUIREMENTS[requirement].conditional)


def test_opened_responses_exist() -> None:
    """A requirement that opens a response names one that its operation has."""
    expected: list[str] = []

    assert expected == [
        each.id
        for each in _REQUIREMENTS.values()
        if each.opens and each.opens not in _CATALOGUE.operation(f"{each.api}/{each.operation}").responses
    ]


def test_wider_profiles_count_more() -> None:
    """Each profile counts everything that the narrower one before it counts."""
    counted = [{each for each, found in _REQUIREMENTS.items() if found.counts_in(profile)} for profile in PROFILES]
    expected = (True, True, set(_REQUIREMENTS))

    assert expected == (counted[0] < counted[1], counted[1] < counted[2], counted[2])


def test_strict_fields_add_requirements() -> None:
    """Strict fields add one requirement for each documented body and change no other."""
    strict = derive(_CATALOGUE, strict_fields=True)
    bodies = sum(1 for each in _CATALOGUE.operations for rule in each.responses.values() if rule.media_types)

    assert (
        bodies == len([each for each in strict if each.endswith("/unknown-fields")]) == len(strict) - len(_REQUIREMENTS)
    )


def test_should_never_is_documented_convention() -> None:
    """That an invalid request is refused is never a MUST unless the page says so."""
    expected = {Level.SHOULD}

    assert expected == {each.level for each in _REQUIREMENTS.values() if "/refusal/" in each.id}


@pytest.mark.parametrize("operation", _OPERATIONS)
def test_golden_list_is_derived(operation: str) -> None:
    """The golden list beside a contract is the derived list, letter for letter."""
    entries = [requirement_json(each) for each in _of(operation)]
    expected = json.dumps({"edition": EDITION, "requirements": entries}, indent=2, ensure_ascii=False) + "\n"
    file = bundled("contracts") / operation / NAME

    golden = file.read_text(encoding="utf-8") if file.is_file() else ""

    assert expected == golden, (
        f"{file} is not what is derived; review the change and run `python -m asdocumented.goldens`"
    )


def test_golden_list_has_an_operation() -> None:
    """Each golden list stands beside a contract, so that none is left behind."""
    files = bundled("contracts").glob(f"*/*/{NAME}")

    assert sorted(_OPERATIONS) == sorted(f"{file.parent.parent.name}/{file.parent.name}" for file in files)


def test_goldens_are_written_once(tmp_path: Path) -> None:
    """Golden lists are written where they are missing or differ, and left alone where they do not."""
    api = _CREATE.split("/", maxsplit=1)[0]
    shutil.copytree(bundled("contracts") / api, tmp_path / api)
    (tmp_path / _CREATE / NAME).write_text("old", encoding="utf-8")
    expected = ([tmp_path / _CREATE / NAME], [])

    assert expected == (write_goldens(tmp_path), write_goldens(tmp_path))


def test_goldens_of_a_folder_are_written(tmp_path: Path) -> None:
    """`python -m asdocumented.goldens FOLDER` writes there, and names what changed."""
    api = _CREATE.split("/", maxsplit=1)[0]
    shutil.copytree(bundled("contracts") / api, tmp_path / api)
    (tmp_path / _CREATE / NAME).write_text("old", encoding="utf-8")
    done = ended(sys.executable, "-m", "asdocumented.goldens", str(tmp_path), cwd=tmp_path)

    assert (0, f"{tmp_path / _CREATE / NAME}\n") == (done.code, done.stdout), done.stderr
    assert "old" != (tmp_path / _CREATE / NAME).read_text(encoding="utf-8")


@pytest.mark.parametrize(("word", "code"), [("--help", 0), ("nowhere", 2)])
def test_goldens_know_their_arguments(word: str, code: int, tmp_path: Path) -> None:
    """Help is given, and a folder that is not there is the user's mistake; in neither case is anything written."""
    done = ended(sys.executable, "-m", "asdocumented.goldens", word, cwd=tmp_path)

    assert code == done.code
    assert "Traceback" not in done.stderr


def test_inline_shapes_are_required() -> None:
    """Fields of inline objects in inline arrays, at the top and below, become requirements of their own."""
    operation = _CATALOGUE.operation("azure-synapse-access-control/list-role-assignments")
    item = {
        "type": "object",
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    }
    rule = replace(operation.responses["200"], schema={"type": "array", "items": item}, definition="")
    changed = replace(operation, responses={**operation.responses, "200": rule})
    found = {each.what for each in derive_operation(_CATALOGUE.apis[operation.api], changed)}

    assert {
        "response/200/schema/body/type",
        "response/200/schema/body/items/type",
        "response/200/schema/body/items/id/format",
        "response/200/schema/body/items/tags/items/type",
    } <= found
