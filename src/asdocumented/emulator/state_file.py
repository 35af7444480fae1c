"""Keep the state of an emulator in a file: read when it starts, and written as a whole when it ends."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from asdocumented.emulator import strict_json
from asdocumented.emulator.emulator import Emulator
from asdocumented.errors import UsageError


def load(emulator: Emulator, file: Path) -> None:
    """Let an emulator take over the state in a file, if there is one.

    Raises UsageError for a file that cannot be read or is no state for it, and for a folder that cannot be written to.
    """
    if not os.access(file.parent, os.W_OK):
        raise _unusable(file, "its folder cannot be written to")
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unusable(file, error.strerror or str(error)) from error
    try:
        emulator.import_state(strict_json.parse(content))
    except strict_json.NotJsonError as error:
        raise _unusable(file, f"it is not JSON: {error}") from None
    except UsageError as error:
        raise UsageError(error.code, f"{file}: {error.message}", remedy=error.remedy) from None


def save(emulator: Emulator, file: Path) -> None:
    """Write an emulator's state to a file, which is replaced at once, so that it is never half written.

    Raises UsageError when that is not possible.
    """
    content = json.dumps(emulator.export_state(), indent=1) + "\n"
    try:
        with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.", delete=False) as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        Path(written.name).replace(file)
    except OSError as error:
        raise _unusable(file, error.strerror or str(error)) from error


def _unusable(file: Path, why: str) -> UsageError:
    return UsageError(
        "state-file", f"The state cannot be kept in {str(file)!r}: {why}.", remedy="Choose another --state."
    )
