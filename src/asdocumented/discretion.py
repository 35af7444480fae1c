"""Keep secrets out of what a run says by the way: log records of libraries, what is printed, exceptions."""

from __future__ import annotations

import io
import logging
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, TextIO, cast

from asdocumented.errors import HarnessError
from asdocumented.secrets import Redactor

_DEEPEST = 4  # exceptions keep what they are about in shallow containers
_OF_THE_SYSTEM = ("strerror", "filename", "filename2")


@contextmanager
def discreet(redactor: Redactor) -> Iterator[None]:
    """See that nothing which happens within holds a secret: no log record, no line on stderr, no exception that leaves.

    A filter of the root logger would not see the records of other loggers, and a handler none that others handle first; so
    each record is cleaned where it is made. Raises HarnessError in place of an exception that cannot be cleaned.
    """
    factory, stderr = logging.getLogRecordFactory(), sys.stderr

    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        return _clean_record(factory(*args, **kwargs), redactor)

    logging.setLogRecordFactory(make)
    sys.stderr = quietly(stderr, redactor)
    try:
        yield
    except BaseException as error:
        clean_exception(error, redactor)
        if any(redactor.hits("".join(traceback.format_exception(error)))):
            raise HarnessError(
                "secret-in-error",
                f"What went wrong ({type(error).__name__}) can only be told with a secret in it.",
                remedy="Report this as a defect of asdocumented.",
            ) from None
        raise
    finally:
        logging.setLogRecordFactory(factory)
        if isinstance(sys.stderr, _Discreet):
            sys.stderr = stderr


class Secretive(Protocol):
    """What knows secrets, more of them as time goes on, such as a target that logs in."""

    def secrets(self) -> Mapping[str, str]:
        """Return every secret that is known by now, with the marker that stands for it."""


@contextmanager
def discreet_about(knowing: Secretive, redactor: Redactor | None = None) -> Iterator[Redactor]:
    """Be discreet about the secrets of a target, those included that it got within; the block gets what replaces them."""
    redactor = Redactor() if redactor is None else redactor

    def learn() -> None:
        for value, marker in knowing.secrets().items():
            redactor.add(value, marker)

    learn()
    with discreet(redactor):
        try:
            yield redactor
        finally:
            learn()


def quietly(stream: TextIO, redactor: Redactor) -> TextIO:
    """Return a stream that writes everything to another without secrets, and is like that one in all else."""
    return cast("TextIO", _Discreet(stream, redactor))


class _Discreet(io.TextIOBase):
    """A stream that writes everything on without secrets, and is the one behind it in all else."""

    def __init__(self, behind: TextIO, redactor: Redactor) -> None:
        self._behind, self._redactor = behind, redactor

    def write(self, text: str) -> int:
        """Write a text without secrets."""
        self._behind.write(self._redactor.text(text))
        return len(text)

    def flush(self) -> None:
        """Write what is held back."""
        self._behind.flush()

    def isatty(self) -> bool:
        """Tell whether somebody looks on."""
        return self._behind.isatty()

    def fileno(self) -> int:
        """Return the number of the file behind."""
        return self._behind.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Return the encoding of the stream behind."""
        return self._behind.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """Return what the stream behind does with what it cannot encode."""
        return self._behind.errors

    def writable(self) -> bool:
        """Tell that it can be written."""
        return True

    def close(self) -> None:
        """Leave the stream behind open: it is another's."""


def _clean_record(record: logging.LogRecord, redactor: Redactor) -> logging.LogRecord:
    """Return a log record without secrets in its message, and in the traceback that goes with it."""
    try:
        message = record.getMessage()
    except Exception:  # noqa: BLE001 - a library's mistake in a log line is for its handler to tell
        message = str(record.msg)
    if any(redactor.hits(message)):  # else its arguments stay, since some handlers read them
        record.msg, record.args = redactor.text(message), None
    if record.exc_info:
        text = logging.Formatter().formatException(record.exc_info) if record.exc_info[0] else ""
        record.exc_text, record.exc_info = redactor.text(text), None
    if record.stack_info:
        record.stack_info = redactor.text(record.stack_info)
    return record


def clean_exception(error: BaseException, redactor: Redactor) -> None:
    """Replace the secrets in an exception, in what it holds, and in those that it came of, by their markers."""
    seen: set[int] = set()
    rest: list[BaseException | None] = [error]
    while rest:
        each = rest.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        each.args = tuple(_cleaned(value, redactor) for value in each.args)
        for name, value in list(vars(each).items()):
            cleaned = _cleaned(value, redactor)
            if cleaned is not value:
                setattr(each, name, cleaned)
        if isinstance(each, OSError):
            for name in _OF_THE_SYSTEM:
                setattr(each, name, _cleaned(getattr(each, name), redactor))
        rest += [value for value in (*each.args, *vars(each).values()) if isinstance(value, BaseException)]
        rest += [each.__cause__, each.__context__]
        rest += each.exceptions if isinstance(each, BaseExceptionGroup) else ()


def _cleaned(value: Any, redactor: Redactor, depth: int = 0) -> Any:
    """Return a text without secrets, and a container with such texts; anything else, and what holds none, as it is."""
    cleaned = value
    match value:
        case str():
            cleaned = redactor.text(value)
        case bytes():
            cleaned = redactor.body(value)
        case dict() if depth < _DEEPEST:
            cleaned = {key: _cleaned(each, redactor, depth + 1) for key, each in value.items()}
        case list() | tuple() if depth < _DEEPEST and type(value) in (list, tuple):
            cleaned = type(value)(_cleaned(each, redactor, depth + 1) for each in value)
    return value if cleaned == value else cleaned
