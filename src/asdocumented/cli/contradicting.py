"""Options of `asdoc run` that contradict one another, or that would do nothing: each is told before anything is sent."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from asdocumented.contracts import Catalogue
from asdocumented.corpus.store import holds_corpus
from asdocumented.errors import UsageError
from asdocumented.targets.model import Target

__all__ = ["check_corpora", "check_options", "check_target", "seconds_of"]

_MODE = "Give --mode explore too, or leave --budget out."
_OUTPUT = "Name the folder with --output."
_ALONE = "A case that is replayed alone is printed, and leaves no report."
_SKIPPED = "Give one of them alone."


def check_options(context: click.Context) -> None:
    """Raise UsageError for options that do nothing as they were typed together."""
    given = {name: value for name, value in context.params.items() if _is_given(context, name)}
    exploring = context.params["mode"] == "explore"
    if "budget" in given and not exploring:
        raise _idle("--budget does nothing without --mode explore.", _MODE)
    if given.get("replace") and "output" not in given:
        raise _idle("--replace does nothing without --output.", _OUTPUT)
    if given.get("no_corpus"):
        _check_no_corpus(given)
    if "cases" in given:
        _check_case(given, exploring=exploring)
    file = given.get("targets_file")
    if file is not None and not file.is_file():
        raise UsageError("targets-missing", f"There is no targets file at {str(file)!r}.", remedy="Name another.")


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) not in (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP, None)


def _check_no_corpus(given: Mapping[str, Any]) -> None:
    for name, option in (("cases", "--case"), ("corpus_folders", "--corpus")):
        if name in given:
            raise _idle(f"--no-corpus and {option} contradict each other.", _SKIPPED)


def _check_case(given: Mapping[str, Any], *, exploring: bool) -> None:
    if exploring:
        raise _idle("--mode explore and --case contradict each other.", _SKIPPED)
    for name in ("output", "allure"):
        if name in given:
            raise _idle(f"--{name} does nothing with --case.", _ALONE)


def check_corpora(catalogue: Catalogue, folders: tuple[Path, ...], *, exploring: bool) -> None:
    """Raise UsageError for a folder of --corpus without a corpus; exploring may begin the first one."""
    for folder in folders[exploring:]:
        if not holds_corpus(catalogue, folder):
            said = "holds no corpus of these contracts" if folder.exists() else "does not exist"
            raise UsageError(
                "no-corpus",
                f"The folder {str(folder)!r} of --corpus {said}.",
                remedy="Name one that holds <api>/<operation>/corpus.json, as --mode explore keeps them.",
            )


def check_target(target: Target, targets_file: Path, token_env: str | None) -> None:
    """Raise UsageError for a token that nobody reads, and for a target of the file that has the emulator's name."""
    if token_env is not None and "://" not in target.name:
        raise _idle(
            f"--token-env does nothing with the target {target.name!r}.", "It is for a target that is given as a URL."
        )
    if target.is_emulator and _names_emulator(targets_file):
        raise UsageError(
            "name-taken",
            f"{str(targets_file)!r} has [targets.emulator], and 'emulator' always means the emulator in this process.",
            remedy="Give that target another name.",
        )


def _names_emulator(file: Path) -> bool:
    """Tell whether the file has such a target; one that cannot be read is no matter for a run on the emulator."""
    try:
        targets = tomllib.loads(file.read_text(encoding="utf-8")).get("targets")
    except (OSError, ValueError):
        return False
    return isinstance(targets, dict) and "emulator" in targets


def seconds_of(budget: str) -> float:
    """Return a budget in seconds; raises UsageError for one that is none."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smh]?)", budget.strip())
    seconds = float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]] if found else 0.0
    if seconds <= 0:
        raise UsageError("bad-budget", f"{budget!r} is no budget.", remedy="Write 30s, 5m or 1h.")
    return seconds


def _idle(message: str, remedy: str) -> UsageError:
    return UsageError("options-contradict", message, remedy=remedy)
