"""Write the golden list of requirements of each operation beside its contract, so that a review sees what changed.

`python -m asdocumented.goldens [FOLDER]` writes them all, by default those of the bundled contracts; a test compares them
with what is derived.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import click

from asdocumented.cli.contracts import requirement_json
from asdocumented.contracts import load_catalogue
from asdocumented.contracts.locating import bundled
from asdocumented.errors import AsdocError
from asdocumented.requirement import EDITION, Requirement
from asdocumented.requirements import derive

NAME = "requirements.json"
"""The name of the golden list in an operation's folder."""


def golden(requirements: Mapping[str, Requirement], operation: str) -> str:
    """Return the text of the golden list of one operation, given by its id `<api>/<operation>`."""
    mine = [requirement_json(each) for each in requirements.values() if f"{each.api}/{each.operation}" == operation]
    return json.dumps({"edition": EDITION, "requirements": mine}, ensure_ascii=False, indent=2) + "\n"


def write_goldens(folder: Path) -> list[Path]:
    """Write the golden list of every operation of a folder of contracts; returns the files whose text changed."""
    catalogue = load_catalogue(folder)
    requirements = derive(catalogue)
    changed = []
    for operation in catalogue.operations:
        file = folder / operation.id / NAME
        text = golden(requirements, operation.id)
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            changed.append(file)
    return changed


@click.command("goldens", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True), required=False)
def main(folder: Path | None) -> None:
    """Write requirements.json beside each contract of FOLDER, and name the files that changed.

    FOLDER is a folder of contracts; by default the bundled ones.
    """
    try:
        for path in write_goldens(folder or bundled("contracts")):
            click.echo(str(path))
    except AsdocError as error:
        raise click.UsageError(str(error)) from error


if __name__ == "__main__":
    main()
