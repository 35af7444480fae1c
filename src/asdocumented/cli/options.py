"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def target_options(purpose: str) -> Callable[[Command], Command]:
    """Return the decorator that gives a command --target, for a purpose, and --targets (as `target_name`, `targets_file`)."""

    def decorate(command: Command) -> Command:
        file = click.option(
            "--targets",
            "targets_file",
            type=click.Path(path_type=Path),
            default=None,
            help="The file that names targets [default: targets.toml].",
        )
        target = click.option(
            "--target",
            "target_name",
            default="emulator",
            show_default=True,
            metavar="emulator|URL|NAME",
            help=purpose,
        )
        return target(file(command))

    return decorate


CONTRACTS = click.option(
    "--contracts",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=None,
    help="A folder of contracts [default: those that come with asdoc].",
)
"""--contracts, as `folder`."""
