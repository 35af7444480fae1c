"""The emulator under wrk beside bare uvicorn and Prism's mock: answers a second to the list of role assignments."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from asdocumented.openapi import export
from benchmarks.emulator import ServedEmulator, admin_header, catalogue, served_emulator
from benchmarks.figures import Bound, Figure, Limit, Table
from benchmarks.measuring import interleave, median
from benchmarks.processes import UnmeasurableError, execute, free_port, script, serving
from benchmarks.rendering import number

NAME = "throughput"
_API = "azure-synapse-access-control"
_PATH = "/roleAssignments?api-version=2020-12-01"
_LISTS = {"empty list": "no-role-assignments", "page of 50": "two-pages"}
_CONNECTIONS = (1, 16)
_SECONDS = 2
_PRISM = "5.16.0"
_PUBLISHED = 3_900  # requests/s of Prism's mock at 16 connections, measured on two cores on 2026-11-21
_TIMES = 2
_WRK = re.compile(r"Requests/sec:\s*([\d.]+)")
_UNWANTED = re.compile(r"Non-2xx or 3xx responses: \d+|Socket errors: .*")

_OURS, _FLOOR, _MOCK = "asdoc serve", "bare uvicorn, the same bytes", f"Prism {_PRISM} mock"


def measure(rounds: int, scratch: Path) -> Figure:
    """Measure each server with each list and each number of connections."""
    wrk = script("wrk", remedy="; `apt-get install wrk` installs it")
    prism = _install_prism(scratch / "prism")
    rates: dict[str, dict[str, float]] = {}
    with served_emulator() as served:
        for about, state in _LISTS.items():
            served.arrange(_API, state)
            answer = _answer(served)
            with _bare(scratch, answer) as floor, _mock(prism, scratch, answer) as mock:
                servers = {_OURS: served.base_url, _FLOOR: floor, **({_MOCK: mock} if mock else {})}
                measured = _rates(wrk, rounds, servers)
            for server, by_connections in measured.items():
                rates.setdefault(server, {}).update({f"{about}, {key}": each for key, each in by_connections.items()})
    return Figure("Emulator under wrk", (_table(rates),), tuple(_bounds(rates)), tuple(_notes(rates)))


def _rates(wrk: str, rounds: int, servers: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Return the median of requests a second: server -> connections -> rate."""
    candidates: dict[tuple[str, int], Callable[[], float]] = {
        (name, count): _candidate(wrk, base_url, count) for count in _CONNECTIONS for name, base_url in servers.items()
    }
    rates: dict[str, dict[str, float]] = {}
    for (name, count), samples in interleave(rounds, candidates).items():
        rates.setdefault(name, {})[_connections(count)] = median(samples, float)
    return rates


def _candidate(wrk: str, base_url: str, connections: int) -> Callable[[], float]:
    command = [wrk, "-t1", f"-c{connections}", f"-d{_SECONDS}s", "-H", admin_header(_API), f"{base_url}{_PATH}"]
    return lambda: requests_a_second(execute(command).stdout)


def requests_a_second(output: str) -> float:
    """Return the rate that wrk printed; raises UnmeasurableError when any answer was not a success."""
    unwanted, rate = _UNWANTED.search(output), _WRK.search(output)
    if unwanted or rate is None:
        raise UnmeasurableError(f"wrk saw no clean run: {unwanted[0] if unwanted else output[-200:]}")
    return float(rate[1])


def _connections(count: int) -> str:
    return f"{count} connection{'s' if count > 1 else ''}"


def _answer(served: ServedEmulator) -> httpx.Response:
    """Return what the emulator answers now; every server measured answers with its body."""
    name, _, value = admin_header(_API).partition(": ")
    return httpx.get(f"{served.base_url}{_PATH}", headers={name: value}, trust_env=False).raise_for_status()


@contextmanager
def _bare(folder: Path, answer: httpx.Response) -> Iterator[str]:
    """Serve an answer from a bare application."""
    file, port = folder / "answer.json", free_port()
    headers = [(name, value) for name, value in answer.headers.items() if name not in ("date", "server")]
    file.write_text(json.dumps({"headers": headers, "body": answer.text}), encoding="utf-8")
    command = [sys.executable, "-m", "uvicorn", "benchmarks.bare:app", "--port", str(port)]
    quiet = ["--no-access-log", "--no-server-header", "--log-level", "warning", "--ws", "none", "--lifespan", "off"]
    with serving([*command, *quiet], port, environment={"BENCHMARK_ANSWER": str(file)}) as base_url:
        yield base_url


@contextmanager
def _mock(prism: str | None, folder: Path, answer: httpx.Response) -> Iterator[str | None]:
    """Serve Prism's mock of the exported document with an answer's body as its example; None without Prism."""
    if prism is None:
        yield None
        return
    document, port = export(catalogue().apis[_API]), free_port()
    success = document["paths"][urlsplit(_PATH).path]["get"]["responses"]["200"]
    for media in success["content"].values():
        media["example"] = answer.json()
    file = folder / "mock.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    with serving([prism, "mock", str(file), "--port", str(port), "--verboseLevel", "silent"], port) as base_url:
        yield base_url


def _install_prism(folder: Path) -> str | None:
    """Install Prism into a folder; return its command, or None where npm cannot."""
    folder.mkdir()
    install = ["install", "--no-audit", "--no-fund", "--prefix", str(folder), f"@stoplight/prism-cli@{_PRISM}"]
    try:
        execute([script("npm", remedy="; it comes with Node.js"), *install], folder=folder)
    except UnmeasurableError as error:
        print(f"Prism is not measured: {error}", file=sys.stderr)
        return None
    return str(folder / "node_modules" / ".bin" / "prism")


def _table(rates: Mapping[str, Mapping[str, float]]) -> Table:
    columns = tuple(rates[_OURS])
    measured = tuple((server, *(number(each[key]) for key in columns)) for server, each in rates.items())
    ratios = tuple(
        (f"{_OURS} / {server}", *(number(rates[_OURS][key] / rates[server][key]) for key in columns))
        for server in rates
        if server != _OURS
    )
    return Table(("requests/s", *columns), (*measured, *ratios))


def _bounds(rates: Mapping[str, Mapping[str, float]]) -> Iterator[Bound]:
    for about in _LISTS:
        key = f"{about}, {_connections(_CONNECTIONS[-1])}"
        against = f"{_MOCK}, here" if _MOCK in rates else f"Prism's mock, {number(_PUBLISHED)}/s as measured elsewhere"
        floor = rates[_MOCK][key] if _MOCK in rates else _PUBLISHED
        yield Bound(f"`{_OURS}`, {key}: requests/s / {against}", rates[_OURS][key] / floor, _TIMES, Limit.AT_LEAST)


def _notes(rates: Mapping[str, object]) -> Iterator[str]:
    yield (
        f"`wrk -t1 -d{_SECONDS}s`, one process a server, every answer a 200 with the same body: for Prism it is"
        " the example of the"
        " document."
    )
    if _MOCK not in rates:
        yield "npm could not install Prism here, so the bound is held against a figure from another machine: no ratio of one run."
