"""The results of a sweep as a file."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from asdocumented.errors import UsageError
from asdocumented.sweeping import Plea, sweep
from asdocumented.sweeping.records import RESULTS, Document, document, make_room, read, text, write
from tests.support import catalogue
from tests.sweeping.support import GLOB, STARTED, STOP, small_document, small_sweep


@cache
def validator() -> Draft202012Validator:
    """Return the validator of the results of a sweep."""
    schema = json.loads(files("asdocumented.sweeping").joinpath("mutation.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def fits(found: Document) -> bool:
    """Tell whether the schema takes what is written of a document."""
    return bool(validator().is_valid(json.loads(text(found))))


def test_document_fits_schema() -> None:
    """What is written fits the published schema."""
    assert [] == [error.message for error in validator().iter_errors(json.loads(text(small_document())))]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"surprise": 1}, id="unknown key"),
        pytest.param({"exitCode": 2}, id="no exit code of a sweep"),
        pytest.param({"mutants": [{"id": "x"}]}, id="half a mutant"),
        pytest.param({"score": {}}, id="no score"),
    ],
)
def test_unfit_document_is_refused(change: dict[str, Any]) -> None:
    """The schema refuses what no sweep writes."""
    assert not fits({**small_document(), **change})


def test_every_mutant_is_a_line() -> None:
    """Each mutant stands on a line of its own, so that two files can be compared with diff."""
    found = small_document()
    lines = text(found).splitlines()

    assert found["mutants"]
    assert all(
        1 == sum(f'"id": {json.dumps(each["id"])}, "class"' in line for line in lines) for each in found["mutants"]
    )


def test_two_sweeps_are_alike() -> None:
    """Two sweeps with one seed differ in their header alone, whatever the number of processes."""
    again = sweep(catalogue(), Plea(operations=(STOP,), mutant=GLOB, jobs=2))
    one, two = (text(document(each, started=STARTED)).splitlines() for each in (small_sweep(), again))

    assert [line for line in one if '"header"' not in line] == [line for line in two if '"header"' not in line]


def test_score_stands_beside_what_it_says() -> None:
    """The results say that a score is no statement about a service."""
    assert "does not say that a contract is true of the real service" in small_document()["header"]["says"]


def test_narrow_sweep_is_not_complete() -> None:
    """A sweep of some mutants says nothing of the requirements that lack one."""
    assert small_document()["complete"] is None


def test_results_are_read_back(tmp_path: Path) -> None:
    """What was written is read back, from its folder and from its file."""
    path = write(tmp_path / "made", RESULTS, text(small_document()))

    assert read(path) == read(path.parent) == json.loads(text(small_document()))
    assert [path] == list(path.parent.iterdir())


@pytest.mark.parametrize("content", [None, "{", "[]", '{"header": {"format": 2}, "mutants": []}', "{}"])
def test_something_else_is_no_results(tmp_path: Path, content: str | None) -> None:
    """A file that no sweep wrote is a mistake, told in a sentence."""
    if content is not None:
        (tmp_path / RESULTS).write_text(content, encoding="utf-8")
    with pytest.raises(UsageError):
        read(tmp_path)


def test_results_are_not_written_over(tmp_path: Path) -> None:
    """A folder with the results of another sweep is kept, unless it is to be replaced."""
    write(tmp_path, RESULTS, "{}")
    with pytest.raises(UsageError, match="holds what another sweep left"):
        make_room(tmp_path, replace=False)
    make_room(tmp_path, replace=True)
