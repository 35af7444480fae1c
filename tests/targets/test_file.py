"""The targets file: every mistake is told at once in good words, no secret is ever repeated, and what is written can be read."""

from __future__ import annotations

import json
import random
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asdocumented.cli.init import init_command
from asdocumented.cli.targets import targets_group
from asdocumented.errors import UsageError
from asdocumented.targets.file import check_targets
from asdocumented.targets.lacking import Lack, Needs
from asdocumented.targets.remote import RemoteTarget
from asdocumented.targets.template import template
from asdocumented.targets.wording import schema
from tests.support import catalogue

API = "microsoft-fabric-mirroring"
_API = f'[targets.mine.apis.{API}]\nbase-url = "http://127.0.0.1:9"\n'
_SECRET = "hunter22-Correct.Horse"


def _top(lines: str) -> str:
    return f"[targets.mine]\n{lines}\n{_API}"


def _below(lines: str) -> str:
    return f"{_API}{lines}\n"


_ONE_SOURCE = "must have exactly one of env, file, command, azure, user."
_ONE_WAY = "must have exactly one of operations, command, http."
MISTAKES: Mapping[str, tuple[str, str]] = {
    "unknown table": ("[target.mine]", "the top level has no key 'target'. Did you mean 'targets'?"),
    "unknown key": (
        _top("implementaion = 'x'"),
        "[targets.mine] has no key 'implementaion'. Did you mean 'implementation'?",
    ),
    "unknown key of an API": (
        _below("owns.role = ['x']"),
        f"[targets.mine.apis.{API}] has no key 'owns'. Did you mean 'owned'?",
    ),
    "no APIs": ("[targets.mine]\n", "[targets.mine] needs the key 'apis'."),
    "empty APIs": ("[targets.mine.apis]\n", "[targets.mine.apis] must not be empty."),
    "no URL": (f"[targets.mine.apis.{API}]\n", f"[targets.mine.apis.{API}] needs the key 'base-url'."),
    "number for text": (_top("version = 2"), "targets.mine.version must be text in quotation marks."),
    "text for number": (_top("rate = '3'"), "targets.mine.rate must be a number."),
    "fraction": (_top("concurrency = 1.5"), "targets.mine.concurrency must be a whole number."),
    "too small": (_top("concurrency = 0"), "targets.mine.concurrency must be at least 1."),
    "too large": (_top("concurrency = 65"), "targets.mine.concurrency must be at most 64."),
    "zero": (_top("timeout = 0"), "targets.mine.timeout must be more than 0."),
    "no number": (_top("timeout = nan"), "targets.mine.timeout must be a finite number."),
    "endless": (_below("deadline = inf"), f"targets.mine.apis.{API}.deadline must be a finite number."),
    "unknown tier": (
        _top("allow = 'wirte'"),
        "targets.mine.allow must be one of 'probe', 'read', 'write', 'disruptive'.",
    ),
    "text for a list": (_top("operations = 'x'"), "targets.mine.operations must be a list."),
    "pool of numbers": (_below("resources.mirrored-database = [1]"), "resources.mirrored-database[0] must be text"),
    "empty id": (_below("resources.mirrored-database = ['']"), "resources.mirrored-database[0] must not be empty."),
    "bare secret": (_below(f"credentials.admin = '{_SECRET}'"), "must be a table: write where the secret is"),
    "secret under a key": (_below(f"credentials.admin = {{token = '{_SECRET}'}}"), "has no key 'token'."),
    "secret for a name": (
        _below(f"credentials.admin = {{env = '{_SECRET}'}}"),
        "must be the name of an environment variable",
    ),
    "secret like a name": (_below("credentials.admin = {env = 'hunter22CorrectHorse'}"), "looks like a secret"),
    "password in the open": (
        _below(f"credentials.admin = {{user = 'me', password = '{_SECRET}'}}"),
        "password must be a table",
    ),
    "secret of azure in the open": (
        _below(f"credentials.admin = {{azure = 'default', secret = '{_SECRET}'}}"),
        "secret must be a",
    ),
    "two sources": (
        _below("credentials.admin = {env = 'A', file = 'a'}"),
        _ONE_SOURCE,
    ),
    "no source": (_below("credentials.admin = {}"), _ONE_SOURCE),
    "two sources of a password": (
        _below("credentials.admin = {user = 'me', password = {env = 'A', file = 'a'}}"),
        "password] must have exactly one of env, file, command.",
    ),
    "user alone": (_below("credentials.admin = {user = 'me'}"), "needs the key 'password'"),
    "password alone": (_below("credentials.admin = {password = {env = 'A'}}"), "must have exactly one of"),
    "tenant without azure": (
        _below("credentials.admin = {env = 'A', tenant = 't'}"),
        "tenant goes with azure, not with env.",
    ),
    "header of a login": (
        _below("credentials.admin = {user = 'me', password = {env = 'A'}, header = 'X-Key'}"),
        "header goes with env or file or command, not with user.",
    ),
    "client secret without tenant": (
        _below("credentials.admin = {azure = 'client-secret', client = 'c', secret = {env = 'A'}}"),
        "needs the key 'tenant' for azure = \"client-secret\".",
    ),
    "command as text": (
        _below("credentials.admin = {command = 'pass acme'}"),
        "must be a list (a program and its arguments",
    ),
    "shared credential": (
        _below("credentials.admin = {env = 'A'}\ncredentials.viewer = {env = 'A'}"),
        "each identity needs its own.",
    ),
    "nobody's credential": (_below("credentials.anonymous = {env = 'A'}"), "nobody gives 'anonymous' a credential."),
    "unknown identity": (
        _below("credentials.viewr = {env = 'A'}"),
        "the unknown identity 'viewr'. Did you mean 'viewer'?",
    ),
    "unknown resource": (_below("owned.mirrored-databse = ['*']"), "Did you mean 'mirrored-database'?"),
    "unknown state": (_below("states.mirroring-runing = {}"), "Did you mean 'mirroring-running'?"),
    "unknown resource of a state": (_below("states.throttled.resources.databse = ['x']"), "unknown resource 'databse'"),
    "two ways": (
        _below("states.throttled.arrange = {command = ['x'], operations = ['y']}"),
        _ONE_WAY,
    ),
    "no way": (_below("states.throttled.arrange = {}"), _ONE_WAY),
    "empty way": (_below("states.throttled.arrange = {operations = []}"), "arrange.operations must not be empty."),
    "unknown operation of a way": (
        _below("states.throttled.arrange = {operations = ['stop-miroring']}"),
        "Did you mean 'stop-mirroring'?",
    ),
    "operation out of scope": (
        _top(f"operations = ['{API}/stop-mirroring']")
        + "states.mirroring-running.arrange = {operations = ['start-mirroring']}\n",
        "names 'start-mirroring', which is not among the target's operations.",
    ),
    "clean-up of a given state": (
        _below("states.throttled.clean-up = {command = ['x']}"),
        "does nothing without arrange",
    ),
    "timeout of operations": (
        _below("states.throttled.arrange = {operations = ['stop-mirroring'], timeout = 3}"),
        "timeout does nothing with operations",
    ),
    "secret in a header": (
        _below(
            f"states.throttled.arrange.http = {{method = 'POST', url = 'http://x', headers = {{X-Api-Key = '{_SECRET}'}}}}"
        ),
        "headers.X-Api-Key must be where the secret is",
    ),
    "number in a header": (
        _below("states.throttled.arrange.http = {method = 'POST', url = 'http://x', headers = {A = 1}}"),
        "headers.A must be text or, for a secret, where it is",
    ),
    "password in a URL of a call": (
        _below(f"states.throttled.arrange.http = {{method = 'POST', url = 'http://me:{_SECRET}@127.0.0.1'}}"),
        "a user name or password, which a URL must not hold.",
    ),
    "password in the URL of a proxy": (_below(f"proxy = 'http://me:{_SECRET}@127.0.0.1'"), "proxy cannot be used"),
    "password in the base URL": (_API.replace("127", f"me:{_SECRET}@127"), "base-url cannot be used"),
    "key in the base URL": (_API.replace(":9", f":9/?key={_SECRET}"), "was given with a query"),
    "host with an empty part": (_API.replace("127.0.0.1", "a..b"), "'http://a..b:9' is no URL of a server"),
    "host with a long part": (_API.replace("127.0.0.1", f"{'a' * 64}.example"), "is no URL of a server."),
    "long host": (_API.replace("127.0.0.1", "a." * 127 + "example"), "is no URL of a server."),
    "host with a space": (_API.replace("127.0.0.1", "a b"), "'http://a b:9' is no URL of a server."),
    "escape of nothing": (_API.replace(":9", ":9/a%zz"), "is no URL of a server."),
    "NUL in an id": (_below('resources.mirrored-database = ["a\\u0000b"]'), "[0] must not hold control characters"),
    "line break in an id": (_below('resources.mirrored-database = ["a\\r\\nb"]'), "must not hold control characters"),
    "NUL in a file": (_below('credentials.admin = {file = "a\\u0000b"}'), "admin.file must not hold control"),
    "NUL in a command": (_below('credentials.admin = {command = ["a", "\\u0000"]}'), "admin.command[1] must not hold"),
    "NUL in a CA file": (_below('ca-file = "a\\u0000b"'), f"{API}.ca-file must not hold control characters"),
    "NUL in a command of a state": (
        _below('states.throttled.arrange.command = ["a\\u0000b"]'),
        "arrange.command[0] must not hold control characters",
    ),
    "line break in a header": (
        _below('states.throttled.arrange.http = {method="POST", url="http://x", headers={A="b\\r\\nC: d"}}'),
        "headers.A must not hold control characters",
    ),
    "no header": (
        _below('states.throttled.arrange.http = {method="POST", url="http://x", headers={"a b" = "c"}}'),
        "must be named with letters, digits",
    ),
    "empty pool": (_below("resources.mirrored-database = []"), "resources.mirrored-database must not be empty."),
    "no operations": (_top("operations = []"), "targets.mine.operations must not be empty."),
    "nameless command": (_below("credentials.admin = {command = ['']}"), "admin.command[0] must not be empty."),
    "nameless command of a state": (
        _below("states.throttled.arrange.command = ['', 'x']"),
        "arrange.command[0] must not be empty.",
    ),
    **{
        f"credential in {header}": (
            _below(f"credentials.admin = {{env = 'A', header = '{header}'}}"),
            f"header must be a header that can carry a credential, which {header} cannot.",
        )
        for header in ("Host", "content-length", "Transfer-Encoding", "Connection")
    },
    "broken authority": (
        _below("credentials.admin = {azure = 'default', authority = 'https://[bad'}"),
        "admin.authority cannot be used: 'https://[bad' is no URL of a server.",
    ),
    "authority without TLS": (
        _below("credentials.admin = {azure = 'default', authority = 'http://x'}"),
        "names an authority without TLS, which azure-identity refuses.",
    ),
    "no URL at all": (_API.replace("http:", "ftp:"), "must be a URL that begins with http:// or https://."),
    "glob for an audience": (
        _below("audiences = ['https://*.x']"),
        "audiences[0] must be one audience as tokens name it, without wildcards.",
    ),
    "URL for a host": (_below("hosts = ['http://x']"), "hosts[0] must be the name of a host"),
    "key without certificate": (_below("client-key = 'k'"), "client-key does nothing without client-certificate."),
    "unknown API": (_API.replace("fabric", "fabrik"), "the unknown API 'microsoft-fabrik-mirroring'. Did you mean"),
    "unknown operation": (_top(f"operations = ['{API}/stop']"), f"the unknown operation '{API}/stop'."),
    "operation of no API": (
        _top("operations = ['vmware-vcenter-hvc/list-links']"),
        "the target does not have the API vmware-vcenter-hvc.",
    ),
    "glob that matches nothing": (
        _top("unsupported = [{requirement = '*/thorttled/*', reason = 'x'}]"),
        "targets.mine.unsupported[0].requirement: no requirement in scope matches it.",
    ),
    "glob out of scope": (
        _top("unsupported = [{requirement = 'vmware-*', reason = 'x'}]"),
        "no requirement in scope matches",
    ),
    "no reason": (_top("unsupported = [{requirement = '*'}]"), "targets.mine.unsupported[0] needs the key 'reason'."),
    "day as text": (
        _top("known-deviations = [{requirement = '*', observed = '*', reason = 'x', expires = '2027-01-31'}]"),
        "expires must be a TOML date without quotation marks",
    ),
    "name of the emulator": (_API.replace("mine", "emulator"), "'emulator' always means the emulator in this process"),
    "name like a URL": (_API.replace("mine", "'http://x'"), "must be named with letters, digits"),
    "no TOML": (f"[targets.mine\nx = '{_SECRET}'", "cannot be read as TOML"),
    "key twice": (f"{_API}base-url = '{_SECRET}'\n", "cannot be read as TOML"),
    "deep": ("x = " + "[" * 5000, "cannot be read as TOML"),
}


def _check(text: str, folder: Path) -> Result:
    file = folder / "targets.toml"
    file.write_text(text, encoding="utf-8")
    return CliRunner().invoke(targets_group, ["check", str(file)])


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_told(name: str, tmp_path: Path) -> None:
    """Each mistake is told in words that say where it is and what to do, and no secret is repeated."""
    text, expected = MISTAKES[name]
    done = _check(text, tmp_path)

    assert isinstance(done.exception, UsageError), done.output
    assert expected in str(done.exception) or name == "deep"
    assert 2 == done.exception.exit_code
    assert "hunter22" not in str(done.exception)
    assert "'breaks the rule'" not in str(done.exception)
    assert not re.search(r"[.?!]\s*\.", str(done.exception).replace("...", "").replace("a..b", "")), (
        "one mark ends a sentence"
    )


@pytest.mark.parametrize(
    "url", ["HTTP://127.0.0.1:9", "http://a_b.example.", "http://[::1]:9/a%20b", "https://bücher.example"]
)
def test_good_base_url(url: str, tmp_path: Path) -> None:
    """Capitals of a scheme, an address, a full stop at the end and letters of any language are no mistakes."""
    done = _check(_API.replace("http://127.0.0.1:9", url), tmp_path)

    assert 0 == done.exit_code, done.exception


def test_scheme_in_capitals_is_the_scheme(tmp_path: Path) -> None:
    """What is written with HTTP:// is asked, and compared with others, like what is written with http://."""
    file = tmp_path / "targets.toml"
    file.write_text(_API.replace("http:", "HTTP:"), encoding="utf-8")

    assert "http://127.0.0.1:9" == check_targets(catalogue(), file)["mine"].apis[API].base_url


def test_file_of_nobody_is_told(tmp_path: Path) -> None:
    """The folder of a user that is not there is a file that is missing, and no failure of ours."""
    done = _check(_below("credentials.admin = {file = '~nosuchuser-of-asdocumented/x'}"), tmp_path)

    assert isinstance(done.exception, UsageError), done.output
    assert "cannot be read" in str(done.exception)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Mistakes of the schema and beyond it, in every target, are told together, each in a line."""
    text = (
        "[targets.one]\nallow = 'all'\noperations = 'x'\nrate = '3'\n"
        f"[targets.one.apis.{API}]\ncredentials.viewr = {{env = 'A'}}\ncredentials.admin = '{_SECRET}'\n"
        f"states.throttled = [1]\nresources = {{mirrored-databse = ['x'], fabric-workspace = 'y'}}\n"
        "[targets.two.apis.fabrik]\nbase-url = 'http://127.0.0.1:99999'\n[targets.three]\napis = 3\n"
    )
    done = _check(text, tmp_path)
    lines = str(done.exception).splitlines()

    assert f"{len(lines) - 1} mistakes in the targets file:" == lines[0]
    assert 13 == len(lines)
    assert "hunter22" not in str(done.exception)


def test_file_without_mistakes(tmp_path: Path) -> None:
    """A file without mistakes says how many targets it has."""
    done = _check(f"{_API}{_API.replace('mine', 'other')}", tmp_path)

    assert 0 == done.exit_code
    assert done.output.endswith("targets.toml: 2 targets, no mistakes.\n")


def test_missing_file_is_told(tmp_path: Path) -> None:
    """A file that is not there is told, with the command that writes one."""
    done = CliRunner().invoke(targets_group, ["check", str(tmp_path / "nowhere.toml")])

    assert "asdoc init" in str(done.exception)


@pytest.mark.parametrize("seed", range(40))
def test_broken_files_are_told_and_nothing_else(seed: int, tmp_path: Path) -> None:
    """Whatever value stands in whatever place of a file, it is read or told: nothing breaks, and no secret is repeated."""
    draw = random.Random(seed)
    lines = _uncommented(template(catalogue())).splitlines()
    settings = [place for place, line in enumerate(lines) if re.match(r"[a-z-]+ = ", line)]
    values = (
        f"'{_SECRET}'",
        "1",
        "-1.5",
        "nan",
        "[]",
        "[[]]",
        "{}",
        f"{{x = '{_SECRET}'}}",
        "true",
        "2027-01-31",
        f"['{_SECRET}']",
    )
    for place in draw.sample(settings, 5):
        if not lines[place].endswith("["):
            lines[place] = f"{lines[place].partition(' = ')[0]} = {draw.choice(values)}"
    done = _check("\n".join(lines), tmp_path)

    assert done.exit_code == 0 or isinstance(done.exception, UsageError), repr(done.exception)
    assert "hunter22" not in str(done.exception) + done.output


# The template


def _uncommented(text: str) -> str:
    return re.sub(r"^#(?! |$)", "", text, flags=re.MULTILINE)


def test_template_is_without_mistakes(tmp_path: Path) -> None:
    """The file that `asdoc init` writes has no mistakes as it is, and describes all APIs once all settings count."""
    done = CliRunner().invoke(init_command, [str(tmp_path / "new.toml")])
    text = (tmp_path / "new.toml").read_text("utf-8")
    (tmp_path / "whole.toml").write_text(_uncommented(text), encoding="utf-8")

    assert 0 == done.exit_code, done.output
    assert {} == check_targets(catalogue(), tmp_path / "new.toml")
    assert list(catalogue().apis) == list(check_targets(catalogue(), tmp_path / "whole.toml")["mine"].apis)


def test_template_settings_each_count(tmp_path: Path) -> None:
    """Each table of the template can be used without those after it."""
    whole = _uncommented(template(catalogue()))
    first = f"[targets.mine.apis.{next(iter(catalogue().apis))}.credentials]"
    before, mark, after = whole.partition(first)
    tables = re.split(r"(?m)^(?=\[targets\.mine\.apis)", mark + after)
    for count in range(len(tables)):
        (tmp_path / "targets.toml").write_text(before + "".join(tables[:count]), encoding="utf-8")
        problems: list[str] = []
        try:
            check_targets(catalogue(), tmp_path / "targets.toml")
        except UsageError as error:
            problems = [each for each in str(error).splitlines()[1:] if "does not have the API" not in each]

        assert [] == [each for each in problems if "not among the target's operations" not in each]


def test_template_has_every_name() -> None:
    """Every key of the schema, and every identity, pool and state of the contracts, stands in the template."""
    text = template(catalogue())
    keys = {key for each in schema()["$defs"].values() for key in each.get("properties", {})}
    chosen = {
        "header",
        "tenant",
        "client",
        "secret",
        "scope",
        "authority",
        "headers",
        "body",
    }  # of one kind of credential or call
    document = tomllib.loads(_uncommented(text))["targets"]["mine"]["apis"]

    assert set() == {key for key in keys - chosen if not re.search(rf"\b{key}\b", text)}
    for api in catalogue().apis.values():
        said = document[api.name]
        assert {each.name for each in api.identities.values() if each.kind != "none"} == set(said["credentials"])
        assert {each.name for each in api.resources.values() if each.values} == set(said["resources"])
        assert set(api.states) == set(said["states"])


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    """A file that is there stays as it is."""
    file = tmp_path / "targets.toml"
    file.write_text("mine", encoding="utf-8")
    done = CliRunner().invoke(init_command, [str(file)])

    assert isinstance(done.exception, UsageError)
    assert "is left as it is" in str(done.exception)
    assert "mine" == file.read_text("utf-8")


def test_init_writes_chosen_apis(tmp_path: Path) -> None:
    """With --api the file is about these APIs alone."""
    CliRunner().invoke(init_command, [str(tmp_path / "targets.toml"), "--api", API])

    assert {API} == set(re.findall(r"targets\.mine\.apis\.([a-z-]+)", (tmp_path / "targets.toml").read_text("utf-8")))


# Showing

_SHOWN = f"""
[targets.mine]
implementation = "Acme"
version = "2"
allow = "disruptive"
operations = ["{API}/stop-mirroring"]
unsupported = [{{requirement = "*/throttled/*", reason = "nothing is throttled"}}]
[targets.mine.apis.{API}]
base-url = "http://127.0.0.1:9"
credentials.admin = {{env = "ACME_ADMIN"}}
credentials.viewer = {{env = "hunter"}}
credentials.member = {{command = ["pass", "hunter"]}}
credentials.expired = {{file = "expired.token"}}
credentials.contributor = {{azure = "client-secret", tenant = "acme", client = "c", secret = {{env = "ACME_CLIENT"}}}}
resources.fabric-workspace = ["w"]
irreversible.mirrored-database = ["*"]
[targets.mine.apis.{API}.states.mirroring-running.arrange]
http = {{method = "POST", url = "http://127.0.0.1:1/?hunter", headers = {{token = {{env = "hunter"}}}}}}
"""


def _shown(tmp_path: Path, *options: str, text: str = _SHOWN) -> Result:
    (tmp_path / "targets.toml").write_text(text, encoding="utf-8")
    return CliRunner().invoke(targets_group, ["show", "mine", "--targets", str(tmp_path / "targets.toml"), *options])


@pytest.mark.parametrize("form", ["pretty", "json"])
def test_show_tells_sources(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target is shown with where each credential is, and neither with a value nor with what may be one."""
    monkeypatch.setenv("ACME_CLIENT", "hunter22-value")
    done = _shown(tmp_path, "--format", form)

    assert 0 == done.exit_code, done.exception
    assert "hunter" not in done.output
    for each in (
        "ACME_ADMIN (not set)",
        "what the command 'pass' prints",
        "expired.token (not there)",
        "(client-secret)",
    ):
        assert each in done.output
    assert "ACME_CLIENT" in done.output
    assert "ACME_CLIENT (not set)" not in done.output


def test_show_tells_scope_and_lacks(tmp_path: Path) -> None:
    """The operations in scope are shown, and the pools that they ask for, with what a missing one leaves unjudged."""
    document = json.loads(_shown(tmp_path, "--format", "json").output)
    api = document["apis"][API]
    lacks = {(each["kind"], each["name"]): each["unjudged"] for each in api["lacking"]}

    assert [f"{API}/stop-mirroring"] == document["operations"]
    assert ["fabric-workspace", "mirrored-database"] == api["pools"]
    assert f"{API}/stop-mirroring/response/status" in lacks["pool", "mirrored-database"]
    assert ("pool", "fabric-workspace") not in lacks
    assert {f"{API}/stop-mirroring/identity/read-scope/{each}" for each in ("refused", "status")} >= set(
        lacks["identity", "read-scope"]
    )
    assert not [each for served in lacks.values() for each in served if "/throttled/" in each]


def test_show_of_unknown_target(tmp_path: Path) -> None:
    """A target that the file does not name is answered with the closest."""
    (tmp_path / "targets.toml").write_text(_SHOWN, encoding="utf-8")
    done = CliRunner().invoke(targets_group, ["show", "mien", "--targets", str(tmp_path / "targets.toml")])

    assert "Did you mean 'mine'?" in str(done.exception)


def test_list_names_targets(tmp_path: Path) -> None:
    """Each target is listed with its implementation, its tier and its APIs."""
    (tmp_path / "targets.toml").write_text(_SHOWN, encoding="utf-8")
    done = CliRunner().invoke(targets_group, ["list", "--targets", str(tmp_path / "targets.toml")])

    assert f"mine\tAcme 2\tup to disruptive\t{API}\n" == done.output


@pytest.mark.parametrize("pool", ["role", "scope", "link", "subscription", "mirrored-database"])
def test_named_pool_is_not_missing(pool: str, tmp_path: Path) -> None:
    """A pool that the file names is not missing, and without it it is, with something that it leaves unjudged."""
    (tmp_path / "targets.toml").write_text(_uncommented(template(catalogue())), encoding="utf-8")
    described = check_targets(catalogue(), tmp_path / "targets.toml")["mine"]
    less = {
        name: replace(each, resources={key: ids for key, ids in each.resources.items() if key != pool})
        for name, each in described.apis.items()
    }
    found = [
        [each for each in _lacks(one) if (each.kind, each.name) == ("pool", pool)]
        for one in (described, replace(described, apis=less))
    ]

    assert [] == found[0]
    assert all(each.unjudged for each in found[1])
    assert found[1]


def _lacks(described: object) -> list[Lack]:
    target = RemoteTarget(catalogue(), described, with_secrets=False)  # type: ignore[arg-type]
    return list(Needs(catalogue(), target).lacking())
