"""Tests of the error matrix: what it says of real runs on the emulator, whole and broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from asdocumented.mutant import Mutant
from asdocumented.reads.classify import classify
from asdocumented.report.records import Record
from asdocumented.report.stream import read_report
from asdocumented.running import Run
from tests.support import catalogue, clean_run, emulator_run, of_api, report_of

LIST = "azure-synapse-access-control/list-role-assignments"
SYNC = "azure-synapse-management/sync-integration-runtime-credentials"
START = "vmware-vcenter-hvc/start-sync-provider"


def rows(done: Run, folder: Path) -> list[Record]:
    """Return the rows of the matrix as the report of a run has them."""
    return read_report(report_of(done, folder)).of("answer")


def row(found: list[Record], operation: str, *causes: str) -> Record:
    """Return the one row of an operation with these causes."""
    (only,) = (each for each in found if (each["operation"], each["causes"]) == (operation, list(causes)))
    return only


def broken(switch: str, operation: str, folder: Path, **arguments: object) -> list[Record]:
    """Return the rows of a run of one API on an emulator that deviates in one way."""
    mutant = Mutant(switch, operation, "", arguments)
    return rows(emulator_run(mutant, selection=of_api(operation.split("/", maxsplit=1)[0])), folder)


def test_every_faulty_request_is_counted_once(tmp_path: Path) -> None:
    """The rows count every exchange with a cause for refusal, and no other."""
    done = clean_run()
    faulty = [read for read in classify(catalogue(), done.execution.trace) if read.causes]

    assert sum(each["count"] for each in rows(done, tmp_path)) == len(faulty) > 0


@pytest.mark.parametrize(
    ("operation", "cause", "expected"),
    [
        pytest.param(START, "provider-missing", ("404 not_found", "documented", 404, "VapiError"), id="documented"),
        pytest.param(START, "sync-running", ("500 resource_busy", "documented", 500, "VapiError"), id="state"),
        pytest.param(START, "identity/anonymous", ("401", "specified", 401, "framework: VapiError"), id="framework"),
        pytest.param(LIST, "refusal/method", ("a 4xx", "convention", 405, "ErrorContract"), id="convention"),
        pytest.param(
            LIST,
            "wire/trace",
            ("TRACE is refused, or answered without the credential of the request", "convention", 405, "ErrorContract"),
            id="family",
        ),
        pytest.param(SYNC, "permission-missing", ("403", "convention", 403, "ErrorResponse"), id="permission"),
    ],
)
def test_expected_stands_beside_seen(
    operation: str, cause: str, expected: tuple[str, str, int, str], tmp_path: Path
) -> None:
    """A row has what the page or a convention calls for, what that rests on, and status and form of what came."""
    found = row(rows(clean_run(), tmp_path), operation, cause)

    assert expected == (found["expected"], found["evidence"], found["status"], found["body"])


def test_clean_emulator_breaks_nothing(tmp_path: Path) -> None:
    """No row of a healthy run names a requirement that it broke."""
    assert [] == [each for each in rows(clean_run(), tmp_path) if each["breaks"]]


@pytest.mark.parametrize(
    ("switch", "body"),
    [
        pytest.param("error.html", "not JSON", id="web page"),
        pytest.param("error.empty", "empty", id="empty"),
        pytest.param("error.empty-object", "other JSON", id="other object"),
        pytest.param("error.flat", "flat (B19)", id="reading"),
    ],
)
def test_form_of_the_body_is_told(switch: str, body: str, tmp_path: Path) -> None:
    """A row says which form the body has, and which requirement of the answer it broke."""
    found = row(broken(switch, LIST, tmp_path), LIST, "identity/anonymous")

    assert body == found["body"]
    assert any(each.startswith(f"{LIST}/response/") for each in found["breaks"])


def test_wrong_status_is_charged_to_its_row(tmp_path: Path) -> None:
    """A row with a wrong status names the requirement of that cause."""
    found = row(
        broken("identity.refused", LIST, tmp_path, identity="anonymous", status=403), LIST, "identity/anonymous"
    )

    assert (403, "401") == (found["status"], found["expected"])
    assert f"{LIST}/identity/anonymous/status" in found["breaks"]
