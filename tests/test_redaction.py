"""No run leaves a secret behind: leaks are planted at every stage, and end in a marker or in exit 3, never in the value.

On the emulator every credential, session id and secret field is a canary: it is drawn for the run and known to nobody else.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
import logging
import re
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import pytest

import asdocumented.cli.judging as running
from asdocumented.cli.main import main
from asdocumented.discretion import clean_exception, discreet
from asdocumented.errors import HarnessError
from asdocumented.exchanges import Sender
from asdocumented.report.stream import read_report
from asdocumented.running import Run
from asdocumented.secrets import Redactor
from asdocumented.targets.emulated import EmulatorTarget
from tests.independent.server import running as running_server
from tests.support import ended, targets_file, tokens_in

SUITES = Path(__file__).parents[1] / "suites"
_NARROW = ("--api", "vmware-vcenter-hvc", "--no-corpus")
_ADMIN = "«token:admin»"
_FORMS: Mapping[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "percent twice": lambda text: quote("".join(f"%{byte:02X}" for byte in text.encode())),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of more": lambda text: base64.b64encode(f"user:{text}!".encode()).decode(),
    "unicode": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    "html": lambda text: "".join(f"&#{ord(char)};" for char in html.escape(text)),
    "hexadecimal": lambda text: text.encode().hex(),
    "upper case": str.upper,
}


def _all_forms(text: str) -> str:
    return "|".join(form(text) for form in _FORMS.values())


class Ran(NamedTuple):
    """How a run in this process ended, what it printed, what it left, and the secrets that it used."""

    code: int
    printed: str
    folder: Path
    secrets: frozenset[str]

    @property
    def files(self) -> dict[str, bytes]:
        """Return what each file holds."""
        return {each.name: each.read_bytes() for each in self.folder.rglob("*") if each.is_file()}

    def holds(self, form: Callable[[str], str] = str) -> list[str]:
        """Return where a secret stands in a form."""
        places = {**self.files, "the output": self.printed.encode()}
        return [name for name, content in places.items() for value in self.secrets if form(value).encode() in content]


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Return a function that runs `asdoc run` in this process."""
    seen: set[str] = set()
    add = Redactor.add

    def remember(self: Redactor, value: str, marker: str) -> None:
        seen.add(value)
        add(self, value, marker)

    monkeypatch.setattr(Redactor, "add", remember)

    def run(*options: str) -> Ran:
        folder = tmp_path / "run"
        code, told = 0, ""
        try:
            main(["run", "--output", str(folder), *options])
        except SystemExit as ended:
            code = int(ended.code or 0)
        except Exception as error:  # noqa: BLE001 - as ASDOC_TRACEBACK asks for
            code, told = 3, "".join(traceback.format_exception(error))
        output = capsys.readouterr()
        return Ran(code, output.out + output.err + told, folder, frozenset(seen))

    return run


def _token(redactor: Redactor) -> str:
    """Return the token of the administrator."""
    return next(value for value, marker in redactor.markers.items() if marker == _ADMIN)


def test_clean_run_leaves_nothing(ran: Callable[..., Ran]) -> None:
    """A run over everything leaves no canary in any form, and used many."""
    done = ran("--allure")

    assert 0 == done.code
    assert len(done.secrets) > 20
    assert [] == [place for form in _FORMS.values() for place in done.holds(form)]
    assert {"report.jsonl", "junit.xml"} < done.files.keys()


# Writers that are broken.


def _records(leak: Callable[[str], str]) -> Callable[..., Iterator[dict[str, Any]]]:
    write = running.run_records

    def broken(done: Run, header: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for record in write(done, header):
            if record["kind"] == "facts":
                yield {"kind": "gap", "reason": leak(_token(done.redactor)), "skipped": False, "requirements": []}
            yield record

    return broken


@pytest.mark.parametrize("form", ["plain", "base64 of more", "all of them"])
def test_broken_report_is_found(form: str, ran: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """A report with a secret in any form ends the run with 3, and is cleaned, marked as invalid and still readable."""
    monkeypatch.setattr(running, "run_records", _records(_FORMS.get(form, _all_forms)))
    done = ran(*_NARROW)
    footer = read_report(done.folder).records[-1]

    assert 3 == done.code
    assert re.search(r"report\.jsonl, line \d+: «token:admin»", done.printed)
    assert [] == [place for each in _FORMS.values() for place in done.holds(each)]
    assert {"report.jsonl"} == done.files.keys()
    assert (3, True) == (footer["exitCode"], footer["interrupted"].startswith("the run is invalid"))
    assert _ADMIN in (done.folder / "report.jsonl").read_text(encoding="utf-8")


def _wrapped(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, spoil: Callable[[Path, str], None]) -> None:
    """Let a writer that takes a record and a path spoil what it wrote with the administrator's token."""
    write = getattr(place, name)
    tokens: list[str] = []
    start = running.run

    def remember(*args: Any) -> Run:
        done = start(*args)
        tokens.append(_token(done.redactor))
        return done

    def broken(recorded: Any, path: Path) -> None:
        write(recorded, path)
        spoil(path, tokens[0])

    monkeypatch.setattr(running, "run", remember)
    monkeypatch.setattr(place, name, broken)


def test_broken_junit_is_found(ran: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """JUnit XML with a secret ends the run with 3 and is removed; the report stays."""

    def spoil(path: Path, token: str) -> None:
        path.write_text(f"{path.read_text(encoding='utf-8')}<!-- {html.escape(token)} -->", encoding="utf-8")

    _wrapped(monkeypatch, running, "write_junit", spoil)
    done = ran(*_NARROW)

    assert (3, []) == (done.code, done.holds())
    assert "junit.xml, line" in done.printed
    assert {"report.jsonl"} == done.files.keys()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_broken_attachment_is_found(
    pack: Callable[[bytes], bytes], ran: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attachment of Allure with a secret, plain or compressed, ends the run with 3 and is removed."""
    import asdocumented.report.allure as writing

    def spoil(path: Path, token: str) -> None:
        (path / "headers-attachment.txt").write_bytes(pack(f"authorization: Bearer {token}".encode()))

    _wrapped(monkeypatch, writing, "write_allure", spoil)
    done = ran(*_NARROW, "--allure")

    assert (3, []) == (done.code, done.holds())
    assert "allure-results/headers-attachment.txt, line 1: «token:admin»" in done.printed
    assert {"report.jsonl"} == done.files.keys()


def test_broken_summary_shows_markers(ran: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """A summary that would print a secret prints its marker."""
    token: list[str] = []
    start = running.run

    def remember(*args: Any) -> Run:
        done = start(*args)
        token.append(_token(done.redactor))
        return done

    monkeypatch.setattr(running, "run", remember)
    monkeypatch.setattr(running, "render_summary", lambda recorded, file, **_: file.write(f"it is {token[0]}\n"))
    done = ran(*_NARROW)

    assert (0, []) == (done.code, done.holds())
    assert f"it is {_ADMIN}" in done.printed


# Runs that fail or are interrupted.


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_interrupted_run_is_inspected(
    error: type[BaseException], ran: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal of a run that was cut short is inspected as well: a secret in it is exit 3, and taken out."""
    send = Sender.send

    async def broken(self: Sender, *args: Any, **kwargs: Any) -> Any:
        exchange = await send(self, *args, **kwargs)
        if exchange.id == 5:
            raise error
        if exchange.id == 4:
            return type(exchange)(
                4, exchange.api, f"http://{_token(self._redactor)}", exchange.request, exchange.response
            )
        return exchange

    monkeypatch.setattr(Sender, "send", broken)
    done = ran(*_NARROW)

    assert (3, []) == (done.code, done.holds())
    assert "journal.jsonl, line" in done.printed
    assert {"journal.jsonl"} == done.files.keys()


@pytest.mark.parametrize(
    "fail",
    [
        lambda token: RuntimeError(f"no luck with {token}"),
        KeyError,
        lambda token: httpx.InvalidURL(f"https://user:{token}@example"),
        lambda token: ExceptionGroup("several", [ValueError(token)]),
        lambda token: json.JSONDecodeError("bad", token, 0),
    ],
)
def test_exception_shows_markers(
    fail: Callable[[str], Exception], ran: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception whose text holds a secret is told with the marker, and with it alone where a traceback is asked for."""

    async def broken(self: Sender, call: Any, *args: Any, **kwargs: Any) -> Any:
        credential = await self._target.credential(call.operation.api, "admin", "token")
        assert credential is not None
        self._remember(credential[1], "admin", "token")
        raise fail(_token(self._redactor)) from ValueError(credential)

    monkeypatch.setattr(Sender, "send", broken)
    monkeypatch.setenv("ASDOC_TRACEBACK", "1")
    done = ran(*_NARROW)

    assert [] == done.holds()
    assert 3 == done.code
    assert _ADMIN in done.printed or "ValueError" in done.printed


def test_failure_that_is_told_shows_markers(ran: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that is told in one sentence is told with the marker."""

    async def broken(self: Sender, call: Any, *args: Any, **kwargs: Any) -> Any:
        credential = await self._target.credential(call.operation.api, "admin", "token")
        assert credential is not None
        self._remember(credential[1], "admin", "token")
        token = _token(self._redactor)
        raise HarnessError("test", f"it broke: {token}", remedy=f"say {quote(token)}") from OSError(2, "no", token)

    monkeypatch.setattr(Sender, "send", broken)
    done = ran(*_NARROW)

    assert (3, []) == (done.code, done.holds())
    assert f"asdoc: it broke: {_ADMIN} say {_ADMIN} [test]" in done.printed


def test_exception_that_cannot_be_cleaned_is_replaced() -> None:
    """An exception that makes its text of what nobody can change is told without it."""

    class StubbornError(Exception):
        def __str__(self) -> str:
            return "abcdefgh"

    with pytest.raises(HarnessError, match="StubbornError") as caught, discreet(Redactor({"abcdefgh": _ADMIN})):
        raise StubbornError

    assert None is caught.value.__cause__
    assert caught.value.__suppress_context__


def test_what_an_exception_holds_is_cleaned() -> None:
    """What a failed command printed, and what an error carries along, hold markers after that."""
    error = subprocess.CalledProcessError(1, ["login", "--password", "abcdefgh"], b"abcdefgh", "no abcdefgh")
    error.add_note("it was abcdefgh")
    clean_exception(error, Redactor({"abcdefgh": _ADMIN}))

    assert "abcdefgh" not in repr([vars(error), error.args, str(error)])
    assert (["login", "--password", _ADMIN], _ADMIN.encode()) == (error.cmd, error.output)


# Targets that echo what they were sent.


class _Echo:
    """An application that gives the credential of a request back, somewhere and in some form."""

    def __init__(self, app: Any, place: str, form: Callable[[str], str]) -> None:
        self._app, self._place, self._form = app, place, form

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        fields = {name.decode(): value.decode() for name, value in scope["headers"]}
        credential = fields.get("vmware-api-session-id") or fields.get("authorization", "none").rpartition(" ")[2]
        if fields.get("authorization", "").startswith("Basic "):
            credential = base64.b64decode(credential).decode().partition(":")[2]
        echo = self._form(credential).encode("utf-8")

        async def answer(message: Any) -> None:
            if message["type"] == "http.response.start" and self._place == "body":
                kept = [each for each in message["headers"] if each[0] != b"content-length"]
                message = {**message, "headers": kept}
            elif message["type"] == "http.response.start":
                added = {
                    "header": (b"x-echo", echo),
                    "name": (b"x-" + credential.encode() + b"-x", b"1"),
                    "location": (b"location", b"https://elsewhere.example/?state=" + quote(echo).encode()),
                    "cookie": (b"set-cookie", b"session=" + echo + b"; Path=/; HttpOnly"),
                    "challenge": (b"www-authenticate", b'Bearer error_description="' + echo + b'"'),
                }[self._place]
                message = {**message, "headers": [*message["headers"], added]}
            elif self._place == "body":
                message = {**message, "body": message.get("body", b"") + b'{"echo":"' + echo + b'"}'}
            await send(message)

        await self._app(scope, receive, answer)


@pytest.mark.parametrize("place", ["header", "name", "body", "location", "cookie", "challenge"])
def test_echo_becomes_a_marker(place: str, ran: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that gives credentials back in every form, in a field or a body, leaves markers and a valid run."""
    client = EmulatorTarget.client

    def echoing(self: EmulatorTarget) -> httpx.AsyncClient:
        made = client(self)
        made._transport = httpx.ASGITransport(app=_Echo(self.emulator.app, place, _all_forms))
        return made

    monkeypatch.setattr(EmulatorTarget, "client", echoing)
    done = ran("--operation", "vmware-vcenter-hvc/create-session", "--no-corpus", "--profile", "interoperable")

    assert [] == [at for each in _FORMS.values() for at in done.holds(each)]
    assert done.code in (0, 1)
    assert "«" in (done.folder / "report.jsonl").read_text(encoding="utf-8")


def test_unknown_cookie_is_no_value() -> None:
    """A cookie that an answer sets is a marker with its name, short or long; a long one is known wherever it comes up again."""
    redactor = Redactor()
    fields = (("Set-Cookie", "session=0123456789abcdef; Path=/"), ("set-cookie", "slice=Production; Secure"))
    redactor.learn_cookies(fields)
    expected = (("Set-Cookie", "session=«cookie:session»; Path=/"), ("set-cookie", "slice=«cookie:slice»; Secure"))

    assert expected == redactor.received(fields)
    assert ("it was «cookie:session»", "Production") == (
        redactor.text("it was 0123456789abcdef"),
        redactor.text("Production"),
    )


# Libraries that log.


@pytest.mark.parametrize(
    "name", ["", "httpx", "httpcore.http11", "aiohttp.client", "azure.identity._internal", "urllib3"]
)
def test_log_records_hold_markers(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """A record of any logger holds markers in its message, in its arguments and in its traceback."""
    caplog.set_level(logging.DEBUG)
    logger = logging.getLogger(name)
    with discreet(Redactor({"abcdefgh": _ADMIN})):
        logger.debug("send_request_headers.started request=%r", [(b"Authorization", b"Bearer abcdefgh")])
        logger.error("no %s", "luck", exc_info=KeyError("abcdefgh"))
    logger.info("afterwards %s", "abcdefgh")
    text = caplog.text

    assert f"Bearer {_ADMIN}" in text
    assert f"KeyError: '{_ADMIN}'" in text
    assert 1 == text.count("abcdefgh")  # a run that has ended changes nothing any more


def test_debug_logs_of_a_run_hold_no_secret(
    ran: Callable[..., Ran],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    """Every library at DEBUG, and asyncio in its debug mode, say nothing secret of a run over sockets."""
    caplog.set_level(logging.DEBUG)
    with running_server() as server:
        for variable, value in {**tokens_in(server), "PYTHONASYNCIODEBUG": "1"}.items():
            monkeypatch.setenv(variable, value)
        file = targets_file(server, tmp_path / "targets.toml")
        options = ("--target", "independent", "--targets", str(file), "--api", "vmware-vcenter-hvc", "--allow", "read")
        done = ran(*options, "--no-corpus")

    assert done.code in (0, 1, 4)
    assert {"httpx", "asyncio"} <= {record.name for record in caplog.records}
    assert len(done.secrets) > 3
    assert [] == [form for form in _FORMS for secret in done.secrets if _FORMS[form](secret) in caplog.text]
    assert [] == done.holds()


def test_plugin_leaves_nothing(tmp_path: Path) -> None:
    """The pytest view with every log shown leaves no token in its output, its JUnit XML or its report."""
    words = (
        "-m",
        "pytest",
        "-vv",
        "--log-level=DEBUG",
        "--junitxml=own.xml",
        "--run-output=run",
        "-p",
        "no:cacheprovider",
    )
    done = ended(sys.executable, *words, "--api=vmware-vcenter-hvc", str(SUITES), cwd=tmp_path)
    text = (
        done.stdout
        + done.stderr
        + "".join(each.read_text(encoding="utf-8") for each in tmp_path.rglob("*") if each.is_file())
    )

    assert 0 == done.code
    assert "eyJ" not in text.replace("eyJub3QtYS10b2tlbi", "")
    assert "Basic " not in text or "«" in text


_LEAKY = """
import pytest
from asdocumented.secrets import Redactor
tokens, add = [], Redactor.add

def remember(self, value, marker):
    tokens.extend([value] if marker == "«token:admin»" else [])
    add(self, value, marker)

Redactor.add = remember

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item, call):
    item.user_properties.append(("leak", tokens[0]))
"""


def test_junit_of_pytest_is_inspected(tmp_path: Path) -> None:
    """JUnit XML that pytest writes with a secret, which another plugin let out, is cleaned and ends the session with 3."""
    (tmp_path / "leaky.py").write_text(_LEAKY, encoding="utf-8")
    words = ("-m", "pytest", "-p", "leaky", "--junitxml=own.xml", "-p", "no:cacheprovider", "--profile=interoperable")
    operation = "--operation=vmware-vcenter-hvc/list-links"
    done = ended(sys.executable, *words, operation, str(SUITES), cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)})
    text = (tmp_path / "own.xml").read_text(encoding="utf-8")

    assert 3 == done.code
    assert "own.xml, line" in done.stderr
    assert _ADMIN in text
    assert "eyJ" not in text


def test_exception_that_holds_others_is_cleaned() -> None:
    """Groups, and exceptions that hold one another, are cleaned to the last and end nothing."""
    inner = ValueError("abcdefgh inside")
    group = ExceptionGroup("several", [inner, ExceptionGroup("deeper", [KeyError("abcdefgh")])])
    inner.args = (*inner.args, group)
    clean_exception(group, Redactor({"abcdefgh": _ADMIN}))

    assert "abcdefgh" not in "".join(traceback.format_exception(group))
