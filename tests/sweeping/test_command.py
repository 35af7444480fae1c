"""`asdoc mutate` as a process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import asdoc
from tests.sweeping.support import GLOB, STOP


def test_operation_is_swept(tmp_path: Path) -> None:
    """A sweep of one operation kills every mutant of it, leaves every variant alone, and writes results and matrix."""
    done = asdoc("mutate", "--operation", STOP, "--jobs", "2", "--output", "out", cwd=tmp_path)
    found = json.loads((tmp_path / "out" / "mutation.json").read_text(encoding="utf-8"))

    assert found["exitCode"] == done.code, done.stderr
    assert {"killed", "equivalent"} >= {each["outcome"] for each in found["mutants"]}
    assert 0 == found["legal"]["false-alarm"] + found["legal"]["error"]
    assert [] == [each for each in found["sample"] if each["disagreement"]]
    assert [] == [*found["clean"]["alarms"], *found["clean"]["errors"], *found["unfit"]]
    assert "mutants killed" in done.stdout
    assert (tmp_path / "out" / "mutation.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_json_is_what_is_written(tmp_path: Path) -> None:
    """--format json prints the results as they are written, and some mutants that are all killed end with 0."""
    done = asdoc("mutate", "--mutant", GLOB, "--jobs", "1", "--output", "out", "--format", "json", cwd=tmp_path)

    assert 0 == done.code, done.stderr
    assert (tmp_path / "out" / "mutation.json").read_text(encoding="utf-8") == done.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("--mutant", "nothing-fits-this"), "unknown-mutant", id="no mutant"),
        pytest.param(("--operation", "stop-miroring"), "unknown-operation", id="no operation"),
        pytest.param(("--api", "acme"), "unknown-api", id="no api"),
    ],
)
def test_nothing_to_run_is_wrong_usage(tmp_path: Path, words: tuple[str, str], code: str) -> None:
    """What fits nothing ends with 2 and a sentence, and leaves nothing behind."""
    done = asdoc("mutate", *words, cwd=tmp_path)

    assert 2 == done.code
    assert f"[{code}]" in done.stderr
    assert [] == list(tmp_path.iterdir())


def test_schema_is_published(tmp_path: Path) -> None:
    """--format schema prints the schema of the results, and runs nothing."""
    done = asdoc("mutate", "--format", "schema", cwd=tmp_path)

    assert 0 == done.code
    assert "https://asdocumented.example/schemas/mutation.schema.json" == json.loads(done.stdout)["$id"]
    assert [] == list(tmp_path.iterdir())
