"""Draw mutants of the judge's source: the same ones for the same source and seed."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping
from pathlib import Path

from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.format_utils import get_mutant_name

from benchmarks.processes import ROOT


def modules() -> list[Path]:
    """Return the source files that `[tool.mutmut]` of pyproject.toml names, in order, relative to the repository."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
    return sorted({found.relative_to(ROOT) for glob in settings["only_mutate"] for found in ROOT.glob(glob)})


def mutants_of(module: Path) -> list[str]:
    """Return the name of every mutant that mutmut makes of a source file."""
    made = mutate_file_contents(str(module), (ROOT / module).read_text("utf-8"))
    return [get_mutant_name(module, each) for each in made.mutant_names]


def draw(known: Mapping[Path, list[str]], wanted: int, seed: int) -> dict[Path, list[str]]:
    """Draw about so many mutants, of each module its share and at least five."""
    share = wanted / max(1, sum(map(len, known.values())))
    drawn = {}
    for module, names in known.items():
        size = min(len(names), max(5, round(len(names) * share)))
        chosen = set(random.Random(f"{seed}:{module.as_posix()}").sample(names, size))
        drawn[module] = [each for each in names if each in chosen]
    return drawn


def sample(wanted: int, seed: int) -> tuple[dict[Path, list[str]], dict[Path, int]]:
    """Draw mutants, or take all for 0; return them by module, and how many each module has."""
    known = {module: names for module in modules() if (names := mutants_of(module))}
    return (draw(known, wanted, seed) if wanted else known), {key: len(names) for key, names in known.items()}
