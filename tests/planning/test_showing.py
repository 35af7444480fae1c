"""A shown plan is what a run sends: in process, over a socket, and to a server that shares nothing with the project."""

from __future__ import annotations

import json
import socket
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from asdocumented.cli.plan import shown_plan
from asdocumented.contracts.model import Tier
from asdocumented.corpus.store import Corpora, load_corpora
from asdocumented.emulator.tokens import basic_password, sign
from asdocumented.planning.outlook import Outlook
from asdocumented.planning.recording import plan_record, plan_schema
from asdocumented.planning.showing import show
from asdocumented.plans import Plan
from asdocumented.report.stream import read_report
from asdocumented.running import Options, make_plan, run
from asdocumented.selection import Selection
from asdocumented.targets.choosing import choose_target
from asdocumented.targets.description import Pace
from asdocumented.targets.emulated import EmulatorTarget
from asdocumented.traces import exchange_from_record
from tests.independent.server import running
from tests.planning.sending import Sent, conditional, fits, planned, recorded, unnamed
from tests.support import (
    asdoc,
    catalogue,
    independent_target,
    loopback_client,
    of_api,
    served,
    targets_file,
)

ACCESS = "azure-synapse-access-control"
FABRIC = "microsoft-fabric-mirroring"
VCENTER = "vmware-vcenter-hvc"


@cache
def corpora() -> Corpora:
    """Return the stored cases that come with asdoc."""
    return load_corpora(catalogue())


def record(target: Any, options: Options) -> dict[str, Any]:
    """Return the plan of a run as the document of the command."""
    said = {"target": target.name, "allow": str(options.reach(target)), "profile": options.profile}
    return plan_record(shown_plan(catalogue(), target, options), seed=options.seed, **said)


def test_emulator_gets_what_the_plan_says() -> None:
    """In process every planned request is sent as often as planned, and beyond them named follow-ups alone."""
    options = Options(corpora=corpora())
    plan = record(EmulatorTarget(catalogue()), options)
    target = EmulatorTarget(catalogue())
    sent = recorded(run(catalogue(), target, options).execution.trace.exchanges)

    assert Counter() == planned(plan) - sent
    assert sent - planned(plan)
    assert Counter() == unnamed(plan, sent - planned(plan))
    assert Counter() == logged(target.emulator.log) - lines(sent)
    assert lines(sent) - logged(target.emulator.log) <= intrusive(plan)


def lines(sent: Counter[Sent]) -> Counter[tuple[str, str]]:
    """Return requests by method and path alone: a server's log hides values that it does not know."""
    counts: Counter[tuple[str, str]] = Counter()
    for each, count in sent.items():
        counts[line(each.method, each.target)] += count
    return counts


def line(method: str, target: str) -> tuple[str, str]:
    """Return a method and the path of a target, decoded."""
    return method, unquote(target.partition("?")[0])


def logged(log: Iterable[Any]) -> Counter[tuple[str, str]]:
    """Return what a server's own log says that it got; what is no HTTP never came so far."""
    return Counter(line(each.method, each.target) for each in log)


def intrusive(plan: dict[str, Any]) -> Counter[tuple[str, str]]:
    """Return the planned requests that are no proper HTTP, so that a server may refuse them before it logs them."""
    counts: Counter[tuple[str, str]] = Counter()
    for each in plan["requests"]:
        counts[line(each["method"], each["target"])] += each["count"] if each["intrusive"] else 0
    return counts


def test_plan_follows_its_schema() -> None:
    """The document is valid under the schema that `--format schema` prints."""
    schema = json.loads(plan_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(record(EmulatorTarget(catalogue()), Options(corpora=corpora())), schema)


@pytest.mark.parametrize("tier", Tier)
def test_independent_server_gets_what_the_plan_says(tier: Tier) -> None:
    """A server that shares nothing with the project gets, in every tier, what the plan said with its preflight."""
    options = Options(corpora=corpora(), allowed=tier, preflight=True)
    with running() as server:
        plan = record(independent_target(server), options)
        assert [] == server.requests
        done = run(catalogue(), independent_target(server), options)
        seen = Counter((method, path) for method, path, _ in server.requests)
    sent = recorded(done.execution.trace.exchanges)

    assert Counter() == planned(plan) - sent
    assert Counter() == unnamed(plan, sent - planned(plan))
    assert sum(sent.values()) == sum(seen.values())
    assert all(each["tier"] in [str(one) for one in Tier if one.rank <= tier.rank] for each in plan["requests"])


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, socket.socket]]:
    """Give a folder with a targets file whose server is a socket that nobody may connect to, and whose secrets nobody has."""
    folder = tmp_path_factory.mktemp("nowhere")
    with running() as server:
        file = targets_file(server, folder / "targets.toml")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        file.write_text(file.read_text(encoding="utf-8").replace(server.base_url, url), encoding="utf-8")
        yield folder, listener


def test_plan_connects_to_nothing_and_reads_no_secret(nowhere: tuple[Path, socket.socket]) -> None:
    """The plan of a target is shown without its credentials, and without a connection to it."""
    folder, listener = nowhere
    done = asdoc("plan", "--target", "independent", "--allow", "disruptive", "--format", "json", cwd=folder)

    assert (0, "") == (done.code, done.stderr)
    assert json.loads(done.stdout)["requests"]
    with pytest.raises(BlockingIOError):
        listener.accept()


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}


@pytest.mark.parametrize("width", [80, 160])
def test_plan_fits_the_terminal(nowhere: tuple[Path, socket.socket], width: int) -> None:
    """No line is wider than the terminal, a request is in one line, and what may follow, be changed or not be undone is told."""
    folder, _ = nowhere
    words = ("plan", "--target", "independent", "--allow", "disruptive", "--no-corpus")
    done = asdoc(*words, cwd=folder, env={"COLUMNS": str(width)})

    assert 0 == done.code
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert [] == [line for line in lines if line != line.rstrip() or line.strip() in METHODS]
    requests = [line.split() for line in lines if line.startswith("    ") and set(line.split()[:2]) & METHODS]
    assert requests
    assert [] == [words for words in requests if not any(each.startswith(("/", "…")) for each in words[1:3])]
    for words_of in ("may be repeated up to", "cannot be undone", "permissions", "preflight", "may change"):
        assert words_of in done.stdout


def serving_file(folder: Path, ready: dict[str, Any]) -> dict[str, str]:
    """Write a targets file for a served emulator, and return the environment with its credentials."""
    lines, env = ["[targets.local]", 'allow = "disruptive"', "intrusive = true"], {}
    for name, api in catalogue().apis.items():
        lines += [
            f"[targets.local.apis.{name}]",
            f'base-url = "{ready["apis"][name]}"',
            "deadline = 2",
            "interval = 0.5",
        ]
        for who in api.identities:
            if who in ("anonymous", "malformed"):
                continue
            variable = f"T_{name}_{who}".upper().replace("-", "_")
            login = name == VCENTER and who != "expired"
            env[variable] = (
                basic_password(0, who) if login else sign(api, who, seed=0, now=time.time(), expires_in=3600)
            )
            given = f'{{user = "{who}", password = {{env = "{variable}"}}}}' if login else f'{{env = "{variable}"}}'
            lines.append(f"credentials.{who} = {given}")
        pools = {pool: list(each.values) for pool, each in api.resources.items() if each.values}
        lines += [f"resources.{pool} = {json.dumps(ids)}" for pool, ids in pools.items()]
        lines += [
            f"{key}.{pool} = {json.dumps(ids)}" for key in ("owned", "irreversible") for pool, ids in pools.items()
        ]
        if name == FABRIC:
            lines.append(
                f"states.mirroring-running.resources.mirrored-database = {json.dumps(pools['mirrored-database'])}"
            )
    (folder / "targets.toml").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return env


def test_served_emulator_gets_what_the_plan_says(tmp_path: Path) -> None:
    """Over a socket, with logins, the server's own log has the planned requests and named follow-ups, and nothing else."""
    words = ("--target", "local", "--allow", "disruptive")
    with served(tmp_path) as ready, loopback_client() as client:
        env = serving_file(tmp_path, ready)
        assert 0 == asdoc("plan", *words, "--format", "json", cwd=tmp_path).code
        control = ready["control"]
        assert [] == client.get(f"{control}/requests").json()
        done = asdoc("run", *words, "--output", "out", "--quiet", cwd=tmp_path, env=env)
        log = client.get(f"{control}/requests").json()
    assert done.code in (0, 1, 4), done.stderr
    report = read_report(tmp_path / "out")
    target = choose_target(catalogue(), "local", tmp_path / "targets.toml", None, Selection(), 0, with_secrets=False)
    plan = record(target, Options(allowed=Tier.DISRUPTIVE, corpora=corpora(), salt=report.header["salt"]))
    sent = recorded(exchange_from_record(each) for each in report.of("exchange"))
    got = Counter(line(each["method"], each["target"]) for each in log)
    more = {line(each["method"], each["target"]): each["target"] for each in log}
    beside = [
        more[each] for each in got - lines(sent) if not any(fits(each[0], more[each], one) for one in plan["beside"])
    ]

    assert Counter() == planned(plan) - sent - conditional(plan)
    assert Counter() == unnamed(plan, sent - planned(plan))
    assert lines(sent) - got <= intrusive(plan)
    assert got - lines(sent)
    assert [] == beside


def test_time_follows_the_pace() -> None:
    """The estimate grows with a rate, and falls with the number of requests at a time."""
    target = EmulatorTarget(catalogue())
    options = Options(selection=of_api(ACCESS))
    shown = shown_plan(catalogue(), target, options)
    _, plan = make_plan(catalogue(), target, options)

    def seconds(**pace: float) -> float:
        outlook = replace(shown.outlook, pace=Pace(**pace), seconds=0.2)  # type: ignore[arg-type]
        return show(catalogue(), plan, outlook).seconds

    assert seconds(concurrency=16) < seconds(concurrency=1) == pytest.approx(0.2 * shown.count)
    assert pytest.approx(shown.count) == seconds(rate=1, concurrency=16)


def test_empty_plan_is_shown() -> None:
    """A plan without requests has none, and takes no time."""
    shown = show(catalogue(), Plan((), ()), Outlook())

    assert (0, 0, 0.0, ()) == (shown.count, shown.most, shown.seconds, shown.requests)
