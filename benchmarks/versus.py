"""`asdoc run` beside `schemathesis run`: wall time and requests for the same operations of the same emulator."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from asdocumented.openapi import export
from asdocumented.report.stream import read_report
from benchmarks.emulator import ServedEmulator, admin_header, catalogue, documented_operations, served_emulator
from benchmarks.figures import Bound, Figure, Table
from benchmarks.measuring import interleave, median
from benchmarks.processes import ROOT, execute, script
from benchmarks.rendering import number

NAME = "versus"
_EXAMPLES, _SEED = 50, 1
_SHARE_OF_TIME, _REQUESTS, _CORPUS = 1 / 3, 300, 150
_IN_PROCESS, _LOOPBACK, _PEER = "asdoc run, in process", "asdoc run, over loopback", "schemathesis run, over loopback"
_DOCUMENTED = "the documented operations"
_PEER_ON = "schemathesis run --continue-on-failure, over loopback"
_ON = ("--continue-on-failure",)
_STATED = range(5)  # a verdict on the target is a result; 5 and above are not


@dataclass(frozen=True, slots=True)
class Work:
    """What one run took. `corpus` are the requests that replayed stored cases, and are not in `requests`."""

    seconds: float
    requests: int
    corpus: int = 0


def measure(rounds: int, scratch: Path) -> Figure:
    """Measure for the documented operations, and for all that have a contract."""
    everything = tuple(each.id for each in catalogue().operations)
    documented = documented_operations()
    scopes = {
        _DOCUMENTED: documented,
        f"all {len(everything)} operations": everything,
    }
    tables, bounds = [], []
    with served_emulator() as served:
        documents = export_documents(scratch, served.base_url)
        for scope, operations in scopes.items():
            samples = interleave(rounds, _candidates(served, operations, documents, scratch))
            tables.append(_table(scope, samples))
            bounds += _bounds(scope, samples)
    notes = (
        (
            f"Schemathesis: all checks, phases examples, coverage, fuzzing, stateful, {_EXAMPLES} examples, seed"
            f" {_SEED}, no"
            " report, one process an API on the document of `asdoc contracts export`, whose path parameters have ids"
            " that exist as"
            " examples; the admin's token by `--header`; the emulator reset before each. Requests are counted by the"
            " emulator. As it comes it"
            " ends an operation's phase at the first failure, and takes vCenter's documented 500 for one; with"
            " `--continue-on-failure` it goes on,"
            " as asdoc does."
        ),
        (
            "asdoc: the whole command with start, report.jsonl and junit.xml; requests are the exchanges of"
            " report.jsonl. Over"
            " loopback the same plan is sent through sockets, and states are arranged through the control API"
            " (`benchmarks/loopback.py`)."
        ),
        (
            "The two do not look for the same: Schemathesis looks for what crashes and for answers outside the"
            " document, asdoc judges"
            " requirements one by one. What each finds on the same broken servers is in the tests of the suite, not"
            " here."
        ),
    )
    return Figure("Against Schemathesis", tuple(tables), tuple(bounds), notes)


def export_documents(folder: Path, base_url: str) -> Mapping[str, Path]:
    """Write each API's OpenAPI document with the server put into it; return the files by API."""
    files = {}
    for name, api in catalogue().apis.items():
        files[name] = folder / f"{name}.json"
        document = {**export(api), "servers": [{"url": base_url}]}
        files[name].write_text(json.dumps(document), encoding="utf-8")
    return files


def _candidates(
    served: ServedEmulator, operations: Sequence[str], documents: Mapping[str, Path], scratch: Path
) -> dict[str, Callable[[], Work]]:
    chosen = [word for each in operations for word in ("--operation", each)]
    output = scratch / "run"
    in_process = [script("asdoc"), "run", "--quiet", "--output", str(output), *chosen]
    loopback = [script("python"), "-m", "benchmarks.loopback", served.base_url, str(output), *operations]
    return {
        _IN_PROCESS: lambda: _judge(in_process, output),
        _LOOPBACK: lambda: _judge(loopback, output, before=served.reset),
        _PEER: lambda: _schemathesis(served, operations, documents, scratch),
        _PEER_ON: lambda: _schemathesis(served, operations, documents, scratch, _ON),
    }


def _judge(command: Sequence[str], output: Path, *, before: Callable[[], None] = lambda: None) -> Work:
    before()
    seconds = execute(command, folder=ROOT, codes=_STATED).seconds
    report = read_report(output)
    corpus = (report.header.get("corpus") or {}).get("exchanges", 0)
    return Work(seconds, len(report.of("exchange")) - corpus, corpus)


def _schemathesis(
    served: ServedEmulator,
    operations: Sequence[str],
    documents: Mapping[str, Path],
    scratch: Path,
    more: Sequence[str] = (),
) -> Work:
    seconds, requests = 0.0, 0
    for api, contract in catalogue().apis.items():
        named = [each.operation_id for each in contract.operations.values() if each.id in operations]
        if named:
            served.reset()
            seconds += execute(
                [*_schemathesis_command(served.base_url, documents[api], admin_header(api), named), *more],
                folder=scratch,
                codes=(0, 1),
            ).seconds
            requests += served.requests()
    return Work(seconds, requests)


def _schemathesis_command(base_url: str, document: Path, header: str, operation_ids: Sequence[str]) -> list[str]:
    included = [word for each in operation_ids for word in ("--include-operation-id", each)]
    return [
        *(script("schemathesis"), "run", str(document), "--url", base_url, "--header", header),
        *("--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"),
        *("--max-examples", str(_EXAMPLES), "--seed", str(_SEED), "--generation-database", "none"),
        *included,
    ]


def _table(scope: str, samples: Mapping[str, Sequence[Work]]) -> Table:
    rows = tuple(
        (
            name,
            number(median(works, lambda work: work.seconds)),
            number(median(works, lambda work: work.requests)),
            number(median(works, lambda work: work.corpus)) if name not in (_PEER, _PEER_ON) else "",
            number(_share(samples, name, lambda work: work.seconds)),
            number(_share(samples, name, lambda work: work.requests)),
        )
        for name, works in samples.items()
    )
    header = (scope, "wall s", "requests", "corpus, apart", "time / Schemathesis", "requests / Schemathesis")
    return Table(header, rows)


def _share(samples: Mapping[str, Sequence[Work]], name: str, measure: Callable[[Work], float]) -> float:
    return median(samples[name], measure) / median(samples[_PEER], measure)


def _bounds(scope: str, samples: Mapping[str, Sequence[Work]]) -> list[Bound]:
    bounds = []
    for name in (_IN_PROCESS, _LOOPBACK):
        about = f"{name}, {scope}"
        time = _share(samples, name, lambda work: work.seconds)
        requests = median(samples[name], lambda work: work.requests)
        corpus = median(samples[name], lambda work: work.corpus)
        bounds.append(Bound(f"{about}: wall time / Schemathesis", time, _SHARE_OF_TIME))
        if scope == _DOCUMENTED:
            bounds.append(Bound(f"{about}: requests beside the corpus", requests, _REQUESTS))
            bounds.append(Bound(f"{about}: requests of the corpus", corpus, _CORPUS))
    return bounds
