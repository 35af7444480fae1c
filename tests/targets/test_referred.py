"""What a targets file refers to is looked for by `asdoc targets check`, and nothing is read, run or connected to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from asdocumented.cli.plan import plan_command
from asdocumented.cli.targets import targets_group
from asdocumented.errors import UsageError

FABRIC, ACCESS = "microsoft-fabric-mirroring", "azure-synapse-access-control"
TABLE = f"targets.mine.apis.{FABRIC}"
FILE = f"""
[{TABLE}]
base-url = "https://127.0.0.1:9"
"""


def checked(text: str, folder: Path) -> Result:
    """Check a file."""
    (folder / "targets.toml").write_text(text, encoding="utf-8")
    return CliRunner().invoke(targets_group, ["check", str(folder / "targets.toml")])


def told(text: str, folder: Path) -> list[str]:
    """Return the mistakes of a file, a line each."""
    done = checked(text, folder)
    assert isinstance(done.exception, UsageError), done.output
    assert 2 == done.exception.exit_code
    return done.exception.message.splitlines()[1:]


MISSING = {
    "CA file": ("ca-file = 'no.pem'", f"{TABLE}.ca-file: The file '", "No such file"),
    "no CA file": ("ca-file = 'targets.toml'", f"{TABLE}.ca-file: The file '", "cannot be used"),
    "certificate": ("client-certificate = 'no.pem'", f"{TABLE}.client-certificate: The client certificate", "No such"),
    "certificate of a key": (
        "client-certificate = 'targets.toml'\nclient-key = 'no.key'",
        f"{TABLE}.client-certificate: ",
        "cannot be used",
    ),
    "CA file of a token service": (
        "credentials.admin = { azure = 'default', ca-file = 'no.pem' }",
        f"{TABLE}.credentials.admin.ca-file: ",
        "No such file",
    ),
    "file of a secret": ("credentials.admin = { file = 'no' }", f"{TABLE}.credentials.admin cannot", "cannot be read"),
    "open file": ("credentials.admin = { file = 'targets.toml' }", f"{TABLE}.credentials.admin cannot", "chmod 600"),
    "command of a secret": (
        "credentials.admin = { command = ['no-such-program'] }",
        f"{TABLE}.credentials.admin cannot",
        "is not there",
    ),
    "password": (
        "credentials.admin = { azure = 'client-secret', tenant = 't', client = 'c', secret = { file = 'no' } }",
        f"{TABLE}.credentials.admin.secret cannot",
        "cannot be read",
    ),
    "header of a call": (
        "states.mirroring-running.arrange.http = { method = 'POST', url = 'http://x', headers.X-A = { file = 'no' } }",
        f"{TABLE}.states.mirroring-running.arrange.http.headers.X-A cannot",
        "cannot be read",
    ),
    "command of a state": (
        "states.mirroring-running.arrange.command = ['./no.sh']",
        f"{TABLE}.states.mirroring-running.arrange.command cannot",
        "'./no.sh'",
    ),
    "login": (
        "credentials.admin = { user = 'me', password = { env = 'TESTED' } }",
        "The credential of 'admin' for",
        "no operation that makes a session",
    ),
    "new token as expired": ("credentials.expired = { azure = 'default' }", "The credential of 'expired'", "new token"),
}


@pytest.mark.parametrize("name", MISSING)
def test_what_is_missing_is_told(name: str, tmp_path: Path) -> None:
    """What a file refers to and is not here, or is of no use, is a mistake with its place."""
    lines, place, why = MISSING[name]
    (tmp_path / "targets.toml").touch(0o644)

    [line] = told(FILE + lines, tmp_path)

    assert f": {place}" in line
    assert why in line


def test_everything_is_told_at_once(tmp_path: Path) -> None:
    """What is missing is told beside what is misspelt, once a thing."""
    several = "\n".join(line for line, _, _ in (MISSING[each] for each in ("CA file", "certificate", "open file")))

    assert 4 == len(told(f"{FILE}{several}\ndeadlin = 3", tmp_path))


def test_key_with_passphrase_asks_nobody(tmp_path: Path) -> None:
    """A key that needs a passphrase cannot be used, and nobody is asked for it on the terminal."""
    issued = trustme.CA().issue_cert("client.example")
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase"))
    (tmp_path / "key.pem").write_bytes(locked)
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "client.pem"))

    [line] = told(f"{FILE}client-certificate = 'client.pem'\nclient-key = 'key.pem'", tmp_path)

    assert "without a passphrase" in line


def test_what_is_there_is_no_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files and commands that are there are fine; no command is run, and no file is opened for what is in it."""
    authority = trustme.CA()
    monkeypatch.setenv("TESTED_SET", "secret-of-the-tests")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    authority.issue_cert("client.example").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "client.pem"))
    (tmp_path / "arrange.sh").write_text("#!/bin/sh\ntouch ran\n")
    (tmp_path / "arrange.sh").chmod(0o700)
    (tmp_path / "secret").touch(0o600)
    text = f"""{FILE}
ca-file = "ca.pem"
client-certificate = "client.pem"
credentials.admin = {{ env = "TESTED_SET" }}
credentials.viewer = {{ file = "secret" }}
credentials.member = {{ command = ["{tmp_path}/arrange.sh"] }}
states.mirroring-running.arrange.command = ["./arrange.sh"]
"""
    done = checked(text, tmp_path)

    assert 0 == done.exit_code, done.exception
    assert ["targets.toml: 1 target, no mistakes."] == [each.rpartition("/")[2] for each in done.output.splitlines()]
    assert not list(tmp_path.glob("ran"))


def test_variable_that_is_not_set_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable may be set where a run starts: that it is not here is told, and is no mistake."""
    monkeypatch.delenv("TESTED_UNSET", raising=False)
    done = checked(f"{FILE}credentials.admin = {{ env = 'TESTED_UNSET' }}", tmp_path)

    assert 0 == done.exit_code
    assert f"note: {TABLE}.credentials.admin: the environment variable 'TESTED_UNSET' is not set here" in done.output


TWO = f"""{FILE}{{}}
[targets.mine.apis.{ACCESS}]
base-url = "{{}}"
{{}}
"""


@pytest.mark.parametrize(
    ("first", "url", "second", "keys"),
    [
        ("verify = false", "https://127.0.0.1:9/api", "", "verify"),
        ("", "https://127.0.0.1:9", "proxy = 'http://127.0.0.1:1'\nserver-name = 'x'", "server-name, proxy"),
        ("server-name = 'x'", "https://127.0.0.1:9", "server-name = 'y'", "server-name"),
    ],
)
def test_apis_at_one_server_connect_alike(first: str, url: str, second: str, keys: str, tmp_path: Path) -> None:
    """Two APIs at one server share its connections, so that what they say of them must be the same."""
    [line] = told(TWO.format(first, url, second), tmp_path)

    assert f"[targets.mine.apis.{ACCESS}] is at the server of [{TABLE}], and must be like it in {keys}:" in line


@pytest.mark.parametrize(
    ("first", "url", "second"),
    [
        ("verify = false", "https://127.0.0.1:9/api", "verify = false"),
        ("verify = true", "https://127.0.0.1:9/api", ""),
        ("verify = false", "https://127.0.0.1:10", ""),
        ("server-name = 'x'", "http://127.0.0.1:9", ""),
    ],
)
def test_apis_elsewhere_connect_as_they_like(first: str, url: str, second: str, tmp_path: Path) -> None:
    """APIs that say the same, or are at servers of their own, are no mistake."""
    done = checked(TWO.format(first, url, second), tmp_path)

    assert 0 == done.exit_code, done.exception


# States that the file itself forbids

STATES = f"""
[targets.mine]
allow = "disruptive"
[{TABLE}]
base-url = "http://127.0.0.1:9"
resources = {{{{ fabric-workspace = ["w1"], mirrored-database = ["db1"] }}}}
{{}}
states.mirroring-running.arrange.operations = ["start-mirroring"]
"""
LINE = 'needs the line irreversible.mirrored-database = ["db1"]'


def test_state_that_the_fence_forbids_is_noted(tmp_path: Path) -> None:
    """A state whose operations the file does not allow is told with the missing line, and not once that is there."""
    forbidden = checked(STATES.format(""), tmp_path)
    allowed = checked(STATES.format("irreversible.mirrored-database = ['db1']"), tmp_path)

    assert 0 == forbidden.exit_code == allowed.exit_code, (forbidden.exception, allowed.exception)
    assert f"note: {TABLE}.states.mirroring-running is not arranged: start-mirroring {LINE}" in forbidden.output
    assert "note" not in allowed.output


def test_plan_shows_state_that_the_fence_forbids(tmp_path: Path) -> None:
    """A plan names the missing line, and shows no request that would arrange the state."""
    shown = {}
    for name, line in (("forbidden", ""), ("allowed", "irreversible.mirrored-database = ['db1']")):
        (tmp_path / "targets.toml").write_text(STATES.format(line), encoding="utf-8")
        options = ["--target", "mine", "--targets", str(tmp_path / "targets.toml"), "--allow", "disruptive"]
        done = CliRunner().invoke(plan_command, [*options, "--no-corpus", "--format", "json"])
        assert 0 == done.exit_code, done.exception
        shown[name] = [each["why"] for each in json.loads(done.output)["beside"]]

    assert [each for each in shown["forbidden"] if LINE in each]
    assert not [each for each in shown["forbidden"] if each.startswith("arranges the state")]
    assert [each for each in shown["allowed"] if each.startswith("arranges the state")]


@pytest.mark.parametrize("key", ["ca-file", "client-certificate"])
def test_tls_of_plain_url_is_noted(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What secures connections is read for https:// alone; that it does nothing for http:// is told."""
    monkeypatch.setattr("asdocumented.targets.referred._TLS", ())
    done = checked(f"{FILE}{key} = 'x.pem'".replace("https", "http"), tmp_path)

    assert 0 == done.exit_code, done.exception
    assert f"note: {TABLE}.{key} does nothing for base-url, which is http://" in done.output
    assert "note: " not in checked(f"{FILE}{key} = 'x.pem'", tmp_path).output


@pytest.mark.parametrize("words", [["FILE"], ["--targets", "FILE"], []])
def test_file_is_named_either_way(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file to check is an argument, or an option as everywhere else; without either it is the usual one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ("targets.toml" if not words else "FILE")).write_text(FILE, encoding="utf-8")
    done = CliRunner().invoke(targets_group, ["check", *words])

    assert 0 == done.exit_code, done.exception


def test_file_that_is_a_folder_has_a_remedy_that_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder in the place of the file is told in one sentence, and two names of a file are one too many."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "targets.toml").mkdir()
    assert "Name another file" in str(CliRunner().invoke(targets_group, ["check"]).exception)
    assert "both name a file" in str(CliRunner().invoke(targets_group, ["check", "a", "--targets", "b"]).exception)
