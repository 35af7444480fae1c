"""Options of `asdoc run` that contradict one another, or that would do nothing: each is told before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from asdocumented.contracts import Catalogue
from asdocumented.corpus.store import holds_corpus
from asdocumented.errors import UsageError

__all__ = ["check_corpora", "check_options", "seconds_of"]

_MODE = "Give --mode explore too, or leave --budget out."
_OUTPUT = "Name the folder with --output."
_ALONE = "A case that is replayed alone is printed, and leaves no report."
_SKIPPED = "Give one of them alone."


def check_options(context: click.Context) -> None:
    """Raise UsageError for options that do nothing as they were typed together."""
    given = {name: value for name, value in context.params.items() if _is_given(context, name)}
    exploring = context.params.get("mode") == "explore"
    if "budget" in given and not exploring:
        raise _idle("--budget does nothing without --mode explore.", _MODE)
    if given.get("replace") and "output" not in given:
        raise _idle("--replace does nothing without --output.", _OUTPUT)
    if given.get("no_corpus"):
        _check_no_corpus(given)
    if "cases" in given:
        _check_case(given, exploring=exploring)


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


def seconds_of(budget: str) -> float:
    """Return a budget in seconds; raises UsageError for one that is none."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smh]?)", budget.strip())
    seconds = float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]] if found else 0.0
    if seconds <= 0:
        raise UsageError("bad-budget", f"{budget!r} is no budget.", remedy="Write 30s, 5m or 1h.")
    return seconds


def _idle(message: str, remedy: str) -> UsageError:
    return UsageError("options-contradict", message, remedy=remedy)
