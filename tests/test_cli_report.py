"""What is left of a run, as a user meets it: kept, rendered, judged again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asdocumented.mutant import Mutant
from tests.independent.server import running
from tests.support import asdoc, clean_run, emulator_run, report_of, targets_file, tokens_in

STOP = "microsoft-fabric-mirroring/stop-mirroring"
FEW = ("--requirement", f"{STOP}/response/received", "--quiet", "--output", "out")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a run on an emulator whose errors are web pages."""
    folder = tmp_path_factory.mktemp("run")
    report_of(emulator_run(Mutant("error.html", STOP, "")), folder)
    return folder


@pytest.fixture(scope="module")
def cut_short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a run that left its first lines alone, without a verdict."""
    folder = tmp_path_factory.mktemp("cut")
    lines = report_of(clean_run(), folder).read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "report.jsonl").write_text("".join(lines[:60]), encoding="utf-8")
    return folder


def test_output_in_use_is_refused(tmp_path: Path) -> None:
    """A folder that holds another run is not written over: exit 2, one sentence with the remedy, and the report stays."""
    first = asdoc("run", *FEW, cwd=tmp_path)
    kept = (tmp_path / "out" / "report.jsonl").read_bytes()
    again = asdoc("run", *FEW, cwd=tmp_path)

    assert (0, 2) == (first.code, again.code)
    assert "--replace" in again.stderr
    assert kept == (tmp_path / "out" / "report.jsonl").read_bytes()


def test_replace_removes_what_a_run_left(tmp_path: Path) -> None:
    """With --replace, results of the run before are gone, and files of the user's own stay."""
    asdoc("run", *FEW, "--allure", cwd=tmp_path)
    (tmp_path / "out" / "notes.txt").write_text("mine", encoding="utf-8")
    done = asdoc("run", *FEW, "--replace", cwd=tmp_path)

    assert 0 == done.code, done.stderr
    assert ["junit.xml", "notes.txt", "report.jsonl"] == sorted(each.name for each in (tmp_path / "out").iterdir())


def test_run_prints_markdown(tmp_path: Path) -> None:
    """`asdoc run --format markdown` prints what `asdoc report markdown` prints of its report."""
    done = asdoc("run", "--format", "markdown", "--output", "out", *FEW[:2], cwd=tmp_path)
    again = asdoc("report", "markdown", "out", cwd=tmp_path)

    assert done.stdout.startswith("# asdocumented emulator")
    assert (0, done.stdout) == (again.code, again.stdout)


def test_summary_names_the_exit_code_of_the_run(report: Path, tmp_path: Path) -> None:
    """`asdoc report summary` ends with 0 itself, and says that the code it shows is that of the run."""
    done = asdoc("report", "summary", str(report), cwd=tmp_path)

    assert 0 == done.code
    assert "Run exit code 1." in done.stdout


def test_unknown_verdict_is_told(report: Path, tmp_path: Path) -> None:
    """A report with a word that is no verdict has no summary: it ends with 2 and names the line."""
    lines = (report / "report.jsonl").read_text(encoding="utf-8").replace('"pass"', '"zork"')
    (tmp_path / "report.jsonl").write_text(lines, encoding="utf-8")
    done = asdoc("report", "summary", ".", cwd=tmp_path)

    assert (2, "") == (done.code, done.stdout)
    assert "Line " in done.stderr
    assert "'zork'" in done.stderr


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("pretty", "✗ permission-missing"),
        ("markdown", "| ✗ stop-mirroring | `permission-missing` | `403 (convention)` | `403` |  | `not JSON` | `2` |"),
    ],
)
def test_errors_are_shown(form: str, expected: str, report: Path, tmp_path: Path) -> None:
    """`asdoc report errors` shows the matrix, what broke a requirement marked."""
    done = asdoc("report", "errors", str(report), "--format", form, cwd=tmp_path)

    assert 0 == done.code, done.stderr
    assert expected in done.stdout


def test_errors_as_json(report: Path, tmp_path: Path) -> None:
    """As JSON the matrix has the requirements that each answer broke."""
    done = asdoc("report", "errors", str(report), "--format", "json", cwd=tmp_path)
    broken = [each for each in json.loads(done.stdout) if each["breaks"]]

    assert {STOP} == {each["operation"] for each in broken}
    assert {"not JSON"} == {each["body"] for each in broken}


def test_errors_of_an_older_report(report: Path, tmp_path: Path) -> None:
    """A report without the matrix, as older versions wrote it, is judged again for it."""
    lines = (report / "report.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "report.jsonl").write_text("".join(each for each in lines if '"kind":"answer"' not in each), "utf-8")
    done = asdoc("report", "errors", ".", cwd=tmp_path)

    assert "✗ permission-missing" in done.stdout


def test_judge_warns_of_a_cut(cut_short: Path, tmp_path: Path) -> None:
    """Judging a record that was cut short says so, and compares it with nothing."""
    done = asdoc("report", "judge", str(cut_short), cwd=tmp_path)

    assert 1 == done.code
    assert "CUT SHORT" in done.stderr
    assert "no verdicts to compare with" in done.stdout


def test_judge_prints_words(report: Path, tmp_path: Path) -> None:
    """A verdict that differs is told in words."""
    lines = (report / "report.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    changed = [each.replace('"pass"', '"fail"') if f'"id":"{STOP}/response/status"' in each else each for each in lines]
    (tmp_path / "report.jsonl").write_text("".join(changed), encoding="utf-8")
    done = asdoc("report", "judge", ".", cwd=tmp_path)

    assert 1 == done.code
    assert f"{STOP}/response/status: fail -> pass" in done.stdout
    assert "{" not in done.stdout


def test_allure_without_node_is_told(report: Path, tmp_path: Path) -> None:
    """Without Node `asdoc report allure` ends with 2 and one sentence that says what to install."""
    done = asdoc("report", "allure", str(report), cwd=tmp_path, env={"PATH": str(tmp_path)})

    assert 2 == done.code
    assert 1 == len(done.stderr.splitlines())
    assert "Node" in done.stderr


def test_next_command_repeats_the_target(tmp_path: Path) -> None:
    """The command of the summary names the targets file, so that it can be pasted."""
    with running(deviations=["created-201"]) as server:
        targets_file(server, tmp_path / "mine.toml")
        words = ("run", "--target", "independent", "--targets", "mine.toml", "--allow", "disruptive")
        done = asdoc(*words, cwd=tmp_path, env=tokens_in(server))
    command = next(line.strip() for line in done.stdout.splitlines() if line.strip().startswith("asdoc run "))

    assert " --targets mine.toml " in f"{command} "
    assert " --allow disruptive " in f"{command} "
