"""`asdoc init`: write a commented targets.toml to fill in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from asdocumented.cli.completing import complete_api
from asdocumented.contracts import load_catalogue
from asdocumented.errors import UsageError, suggest
from asdocumented.targets.file import DEFAULT
from asdocumented.targets.template import template


@click.command("init")
@click.argument("file", type=click.Path(path_type=Path), default=DEFAULT)
@click.option(
    "--api", "apis", multiple=True, metavar="API", shell_complete=complete_api, help="Only this API; may be repeated."
)
@click.option(
    "--contracts",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=None,
    help="A folder of contracts [default: those that come with asdoc].",
)
def init_command(file: Path, apis: tuple[str, ...], contracts: Path | None) -> None:
    """Write a targets file with every setting that there is, commented out; a file that exists stays as it is."""
    catalogue = load_catalogue(contracts)
    for api in apis:
        if api not in catalogue.apis:
            raise UsageError("unknown-api", f"No API is named {api!r}.", remedy=suggest(api, catalogue.apis))
    chosen = {name: each for name, each in catalogue.apis.items() if not apis or name in apis}
    text = template(replace(catalogue, apis=chosen))
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise UsageError(
            "file-exists",
            f"{str(file)!r} is there already, and is left as it is.",
            remedy="Name another file: asdoc init FILE.",
        ) from error
    click.echo(f"{file}: take the '#' away from the settings that you need, then run `asdoc targets check {file}`.")
