"""Reading a secret where a description says that it is."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from asdocumented.credentials.reading import SecretError, read
from asdocumented.targets.description import FromCommand, FromEnvironment, FromFile, Secret

SECRET = "hunter22-of-the-tests"
POSIX = pytest.mark.skipif(os.name == "nt", reason="files have no such modes there")


def python(code: str) -> FromCommand:
    """Return a command that runs a line of Python."""
    return FromCommand((sys.executable, "-c", code))


def private(path: Path, text: str = SECRET, mode: int = 0o600) -> FromFile:
    """Return a file with a text and a mode."""
    path.write_text(text, encoding="utf-8", newline="")
    path.chmod(mode)
    return FromFile(path)


def refusal(secret: Secret, **more: float) -> str:
    """Return what is said of a secret that cannot be had."""
    with pytest.raises(SecretError) as raised:
        read(secret, **more)
    return str(raised.value)


def test_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable gives its value without white space around it."""
    monkeypatch.setenv("ASDOC_TESTED", f" {SECRET}\n")

    assert SECRET == read(FromEnvironment("ASDOC_TESTED"))


@pytest.mark.parametrize("value", [None, "", " ", "abc"], ids=["unset", "empty", "blank", "short"])
def test_unusable_variable_is_told(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable without a usable secret is named, with what to do."""
    if value is None:
        monkeypatch.delenv("ASDOC_TESTED", raising=False)
    else:
        monkeypatch.setenv("ASDOC_TESTED", value)

    said = refusal(FromEnvironment("ASDOC_TESTED"))

    assert "'ASDOC_TESTED'" in said
    assert "export ASDOC_TESTED=..." in said


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_file_is_read(end: str, tmp_path: Path) -> None:
    """A private file gives its text without the newline at its end, and with the spaces of a password."""
    assert f" {SECRET} " == read(private(tmp_path / "token", f" {SECRET} {end}"))


@POSIX
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o610], ids=oct)
def test_public_file_is_refused(mode: int, tmp_path: Path) -> None:
    """A file that others can get at is refused with a remedy, and its content is not told."""
    said = refusal(private(tmp_path / "token", mode=mode))

    assert f"chmod 600 {tmp_path / 'token'}" in said
    assert SECRET not in said


@POSIX
def test_link_has_mode_of_its_file(tmp_path: Path) -> None:
    """A link to a public file is refused as the file is."""
    private(tmp_path / "token", mode=0o644)
    (tmp_path / "link").symlink_to(tmp_path / "token")

    assert "may be read by others" in refusal(FromFile(tmp_path / "link"))


def test_unusable_file_is_told(tmp_path: Path) -> None:
    """A file that is not there, is a folder, is empty, is too large or is no text is told in a sentence."""
    (tmp_path / "folder").mkdir(mode=0o700)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff\xfe\xff")
    (tmp_path / "binary").chmod(0o600)
    said = [
        refusal(FromFile(tmp_path / "none")),
        refusal(FromFile(tmp_path / "folder")),
        refusal(private(tmp_path / "empty", "\n")),
        refusal(private(tmp_path / "large", "x" * 70_000)),
        refusal(FromFile(tmp_path / "binary")),
    ]
    expected = ["cannot be read", "cannot be read", "holds nothing", "larger than", "is not UTF-8"]

    assert [(each, True) for each in expected] == [
        (each, each in one) for each, one in zip(expected, said, strict=True)
    ]


def test_command_is_read() -> None:
    """A command gives what it prints, without the newline at its end."""
    assert SECRET == read(python(f"print({SECRET!r})"))


def test_command_knows_no_shell() -> None:
    """An argument with the words of a shell is an argument."""
    code = "import sys; print(sys.argv[1])"

    assert "$(id); $HOME | *" == read(FromCommand((sys.executable, "-c", code, "$(id); $HOME | *")))


def test_failing_command_is_told() -> None:
    """A command that fails is told by its exit code, and nothing that it printed is."""
    code = f"import sys; print({SECRET!r}); print({SECRET!r}, file=sys.stderr); sys.exit(3)"

    said = refusal(python(code))

    assert "ended with 3" in said
    assert SECRET not in said


def test_missing_command_is_told() -> None:
    """A command that is not there is told by its name."""
    said = refusal(FromCommand(("no-such-command-of-asdocumented", SECRET)))

    assert "'no-such-command-of-asdocumented'" in said
    assert SECRET not in said


@POSIX
def test_slow_command_is_stopped() -> None:
    """A command that prints nothing in time is stopped, together with what it started and left its output to."""
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).wait()"
    begun = time.monotonic()

    said = refusal(python(code), timeout=0.2)

    assert "within 0.2 s" in said
    assert time.monotonic() - begun < 30


def test_endless_command_is_stopped() -> None:
    """A command that prints more than any secret is stopped there, long before its time is over."""
    began = time.monotonic()
    said = refusal(python("import sys\nwhile True: sys.stdout.write('y' * 4096)"), timeout=50)

    assert "is larger than 65536 bytes" in said
    assert time.monotonic() - began < 20


def test_command_that_prints_and_stays_is_stopped() -> None:
    """A command that closes its output and does not end is stopped like one that prints nothing."""
    said = refusal(python("import os, time\nprint('x' * 9, flush=True)\nos.close(1)\ntime.sleep(60)"), timeout=0.7)

    assert "printed no secret within 0.7 s" in said
