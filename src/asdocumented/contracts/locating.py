"""Find the folders of data that come with the harness: packaged in the wheel first, in the checkout else."""

from __future__ import annotations

from pathlib import Path

from asdocumented.errors import HarnessError

_PACKAGE = Path(__file__).resolve().parent.parent
_IN_THE_WHEEL = {"contracts": _PACKAGE / "_bundled" / "contracts", "suites": _PACKAGE / "suites"}


def is_in_checkout(folder: Path) -> bool:
    """Tell whether a folder of data is a checkout's, which one edits, and not an installation's."""
    return (folder.parent / "pyproject.toml").is_file()


def bundled(name: str) -> Path:
    """Return the folder `contracts` or `suites` that belongs to this installation.

    A wheel carries them inside the package; a checkout (also one installed as editable) has them at its top.
    Raises HarnessError when neither is there.
    """
    candidates = (_IN_THE_WHEEL[name], _PACKAGE.parent.parent / name)
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise HarnessError(
        "bundled-data-missing",
        f"The folder {name!r} is neither at {candidates[0]} nor at {candidates[1]}.",
        remedy="Reinstall asdocumented.",
    )
