"""The parts of the table of peers that need none of them: cases, samples, documents, readers of reports, the table."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import httpx
import pytest
from benchmarks.emulator import LIMITS
from benchmarks.peers import __main__ as command
from benchmarks.peers import asdoc, dredd, prism, schemathesis_cli, specmatic
from benchmarks.peers.calls import Recorded, scripts
from benchmarks.peers.cases import CLASSES, LEGAL, Case, mutants, variants
from benchmarks.peers.document import document, pruned
from benchmarks.peers.observations import CLEAN, Observation, beside, caught, median_of_seeds
from benchmarks.peers.sampling import sample
from benchmarks.peers.sweeping import turns
from benchmarks.peers.table import render
from benchmarks.peers.tools import TIMED_OUT, Ended, Setting, told
from benchmarks.processes import UnmeasurableError
from openapi_spec_validator import OpenAPIV31SpecValidator

from asdocumented.contracts import load_catalogue
from asdocumented.emulator.switches import Switch

ADDRESS = "http://127.0.0.1:1"
APIS = sorted(load_catalogue().apis)
each_api = pytest.mark.parametrize("api", APIS)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test start a process for a token."""
    monkeypatch.setattr("benchmarks.peers.calls.admin_header", lambda _: "Authorization: Bearer made-up")


def test_every_case_is_one_that_the_emulator_knows() -> None:
    """Each case has a switch that there is, a class of the table and an API that there is; ids are unique."""
    cases = [*mutants(), *variants()]
    for line in (line for case in cases for line in case.lines):
        limits = {key: value for key, value in line.arguments.items() if key in LIMITS}
        given = {key: value for key, value in line.arguments.items() if key not in LIMITS}
        Switch(line.switch, line.operation, given, **limits)
    assert {each.kind for each in cases} <= {*CLASSES, LEGAL}
    assert {each.legal for each in variants()} == {True}
    assert {each.api for each in cases} <= set(APIS)
    assert len({each.id for each in cases}) == len(cases)


def _cases(kind: str, operation: str, count: int) -> list[Case]:
    return [Case(f"{kind}-{operation}-{place}", "api", operation, kind, ()) for place in range(count)]


def test_a_sample_is_of_every_class_and_spread() -> None:
    """As many of each class are drawn; operations take turns; the same seed draws the same."""
    cases = [*_cases("status", "big", 50), *_cases("status", "small", 2), *_cases("header", "big", 1)]
    drawn = sample(cases, 4, seed=7)
    assert [each.kind for each in drawn] == ["header", *["status"] * 4]
    assert [each.about for each in drawn].count("small") == 2
    assert drawn == sample(reversed(cases), 4, seed=7)
    assert drawn != sample(cases, 4, seed=8)
    assert len(sample(cases, None)) == len(cases)


def test_small_samples_of_classes_are_not_all_about_the_same() -> None:
    """Where one of each class is drawn, they are of several operations."""
    cases = [each for kind in CLASSES for operation in "abcdef" for each in _cases(kind, operation, 2)]
    assert len({each.about for each in sample(cases, 1)}) > 2


@each_api
def test_the_document_is_openapi_and_told_in_full(api: str) -> None:
    """Documents are valid, list statuses, and have an example for each required parameter."""
    made = json.loads(json.dumps(document(scripts()[api], ADDRESS)))
    nodes = [node for item in made["paths"].values() for node in item.values()]
    assert [str(each) for each in OpenAPIV31SpecValidator(made).iter_errors()] == []
    assert all(status.isdigit() for node in nodes for status in node["responses"])
    assert all("examples" in each for node in nodes for each in node["parameters"] if each["required"])


@each_api
def test_every_operation_is_called_and_its_answers_are_in_the_document(api: str) -> None:
    """Each operation has a call that succeeds, and the status of each call is one that the document has."""
    script = scripts()[api]
    made = document(script, ADDRESS)
    assert {each.operation.name for each in script.calls if each.status < 300} == set(
        load_catalogue().apis[api].operations
    )
    for call in script.calls:
        assert str(call.status) in made["paths"][call.operation.path][call.method.lower()]["responses"]
        assert "{" not in call.target


def test_header_fields_that_answers_always_have_are_required() -> None:
    """What one answer with the status lacks is not required, nor what a server puts there."""
    script = scripts()["vmware-vcenter-hvc"]
    call = script.calls[0]
    answers = [httpx.Response(200, headers=each) for each in ({"x-a": "1", "x-b": "1", "date": "now"}, {"x-a": "1"})]
    made = document(script, ADDRESS, [(call, each) for each in answers])
    node = made["paths"][call.operation.path][call.method.lower()]
    assert set(node["responses"]["200"]["headers"]) == {"x-a"}
    assert "headers" not in node["responses"]["401"]


def test_schemas_that_nothing_refers_to_are_left_out() -> None:
    """What only an unused schema refers to goes with it."""
    schemas = {"Used": {}, "Unused": {"items": {"$ref": "#/components/schemas/Beneath"}}, "Beneath": {}}
    made = {"paths": {"$ref": "#/components/schemas/Used"}, "components": {"schemas": schemas}}
    assert set(pruned(made)["components"]["schemas"]) == {"Used"}


def test_schemathesis_expects_the_documented_500_and_logs_in() -> None:
    """Its configuration names the operation whose page documents 500, and the login with its own credential."""
    text = schemathesis_cli.configuration(scripts()["vmware-vcenter-hvc"])
    assert 'expected-statuses = ["2xx", "3xx", "4xx", 500]' in text
    assert '"Authorization" = "Basic ' in text


def test_no_value_of_a_token_is_drawn() -> None:
    """A parameter whose values answers hand out is not in the document of a tool that draws values."""
    made = schemathesis_cli.drawable(scripts()["azure-synapse-access-control"], ADDRESS)
    assert "x-ms-continuation" not in {each["name"] for each in made["paths"]["/roleAssignments"]["get"]["parameters"]}


def test_reports_of_tools_are_read(tmp_path: Path) -> None:
    """Failures of a JSON report and of JUnit reports are named; no report has none."""
    report = tmp_path / "report.json"
    assert schemathesis_cli.failures(report) == frozenset()
    report.write_text(
        json.dumps(
            {"failures": [{"type": "ServerError", "operations": ["GET /a", "GET /b"]}], "errors": [{"title": "Lost"}]}
        ),
        encoding="utf-8",
    )
    assert schemathesis_cli.failures(report) == {"ServerError: GET /a", "ServerError: GET /b", "error: Lost"}
    junit = tmp_path / "junit.xml"
    junit.write_text(
        '<testsuite><testcase name="kept"/><testcase name="broken"><failure/></testcase></testsuite>', encoding="utf-8"
    )
    assert specmatic.failures(tmp_path) == dredd.failures(junit) == {"broken"}
    assert dredd.failures(tmp_path / "missing.xml") == frozenset()


def _recorded(api: str) -> Recorded:
    answers = [(call, httpx.Response(call.status, json={"value": 1})) for call in scripts()[api].calls]
    return answers[:2]


def test_dredd_gets_written_out_calls(tmp_path: Path) -> None:
    """The blueprint has each call with its URI, its credential, and a schema of a draft that Dredd knows."""
    script = scripts()["azure-synapse-access-control"]
    setting = Setting(ADDRESS, script, _recorded(script.api), tmp_path, 1, "conventions")
    text = "\n".join(dredd.blueprint(setting, document(script, ADDRESS)))
    assert "## Call 00 [/roleAssignments?api-version=2020-12-01]" in text
    assert "Authorization: Bearer made-up" in text
    assert '"$ref": "#/definitions/RoleAssignmentDetailsList"' in text
    assert '"password"' not in text


def test_our_run_on_a_server_is_told_what_exists() -> None:
    """The targets file names the address, each credential by its variable, and every pool that has ids."""
    held = {"reader": "secret", "admin": "root:secret"}
    read = tomllib.loads("\n".join(asdoc.targets("api", ADDRESS, held, {"link": ["one"], "none": []})))
    api = read["targets"]["served"]["apis"]["api"]
    assert api["base-url"] == ADDRESS
    assert api["credentials"]["reader"] == {"env": "BENCHMARK_READER"}
    assert api["credentials"]["admin"] == {"user": "root", "password": {"env": "BENCHMARK_ADMIN"}}
    assert api["resources"] == {"link": ["one"]}
    assert api["owned"] == api["irreversible"] == {"link": ["*"]}


def test_specmatic_gets_an_example_of_each_answer() -> None:
    """An example is the call and the recorded answer; nothing is said of a body where there is none."""
    call, answer = _recorded("vmware-vcenter-hvc")[0]
    made = specmatic.example(call, answer)
    assert made["http-request"]["path"] == call.location
    assert made["http-response"]["body"] == {"value": 1}
    assert made["http-response"]["status"] == call.status
    assert "body" not in specmatic.example(call, httpx.Response(204))["http-response"]


def test_what_prism_says_is_told_from_what_the_server_says() -> None:
    """A problem of Prism's is a violation each, or its title; any other answer is none."""
    problem = {"content-type": "application/problem+json"}
    body = {"title": "Invalid", "validation": [{"code": "required", "location": ["response", "body"]}]}
    assert list(prism.violations(httpx.Response(500, json=body, headers=problem))) == ["required response/body"]
    assert list(prism.violations(httpx.Response(500, json={"title": "Lost"}, headers=problem))) == ["Lost"]
    assert list(prism.violations(httpx.Response(500, json={"error": {}}))) == []


def test_a_tool_that_ends_badly_has_told_something() -> None:
    """An exit that says failure counts without a name too, and so does one that never came."""
    named = frozenset({"named"})
    assert told(Ended(1, ""), named, bad=True) == named
    assert told(Ended(1, ""), frozenset(), bad=True) == {"ended with 1"}
    assert told(Ended(0, ""), frozenset(), bad=False) == frozenset()
    assert told(Ended(None, ""), frozenset(), bad=True) == {TIMED_OUT}


def _look(tool: str, seed: int, case: str, kind: str, *, caught: bool = False, legal: bool = False) -> Observation:
    return Observation(tool, seed, "api", case, kind, legal, caught, int(caught), (), 10 * seed, 1.0)


def test_what_is_held_against_the_clean_emulator_too_is_not_a_catch() -> None:
    """Only what is new counts."""
    assert beside(frozenset("ab"), frozenset("a")) == ("b",)
    assert beside(frozenset("a"), frozenset("ab")) == ()


def test_the_median_is_over_seeds() -> None:
    """Each seed is summed up first, then the middle one is taken."""
    looks = [_look("t", seed, f"c{case}", "status", caught=case < seed) for seed in (1, 2, 3) for case in range(3)]
    assert median_of_seeds(looks, caught) == 2
    assert median_of_seeds([], caught) == 0


def test_the_table_says_what_each_caught_and_cost() -> None:
    """Broken cases are counted by class, permitted ones apart, and costs are those of the clean emulator."""
    looks = [
        _look("asdoc run", 1, CLEAN, CLEAN),
        _look("asdoc run", 1, "s1", "status", caught=True),
        _look("other", 1, CLEAN, CLEAN),
        _look("other", 2, CLEAN, CLEAN),
        _look("other", 3, CLEAN, CLEAN),
        _look("other", 3, "s1", "status"),
        _look("other", 3, "l1", "legal", caught=True, legal=True),
    ]
    text = render(looks, ["asdoc run", "other"], {"date": "2026-01-01"}, ("A note.",))
    assert "| caught | all 1 | status 1 |" in text
    assert "| asdoc run | 1 | 1 |" in text
    assert "| the others together, any seed | 0 | 0 |" in text
    assert "| other | 20 | 1 | 0 | 1 |" in text
    assert "- A note." in text


class Fake:
    """A tool that is not there."""

    prepared = True

    def __init__(self, name: str, *, drawn: bool) -> None:
        self.name, self.drawn = name, drawn

    def version(self) -> str:
        """Say what is missing."""
        raise UnmeasurableError("it is not installed; `get it` installs it")

    def look(self, setting: Setting) -> frozenset[str]:
        """Never get here."""
        raise AssertionError(setting)


def test_only_tools_that_draw_have_several_seeds() -> None:
    """Each tool has a turn an API, and one that draws has as many a seed."""
    plan = list(turns([Fake("drawn", drawn=True), Fake("fixed", drawn=False)], (), 3))
    assert len(plan) == len(APIS) * 4
    assert [each.seed for each in plan] == sorted(each.seed for each in plan)


def test_what_was_seen_is_resumed(tmp_path: Path) -> None:
    """Looks come back from the results as they were written."""
    looks = [_look("other", 1, "s1", "status", caught=True)]
    command._write(tmp_path / "results.json", {"date": "2026-01-01"}, looks)
    assert command._read(tmp_path / "results.json") == looks
    assert command._read(tmp_path / "missing.json") == []


def test_a_missing_tool_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is measured without a tool, and the command says what installs it."""
    monkeypatch.setattr(command, "_tools", lambda _: (Fake("absent", drawn=True),))
    assert command.main([]) == 2
    assert "absent cannot be run: it is not installed; `get it` installs it." in capsys.readouterr().err
