"""A console whose reader may go away (`asdoc requirements | head`) without that being anybody's failure."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from rich.console import Console


class PipeConsole(Console):
    """A console that raises BrokenPipeError, where rich would end the process as if a run had failed."""

    def on_broken_pipe(self) -> NoReturn:
        """Say what happened, and leave it to the caller."""
        raise BrokenPipeError


def forget_stdout() -> None:
    """Send what is still to be written to nowhere, so that the interpreter does not complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
