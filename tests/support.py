"""What several tests share: runs on the emulator, the independent server as a target, and `asdoc` as a process."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import httpx
import pytest

from asdocumented.changes.rights import last_named
from asdocumented.contracts import Catalogue, Tier, load_catalogue
from asdocumented.mutant import Mutant
from asdocumented.report.records import header_record, run_records
from asdocumented.report.stream import write_report
from asdocumented.running import Options, Run, run
from asdocumented.selection import Selection
from asdocumented.targets.description import (
    ApiDescription,
    Description,
    FromEnvironment,
    StateDescription,
    StaticCredential,
)
from asdocumented.targets.emulated import EmulatorTarget
from asdocumented.targets.model import Patience
from asdocumented.targets.remote import RemoteTarget
from asdocumented.verdicts import Result, Verdict
from tests.independent.server import Server

ROOT = Path(__file__).resolve().parent.parent
WIDEST = "conventions"
"""The profile that counts every requirement."""

FIVE = frozenset(
    {
        "azure-synapse-access-control/create-role-assignment",
        "azure-synapse-access-control/list-role-assignments",
        "azure-synapse-management/sync-integration-runtime-credentials",
        "microsoft-fabric-mirroring/stop-mirroring",
        "vmware-vcenter-hvc/start-sync-provider",
    }
)
"""The operations that the independent server has."""

EXPENDABLE = {"user-name": ("administrator",)}
"""What may be changed for good on the independent server: an account that wrong passwords would lock."""

_PATIENCE = 120  # seconds, after which a process that hangs fails its test

Function = TypeVar("Function", bound=Callable[..., object])
Done = TypeVar("Done")


def slow(test: Function) -> Function:
    """Mark a test as slow: it runs by default, and `-k 'not slow'` leaves it out."""
    test.slow = True  # type: ignore[attr-defined]
    return test


@cache
def catalogue() -> Catalogue:
    """Return the contracts that come with asdoc."""
    return load_catalogue()


def turn_on(target: EmulatorTarget, mutant: Mutant) -> None:
    """Break the emulator of a target in the way that a mutant says."""
    for each in mutant.lines:
        target.emulator.switch(each.switch, operation=each.operation, **each.arguments)


def emulator_run(*switches: Mutant, **options: Any) -> Run:
    """Judge an emulator of its own, broken in the ways that `switches` say; `options` are those of `Options`."""
    chosen = Options(**options)
    target = EmulatorTarget(catalogue(), seed=chosen.seed)
    for mutant in switches:
        turn_on(target, mutant)
    return run(catalogue(), target, chosen)


@cache
def clean_run(seed: int = 0) -> Run:
    """Return the run on the emulator as it comes, which is made once for each seed."""
    return emulator_run(seed=seed)


def of_api(name: str) -> Selection:
    """Return the selection of one API."""
    return Selection(apis=(name,))


def verdicts(results: Mapping[str, Result]) -> dict[str, dict[str, str]]:
    """Return every requirement's verdict in every profile that counts it."""
    return {key: {name: str(each) for name, each in result.profiles.items()} for key, result in results.items()}


def failing(done: Run, profile: str = WIDEST) -> set[str]:
    """Return the ids of what fails in a profile."""
    return {key for key, each in done.results.items() if each.profiles.get(profile) is Verdict.FAIL}


def report_of(done: Run, folder: Path) -> Path:
    """Write the report of a run and return its path."""
    header = header_record(done.target, done.options, started=_now(), run_id=folder.name)
    return write_report(folder, run_records(done, header))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def variable(api: str, identity: str) -> str:
    """Return the name of the environment variable with a token for the independent server."""
    return f"INDEPENDENT_{api}_{identity}".upper().replace("-", "_")


def tokens_in(server: Server) -> dict[str, str]:
    """Return the environment with every token of the independent server."""
    return {variable(api, each): token for api, tokens in server.tokens.items() for each, token in tokens.items()}


def for_good(api: str) -> dict[str, tuple[str, ...]]:
    """Return that a run may change everything of an API for good, as the owner of a throw-away server says."""
    known = catalogue().apis[api]
    unnamed = (name for name, each in known.operations.items() if last_named(each) is None)
    return dict.fromkeys([*known.resources, *unnamed], ("*",))


def independent_apis(server: Server) -> dict[str, ApiDescription]:
    """Return where the independent server has its APIs, who may call and what exists there."""
    pools = {key: tuple(ids) if isinstance(ids, list) else (ids,) for key, ids in server.resources.items()}
    known = {
        **{key: ids for key, ids in pools.items() if key != "busy-provider"},
        "principal-type": ("User",),
        "user-name": ("administrator",),
    }
    states = {"sync-running": {"provider": pools["busy-provider"]}, "sync-idle": {"provider": pools["provider"]}}
    return {
        name: ApiDescription(
            server.base_url,
            {
                identity: StaticCredential(FromEnvironment(variable(name, identity)))
                for identity in server.tokens[name]
                if identity in api.identities
            },
            {pool: ids for pool, ids in known.items() if pool in api.resources},
            irreversible={**for_good(name), **{pool: ids for pool, ids in EXPENDABLE.items() if pool in api.resources}},
            states={state: StateDescription(each) for state, each in states.items() if state in api.states},
            patience=Patience(deadline=0, interval=0.001),
        )
        for name, api in catalogue().apis.items()
    }


def independent_target(
    server: Server, env: Mapping[str, str] | None = None, *, operations: frozenset[str] = FIVE
) -> RemoteTarget:
    """Return the independent server as a target; `env` (default: its own tokens) stands in for the environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, token in (tokens_in(server) if env is None else env).items():
            patch.setenv(name, token)
        described = Description(
            "independent", independent_apis(server), operations=operations, allow=Tier.DISRUPTIVE, intrusive=True
        )
        return hasty(RemoteTarget(catalogue(), described))


def hasty(target: RemoteTarget) -> RemoteTarget:
    """Return a target whose clock goes on when it is waited for; nobody sleeps."""
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    target.wait = wait  # type: ignore[method-assign]
    target.now = lambda: time.time() + sum(waits)  # type: ignore[method-assign]
    return target


def targets_file(server: Server, path: Path) -> Path:
    """Write the targets file that names the independent server, and return its path."""
    lines = [
        "[targets.independent]",
        'allow = "disruptive"',
        "intrusive = true",
        f"operations = {json.dumps(sorted(FIVE))}",
    ]
    for name, api in independent_apis(server).items():
        lines += [f"[targets.independent.apis.{name}]", f"base-url = {json.dumps(api.base_url)}"]
        lines += [f"deadline = {api.patience.deadline}", f"interval = {api.patience.interval}"]
        lines += [f"credentials.{who} = {{env = {json.dumps(variable(name, who))}}}" for who in api.credentials]
        lines += [f"resources.{pool} = {json.dumps(ids)}" for pool, ids in api.resources.items()]
        lines += [f"irreversible.{pool} = {json.dumps(ids)}" for pool, ids in api.irreversible.items()]
        lines += [
            f"states.{state}.resources.{pool} = {json.dumps(ids)}"
            for state, said in api.states.items()
            for pool, ids in said.resources.items()
        ]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path


class Ended(NamedTuple):
    """How a process ended and what it wrote."""

    code: int
    stdout: str
    stderr: str


def environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a process that a test starts: that of the tests, without what steers pytest."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    return {**kept, "PYTHONUTF8": "1", **(env or {})}


def command(name: str) -> str:
    """Return the path of a command that stands beside this Python."""
    return str(Path(sys.executable).with_name(name))


def started(*words: str, cwd: Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start a process whose output can be read; the caller ends it."""
    return subprocess.Popen(
        words,
        cwd=cwd,
        env=environment(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def ended(*words: str, cwd: Path, env: Mapping[str, str] | None = None) -> Ended:
    """Run a process to its end."""
    with started(*words, cwd=cwd, env=env) as process:
        try:
            stdout, stderr = process.communicate(timeout=_PATIENCE)
        except BaseException:
            process.kill()
            raise
    return Ended(process.returncode, stdout, stderr)


def asdoc(*args: str, cwd: Path, env: Mapping[str, str] | None = None) -> Ended:
    """Run `asdoc` to its end in a folder."""
    return ended(command("asdoc"), *args, cwd=cwd, env=env)


@contextmanager
def served(cwd: Path, *options: str) -> Iterator[dict[str, Any]]:
    """Run `asdoc serve` while the block lasts; the block gets what the ready line says."""
    with started(command("asdoc"), "serve", *options, cwd=cwd) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()  # it removes its private key, which it could not if it were killed
            try:
                process.communicate(timeout=_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def token(api: str, identity: str = "admin") -> str:
    """Return a token that `asdoc serve` accepts with the seed 0."""
    return asdoc("token", "--api", api, "--identity", identity, cwd=ROOT).stdout.strip()


@contextmanager
def at_once(jobs: Mapping[str, Callable[[], Done]]) -> Iterator[Mapping[str, Future[Done]]]:
    """Do jobs that wait for processes side by side; the block gets the future of each."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {name: pool.submit(job) for name, job in jobs.items()}
        pool.shutdown(cancel_futures=True)


def loopback_client(ca_file: str | None = None) -> httpx.Client:
    """Return a client for servers on this machine, which uses no proxy; it trusts `ca_file` alone where there is one."""
    verify = ssl.create_default_context(cafile=ca_file)
    return httpx.Client(trust_env=False, timeout=30, verify=verify)
