"""Finding every mistake in the contracts: each test plants some in a copy of the real ones."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from asdocumented.contracts import load_catalogue
from asdocumented.contracts.locating import bundled
from asdocumented.errors import ContractError, Mistake

_CREATE = "azure-synapse-access-control/create-role-assignment/contract.yaml"
_LIST = "azure-synapse-access-control/list-role-assignments/contract.yaml"
_STATUS = "microsoft-fabric-mirroring/get-mirroring-status/contract.yaml"
_START = "vmware-vcenter-hvc/start-sync-provider/contract.yaml"
_SYNC = "azure-synapse-management/sync-integration-runtime-credentials/contract.yaml"
_DELETE = "azure-synapse-access-control/delete-role-assignment/contract.yaml"
_RUNTIME = "azure-synapse-management/get-integration-runtime/contract.yaml"
_STOP = "microsoft-fabric-mirroring/stop-mirroring/contract.yaml"
_ACCESS_API = "azure-synapse-access-control/api.yaml"
_SAMPLE = "azure-synapse-access-control/create-role-assignment/examples/response.200.json"

Copy = Callable[[str], Path]
Plant = Callable[..., None]
Check = Callable[[], tuple[Mistake, ...]]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """Return a function that returns the path of a file in a copy of its API; the copy has the APIs asked for alone."""

    def path(file: str) -> Path:
        api = file.split("/", maxsplit=1)[0]
        if not (tmp_path / api).exists():
            shutil.copytree(bundled("contracts") / api, tmp_path / api)
        return tmp_path / file

    return path


@pytest.fixture
def plant(copy: Copy) -> Plant:
    """Return a function that replaces a text of a file of the copy; the text must be there."""

    def replace(file: str, old: str, new: str) -> None:
        text = copy(file).read_text(encoding="utf-8")
        if old not in text:
            raise LookupError(f"{file} has no {old!r}")
        copy(file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Return a function that loads the copy and returns the mistakes."""

    def load() -> tuple[Mistake, ...]:
        try:
            load_catalogue(tmp_path)
        except ContractError as error:
            return error.mistakes
        return ()

    return load


def test_real_contracts_have_none(check: Check, copy: Copy) -> None:
    """The contracts that come with the harness have no mistake."""
    for api in bundled("contracts").iterdir():
        copy(api.name)
    expected = ()

    assert expected == check()


@pytest.mark.parametrize(
    ("file", "old", "new", "pointer", "message", "remedy"),
    [
        pytest.param(
            _CREATE, "operationId:", "operationID:", "", "unknown key 'operationID'", "'operationId'", id="unknown key"
        ),
        pytest.param(
            _CREATE,
            "upsert:",
            "upsertt:",
            "/behaviours/1",
            "unknown behaviour 'upsertt'",
            "'upsert'",
            id="unknown behaviour",
        ),
        pytest.param(
            _LIST, "- page:", "- pages:", "/behaviours/0", "unknown behaviour 'pages'", "'page'", id="plural behaviour"
        ),
        pytest.param(
            _CREATE,
            "evidence: convention, reference: OWASP",
            "evidence: conventional, reference: OWASP",
            "/permission/evidence",
            "'conventional' is not allowed",
            "'convention'",
            id="bad evidence word",
        ),
        pytest.param(
            _CREATE, "tier: write", "tier: writes", "/tier", "'writes' is not allowed", "'write'", id="bad tier"
        ),
        pytest.param(
            _CREATE, "method: PUT", "method: put", "/method", "'put' is not allowed", "PUT", id="small method"
        ),
        pytest.param(
            _CREATE, "method: PUT\n", "", "", "'method' is a required property", "Add it.", id="missing required"
        ),
        pytest.param(
            _CREATE, "undo: delete-role", "undo: delete-rôle", "/undo", "unknown operation", "'delete-role", id="undo"
        ),
        pytest.param(
            _START,
            "irreversible: what a sync brings over to the other side of the link stays there\n",
            "",
            "/irreversible",
            "nobody is told what stays",
            "Say it.",
            id="irreversible",
        ),
        pytest.param(
            _START,
            "state: sync-idle",
            "state: sync-idel",
            "/state",
            "unknown state 'sync-idel'",
            "'sync-idle'",
            id="state",
        ),
        pytest.param(
            _START,
            "when: [permission-missing]",
            "when: [permision-missing]",
            "/responses/403/errors/0/when",
            "unknown cause 'permision-missing'",
            "'permission-missing'",
            id="unknown cause",
        ),
        pytest.param(
            _START,
            "ambiguity: C5",
            "ambiguity: C50",
            "/responses/500/errors/1/ambiguity",
            "no ambiguity 'C50' in the register",
            "'C5'",
            id="unknown ambiguity of an error",
        ),
        pytest.param(
            _CREATE,
            "ambiguity: B7\n",
            "ambiguity: B77\n",
            "/behaviours/1/upsert/ambiguity",
            "no ambiguity 'B77' in the register",
            "'B7'",
            id="unknown ambiguity of a behaviour",
        ),
        pytest.param(
            _CREATE,
            "reading: flat,",
            "reading: flatt,",
            "/responses/other/alternatives",
            "B19 has no reading 'flatt'",
            "'flat'",
            id="unknown reading",
        ),
        pytest.param(
            _CREATE,
            "path: /roleAssignments/{roleAssignmentId}",
            "path: /roleAssignments/{roleAssignment}",
            "/path",
            "disagree about 'roleAssignment",
            "Name it in both.",
            id="path parameter mismatch",
        ),
        pytest.param(
            _CREATE,
            "resource: role-assignment",
            "resource: role-asignment",
            "/parameters/roleAssignmentId/resource",
            "unknown resource 'role-asignment'",
            "'role-assignment'",
            id="unknown resource",
        ),
        pytest.param(
            _CREATE,
            "/roleId: role,",
            "/roleId: rôle,",
            "/requestBody/draws//roleId",
            "unknown resource",
            "'role'",
            id="unknown pool of a draw",
        ),
        pytest.param(
            _SYNC,
            "ErrorDetail:\n        code:",
            "ErrorDetail:\n        coed:",
            "/responses/other/presence/ErrorDetail/coed",
            "no such field",
            "'code'",
            id="presence of no field",
        ),
        pytest.param(
            _CREATE,
            "info: [85-87]",
            "infos: [85-87]",
            "/definitions/ErrorAdditionalInfo/infos",
            "no such field",
            "'info'",
            id="row of no field",
        ),
        pytest.param(
            _CREATE,
            "$ref: ../schemas/RoleAssignmentDetails.json",
            "$ref: ../schemas/RoleAssignmentDetail.json",
            "/responses/200/content/application/json/schema/$ref",
            "leads nowhere",
            "RoleAssignmentDetails.json",
            id="reference to nowhere",
        ),
        pytest.param(
            _CREATE,
            "../api.yaml#/parameters/api-version",
            "../api.yaml#/parameters/api-versions",
            "/parameters/1/$ref",
            "leads nowhere",
            "parameters/api-version",
            id="parameter reference to nowhere",
        ),
        pytest.param(
            _CREATE,
            "file: examples/request.json",
            "file: examples/requests.json",
            "/samples/0/file",
            "is not there",
            "'examples/request.json'",
            id="sample that is not there",
        ),
        pytest.param(
            "azure-synapse-management/api.yaml",
            "rateLimits: {reads: 12000, ",
            "rateLimits: {",
            "/headers/x-ms-ratelimit-remaining-subscription-reads/value",
            "no limit of 'reads'",
            "rateLimits",
            id="header of no rate limit",
        ),
        pytest.param(
            _START,
            'empty-body: {status: "200"',
            'empty-body: {status: "201"',
            "/behaviours/2/empty-body/status",
            "unknown response '201'",
            "200",
            id="empty body of no response",
        ),
        pytest.param(
            _START,
            "error: resource_busy\n",
            "error: resource_bussy\n",
            "/behaviours/0/exclusive/error",
            "unknown documented error 'resource_bussy'",
            "'resource_busy'",
            id="error of no response",
        ),
        pytest.param(
            _START,
            "watch: {operation: get-sync-provider",
            "watch: {operation: get-sync-providers",
            "/behaviours/0/exclusive/watch",
            "unknown operation 'get-sync-providers'",
            "'get-sync-provider'",
            id="sibling that is not there",
        ),
        pytest.param(
            _LIST,
            "filter: {parameter: roleId",
            "filter: {parameter: roleID",
            "/behaviours/1/filter/parameter",
            "unknown parameter 'roleID'",
            "'roleId'",
            id="filter of no parameter",
        ),
        pytest.param(
            _ACCESS_API, "prefixes:", "prefixs:", "", "unknown key 'prefixs'", "'prefixes'", id="unknown key of an API"
        ),
    ],
)
def test_mistake_names_its_remedy(
    check: Check, plant: Plant, *, file: str, old: str, new: str, pointer: str, message: str, remedy: str
) -> None:
    """A mistake is found in its file, at its pointer, with what is wrong and the closest right word."""
    plant(file, old, new)
    expected = [(file, pointer, True, True)]

    found = [each for each in check() if message in each.message]

    assert expected == [(each.file, each.pointer, message in each.message, remedy in each.remedy) for each in found[:1]]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            'readings: {"200": {evidence: documented}}', 'readings: {"200": {}}\n    seen-in: upsert', id="both"
        ),
        pytest.param("    unseen: one body cannot be both\n", "", id="neither"),
    ],
)
def test_register_needs_one_place(check: Check, plant: Plant, old: str, new: str) -> None:
    """A register entry says either where its readings show or why they do not, never both and never neither."""
    plant(_CREATE, old, new)
    expected = ["exactly one of 'seen-in' and 'unseen' is needed"]

    assert expected == [each.message for each in check()]


def test_seen_in_names_something(check: Check, plant: Plant) -> None:
    """A register entry that is seen in no requirement and no behaviour of the operation is a mistake."""
    plant(_CREATE, "seen-in: upsert", "seen-in: upsrt")
    expected = 1

    assert expected == len(check())


def test_filter_partner_is_known(check: Check, plant: Plant) -> None:
    """A filter that is combined with a parameter that no other filter declares is a mistake."""
    plant(_LIST, "with: principalId", "with: principal")
    expected = 1

    assert expected == len(check())


def test_filter_needs_an_id(check: Check, plant: Plant) -> None:
    """A filter without the pointer of the items' ids is a mistake, since nothing can be judged without."""
    plant(_LIST, "field: /scope, id: /id,", "field: /scope,")
    expected = 1

    assert expected == len(check())


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        pytest.param(_CREATE, "/id: path roleAssignmentId", "/id: path roleAssignment", id="echo of no path parameter"),
        pytest.param(_CREATE, "id: roleAssignmentId\n", "id: roleAssignment\n", id="upsert of no parameter"),
        pytest.param(_LIST, "state: two-pages", "state: three-pages", id="page in no state"),
        pytest.param(
            _LIST, "request: header x-ms-continuation", "request: header x-ms-next", id="page by no parameter"
        ),
        pytest.param(
            _START,
            "- secret: {field: /credentials/password",
            "- secret: {field: /credentials/pass",
            id="secret of no field",
        ),
        pytest.param(_STATUS, "shows: /status", "shows: status", id="state that is no pointer"),
        pytest.param(_STATUS, "        stop-mirroring:", "        stop-mirrors:", id="command of no operation"),
        pytest.param(_STATUS, "enters: [Stopping]", "enters: [Stoping]", id="command to no state"),
        pytest.param(_STATUS, "Stopping: [Stopped]", "Stopping: [Halted]", id="move to no state"),
        pytest.param(_STATUS, "ambiguity: D6", "ambiguity: D66", id="command of no register entry"),
        pytest.param(
            _DELETE, "delete: {read: get-role-assignment", "delete: {read: get-role", id="delete of no sibling"
        ),
        pytest.param(_DELETE, "list: list-role-assignments\n", "list: list-roles\n", id="repetition of no sibling"),
        pytest.param(_SYNC, "segment: resourceGroups", "segment: resourceGroup", id="letter case of no segment"),
        pytest.param(_SYNC, "same: fixed-segments-too", "same: fixed-segments", id="letter case of no reading"),
        pytest.param(_RUNTIME, "lower-case: Microsoft", "lower: Microsoft", id="form of no reading"),
        pytest.param(_RUNTIME, "header: If-None-Match", "header: If-Match", id="condition of no header"),
        pytest.param(_STOP, "ambiguity: D2", "ambiguity: D99", id="kinds of no register entry"),
        pytest.param(_STOP, "users-alone:", "users:", id="kinds of no reading"),
        pytest.param(
            _LIST, "page:\n      request", "page:\n      size: 3\n      request", id="unknown key of a behaviour"
        ),
    ],
)
def test_behaviour_names_real_things(check: Check, plant: Plant, file: str, old: str, new: str) -> None:
    """A behaviour that names a parameter, field, state or key that does not exist is one mistake."""
    plant(file, old, new)
    expected = 1

    assert expected == len(check())


def test_unfit_sample_is_mistake(check: Check, plant: Plant) -> None:
    """A sample that does not fit its schema is a mistake in the sample's file, at the value."""
    plant(_SAMPLE, '"principalId": "00000000-0000-0000-0000-000000000000"', '"principalId": "nobody"')
    expected = [(_SAMPLE, "/principalId")]

    assert expected == [(each.file, each.pointer) for each in check()]


def test_recorded_defect_excuses_sample(check: Check, plant: Plant) -> None:
    """A sample's value that is recorded as a defect of the page is no mistake."""
    plant(_SAMPLE, '"principalId": "00000000-0000-0000-0000-000000000000"', '"principalId": "nobody"')
    plant(_CREATE, 'response.200.json, of: "200",', 'response.200.json, of: "200", defects: {/principalId: a word},')
    expected = ()

    assert expected == check()


def test_response_definition_requires_nothing(check: Check, copy: Copy) -> None:
    """`required` in a definition of a response is a mistake, since presence is a requirement of its own."""
    file = copy("azure-synapse-access-control/schemas/ErrorAdditionalInfo.json")
    schema = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**schema, "required": ["info"]}), encoding="utf-8")
    expected = [("azure-synapse-access-control/schemas/ErrorAdditionalInfo.json", "/required")]

    assert expected == [(each.file, each.pointer) for each in check()]


@pytest.mark.parametrize(
    "dialect", [{"$schema": "https://json-schema.org/draft/2020-12/schema"}, {}], ids=["2020-12", "none"]
)
@pytest.mark.parametrize(
    "schema",
    [
        pytest.param({"type": "sting"}, id="unknown type"),
        pytest.param({"$ref": "Nowhere.json"}, id="reference to nowhere"),
        pytest.param({"properties": []}, id="wrong kind"),
    ],
)
def test_broken_definition_is_mistake(
    check: Check, copy: Copy, schema: dict[str, object], dialect: dict[str, object]
) -> None:
    """A definition that is no JSON Schema, or that refers to nothing, is a mistake in its own file."""
    name = "azure-synapse-access-control/schemas/ErrorAdditionalInfo.json"
    copy(name).write_text(json.dumps(dialect | schema), encoding="utf-8")
    expected = True

    assert expected == (name in {each.file for each in check()})


@pytest.mark.parametrize("text", ["[]", "3", "null", '"a word"', "true"])
def test_definition_must_be_object(check: Check, copy: Copy, text: str) -> None:
    """A definition that is not a JSON object is a mistake in its own file."""
    name = "azure-synapse-access-control/schemas/ErrorAdditionalInfo.json"
    copy(name).write_text(text, encoding="utf-8")
    expected = True

    assert expected == (name in {each.file for each in check()})


def test_dialect_may_be_absent(check: Check, copy: Copy) -> None:
    """A definition that does not name the dialect of JSON Schema is used or refused, and brings nothing down."""
    name = "azure-synapse-access-control/schemas/ErrorAdditionalInfo.json"
    copy(name).write_text('{"type": "object", "properties": {"info": {}, "type": {}}}', encoding="utf-8")
    expected = True

    assert expected == ({each.file for each in check()} <= {name})


def test_each_unknown_key_counts(check: Check, plant: Plant) -> None:
    """Two unknown keys in one mapping are two mistakes."""
    plant(_CREATE, "title:", "titel: x\ntitle:")
    plant(_CREATE, "tier:", "teir: x\ntier:")
    expected = ["unknown key 'teir'", "unknown key 'titel'"]

    assert expected == [each.message for each in check()]


def test_three_mistakes_come_together(check: Check, plant: Plant) -> None:
    """Three mistakes in one contract are exactly three, all at once, each with file, pointer, text and remedy."""
    plant(_CREATE, "tier: write", "tier: writes")
    plant(_CREATE, "upsert:", "upsertt:")
    plant(_CREATE, "title:", "titel: x\ntitle:")
    expected = [(_CREATE, "", True), (_CREATE, "/behaviours/1", True), (_CREATE, "/tier", True)]

    assert expected == [(each.file, each.pointer, bool(each.message and each.remedy)) for each in check()]


def test_mistakes_of_meaning_come_together(check: Check, plant: Plant) -> None:
    """Mistakes of meaning in several contracts come all at once."""
    plant(_CREATE, "undo: delete-role-assignment", "undo: nothing")
    plant(_START, "state: sync-idle", "state: asleep")
    plant(_START, "when: [permission-missing]", "when: [bad-luck]")
    expected = [(_CREATE, "/undo"), (_START, "/responses/403/errors/0/when"), (_START, "/state")]

    assert expected == [(each.file, each.pointer) for each in check()]


def test_kinds_of_mistakes_come_together(check: Check, plant: Plant) -> None:
    """A mistake of form, a reference to nowhere and an unknown name in one contract are three mistakes at once."""
    plant(_START, "tier: disruptive", "tier: disruptiv")
    plant(_START, "schemas/StartRequest.json", "schemas/Nothing.json")
    plant(_START, "when: [sync-running]", "when: [bad-luck]")
    expected = {"/tier", "/requestBody/content/application/json/schema/$ref", "/responses/500/errors/1/when"}

    assert expected == {each.pointer for each in check()}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[]\n", id="list"),
        pytest.param("", id="nothing"),
        pytest.param("just a word\n", id="word"),
        pytest.param("operationId: x\nparameters: {}\nresponses: []\n", id="wrong kinds"),
        pytest.param("parameters: [1, null, {$ref: 3}]\nsamples: x\n", id="wrong kinds inside"),
    ],
)
@pytest.mark.parametrize("file", [_CREATE, _ACCESS_API])
def test_nonsense_is_only_mistakes(check: Check, copy: Copy, file: str, text: str) -> None:
    """A file whose content is of the wrong kind gives mistakes in that file and raises nothing else."""
    copy(file).write_text(text, encoding="utf-8")
    expected = True

    assert expected == (file in {each.file for each in check()})


def test_error_lists_every_mistake(tmp_path: Path, plant: Plant) -> None:
    """The error says how many mistakes there are and shows each on a line with file and pointer."""
    plant(_CREATE, "tier: write", "tier: writes")
    plant(_START, "tier: disruptive", "tier: disruptiv")
    expected = ["2 mistakes in the contracts:", f"{_CREATE}#/tier", f"{_START}#/tier"]

    with pytest.raises(ContractError) as caught:
        load_catalogue(tmp_path)

    assert expected == [line.split(": ")[0].strip() if "#" in line else line for line in str(caught.value).splitlines()]
