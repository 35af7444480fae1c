"""What a target is declared not to support is skipped with the declared reason, whatever is seen of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from asdocumented.mutant import Mutant
from asdocumented.report.rejudging import rejudged
from asdocumented.report.stream import read_report
from asdocumented.running import Options, Run, run
from asdocumented.selection import Selection
from asdocumented.targets.emulated import EmulatorTarget
from asdocumented.verdicts import Conformance, Verdict, conformance
from tests.support import catalogue, of_api, report_of, turn_on, verdicts

ACCESS = "azure-synapse-access-control"
LIST = f"{ACCESS}/list-role-assignments"


@cache
def _declared(*globs: str, selection: Selection | None = None) -> Run:
    target = EmulatorTarget(catalogue())
    turn_on(target, Mutant("page.count-wrong", LIST, ""))
    target.unsupported = dict.fromkeys(globs, "there are no pages yet")
    return run(catalogue(), target, Options(selection or of_api(ACCESS)))


def test_declared_is_skipped_with_reason() -> None:
    """Every requirement that the glob matches is skipped with the reason, failing and conditional ones too, without findings."""
    done = _declared("*/page/*")
    matched = {key: each for key, each in done.results.items() if "/page/" in key}

    assert matched
    assert {Verdict.SKIPPED} == {verdict for each in matched.values() for verdict in each.profiles.values()}
    assert {"declared unsupported: there are no pages yet"} == {each.reason for each in matched.values()}
    assert [] == [each.findings for each in matched.values() if each.findings]


def test_without_declaration_it_fails() -> None:
    """The same target fails what is not declared."""
    assert Verdict.FAIL in _declared().results[f"{LIST}/page/count"].profiles.values()


def test_declared_makes_partial() -> None:
    """A MUST that is declared unsupported makes its API partial, and the run ends with 4."""
    done = _declared("*/page/*")

    assert Conformance.PARTIAL is conformance(done.results.values(), "documented")
    assert 4 == done.exit_code


def test_others_are_judged_as_before() -> None:
    """What is not declared keeps its verdict."""
    before, after = (verdicts(each.results) for each in (_declared(), _declared("*/page/*")))

    assert {} == {key: each for key, each in after.items() if "/page/" not in key and before[key] != each}


def test_unsupported_operation_gets_no_requests() -> None:
    """Nothing is sent for the sake of an operation of which everything is declared unsupported."""
    operation = f"{ACCESS}/delete-role-assignment"
    selection = Selection(operations=(operation, LIST))
    done = _declared(f"{operation}/*", selection=selection)

    assert [] == [each for each in done.plan.scenarios if each.id.startswith("delete-role-assignment/")]
    assert {Verdict.SKIPPED} == {
        verdict
        for key, each in done.results.items()
        if key.startswith(f"{operation}/")
        for verdict in each.profiles.values()
    }


def test_record_keeps_declaration(tmp_path: Path) -> None:
    """A recorded run that is judged again skips the same."""
    done = _declared("*/page/*")
    again = rejudged(read_report(report_of(done, tmp_path)), catalogue())

    assert {"skipped"} == {
        verdict for each in again.of("requirement") if "/page/" in each["id"] for verdict in each["profiles"].values()
    }
