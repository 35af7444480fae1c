"""Read a secret where a description says that it is: an environment variable, a private file, or what a command prints."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from asdocumented.secrets import SHORTEST
from asdocumented.targets.description import FromCommand, FromEnvironment, FromFile, Secret

COMMAND_SECONDS = 60.0
"""How long a command may take to print a secret."""

_LARGEST = 65_536  # bytes; no header and no password is larger
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class SecretError(Exception):
    """A secret that cannot be had. The text is a sentence with its remedy, and holds nothing of the secret or of any output."""


def read(secret: Secret, *, timeout: float = COMMAND_SECONDS) -> str:
    """Return a secret without the newline at its end; a command is stopped after `timeout` seconds.

    Raises SecretError when there is none, when others could read it, or when it is too short to be kept from the record.
    """
    match secret:
        case FromEnvironment(name):
            value, remedy = _from_environment(name), f"Set it: export {name}=..."
        case FromFile(path):
            value, remedy = _from_file(path), "Write the secret into it."
        case FromCommand(command):
            value, remedy = _from_command(command, timeout), "See what it prints when it is run by hand."
    if not value:
        raise SecretError(
            f"{shown(secret)} {'is not set' if isinstance(secret, FromEnvironment) else 'holds nothing'}. {remedy}"
        )
    if len(value) < SHORTEST:
        raise SecretError(
            f"{shown(secret)} holds fewer than {SHORTEST} characters, too few to be kept secret. {remedy}"
        )
    return value


def look_at(secret: Secret) -> None:
    """See that a secret can be had here, without a look at it: its file is private, its command is there.

    A variable may be set where a run starts, so that nothing is said of it. Raises SecretError like `read`.
    """
    match secret:
        case FromFile(path):
            with _opened(path):
                pass
        case FromCommand(command) if shutil.which(command[0]) is None:
            raise SecretError(
                f"the command {command[0]!r}, which prints a secret, is not there. See that it is installed."
            )


def shown(secret: Secret) -> str:
    """Return the words for where a secret is."""
    match secret:
        case FromEnvironment(name):
            return f"the environment variable {name!r}"
        case FromFile(path):
            return f"the file {str(path)!r}"
        case FromCommand(command):
            return f"the output of the command {command[0]!r}"


def _from_environment(name: str) -> str:
    return os.environ.get(name, "").strip()


def _from_file(path: Path) -> str:
    with _opened(path) as file:
        content = file.read(_LARGEST + 1)
    return _text(content, f"the file {str(path)!r}")


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a private file; its mode is looked at on the open file, so that nobody can put another in its place."""
    try:
        with path.open("rb") as file:
            if os.name != "nt" and os.fstat(file.fileno()).st_mode & _OTHERS:
                raise SecretError(f"the file {str(path)!r} may be read by others than its owner. Run: chmod 600 {path}")
            yield file
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise SecretError(f"the file {str(path)!r} cannot be read: {why}. Name another.") from error


def _from_command(command: tuple[str, ...], timeout: float) -> str:
    """Return what a command prints. What it says on stderr is nobody's business: it may hold the secret."""
    name = f"the command {command[0]!r}"
    try:
        process = subprocess.Popen(  # noqa: S603 - the command is the user's own, and no shell sees it
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # so that what it started ends with it
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise SecretError(
            f"{name}, which prints a secret, cannot be started: {why}. See that it is installed."
        ) from error
    with process:
        try:
            content = _printed(process, timeout)
        except subprocess.TimeoutExpired as error:
            _stop(process)
            raise SecretError(
                f"{name} printed no secret within {timeout:g} s. See that it asks for nothing."
            ) from error
        except BaseException:
            _stop(process)
            raise
    if len(content) <= _LARGEST and process.returncode:
        raise SecretError(f"{name}, which prints a secret, ended with {process.returncode}. Run it by hand to see why.")
    return _text(content, f"the output of {name}")


def _printed(process: subprocess.Popen[bytes], timeout: float) -> bytes:
    """Return what a process prints until it ends; one that prints more than any secret is stopped there.

    Raises TimeoutExpired. A thread reads, since not every system can wait for a pipe with a limit of time.
    """
    until, found = time.monotonic() + timeout, [b""]
    pipe = process.stdout
    if pipe is None:
        return b""
    reader = threading.Thread(target=lambda: found.__setitem__(0, pipe.read(_LARGEST + 1)), daemon=True)
    reader.start()
    reader.join(timeout)
    if reader.is_alive():
        raise subprocess.TimeoutExpired(process.args, timeout)
    if len(found[0]) > _LARGEST:
        _stop(process)
    process.wait(max(until - time.monotonic(), 0.01))
    return found[0]


def _stop(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):  # it ended by itself, with all that it started
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _text(content: bytes, name: str) -> str:
    if len(content) > _LARGEST:
        raise SecretError(f"{name} is larger than {_LARGEST} bytes, and so no secret. Name another.")
    try:
        return content.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise SecretError(f"{name} is not UTF-8. Write the secret as text.") from None
