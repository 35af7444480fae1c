"""Corpora lie beside the contracts, belong to one form of the request, and say so when it has changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from asdocumented.cli.corpus import generate_command
from asdocumented.contracts import load_catalogue
from asdocumented.contracts.locating import bundled
from asdocumented.contracts.model import Operation, Response
from asdocumented.corpus.choosing import FEWER, MOST
from asdocumented.corpus.digests import request_digest
from asdocumented.corpus.store import FILE, keep_example, load_corpora, read_corpus, write_corpus
from asdocumented.errors import UsageError
from asdocumented.running import Options, make_plan
from asdocumented.targets.emulated import EmulatorTarget
from tests.corpus.test_cases import CREATE, LIST, a_list
from tests.support import asdoc, catalogue

OPERATION = catalogue().operation(LIST)
API = catalogue().apis[OPERATION.api]


def test_committed_corpora_are_fresh() -> None:
    """Every operation has a corpus beside its contract, and none is stale."""
    corpora = load_corpora(catalogue())

    assert () == corpora.stale
    assert {operation.id for operation in catalogue().operations} == set(corpora.cases)


def test_corpora_are_small() -> None:
    """An operation with a page has at most 30 cases, all five with the walks 150 exchanges, and every other fewer."""
    corpora = load_corpora(catalogue())
    counts = {each.id: len(corpora.of(each.id)) for each in catalogue().operations}
    paged = {each.id for each in catalogue().operations if each.evidence == "documented"}

    assert all(count <= (MOST if name in paged else FEWER) for name, count in counts.items())
    steps = sum(len(walk.commands) for walks in corpora.walks.values() for walk in walks)
    assert 100 < sum(counts[name] for name in paged) + steps <= 150


def test_corpora_have_both_kinds() -> None:
    """The five operations have requests that fit and requests that do not, wherever there is anything to vary."""
    corpora = load_corpora(catalogue())
    kinds = {case.kind for cases in corpora.cases.values() for case in cases}

    assert {"positive", "negative"} == kinds


def test_no_case_is_stored_twice() -> None:
    """Ids tell cases apart over all operations."""
    identifiers = [case.id for cases in load_corpora(catalogue()).cases.values() for case in cases]

    assert len(set(identifiers)) == len(identifiers)


def test_no_case_repeats_the_plan() -> None:
    """What is replayed differs on the wire from what the plan sends, and from each other case."""
    target = EmulatorTarget(catalogue())
    _, plain = make_plan(catalogue(), target, Options())
    _, full = make_plan(catalogue(), target, Options(corpora=load_corpora(catalogue())))
    stored = [each for each in full.scenarios if "/corpus/" in each.id]
    sent = {step.call.key for each in plain.scenarios for step in each.steps}
    keys = [each.steps[-1].call.key for each in stored if "-walk-" not in each.id]

    assert len(full.scenarios) == len(plain.scenarios) + len(stored)
    assert sum(map(len, load_corpora(catalogue()).cases.values())) == len(keys)
    assert [] == [key for key in keys if key in sent]
    assert len(set(keys)) == len(keys)


def test_cases_come_after_the_plan() -> None:
    """What a plan has of its own is sent before any stored case, but for what ends a session."""
    _, plan = make_plan(catalogue(), EmulatorTarget(catalogue()), Options(corpora=load_corpora(catalogue())))
    for api in catalogue().apis:
        own = [each for each in plan.scenarios if each.api == api]
        stored = [index for index, each in enumerate(own) if "/corpus/" in each.id]
        ending = [index for index, each in enumerate(own) if each.steps[-1].call.operation.ends_session]
        others = [index for index in range(len(own)) if index not in {*stored, *ending}]

        assert not stored or max(others) < min(stored)
        assert not ending or not stored or max(stored) < min(ending)


CHANGES: dict[str, Callable[[Operation], Operation]] = {
    "path": lambda each: replace(each, path=f"/v2{each.path}"),
    "method": lambda each: replace(each, method="POST"),
    "parameter gone": lambda each: replace(each, parameters=each.parameters[:-1]),
    "parameter required": lambda each: replace(
        each, parameters=(replace(each.parameters[1], required=True), *each.parameters[2:])
    ),
    "schema": lambda each: replace(
        each, parameters=(replace(each.parameters[0], schema={"type": "integer"}), *each.parameters[1:])
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_request_changes_digest(change: str) -> None:
    """Whatever changes about the request of an operation changes its digest."""
    changed = CHANGES[change](OPERATION)

    assert request_digest(API, OPERATION) != request_digest(API, changed)


def test_changed_definition_changes_digest() -> None:
    """A definition that the body leads to is part of the request."""
    operation = API.operations["create-role-assignment"]
    changed = replace(API, definitions={**API.definitions, "RoleAssignmentRequest": {"type": "object"}})

    assert request_digest(API, operation) != request_digest(changed, operation)


def test_changed_response_keeps_digest() -> None:
    """What a page says of answers does not make a corpus stale."""
    responses: dict[str, Response] = {}

    assert request_digest(API, OPERATION) == request_digest(API, replace(OPERATION, responses=responses))


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """Return a copy of the contracts in which the request of one operation was changed."""
    folder = tmp_path / "contracts"
    shutil.copytree(bundled("contracts"), folder)
    file = folder / LIST / "contract.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("name: roleId, in: query", "name: roleId, in: query, required: true"), encoding="utf-8"
    )
    return folder


def test_stale_corpus_is_not_replayed(changed: Path) -> None:
    """The cases of a changed request are left out, and their operation is named."""
    corpora = load_corpora(load_catalogue(changed), changed)

    assert ((CREATE, LIST), (), ()) == (corpora.stale, corpora.of(LIST), corpora.walks[CREATE])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("contracts", "check"), 1), (("corpus", "check", "--contracts"), 1), (("corpus", "list", "--contracts"), 0)],
    ids=["contracts check", "corpus check", "corpus list"],
)
def test_stale_corpus_is_told(changed: Path, tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    """Each command that looks at a stale corpus names the command that renews it."""
    done = asdoc(*arguments, str(changed), cwd=tmp_path)

    assert code == done.code, done.stderr
    assert f"`asdoc corpus generate {LIST}` renews them" in done.stderr


def test_run_tells_stale_corpus(changed: Path, tmp_path: Path) -> None:
    """A run over a changed contract says on stderr, in the summary and in the record that it did not replay its cases."""
    done = asdoc(
        "run", "--contracts", str(changed), "--operation", "list-role-assignments", "--output", "out", cwd=tmp_path
    )
    header = json.loads((tmp_path / "out" / "report.jsonl").read_text(encoding="utf-8").splitlines()[0])

    assert f"{LIST} are stale" in done.stderr
    assert f"corpus stale and not replayed: {LIST}" in " ".join(done.stdout.split())
    assert {"cases": 0, "exchanges": 0, "leftOut": 0, "stale": [LIST]} == header["corpus"]


def test_generating_renews(changed: Path, tmp_path: Path) -> None:
    """The command that a stale corpus names makes it fresh again, and keeps the examples."""
    case = replace(a_list("roleId", "x"), requirement=f"{LIST}/response/status")
    keep_example(catalogue(), changed, case)
    done = asdoc("corpus", "generate", LIST, "--contracts", str(changed), cwd=tmp_path)
    corpora = load_corpora(load_catalogue(changed), changed)

    assert (0, ()) == (done.code, corpora.stale), done.stderr
    assert case in corpora.of(LIST)


def test_written_corpus_reads_alike(tmp_path: Path) -> None:
    """Writing what was read leaves the same bytes."""
    for operation in catalogue().operations:
        corpus = read_corpus(bundled("contracts"), operation)
        assert corpus is not None
        written = write_corpus(tmp_path, corpus)

        assert (bundled("contracts") / operation.id / FILE).read_bytes() == written.read_bytes()


def test_example_is_kept_once(tmp_path: Path) -> None:
    """A case that is found again replaces the example that it was."""
    case = a_list("roleId", "x")
    for requirement in ("first", "second"):
        keep_example(catalogue(), tmp_path, replace(case, requirement=requirement))
    kept = load_corpora(catalogue(), tmp_path).of(LIST)

    assert ["second"] == [each.requirement for each in kept]


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"format": 2}', '{"format":1,"request":"","generator":"","seed":0,"cases":[{}],"examples":[]}'],
)
def test_broken_file_is_the_users_mistake(tmp_path: Path, content: str) -> None:
    """A file that is no corpus is told with its place and with what to do."""
    file = tmp_path / LIST / FILE
    file.parent.mkdir(parents=True)
    file.write_text(content, encoding="utf-8")

    with pytest.raises(UsageError, match=r"is no corpus: .*asdoc corpus generate"):
        load_corpora(catalogue(), tmp_path)


def test_unknown_case_is_told() -> None:
    """A misspelt id is answered with the closest one."""
    corpora = load_corpora(catalogue())
    known = corpora.of(LIST)[0].id

    with pytest.raises(UsageError, match=f"Did you mean '{known}'"):
        corpora.only((known[:-1],))


def test_far_off_case_names_few() -> None:
    """An id that is close to none is answered with a few and with the command that lists all."""
    with pytest.raises(UsageError, match="asdoc corpus list") as error:
        load_corpora(catalogue()).only(("nope",))

    assert 2 == error.value.remedy.count(",")


@pytest.mark.parametrize(
    ("kept", "said"), [((), "asdoc corpus generate --contracts"), ((LIST,), "No stored cases for")]
)
def test_check_tells_missing_corpora(tmp_path: Path, kept: tuple[str, ...], said: str) -> None:
    """Contracts without corpora have no mistake, and the check says in one line what makes them."""
    folder = without_corpora(tmp_path, *kept)
    done = asdoc("contracts", "check", str(folder), cwd=tmp_path)
    among = len(catalogue().operations)

    assert (0, "") == (done.code, done.stderr)
    assert f"No stored cases for {among - len(kept)} of {among} operations" in done.stdout
    assert said in done.stdout


@pytest.mark.parametrize("kept", [(), (LIST,)])
def test_run_tells_missing_corpora(tmp_path: Path, kept: tuple[str, ...]) -> None:
    """A run says which operations have no stored cases, but only where others have some."""
    folder = without_corpora(tmp_path, *kept)
    words = ("--operation", LIST, "--operation", CREATE, "--contracts", str(folder), "--output", "out")
    done = asdoc("run", *words, "--quiet", cwd=tmp_path)

    assert 0 == done.code, done.stderr
    assert bool(kept) == ("No stored cases for 1 of 2 operations" in done.stderr)
    assert bool(kept) == (f"asdoc corpus generate {CREATE} --contracts {folder}" in done.stderr)


def without_corpora(tmp_path: Path, *kept: str) -> Path:
    """Return a copy of the contracts in which only some operations have their corpus."""
    folder = tmp_path / "contracts"
    shutil.copytree(bundled("contracts"), folder)
    for file in folder.rglob(FILE):
        if file.parent.relative_to(folder).as_posix() not in kept:
            file.unlink()
    return folder


def test_installation_is_not_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --contracts, contracts that are in no checkout are not generated over; named, they are."""
    folder = without_corpora(tmp_path)
    monkeypatch.setattr("asdocumented.cli.corpus.bundled", lambda _name: folder)
    refused = CliRunner().invoke(generate_command, [LIST])
    (tmp_path / "pyproject.toml").touch()
    written = CliRunner().invoke(generate_command, [LIST])

    assert isinstance(refused.exception, UsageError)
    assert "--contracts DIR" in str(refused.exception)
    assert 0 == written.exit_code, written.output
    assert (folder / LIST / FILE).is_file()
