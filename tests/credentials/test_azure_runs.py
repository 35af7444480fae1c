"""Whole runs in a process of their own whose tokens azure-identity gets from the emulator's authority, again and again."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from asdocumented.emulator.tokens import assertion, basic_password
from tests.changes.watched import ACCESS, Seen, Watched, environment_of, variable, watched, write_targets
from tests.support import Ended, asdoc, slow

pytest.importorskip("azure.identity", reason="azure-identity is not installed")

_HOUR = 3600
_EACH = 12  # requests, after which every token ends
_TENANT = "8d0f4b2a-1c3e-4f5a-9b7c-6d5e4f3a2b1c"
_TOKEN = "/oauth2/v2.0/token"
_WAYS = {
    "client-secret": 'secret = {env = "CLIENT_SECRET"}, ',
    "workload-identity": "",
}
"""What each way to a token needs in the file."""


def _judged(app: Watched, folder: Path, way: str, proof: str) -> Ended:
    """Run `asdoc` with tokens of azure-identity for the admin, got with a proof: a secret, or an assertion in a file."""
    file = write_targets(app, folder / "targets.toml")
    line = f'credentials.admin = {{env = "{variable(ACCESS, "admin")}"}}'
    text = file.read_text("utf-8")
    assert line in text
    got = f'azure = "{way}", tenant = "{_TENANT}", client = "admin", {_WAYS[way]}authority = "{app.url}"'
    file.write_text(text.replace(line, f'credentials.admin = {{{got}, ca-file = "{app.ca_file}"}}'), "utf-8")
    (folder / "assertion").write_text(proof, encoding="utf-8")
    env = {**environment_of(app, folder / "state"), "AZURE_FEDERATED_TOKEN_FILE": str(folder / "assertion")}
    del env[variable(ACCESS, "admin")]
    words = ("run", "--target", "mine", "--operation", "list-role-assignments", "--quiet", "--output", "out")
    return asdoc(*words, cwd=folder, env={**env, "CLIENT_SECRET": proof})


def _proof(way: str, app: Watched) -> str:
    if way == "client-secret":
        return basic_password(0, "admin")
    return assertion("admin", seed=0, now=app.emulator.clock.now(), expires_in=1000 * _HOUR)


@slow
@pytest.mark.parametrize("way", _WAYS)
def test_run_gets_uses_and_renews_its_tokens(way: str, tmp_path: Path) -> None:
    """A run gets a token from the authority, uses it, and gets another whenever it has ended; nothing fails and nothing leaks."""
    paths: Counter[str] = Counter()
    with watched(tmp_path) as app:

        def at(seen: Seen) -> bool:
            paths["token" if seen.path.endswith(_TOKEN) else "api"] += seen.done
            if seen.done and paths["api"] % _EACH == 0 and not seen.path.endswith(_TOKEN):
                app.emulator.clock.advance(_HOUR + 1)
            return True

        app.again(at)
        proof = _proof(way, app)
        done = _judged(app, tmp_path, way, proof)
    written = [each for each in (tmp_path / "out").rglob("*") if each.is_file()]
    texts = [done.stdout, done.stderr, *(each.read_text("utf-8") for each in written)]
    records = [json.loads(line) for line in (tmp_path / "out" / "report.jsonl").read_text("utf-8").splitlines()]
    renewed = [each for each in records if each["kind"] == "exchange" and "token" in each.get("again", "")]
    verdicts = {each["id"]: each["profiles"] for each in records if each["kind"] == "requirement"}

    assert done.code in (0, 4), done.stderr
    assert paths["token"] >= 3, paths
    assert len(renewed) >= 2
    assert {401} == {each["response"]["status"] for each in renewed}
    assert [] == [key for key, each in verdicts.items() if {"fail", "error"} & set(each.values())]
    assert "pass" == verdicts[f"{ACCESS}/list-role-assignments/response/status"]["documented"]
    assert not [text for text in texts if proof in text or "eyJ" in text]


@slow
def test_ended_assertion_is_refused(tmp_path: Path) -> None:
    """A workload whose assertion has ended gets no token: what needs it is inconclusive with the authority's reason."""
    with watched(tmp_path) as app:
        proof = assertion("admin", seed=0, now=app.emulator.clock.now() - 2 * _HOUR, expires_in=_HOUR)
        done = _judged(app, tmp_path, "workload-identity", proof)
    text = (tmp_path / "out" / "report.jsonl").read_text("utf-8")

    assert 4 == done.code, done.stderr
    assert "AADSTS7000215" in text
    assert proof not in text + done.stderr
