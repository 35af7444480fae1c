"""Tests that report.schema.json describes what is written, and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from asdocumented.contracts import Tier, load_catalogue
from asdocumented.report.records import Record, header_record, line
from asdocumented.report.rejudging import rejudged
from asdocumented.report.stream import Recorded
from asdocumented.running import Options

from . import records

STOP = "microsoft-fabric-mirroring/stop-mirroring"
WORKSPACE, DATABASE, ABSENT = (f"{digit * 8}-1111-4111-8111-111111111111" for digit in "123")


@cache
def validator() -> Draft202012Validator:
    """Return the validator of one record."""
    schema = json.loads(files("asdocumented.report").joinpath("report.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def unfit(run: list[Record] | tuple[Record, ...]) -> list[str]:
    """Return the records that the schema refuses, as they are written."""
    return [line(record) for record in run if not validator().is_valid(json.loads(line(record)))]


@dataclass
class StandIn:
    """What a header tells of a target."""

    name: str = "nightly"
    implementation: str = "Acme"
    version: str = "4.2"
    is_emulator: bool = False
    operations: frozenset[str] = field(default=frozenset({STOP}))
    allow: Tier = Tier.DISRUPTIVE
    warnings: tuple[str, ...] = ()


def stop(number: int, database: str, response: dict[str, Any]) -> Record:
    """Return an exchange that stops the mirroring of a database."""
    target = f"/v1/workspaces/{WORKSPACE}/mirroredDatabases/{database}/stopMirroring"
    sent = {"method": "POST", "target": target, "headers": [["authorization", "Bearer «token:admin»"]]}
    own = {"kind": "exchange", "id": number, "api": "microsoft-fabric-mirroring", "server": "https://acme.example"}
    return {**own, "request": sent, "response": response}


@pytest.fixture(scope="module")
def judged() -> Recorded:
    """Return a recorded run of a real operation as the judge writes it: an empty 200, and a 404 that is a web page."""
    target: Any = StandIn()
    facts = {"fabric-workspace": [WORKSPACE], "mirrored-database": [DATABASE]}
    page = {"status": 404, "headers": [["content-type", "text/html"]], "body": "<p>Not found</p>"}
    run = (
        header_record(target, Options(), started="2024-02-29T06:00:00+00:00", run_id="nightly"),
        {"kind": "facts", "existing": {"microsoft-fabric-mirroring": facts}, "absent": [ABSENT]},
        stop(1, DATABASE, {"status": 200, "headers": []}),
        stop(2, ABSENT, page),
        {"kind": "gap", "reason": "there is no credential", "skipped": False, "requirements": [f"{STOP}/secret"]},
        records.footer(4),
    )
    return rejudged(records.recorded(*run), load_catalogue())


def test_judged_run_fits(judged: Recorded) -> None:
    """Every record that the judge's results are put into fits, failures included."""
    assert {"header", "facts", "exchange", "gap", "requirement", "footer"} <= {each["kind"] for each in judged.records}
    assert any("findings" in each for each in judged.of("requirement"))
    assert unfit(judged.records) == []


@pytest.mark.parametrize("run", [records.eventful(), records.hostile()[:2]], ids=["eventful", "hostile"])
def test_fixtures_fit(run: list[Record]) -> None:
    """The records that the tests of the renderings are made of are such as a run could write."""
    assert unfit(run) == []


def test_every_kind_is_strict() -> None:
    """No kind of record takes a key that the schema does not describe."""
    kinds = {record["kind"]: record for record in records.eventful()}

    assert len(unfit([{**record, "surprise": 1} for record in kinds.values()])) == len(kinds) == 10


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"verdict": "passed"}, id="unknown verdict"),
        pytest.param({"id": "shop/create order/x"}, id="space in id"),
        pytest.param({"profiles": {}}, id="no profile"),
        pytest.param({"findings": []}, id="no finding"),
        pytest.param({"level": "must"}, id="small level"),
    ],
)
def test_unfit_requirement_is_refused(change: Record) -> None:
    """The schema refuses what no run writes."""
    assert unfit([{**records.requirement(records.PASSED), **change}])
