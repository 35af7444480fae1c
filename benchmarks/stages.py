"""Where the wall time of `asdoc run` goes, and how many exchanges the judge judges in a second."""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema_rs

from asdocumented.contracts.definitions import rooted, rooted_definitions, validator
from asdocumented.requirements import derive
from asdocumented.running import Options, judge_trace, run
from asdocumented.targets.emulated import EmulatorTarget
from asdocumented.traces import Exchange, Trace
from benchmarks.emulator import catalogue, documented_operations
from benchmarks.figures import Figure, Table
from benchmarks.measuring import interleave, median
from benchmarks.probe import STAGES
from benchmarks.processes import execute
from benchmarks.rendering import number

NAME = "stages"
_TIMES = 10  # a trace is judged so many times over, for a long run
_LIST_API, _LIST, _LIST_PATH = "azure-synapse-access-control", "RoleAssignmentDetailsList", "/roleAssignments?"
_VALIDATIONS = 300


def measure(rounds: int, scratch: Path) -> Figure:
    """Measure the stages of a run in fresh processes, then the judge and the validators in this one."""
    trace = run(catalogue(), EmulatorTarget(catalogue()), Options()).execution.trace
    tables = (_stages(rounds, scratch), _judging(rounds, trace), _validating(rounds, _longest_page(trace)))
    notes = (
        (
            "Import: from the start of the first module of ours to the last; Python's own start is under *Start*. The"
            " first execution"
            " also compiles what is compiled lazily."
        ),
        (
            f"The long trace is that of a run on all operations {_TIMES} times over. Judging includes deriving the"
            " requirements, and verdicts."
        ),
        (
            "Validating: one answer against its whole schema. The judge asks more of a validator: one verdict a"
            " keyword and field."
        ),
    )
    return Figure("Where the time goes", tables, (), notes)


def _stages(rounds: int, scratch: Path) -> Table:
    scopes = {"documented operations": documented_operations(), "all operations": ()}
    candidates = {
        name: _probe([sys.executable, "-m", "benchmarks.probe", "-", str(scratch / "run"), *operations])
        for name, operations in scopes.items()
    }
    rows = []
    for name, samples in interleave(rounds, candidates).items():
        seconds = [median((sample["seconds"][stage] for sample in samples), float) for stage in STAGES]
        rows.append((f"{name}, ms", *(number(each * 1000) for each in seconds), number(sum(seconds) * 1000)))
        rows.append((f"{name}, share", *(f"{each / sum(seconds):.0%}" for each in seconds), "100%"))
    return Table(("asdoc run", *STAGES, "all"), tuple(rows))


def _probe(command: Sequence[str]) -> Callable[[], Any]:
    return lambda: json.loads(execute(command).stdout)


def _judging(rounds: int, trace: Trace) -> Table:
    contracts, requirements = catalogue(), derive(catalogue())
    traces = {"one run": trace, f"{_TIMES} runs": repeated(trace, _TIMES)}
    samples = interleave(
        rounds,
        {name: _timed(partial(judge_trace, contracts, requirements, each, [])) for name, each in traces.items()},
    )
    rows = []
    for name, judged in traces.items():
        count, seconds = len(judged.exchanges), median(samples[name], float)
        rows.append((name, number(count), number(seconds), number(count / seconds)))
    return Table(("judging", "exchanges", "s", "exchanges/s"), tuple(rows))


def repeated(trace: Trace, times: int) -> Trace:
    """Return a trace with its events that many times over, each exchange with a number of its own."""
    numbers = itertools.count(1)
    events = tuple(
        replace(event, id=next(numbers)) if isinstance(event, Exchange) else event
        for _ in range(times)
        for event in trace.events
    )
    return Trace(events, trace.facts)


def _validating(rounds: int, page: Any) -> Table:
    api = catalogue().apis[_LIST_API]
    schema = {"$ref": f"{_LIST}.json"}
    compiled = jsonschema_rs.Draft202012Validator(
        rooted(schema), validate_formats=True, registry=jsonschema_rs.Registry(rooted_definitions(api.definitions))
    )
    explaining = validator(api.definitions, schema)
    checks: Mapping[str, Callable[[Any], bool]] = {
        "jsonschema-rs, compiled": compiled.is_valid,
        "jsonschema": explaining.is_valid,
    }
    samples = interleave(rounds, {name: _timed(partial(_repeat, check, page)) for name, check in checks.items()})
    seconds = {name: median(each, float) / _VALIDATIONS for name, each in samples.items()}
    slowest = max(seconds.values())
    rows = tuple((name, number(1 / each), number(slowest / each)) for name, each in seconds.items())
    return Table((f"validating a page of {len(page['value'])}", "answers/s", "times the slowest"), rows)


def _longest_page(trace: Trace) -> Any:
    """Return the list of role assignments with the most items that a run saw."""
    bodies = (
        each.response.body for each in trace.exchanges if each.response and each.request.target.startswith(_LIST_PATH)
    )
    pages = (json.loads(body) for body in bodies if b'"value"' in body)
    return max(pages, key=lambda page: len(page["value"]))


def _repeat(check: Callable[[Any], bool], body: Any) -> None:
    for _ in range(_VALIDATIONS):
        if not check(body):
            raise AssertionError("the page does not fit its schema")


def _timed(work: Callable[[], object]) -> Callable[[], float]:
    def timed() -> float:
        begun = time.perf_counter()
        work()
        return time.perf_counter() - begun

    return timed
